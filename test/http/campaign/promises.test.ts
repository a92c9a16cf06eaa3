import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import { addDays } from '../../../server/domain/business-date'
import { dearestDeck } from '../../../server/domain/deck'
import type { CampaignDetail, PreviewView, QuoteView } from '../../../server/http/contract'
import { type Bureau, startBureau } from '../../support/bureau'
import { CAMPAIGN, LIMITS } from '../../support/flow'

const deckFen = dearestDeck(CAMPAIGN.rule)
const rule = (change: object) => ({ rule: { ...CAMPAIGN.rule, ...change } })

/** Each with the field at fault and the stable reason. */
const BROKEN: [string, object, string, string][] = [
  ['no decks could be dealt from', rule({ bandMaxFen: 600 }), 'rule.bandMaxFen', 'band-reversed'],
  ['would leave nothing to pay', rule({ thresholdFen: 500 }), 'rule.thresholdFen', 'payable-below-one-fen'],
  [
    'nobody may pay enough for',
    rule({ thresholdFen: LIMITS.dailyPerPayerFen + 1 }),
    'rule.thresholdFen',
    'threshold-above-limit',
  ],
  ['give the payer nothing', rule({ payerPercent: 0 }), 'rule.payerPercent', 'payer-gets-nothing'],
  ['give away more than the house allows', rule({ thresholdFen: 999 }), 'rule.maxFen', 'discount-above-share'],
  ['allow more than there is', { maxPerPayerPerDay: 6 }, 'maxPerPayerPerDay', 'limit-above-slots'],
  ['can’t pay for one deck', { budgetFen: deckFen - 1 }, 'budgetFen', 'budget-below-one-deck'],
  [
    'can’t pay for one deck of a branch',
    { branchBudgets: [{ branchCode: 'B01', budgetFen: 0 }] },
    'branchBudgets.0.budgetFen',
    'budget-below-one-deck',
  ],
  ['no open channel can carry', { channels: ['wechatpay'] }, 'channels', 'no-discount-channel'],
]

describe.each(oneSqlEngine())('promises that can be kept, on $name', ({ start }) => {
  let engine: TestSql
  let house: Bureau
  beforeAll(async () => {
    engine = await start()
    house = await startBureau(await engine.fresh())
  })
  afterAll(async () => {
    await house?.stop()
    await engine?.stop()
  })
  afterEach(() => {
    house.deps.discountMaxPercent = 100
    house.pass(100)
  })

  const problem = async (answer: Promise<{ status: number; headers: Headers; body: object }>) => {
    const { status, headers, body } = await answer
    const { code, field, reason, detail } = body as Record<string, string>
    if (status >= 400)
      expect([headers.get('content-type'), detail]).toEqual([
        expect.stringMatching(/^application\/problem\+json/),
        expect.any(String),
      ])
    return status < 400 ? [status] : [status, code, field, reason]
  }
  const draft = async (change: object = {}) => (await house.draft(change)).body
  const edit = ({ campaignId, revision }: CampaignDetail, change: object) =>
    problem(house.as('maker').patch(`/admin/campaigns/${campaignId}`, change, revision))
  const amend = (campaignId: string, body: object) =>
    problem(house.as('maker').decide(`/admin/campaigns/${campaignId}/amend`, body))

  it.each(BROKEN)(
    'terms that %s are refused when drafted, when edited, and named by the preview',
    async (_, change, field, reason) => {
      const refused = [422, 'campaign-faulty', field, reason]
      expect(await problem(house.draft(change))).toEqual(refused)
      const good = await draft()
      expect(await edit(good, change)).toEqual(refused)
      expect(await house.detail(good.campaignId)).toMatchObject({ revision: 1 })
      const { startDate, endDate } = good
      const asked = { ...CAMPAIGN, startDate, endDate, merchantCount: 2, ...change }
      const { faults, headline } = (await house.as('maker').post<PreviewView>('/admin/campaigns/preview', asked)).body
      expect(faults.map((one) => [one.field, one.code])).toEqual([[field, reason]])
      expect(headline).toBeNull()
    },
  )

  it('an edit is judged with what it leaves as it is', async () => {
    const thrifty = await draft({ budgetFen: 2 * deckFen })
    expect(await edit(thrifty, rule({ slots: 20 }))).toEqual([
      422,
      'campaign-faulty',
      'budgetFen',
      'budget-below-one-deck',
    ])
    expect(await edit(thrifty, { ...rule({ slots: 20 }), budgetFen: 1_000_000 })).toEqual([200])
  })

  it('a budget below the first day of all its merchants is refused when it is submitted, and named by the preview', async () => {
    const lean = await draft({ budgetFen: 2 * deckFen - 1 })
    const refused = [422, 'campaign-faulty', 'budgetFen', 'budget-below-one-day']
    expect(await problem(house.ask('maker', lean.campaignId, 'submit'))).toEqual(refused)
    const { rule, startDate, endDate, budgetFen } = lean
    const asked = { rule, startDate, endDate, budgetFen, merchantCount: 2 }
    const { faults } = (await house.as('maker').post<PreviewView>('/admin/campaigns/preview', asked)).body
    expect(faults).toMatchObject([{ field: 'budgetFen', code: 'budget-below-one-day' }])
    expect(await edit(lean, { budgetFen: 2 * deckFen })).toEqual([200])
    expect(await problem(house.ask('maker', lean.campaignId, 'submit'))).toEqual([200])
  })

  it('a list imported into a draft counts when it is submitted', async () => {
    const { campaignId } = await draft({ budgetFen: 2 * deckFen })
    const raw = { type: 'text/csv', text: 'merchantCode\nM0001\nM0002\nM0003\n' }
    expect(
      (await house.as('maker').decide(`/admin/campaigns/${campaignId}/merchants`, undefined, { raw })).status,
    ).toBe(200)
    expect(await problem(house.ask('maker', campaignId, 'submit'))).toEqual([
      422,
      'campaign-faulty',
      'budgetFen',
      'budget-below-one-day',
    ])
  })

  it('what was submitted before the house allowed less is refused when it is approved, and can be rejected', async () => {
    const { campaignId } = await draft()
    await house.ask('maker', campaignId, 'submit')
    house.deps.discountMaxPercent = 99
    expect(await problem(house.ask('checker', campaignId, 'approve'))).toEqual([
      422,
      'campaign-faulty',
      'rule.maxFen',
      'discount-above-share',
    ])
    expect((await house.ask('checker', campaignId, 'reject')).body).toMatchObject({ state: 'draft' })
  })

  describe('an amendment', () => {
    /** Running, with its budget committed but for less than one deck. */
    async function spent() {
      const campaign = await house.approved({ budgetFen: 3 * deckFen - 1 })
      house.pass(1)
      for (const code of ['M0001', 'M0002']) expect((await house.quote('p1', code)).reason).toBeNull()
      return campaign
    }

    it('promises no further day and no further merchant that nothing is left for, unless it raises the budget', async () => {
      const { campaignId, endDate } = await spent()
      const later = addDays(endDate, 1)
      const { committedFen } = await house.detail(campaignId)
      expect(await amend(campaignId, { endDate: later, addMerchantCodes: ['M0003', 'M0004'] })).toEqual([
        422,
        'campaign-faulty',
        'addMerchantCodes',
        'budget-below-one-deck',
      ])
      const short = { addMerchantCodes: ['M0003', 'M0004'], budgetFen: committedFen + 2 * deckFen - 1 }
      expect(await amend(campaignId, short)).toEqual([422, 'campaign-faulty', 'budgetFen', 'budget-below-one-deck'])
      expect(await amend(campaignId, { ...short, budgetFen: short.budgetFen + 1 })).toEqual([200])
    })

    it('that was possible when it was asked for and isn’t when it is reviewed is refused then', async () => {
      const campaign = await house.approved({ budgetFen: 2 * deckFen })
      house.pass(1)
      expect(await amend(campaign.campaignId, { addMerchantCodes: ['M0003', 'M0004'] })).toEqual([200])
      await house.quote('p1')
      expect(await problem(house.ask('checker', campaign.campaignId, 'approve'))).toEqual([
        422,
        'campaign-faulty',
        'addMerchantCodes',
        'budget-below-one-deck',
      ])
    })

    it('of what the house would no longer approve is refused; ending it never is', async () => {
      const { campaignId } = await house.approved()
      house.deps.discountMaxPercent = 50
      expect(await amend(campaignId, { budgetFen: 2_000_000 })).toEqual([
        422,
        'campaign-faulty',
        'rule.maxFen',
        'discount-above-share',
      ])
      expect(await problem(house.ask('maker', campaignId, 'end'))).toEqual([200])
      expect(await problem(house.ask('checker', campaignId, 'approve'))).toEqual([200])
    })
  })

  describe('what can be given', () => {
    const said = async (merchantCode?: string) => {
      const answers = await house.given(merchantCode)
      const all = answers.map((one) => one && [one.slotsToday, one.remainingToday, one.reason])
      expect(all).toEqual([all[1], all[1], all[1]])
      return all[1]
    }

    it('is said alike to payers and merchant, and by the quote: whole, held, paused, away, given', async () => {
      const { campaignId } = await house.approved()
      house.pass(1)
      expect(await said()).toEqual([5, 5, null])
      const quotes: [string, QuoteView][] = []
      for (const name of ['p1', 'p2', 'p3', 'p4', 'p5']) quotes.push([name, await house.quote(name, 'M0001', 1_000)])
      expect([await said(), (await house.quote('p6')).reason]).toEqual([[5, 5, 'all-held'], 'all-held'])
      await house.ask('maker', campaignId, 'pause')
      expect([await said(), (await house.quote('p6')).reason]).toEqual([[5, 0, 'campaign-paused'], 'campaign-paused'])
      await house.ask('checker', campaignId, 'reject')
      house.flow.slots.up = false
      expect([await said(), (await house.quote('p6')).reason]).toEqual([
        [5, null, 'discount-unavailable'],
        'discount-unavailable',
      ])
      house.flow.slots.up = true
      for (const [name, one] of quotes) await house.pay(name, one)
      expect([await said(), (await house.quote('p6')).reason]).toEqual([[5, 0, 'sold-out'], 'sold-out'])
    })

    it('is nothing where the branch’s own budget is empty, and all of it next door', async () => {
      const branchBudgets = [{ branchCode: 'B02', budgetFen: 5 * 800 }]
      const alike = rule({ minFen: 800, maxFen: 800, bandMinFen: 800, bandMaxFen: 800 })
      await house.approved({ ...alike, branchBudgets, merchantCodes: ['M0001', 'M0002', 'M0004'] })
      house.pass(1)
      expect((await house.quote('p1', 'M0002')).reason).toBeNull()
      expect(await said('M0004')).toEqual([0, 0, 'budget-exhausted'])
      expect((await house.quote('p1', 'M0004')).reason).toBe('budget-exhausted')
      expect(await said('M0002')).toEqual([5, 5, null])
      expect(await said('M0001')).toEqual([5, 5, null])
    })
  })
})
