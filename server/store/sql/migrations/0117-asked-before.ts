import { type Kysely, sql } from 'kysely'
import type { Step } from '../step'

/**
 * Whether a payment was asked for before, by its key or its quote, looked up by their keys whatever is known of the tables: the statement that opens
 * orders keeps its plan, and one that was made while both were empty would read all of them for each order.
 */
export const askedBefore: Step = {
  async up(db: Kysely<unknown>) {
    const { rows } = await sql<{ schema: string }>`select current_schema() as schema`.execute(db)
    await sql`
      create or replace function asked_before(payer text, asked_key text, nonce text) returns boolean language plpgsql stable
        set search_path = ${sql.id(rows[0]!.schema)}, pg_temp set enable_seqscan = off as $$
      begin
        return exists (select from idempotency_keys k where k.payer_id = payer and k.key = asked_key)
          or exists (select from paid_quotes q where q.quote_nonce = nonce);
      end $$`.execute(db)
  },
}
