import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import type { MerchantSummaryView } from '../../../server/http/contract'
import { sqlDecks } from '../../../server/store/sql/deck/decks'
import { seedFoodStreet } from '../../../server/store/sql/seed'
import { CAMPAIGN } from '../../support/flow'
import { type Office, startOffice } from '../../support/office'

const [YESTERDAY, TODAY] = ['2026-11-20', '2026-11-21'] as const

/** It is noon of the 21st; M0001 was in a campaign, and is in another one that comes after it. */
describe.each(oneSqlEngine())('the slots of a shop’s day, on $name', ({ start }) => {
  let engine: TestSql
  let office: Office
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    office = await startOffice(await engine.fresh())
  })
  afterEach(() => office?.stop())
  afterAll(() => engine?.stop())

  const slotsOf = async (date: string) =>
    (await office.call<MerchantSummaryView>('GET', `/api/merchant/summary?date=${date}`, office.owner('M0001'))).body
      .slots
  const used = async (date: string) => {
    await office.deck(date, 'M0001', [800, 750])
    for (const slot of [0, 1]) await office.order({ date, discountFen: 800, slot })
  }
  const first = (change: object) =>
    office.sql.db.updateTable('campaigns').set(change).where('campaign_id', '=', CAMPAIGN.campaignId).execute()
  const next = (startDate: string) =>
    seedFoodStreet(office.sql, {
      merchants: [],
      campaigns: [{ ...CAMPAIGN, campaignId: 'second', name: '夜市', startDate, merchantCodes: ['M0001'] }],
    })

  it('are those that it had, whatever campaign it is in since', async () => {
    await used(YESTERDAY)
    await first({ end_date: YESTERDAY, state: 'ended' })
    await next(TODAY)
    expect(await slotsOf(YESTERDAY)).toEqual({ total: 2, used: 2 })
    expect(await slotsOf('2026-11-19')).toBeNull()
    await sqlDecks(office.sql).close(YESTERDAY, 10, office.clock.at, () => [800, 750])
    expect(await slotsOf(YESTERDAY)).toEqual({ total: 2, used: 2 })
  })

  it('are all that were dealt, where one campaign followed another within the day', async () => {
    await used(YESTERDAY)
    await next(YESTERDAY)
    const row = { campaign_id: 'second', merchant_code: 'M0001', business_date: YESTERDAY, version: 1, commitment: '' }
    const rest = { amounts_fen: [500], exposure_fen: 0, dealt_at: 0, key_id: null, closed_at: null }
    await office.sql.db
      .insertInto('decks')
      .values({ ...row, ...rest, branch_code: 'B01', gl_account: '6421-03' })
      .execute()
    expect(await slotsOf(YESTERDAY)).toEqual({ total: 3, used: 2 })
  })

  it('are today’s, too, when its campaign was ended and the next one begins later', async () => {
    await used(TODAY)
    await first({ state: 'ended' })
    await next('2026-11-25')
    expect(await slotsOf(TODAY)).toEqual({ total: 2, used: 2 })
  })
})
