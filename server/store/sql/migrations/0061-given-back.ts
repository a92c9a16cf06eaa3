import { type Kysely, type Migration, sql } from 'kysely'

/** A difference is settled only when the money is: what a payer is owed by it, and how that was given back. */
export const givenBack: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      -- what a payer is short of until it is given back, fen
      alter table differences add column owed_fen bigint not null default 0 check (owed_fen >= 0);
      update differences set owed_fen = coalesce(
        (proposal #>> '{refund,payerFen}')::bigint,
        case when own is null and kind = 'clearing' and line ->> 'currency' = 'CNY'
          then greatest(0, -(line ->> 'payerFen')::bigint) end,
        0);
      -- paid from a GL account, as two people decided: by a voucher of the bank's own books
      alter table differences add column payment jsonb;

      -- one that failed makes room for another, under another number
      drop index refunds_of_difference;
      create unique index refunds_of_difference on refunds (difference_id) where difference_id is not null and state <> 'failed';
      create index refunds_for_difference on refunds (difference_id, created_at) where difference_id is not null;

      drop index differences_unsettled;
      create index differences_left on differences (channel, statement_date, seq)
        where state in ('open', 'rejected') or (state = 'accepted' and owed_fen > 0 and payment is null);

      -- the last four digits of the payer's account, where the channel says them
      alter table statement_lines add column payer_tail text;
    `.execute(db)
  },
}
