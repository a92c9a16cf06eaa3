import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import { addDays } from '../../../server/domain/business-date'
import { dearestDeck } from '../../../server/domain/deck'
import type { ReviewPreview } from '../../../server/http/contract'
import { type Bureau, refused, startBureau } from '../../support/bureau'
import { CAMPAIGN } from '../../support/flow'

/** What a reviewer is shown of terms before they are in force, over HTTP and on a database. */
describe.each(oneSqlEngine())('the terms of a campaign on $name', ({ start }) => {
  let engine: TestSql
  let house: Bureau
  beforeAll(async () => {
    engine = await start()
    house = await startBureau(await engine.fresh())
  }, 300_000)
  afterAll(async () => {
    await house?.stop()
    await engine?.stop()
  })
  afterEach(() => house.pass(100))

  const outlook = async (id: string, by = 'checker', query = '') =>
    (await house.as(by).get<ReviewPreview>(`/admin/campaigns/${id}/review/preview${query}`)).body
  const deckFen = dearestDeck(CAMPAIGN.rule)

  describe('what waits for review', () => {
    it('is shown as it would be: a deck of the rule, the cost of its days against the budget, the rules as published', async () => {
      const { campaignId: id } = (await house.draft({ budgetFen: 20 * deckFen })).body
      const of = () => house.as('checker').get(`/admin/campaigns/${id}/review/preview`)
      expect(await refused(of())).toEqual([409, 'no-open-change'])
      await house.ask('maker', id, 'submit')
      const shown = await outlook(id)
      expect(shown.basis).toEqual({
        ...{ from: addDays(house.today(), 1), to: addDays(house.today(), 10) },
        ...{ days: 10, merchantCount: 2, budgetFen: 20 * deckFen },
      })
      expect(shown.sample?.amountsFen).toHaveLength(CAMPAIGN.rule.slots)
      expect(shown.forecast).toMatchObject({ mostPerDayFen: 2 * deckFen, mostFen: 20 * deckFen })
      expect(shown.published).toBeNull()
      expect(shown.disclosure).toEqual((await house.detail(id)).disclosure)
      expect(shown.faults).toEqual([])
      const quiet = await outlook(id, 'checker', '?ordersPerMerchantPerDay=0')
      expect(quiet.forecast).toMatchObject({ expectedFen: 0, budgetLastsDays: null })
    })

    it('is of an amendment the rest of the campaign, at what is left, and its new lines beside the old', async () => {
      const { campaignId: id } = await house.approved({ budgetFen: 100 * deckFen })
      house.pass(3)
      await house.quote('p1')
      const endDate = addDays(house.today(), 20)
      const asked = await house.as('maker').decide(`/admin/campaigns/${id}/amend`, { endDate, addMerchantCodes: ['M0003'] })
      expect(asked.status).toBe(200)
      const shown = await outlook(id)
      const { committedFen } = await house.detail(id)
      expect(committedFen).toBeGreaterThan(0)
      expect(shown.basis).toEqual({
        ...{ from: house.today(), to: endDate, days: 21, merchantCount: 3 },
        budgetFen: 100 * deckFen - committedFen,
      })
      const lines = (of: ReviewPreview['published']) => of!.flatMap((section) => section.lines)
      const changed = lines(shown.disclosure).filter((line) => !lines(shown.published).includes(line))
      expect(changed).toHaveLength(1)
      expect(changed[0]).toContain(endDate)
    })

    it('is nobody’s who doesn’t see the campaign, and whole to those of one branch who review it', async () => {
      const own = { branchCode: 'B01', merchantCodes: ['M0001', 'M0003'] }
      const { campaignId: id } = (await house.draft(own, 'south')).body
      await house.ask('south', id, 'submit')
      const path = `/admin/campaigns/${id}/review/preview`
      expect(await refused(house.as('north').get(path))).toEqual([404, 'campaign-not-found'])
      expect((await outlook(id, 'south2')).basis.merchantCount).toBe(2)
      const query = `${path}?ordersPerMerchantPerDay=-1`
      expect((await refused(house.as('south2').get(query))).slice(0, 2)).toEqual([400, 'invalid-input'])
    })
  })
})
