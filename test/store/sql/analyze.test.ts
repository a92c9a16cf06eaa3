import { CompiledQuery } from 'kysely'
import { sqlEngines, type TestSql } from '../../../harness/sql'
import { keysFor, masterKeys } from '../../../server/domain/key-ring'
import { analyze } from '../../../server/store/sql/analyze'
import { sqlChanges } from '../../../server/store/sql/change/changes'
import { sqlDecks } from '../../../server/store/sql/deck/decks'
import { deedLog } from '../../../server/store/sql/deed/log'
import { sqlMerchantBook } from '../../../server/store/sql/merchant/book'
import type { Sql } from '../../../server/store/sql/open-sql'
import { seedFoodStreet } from '../../../server/store/sql/seed'
import { CAMPAIGN, MERCHANT } from '../../support/flow'

const MANY = 1_000

describe.each(sqlEngines())('what the planner knows, on $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    sql = await engine.fresh()
    await seedFoodStreet(sql, { merchants: [MERCHANT], campaigns: [CAMPAIGN] })
  })
  afterAll(() => engine?.stop())

  /** Rows the planner believes are there; -1: it never looked. */
  const believed = async (table: string) => {
    const text = `select reltuples::integer as rows from pg_class where oid = '${table}'::regclass`
    const { rows } = await sql.db.executeQuery<{ rows: number }>(CompiledQuery.raw(text))
    return rows[0]!.rows
  }
  const imported = async (count: number) => {
    const deeds = deedLog(keysFor('test', masterKeys(Buffer.alloc(32, 3))))
    const entries = Array.from({ length: count }, (_, i) => ({
      merchantCode: `Z${i}`,
      name: `商户 ${i}`,
      branchCode: MERCHANT.branchCode,
      account: `acct-Z${i}`,
      walletAccounts: {},
    }))
    const deed = { at: 0, username: 'maker', action: 'merchants.import', subject: 'merchants', before: null, after: {} }
    const review = { changeId: 'R1', askedBy: 'maker', askedAt: 0, note: null, subject: 'merchants/1', sha256: '' }
    await sqlMerchantBook(sql, deeds).import(entries, deed, review)
    const step = { changeId: 'R1', revision: 1, verdict: 'approve', by: 'checker', at: 0, note: null } as const
    await sqlChanges(sql, deeds).step({ ...step, effectiveAt: 0 })
  }

  it('is that there are as many merchants as a file brought, as soon as it is approved', async () => {
    await imported(MANY)
    expect(await believed('merchants')).toBe(MANY + 1)
  })

  it('isn’t bothered with a few', async () => {
    const before = await believed('merchants')
    await imported(MANY - 1)
    expect(await believed('merchants')).toBe(before)
  })

  it('is what a day that was dealt left in decks, orders, refunds and counts', async () => {
    const text = `insert into decks (campaign_id, merchant_code, business_date, version, commitment, amounts_fen, exposure_fen, dealt_at)
      select '${CAMPAIGN.campaignId}', n, '2026-11-20', 1, '', '{1}', 1, 0 from generate_series(1, 40) n`
    await sql.db.executeQuery(CompiledQuery.raw(text))
    await sqlDecks(sql).analyze()
    expect(await believed('decks')).toBe(40)
    expect(await Promise.all(['orders', 'refunds', 'day_totals'].map(believed))).toEqual([0, 0, 0])
  })

  it('is no duty: a database that is away leaves it, a table that isn’t there is a bug', async () => {
    await expect(analyze(sql, ['no_such_table'])).rejects.toThrow('no_such_table')
    await sql.close()
    await analyze(sql, ['merchants'])
  })
})
