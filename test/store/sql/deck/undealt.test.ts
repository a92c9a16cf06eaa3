import { heard } from '../../../../harness/plan'
import { sqlEngines, type TestSql } from '../../../../harness/sql'
import { sqlDecks } from '../../../../server/store/sql/deck/decks'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { seedFoodStreet } from '../../../../server/store/sql/seed'
import { DATE, newCampaign, newMerchant } from '../payment/ledger-orders'

const MERCHANTS = 3_000
const codeOf = (nth: number) => `W${String(nth).padStart(5, '0')}`

interface Node {
  'Relation Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  Plans?: Node[]
}

/** Rows of a table that a plan looked at. */
const looked = (node: Node, table: string): number =>
  (node['Relation Name'] === table
    ? (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops']
    : 0) + (node.Plans ?? []).reduce((sum, child) => sum + looked(child, table), 0)

describe.each(sqlEngines())('whose decks nobody has dealt, $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  const mine = { ...newCampaign(), priority: 1, merchantCodes: [] }
  const over = { ...newCampaign(), priority: 2, merchantCodes: [] }
  beforeAll(async () => {
    engine = await start()
    sql = await engine.fresh()
    await seedFoodStreet(sql, { merchants: [{ ...newMerchant(), merchantCode: codeOf(0) }], campaigns: [mine, over] })
    await sql.pool.query(
      `insert into merchants (merchant_code, name, branch_code, account)
       select 'W' || lpad(i::text, 5, '0'), 'n', (select branch_code from merchants limit 1), 'a' || i
       from generate_series(1, ${MERCHANTS - 1}) i`,
    )
    await named(mine.campaignId, 'true')
    // Of every tenth merchant another campaign is first.
    await named(over.campaignId, "right(merchant_code, 1) = '9'")
  })
  afterAll(() => engine?.stop())

  const named = (campaignId: string, which: string) =>
    sql.pool.query(`insert into campaign_merchants select $1, merchant_code from merchants where ${which}`, [
      campaignId,
    ])

  const deal = (campaignId: string, date: string, which: string) =>
    sql.pool.query(
      `insert into decks (campaign_id, merchant_code, business_date, version, commitment, sealed, exposure_fen, dealt_at)
       select $1, merchant_code, $2, 1, 'c0ffee', decode(repeat('00', 30), 'hex'), 0, 0 from merchants where ${which}`,
      [campaignId, date],
    )

  it('a page says of each merchant what the count says of all, and looks at no deck beside the page', async () => {
    const { campaignId } = mine
    const decks = sqlDecks(sql)
    const counted = async () => (await decks.countUndealt(campaignId, DATE, { place: 0, notedBefore: 499 })).count
    expect(await counted()).toBe(0.9 * MERCHANTS)
    for (const date of ['2026-11-19', '2026-11-20']) await deal(campaignId, date, 'true')
    expect(await counted()).toBe(0.9 * MERCHANTS)
    await deal(campaignId, DATE, "right(merchant_code, 1) in ('0', '1')")
    // Another's decks are none of ours.
    await deal(over.campaignId, DATE, "right(merchant_code, 1) = '2'")
    await sql.pool.query(`update merchants set disabled_at = 1 where right(merchant_code, 1) = '3'`)
    await sql.pool.query(
      `insert into deck_shortages (campaign_id, merchant_code, business_date, wanted_slots, dealt_slots, reason, noted_at)
       select $1, merchant_code, $2, 20, 0, 'campaign-budget', case when right(merchant_code, 1) = '4' then 500 else 499 end
       from merchants where right(merchant_code, 1) in ('4', '5')`,
      [campaignId, DATE],
    )
    await sql.pool.query('analyze')

    const all: string[] = []
    let last: string | undefined = ''
    for (;;) {
      const page = await decks.undealt(campaignId, DATE, { after: last, notedBefore: 499, limit: 700 })
      if (page.last === undefined) break
      last = page.last
      all.push(...page.merchants.map(({ merchantCode }) => merchantCode))
    }
    const open = Array.from({ length: MERCHANTS }, (_, nth) => codeOf(nth)).filter((code) => /[25678]$/.test(code))
    expect(all).toEqual(open)
    expect(await decks.countUndealt(campaignId, DATE, { place: 0, notedBefore: 499 })).toEqual({
      count: open.length,
      middle: open[0],
    })

    const after = codeOf(1_499)
    const [asked] = await heard(() => decks.undealt(campaignId, DATE, { after, notedBefore: 499, limit: 50 }))
    const { rows } = await sql.pool.query(`explain (analyze, format json) ${asked!.text}`, asked!.values)
    const plan = rows[0]['QUERY PLAN'][0].Plan as Node
    expect(looked(plan, 'decks')).toBeGreaterThan(0)
    for (const [table, most] of [
      ['decks', 10],
      ['campaign_merchants', 55],
      ['deck_shortages', 10],
      ['merchants', 50],
    ] as const)
      expect([table, looked(plan, table) <= most]).toEqual([table, true])
  })
})
