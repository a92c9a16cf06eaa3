import { CompiledQuery } from 'kysely'
import { postgresMissing, sqlEngines, startTestPostgres, type TestSql } from '../../../../harness/sql'
import { type AuditReport, audit, OLDER_RULE } from '../../../../server/flow/audit/audit'
import { AUDIT_CODES } from '../../../../server/flow/audit/fault'
import type { StatementSource } from '../../../../server/flow/ports'
import { sqlAudit } from '../../../../server/store/sql/audit/audit'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { DATE, newOrder, opening } from '../payment/ledger-orders'
import { type AuditedBooks, DEEDS, healthyBooks, SECRET, statementsOf } from './books'
import { TAMPERINGS } from './tamperings'

describe.each(sqlEngines())('the audit, $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  let books: AuditedBooks

  const run = async (text: string) => (await sql.db.executeQuery(CompiledQuery.raw(text))).rows
  /** As its superuser: no trigger and no foreign key is asked. */
  const behind = (text: string) =>
    sql.db.transaction().execute(async (tx) => {
      await tx.executeQuery(CompiledQuery.raw('set local session_replication_role = replica'))
      for (const one of text.split(';')) await tx.executeQuery(CompiledQuery.raw(one))
    })
  const look = (statements?: StatementSource, secret: Uint8Array = SECRET) =>
    audit({
      books: sqlAudit(sql, DEEDS),
      campaignSecret: (_, keyId = null) => (keyId === null ? secret : undefined),
      sources: statements && { statements: new Map([['bank', statements]]) },
    })
  const codesOf = ({ violations }: AuditReport) => violations.map((one) => one.code)

  beforeAll(async () => {
    engine = await start()
    sql = await engine.fresh()
    books = await healthyBooks(sql)
    await keepCopy()
    await liftConstraints()
  }, 300_000)
  afterAll(() => engine?.stop())

  let tables: string[] = []
  async function keepCopy() {
    tables = (
      await run(`select tablename from pg_tables where schemaname = 'public' and tablename not like 'kysely%'`)
    ).map((row) => String((row as { tablename: string }).tablename))
    await run('create schema kept')
    for (const table of tables) await run(`create table kept.${table} as table public.${table}`)
  }
  async function putBack() {
    const each = tables.map((t) => `delete from ${t}; insert into ${t} overriding system value select * from kept.${t}`)
    await behind(each.join(';'))
  }
  /** What keeps honest code from it must not be what keeps the audit from seeing it. */
  async function liftConstraints() {
    for (const [list, drop] of [
      [
        `select conrelid::regclass || ' drop constraint ' || conname as what from pg_constraint where contype in ('c', 'u')
        and connamespace = 'public'::regnamespace and conrelid <> 0`,
        'alter table',
      ],
      [
        `select indexrelid::regclass || '' as what from pg_index i join pg_class c on c.oid = i.indrelid
        where i.indisunique and not i.indisprimary and c.relnamespace = 'public'::regnamespace`,
        'drop index',
      ],
    ] as const)
      for (const row of await run(list)) await run(`${drop} ${(row as { what: string }).what}`)
  }

  it('finds nothing in a ledger where all has gone its way, and says what it looked at', async () => {
    const report = await look(books.statements)
    expect(report.violations).toEqual([])
    expect(report.unfetched).toEqual([])
    const [counts] = (await run(
      `select (select count(*) from orders) as orders, (select count(*) from refunds) as refunds`,
    )) as [{ orders: number; refunds: number }]
    expect(report.looked).toMatchObject({ ...counts, campaigns: 2, decks: 2, statements: 2 })
    expect(report.looked.corrections).toBeGreaterThanOrEqual(3)
    expect(report.skipped).toEqual([
      { what: 'amounts of a deck', count: 1, reason: OLDER_RULE },
      { what: 'split of a discount', count: 2, reason: OLDER_RULE },
    ])
  })

  it('names what is unfinished without calling it a violation', async () => {
    const { pending } = await look()
    const named = Object.fromEntries(pending.map((one) => [one.kind, one.named]))
    expect(named).toMatchObject({ 'unknown-orders': [books.unknown.orderNo], 'unknown-refunds': [books.refunding] })
    expect(named['slots-to-return']).toContain(books.cancelled.orderNo)
    expect(named['open-differences']).toEqual([])
  })

  describe('sees it when', () => {
    afterEach(putBack)

    it.each(TAMPERINGS)('$what: $codes', async ({ codes, how }) => {
      await behind(how(books))
      expect(codesOf(await look(books.statements)).sort()).toEqual([...codes].sort())
    })

    it('the rule of an older version was changed after decks were dealt by it', async () => {
      const keep = (rule: object) => `
        delete from campaign_versions where campaign_id = '${books.older.campaignId}' and version = 1;
        insert into campaign_versions (campaign_id, version, content, made_by, approved_by, approved_at)
        values ('${books.older.campaignId}', 1, '${JSON.stringify({ rule })}', 'maker', 'checker', 0)`
      const { rule } = books.older
      await behind(keep(rule))
      expect(await look()).toMatchObject({ violations: [], skipped: [] })
      await behind(keep({ ...rule, bandMinFen: rule.bandMinFen - 1 }))
      expect(codesOf(await look())).toEqual(['deck-not-from-seed'])
    })

    it('a deck does not follow from the key it should be dealt by', async () => {
      expect(codesOf(await look(undefined, Buffer.alloc(32, 8)))).toEqual(['deck-not-committed'])
    })
  })

  it('has a tampering for every code', () => {
    expect(new Set(TAMPERINGS.flatMap((one) => one.codes))).toEqual(new Set(Object.keys(AUDIT_CODES)))
  })

  it('sees that the bank’s statement is not the one that was reconciled, line by line', async () => {
    const [head, ...rest] = books.lines
    const changed = statementsOf({ [DATE]: [...rest.slice(0, -1), { ...rest.at(-1)!, channelTradeNo: 'x' }] })
    const report = await look(changed)
    expect(codesOf(report)).toEqual(['statement-changed'])
    expect(report.unfetched).toMatchObject([{ reason: expect.stringContaining('statement-not-ready') }])
    const other = statementsOf({ [DATE]: [head!, ...rest] }, 'b'.repeat(64))
    expect(codesOf(await look(other))).toEqual(['statement-changed'])
  })

  it('changes nothing, even when it is given up half-way', async () => {
    const fingerprint = () =>
      run(
        tables
          .map((t) => `select '${t}' as t, md5(string_agg(x::text, '' order by x::text)) from ${t} x`)
          .join(' union all '),
      )
    const before = await fingerprint()
    const abandoned = sqlAudit(sql, DEEDS).look(async (view) => {
      for await (const _ of view.orders()) break
      throw new Error('enough')
    })
    await expect(abandoned).rejects.toThrow('enough')
    expect(codesOf(await look())).toEqual([])
    expect(await fingerprint()).toEqual(before)
  })
})

const missing = postgresMissing()
if (missing) console.warn(`the audit beside payments: ${missing}`)
const describeOnPostgres = missing ? describe.skip : describe

describeOnPostgres('the audit beside payments, on PostgreSQL', () => {
  let engine: TestSql
  beforeAll(async () => {
    engine = await startTestPostgres()
  }, 300_000)
  afterAll(() => engine?.stop())

  it('sees one moment, whatever is written while it looks', async () => {
    const sql = await engine.fresh()
    const ledger = sqlLedger(sql)
    for (let nth = 0; nth < 3; nth++) await ledger.openOrder(opening(newOrder()))
    const counts = await sqlAudit(sql, DEEDS).look(async (view) => {
      const before = await view.size()
      await ledger.openOrder(opening(newOrder()))
      let orders = 0
      for await (const batch of view.orders()) orders += batch.length
      return [before.orders, orders]
    })
    expect(counts).toEqual([3, 3])
  })
})
