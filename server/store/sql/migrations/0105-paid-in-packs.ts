import { type Kysely, type Migration, type RawBuilder, sql } from 'kysely'
import { createPacking } from './0103-pack-books'

/**
 * How an order is found whose event `paid` is no row any more: by its channel's number, of which a pack has 32 bits of each order, and by the
 * time of its opening, within ten minutes of which it was paid, and on whose date it is (payment/paid.ts); what was paid otherwise isn't
 * packed. Packs of before don't have that: they are rows again, and packed the next night.
 */
export const paidInPacks: Migration = {
  async up(db: Kysely<unknown>) {
    const { rows } = await sql<{ name: string }>`select current_schema() as name`.execute(db)
    const schema = sql.id(rows[0]!.name)
    await layOut(db)
    await createFinding(db)
    await createPacking(db, schema, {
      column: 'trade_hashes',
      value: sql`${schema}.trade_hash(o.channel_trade_no)`,
      staysOut: paidLater(schema),
    })
  },
}

async function layOut(db: Kysely<unknown>) {
  await sql`
    lock table order_books in share row exclusive mode;
    do $$
    declare day date;
    begin
      for day in select distinct business_date from order_books loop
        while unpack_books(day, 1000) > 0 loop end loop;
      end loop;
    end $$;
    alter table order_books
      -- of each order that was paid, of the channel's number
      add trade_hashes integer[] not null,
      add constraint order_books_trades check (cardinality(trade_hashes) = cardinality(order_nos))
  `.execute(db)
}

/** The index holds 16 of the bits: few enough that many packs share each, which is a few bytes an order, where all 32 were 70. */
async function createFinding(db: Kysely<unknown>) {
  await sql`
    create function trade_hash(trade_no text) returns integer language sql immutable as $$
      select ('x' || substr(md5(trade_no), 1, 8))::bit(32)::integer
    $$;
    create function trade_keys(hashes integer[]) returns integer[] language sql immutable as $$
      select coalesce(array_agg(distinct hash & 65535), '{}') from unnest(hashes) hash where hash is not null
    $$;
    create index order_books_of_trade on order_books using gin (trade_keys(trade_hashes));

    create function paid_soon(business_date date, created_at bigint, ended_at bigint) returns boolean language sql immutable as $$
      select ended_at >= created_at and ended_at - created_at <= 600000
        and created_at >= extract(epoch from business_date::timestamp at time zone 'Asia/Shanghai') * 1000
        and created_at < extract(epoch from (business_date + 1)::timestamp at time zone 'Asia/Shanghai') * 1000
    $$
  `.execute(db)
}

const paidLater = (schema: RawBuilder<unknown>) => sql`exists (
        select from ${schema}.order_events e where e.order_no = o.order_no and e.kind = 'paid'
          and (o.state = 'paid' and e.at = o.ended_at and ${schema}.paid_soon(o.business_date, o.created_at, o.ended_at)) is not true)`
