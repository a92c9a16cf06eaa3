import type {
  Invite,
  MadePayCodeView,
  MerchantDays,
  MerchantOrderDetail,
  MerchantOrderList,
  MerchantSummaryView,
  MessagesView,
  OwnPayCodeView,
  RefundBody,
  RefundPreview,
  RefundView,
  StaffList,
} from '@contract'
import { ApiError, call, get, PAY_TIMEOUT_MS, type Reader, sessionOf } from './api'
import { host } from './platform/host'
import type { FileReady } from './platform/types'

/** The server's own word that whoever asks is none of the shop's; a log-in that the page couldn't make doesn't say so. */
export const isStranger = (error: ApiError | null) => error?.code === 'login-refused' && error.status === 401

const ownOrder = (orderNo: string) => `/api/merchant/orders/${encodeURIComponent(orderNo)}`

/** What a merchant's pages ask, in the session of one of its users. */
export const shop = {
  staff: (reader: Reader) => get<StaffList>(reader, '/api/merchant/staff'),
  /** A code by which a cashier of that name binds themselves. */
  inviteCashier: (reader: Reader, name: string) =>
    call<Invite>(reader, { method: 'POST', path: '/api/merchant/staff/invites', body: { name } }),
  dismissCashier: (reader: Reader, bindingId: string) =>
    call<void>(reader, { method: 'DELETE', path: `/api/merchant/staff/${bindingId}` }),
  /** A code for one payment of an amount. */
  makePayCode: (reader: Reader, amountFen: number) =>
    call<MadePayCodeView>(reader, { method: 'POST', path: '/api/merchant/pay-codes', body: { amountFen } }),
  payCode: (reader: Reader, payCode: string) => get<OwnPayCodeView>(reader, `/api/merchant/pay-codes/${payCode}`),
  messages: (reader: Reader) => get<MessagesView>(reader, '/api/merchant/messages'),
  /** The reader has agreed in WeChat to one more message. */
  agreedTo: (reader: Reader, templateId: string) =>
    call<MessagesView>(reader, { method: 'POST', path: '/api/merchant/messages', body: { templateId } }),
  merchantOrder: (reader: Reader, orderNo: string) => get<MerchantOrderDetail>(reader, ownOrder(orderNo)),
  /** Who would give and get what, if so much went back to the payer now. */
  previewRefund: (reader: Reader, orderNo: string, amountFen: number) =>
    get<RefundPreview>(reader, `${ownOrder(orderNo)}/refunds/preview?amountFen=${amountFen}`),
  /** As {@link api.pay}: the same key for every attempt of one intent. */
  refund: (reader: Reader, orderNo: string, body: RefundBody, key: string) =>
    call<RefundView>(reader, {
      method: 'POST',
      path: `${ownOrder(orderNo)}/refunds`,
      body,
      header: { 'Idempotency-Key': key },
      timeoutMs: PAY_TIMEOUT_MS,
    }),
  summary: (reader: Reader, date: string) => get<MerchantSummaryView>(reader, `/api/merchant/summary?date=${date}`),
  orders: (reader: Reader, date: string, cursor?: string) =>
    get<MerchantOrderList>(
      reader,
      `/api/merchant/orders?date=${date}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
    ),
  /** A period's days, each with what came in and went back on it; the days without anything are left out. */
  days: (reader: Reader, from: string, to: string) =>
    get<MerchantDays>(reader, `/api/merchant/days?from=${from}&to=${to}`),
  /** Its orders as a file. Throws {@link ApiError}. */
  async file(reader: Reader, from: string, to: string): Promise<FileReady> {
    const { token, merchant } = await sessionOf(reader)
    const name = `${merchant?.code ?? 'orders'}-${from}-${to}.csv`
    const header = { Authorization: `Bearer ${token}` }
    const got = await host.file(`/api/merchant/orders.csv?from=${from}&to=${to}`, header, name)
    if (typeof got !== 'number') return got
    throw got === 0 ? new ApiError('offline', 'offline') : new ApiError('problem', `http-${got}`, got)
  },
}
