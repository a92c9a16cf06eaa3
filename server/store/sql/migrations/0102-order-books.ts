import { type Kysely, type Migration, type RawBuilder, sql } from 'kysely'

/**
 * Fewer bytes an order. Events of an order, and the postings of the order itself, go into packs once its day is sealed (payment/pack-books.ts):
 * as they were to the letter, many orders' in one row of arrays, which PostgreSQL compresses. Postings of refunds and of corrections stay
 * where they are, as does whatever is written of a packed order later: readers see both.
 */
export const orderBooks: Migration = {
  async up(db: Kysely<unknown>) {
    const { rows } = await sql<{ name: string }>`select current_schema() as name`.execute(db)
    const schema = sql.id(rows[0]!.name)
    await createBooks(db)
    await createViews(db)
    await letPackedGo(db, schema)
  },
}

async function createBooks(db: Kysely<unknown>) {
  await sql`
    create table order_books (
      business_date date not null,
      -- between which two of its numbers they are
      first_no text not null,
      last_no text not null,
      order_nos text[] not null,
      -- Of each event: whose it is, by the place of the order's number; its own number and time, less the first of the pack.
      first_event bigint not null,
      last_event bigint not null,
      events_from bigint not null,
      event_of smallint[] not null,
      event_ids bigint[] not null,
      kinds text[] not null,
      verbs text[] not null,
      -- JSON, with chr(1), which no JSON has, where the order's number stood
      outcomes text[] not null,
      raws text[] not null,
      event_at bigint[] not null,
      -- and of each posting the same
      first_posting bigint not null,
      postings_from bigint not null,
      posting_of smallint[] not null,
      posting_ids bigint[] not null,
      accounts text[] not null,
      roles text[] not null,
      amounts_fen bigint[] not null,
      posted_at bigint[] not null,
      primary key (business_date, first_no, last_no),
      constraint order_books_events check (cardinality(event_of) = cardinality(event_ids) and cardinality(kinds) = cardinality(event_ids)
        and cardinality(verbs) = cardinality(event_ids) and cardinality(outcomes) = cardinality(event_ids)
        and cardinality(raws) = cardinality(event_ids) and cardinality(event_at) = cardinality(event_ids)),
      constraint order_books_postings check (cardinality(posting_of) = cardinality(posting_ids)
        and cardinality(accounts) = cardinality(posting_ids) and cardinality(roles) = cardinality(posting_ids)
        and cardinality(amounts_fen) = cardinality(posting_ids) and cardinality(posted_at) = cardinality(posting_ids))
    );
    create trigger order_books_append_only before update or delete or truncate on order_books
      execute function refuse_change();
  `.execute(db)
}

/** Rows of packs `b`. */
export const PACKED_EVENTS = sql`
  cross join lateral unnest(b.order_nos) with ordinality n(order_no, nth)
  join lateral unnest(b.event_of, b.event_ids, b.kinds, b.verbs, b.outcomes, b.raws, b.event_at)
    x(event_of, event_id, kind, verb, outcome, raw, at) on x.event_of = n.nth`
export const PACKED_POSTINGS = sql`
  cross join lateral unnest(b.order_nos) with ordinality n(order_no, nth)
  join lateral unnest(b.posting_of, b.posting_ids, b.accounts, b.roles, b.amounts_fen, b.posted_at)
    x(posting_of, posting_id, account, role, amount_fen, posted_at) on x.posting_of = n.nth`

/** `first_event` and `last_event` are their pack's, by which few are unpacked for a number. What can't be read is null, and stops no audit. */
async function createViews(db: Kysely<unknown>) {
  await sql`
    create view packed_events as
    select b.business_date, b.first_no, b.last_no, b.first_event, b.last_event,
      b.first_event + x.event_id as event_id, n.order_no, x.kind, x.verb,
      case when x.outcome is not null then jsonb_or_null(replace(x.outcome, chr(1), n.order_no)) end as outcome,
      case when x.raw is not null then json_or_null(replace(x.raw, chr(1), n.order_no)) end as raw,
      null::text as conflict, b.events_from + x.at as at
    from order_books b ${PACKED_EVENTS};

    create view packed_postings as
    select b.business_date, b.first_no, b.last_no,
      b.first_posting + x.posting_id as posting_id, n.order_no, x.account, x.role, x.amount_fen, b.postings_from + x.posted_at as posted_at
    from order_books b ${PACKED_POSTINGS};
  `.execute(db)
}

/**
 * Rows leave an append-only table for packs by the packing below alone, which runs as whoever owns the tables: to whoever else says so in
 * the setting nothing is let go. A pack goes as an order that is archived does (0091).
 */
async function letPackedGo(db: Kysely<unknown>, schema: RawBuilder<unknown>) {
  await sql`
    create function packing() returns boolean language sql stable as $$
      select coalesce(current_setting('fapai.packing', true), '') = 'on'
        and pg_has_role(current_user, (select relowner from pg_class where oid = '${schema}.orders'::regclass), 'member')
    $$;

    create or replace function refuse_change() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' and tg_table_name in ('order_events', 'postings') then
        if ${schema}.packing() then return null; end if;
        if ${schema}.archiving() then return null; end if;
      end if;
      if tg_op = 'DELETE' and tg_table_name = 'order_books' and ${schema}.archiving() then return null; end if;
      raise exception '% is append-only: a correction is a new reversing entry', tg_table_name
        using errcode = 'restrict_violation';
    end $$;
  `.execute(db)
}
