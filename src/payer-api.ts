import type { BankView, DayLimitsView, SavingsView } from '@contract'
import { get, request } from './api'

/** What a payer reads beside their orders; nothing of a payment waits for it. */
export const payerApi = {
  bank: () => request<BankView>({ method: 'GET', path: '/api/bank' }),
  dayLimits: () => get<DayLimitsView>({ role: 'payer' }, '/api/day-limits'),
  savings: () => get<SavingsView>({ role: 'payer' }, '/api/savings'),
}
