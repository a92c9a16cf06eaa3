import type { Sql } from '../server/store/sql/open-sql'
import type { Outages } from './outages'
import type { PartName } from './schedule'
import type { ShownCard } from './told'
import type { Verdict } from './verdict'

interface Holding {
  orderNo: string
  from: number
  until: number
}

interface Row {
  order_no: string
  merchant_code: string
  slot: number
  state: 'paying' | 'paid' | 'closed'
  created_at: number
  ended_at: number | null
}

/** A confirm that a crash prevented is made by the sweeper's first question, a few seconds later. */
const CONFIRMED_BY_MS = 10_000

/**
 * No quote shows a card that an order held at that time, whatever is known of the order (I1, I5). But for a Redis that was away
 * since the order was opened and may have forgotten, and for a confirm that was prevented a moment ago.
 */
export async function checkHeld(
  sql: Sql,
  shown: readonly ShownCard[],
  outages: Outages,
  parts: readonly PartName[],
  verdict: Verdict,
) {
  const { rows } = await sql.pool.query<Row>(
    'select order_no, merchant_code, slot, state, created_at, ended_at from orders where slot is not null',
  )
  const holdings = new Map<string, Holding[]>()
  for (const row of rows) {
    const name = `${row.merchant_code}|${row.slot}`
    const until = row.state === 'closed' ? row.ended_at! : Number.POSITIVE_INFINITY
    holdings.set(name, [...(holdings.get(name) ?? []), { orderNo: row.order_no, from: row.created_at, until }])
  }
  const others = parts.filter((part) => part === 'postgres' || part.startsWith('bff'))
  for (const card of shown) {
    const holder = holdings
      .get(`${card.merchantCode}|${card.slot}`)
      ?.find(({ from, until }) => from < card.sentAt && until > card.at)
    const forgotten = holder && outages.met(['redis'], holder.from, card.at)
    const prevented =
      holder &&
      card.sentAt < holder.from + CONFIRMED_BY_MS &&
      outages.met(others, holder.from, holder.from + CONFIRMED_BY_MS)
    const sample =
      holder && !forgotten && !prevented ? `${JSON.stringify(card)} held by ${JSON.stringify(holder)}` : undefined
    verdict.look('I1', 'no quote shows a card that an order holds', sample)
  }
}
