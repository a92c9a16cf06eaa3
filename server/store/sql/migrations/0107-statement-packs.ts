import { type Kysely, type Migration, type RawBuilder, sql } from 'kysely'

/**
 * Fewer bytes an order. Lines of a channel's statement go into packs once it is reconciled and so is the next (reconcile/pack-lines.ts): each as
 * the channel said it, to the letter, many in one row of arrays, which PostgreSQL compresses. Readers see both.
 */
export const statementPacks: Migration = {
  async up(db: Kysely<unknown>) {
    const { rows } = await sql<{ name: string }>`select current_schema() as name`.execute(db)
    await createPacks(db)
    await createView(db)
    await letPacksGo(db, sql.id(rows[0]!.name))
    await createUnpacking(db)
  },
}

async function createPacks(db: Kysely<unknown>) {
  await sql`
    create table statement_packs (
      -- with what its orders' numbers begin, which is the letter and the date before all else
      numbered text not null,
      channel text not null,
      statement_date date not null,
      -- between which two numbers they are
      first_no text not null,
      last_no text not null,
      order_nos text[] not null,
      line_nos integer[] not null,
      -- null: a clearing, not a refund
      refund_nos text[] not null,
      trade_nos text[] not null,
      -- less the first of the pack
      booked_from bigint not null,
      booked_at bigint[] not null,
      -- what the merchant has is the rest: a line comes to nothing
      payer_fen bigint[] not null,
      gl_fen bigint[] not null,
      gl_accounts text[] not null,
      merchant_accounts text[] not null,
      payer_tails text[] not null,
      currencies text[] not null,
      -- of a number a statement may have any number of lines
      pack_no bigint generated always as identity,
      primary key (numbered, channel, first_no, last_no, pack_no),
      constraint statement_packs_lines check (cardinality(line_nos) = cardinality(order_nos)
        and cardinality(refund_nos) = cardinality(order_nos) and cardinality(trade_nos) = cardinality(order_nos)
        and cardinality(booked_at) = cardinality(order_nos) and cardinality(payer_fen) = cardinality(order_nos)
        and cardinality(gl_fen) = cardinality(order_nos) and cardinality(gl_accounts) = cardinality(order_nos)
        and cardinality(merchant_accounts) = cardinality(order_nos) and cardinality(payer_tails) = cardinality(order_nos)
        and cardinality(currencies) = cardinality(order_nos))
    );
    create index statement_packs_of_day on statement_packs (channel, statement_date);
    create trigger statement_packs_append_only before update or delete or truncate on statement_packs
      execute function refuse_change();
  `.execute(db)
}

/** Rows of packs `b`. */
const PACKED_LINES = sql`
  cross join lateral unnest(b.order_nos, b.line_nos, b.refund_nos, b.trade_nos, b.booked_at, b.payer_fen, b.gl_fen, b.gl_accounts,
    b.merchant_accounts, b.payer_tails, b.currencies)
    x(order_no, line_no, refund_no, trade_no, booked_at, payer_fen, gl_fen, gl_account, merchant_account, payer_tail, currency)`

async function createView(db: Kysely<unknown>) {
  await sql`
    create view packed_lines as
    select b.numbered, b.first_no, b.last_no, b.pack_no, b.channel, b.statement_date, x.line_no,
      case when x.refund_no is null then 'clearing' else 'refund' end as kind, x.order_no, x.refund_no, x.trade_no as channel_trade_no,
      b.booked_from + x.booked_at as booked_at, x.payer_fen, x.gl_fen, -x.payer_fen - x.gl_fen as merchant_fen, x.gl_account,
      x.merchant_account, x.payer_tail, x.currency
    from statement_packs b ${PACKED_LINES}
  `.execute(db)
}

/** A pack goes as one of events does (0102): where a day is archived, by whoever owns the tables. */
async function letPacksGo(db: Kysely<unknown>, schema: RawBuilder<unknown>) {
  await sql`
    create or replace function refuse_change() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' and tg_table_name in ('order_events', 'postings') then
        if ${schema}.packing() then return null; end if;
        if ${schema}.archiving() then return null; end if;
      end if;
      if tg_op = 'DELETE' and tg_table_name in ('order_books', 'statement_packs') and ${schema}.archiving() then return null; end if;
      raise exception '% is append-only: a correction is a new reversing entry', tg_table_name
        using errcode = 'restrict_violation';
    end $$;
  `.execute(db)
}

/**
 * unpack_lines(numbers, most): so many packs of orders whose numbers begin so are rows again, as archiving wants them; whoever owns the tables may.
 */
async function createUnpacking(db: Kysely<unknown>) {
  await sql`
    create function unpack_lines(numbers text, most integer) returns integer language plpgsql as $$
    declare
      unpacked integer;
      before text := coalesce(current_setting('fapai.archiving', true), '');
    begin
      lock table statement_packs in share row exclusive mode;
      perform set_config('fapai.archiving', 'on', true);
      with packs as materialized (
        select * from statement_packs where numbered = numbers order by channel, first_no, last_no, pack_no limit most
      ), laid as (
        insert into statement_lines (channel, statement_date, line_no, kind, order_no, refund_no, channel_trade_no, booked_at, payer_fen, gl_fen,
          merchant_fen, gl_account, merchant_account, payer_tail, currency)
        select b.channel, b.statement_date, x.line_no, case when x.refund_no is null then 'clearing' else 'refund' end, x.order_no, x.refund_no,
          x.trade_no, b.booked_from + x.booked_at, x.payer_fen, x.gl_fen, -x.payer_fen - x.gl_fen, x.gl_account, x.merchant_account,
          x.payer_tail, x.currency
        from packs b ${PACKED_LINES}
      ), gone as (
        delete from statement_packs b using packs p
        where b.numbered = p.numbered and b.channel = p.channel and b.first_no = p.first_no and b.last_no = p.last_no and b.pack_no = p.pack_no
        returning true
      )
      select count(*) from gone into unpacked;
      perform set_config('fapai.archiving', before, true);
      return unpacked;
    end $$;
    revoke all on function unpack_lines(text, integer) from public;
  `.execute(db)
}
