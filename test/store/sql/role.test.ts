import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { postgresMissing, startOwnPostgres, type TestSql } from '../../../harness/sql'
import { audit } from '../../../server/flow/audit/audit'
import { sqlAgreements } from '../../../server/store/sql/agreement/agreements'
import { archiveOwner } from '../../../server/store/sql/archive/archive'
import { takeOutRows } from '../../../server/store/sql/archive/take-out'
import { sqlAudit } from '../../../server/store/sql/audit/audit'
import { DELETED_FROM, grantTo, RoleFault } from '../../../server/store/sql/grants'
import { sqlCatalog } from '../../../server/store/sql/merchant/catalog'
import { SchemaBehind } from '../../../server/store/sql/migrate'
import { migrations } from '../../../server/store/sql/migrations'
import { openSql, type Sql } from '../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../server/store/sql/payment/ledger'
import { packBooks } from '../../../server/store/sql/payment/pack-books'
import { packPapers } from '../../../server/store/sql/payment/pack-papers'
import { sqlPayerDays } from '../../../server/store/sql/payment/payer-days'
import { pruneKeys } from '../../../server/store/sql/payment/prune-keys'
import { LINES, packLines } from '../../../server/store/sql/reconcile/pack-lines'
import { sqlRefunds } from '../../../server/store/sql/refund/refund-ledger'
import { seedFoodStreet } from '../../../server/store/sql/seed'
import { chained, KEYS } from './audit/books'
import { ledgerContract } from './payment/ledger-contract'
import { DATE, opened, paid, SUCCEEDED } from './payment/ledger-orders'
import { ledgerSweepContract } from './payment/ledger-sweep-contract'
import { refundContract } from './refund/refund-contract'

/** The role by which BFFs go: it does all that a payment needs, and nothing to the schema or to what is append-only. */

const ROLE = 'fapai_app'
const missing = postgresMissing()
if (missing) console.warn(missing)
const described = missing ? describe.skip : describe

let engine: TestSql
let owner: Sql
if (!missing) {
  beforeAll(async () => {
    engine = await startOwnPostgres()
    owner = await engine.fresh()
    await owner.pool.query(`create role ${ROLE} login`)
  })
  afterAll(() => engine?.stop())
}

async function asRole(): Promise<Sql> {
  owner = await engine.fresh()
  await grantTo(owner.db, ROLE)
  return openSql({ ...engine.connection(), user: ROLE })
}

described('by the role of BFFs', () => {
  const open = async () => {
    const sql = await asRole()
    return {
      ledger: sqlLedger(sql),
      refunds: sqlRefunds(sql),
      agreements: sqlAgreements(sql),
      catalog: sqlCatalog(sql),
      seed: (street: Parameters<typeof seedFoodStreet>[1]) => seedFoodStreet(sql, street),
      close: sql.close,
    }
  }
  ledgerContract('a role of BFFs', open)
  ledgerSweepContract('a role of BFFs', open)
  refundContract('a role of BFFs', open)
})

described('what the role of BFFs may not do, an intruder in a BFF may not either', () => {
  let sql: Sql
  beforeAll(async () => {
    sql = await asRole()
    await opened(sqlLedger(sql))
  })
  afterAll(() => sql?.close())

  it.each([
    'drop trigger order_events_append_only on order_events',
    'alter table order_events disable trigger all',
    'alter table orders drop constraint orders_pkey',
    'set session_replication_role = replica',
    'create table own (n integer)',
    'create function own() returns trigger language plpgsql as $$ begin return null; end $$',
    'create or replace function refuse_change() returns trigger language plpgsql as $$ begin return new; end $$',
    'truncate outbox',
    'truncate order_events',
    'update order_events set at = 0',
    'delete from order_events',
    'update postings set amount_fen = 0',
    'delete from orders',
    'delete from merchants',
    'delete from operator_actions',
    'delete from ledger_links',
    'update order_papers set sent_at = sent_at',
    'delete from order_papers',
    'update order_books set kinds = kinds',
    'delete from order_books',
    'update statement_packs set currencies = currencies',
    'delete from statement_packs',
    `insert into statement_packs default values`,
    `select unpack_lines('F20261121', 9)`,
    `select set_config('fapai.archiving', 'on', false); delete from statement_packs`,
    'alter function pack_lines(text, integer) security invoker',
    `insert into order_books select * from order_books`,
    `select unpack_books('2026-11-21', 9)`,
    `select set_config('fapai.packing', 'on', false); delete from order_events`,
    'alter function pack_books(text, integer) security invoker',
    'update ledger_links set link_no = link_no',
    `insert into archived_days values ('2026-01-01', 'f', repeat('a', 64), 1, 0, 0)`,
    `insert into archived_savings values ('payer', 1, 1)`,
    'update archived_merchant_days set orders = 1',
    `select set_config('fapai.archiving', 'on', false); delete from orders`,
    `select set_config('fapai.archiving', 'on', false); delete from order_events`,
    `insert into kysely_migration values ('9999', '')`,
    'alter role fapai_app superuser',
  ])('%s', async (statement) => {
    await expect(sql.pool.query(statement)).rejects.toMatchObject({
      code: expect.stringMatching(/^(42501|P0001|23...)$/),
    })
    expect((await owner.pool.query('select count(*)::int as n from orders')).rows).toEqual([{ n: 1 }])
  })

  it('reads what is counted and packed, packs, prunes and forgets', async () => {
    const { rows } = await sql.pool.query<{ name: string }>(
      `select viewname as name from pg_views where schemaname = 'public'`,
    )
    expect(rows.length).toBeGreaterThan(3)
    for (const { name } of rows) await sql.pool.query(`select from ${name} limit 1`)
    expect(await packPapers(sql, '2100-01-01')).toEqual({ orders: 0 })
    expect(await pruneKeys(sql, 1)).toEqual({ keys: 0 })
    expect(await sqlPayerDays(sql).forget('2026-01-01', 1)).toBe(0)
  })

  it('starts where nothing is to be changed, and says what to do where something is', async () => {
    await sql.migrate()
    const later = { ...migrations, '9999-later': { up: (db: Sql['db']) => db.schema.createTable('later').execute() } }
    const refused = await sql.migrate({ steps: later }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(SchemaBehind)
    expect((refused as Error).message).toMatch(/lacks 9999-later, .*“fapai migrate”/)
  })

  it('is given to no owner, and to nobody who isn’t there', async () => {
    await expect(grantTo(owner.db, 'postgres')).rejects.toThrow(/owns the ledger’s tables/)
    await expect(grantTo(owner.db, 'nobody"; drop table orders; --')).rejects.toThrow(RoleFault)
  })

  it('archives nothing: neither as the command does it, nor where somebody let it delete by mistake', async () => {
    expect(await archiveOwner(sql)).toEqual({ owner: 'postgres', ours: ROLE, owns: false })
    const line = '{"kind":"order","order":{"order_no":"F1"'
    await expect(takeOutRows(sql, '2026-11-21', [line])).rejects.toMatchObject({ code: '42501' })
    await owner.pool.query(`grant delete on orders, order_events, postings to ${ROLE}`)
    for (const setting of ['archiving', 'packing'])
      for (const table of ['order_events', 'postings'])
        await expect(
          sql.pool.query(`select set_config('fapai.${setting}', 'on', false); delete from ${table}`),
        ).rejects.toThrow(/append-only/)
    await grantTo(owner.db, ROLE)
  })

  it('takes away what it once had', async () => {
    await owner.pool.query(`grant all on orders, order_events to ${ROLE}`)
    await grantTo(owner.db, ROLE)
    const { rows } = await owner.pool.query(
      `select has_table_privilege($1, 'orders', 'delete') as deletes, has_table_privilege($1, 'order_events', 'update') as updates`,
      [ROLE],
    )
    expect(rows).toEqual([{ deletes: false, updates: false }])
  })
})

described('packing books, which the role of BFFs may ask for', () => {
  let sql: Sql
  beforeEach(async () => {
    sql = await asRole()
  })
  afterEach(() => sql?.close())
  const rows = async (text: string, values: unknown[] = []) => (await owner.pool.query(text, values)).rows
  const books = async () => [
    await rows('select event_id, order_no, kind, verb, outcome, raw::text, conflict, at from order_events order by 1'),
    await rows('select * from postings order by 1'),
    await rows('select event_id, order_no, kind, verb, outcome, raw::text, conflict, at from packed_events order by 1'),
    await rows('select posting_id, order_no, account, role, amount_fen, posted_at from packed_postings order by 1'),
  ]
  const paidOne = async () => {
    const order = await opened(sqlLedger(sql))
    await sqlLedger(sql).endOrder(order, paid(order), SUCCEEDED)
    return order
  }

  it('is told to whom it wasn’t given', async () => {
    await rows(`revoke execute on function pack_books(text, integer) from ${ROLE}`)
    await expect(packBooks(sql)).rejects.toThrow(/^the role of our DATABASE_URL may not pack .*“fapai migrate --grant”/)
  })

  it('packs by it', async () => {
    await paidOne()
    await chained(owner, DATE)
    await packPapers(sql, '2100-01-01')
    expect(await packBooks(sql)).toEqual({ orders: 1 })
    expect(await rows('select from order_events')).toEqual([])
  })

  it('packs nothing that is open, and loses no letter of what has ended, whatever links somebody forges', async () => {
    const [open, ended] = [await opened(sqlLedger(sql)), await paidOne()]
    await rows('delete from channel_requests')
    const before = await books()
    expect(await packBooks(sql)).toEqual({ orders: 0 })
    expect(await books()).toEqual(before)
    await sql.pool.query(`insert into ledger_links values (9, 0, '2100-01-01', 999, 999, 999, 0, '', '', '', '')`)
    // The link is a forger's, which the audit says; what it let be packed says all that it said.
    expect(await packBooks(sql)).toEqual({ orders: 1 })
    expect((await rows('select distinct order_no from order_events')).map((one) => one.order_no)).toEqual([
      open.orderNo,
    ])
    const [events, postings, packedEvents, packedPostings] = (await books()) as [object[], object[], object[], object[]]
    expect([...events, ...packedEvents]).toHaveLength(before[0]!.length)
    expect(before[0]).toEqual(expect.arrayContaining(packedEvents))
    expect([postings, packedPostings.length]).toEqual([[], before[1]!.length])
    expect(packedPostings).toEqual(before[1]!.map(({ refund_no: _, correction_id: __, ...one }) => one))
    const codes = (await audit({ books: sqlAudit(owner, KEYS), campaignSecret: () => undefined })).violations
    expect(codes.map((one) => one.code)).toContain('chain-broken')
    expect(ended.orderNo).toBe((packedEvents[0] as { order_no: string }).order_no)
  })

  it.each([
    ['tables of a session under our names', ''],
    ['and a search path with nothing else in it', 'set search_path = pg_temp'],
    ['and one with ours behind them', 'set search_path = pg_temp, public, pg_catalog'],
  ])('takes for its own no %s', async (_, path) => {
    await paidOne()
    await chained(owner, DATE)
    await packPapers(sql, '2100-01-01')
    const before = await books()
    const client = await sql.pool.connect()
    try {
      const tables = [
        'orders',
        'order_events',
        'postings',
        'ledger_links',
        'archived_days',
        'channel_requests',
        'order_books',
      ]
      for (const table of tables) await client.query(`create temp table ${table} as select * from public.${table}`)
      // In which days are being archived, for whoever looks there.
      await client.query(`
        create temp table pg_locks as select 'advisory' as locktype, d.oid as database, (h >> 32 & 4294967295)::oid as classid,
          (h & 4294967295)::oid as objid, 1 as objsubid
        from pg_catalog.pg_database d, hashtextextended('archive', 0) h where d.datname = current_database()`)
      await client.query(`
        create function pg_temp.replace(text, text, text) returns text language sql as $$ select 'mine' $$;
        create function pg_temp.packing() returns boolean language sql as $$ select true $$;
        update pg_temp.postings set amount_fen = 1;
        ${path}`)
      expect((await client.query(`select packed from public.pack_books('', 9)`)).rows).toEqual([{ packed: 1 }])
      await expect(client.query('delete from public.order_events')).rejects.toMatchObject({ code: '42501' })
    } finally {
      client.release(true)
    }
    const [, , events, postings] = await books()
    expect(events).toEqual(before[0])
    expect(postings).toEqual(before[1]!.map(({ refund_no: _r, correction_id: _c, ...one }) => one))
  })

  it('is told nothing by what a caller says', async () => {
    await paidOne()
    const before = await books()
    for (const [after, most] of [
      ['', -1],
      ["'; drop table orders; --", 9],
      [null, null],
      ['', 2_000_000_000],
    ])
      await sql.pool.query('select * from pack_books($1, $2)', [after, most]).catch((error) => {
        expect(error.code).toMatch(/^22/)
      })
    expect(await books()).toEqual(before)
  })
})

described('packing lines, which the role of BFFs may ask for', () => {
  let sql: Sql
  beforeEach(async () => {
    sql = await asRole()
    await owner.pool.query(`
      insert into reconciliations (channel, statement_date, sha256, bytes, lines, totals, started_at, held_until, matched_at, result)
      select 'bank', d, 'x', 1, 1, '{}', 0, 0, 1, '{}' from unnest('{2026-11-21,2026-11-22}'::date[]) d;
      insert into statement_lines (channel, statement_date, line_no, kind, order_no, channel_trade_no, booked_at, payer_fen, gl_fen, merchant_fen,
        merchant_account)
      select 'bank', '2026-11-21', n, 'clearing', 'F' || n, 'B' || n, n, -n, 0, n, 'acct' from generate_series(1, 3) n`)
  })
  afterEach(() => sql?.close())
  const lines = async () => (await owner.pool.query(`select * from ${LINES} l order by line_no`)).rows

  it('is told to whom it wasn’t given', async () => {
    await owner.pool.query(`revoke execute on function pack_lines(text, integer) from ${ROLE}`)
    await expect(packLines(sql)).rejects.toThrow(/^the role of our DATABASE_URL may not pack .*“fapai migrate --grant”/)
  })

  it.each([
    ['tables of a session under our names', ''],
    ['and a search path with nothing else in it', 'set search_path = pg_temp'],
  ])('packs what there is, to the letter, and takes for its own no %s', async (_, path) => {
    const before = await lines()
    const client = await sql.pool.connect()
    try {
      for (const table of ['statement_lines', 'reconciliations', 'statement_packs'])
        await client.query(`create temp table ${table} as select * from public.${table}`)
      await client.query(`
        create function pg_temp.left(text, integer) returns text language sql as $$ select 'mine' $$;
        update pg_temp.statement_lines set payer_fen = 1;
        ${path}`)
      expect((await client.query(`select packed from public.pack_lines('', 9)`)).rows).toEqual([{ packed: 3 }])
    } finally {
      client.release(true)
    }
    expect((await owner.pool.query('select numbered from statement_packs order by 1')).rows).toHaveLength(3)
    expect((await owner.pool.query('select from statement_lines')).rows).toEqual([])
    expect(await lines()).toEqual(before)
  })

  it('is told nothing by what a caller says', async () => {
    const before = await lines()
    for (const [after, most] of [
      ['', -1],
      ["'; drop table orders; --", 9],
      [null, null],
      ['', 2_000_000_000],
    ])
      await sql.pool.query('select * from pack_lines($1, $2)', [after, most]).catch((error) => {
        expect(error.code).toMatch(/^22/)
      })
    expect(await lines()).toEqual(before)
  })
})

it('rows go from those tables alone that the role may delete from', () => {
  const folder = join(__dirname, '../../../server')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  const found = new Set<string>()
  for (const file of files) {
    // Orders are taken out by who owns the tables.
    if (file.includes('migrations') || file.includes(join('sql', 'archive'))) continue
    const text = readFileSync(join(folder, file), 'utf8')
    for (const [, one] of text.matchAll(/\bdelete\s+from\s+([a-z_]+)|deleteFrom\('([a-z_]+)/g)) if (one) found.add(one)
    for (const [, one] of text.matchAll(/deleteFrom\('([a-z_]+)/g)) found.add(one!)
  }
  expect(found.size).toBeGreaterThan(10)
  expect([...found].filter((table) => !DELETED_FROM.includes(table))).toEqual([])
})
