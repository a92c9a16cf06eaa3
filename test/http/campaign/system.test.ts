import { eventually, type OperatorSide, startTestSystem, type TestSystem } from '../../../harness/system'
import { TODAY } from '../../../harness/today'
import { addDays } from '../../../server/domain/business-date'
import type { CampaignDetail, CampaignHistory } from '../../../server/http/contract'
import { campaign, UNLIMITED } from '../../../server/sandbox/food-street'

/** The whole product as it starts: its operators, its jobs, its caches. */
describe('a campaign in the running product', () => {
  let system: TestSystem
  let maker: OperatorSide
  let checker: OperatorSide
  beforeAll(async () => {
    system = await startTestSystem()
    ;[maker, checker] = [await system.operator('maker'), await system.operator('checker')]
  })
  afterAll(() => system.stop())

  const history = async (id: string) =>
    (await maker.get<CampaignHistory>(`/admin/campaigns/${id}/history`)).body.items.map(
      (one) => `${one.username} ${one.action}`,
    )

  it('overrules another, starts, is paused while a quote is paid, and gives way again when it has ended', async () => {
    const { name: _, ...street } = campaign(Date.now(), UNLIMITED)
    const terms = { ...street, name: 'one day', startDate: TODAY, endDate: addDays(TODAY, 1), budgetFen: 1_000_000 }
    const dear = { ...street.rule, minFen: 1_000, bandMinFen: 1_000, bandMaxFen: 1_000 }
    const body = { ...terms, rule: dear, priority: 9, merchantCodes: ['M0001'] }
    const { campaignId: id } = (await maker.post<CampaignDetail>('/admin/campaigns', body)).body
    const step = async (by: OperatorSide, verb: string) => {
      const { status, body: after } = await by.decide<CampaignDetail>(`/admin/campaigns/${id}/${verb}`)
      expect([verb, status]).toEqual([verb, 200])
      return after
    }
    await step(maker, 'submit')
    expect(await step(checker, 'approve')).toMatchObject({ state: 'running' })
    await eventually(async () => (await history(id)).includes('system campaign.start') || undefined)

    const payer = await system.payer('payer-1')
    /** The catalogue is remembered for a second. */
    const quoted = (wanted: { discountFen?: number; reason: string | null }) =>
      eventually(async () => {
        const quote = (await payer.quote(10_000)).body
        return Object.entries(wanted).every(([key, value]) => quote[key as 'reason'] === value) ? quote : undefined
      })
    const quote = await quoted({ discountFen: 1_000, reason: null })
    await step(maker, 'pause')
    await quoted({ reason: 'campaign-paused' })
    const paid = (await payer.pay(quote.quoteId)).body
    expect(await payer.ended(paid.orderNo)).toMatchObject({ state: 'paid', discountFen: 1_000, payerDiscountFen: 500 })
    await step(checker, 'approve')
    await step(maker, 'resume')
    await step(checker, 'approve')
    await quoted({ discountFen: 1_000, reason: null })
    await step(maker, 'end')
    expect(await step(checker, 'approve')).toMatchObject({ state: 'ended' })
    await eventually(async () => ((await payer.quote(10_000)).body.discountFen! < 1_000 ? true : undefined))
  })

  it('came with the sandbox’s, approved by nobody in person', async () => {
    const seeded = (await checker.get<CampaignDetail>('/admin/campaigns/food-street')).body
    expect(seeded).toMatchObject({ state: 'running', approvedBy: 'system', madeBy: 'system', merchantCount: 20 })
    expect(await history('food-street')).toEqual(['system campaign.create'])
  })
})
