import { type Kysely, sql } from 'kysely'
import type { Step, Turn } from '../step'

/** Orders of a turn, whose rows are locked for it: some hundredths of a second. */
const TURN = 2_000
/** Cards and quotes of orders from before the step before, but of those whose decks are closed and whose quotes are over. An order that is closing just now is waited for, or waits. */
export const guardsFilled: Step = {
  async beside(turn) {
    for (let after: string | undefined = await firstOf(turn); after !== undefined; ) {
      const from: string = after
      after = await turn((tx) => fill(tx, from))
    }
  },
  async up() {},
}

const firstOf = (turn: Turn) =>
  turn(async (tx) => {
    const { rows } = await sql<{ after: string }>`select after_no as after from order_guards_forgotten`.execute(tx)
    return rows[0]!.after
  })

/** Resolves with after which number to go on. */
async function fill(tx: Kysely<unknown>, after: string): Promise<string | undefined> {
  const { rows } = await sql<{ last: string | null }>`
    with stretch as materialized (
      select order_no, quote_nonce, campaign_id, merchant_code, deck_date, slot, state from orders
      where order_no > ${after} order by order_no limit ${TURN} for no key update
    ), quotes as (
      insert into paid_quotes (quote_nonce, order_no) select quote_nonce, order_no from stretch on conflict do nothing
    ), cards as (
      insert into taken_cards (campaign_id, merchant_code, deck_date, slot, order_no)
      select campaign_id, merchant_code, deck_date, slot, order_no from stretch where slot is not null and state <> 'closed'
      on conflict do nothing
    )
    select max(order_no) as last from stretch`.execute(tx)
  return rows[0]!.last ?? undefined
}
