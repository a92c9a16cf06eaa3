import { declineOf, unknownOf } from '../../server/channel/alipay/outcome'
import { refunds as alipayRefunds } from '../../server/channel/alipay/refunds'
import { outcomeOf } from '../../server/channel/bank/outcome'
import { withBreaker } from '../../server/channel/breaker'
import { meaningOfTrade, refusalOf } from '../../server/channel/unionpay/outcome'
import { unclear } from '../../server/channel/wechatpay/outcome'
import { outcomeOfPrepay } from '../../server/channel/wechatpay/payments'
import { FOR_PEOPLE } from '../../server/domain/channel'
import type { Order, Outcome } from '../../server/domain/order'
import type { Refund } from '../../server/domain/refund'
import type { Channel } from '../../server/flow/ports'
import { fakeChannel } from '../support/fake-channel'

/**
 * What each code of each channel comes to, beside the other channels': `breaker` where everybody's next payment would come to the same, `alarm` where
 * people have to mend it (with the breaker too), `ask` where nobody knows and the channel is asked again, `payer` where it ends this payment alone.
 */
type Kind = 'breaker' | 'alarm' | 'ask' | 'payer' | 'broken'

async function kindOf(outcome: Outcome): Promise<Kind> {
  if (outcome.kind === 'declined') return FOR_PEOPLE.has(outcome.code) ? 'alarm' : 'payer'
  if (outcome.kind !== 'unknown') return 'ask'
  const people = FOR_PEOPLE.has(outcome.code)
  if (await opensBreaker(outcome)) return people ? 'breaker' : 'broken'
  return people ? 'alarm' : 'ask'
}

async function opensBreaker(outcome: Outcome): Promise<boolean> {
  let open = false
  const pay: Channel['pay'] = async () => ({ verb: 'pay', outcome, raw: null })
  const channel = withBreaker({ ...fakeChannel(), pay } as Channel, {
    clock: { now: () => 0 },
    onChange: (now) => {
      open = now
    },
  })
  for (let nth = 0; nth < 5; nth++) await channel.pay({} as Order)
  return open
}

const refusedByWechat = (status: number, code: string) => ({
  kind: 'verified' as const,
  status,
  said: { code },
  raw: null,
})

describe('what channels refuse', () => {
  // 服务商 v3, of a prepay and of a question
  it.each<[status: number, code: string, prepay: Kind, query: Kind]>([
    [400, 'PARAM_ERROR', 'alarm', 'alarm'],
    [400, 'INVALID_REQUEST', 'alarm', 'alarm'],
    [400, 'APPID_MCHID_NOT_MATCH', 'alarm', 'alarm'],
    [400, 'MCH_NOT_EXISTS', 'alarm', 'alarm'],
    [401, 'SIGN_ERROR', 'alarm', 'breaker'],
    [403, 'NO_AUTH', 'alarm', 'alarm'],
    [403, 'OUT_TRADE_NO_USED', 'ask', 'ask'],
    [404, 'ORDER_NOT_EXIST', 'ask', 'ask'],
    [404, 'RESOURCE_NOT_EXISTS', 'ask', 'ask'],
    [400, 'ORDER_CLOSED', 'payer', 'ask'],
    [403, 'RULE_LIMIT', 'payer', 'ask'],
    [403, 'ACCOUNT_ERROR', 'payer', 'ask'],
    [403, 'TRADE_ERROR', 'payer', 'ask'],
    [403, 'USER_ACCOUNT_ABNORMAL', 'payer', 'ask'],
    [429, 'FREQUENCY_LIMITED', 'ask', 'ask'],
    [500, 'SYSTEM_ERROR', 'broken', 'broken'],
    [500, 'BANK_ERROR', 'broken', 'broken'],
    [400, 'MOON_PHASE', 'ask', 'ask'],
  ])('WeChat Pay by %i %s: prepared it is %s, asked about %s', async (status, code, prepay, query) => {
    const exchange = refusedByWechat(status, code)
    expect([await kindOf(outcomeOfPrepay(exchange)), await kindOf(unclear(exchange))]).toEqual([prepay, query])
  })

  // of a trade that is made and isn't there, and of a question
  it.each<[code: string, subCode: string, create: Kind, query: Kind]>([
    ['20001', 'aop.invalid-auth-token', 'alarm', 'breaker'],
    ['40001', 'isv.missing-method', 'alarm', 'breaker'],
    ['40002', 'isv.invalid-signature', 'alarm', 'breaker'],
    ['40006', 'isv.insufficient-isv-permissions', 'alarm', 'breaker'],
    ['40005', 'isv.app-call-limited', 'ask', 'ask'],
    ['40004', 'ACQ.ACCESS_FORBIDDEN', 'alarm', 'alarm'],
    ['40004', 'ACQ.INVALID_PARAMETER', 'alarm', 'alarm'],
    ['40004', 'ACQ.PRODUCT_NOT_SUPPORT_IN_TINY_APP', 'alarm', 'alarm'],
    ['40004', 'ACQ.OPEN_ID_NOT_TINY_APP', 'alarm', 'alarm'],
    ['40004', 'ACQ.CONTEXT_INCONSISTENT', 'ask', 'ask'],
    ['40004', 'ACQ.TRADE_HAS_SUCCESS', 'ask', 'ask'],
    ['40004', 'ACQ.TRADE_HAS_CLOSE', 'ask', 'ask'],
    ['40004', 'ACQ.TRADE_NOT_EXIST', 'ask', 'ask'],
    ['40004', 'ACQ.BUYER_ENABLE_STATUS_FORBID', 'payer', 'ask'],
    ['40004', 'ACQ.PAYMENT_REQUEST_HAS_RISK', 'payer', 'ask'],
  ])('Alipay by %s %s: made it is %s, asked about %s', async (code, subCode, create, query) => {
    const refused = { kind: 'refused', code, subCode, raw: null } as const
    const declined = declineOf(refused)
    const made: Outcome = declined ? { kind: 'declined', code: declined } : { kind: 'unknown', code: 'not-found' }
    const asked: Outcome = { kind: 'unknown', code: unknownOf(refused) }
    expect([await kindOf(made), await kindOf(asked)]).toEqual([create, query])
  })

  it.each<[subCode: string, outcome: Outcome]>([
    ['ACQ.SELLER_BALANCE_NOT_ENOUGH', { kind: 'declined', code: 'insufficient-merchant-funds' }],
    ['ACQ.REFUND_AMT_NOT_EQUAL_TOTAL', { kind: 'declined', code: 'refund-above-paid' }],
    ['ACQ.REASON_TRADE_BEEN_FREEZEN', { kind: 'declined', code: 'account-frozen' }],
    ['ACQ.TRADE_NOT_ALLOW_REFUND', { kind: 'declined', code: 'refund-not-allowed' }],
    ['ACQ.DISCORDANT_REPEAT_REQUEST', { kind: 'unknown', code: 'refund-number-reused' }],
  ])('Alipay by %s of a refund', async (subCode, outcome) => {
    const exchange = async () => ({ kind: 'refused' as const, code: '40004', subCode, raw: null })
    const { refund } = alipayRefunds({ exchange } as unknown as Parameters<typeof alipayRefunds>[0])
    const order = { orderNo: 'F20261121-7K3M-92QX-4T8B' } as Order
    const of = { refundNo: 'R20261121-7K3M-92QX-4T8B', shares: { payerFen: 100 } } as Refund
    expect((await refund(order, of)).outcome).toEqual(outcome)
  })

  // 应答码 of a request
  it.each<[respCode: string, kind: Kind]>([
    ['02', 'broken'],
    ['03', 'ask'],
    ['04', 'ask'],
    ['05', 'ask'],
    ['06', 'broken'],
    ['10', 'breaker'],
    ['11', 'breaker'],
    ['12', 'ask'],
    ['13', 'breaker'],
    ['31', 'alarm'],
    ['32', 'alarm'],
    ['34', 'ask'],
    ['35', 'ask'],
    ['36', 'ask'],
    ['37', 'ask'],
    ['39', 'broken'],
    ['43', 'alarm'],
    ['ZZ', 'ask'],
  ])('UnionPay by %s is %s', async (respCode, kind) => {
    expect(await kindOf({ kind: 'unknown', code: refusalOf(respCode) })).toBe(kind)
  })

  it('UnionPay’s word on the trade itself: done, nobody knows, or failed for good', () => {
    const trade = { orderId: 'F202611217K3M92QX4T8B', txnTime: '20261121120000' }
    const said = { ...trade, txnAmt: '100', currencyCode: '156', merId: '777290058140001', queryId: '1' }
    const kinds = ['00', 'A6', '03', '04', '05', '01', '64', 'Q9'].map(
      (code) => meaningOfTrade('order', trade, said, code).outcome.kind,
    )
    expect(kinds).toEqual([
      ...['succeeded', 'succeeded', 'pending', 'pending', 'pending'],
      ...['declined', 'declined', 'declined'],
    ])
  })

  it.each<[status: number, code: string, kind: Kind]>([
    [401, 'key-unknown', 'breaker'],
    [401, 'signature-invalid', 'breaker'],
    [401, 'clock-skew', 'breaker'],
    [401, 'nonce-reused', 'ask'],
    [404, 'not-found', 'ask'],
    [409, 'order-no-reused', 'ask'],
    [400, 'invalid-request', 'alarm'],
    [422, 'envelope-invalid', 'alarm'],
    [422, 'unbalanced', 'alarm'],
    [422, 'legs-invalid', 'alarm'],
    [422, 'wrong-role', 'alarm'],
    [422, 'moon-phase', 'ask'],
  ])('the bank by %i %s is %s', async (status, code, kind) => {
    const exchange = { kind: 'verified', status, body: JSON.stringify({ code }) } as Parameters<typeof outcomeOf>[1]
    expect(await kindOf(outcomeOf('F20261121-7K3M-92QX-4T8B', exchange))).toBe(kind)
  })
})
