import { businessDate } from '../../domain/business-date'
import type { ChannelName } from '../../domain/channel'
import type { Channels, Clock, Ledger, Savings } from '../ports'

export interface PayerSumsDeps {
  ledger: Pick<Ledger, 'spentOn' | 'savings'>
  channels: Channels
  clock: Clock
}

export interface DayLimits {
  businessDate: string
  items: { channel: ChannelName; limitFen: number; leftFen: number }[]
}

/** What the payer may still pay today through each channel that is open. A quote or a payment decides anew, so it is no promise. */
export async function dayLimits({ ledger, channels, clock }: PayerSumsDeps, payerId: string): Promise<DayLimits> {
  const date = businessDate(clock.now())
  const spent = await ledger.spentOn(payerId, date)
  const items = [...channels.values()].map(({ name, limits }) => {
    const limitFen = limits.dailyPerPayerFen
    return { channel: name, limitFen, leftFen: Math.max(0, limitFen - (spent.get(name) ?? 0)) }
  })
  return { businessDate: date, items }
}

export const savings = ({ ledger }: PayerSumsDeps, payerId: string): Promise<Savings> => ledger.savings(payerId)
