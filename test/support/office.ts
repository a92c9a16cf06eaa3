import { createHash } from 'node:crypto'
import type { StatementLine } from '../../server/domain/match'
import { newOrderNo, type Order } from '../../server/domain/order'
import { postingsOf } from '../../server/domain/posting'
import { figures } from '../../server/domain/quote'
import { newRefundNo, type Refund, refundPostings } from '../../server/domain/refund'
import type { StatementSource } from '../../server/flow/ports'
import { merchants as STREET } from '../../server/sandbox/food-street'
import type { Sql } from '../../server/store/sql/open-sql'
import { CAMPAIGN } from './flow'
import { person, startHouse } from './house'
import { OTHER, written } from './reconcile'

/** The house where orders, refunds and decks are written straight into the books, and statements are a test's own. */

/** M0001, M0003, … belong to branch B01, the even ones to B02. */
const STAFF = [
  person('maker', ['maker']),
  person('checker', ['checker']),
  person('maker2', ['maker']),
  person('checker2', ['checker']),
  person('viewer', ['viewer']),
  person('auditor', ['auditor']),
  person('south', ['maker', 'checker', 'viewer'], 'B01'),
  person('north', ['maker', 'checker', 'viewer'], 'B02'),
]

export interface Paid {
  date?: string
  /** ms after noon of the date */
  afterMs?: number
  merchantCode?: string
  channel?: Order['channel']
  amountFen?: number
  /** with a slot of the campaign's deck */
  discountFen?: number
  slot?: number
  /** leaves it `paying`, or closes it */
  state?: Order['state']
  payerId?: string
  /** why it has no discount */
  reason?: Order['reason']
}

type GivenStatement = StatementLine[] | 'statement-not-ready' | 'statement-unavailable'

/** Each morning from one o'clock. */
function sourceOf(given: (date: string) => GivenStatement | undefined): StatementSource {
  return {
    reconcileFromMs: 3_600_000,
    cutBeforeMs: 0,
    async fetchStatement(date) {
      const lines = given(date) ?? 'statement-not-ready'
      return typeof lines === 'string' ? { kind: 'refused', code: lines, detail: date } : written(date, lines)
    },
  }
}

export type Office = Awaited<ReturnType<typeof startOffice>>

export async function startOffice(sql: Sql) {
  /** by date, of the bank; by `alipay <date>`, of another channel */
  const statements = new Map<string, GivenStatement>()
  const house = await startHouse(sql, {
    street: { merchants: STREET.slice(0, 6), campaigns: [{ ...CAMPAIGN, merchantCodes: ['M0001', 'M0002'] }] },
    staff: STAFF,
    changed: () => ({
      statements: new Map([
        ['bank', sourceOf((date) => statements.get(date))],
        [OTHER, sourceOf((date) => statements.get(`${OTHER} ${date}`))],
      ]),
    }),
  })
  const { deps, operators } = house
  let made = 0
  const noonOf = (date: string) => Date.parse(`${date}T12:00:00+08:00`)
  const random = (bytes: number) => createHash('sha512').update(`office ${++made}`).digest().subarray(0, bytes)

  async function open(input: Paid): Promise<Order> {
    const { date = '2026-11-21', merchantCode = 'M0001', channel = 'bank', amountFen = 10_000 } = input
    const {
      discountFen = 0,
      slot = 0,
      afterMs = 0,
      payerId = `payer-${++made}`,
      reason = 'channel-not-eligible',
    } = input
    const card = discountFen > 0 ? { campaignId: CAMPAIGN.campaignId, businessDate: date, slot } : null
    const merchant = (await deps.catalog.merchant(merchantCode))!
    const purse = card ? await deps.catalog.purse({ ...card, merchantCode }) : undefined
    const { glAccount, branchCode } = purse ?? merchant
    const order: Order = {
      orderNo: newOrderNo(date, random(12)),
      quoteNonce: `quote-${++made}`,
      payerId,
      payerRef: `agreement-${payerId}`,
      merchantCode,
      channel,
      businessDate: date,
      figures: figures(amountFen, discountFen, 50),
      card,
      reason: discountFen > 0 ? null : reason,
      accounts: { payer: `account-${payerId}`, merchant: merchant.account, gl: channel === 'bank' ? glAccount : null },
      branchCode,
      state: 'paying',
      createdAt: noonOf(date) + afterMs,
      payBy: null,
      action: null,
      endedAt: null,
      channelTradeNo: null,
      verification: null,
      closeReason: null,
    }
    const idempotency = { key: `key-${++made}`, inputHash: '' }
    const opening = { order, idempotency, dailyLimitFen: 1e9, request: {}, firstQueryAt: noonOf('2027-01-01') }
    const { kind } = await deps.ledger.openOrder(opening)
    if (kind !== 'opened') throw new Error(`not opened: ${kind}`)
    return order
  }

  return {
    ...house,
    statements,
    async order(input: Paid = {}): Promise<Order> {
      const order = await open(input)
      const endedAt = order.createdAt + 1_000
      const { state = 'paid' } = input
      if (state === 'paying') return order
      const channelTradeNo = `B${order.orderNo}`
      const paid = { state: 'paid' as const, channelTradeNo, verification: null, postings: postingsOf(order), endedAt }
      const said = { verb: 'pay' as const, outcome: { kind: 'succeeded' as const, channelTradeNo }, raw: null }
      if (state === 'paid') await deps.ledger.endOrder(order, paid, said)
      else await deps.ledger.endOrder(order, { state, closeReason: 'order-closed', endedAt }, null)
      return { ...order, state, endedAt, ...(state === 'paid' && { channelTradeNo }) }
    },
    /** of 11-18, still `paying`, and what its channel answered */
    async answered(raw: unknown): Promise<Order> {
      const order = await open({ date: '2026-11-18', merchantCode: 'M0006' })
      const outcome = { kind: 'unknown' as const, code: 'bad-signature' }
      await deps.ledger.noteReply(order.orderNo, { verb: 'query', outcome, raw }, null, order.createdAt + 1_000)
      return order
    },
    async refund(order: Order, payerFen: number, date = order.businessDate): Promise<Refund> {
      const opened = await deps.refunds.openRefund({
        refundNo: newRefundNo(date, random(12)),
        orderNo: order.orderNo,
        merchantCode: order.merchantCode,
        payerFen,
        reason: null,
        businessDate: date,
        createdAt: noonOf(date) + 2_000,
        idempotency: { key: `refund-${++made}`, inputHash: '' },
        firstQueryAt: () => noonOf('2027-01-01'),
      })
      if (opened.kind !== 'opened') throw new Error(`not opened: ${opened.kind}`)
      const { refund } = opened
      const channelRefundNo = `R${refund.refundNo}`
      const ending = {
        state: 'refunded' as const,
        channelRefundNo,
        postings: refundPostings(order, refund.shares),
        payBy: null,
        action: null,
        endedAt: noonOf(date) + 3_000,
      }
      await deps.refunds.endRefund(refund, ending, { verb: 'refund', outcome: { kind: 'pending' }, raw: null })
      return { ...refund, channelRefundNo, state: 'refunded' }
    },
    async deck(date: string, merchantCode: string, amountsFen: number[]): Promise<void> {
      const { branchCode, glAccount } = (await deps.catalog.merchant(merchantCode))!
      const of = { campaign_id: CAMPAIGN.campaignId, merchant_code: merchantCode, business_date: date }
      const row = { ...of, version: 1, commitment: '', amounts_fen: amountsFen, exposure_fen: 0, dealt_at: 0 }
      await sql.db
        .insertInto('decks')
        .values({ ...row, key_id: null, closed_at: null, branch_code: branchCode, gl_account: glAccount })
        .execute()
    },
    control: (...codes: string[]) =>
      sql.db
        .insertInto('campaign_controls')
        .values(codes.map((code) => ({ campaign_id: CAMPAIGN.campaignId, merchant_code: code })))
        .execute(),
    /** what operators did, oldest first */
    deeds: async () =>
      await sql.db
        .selectFrom('operator_actions')
        .select(['username', 'action', 'subject', 'before', 'after'])
        .orderBy('action_id')
        .execute(),
    chain: () => operators.checkChain(),
  }
}
