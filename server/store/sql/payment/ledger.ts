import type { DeckId } from '../../../domain/deck'
import type { OrderState } from '../../../domain/order'
import type { Ledger, UsedSlot } from '../../../flow/ports'
import { commitDecks } from '../deck/commit-deck'
import type { Sql, Statement } from '../open-sql'
import { deckOf, orderColumns, orderOf } from '../rows'
import type { DeckRow, OrderRow } from '../tables'
import { claimDue } from './claim-due'
import { endingOrders } from './end-order'
import { beat } from './heartbeat'
import { merchantDays, merchantOrders, merchantSettlements } from './merchant-day'
import { openingOrders } from './open-order'
import { payerOrders } from './payer-orders'
import { savings, spentOn } from './payer-sums'
import { claimReturns, slotReturned } from './slot-return'
import { backlog, noteReply } from './unknown'

const DECK: Statement = {
  name: 'deck',
  text: `
    select campaign_id, merchant_code, business_date, version, commitment, amounts_fen, sealed, dealt_at, key_id, beacon from decks
    where campaign_id = $1 and merchant_code = $2 and business_date = $3`,
}

const USED_SLOTS: Statement = {
  name: 'used-slots',
  text: `
    select slot, payer_id as "payerId" from orders
    where campaign_id = $1 and merchant_code = $2 and deck_date = $3 and slot is not null and state <> 'closed'
    order by slot`,
}

const ORDER: Statement = { name: 'order', text: `select ${orderColumns('o')} from orders o where o.order_no = $1` }

const ORDERS_OF_QUOTES: Statement = {
  name: 'orders-of-quotes',
  text: 'select quote_nonce as nonce, state from orders where quote_nonce = any($1::text[])',
}

const ORDER_BY_KEY: Statement = {
  name: 'order-by-key',
  text: `
    select ${orderColumns('o')}, k.input_hash from idempotency_keys k join orders o using (order_no)
    where k.payer_id = $1 and k.key = $2`,
}

/** The {@link Ledger} on PostgreSQL: every verb is one statement, so one round trip and a transaction of its own. */
export function sqlLedger(sql: Sql): Ledger {
  const deckKey = (deck: DeckId) => [deck.campaignId, deck.merchantCode, deck.businessDate]
  return {
    async commitDeck(deck, exposureFen, short) {
      const [result] = await commitDecks(sql, [{ ...deck, exposureFen, short }])
      return result!
    },
    openOrder: openingOrders(sql),
    endOrder: endingOrders(sql),
    claimDue: (channels, now, limit, claimMs = 0) => claimDue(sql, channels, now, limit, claimMs),
    noteReply: (orderNo, reply, conflict, at) => noteReply(sql, orderNo, reply, conflict, at),
    backlog: () => backlog(sql),
    claimReturns: (now, limit, claimMs) => claimReturns(sql, now, limit, claimMs),
    slotReturned: (orderNo, forGood) => slotReturned(sql, orderNo, forGood),
    merchantSettlements: (merchantCode, date, branchCode) => merchantSettlements(sql, merchantCode, date, branchCode),
    merchantDays: (merchantCode, from, to) => merchantDays(sql, merchantCode, from, to),
    merchantOrders: (merchantCode, date, cursor, limit) => merchantOrders(sql, merchantCode, date, cursor, limit),
    payerOrders: (payerId, which, cursor, limit) => payerOrders(sql, payerId, which, cursor, limit),
    spentOn: (payerId, date) => spentOn(sql, payerId, date),
    savings: (payerId) => savings(sql, payerId),

    async deck(deck) {
      const [row] = await sql.run<DeckRow>(DECK, deckKey(deck))
      return row && deckOf(row)
    },
    async usedSlots(deck) {
      return sql.run<UsedSlot>(USED_SLOTS, deckKey(deck))
    },
    async order(orderNo) {
      const [row] = await sql.run<OrderRow>(ORDER, [orderNo])
      return row && orderOf(row)
    },
    ordersOfQuotes: (nonces) => sql.run<{ nonce: string; state: OrderState }>(ORDERS_OF_QUOTES, [nonces]),
    async orderByKey(payerId, key) {
      const [row] = await sql.run<OrderRow & { input_hash: string }>(ORDER_BY_KEY, [payerId, key])
      return row && { order: orderOf(row), inputHash: row.input_hash }
    },
    ping: () => beat(sql),
  }
}
