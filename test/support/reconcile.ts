import { createHash } from 'node:crypto'
import { CompiledQuery } from 'kysely'
import type { ChannelName } from '../../server/domain/channel'
import { type BookDay, type StatementLine, totalsOf } from '../../server/domain/match'
import { newOrderNo, type Order } from '../../server/domain/order'
import { postingsOf } from '../../server/domain/posting'
import { figures } from '../../server/domain/quote'
import { newRefundNo, type Refund, refundPostings } from '../../server/domain/refund'
import type { Channel, Deed, FetchedStatement, Hold, StatementSource } from '../../server/flow/ports'
import { type ReconcileResult, reconcileDay } from '../../server/flow/reconcile/reconcile'
import { proposeCorrection, resolveDifference } from '../../server/flow/reconcile/resolve'
import type { Sql } from '../../server/store/sql/open-sql'
import { sqlLedger } from '../../server/store/sql/payment/ledger'
import { sqlReconciliations } from '../../server/store/sql/reconcile/reconciliations'
import { sqlRefunds } from '../../server/store/sql/refund/refund-ledger'
import { type FakeChannel, fakeChannel } from './fake-channel'
import { fakeSlots } from './fake-slots'

/** Books on a real database, a bank of memory, and statements written by the test. */

export const D = '2026-11-20'
export const NEXT = '2026-11-21'
export const AFTER = '2026-11-22'
/** Another channel with a statement of its own. */
export const OTHER = 'alipay'
export const dayOf = (date: string, channel: ChannelName = 'bank'): BookDay => ({ channel, date })
const HOUR_MS = 3_600_000
const noonOf = (date: string) => Date.parse(`${date}T12:00:00+08:00`)

/** A booking of no order of ours. */
export const phantom: Omit<StatementLine, 'lineNo'> = {
  kind: 'clearing',
  orderNo: 'PHANTOM-1',
  refundNo: null,
  channelTradeNo: 'BP1',
  bookedAt: 1_763_600_000_000,
  payerFen: -1_234,
  glFen: 0,
  merchantFen: 1_234,
  glAccount: null,
  merchantAccount: 'acct-PHANTOM',
  payerTail: '4321',
  currency: 'CNY',
}
export const done = (result: ReconcileResult) => {
  if (result.kind === 'refused') throw new Error(`refused: ${result.code}`)
  return result
}

export type Desk = ReturnType<typeof startDesk>

export function startDesk(sql: Sql) {
  const clock = { at: noonOf(D), now: () => clock.at }
  const channel: FakeChannel = fakeChannel(clock.now)
  const alarms: string[] = []
  let made = 0
  /** what ends, ends so long after noon of its day */
  let endsMs = HOUR_MS
  const random = (bytes: number) => createHash('sha512').update(String(++made)).digest().subarray(0, bytes)
  const ledger = sqlLedger(sql)
  const refunds = sqlRefunds(sql)
  const reconciliations = sqlReconciliations(sql)
  const statements = new Map<string, StatementLine[]>()
  const refused: Deed[] = []
  const source = (channel: ChannelName): StatementSource => ({
    reconcileFromMs: HOUR_MS,
    cutBeforeMs: 0,
    fetchStatement: async (date) => written(date, statements.get(`${channel} ${date}`) ?? []),
  })
  const deps = {
    ledger,
    refunds,
    reconciliations,
    slots: fakeSlots(clock.now),
    feed: { nudge: () => {}, subscribe: async () => () => {} },
    clock,
    random,
    limits: { leaseTtlMs: 130_000 },
    carryOverMs: 1_800_000,
    channels: new Map<string, Channel>([
      ['bank', channel],
      [OTHER, channel],
    ]),
    statements: new Map<ChannelName, StatementSource>([
      ['bank', source('bank')],
      [OTHER, source(OTHER)],
    ]),
    operators: { logRefusal: async (deed: Deed) => void refused.push(deed) },
    onAlarm: ({ code }: { code: string }) => void alarms.push(code),
  }

  /** An order of ¥100.00 opened at noon of the date, at the bank with ¥10.00 off. */
  async function open(date = D, payerId = 'payer-1', name: ChannelName = 'bank'): Promise<Order> {
    const off = name === 'bank'
    const agreement = await channel.agreements.easy!(payerId)
    const order: Order = {
      orderNo: newOrderNo(date, random(12)),
      quoteNonce: `quote-${++made}`,
      payerId,
      payerRef: agreement.agreementId,
      merchantCode: 'M0001',
      channel: name,
      businessDate: date,
      figures: figures(10_000, off ? 1_000 : 0, 50),
      card: off ? { campaignId: 'street', businessDate: date, slot: ++made } : null,
      reason: off ? null : 'channel-not-eligible',
      accounts: { payer: agreement.account, merchant: 'acct-M0001', gl: '6421-03' },
      branchCode: 'B01',
      state: 'paying',
      createdAt: noonOf(date),
      payBy: null,
      action: null,
      endedAt: null,
      channelTradeNo: null,
      verification: null,
      closeReason: null,
    }
    const idempotency = { key: `key-${++made}`, inputHash: '' }
    const opening = { order, idempotency, dailyLimitFen: 1e9, request: {}, firstQueryAt: noonOf(AFTER) * 2 }
    const { kind } = await ledger.openOrder(opening)
    if (kind !== 'opened') throw new Error(`not opened: ${kind}`)
    return order
  }

  async function paid(date = D, payerId?: string, name?: ChannelName): Promise<Order> {
    const order = await open(date, payerId, name)
    const channelTradeNo = `B${order.orderNo}`
    const endedAt = noonOf(date) + endsMs
    const ending = { state: 'paid' as const, channelTradeNo, verification: null, postings: postingsOf(order), endedAt }
    await ledger.endOrder(order, ending, null)
    return { ...order, state: 'paid', endedAt, channelTradeNo }
  }

  async function closed(date = D, name?: ChannelName): Promise<Order> {
    const order = await open(date, 'payer-1', name)
    await ledger.endOrder(
      order,
      { state: 'closed', closeReason: 'order-closed', endedAt: noonOf(date) + HOUR_MS },
      null,
    )
    return { ...order, state: 'closed' }
  }

  /** The first day of the house: each channel has had an order on it, which came to nothing. */
  async function live(date = D): Promise<void> {
    for (const name of ['bank', OTHER] as const) await closed(date, name)
  }

  /** A refund of a half, still `refunding`. */
  async function refunding(order: Order, date = D): Promise<Refund> {
    const result = await refunds.openRefund({
      refundNo: newRefundNo(date, random(12)),
      orderNo: order.orderNo,
      merchantCode: order.merchantCode,
      payerFen: order.figures.payableFen / 2,
      reason: null,
      businessDate: date,
      createdAt: noonOf(date),
      idempotency: { key: `refund-${++made}`, inputHash: '' },
      firstQueryAt: () => noonOf(AFTER) * 2,
    })
    if (result.kind !== 'opened') throw new Error(`not opened: ${result.kind}`)
    return result.refund
  }

  async function refunded(order: Order, date = D): Promise<Refund> {
    return endRefund(await refunding(order, date), order, date)
  }

  async function endRefund(refund: Refund, order: Order, date = D): Promise<Refund> {
    const channelRefundNo = `R${refund.refundNo}`
    const postings = refundPostings(order, refund.shares)
    const ending = { state: 'refunded' as const, channelRefundNo, postings, endedAt: noonOf(date) + endsMs }
    await refunds.endRefund(refund, ending, { verb: 'refund', outcome: { kind: 'pending' }, raw: null })
    return { ...refund, channelRefundNo, state: 'refunded' }
  }

  /** What the channel has as its statement of a date. */
  function give(date: string, lines: Omit<StatementLine, 'lineNo'>[], name: ChannelName = 'bank'): void {
    statements.set(
      `${name} ${date}`,
      lines.map((line, i) => ({ ...line, lineNo: i + 1 })),
    )
  }

  /** as who has just looked */
  const revisionOf = async (id: string) => (await reconciliations.difference(id))?.revision ?? 1

  const rows = async (text: string, values: unknown[] = []) =>
    (await sql.db.executeQuery(CompiledQuery.raw(text, values))).rows as Record<string, unknown>[]

  return {
    deps,
    clock,
    channel,
    alarms,
    ledger,
    refunds,
    reconciliations,
    open,
    paid,
    closed,
    refunding,
    refunded,
    endRefund,
    live,
    give,
    rows,
    /** From now on what ends, ends ten minutes before midnight: around the cut (日切). */
    late(): void {
      endsMs = 12 * HOUR_MS - 600_000
    },
    /** Reconciles a date against these lines, at two in the morning of the day after. */
    async reconcile(
      date: string,
      lines: Omit<StatementLine, 'lineNo'>[],
      channel: ChannelName = 'bank',
    ): Promise<ReconcileResult> {
      give(date, lines, channel)
      clock.at = noonOf(date) + 14 * HOUR_MS
      return reconcileDay(deps, dayOf(date, channel))
    },
    /** Takes a day as a process does that is about to reconcile these lines, and then may die. */
    async hold(date: string, lines: StatementLine[], holdMs = 60_000, channel: ChannelName = 'bank'): Promise<Hold> {
      const { manifest } = written(date, lines)
      const begun = await reconciliations.begin(dayOf(date, channel), manifest, clock.now(), holdMs)
      if (begun.kind === 'refused') throw new Error(`refused: ${begun.code}`)
      return begun.hold
    },
    differences: (date: string, channel?: ChannelName) =>
      reconciliations.differences(dayOf(date, channel), undefined, 1_000),
    /** what of it was refused and logged */
    refused,
    async propose(id: string, operator = 'maker') {
      return proposeCorrection(deps, id, { operator, revision: await revisionOf(id) })
    },
    async resolve(id: string, decision: 'accept' | 'reject', note = 'seen', operator = 'checker') {
      return resolveDifference(deps, id, decision, { operator, revision: await revisionOf(id), note })
    },
    /** Accepts as two people do. */
    async accept(id: string): Promise<void> {
      await this.propose(id)
      const { kind } = await this.resolve(id, 'accept')
      if (kind !== 'resolved') throw new Error(`${id} is not accepted`)
    },
    /** what our books say of an account, fen */
    async balance(account: string): Promise<number> {
      const [row] = await rows('select coalesce(sum(amount_fen), 0)::bigint as fen from postings where account = $1', [
        account,
      ])
      return row!.fen as number
    },
    /** everything there is, to see that nothing changed */
    async dump(): Promise<string> {
      const tables = ['orders', 'refunds', 'postings', 'order_events', 'refund_events', 'outbox', 'statement_lines']
      const texts = [...tables, 'differences'].map((table) => `select * from ${table} order by 1, 2`)
      // whose run it was is told anew at every run
      const columns = 'channel, statement_date, sha256, lines, totals, started_at, matched_at, result'
      texts.push(`select ${columns} from reconciliations order by 1, 2`)
      return JSON.stringify(await Promise.all(texts.map((text) => rows(text))))
    },
  }
}

/** The line a bank writes of an order, or of a refund of it. */
export function lineOf(order: Order, refund?: Refund): Omit<StatementLine, 'lineNo'> {
  const legs = refund ? refundPostings(order, refund.shares) : postingsOf(order)
  const of = (role: string) => legs.find((leg) => leg.role === role)?.amountFen ?? 0
  return {
    kind: refund ? 'refund' : 'clearing',
    orderNo: order.orderNo,
    refundNo: refund?.refundNo ?? null,
    channelTradeNo: refund ? `R${refund.refundNo}` : `B${order.orderNo}`,
    bookedAt: order.createdAt,
    payerFen: of('payer'),
    glFen: of('gl'),
    merchantFen: of('merchant'),
    glAccount: of('gl') === 0 ? null : order.accounts.gl,
    merchantAccount: order.accounts.merchant,
    payerTail: order.accounts.payer.slice(-4),
    currency: 'CNY',
  }
}

/** A statement as the channel's reader would hand it over, in batches of three. */
export function written(date: string, lines: StatementLine[]): Extract<FetchedStatement, { kind: 'fetched' }> {
  async function* batches() {
    for (let from = 0; from < lines.length; from += 3) yield lines.slice(from, from + 3)
  }
  const sha256 = createHash('sha256').update(JSON.stringify(lines)).digest('hex')
  const manifest = { date, sha256, bytes: 1, lines: lines.length, totals: totalsOf(lines) }
  return { kind: 'fetched', manifest, file: '', batches }
}
