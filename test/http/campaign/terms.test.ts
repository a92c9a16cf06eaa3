import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import { addDays } from '../../../server/domain/business-date'
import { dearestDeck } from '../../../server/domain/deck'
import { masterKeys } from '../../../server/domain/key-ring'
import type {
  CampaignDetail,
  CampaignMerchantList,
  Problem,
  ReviewList,
  ReviewPreview,
  TemplateList,
  TemplateView,
} from '../../../server/http/contract'
import { auditKeys, sqlAudit } from '../../../server/store/sql/audit/audit'
import { type Bureau, refused, startBureau } from '../../support/bureau'
import { CAMPAIGN } from '../../support/flow'

const MASTERS = masterKeys(Buffer.alloc(32, 3))

/** A campaign's hours, its daily budget, what a reviewer is shown of them, and templates: over HTTP and on a database. */
describe.each(oneSqlEngine())('the terms of a campaign on $name', ({ start }) => {
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
      const asked = await house
        .as('maker')
        .decide(`/admin/campaigns/${id}/amend`, { endDate, addMerchantCodes: ['M0003'] })
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

  const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]
  const lunch = (weekdays = EVERY_DAY) => [{ weekdays, from: '11:00', to: '14:00' }]
  const faulty = async (change: object) => {
    const { status, body } = await house.draft(change)
    const { code, field, reason } = body as Partial<Problem>
    return [status, code, field, ...(reason ? [reason] : [])]
  }
  /** What the audit says of what was dealt by these terms. */
  const audited = () =>
    sqlAudit(house.sql, auditKeys(MASTERS)).look(async (view) => {
      const found: string[] = []
      for (const code of ['deck-outside-window', 'day-over-budget'] as const)
        for await (const rows of view.crossCheck(code))
          found.push(...rows.map((row) => `${code} ${row.subject}: ${row.detail}`))
      return found
    })

  describe('hours', () => {
    it('are refused where they can’t be kept, each by its field', async () => {
      const span = (from: string, to: string) => ({ windows: [{ weekdays: [1], from, to }] })
      const at = [422, 'campaign-faulty']
      expect(await faulty(span('22:00', '02:00'))).toEqual([...at, 'windows.0.to', 'span-reversed'])
      expect(await faulty({ windows: [...lunch(), ...lunch([3])] })).toEqual([
        ...at,
        'windows.1.from',
        'windows-overlap',
      ])
      expect((await faulty({ windows: lunch([1, 1]) })).slice(0, 3)).toEqual([...at, 'windows.0.weekdays'])
      const one = { startDate: addDays(house.today(), 1), endDate: addDays(house.today(), 1) }
      const weekday = ((new Date(`${one.startDate}T00:00:00Z`).getUTCDay() + 6) % 7) + 1
      expect(await faulty({ ...one, windows: lunch([(weekday % 7) + 1]) })).toEqual([...at, 'windows', 'no-open-day'])
      for (const [from, to] of [
        ['24:01', '24:00'],
        ['9:00', '10:00'],
        ['11:60', '12:00'],
        ['', '12:00'],
      ] as const)
        expect((await faulty(span(from, to))).slice(0, 2)).toEqual([400, 'invalid-input'])
      for (const weekdays of [[], [0], [8], [1.5]])
        expect((await faulty({ windows: lunch(weekdays) })).slice(0, 2)).toEqual([400, 'invalid-input'])
      const many = Array.from({ length: 15 }, (_, n) => ({ weekdays: [1], from: `0${n % 10}:00`, to: `0${n % 10}:30` }))
      expect((await faulty({ windows: many })).slice(0, 2)).toEqual([400, 'invalid-input'])
    })

    it('are a term: drafted, edited, kept where an edit says nothing of them, told to reviewers and in the rules', async () => {
      const { campaignId: id } = (await house.draft({ windows: lunch([1, 2, 3, 4, 5]) })).body
      expect(await house.detail(id)).toMatchObject({
        windows: lunch([1, 2, 3, 4, 5]),
        windowsWords: '周一至周五 11:00–14:00',
      })
      const edit = (body: object, revision: number) =>
        house.as('maker').patch<CampaignDetail>(`/admin/campaigns/${id}`, body, revision)
      expect((await edit({ name: 'renamed' }, 1)).body.windows).toEqual(lunch([1, 2, 3, 4, 5]))
      expect((await edit({ windows: [] }, 2)).body).toMatchObject({ windows: [], windowsWords: null })
      await edit({ windows: lunch([6]) }, 3)
      await house.ask('maker', id, 'submit')
      const shown = await outlook(id)
      expect(shown.basis.days).toBe(shown.forecast!.days)
      expect(shown.basis.days).toBeLessThanOrEqual(2)
      expect(JSON.stringify(shown.disclosure)).toContain('周六 11:00–14:00（北京时间）')
      const { items } = (await house.as('checker').get<ReviewList>('/admin/reviews')).body
      const diff = items.find((item) => item.campaignId === id)!.diff
      expect(diff).toContainEqual({ field: 'windows', before: null, after: lunch([6]) })
      await house.ask('checker', id, 'reject')
    })

    it('widen in the middle of a day by two people, and not one minute narrower', async () => {
      const { campaignId: id } = await house.approved({
        windows: [{ weekdays: EVERY_DAY, from: '20:00', to: '21:00' }],
      })
      house.pass(2)
      const out = await house.quote('p1')
      expect(out).toMatchObject({ reason: 'outside-window', reasonWords: '优惠时段是每天 20:00–21:00' })
      const [offer, law, day] = await house.given()
      for (const told of [offer, law, day])
        expect(told).toMatchObject({
          reason: 'outside-window',
          reasonWords: '优惠时段是每天 20:00–21:00',
          remainingToday: 0,
        })
      expect((await house.detail(id)).openToday).toBe(true)
      const amend = (windows: object[]) => house.as('maker').decide(`/admin/campaigns/${id}/amend`, { windows })
      const narrower = [{ weekdays: EVERY_DAY, from: '20:01', to: '23:00' }]
      expect(await refused(amend(narrower))).toEqual([422, 'not-favourable', 'windows'])
      const wider = [{ weekdays: EVERY_DAY, from: '08:00', to: '21:00' }]
      expect((await amend(wider)).status).toBe(200)
      expect((await house.quote('p1')).reason).toBe('outside-window')
      expect((await outlook(id)).published).not.toBeNull()
      expect(await refused(house.ask('maker', id, 'approve'))).toEqual([403, 'role-refused'])
      expect((await house.ask('checker', id, 'approve')).body).toMatchObject({ version: 2, windows: wider })
      expect(await house.quote('p1')).toMatchObject({ reason: null })
      expect(await audited()).toEqual([])
    })
  })

  describe('a daily budget', () => {
    it('bounds what is dealt of a date, is told on the campaign’s page, and may be raised or lifted', async () => {
      const terms = { dailyBudgetFen: deckFen, budgetFen: 100 * deckFen }
      const { campaignId: id } = await house.approved(terms)
      house.pass(2)
      expect((await house.detail(id)).today).toMatchObject({ leftFen: deckFen, merchants: 0 })
      expect((await house.quote('p1')).reason).toBeNull()
      expect((await house.detail(id)).today).toMatchObject({ leftFen: 0, merchants: 1 })
      const none = await house.quote('p1', 'M0002')
      expect(none).toMatchObject({ reason: 'budget-exhausted', reasonWords: '今天的活动经费已用完' })
      const short = `/admin/campaigns/${id}/merchants?only=short`
      const { items } = (await house.as('viewer').get<CampaignMerchantList>(short)).body
      expect(items).toMatchObject([{ code: 'M0002', shortage: { dealt: 0, reason: 'day-budget' } }])
      expect(await audited()).toEqual([])
      const amend = (dailyBudgetFen: number | null) =>
        house.as('maker').decide(`/admin/campaigns/${id}/amend`, { dailyBudgetFen })
      expect(await refused(amend(deckFen - 1))).toEqual([422, 'not-favourable', 'dailyBudgetFen'])
      expect((await amend(null)).status).toBe(200)
      await house.ask('checker', id, 'approve')
      house.flow.pass(2_000)
      expect((await house.quote('p1', 'M0002')).reason).toBeNull()
      expect(await house.detail(id)).toMatchObject({ dailyBudgetFen: null, today: { leftFen: null, merchants: 2 } })
      expect(await audited()).toEqual([])
    })

    it('is refused where it covers no deck, or more than all', async () => {
      expect(await faulty({ dailyBudgetFen: deckFen - 1 })).toEqual([
        422,
        'campaign-faulty',
        'dailyBudgetFen',
        'budget-below-one-deck',
      ])
      expect(await faulty({ dailyBudgetFen: 1_000_001 })).toEqual([
        422,
        'campaign-faulty',
        'dailyBudgetFen',
        'daily-above-budget',
      ])
      for (const dailyBudgetFen of [0, -1, 1.5, '1'])
        expect((await faulty({ dailyBudgetFen })).slice(0, 2)).toEqual([400, 'invalid-input'])
    })
  })

  describe('a template', () => {
    const keep = (by: string, body: object) => house.as(by).post<TemplateView>('/admin/templates', body)
    const names = async (by: string) =>
      (await house.as(by).get<TemplateList>('/admin/templates')).body.items.map(({ name }) => name)
    const drop = (by: string, id: string) => house.call('DELETE', `/admin/templates/${id}`, house.token(by))

    it('keeps a campaign’s terms, without when and where it was, for the makers of the branch it was kept by', async () => {
      const own = { branchCode: 'B01', merchantCodes: ['M0001'], windows: lunch([6]), dailyBudgetFen: deckFen }
      const { campaignId } = (await house.draft(own, 'south')).body
      const { status, body: kept } = await keep('south', { name: '周六午市', campaignId })
      expect([status, kept.branchCode, kept.madeBy]).toEqual([201, 'B01', 'south'])
      expect(kept.terms).toMatchObject({
        rule: CAMPAIGN.rule,
        windows: lunch([6]),
        dailyBudgetFen: deckFen,
        organiser: 'bank',
      })
      for (const field of ['name', 'startDate', 'endDate', 'merchantCodes', 'branchCode'])
        expect(kept.terms).not.toHaveProperty(field)
      expect(await names('south')).toEqual(['周六午市'])
      expect(await names('maker2')).toEqual(['周六午市'])
      expect(await names('north')).toEqual([])
      // What it began is a draft as any other.
      const { terms } = kept
      const again = {
        ...terms,
        name: 'again',
        startDate: addDays(house.today(), 1),
        endDate: addDays(house.today(), 9),
      }
      expect((await house.as('south').post('/admin/campaigns', again)).status).toBe(201)
      const [deed] = await house.operators.deeds({ limit: 2 }).then((all) => all.slice(1))
      expect(deed).toMatchObject({
        action: 'campaign-template.add',
        username: 'south',
        after: { name: '周六午市', campaignId },
      })
      expect((await drop('south', kept.templateId)).status).toBe(204)
      expect(await refused(drop('south', kept.templateId))).toEqual([404, 'no-such-template'])
    })

    it('of the whole bank begins everybody’s, and is nobody’s of a branch to throw away', async () => {
      const budgets = ['B01', 'B02'].map((branchCode) => ({ branchCode, budgetFen: 500_000 }))
      const { campaignId } = (await house.draft({ branchBudgets: budgets })).body
      const { templateId } = (await keep('maker', { name: '全行午市', campaignId })).body
      expect(await names('north')).toEqual(['全行午市'])
      const known = async (by: string) =>
        (await house.as(by).get<TemplateList>('/admin/templates')).body.items.map(({ terms }) => terms.branchBudgets)
      expect([await known('maker2'), await known('north')]).toEqual([[budgets], [[budgets[1]]]])
      expect(await refused(drop('north', templateId))).toEqual([403, 'branch-refused'])
      expect(await refused(keep('maker2', { name: '全行午市', campaignId }))).toEqual([409, 'template-exists', 'name'])
      expect(await refused(drop('checker', templateId))).toEqual([403, 'role-refused'])
      expect(await refused(house.as('viewer').get('/admin/templates'))).toEqual([403, 'role-refused'])
      expect((await drop('maker2', templateId)).status).toBe(204)
      expect(await names('north')).toEqual([])
    })

    it('is made of what its maker sees, under a name that can be read, and not without end', async () => {
      const { campaignId } = (await house.draft({ branchCode: 'B02', merchantCodes: ['M0002'] }, 'north')).body
      expect(await refused(keep('south', { name: '别家的', campaignId }))).toEqual([404, 'campaign-not-found'])
      for (const name of ['', ' ', 'a', 'x'.repeat(41), '看\u202e不见'])
        expect((await refused(keep('north', { name, campaignId }))).slice(0, 2)).toEqual([400, 'invalid-input'])
      const all = await Promise.all(
        Array.from({ length: 53 }, (_, n) => keep('north', { name: `模板 ${n}`, campaignId })),
      )
      expect(all.filter(({ status }) => status === 201)).toHaveLength(50)
      expect(await refused(keep('north', { name: '再一个', campaignId }))).toEqual([409, 'too-many-templates'])
      expect(await refused(drop('north', 'T0'))).toEqual([400, 'invalid-input', 'id'])
    })
  })
})
