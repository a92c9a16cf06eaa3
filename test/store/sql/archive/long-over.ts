import { CompiledQuery } from 'kysely'
import { addDays } from '../../../../server/domain/business-date'
import { CHANNELS } from '../../../../server/domain/channel'
import { openCards } from '../../../../server/domain/deck-seal'
import type { StatementLine } from '../../../../server/domain/match'
import { newOrderNo, type Order } from '../../../../server/domain/order'
import { audit } from '../../../../server/flow/audit/audit'
import { reconcileDay } from '../../../../server/flow/reconcile/reconcile'
import { sqlAudit } from '../../../../server/store/sql/audit/audit'
import { dateOf } from '../../../../server/store/sql/audit/statements'
import { sqlDecks } from '../../../../server/store/sql/deck/decks'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { packBooks } from '../../../../server/store/sql/payment/pack-books'
import { packPapers } from '../../../../server/store/sql/payment/pack-papers'
import { sqlPersonCards } from '../../../../server/store/sql/payment/person-cards'
import { pruneKeys } from '../../../../server/store/sql/payment/prune-keys'
import { pruneOutbox } from '../../../../server/store/sql/payment/prune-outbox'
import { packLines } from '../../../../server/store/sql/reconcile/pack-lines'
import { sqlReconciliations } from '../../../../server/store/sql/reconcile/reconciliations'
import { sqlRefunds } from '../../../../server/store/sql/refund/refund-ledger'
import { fakeSlots } from '../../../support/fake-slots'
import { chained, healthyBooks, KEY_ID, KEYS, SECRET, statementsOf } from '../audit/books'
import { DEEDS } from '../audit/desk-books'
import { closed, DATE, NOON, newOrder, opening, paid, UNKNOWN, unique } from '../payment/ledger-orders'

export const NEXT_DAY = addDays(DATE, 1)
const DAYS = [DATE, NEXT_DAY, addDays(DATE, 2), addDays(DATE, 3)]
export const DAY = 86_400_000
/** Forty days after all of it, ms. */
export const LATER = NOON + 40 * DAY

/** Rows of what somebody asks behind everybody's back. */
export const rowsOf =
  (sql: Sql) =>
  async <Row = Record<string, unknown>>(text: string, values: unknown[] = []) =>
    (await sql.db.executeQuery<Row>(CompiledQuery.raw(text, values))).rows

/** An order of a payer's whole path: with its number's date, a reply with NUL in it, a key that isn't packed, and asked about once. */
export async function plainOrder(sql: Sql, wanted: Parameters<typeof newOrder>[0] = {}, at = NOON): Promise<Order> {
  const { businessDate = DATE } = wanted
  const random = Buffer.from(unique('').slice(1), 'hex')
  const orderNo = newOrderNo(businessDate, Buffer.concat([random, random]))
  const order: Order = { ...newOrder({ createdAt: at, ...wanted }), orderNo }
  const legs = [order.payerRef, order.businessDate] as const
  const request = { orderNo, agreementId: legs[0], businessDate: legs[1] }
  const trace = { addressHash: 'address-hash', deviceHash: 'device-hash' }
  const idempotency = { key: unique('key'), inputHash: 'of old' }
  const result = await sqlLedger(sql).openOrder(opening(order, { request, trace, idempotency }))
  if (result.kind !== 'opened') throw new Error(`not opened: ${result.kind}`)
  await sqlLedger(sql).noteReply(
    orderNo,
    { ...UNKNOWN, raw: { memo: 'NUL \u0000, ½ and 发牌', n: 1e21 } },
    null,
    at + 400,
  )
  return order
}

export async function pay(sql: Sql, order: Order, at = NOON + 800): Promise<Order> {
  const outcome = { kind: 'succeeded' as const, channelTradeNo: `bank-${order.orderNo}` }
  await sqlLedger(sql).endOrder(order, paid(order, at), { verb: 'pay', outcome, raw: { memo: 'paid \u0000' } })
  return (await sqlLedger(sql).order(order.orderNo))!
}

/** The ledger in which everything has happened, a month on: and nothing stands in the way of its first two days. */
export async function longOver(sql: Sql) {
  const books = await healthyBooks(sql)
  const run = rowsOf(sql)
  // A card of the day before, used after midnight.
  const midnight = NOON + DAY / 2
  const { campaignId } = books.campaign
  const card = { campaignId, slot: 7, commitment: books.told }
  const ofMidnight = await plainOrder(
    sql,
    {
      merchantCode: books.merchantCode,
      card,
      discountFen: books.amountsFen[7]!,
      businessDate: NEXT_DAY,
      deckDate: DATE,
    },
    midnight + 60_000,
  )
  await pay(sql, ofMidnight, midnight + 61_000)
  const plain = await pay(sql, await plainOrder(sql, { merchantCode: books.merchantCode }))
  await endOpen(sql)
  await overdue(sql)
  return { ...books, ofMidnight, plain, run, violations: () => violationsOf(sql) }
}

/** The sweeper's work: what is open the channel declined, and slots are given back. */
async function endOpen(sql: Sql): Promise<void> {
  const ledger = sqlLedger(sql)
  const outcome = { kind: 'declined' as const, code: 'insufficient-funds' }
  for (const { order } of await ledger.claimDue(CHANNELS, LATER, 1_000))
    await ledger.endOrder(order, closed(), { verb: 'query', outcome, raw: null })
  for (const order of await ledger.claimReturns(LATER + DAY, 1_000)) await ledger.slotReturned(order.orderNo, true)
}

/** Two days of plain orders, the last of which was paid with a card of the day before; and all that is done of them in a month. */
export async function fewOrders(sql: Sql) {
  const merchantCode = unique('M')
  const orders: Order[] = []
  for (const amountFen of [1_000, 2_000, 3_000])
    orders.push(await pay(sql, await plainOrder(sql, { merchantCode, amountFen, payerId: 'payer-of-few' })))
  const next = await plainOrder(sql, { merchantCode, businessDate: NEXT_DAY }, NOON + DAY)
  orders.push(await pay(sql, next, NOON + DAY + 800))
  await overdue(sql)
  return { merchantCode, orders, run: rowsOf(sql) }
}

/** All that jobs and tools do in a month: what is in no statement yet is in the next one that there will be. */
export async function overdue(sql: Sql): Promise<void> {
  const run = rowsOf(sql)
  const done = (await run<{ date: string }>('select statement_date as date from reconciliations')).map(
    (one) => one.date,
  )
  const missed = await run<{ order_no: string; date: string }>(`
    select order_no, ${dateOf('ended_at')} as date from orders o where state = 'paid'
    and order_no not in (select order_no from statement_lines) and order_no not in (select order_no from differences)`)
  const days: Record<string, StatementLine[]> = {}
  for (const date of DAYS.filter((one) => !done.includes(one))) {
    days[date] = []
    for (const one of missed.filter(
      (one) =>
        one.date <= date &&
        !Object.values(days)
          .flat()
          .some((l) => l.orderNo === one.order_no),
    ))
      days[date].push(lineOf((await sqlLedger(sql).order(one.order_no))!, days[date].length + 1))
  }
  await reconciled(sql, days)
  await sqlDecks(sql).close(NEXT_DAY, 100, LATER, (deck) => openCards(SECRET, deck, deck.cards))
  while ((await sqlDecks(sql).takeBack(100)) > 0);
  await chained(sql, DAYS.at(-1))
  while ((await sqlPersonCards(sql).forget(addDays(DATE, 20), 1_000)) > 0);
  await run(`update payer_cards_pruned set before_date = '${addDays(DATE, 20)}'`)
  await pruneOutbox(sql, NOON + 30 * DAY)
  await packPapers(sql, addDays(DATE, 30))
  await pruneKeys(sql, NOON + 30 * DAY)
  await packBooks(sql)
  await packLines(sql)
}

export async function violationsOf(sql: Sql): Promise<string[]> {
  const campaignSecret = (_: unknown, keyId: string | null = null) =>
    keyId === null || keyId === KEY_ID ? SECRET : undefined
  const report = await audit({ books: sqlAudit(sql, KEYS), campaignSecret })
  return report.violations.flatMap(({ code, faults }) => faults.map((one) => `${code} ${one.subject}: ${one.detail}`))
}

function lineOf(order: Order, lineNo: number): StatementLine {
  const { payableFen, discountFen, merchantReceivesFen } = order.figures
  return {
    lineNo,
    kind: 'clearing',
    orderNo: order.orderNo,
    refundNo: null,
    channelTradeNo: `bank-${order.orderNo}`,
    bookedAt: NOON + 2 * DAY,
    ...{ payerFen: -payableFen, glFen: -discountFen, merchantFen: merchantReceivesFen },
    glAccount: discountFen === 0 ? null : order.accounts.gl,
    merchantAccount: order.accounts.merchant,
    payerTail: null,
    currency: 'CNY',
  }
}

async function reconciled(sql: Sql, days: Record<string, StatementLine[]>): Promise<void> {
  const clock = { at: NOON + 6 * DAY, now: () => clock.at }
  const deps = {
    carryOverMs: DAY,
    ledger: sqlLedger(sql),
    refunds: sqlRefunds(sql),
    reconciliations: sqlReconciliations(sql, DEEDS),
    slots: fakeSlots(clock.now),
    feed: { nudge: () => {}, subscribe: async () => () => {} },
    clock,
    limits: { leaseTtlMs: 1_000 },
    statements: new Map(CHANNELS.map((name) => [name, statementsOf(days)])),
    channels: new Map(),
    operators: { logRefusal: async () => {} },
    onAlarm: () => {},
  }
  for (const date of Object.keys(days)) {
    const result = await reconcileDay(deps as never, { channel: 'bank', date }, 'system')
    if (result.kind !== 'reconciled') throw new Error(`${date}: ${result.code} ${result.detail}`)
  }
}
