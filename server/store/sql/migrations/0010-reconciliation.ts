import { type Kysely, type Migration, sql } from 'kysely'

/** The bank's statements beside our books, the differences between them, and corrections, which are postings like any other. */
export const reconciliation: Migration = {
  async up(db: Kysely<unknown>) {
    await createStatements(db)
    await createDifferences(db)
    await postCorrections(db)
  },
}

async function createStatements(db: Kysely<unknown>) {
  await sql`
    create table reconciliations (
      statement_date date primary key,
      sha256 text not null,
      bytes bigint not null,
      lines integer not null,
      totals jsonb not null,
      started_at bigint not null,
      -- the process at it has the day until then
      held_until bigint not null,
      matched_at bigint,
      result jsonb,
      constraint reconciliations_done check ((matched_at is null) = (result is null))
    );

    -- no foreign keys: a statement may hold what we have never heard of, and a check a line costs as much as the line
    create table statement_lines (
      statement_date date not null,
      line_no integer not null check (line_no >= 1),
      kind text not null check (kind in ('clearing', 'refund')),
      order_no text not null,
      refund_no text,
      channel_trade_no text not null,
      booked_at bigint not null,
      payer_fen bigint not null,
      gl_fen bigint not null,
      merchant_fen bigint not null,
      gl_account text,
      merchant_account text not null,
      primary key (statement_date, line_no),
      constraint statement_lines_balance check (payer_fen + gl_fen + merchant_fen = 0),
      constraint statement_lines_kind check ((refund_no is null) = (kind = 'clearing'))
    );
    create index statement_lines_of_order on statement_lines (order_no);

    -- our bookings of a day, in the order of their endings
    create index orders_booked on orders (ended_at, order_no) where state = 'paid';
    create index refunds_booked on refunds (ended_at, refund_no) where state = 'refunded';
  `.execute(db)
}

async function createDifferences(db: Kysely<unknown>) {
  await sql`
    create table differences (
      seq bigint generated always as identity,
      difference_id text primary key,
      statement_date date not null references reconciliations,
      class text not null
        check (class in ('long', 'short', 'amountMismatch', 'stateMismatch', 'glMismatch', 'duplicate')),
      detail text not null,
      kind text not null check (kind in ('clearing', 'refund')),
      order_no text not null,
      refund_no text,
      own jsonb,
      line jsonb,
      proposal jsonb not null,
      state text not null check (state in ('open', 'accepted', 'rejected', 'cleared')),
      found_at bigint not null,
      resolved_at bigint,
      resolved_by text,
      note text,
      constraint differences_sides check (own is not null or line is not null),
      constraint differences_resolved check (
        (state = 'open') = (resolved_at is null) and (state = 'open') = (resolved_by is null)
      )
    );
    create index differences_of_date on differences (statement_date, seq);
    create index differences_short on differences (order_no) where class = 'short';
    create index differences_open on differences (statement_date) where state = 'open';
  `.execute(db)
}

/**
 * An entry of an accepted correction balances by itself (I4). It names its order where there is one: a booking of the bank's
 * that we never ordered has none.
 */
async function postCorrections(db: Kysely<unknown>) {
  await sql`
    alter table postings add column correction_id text;
    alter table postings alter column order_no drop not null;
    alter table postings add constraint postings_of check (order_no is not null or correction_id is not null);
    create index postings_of_correction on postings (correction_id) where correction_id is not null;

    create function check_correction() returns trigger language plpgsql as $$
    declare
      total numeric;
    begin
      select sum(amount_fen) into total from postings where correction_id = new.correction_id;
      if total <> 0 then
        raise exception 'the postings of correction % sum to % fen, not zero', new.correction_id, total
          using errcode = 'check_violation', constraint = 'corrections_balance';
      end if;
      return null;
    end $$;
    create constraint trigger corrections_balance after insert on postings
      deferrable initially deferred for each row when (new.correction_id is not null)
      execute function check_correction();
  `.execute(db)
}
