import fc from 'fast-check'
import { sqlEngines, type TestSql } from '../../../../harness/sql'
import { addDays } from '../../../../server/domain/business-date'
import { type CampaignState, stateOn } from '../../../../server/domain/campaign'
import { masterKeys } from '../../../../server/domain/key-ring'
import { merchants as STREET } from '../../../../server/sandbox/food-street'
import { sqlCampaigns } from '../../../../server/store/sql/campaign/book'
import { sqlDecks } from '../../../../server/store/sql/deck/decks'
import { deedLog } from '../../../../server/store/sql/deed/log'
import { sqlMerchantBook } from '../../../../server/store/sql/merchant/book'
import { sqlCatalog } from '../../../../server/store/sql/merchant/catalog'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { type SeedCampaign, seedFoodStreet } from '../../../../server/store/sql/seed'
import { CAMPAIGN, TODAY } from '../../../support/flow'

/** Whoever asks which campaign applies gets one answer: the payer's page, the desk, the campaign's own page, the dealer. */

const MERCHANT = STREET[0]!.merchantCode
const BANK = { branchCode: null }
const STATES: CampaignState[] = ['draft', 'submitted', 'approved', 'running', 'paused', 'ended']
const STANDING = ['running', 'paused']

const campaigns = fc
  .array(
    fc.record({
      state: fc.constantFrom(...STATES, 'running', 'running', 'paused'),
      priority: fc.integer({ min: 0, max: 1 }),
      createdAt: fc.integer({ min: 1, max: 2 }),
      startsIn: fc.integer({ min: -3, max: 2 }),
      days: fc.integer({ min: 1, max: 4 }),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((drawn) =>
    drawn.map(({ startsIn, days, ...one }, i): SeedCampaign & { priority: number; createdAt: number } => {
      const startDate = addDays(TODAY, startsIn)
      const period = { startDate, endDate: addDays(startDate, days - 1) }
      return { ...CAMPAIGN, ...one, ...period, campaignId: `C${i}`, name: `c${i}`, merchantCodes: [MERCHANT] }
    }),
  )

/** The rule in words of TypeScript: priority, then the newest, then the first by id; undefined where none stands today. */
function expected(all: readonly (SeedCampaign & { priority: number; createdAt: number })[]) {
  const on = all.filter((one) => one.startDate <= TODAY && STANDING.includes(stateOn(one, TODAY)))
  return on.sort(
    (a, b) => b.priority - a.priority || b.createdAt - a.createdAt || (a.campaignId < b.campaignId ? -1 : 1),
  )[0]
}

describe.each(sqlEngines())('which campaign applies, on $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  beforeAll(async () => {
    engine = await start()
    sql = await engine.fresh()
  })
  afterAll(() => engine?.stop())

  it('is one answer, whoever asks', async () => {
    const deeds = deedLog(masterKeys(Buffer.alloc(32, 5)))
    const [catalog, desk, book, decks] = [
      sqlCatalog(sql),
      sqlMerchantBook(sql, deeds),
      sqlCampaigns(sql, deeds),
      sqlDecks(sql),
    ]
    await fc.assert(
      fc.asyncProperty(campaigns, async (all) => {
        for (const table of ['campaign_merchants', 'campaign_versions', 'campaigns'] as const)
          await sql.db.deleteFrom(table).execute()
        await seedFoodStreet(sql, { merchants: [STREET[0]!], campaigns: all })
        const applies = expected(all)

        const paying = await catalog.campaignFor(MERCHANT, TODAY)
        const pays = paying && paying.startDate <= TODAY && STANDING.includes(stateOn(paying, TODAY))
        expect(pays ? paying.campaignId : undefined).toBe(applies?.campaignId)
        const kept = await desk.merchant(MERCHANT, TODAY, null)
        expect(kept?.campaign?.campaignId).toBe(applies?.campaignId)

        for (const one of all) {
          const [row] = (await book.merchants({ campaignId: one.campaignId, date: TODAY, sight: BANK, limit: 1 })).items
          const stands = one.startDate <= TODAY && STANDING.includes(stateOn(one, TODAY))
          expect(row!.overruledBy).toBe(stands && applies !== one ? applies!.name : null)
          const { merchants } = await decks.undealt(one.campaignId, TODAY, { after: '', notedBefore: 0, limit: 1 })
          if (stands) expect(merchants.length > 0).toBe(applies === one)
          const overlaps = await book.overlaps(one.campaignId, TODAY, BANK)
          if (stands)
            expect(overlaps.some((other) => other.wins && STANDING.includes(stateOf(all, other.campaignId)))).toBe(
              applies !== one,
            )
        }
      }),
      { numRuns: 60 },
    )
  })

  it('of several that are still to come is the one that will apply: not the newest of them, where it gives way', async () => {
    for (const table of ['campaign_merchants', 'campaign_versions', 'campaigns'] as const)
      await sql.db.deleteFrom(table).execute()
    const next = { ...CAMPAIGN, startDate: addDays(TODAY, 2), endDate: addDays(TODAY, 5), state: 'approved' as const }
    const merchantCodes = [MERCHANT]
    await seedFoodStreet(sql, {
      merchants: [STREET[0]!],
      campaigns: [
        { ...next, campaignId: 'C-first', priority: 5, createdAt: 1, merchantCodes },
        { ...next, campaignId: 'C-newest', priority: 1, createdAt: 2, merchantCodes },
      ],
    })
    const catalog = sqlCatalog(sql)
    for (const date of [TODAY, addDays(TODAY, 3)])
      expect((await catalog.campaignFor(MERCHANT, date))?.campaignId).toBe('C-first')
  })
})

/** As of today; another that begins later is no rival today. */
function stateOf(all: readonly SeedCampaign[], campaignId: string) {
  const one = all.find((other) => other.campaignId === campaignId)!
  return one.startDate <= TODAY ? stateOn(one, TODAY) : 'approved'
}
