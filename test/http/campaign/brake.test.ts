import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import { pauseAll } from '../../../server/flow/campaign/brake'
import type { CampaignDetail, CampaignHistory, HeldView, QuoteView } from '../../../server/http/contract'
import { cachedCatalog } from '../../../server/store/catalog-cache'
import { type Bureau, refused, startBureau } from '../../support/bureau'
import { person } from '../../support/house'

/** The brake, over HTTP and on a database: one person stops discounts at once, and two let them go on. */
describe.each(oneSqlEngine())('the brake on $name', ({ start }) => {
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
  afterEach(async () => {
    house.pass(100)
    await house.sql.db.updateTable('brakes').set({ held: false }).execute()
  })

  const reason = async (name = 'p1', merchantCode?: string) => (await house.quote(name, merchantCode)).reason
  const pause = (by: string, at: string, body?: object) => house.as(by).post(`/admin/${at}`, body)
  const running = async (change: object = {}) => {
    const { campaignId } = await house.approved(change)
    house.pass(1)
    return campaignId
  }
  const deeds = async (subject: string) => {
    const rows = await house.sql.db
      .selectFrom('operator_actions')
      .select(['username', 'action'])
      .where('subject', '=', subject)
      .orderBy('action_id')
      .execute()
    return rows.map(({ username, action }) => `${username} ${action}`)
  }

  describe('of one campaign', () => {
    it.each(['maker2', 'checker'])('is pulled by %s at once, with a reason that is seen', async (by) => {
      const id = await running()
      expect(await reason()).toBeNull()
      const { status, body, headers } = await pause(by, `campaigns/${id}/pause`, { note: 'too many of one phone' })
      expect(status).toBe(200)
      expect(body).toMatchObject({ state: 'paused', brake: { by, note: 'too many of one phone' } })
      expect(body).toMatchObject({ openChange: { kind: 'pause', inForce: true, madeBy: by }, behind: null })
      expect(headers.get('etag')).toBe(`"${body.revision}"`)
      expect(await reason()).toBe('campaign-paused')
      expect(await house.given()).toMatchObject(Array(3).fill({ reason: 'campaign-paused' }))
      expect(await house.ownCampaign('M0001')).toMatchObject({ paused: 'campaign' })
    })

    it.each([
      ['its end', 'end', undefined],
      ['its amendment', 'amend', { budgetFen: 2_000_000 }],
    ])('stops it while %s waits for review, which goes on waiting behind', async (_, verb, body) => {
      const id = await running()
      await house.as('maker').decide(`/admin/campaigns/${id}/${verb}`, body)
      expect(await reason('p1')).toBeNull()
      const held = (await pause('maker2', `campaigns/${id}/pause`)).body
      expect(held).toMatchObject({ state: 'paused', openChange: { kind: 'pause' }, behind: { kind: verb } })
      expect(await reason('p2')).toBe('campaign-paused')

      // the pause is reviewed first, then what waited; and neither makes it give again
      expect((await house.ask('checker', id, 'approve')).body).toMatchObject({
        state: 'paused',
        openChange: { kind: verb },
        behind: null,
      })
      expect((await house.ask('checker', id, 'approve')).body.state).toBe(verb === 'end' ? 'ended' : 'paused')
      expect(await reason('p2')).not.toBeNull()
    })

    it('stops what is submitted or scheduled: approved, it begins paused', async () => {
      const { campaignId: id } = (await house.draft()).body
      await house.ask('maker', id, 'submit')
      const stale = (await house.detail(id)).revision
      expect((await pause('checker', `campaigns/${id}/pause`)).body).toMatchObject({ state: 'submitted', brake: {} })
      // who looked before it was pulled doesn't approve the one for the other
      const approval = { headers: { 'If-Match': `"${stale}"` } }
      expect(await refused(house.ask('chief', id, 'approve', approval))).toEqual([412, 'revision-changed', 'If-Match'])
      expect((await house.ask('chief', id, 'approve')).body).toMatchObject({ openChange: { kind: 'launch' } })
      expect((await house.ask('checker', id, 'approve')).body.state).toBe('paused')
      house.pass(1)
      await house.startAndEnd()
      expect(await reason()).toBe('campaign-paused')
      await house.ask('maker', id, 'resume')
      expect((await house.ask('checker', id, 'approve')).body.state).toBe('running')
      expect(await reason()).toBeNull()
    })

    it('of one that waits for its start date gives it back as it was', async () => {
      const { campaignId: id } = await house.approved()
      expect((await pause('maker', `campaigns/${id}/pause`)).body.state).toBe('paused')
      expect((await house.ask('checker', id, 'reject')).body.state).toBe('approved')
      house.pass(1)
      expect(await reason()).toBeNull()
    })

    it('is pulled while somebody holds the campaign’s row with an edit that lasts', async () => {
      const { campaignId: id } = (await house.draft()).body
      if (engine.name === 'PGlite') return // it has the one connection
      await house.sql.transaction(async (tx) => {
        await tx.updateTable('campaigns').set({ name: 'edited' }).where('campaign_id', '=', id).execute()
        expect(await pause('checker', `campaigns/${id}/pause`)).toMatchObject({ status: 200, body: { brake: {} } })
      })
    })

    it('pulled twice, or by two at once, is one pause and one entry of the log', async () => {
      const id = await running()
      const both = await Promise.all(['maker', 'checker'].map((by) => pause(by, `campaigns/${id}/pause`)))
      const again = await pause('maker2', `campaigns/${id}/pause`)
      expect([...both, again].map(({ status, body }) => [status, body.state])).toEqual(Array(3).fill([200, 'paused']))
      expect((await deeds(`campaign/${id}`)).filter((one) => one.endsWith('campaign.pause'))).toHaveLength(1)
      expect(again.body.brake).toEqual(both[0]!.body.brake)
    })

    it('sets back a resumption that a colleague has asked for, so that nobody approves it unseen', async () => {
      const id = await running()
      await pause('maker', `campaigns/${id}/pause`)
      await house.ask('checker', id, 'approve')
      const asked = (await house.ask('maker', id, 'resume')).body as CampaignDetail
      const held = (await pause('maker2', `campaigns/${id}/pause`, { note: 'it is still on' })).body
      expect(held).toMatchObject({ state: 'paused', openChange: { kind: 'pause', madeBy: 'maker2' }, behind: null })
      const approval = { headers: { 'If-Match': `"${asked.revision}"` } }
      expect(await refused(house.ask('checker', id, 'approve', approval))).toEqual([
        412,
        'revision-changed',
        'If-Match',
      ])
      expect((await house.ask('checker', id, 'approve')).body.state).toBe('paused')
      expect(await reason()).toBe('campaign-paused')
    })

    it('is one’s own to pull and another’s to judge', async () => {
      const id = await running()
      await pause('chief', `campaigns/${id}/pause`)
      expect(await refused(house.ask('chief', id, 'reject'))).toEqual([403, 'own-change'])
      expect(await deeds(`campaign/${id}`)).toContain('chief campaign.refuse')
      expect((await house.ask('checker', id, 'reject')).body).toMatchObject({ state: 'running', brake: null })
      expect(await reason()).toBeNull()
      const { items } = (await house.as('viewer').get<CampaignHistory>(`/admin/campaigns/${id}/history`)).body
      const people = items.filter(({ username }) => username !== 'system').slice(-2)
      expect(people.map((one) => `${one.username} ${one.action} ${one.state}`)).toEqual([
        'chief campaign.pause paused',
        'checker campaign.reject running',
      ])
    })

    it('has nothing to stop in one that has ended', async () => {
      const id = await running()
      house.pass(20)
      expect(await refused(pause('maker', `campaigns/${id}/pause`))).toEqual([409, 'transition-refused'])
    })
  })

  describe('of one merchant', () => {
    it('stops it there alone, whatever campaign is on, and says so once', async () => {
      await running()
      const { body } = await pause('checker', 'merchants/M0001/pause', { note: 'pays itself' })
      expect(body).toMatchObject({ by: 'checker', note: 'pays itself', revision: expect.any(Number) })
      expect(await pause('maker', 'merchants/M0001/pause')).toMatchObject({ status: 200, body })
      expect([await reason('p1', 'M0001'), await reason('p1', 'M0002')]).toEqual(['campaign-paused', null])
      expect(await house.given('M0001')).toMatchObject(Array(3).fill({ reason: 'campaign-paused' }))
      expect(await house.ownCampaign('M0001')).toMatchObject({ paused: 'shop' })
      const held = (await house.as('viewer').get<HeldView>('/admin/brake')).body
      expect(held).toMatchObject({ all: null, merchants: [{ code: 'M0001', by: 'checker' }] })
      expect((await deeds('merchant/M0001')).filter((one) => one.endsWith('.pause'))).toEqual([
        'checker merchant.pause',
      ])
    })

    it('is a branch’s own for its own merchants, and for no others', async () => {
      expect((await pause('south', 'merchants/M0001/pause')).status).toBe(200)
      expect(await refused(pause('south', 'merchants/M0002/pause'))).toEqual([404, 'merchant-not-found', 'code'])
      expect(await refused(pause('maker', 'merchants/M9999/pause'))).toEqual([404, 'merchant-not-found', 'code'])
      const held = (await house.as('north').get<HeldView>('/admin/brake')).body
      expect(held.merchants).toEqual([])
    })
  })

  describe('of everything', () => {
    it('stops it at once and everywhere, and what was quoted before is paid as it says', async () => {
      await running()
      const before: QuoteView = await house.quote('p1')
      expect(before.reason).toBeNull()
      const { body } = await pause('checker', 'brake', { note: 'somebody is farming' })
      expect(body).toMatchObject({ by: 'checker', note: 'somebody is farming' })
      expect([await reason('p2', 'M0001'), await reason('p2', 'M0002')]).toEqual(['campaign-paused', 'campaign-paused'])
      expect(await house.pay('p1', before)).toMatchObject({ state: 'paid', discountFen: before.discountFen })
      expect((await house.as('south').get<HeldView>('/admin/brake')).body.all).toEqual({ ...body, releaseAsked: false })
      expect(await deeds('brake/all')).toEqual(['checker brake.pull'])
    })

    it('is the whole bank’s, and nobody’s who only looks', async () => {
      expect(await refused(pause('south', 'brake'))).toEqual([403, 'branch-refused'])
      for (const at of ['brake', 'merchants/M0001/pause', 'campaigns/C1/pause'])
        expect(await refused(pause('viewer', at))).toEqual([403, 'role-refused'])
    })

    it('is refused in a loop without filling the log, whose next entry says how often, and answers a maker all the same', async () => {
      const logged = async () => {
        const own = house.sql.db.selectFrom('operator_actions').select('after').where('username', '=', 'viewer')
        const rows = await own.where('action', '=', 'access.refuse').orderBy('action_id').execute()
        return rows.map(({ after }) => (after as { unwritten?: number }).unwritten ?? 0)
      }
      const before = (await logged()).length
      for (let nth = 0; nth < 60; nth++) expect((await pause('viewer', 'brake')).status).toBe(403)
      expect((await logged()).slice(before)).toEqual(Array(10).fill(0))
      expect((await pause('maker', 'brake')).status).toBe(200)
      house.pass(1)
      await pause('viewer', 'brake')
      expect((await logged()).slice(before + 10)).toEqual([50])
    })
  })

  describe('is let go of by two', () => {
    const all = async () => (await house.as('viewer').get<HeldView>('/admin/brake')).body
    const judge = (by: string, changeId: string, verb: string) =>
      house.as(by).decide(`/admin/changes/${changeId}/${verb}`)
    const ask = (by: string, method: string, path: string, ifMatch?: number) =>
      house.call(method, path, house.token(by), { ifMatch, body: { note: 'looked into' } })

    it('of the house: who asks doesn’t approve, and it is seen that they tried', async () => {
      await running()
      const { revision } = (await pause('chief', 'brake')).body
      expect(await refused(ask('chief', 'DELETE', '/admin/brake'))).toEqual([428, 'precondition-missing', 'If-Match'])
      const asked = await ask('chief', 'DELETE', '/admin/brake', revision)
      expect(asked).toMatchObject({ status: 202, body: { change: { kind: 'brake.release', subject: 'brake/all' } } })
      const { changeId } = asked.body.change
      expect(await refused(judge('chief', changeId, 'approve'))).toEqual([403, 'own-change'])
      expect(await refused(judge('south2', changeId, 'approve'))).toEqual([403, 'branch-refused'])
      expect(await reason()).toBe('campaign-paused')
      expect((await judge('checker', changeId, 'approve')).body.change.state).toBe('applied')
      expect([await reason(), (await all()).all]).toEqual([null, null])
      expect((await deeds('brake/all')).slice(-5)).toEqual([
        'chief change.ask',
        'chief change.refuse',
        'south2 change.refuse',
        'checker change.approve',
        'checker change.apply',
      ])
    })

    it('of a merchant: one of its branch asks, another approves', async () => {
      await running()
      const { revision } = (await pause('south', 'merchants/M0001/pause')).body
      const path = '/admin/merchants/M0001/resume'
      expect(await refused(ask('north', 'POST', path, revision))).toEqual([404, 'merchant-not-found', 'code'])
      expect(await refused(ask('south', 'POST', path, revision + 1))).toEqual([412, 'revision-changed', 'If-Match'])
      const { changeId } = (await ask('south', 'POST', path, revision)).body.change
      expect(await refused(judge('south', changeId, 'approve'))).toEqual([403, 'own-change'])
      expect((await judge('south2', changeId, 'approve')).body.change.state).toBe('applied')
      expect(await reason()).toBeNull()
      expect(await refused(ask('south', 'POST', path, revision))).toEqual([409, 'no-brake'])
    })

    it.each([
      ['of the house', 'brake', 'DELETE', '/admin/brake', 'brake/all'],
      ['of a merchant', 'merchants/M0001/pause', 'POST', '/admin/merchants/M0001/resume', 'merchant/M0001'],
    ])(
      '%s, and not at all once it is pulled again: what waited is set back, and who pulled says why',
      async (_, at, method, path, subject) => {
        await running()
        const { revision } = (await pause('chief', at, { note: 'farmed' })).body
        const { changeId, revision: seen } = (await ask('maker', method, path, revision)).body.change
        const held = async () => {
          const { all: whole, merchants } = await all()
          return whole ?? merchants[0]
        }
        expect(await held()).toMatchObject({ by: 'chief', releaseAsked: true })
        const again = await pause('maker2', at, { note: 'it goes on' })
        expect(again).toMatchObject({ status: 200, body: { by: 'maker2', note: 'it goes on' } })
        expect(again.body.revision).toBeGreaterThan(revision)
        const approval = { ifMatch: seen }
        const approve = () => house.call('POST', `/admin/changes/${changeId}/approve`, house.token('checker'), approval)
        expect(await refused(approve())).toEqual([409, 'change-decided'])
        expect(await held()).toMatchObject({ ...again.body, releaseAsked: false })
        expect(await reason()).toBe('campaign-paused')
        expect((await deeds(subject)).slice(-4)).toEqual([
          'maker change.ask',
          'maker2 change.overtake',
          expect.stringMatching(/^maker2 (brake.pull|merchant.pause)$/),
          'checker change.refuse',
        ])
        // with nothing to set back it stays the pull that it was
        expect((await pause('maker', at, { note: 'me too' })).body).toEqual(again.body)
        const { changeId: next } = (await ask('maker', method, path, again.body.revision)).body.change
        expect((await judge('checker', next, 'approve')).body.change.state).toBe('applied')
      },
    )

    it('or pulled again at the same moment: it holds then, whichever of the two came first', async () => {
      await running()
      const { revision } = (await pause('chief', 'brake')).body
      const { changeId } = (await ask('maker', 'DELETE', '/admin/brake', revision)).body.change
      const [, pulled] = await Promise.all([
        judge('checker', changeId, 'approve'),
        pause('maker2', 'brake', { note: 'it goes on' }),
      ])
      expect(pulled).toMatchObject({ status: 200, body: { by: 'maker2' } })
      expect((await all()).all).toMatchObject(pulled.body)
      expect(await reason()).toBe('campaign-paused')
    })
  })

  it('is known at once where it was pulled, and within a second everywhere else', async () => {
    await running()
    const clock = { at: 0, now: () => clock.at }
    const [here, there] = [cachedCatalog(house.deps.catalog, clock), cachedCatalog(house.deps.catalog, clock)]
    const states = async () =>
      (await Promise.all([here, there].map((one) => one.campaignFor('M0001', house.today())))).map((one) => one?.state)
    expect(await states()).toEqual([
      expect.stringMatching(/approved|running/),
      expect.stringMatching(/approved|running/),
    ])
    await pauseAll({ ...house.deps, catalog: here }, person('checker', ['checker']), null)
    expect((await states())[0]).toBe('paused')
    clock.at += 1_000
    expect(await states()).toEqual(['paused', 'paused'])
  })

  it('of a branch doesn’t reach a campaign of the whole bank', async () => {
    const id = await running()
    expect(await refused(pause('south', `campaigns/${id}/pause`))).toEqual([403, 'branch-refused'])
    expect(await reason()).toBeNull()
  })
})
