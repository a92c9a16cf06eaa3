import type {
  AgreementList,
  MerchantView,
  OrderBody,
  OrderList,
  OrderProofBody,
  OrderView,
  PayCodeView,
  QuoteBody,
  QuoteView,
  RulesView,
  SignBody,
  SignProofBody,
  SignView,
  SmallBody,
  SmallTermsView,
} from '@contract'
import { PAY_TIMEOUT_MS, request } from './request'
import { bind, call, loginWay, PAYER, type Reader, sessionOf } from './session'

export { ApiError, PAY_TIMEOUT_MS, request } from './request'
export { serverNow } from './server-time'
export { call, knownShop, payerNow, type Reader, sessionOf } from './session'

export const api = {
  /** Anybody's to read: nobody waits for a log-in. */
  merchant: (code: string) =>
    request<MerchantView>({ method: 'GET', path: `/api/merchants/${encodeURIComponent(code)}` }),
  /** What a code for one payment at the merchant says, while it can be paid. */
  payCode: (code: string, payCode: string) =>
    request<PayCodeView>({ method: 'GET', path: `/api/merchants/${encodeURIComponent(code)}/pay-codes/${payCode}` }),
  rules: (code: string) =>
    request<RulesView>({ method: 'GET', path: `/api/merchants/${encodeURIComponent(code)}/rules` }),
  /** Once it is known who pays; a browser may be sent to its platform's page and back before. */
  loggedIn: () => sessionOf(PAYER),
  agreements: () => get<AgreementList>(PAYER, '/api/agreements'),
  /** What the payer typed goes to the bank; neither this device nor the BFF keeps it. */
  sign: (body: SignBody) => toBank<SignView>('/api/agreements', body),
  signing: (signNo: string) => get<SignView>(PAYER, `/api/agreements/signings/${encodeURIComponent(signNo)}`),
  /** The same proof again has the same answer, so that a lost answer may be asked for again. */
  confirmSigning: (signNo: string, body: SignProofBody) => toBank<SignView>(`/api/agreements/${signNo}/confirm`, body),
  resendSigning: (signNo: string) => toBank<SignView>(`/api/agreements/${signNo}/resend`),
  makeDefault: (agreementId: string) => change('PUT', `/api/agreements/${encodeURIComponent(agreementId)}/default`),
  endAgreement: (agreementId: string) => change('DELETE', `/api/agreements/${encodeURIComponent(agreementId)}`),
  smallTerms: () => request<SmallTermsView>({ method: 'GET', path: '/api/small-amount-terms' }),
  allowSmall: (agreementId: string, body: SmallBody) =>
    toBank<SignView>(`/api/agreements/${encodeURIComponent(agreementId)}/small-amount`, body),
  endSmall: (agreementId: string) =>
    change('DELETE', `/api/agreements/${encodeURIComponent(agreementId)}/small-amount`),
  quote: (body: QuoteBody) => call<QuoteView>(PAYER, { method: 'POST', path: '/api/quotes', body }),
  /** The same key for every attempt of one intent to pay: however often it's sent, it pays once. */
  pay: (body: OrderBody, key: string) =>
    call<OrderView>(PAYER, {
      method: 'POST',
      path: '/api/orders',
      body,
      header: { 'Idempotency-Key': key },
      timeoutMs: PAY_TIMEOUT_MS,
    }),
  /** The payer's orders at the merchant that are to be seen before paying again, the newest first. */
  recentOrders: (merchantCode: string) =>
    get<OrderList>(PAYER, `/api/orders?merchantCode=${merchantCode}&state=recent`),
  order: (orderNo: string) => get<OrderView>(PAYER, `/api/orders/${encodeURIComponent(orderNo)}`),
  /** All of the payer's own, the newest first. */
  ownOrders: (cursor?: string) =>
    get<OrderList>(PAYER, `/api/orders${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ''}`),
  /** As {@link api.confirmSigning}, of a payment. */
  confirmOrder: (orderNo: string, body: OrderProofBody) => toBank<OrderView>(`/api/orders/${orderNo}/confirm`, body),
  resendOrder: (orderNo: string) => toBank<OrderView>(`/api/orders/${orderNo}/resend`),
  closeOrder: (orderNo: string) => toBank<OrderView>(`/api/orders/${orderNo}/close`),
  loginWay,
  bind,
}

export function get<T>(reader: Reader, path: string): Promise<T> {
  return call<T>(reader, { method: 'GET', path })
}

/** A call that the bank answers: it may take as long as a payment. */
function toBank<T>(path: string, body: object = {}): Promise<T> {
  return call<T>(PAYER, { method: 'POST', path, body, timeoutMs: PAY_TIMEOUT_MS })
}

/** A change without an answer but that it was made. */
function change(method: 'PUT' | 'DELETE', path: string): Promise<void> {
  return call<void>(PAYER, { method, path, timeoutMs: PAY_TIMEOUT_MS })
}
