import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import { addDays } from '../../../server/domain/business-date'
import { dearestDeck } from '../../../server/domain/deck'
import type {
  CampaignDetail,
  CampaignList,
  CampaignMerchantList,
  PreviewView,
  ReviewList,
} from '../../../server/http/contract'
import { type Bureau, refused, startBureau } from '../../support/bureau'
import { CAMPAIGN } from '../../support/flow'

/** What operators do at their desks: draft, edit, amend, look; each sees what is theirs. */
describe.each(oneSqlEngine())('campaigns at the desk on $name', ({ start }) => {
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
  afterEach(() => house.pass(100))

  const drafted = async (change: object = {}, by = 'maker') => (await house.draft(change, by)).body
  const amend = (id: string, body: object, by = 'maker') => house.as(by).decide(`/admin/campaigns/${id}/amend`, body)

  describe('an edit', () => {
    it('says which revision it is of, and is refused when somebody else was first', async () => {
      const { campaignId: id } = await drafted()
      const edit = (by: string, body: object, revision?: number) =>
        house.as(by).patch(`/admin/campaigns/${id}`, body, revision)
      expect(await refused(edit('maker', { priority: 1 }))).toEqual([428, 'precondition-missing', 'If-Match'])
      const first = await edit('maker', { priority: 1 }, 1)
      expect([first.headers.get('etag'), first.body.priority]).toEqual(['"2"', 1])
      expect(await refused(edit('maker2', { priority: 2 }, 1))).toEqual([412, 'revision-changed', 'If-Match'])
      expect(await house.detail(id)).toMatchObject({ revision: 2, priority: 1 })
    })

    it('of two at once only one is written', async () => {
      const { campaignId: id } = await drafted()
      const edits = await Promise.all(
        [1, 2, 3].map((n) => house.as('maker').patch(`/admin/campaigns/${id}`, { priority: n }, 1)),
      )
      expect(edits.map((one) => one.status).sort()).toEqual([200, 412, 412])
    })

    it('keeps which channels carry the discount, and takes none that can’t', async () => {
      const { campaignId: id } = await drafted()
      expect(await house.detail(id)).toMatchObject({ channels: ['bank'] })
      for (const channels of [['wechatpay'], ['bank', 'alipay']]) {
        const answer = house.as('maker').patch(`/admin/campaigns/${id}`, { channels }, 1)
        expect(await refused(answer)).toEqual([422, 'campaign-faulty', 'channels'])
      }
      for (const channels of [[], ['bank', 'bank'], ['cash']]) {
        const answer = house.as('maker').patch(`/admin/campaigns/${id}`, { channels }, 1)
        expect((await refused(answer)).slice(0, 2)).toEqual([400, 'invalid-input'])
      }
    })

    it('leaves what it doesn’t name, and empties what it says is empty', async () => {
      const limits = {
        maxPerPayerPerDay: 2,
        branchBudgets: [{ branchCode: 'B01', budgetFen: 5_000 }],
        controlCodes: ['M0003'],
      }
      const { campaignId: id } = await drafted(limits)
      const named = (await house.as('maker').patch<CampaignDetail>(`/admin/campaigns/${id}`, { name: 'renamed' }, 1))
        .body
      expect(named).toMatchObject({ name: 'renamed', maxPerPayerPerDay: 2, controlCount: 1, merchantCount: 2 })
      expect(named.branchBudgets).toMatchObject([
        { branchCode: 'B01', branchName: '城南支行', budgetFen: 5_000, committedFen: 0 },
      ])
      const empty = { maxPerPayerPerDay: null, branchBudgets: [], controlCodes: [] }
      expect((await house.as('maker').patch(`/admin/campaigns/${id}`, empty, 2)).body).toMatchObject({
        maxPerPayerPerDay: null,
        branchBudgets: [],
        controlCount: 0,
      })
    })

    it('names what is at fault, and changes nothing', async () => {
      const { campaignId: id } = await drafted()
      const edit = (body: object) => refused(house.as('maker').patch(`/admin/campaigns/${id}`, body, 1))
      expect(await edit({ merchantCodes: ['M0001', 'M9999'] })).toEqual([422, 'merchant-unknown', 'merchantCodes'])
      expect(await edit({ controlCodes: ['M0001'] })).toEqual([422, 'campaign-faulty', 'controlCodes'])
      expect(await edit({ branchCode: 'B09' })).toEqual([422, 'branch-not-found', 'branchCode'])
      const nowhere = { branchBudgets: [{ branchCode: 'B09', budgetFen: 5_000 }] }
      expect(await edit(nowhere)).toEqual([422, 'branch-not-found', 'branchBudgets'])
      expect(await edit({ rule: { ...CAMPAIGN.rule, slots: 0 } })).toEqual([400, 'invalid-input', 'rule.slots'])
      expect(await edit({ endDate: '2020-01-01' })).toEqual([422, 'campaign-faulty', 'endDate'])
      expect(await edit({ endDate: '9999-12-31' })).toEqual([400, 'invalid-input', 'endDate'])
      expect(await edit({ endDate: '2150-01-01' })).toEqual([422, 'campaign-faulty', 'endDate'])
      const twice = [1, 2].map((budgetFen) => ({ branchCode: 'B01', budgetFen }))
      expect(await edit({ branchBudgets: twice })).toEqual([422, 'campaign-faulty', 'branchBudgets'])
      expect(await house.detail(id)).toMatchObject({ revision: 1, merchantCount: 2 })
    })

    it('and every other step say what was looked at: none, any and an old one are refused', async () => {
      const { campaignId: id } = await drafted()
      const said = (header: Record<string, string>) =>
        refused(house.call('POST', `/admin/campaigns/${id}/submit`, house.token('maker'), { headers: header }))
      expect(await said({})).toEqual([428, 'precondition-missing', 'If-Match'])
      expect(await said({ 'If-Match': '*' })).toEqual([428, 'precondition-missing', 'If-Match'])
      expect(await said({ 'If-Match': '"seven"' })).toEqual([412, 'revision-changed', 'If-Match'])
      const stale = { headers: { 'If-Match': '"7"' } }
      expect(await refused(house.ask('maker', id, 'submit', stale))).toEqual([412, 'revision-changed', 'If-Match'])
      expect((await house.ask('maker', id, 'submit', { headers: { 'If-Match': '"1"' } })).status).toBe(200)
      expect(await refused(house.ask('checker', id, 'approve', stale))).toEqual([412, 'revision-changed', 'If-Match'])
    })
  })

  describe('an amendment', () => {
    const running = async (change: object = {}) => {
      const { campaignId } = await house.approved(change)
      house.pass(1)
      return campaignId
    }

    it('takes effect when another operator approves it, as a new version', async () => {
      const id = await running()
      const endDate = addDays(house.today(), 30)
      expect((await house.quote('p1')).reason).toBeNull()
      const asked = (await amend(id, { endDate, budgetFen: 2_000_000, addMerchantCodes: ['M0003', 'M0004'] })).body
      expect(asked).toMatchObject({ state: 'running', version: 1, budgetFen: 1_000_000, merchantCount: 2 })
      expect((await house.quote('p2', 'M0003')).reason).toBe('not-in-campaign')
      const [item] = (await house.as('checker').get<ReviewList>('/admin/reviews')).body.items
      expect(item!.diff).toEqual([
        { field: 'endDate', before: asked.endDate, after: endDate },
        { field: 'budgetFen', before: 1_000_000, after: 2_000_000 },
        { field: 'addMerchantCodes', before: null, after: ['M0003', 'M0004'] },
      ])
      const approved = (await house.ask('checker', id, 'approve')).body
      expect(approved).toMatchObject({ state: 'running', version: 2, budgetFen: 2_000_000, endDate, merchantCount: 4 })
      expect((await house.quote('p2', 'M0003')).reason).toBeNull()
      expect((await house.quote('p3')).reason).toBeNull()
    })

    it('may only favour consumers', async () => {
      const id = await running()
      const { endDate } = await house.detail(id)
      expect(await refused(amend(id, { endDate: addDays(endDate, -1) }))).toEqual([422, 'not-favourable', 'endDate'])
      expect(await refused(amend(id, { budgetFen: 999_999 }))).toEqual([422, 'not-favourable', 'budgetFen'])
      expect(await refused(amend(id, { addMerchantCodes: ['M0001'] }))).toEqual([
        422,
        'not-favourable',
        'addMerchantCodes',
      ])
      expect(await refused(amend(id, {}))).toEqual([422, 'not-favourable', 'endDate'])
      expect(await refused(amend(id, { addMerchantCodes: ['M9999'] }))).toEqual([
        422,
        'merchant-unknown',
        'addMerchantCodes',
      ])
      expect(await refused(house.as('maker').decide(`/admin/campaigns/${id}/amend`, { rule: {} }))).toEqual([
        422,
        'not-favourable',
        'endDate',
      ])
    })

    it('that is rejected changes nothing', async () => {
      const id = await running()
      await amend(id, { budgetFen: 2_000_000 })
      expect((await house.ask('checker', id, 'reject')).body).toMatchObject({ version: 1, budgetFen: 1_000_000 })
    })
  })

  describe('two campaigns on one merchant', () => {
    it('of the same priority can’t both be on: asked for, approved, or amended into it', async () => {
      const one = await house.approved()
      const other = await drafted()
      expect(await refused(house.ask('maker', other.campaignId, 'submit'))).toEqual([409, 'priority-tie', 'priority'])
      const apart = await house.approved({ merchantCodes: ['M0005'] })
      expect(await refused(amend(apart.campaignId, { addMerchantCodes: ['M0001'] }))).toEqual([
        409,
        'priority-tie',
        'priority',
      ])
      const after = { startDate: addDays(one.endDate, 1), endDate: addDays(one.endDate, 9) }
      await house.approved(after)
      expect(await refused(amend(one.campaignId, { endDate: after.startDate }))).toEqual([
        409,
        'priority-tie',
        'priority',
      ])
    })

    it('submitted side by side, the second approval is refused, also at the same moment', async () => {
      const both = [await drafted(), await drafted()].map((one) => one.campaignId)
      for (const id of both) expect((await house.ask('maker', id, 'submit')).status).toBe(200)
      const answers = await Promise.all(both.map((id) => house.ask('checker', id, 'approve')))
      expect(answers.map((one) => one.body.code ?? one.body.state).sort()).toEqual(['approved', 'priority-tie'])
    })

    it('of two priorities the higher one applies, and both are told', async () => {
      const low = await house.approved({ name: 'low' })
      const high = await house.approved({ name: 'high', priority: 5, merchantCodes: ['M0002', 'M0003'] })
      expect((await house.detail(low.campaignId)).overlaps).toEqual([
        { campaignId: high.campaignId, name: 'high', priority: 5, merchants: 1, wins: true },
      ])
      expect((await house.detail(high.campaignId)).overlaps).toMatchObject([{ name: 'low', wins: false }])
      house.pass(1)
      const rows = (await house.as('viewer').get<CampaignMerchantList>(`/admin/campaigns/${low.campaignId}/merchants`))
        .body
      expect(rows.items.map((one) => [one.code, one.overruledBy])).toEqual([
        ['M0001', null],
        ['M0002', high.name],
      ])
    })
  })

  describe('an operator of one branch', () => {
    it('drafts for that branch, with its merchants, and nothing else', async () => {
      expect((await drafted({ merchantCodes: ['M0001'] }, 'south')).branchCode).toBe('B01')
      expect(await refused(house.draft({ merchantCodes: ['M0002'] }, 'south'))).toEqual([
        422,
        'merchant-unknown',
        'merchantCodes',
      ])
      expect(await refused(house.draft({ branchCode: 'B02' }, 'south'))).toEqual([403, 'branch-refused', 'branchCode'])
      const theirs = { merchantCodes: [], branchBudgets: [{ branchCode: 'B02', budgetFen: 1 }] }
      expect(await refused(house.draft(theirs, 'south'))).toEqual([403, 'branch-refused', 'branchBudgets'])
    })

    it('sees no other branch’s campaign, nor in any list', async () => {
      const { campaignId: id } = await drafted({ merchantCodes: ['M0001'] }, 'south')
      await house.ask('south', id, 'submit')
      expect((await house.as('south2').get(`/admin/campaigns/${id}`)).status).toBe(200)
      for (const path of ['', '/history', '/merchants'])
        expect(await refused(house.as('north').get(`/admin/campaigns/${id}${path}`))).toEqual([
          404,
          'campaign-not-found',
        ])
      expect(await refused(house.ask('north', id, 'approve'))).toEqual([404, 'campaign-not-found'])
      const ids = async (by: string) =>
        (await house.as(by).get<CampaignList>('/admin/campaigns?state=submitted')).body.items.map(
          (one) => one.campaignId,
        )
      expect(await ids('south2')).toContain(id)
      expect(await ids('north')).not.toContain(id)
      const inbox = async (by: string) => {
        const { items } = (await house.as(by).get<ReviewList>('/admin/reviews')).body
        return items.filter((one) => one.campaignId === id)
      }
      expect(await inbox('south2')).toMatchObject([{ mayReview: true }])
      expect(await inbox('north')).toEqual([])
      expect((await house.ask('south2', id, 'approve')).body.state).toBe('approved')
    })

    it('sees of the whole bank’s campaign its own merchants, and changes nothing of it', async () => {
      const both = { merchantCodes: ['M0001', 'M0002', 'M0004'], controlCodes: ['M0003', 'M0006'] }
      const budgets = ['B01', 'B02'].map((branchCode) => ({ branchCode, budgetFen: 5_000 }))
      const { campaignId: id } = await drafted({ ...both, branchBudgets: budgets })
      const seen = await house.detail(id, 'north')
      expect(seen).toMatchObject({ merchantCount: 2, controlCount: 1, branchBudgets: [{ branchCode: 'B02' }] })
      const rows = (await house.as('north').get<CampaignMerchantList>(`/admin/campaigns/${id}/merchants`)).body.items
      expect(rows.map((one) => one.code)).toEqual(['M0002', 'M0004', 'M0006'])
      expect(await refused(house.as('north').patch(`/admin/campaigns/${id}`, { priority: 1 }, 1))).toEqual([
        403,
        'branch-refused',
      ])
      expect(await refused(house.ask('north', id, 'submit'))).toEqual([403, 'branch-refused'])
    })

    it('promises nothing at shops that aren’t theirs, whoever named them, and keeps other branches’ budgets', async () => {
      const budgets = ['B01', 'B02'].map((branchCode) => ({ branchCode, budgetFen: 500_000 }))
      const { campaignId: id } = await drafted({ branchCode: 'B01', branchBudgets: budgets })
      const of = `/admin/campaigns/${id}`
      const own = { branchBudgets: [{ branchCode: 'B01', budgetFen: 400_000 }] }
      const { revision } = await house.detail(id, 'south')
      expect((await house.as('south').patch(of, own, revision)).status).toBe(200)
      expect((await house.detail(id)).branchBudgets).toMatchObject([{ budgetFen: 400_000 }, { budgetFen: 500_000 }])
      const beyond = [403, 'branch-refused', 'merchantCodes']
      expect(await refused(house.ask('south', id, 'submit'))).toEqual(beyond)
      expect((await house.ask('maker', id, 'submit')).status).toBe(200)
      const { items } = (await house.as('south2').get<ReviewList>('/admin/reviews')).body
      expect(items.find(({ campaignId }) => campaignId === id)).toMatchObject({ mayReview: false })
      expect(await refused(house.ask('south2', id, 'approve'))).toEqual(beyond)
      expect((await house.ask('checker', id, 'approve')).body.state).toBe('approved')
      expect(await refused(amend(id, { budgetFen: 2_000_000 }, 'south'))).toEqual(beyond)
      expect((await house.as('south').post(`${of}/pause`, {})).status).toBe(200)
    })

    it('promises nothing where another branch’s shop is left out on purpose, nor with its budget alone', async () => {
      for (const change of [
        { controlCodes: ['M0002'] },
        { branchBudgets: [{ branchCode: 'B02', budgetFen: 500_000 }] },
      ]) {
        const { campaignId: id } = await drafted({ branchCode: 'B01', merchantCodes: ['M0001'], ...change })
        await house.ask('maker', id, 'submit')
        expect((await refused(house.ask('south2', id, 'approve'))).slice(0, 2)).toEqual([403, 'branch-refused'])
        await house.ask('maker', id, 'withdraw')
      }
    })
  })

  it('a page of merchants tells the day of each, from the ledger and the slots', async () => {
    const { campaignId: id } = await house.approved({ controlCodes: ['M0003'], rule: { ...CAMPAIGN.rule, slots: 1 } })
    house.pass(1)
    const first = await house.quote('p1')
    const page = async (query = '') =>
      (await house.as('viewer').get<CampaignMerchantList>(`/admin/campaigns/${id}/merchants${query}`)).body.items
    expect(await page()).toMatchObject([
      { code: 'M0001', control: false, deck: { total: 1, used: 0, leased: 1 }, orderCount: 0, soldOutAt: null },
      { code: 'M0002', deck: null, costFen: 0, shortage: null },
      { code: 'M0003', control: true, deck: null },
    ])
    house.flow.pass(60_000)
    const { discountFen } = await house.pay('p1', first)
    expect(await page('?only=sold-out')).toMatchObject([
      { code: 'M0001', deck: { used: 1, leased: 0 }, orderCount: 1, costFen: discountFen },
    ])
    expect((await page('?only=sold-out'))[0]!.soldOutAt).toBe(new Date(house.flow.clock.at).toISOString())
    expect((await page('?only=control')).map((one) => one.code)).toEqual(['M0003'])
    expect((await page('?q=m0002')).map((one) => one.code)).toEqual(['M0002'])
    expect(await page('?only=short')).toEqual([])
    expect((await page(`?date=${addDays(house.today(), -1)}`))[0]).toMatchObject({ deck: null, costFen: 0 })
    house.flow.slots.up = false
    expect((await page())[0]!.deck).toEqual({ total: 1, used: 1, leased: null })
    house.flow.slots.up = true
    // not the card's own: with one card left, less what was used, it would be that card
    const mostFen = dearestDeck({ ...CAMPAIGN.rule, slots: 1 })
    expect((await house.detail(id)).today).toMatchObject({
      slots: 1,
      used: 1,
      costFen: discountFen,
      mostFen,
    })
    expect((await house.detail(id)).daysLeft).toBeNull()
    house.pass(1)
    expect((await house.detail(id)).daysLeft).toBe(Math.round((10 * (1_000_000 - discountFen)) / discountFen) / 10)
  })

  it('tell nobody the card to come: what is committed is the same whatever was dealt', async () => {
    const rule = { ...CAMPAIGN.rule, slots: 1 }
    const { campaignId: id } = await house.approved({ rule, merchantCodes: ['M0001'] })
    house.pass(1)
    await house.quote('p1')
    const most = dearestDeck(rule)
    const seenBy = async (who: string) => (await house.as(who).get<CampaignDetail>(`/admin/campaigns/${id}`)).body
    for (const who of ['viewer', 'maker', 'south'])
      expect(await seenBy(who)).toMatchObject({ committedFen: most, today: { mostFen: most, costFen: 0 } })
    const { items } = (await house.as('viewer').get<CampaignList>('/admin/campaigns')).body
    expect(items.find((one) => one.campaignId === id)!.committedFen).toBe(most)
  })

  it('a preview deals a sample deck and forecasts, or names every fault', async () => {
    const terms = {
      rule: CAMPAIGN.rule,
      startDate: '2026-12-01',
      endDate: '2026-12-10',
      budgetFen: 1_000_000,
      merchantCount: 2,
    }
    const preview = async (change: object = {}) =>
      (await house.as('viewer').post<PreviewView>('/admin/campaigns/preview', { ...terms, ...change })).body
    const [one, two] = [await preview(), await preview()]
    expect(one).toMatchObject({
      faults: [],
      headline: '满10元最高减5元',
      forecast: { mostPerDayFen: 9_200, runs: 1_000 },
    })
    expect(one.sample!.amountsFen).toHaveLength(5)
    expect(one.sample!.amountsFen.filter((fen) => fen >= 700 && fen <= 900)).toHaveLength(one.sample!.inBand)
    expect(one.disclosure!.map((section) => section.title)).toContain('数量与概率')
    expect(two.forecast).toEqual(one.forecast)
    expect(two.sample).not.toEqual(one.sample)
    const faulty = await preview({ rule: { ...CAMPAIGN.rule, maxFen: 50 }, endDate: '2026-11-01' })
    expect(faulty).toMatchObject({ sample: null, forecast: null, headline: null, disclosure: null })
    expect(faulty.faults.map((fault) => fault.field)).toEqual(expect.arrayContaining(['rule.maxFen', 'endDate']))
  })

  it('a list is by state as of today, by name, in pages, newest first', async () => {
    const ids: string[] = []
    for (let i = 0; i < 23; i++) {
      ids.unshift((await drafted({ name: `列表 ${i}%` })).campaignId)
      house.flow.pass(1)
    }
    const page = async (query: string) => (await house.as('viewer').get<CampaignList>(`/admin/campaigns?${query}`)).body
    const first = await page('q=%E5%88%97%E8%A1%A8&state=draft')
    const second = await page(`q=%E5%88%97%E8%A1%A8&state=draft&cursor=${first.nextCursor}`)
    expect([...first.items, ...second.items].map((one) => one.campaignId)).toEqual(ids)
    expect([first.items.length, second.nextCursor]).toEqual([20, undefined])
    expect((await page(`q=${ids[3]!.toUpperCase()}`)).items.map((one) => one.campaignId)).toEqual([ids[3]])
    expect((await page('q=22%25')).items).toHaveLength(1)
    expect((await page('cursor=rubbish')).items).toEqual([])
    expect((await house.as('viewer').get('/admin/campaigns?state=gone')).status).toBe(400)
    expect(await refused(house.as('viewer').get('/admin/campaigns/nothing'))).toEqual([404, 'campaign-not-found'])
  })
})
