import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import type {
  CampaignDetail,
  CampaignHistory,
  CampaignList,
  ReviewComparison,
  ReviewList,
} from '../../../server/http/contract'
import { type Bureau, refused, startBureau } from '../../support/bureau'

/** A campaign's life as operators live it, over HTTP and on a database; only the clock is a test's own. */
describe.each(oneSqlEngine())('the life of a campaign on $name', ({ start }) => {
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
  /** What one test approved is not to overlap the next one's. */
  afterEach(() => house.pass(100))

  it('goes from draft to its end by two people, and payments of quotes already given go on', async () => {
    const made = await house.draft()
    expect(made.status).toBe(201)
    expect(made.headers.get('etag')).toBe('"1"')
    expect(made.body).toMatchObject({ state: 'draft', version: 1, revision: 1, merchantCount: 2, madeBy: 'maker' })
    const id = made.body.campaignId
    const ask = (by: string, verb: string) => house.ask(by, id, verb)

    expect((await ask('chief', 'submit')).body).toMatchObject({ state: 'submitted', openChange: { kind: 'launch' } })
    expect(await refused(ask('chief', 'approve'))).toEqual([403, 'own-change'])
    const approved = (await ask('checker', 'approve')).body as CampaignDetail
    expect(approved).toMatchObject({
      state: 'approved',
      version: 1,
      openChange: null,
      approvedBy: 'checker',
      today: null,
    })
    expect((await house.quote('p1')).reason).toBe('campaign-not-started')

    house.pass(1)
    expect(await house.detail(id)).toMatchObject({ state: 'running' })
    const [before, other] = [await house.quote('p1'), await house.quote('p2')]
    expect(before).toMatchObject({ reason: null })
    expect(await house.startAndEnd()).toBe(1)
    await house.pay('p2', other)

    expect((await ask('maker', 'pause')).body).toMatchObject({ state: 'paused', openChange: { inForce: true } })
    expect((await house.quote('p3')).reason).toBe('campaign-paused')
    const paid = await house.pay('p1', before)
    expect(paid).toMatchObject({ state: 'paid', discountFen: before.discountFen })
    expect((await house.detail(id)).today).toMatchObject({ used: 2, slots: 5, merchants: 1, short: 0 })
    expect(await refused(ask('maker', 'withdraw'))).toEqual([409, 'transition-refused'])
    expect((await ask('checker', 'approve')).body).toMatchObject({ state: 'paused', openChange: null })

    expect((await ask('maker', 'resume')).body.state).toBe('paused')
    expect((await ask('checker', 'approve')).body.state).toBe('running')
    expect((await house.quote('p3')).reason).toBeNull()

    expect((await ask('maker', 'end')).body.state).toBe('running')
    expect((await house.quote('p4')).reason).toBeNull()
    expect((await ask('checker', 'approve')).body.state).toBe('ended')
    expect((await house.quote('p5')).reason).toBe('campaign-ended')

    const history = (await house.as('viewer').get<CampaignHistory>(`/admin/campaigns/${id}/history`)).body.items
    expect(history.map((one) => `${one.username} ${one.action} ${one.state}`)).toEqual([
      'maker campaign.create draft',
      'chief campaign.submit submitted',
      'checker campaign.approve approved',
      'system campaign.start running',
      'maker campaign.pause paused',
      'checker campaign.approve paused',
      'maker campaign.resume paused',
      'checker campaign.approve running',
      'maker campaign.end running',
      'checker campaign.approve ended',
    ])
    expect(await house.deps.operators.checkChain()).toMatchObject({ actions: 11, breaks: [] })
  })

  it('isn’t ended for ever by a clock that is doubtful', async () => {
    const { campaignId } = await house.approved()
    house.pass(1)
    await house.startAndEnd()
    house.pass(61)
    house.flow.clock.doubtful = true
    expect(await house.startAndEnd()).toBe(0)
    house.pass(-61)
    house.flow.clock.doubtful = false
    expect(await house.startAndEnd()).toBe(0)
    expect(await house.detail(campaignId)).toMatchObject({ state: 'running' })
    house.pass(10)
    expect(await house.startAndEnd()).toBe(1)
  })

  it('starts and ends by its dates, which two processes write down once', async () => {
    const { campaignId } = await house.approved()
    house.pass(1)
    expect((await Promise.all([house.startAndEnd(), house.startAndEnd()])).reduce((a, b) => a + b)).toBe(1)
    house.pass(10)
    expect(await house.detail(campaignId)).toMatchObject({ state: 'ended' })
    expect((await house.quote('p1')).reason).toBe('campaign-ended')
    expect(await house.startAndEnd()).toBe(1)
    expect(await house.startAndEnd()).toBe(0)
    const { items } = (await house.as('viewer').get<CampaignHistory>(`/admin/campaigns/${campaignId}/history`)).body
    expect(items.slice(-2).map((one) => [one.username, one.action, one.state])).toEqual([
      ['system', 'campaign.start', 'running'],
      ['system', 'campaign.finish', 'ended'],
    ])
  })

  it('lifts a pause that the second pair of eyes rejects', async () => {
    const { campaignId } = await house.approved()
    house.pass(1)
    await house.ask('maker', campaignId, 'pause')
    expect((await house.quote('p1')).reason).toBe('campaign-paused')
    expect((await house.ask('checker', campaignId, 'reject')).body.state).toBe('running')
    expect((await house.quote('p1')).reason).toBeNull()
  })

  describe('every step that is not allowed is refused with its code', () => {
    type In = (change?: object) => Promise<CampaignDetail>
    const moved = async (campaignId: string, ...steps: [string, string][]) => {
      for (const [by, verb] of steps) expect((await house.ask(by, campaignId, verb)).status).toBe(200)
      return house.detail(campaignId)
    }
    const running: In = async (change) => {
      const campaign = await house.approved(change)
      house.pass(1)
      return campaign
    }
    const IN: Record<string, In> = {
      draft: async () => (await house.draft()).body,
      submitted: async () => moved((await house.draft()).body.campaignId, ['maker', 'submit']),
      approved: () => house.approved(),
      running,
      paused: async () => moved((await running()).campaignId, ['maker', 'pause'], ['checker', 'approve']),
      ended: async () => moved((await running()).campaignId, ['maker', 'end'], ['checker', 'approve']),
    }
    const no = 'transition-refused'
    const open = 'change-open'
    const none = 'no-open-change'
    it.each<[string, Record<string, string | null>]>([
      ['draft', { submit: null, resume: no, end: no, amend: no, approve: none, reject: none, withdraw: none }],
      ['submitted', { submit: open, resume: open, end: open, amend: open, pause: null }],
      ['approved', { submit: no, resume: no, approve: none, reject: none, withdraw: none, end: null }],
      ['running', { submit: no, resume: no, approve: none, reject: none, withdraw: none, pause: null }],
      ['paused', { submit: no, approve: none, reject: none, withdraw: none, resume: null }],
      ['ended', { submit: no, pause: no, resume: no, end: no, amend: no, approve: none, reject: none, withdraw: none }],
    ])('%s', async (state, verbs) => {
      const campaign = await IN[state]!()
      const { campaignId } = campaign
      expect(await house.detail(campaignId)).toMatchObject({ state })
      // those that are allowed come last, since they change it
      const ordered = Object.entries(verbs).sort(([, a], [, b]) => Number(a === null) - Number(b === null))
      for (const [verb, code] of ordered) {
        const by = verb === 'approve' || verb === 'reject' ? 'checker' : 'maker'
        const { status, body } = await house.ask(by, campaignId, verb)
        expect([verb, status, body.code ?? null]).toEqual([verb, code === null ? 200 : 409, code])
      }
      if (state !== 'draft')
        expect(
          await refused(
            house.as('maker').patch(`/admin/campaigns/${campaignId}`, {}, (await house.detail(campaignId)).revision),
          ),
        ).toEqual([409, 'not-a-draft'])
    })

    it('by role: a maker can’t review, a checker can’t ask, a viewer can’t do either', async () => {
      const { campaignId } = (await house.draft()).body
      expect(await refused(house.ask('checker', campaignId, 'submit'))).toEqual([403, 'role-refused'])
      expect(await refused(house.ask('maker2', campaignId, 'approve'))).toEqual([403, 'role-refused'])
      expect(await refused(house.ask('viewer', campaignId, 'pause'))).toEqual([403, 'role-refused'])
      expect(await refused(house.as('viewer').post('/admin/campaigns', {}))).toEqual([403, 'role-refused'])
    })

    it('of a change somebody else asked for: only its maker withdraws it', async () => {
      const { campaignId } = (await house.draft()).body
      await house.ask('maker', campaignId, 'submit')
      expect(await refused(house.ask('maker2', campaignId, 'withdraw'))).toEqual([409, 'transition-refused'])
      expect((await house.ask('maker', campaignId, 'withdraw')).body).toMatchObject({
        state: 'draft',
        openChange: null,
      })
    })
  })

  it('is rejected back to draft, edited, and submitted again', async () => {
    const { campaignId } = (await house.draft()).body
    await house.ask('maker', campaignId, 'submit')
    const note = { raw: { type: 'application/json', text: '{"note":"too dear"}' } }
    const back = (await house.ask('checker', campaignId, 'reject', note)).body
    expect(back.state).toBe('draft')
    const edited = await house
      .as('maker')
      .patch(`/admin/campaigns/${campaignId}`, { budgetFen: 900_000 }, back.revision)
    expect(edited.body).toMatchObject({ budgetFen: 900_000, revision: back.revision + 1, merchantCount: 2 })
    await house.ask('maker', campaignId, 'submit')
    expect((await house.ask('checker', campaignId, 'approve')).body.state).toBe('approved')
    const { items } = (await house.as('viewer').get<CampaignHistory>(`/admin/campaigns/${campaignId}/history`)).body
    expect(items.find((one) => one.action === 'campaign.reject')).toMatchObject({ note: 'too dear', state: 'draft' })
  })

  it('can’t start in the past: asked for too late, or approved too late', async () => {
    const late = (await house.draft()).body.campaignId
    const slow = (await house.draft()).body.campaignId
    await house.ask('maker', slow, 'submit')
    house.pass(2)
    expect(await refused(house.ask('maker', late, 'submit'))).toEqual([409, 'start-passed', 'startDate'])
    expect(await refused(house.ask('checker', slow, 'approve'))).toEqual([409, 'start-passed', 'startDate'])
    expect((await house.ask('checker', slow, 'reject')).body.state).toBe('draft')
  })

  it('is not launched without merchants', async () => {
    const { campaignId } = (await house.draft({ merchantCodes: [] })).body
    expect(await refused(house.ask('maker', campaignId, 'submit'))).toEqual([422, 'campaign-faulty', 'merchantCodes'])
  })

  it('shows the reviewer what changed, and who may review it', async () => {
    const { campaignId } = (await house.draft()).body
    await house.ask('chief', campaignId, 'submit')
    const inbox = async (by: string) => {
      const { items } = (await house.as(by).get<ReviewList>('/admin/reviews')).body
      return items.filter((one) => one.campaignId === campaignId)
    }
    const [item] = await inbox('checker')
    expect(item).toMatchObject({ campaignId, kind: 'launch', madeBy: 'chief', mayReview: true, revision: 2 })
    expect(item!.diff).toContainEqual({ field: 'rule.slots', before: null, after: 5 })
    expect(await inbox('chief')).toMatchObject([{ mayReview: false }])
    expect(await inbox('viewer')).toMatchObject([{ mayReview: false }])
    await house.ask('checker', campaignId, 'approve')
    expect(await inbox('checker')).toEqual([])
  })

  describe('made with a key', () => {
    const make = (by: string, key: string, change: object = {}) =>
      house.as(by).post<CampaignDetail & { code?: string; made?: string }>('/admin/campaigns', house.terms(change), {
        headers: { 'Idempotency-Key': key },
      })
    const named = async (name: string) =>
      (await house.as('maker').get<CampaignList>(`/admin/campaigns?q=${name}`)).body.items.length

    it('is one draft however often it is asked for, at once too; with other terms it says which it made', async () => {
      const many = await Promise.all([1, 2, 3, 4].map(() => make('maker', 'one-and-the-same', { name: 'once-only' })))
      expect(many.map(({ status }) => status)).toEqual([201, 201, 201, 201])
      expect(new Set(many.map(({ body }) => body.campaignId)).size).toBe(1)
      expect(await named('once-only')).toBe(1)
      const other = await make('maker', 'one-and-the-same', { name: 'once-only', budgetFen: 2_000_000 })
      expect([other.status, other.body.code, other.body.made]).toEqual([422, 'key-reused', many[0]!.body.campaignId])
      // a key is its maker's: a colleague who guesses it makes their own
      expect((await make('maker2', 'one-and-the-same', { name: 'once-only' })).body.madeBy).toBe('maker2')
      expect(await named('once-only')).toBe(2)
    })

    it('takes with it what was typed with the same key, and no other', async () => {
      const sketch = (name: string, key: string) =>
        house.call('PUT', `/admin/sketches/campaign:${name}`, house.token('maker'), {
          body: { content: { key } },
          ifMatch: 0,
        })
      await sketch('new', 'key-of-another')
      await sketch('copy-C1', 'key-of-this-one')
      await make('maker', 'key-of-this-one')
      expect((await house.deps.desk.sketches.list('maker')).map(({ name }) => name)).toEqual(['campaign:new'])
      await house.clearSketches('maker')
    })
  })

  it('is thrown away as a draft, by who has seen it as it is; what was approved stays', async () => {
    const { campaignId, revision } = (await house.draft({ name: 'thrown-away' })).body
    const drop = (by: string, seen: number, id = campaignId) =>
      house.call('DELETE', `/admin/campaigns/${id}`, house.token(by), { ifMatch: seen })
    expect(await refused(drop('viewer', revision))).toEqual([403, 'role-refused'])
    expect(await refused(drop('south', revision))).toEqual([403, 'branch-refused'])
    expect(await refused(drop('maker', revision + 1))).toEqual([412, 'revision-changed', 'If-Match'])
    expect((await drop('maker2', revision)).status).toBe(204)
    expect(await refused(drop('maker2', revision))).toEqual([404, 'campaign-not-found'])
    expect(await refused(house.ask('maker', campaignId, 'submit', { ifMatch: revision + 1 }))).toEqual([
      404,
      'campaign-not-found',
    ])
    expect((await house.as('maker').get<CampaignList>('/admin/campaigns?q=thrown-away')).body.items).toEqual([])
    const [deed] = await house.deps.operators.deeds({ subject: `campaign/${campaignId}`, limit: 1 })
    expect(deed).toMatchObject({ action: 'campaign.delete', username: 'maker2', before: { name: 'thrown-away' } })
    const approved = await house.approved()
    expect(await refused(drop('maker', approved.revision, approved.campaignId))).toEqual([409, 'not-a-draft'])
  })

  describe('reviewed again after it was rejected', () => {
    const compared = async (id: string, by = 'checker', show = 'changed') =>
      (await house.as(by).get<ReviewComparison>(`/admin/campaigns/${id}/review?show=${show}`)).body

    it('shows what changed since, and which merchants came, went and changed sides', async () => {
      const branchBudgets = ['B01', 'B02'].map((branchCode) => ({ branchCode, budgetFen: 500_000 }))
      const { campaignId: id } = (await house.draft({ controlCodes: ['M0003'], branchBudgets })).body
      await house.ask('maker', id, 'submit')
      expect(await compared(id)).toMatchObject({ since: null, counts: { compared: false, merchants: 2, controls: 1 } })
      const note = { raw: { type: 'application/json', text: '{"note":"too dear"}' } }
      const back = (await house.ask('checker', id, 'reject', note)).body
      expect(await refused(house.as('checker').get(`/admin/campaigns/${id}/review`))).toEqual([409, 'no-open-change'])
      const lists = { merchantCodes: ['M0001', 'M0003', 'M0004'], controlCodes: ['M0005'] }
      await house.as('maker').patch(`/admin/campaigns/${id}`, { budgetFen: 900_000, ...lists }, back.revision)
      await house.ask('maker', id, 'submit')
      const found = await compared(id)
      expect(found.since).toMatchObject({
        by: 'checker',
        note: 'too dear',
        diff: [{ field: 'budgetFen', before: 1_000_000, after: 900_000 }],
      })
      expect(found.counts).toEqual({ compared: true, merchants: 3, controls: 1, added: 2, removed: 1, turned: 1 })
      expect(found.items.map(({ code, was, role }) => [code, was, role])).toEqual([
        ['M0002', 'merchant', null],
        ['M0003', 'control', 'merchant'],
        ['M0004', null, 'merchant'],
        ['M0005', null, 'control'],
      ])
      expect((await compared(id, 'checker', 'all')).items.map(({ code }) => code)).toContain('M0001')
      // a branch sees its own merchants of it
      const theirs = await compared(id, 'north')
      expect(theirs.items.map(({ code }) => code)).toEqual(['M0002', 'M0004'])
      expect(theirs.since!.diff).toEqual(found.since!.diff)
      await house.ask('checker', id, 'approve')
    })

    it('of an amendment those that join, and which of them were left out to compare with', async () => {
      const { campaignId: id } = await house.approved({ controlCodes: ['M0003'] })
      const more = { addMerchantCodes: ['M0003', 'M0006'] }
      expect((await house.as('maker').decide(`/admin/campaigns/${id}/amend`, more)).status).toBe(200)
      const found = await compared(id)
      expect(found).toMatchObject({ since: null, counts: { compared: true, merchants: 2, added: 1, turned: 1 } })
      expect(found.items.map(({ code, was }) => [code, was])).toEqual([
        ['M0003', 'control'],
        ['M0006', null],
      ])
    })
  })
})
