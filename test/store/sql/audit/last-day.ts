import { addDays } from '../../../../server/domain/business-date'
import { deal, dearestDeck } from '../../../../server/domain/deck'
import { commitTo, seedOf } from '../../../../server/domain/deck-proof'
import { sealCards } from '../../../../server/domain/deck-seal'
import type { Order } from '../../../../server/domain/order'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { DATE, NOON, newOrder, opening, paid, SUCCEEDED, unique } from '../payment/ledger-orders'
import { type AuditedBooks, chained, KEY_ID, SECRET } from './books'

/** The day after all others of the books. */
export const LAST_DAY = addDays(DATE, 2)
const LATE = NOON + 2 * 86_400_000

/** An order of the last day at a merchant of its own, chained and sealed; and what was given out then. */
export async function lastDay(sql: Sql) {
  const ledger = sqlLedger(sql)
  const order = newOrder({ merchantCode: unique('M'), businessDate: LAST_DAY, createdAt: LATE })
  await ledger.openOrder(opening(order))
  const outcome = { kind: 'succeeded' as const, channelTradeNo: `bank-${order.orderNo}` }
  await ledger.endOrder(order, paid(order, LATE + 800), { ...SUCCEEDED, outcome })
  const { seals } = await chained(sql, LAST_DAY)
  return { order, given: seals }
}

/** All that was written of an order, and every link since it, with their seal; and unless told, the log that names it. */
export function cutOff({ orderNo, payerId, merchantCode }: Order, { log } = { log: true }): string {
  const ofOrder = ['outbox', 'postings', 'order_events', 'channel_requests', 'idempotency_keys', 'orders']
  const since = `(select min(link_no) from ledger_link_parts where exists (
    select from unnest(names) name where name like '${orderNo} %'))`
  return [
    ...(log
      ? [
          `delete from operator_actions where subject = 'ledger/${LAST_DAY}'`,
          'update operator_actions_head set (last_id, mac) = (select action_id, mac from operator_actions order by 1 desc limit 1)',
        ]
      : []),
    `delete from ledger_links where link_no >= ${since}`,
    `delete from ledger_link_parts where link_no > (select max(link_no) from ledger_links)`,
    ...ofOrder.map((table) => `delete from ${table} where order_no = '${orderNo}'`),
    `delete from payer_days where payer_id = '${payerId}'`,
    `delete from day_totals where merchant_code = '${merchantCode}'`,
    `delete from share_days where merchant_code = '${merchantCode}'`,
  ].join(';')
}

/** Deals one in earnest; what it may cost, fen. */
export async function undrawnDeck(sql: Sql, { campaign, merchantCode }: AuditedBooks, businessDate: string) {
  const { campaignId, rule } = campaign
  const terms = { campaignId, merchantCode, businessDate, version: 1, rule, slots: rule.slots, beacon: null }
  const seed = seedOf(SECRET, terms)
  const cards = sealCards(SECRET, terms, deal(rule, seed), Buffer.alloc(12))
  const deck = { campaignId, merchantCode, businessDate, version: 1, commitment: commitTo(terms, seed), cards }
  await sqlLedger(sql).commitDeck({ ...deck, dealtAt: LATE, keyId: KEY_ID }, dearestDeck(rule))
  return dearestDeck(rule)
}
