import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import { addDays } from '../../../server/domain/business-date'
import type { CampaignDetail, ReviewList, SketchFound, SketchList, SketchWritten } from '../../../server/http/contract'
import { type Bureau, refused, startBureau } from '../../support/bureau'
import { CAMPAIGN } from '../../support/flow'

/** What one person alone tries, who may write terms and approve them. `chief` is maker and checker. */
describe.each(oneSqlEngine())('an insider, on $name', ({ start }) => {
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

  const drafted = async () => (await house.draft()).body.campaignId
  const edit = async (by: string, id: string, body: object) =>
    house.as(by).patch(`/admin/campaigns/${id}`, body, (await house.detail(id)).revision)
  const attempts = async (id: string) =>
    (await house.deps.operators.deeds({ subject: `campaign/${id}`, limit: 50 }))
      .filter(({ action }) => action === 'campaign.refuse')
      .map(({ username, after }) => [username, (after as { verb: string }).verb, (after as { code: string }).code])
  const list = (by: string, id: string, query = '') => {
    const raw = { type: 'text/csv', text: 'M0003\n' }
    return house.as(by).decide(`/admin/campaigns/${id}/merchants${query}`, undefined, { raw })
  }

  it.each<[string, (id: string) => Promise<{ status: number }>]>([
    ['edited', (id) => edit('chief', id, { budgetFen: 5_000_000 })],
    ['imported the merchants of', (id) => list('chief', id)],
    ['imported the controls of', (id) => list('chief', id, '?role=control')],
    [
      'asked for and took back',
      async (id) => {
        await house.ask('chief', id, 'submit')
        return house.ask('chief', id, 'withdraw')
      },
    ],
  ])(
    'who %s a draft doesn’t approve it when a colleague has submitted it, and the log shows who tried',
    async (_, did) => {
      const id = await drafted()
      expect((await did(id)).status).toBe(200)
      await house.ask('maker', id, 'submit')
      const inbox = (await house.as('chief').get<ReviewList>('/admin/reviews')).body.items
      expect(inbox.find(({ campaignId }) => campaignId === id)).toMatchObject({ madeBy: 'maker', mayReview: false })
      for (const verb of ['approve', 'reject'])
        expect(await refused(house.ask('chief', id, verb))).toEqual([403, 'own-change'])
      expect(await house.detail(id)).toMatchObject({ state: 'submitted' })
      expect(await attempts(id)).toEqual([
        ['chief', 'reject', 'own-change'],
        ['chief', 'approve', 'own-change'],
      ])
      expect((await house.ask('checker', id, 'approve')).body.state).toBe('approved')
    },
  )

  it('who drafted it doesn’t approve it, whoever edited and submitted it since', async () => {
    const { campaignId: id } = (await house.draft({}, 'chief')).body
    await edit('maker', id, { priority: 3 })
    await house.ask('maker', id, 'submit')
    expect(await refused(house.ask('chief', id, 'approve'))).toEqual([403, 'own-change'])
  })

  it('who only tried a list, or was refused an edit, has written nothing', async () => {
    const id = await drafted()
    expect((await list('chief', id, '?dryRun=true')).body).toMatchObject({ added: 1 })
    expect(await refused(edit('chief', id, { budgetFen: 1 }))).toEqual([422, 'campaign-faulty', 'budgetFen'])
    await house.ask('maker', id, 'submit')
    expect((await house.ask('chief', id, 'approve')).status).toBe(200)
  })

  it('of a branch reads of an amendment no merchants of another, and who approves it adds all of them', async () => {
    const { campaignId: id } = await house.approved()
    house.pass(1)
    const endDate = addDays(house.today(), 30)
    const amendment = { endDate, addMerchantCodes: ['M0003', 'M0004', 'M0006'] }
    await house.as('maker').decide(`/admin/campaigns/${id}/amend`, amendment)
    const told = async (by: string) => {
      const { openChange } = (await house.as(by).get<CampaignDetail>(`/admin/campaigns/${id}`)).body
      const inbox = (await house.as(by).get<ReviewList>('/admin/reviews')).body.items
      const { diff, amendment } = inbox.find(({ campaignId }) => campaignId === id)!
      expect(amendment).toEqual(openChange!.amendment)
      expect(openChange).not.toHaveProperty('unseen')
      return [amendment!.addMerchantCodes, diff.find(({ field }) => field === 'addMerchantCodes')?.after]
    }
    expect(await told('checker')).toEqual([amendment.addMerchantCodes, amendment.addMerchantCodes])
    expect(await told('south')).toEqual([['M0003'], ['M0003']])
    expect(await told('north')).toEqual([
      ['M0004', 'M0006'],
      ['M0004', 'M0006'],
    ])
    expect((await house.ask('checker', id, 'approve')).body).toMatchObject({ endDate, merchantCount: 5 })
  })

  it('of a branch approves no amendment that begins at another’s shop, and isn’t told at which', async () => {
    const { campaignId: id } = (await house.draft({ branchCode: 'B01', merchantCodes: ['M0001'] })).body
    await house.ask('maker', id, 'submit')
    expect((await house.ask('south2', id, 'approve')).status).toBe(200)
    house.pass(1)
    const amendment = { addMerchantCodes: ['M0002', 'M0003'] }
    expect((await house.as('maker').decide(`/admin/campaigns/${id}/amend`, amendment)).status).toBe(200)
    const inbox = (await house.as('south2').get<ReviewList>('/admin/reviews')).body.items
    expect(inbox.find(({ campaignId }) => campaignId === id)).toMatchObject({ mayReview: false })
    const answer = await house.ask('south2', id, 'approve')
    expect(await refused(Promise.resolve(answer))).toEqual([403, 'branch-refused', 'merchantCodes'])
    expect(JSON.stringify(answer.body)).not.toContain('M0002')
    expect((await house.ask('checker', id, 'approve')).body).toMatchObject({ merchantCount: 3 })
  })

  it('of an amendment: who asked for it before doesn’t approve it when a colleague asks again; of a later one they may', async () => {
    const id = await drafted()
    await edit('chief', id, { priority: 1 })
    await house.ask('maker', id, 'submit')
    await house.ask('checker', id, 'approve')
    house.pass(1)
    const amend = async (by: string, days: number) =>
      house.as(by).decide(`/admin/campaigns/${id}/amend`, { endDate: addDays(house.today(), days) })
    await amend('chief', 30)
    await house.ask('chief', id, 'withdraw')
    await amend('maker', 30)
    expect(await refused(house.ask('chief', id, 'approve'))).toEqual([403, 'own-change'])
    expect((await house.ask('checker', id, 'approve')).body.version).toBe(2)
    // what was approved is nobody's to judge any more
    await amend('maker', 40)
    expect((await house.ask('chief', id, 'approve')).body.version).toBe(3)
  })

  it('can’t let ¥0.01 orders pay out ¥655: no terms promise more than the order', async () => {
    const paying = (thresholdFen: number, fen: number) => ({
      rule: { ...CAMPAIGN.rule, thresholdFen, minFen: fen, maxFen: fen, bandMinFen: fen, bandMaxFen: fen },
      budgetFen: 100_000_000,
    })
    const id = await drafted()
    const asked = async (terms: object) => [
      await refused(house.draft(terms, 'chief')),
      await refused(edit('chief', id, terms)),
    ]
    for (const answer of await asked(paying(1, 65_500))) expect(answer.slice(0, 2)).toEqual([422, 'campaign-faulty'])
    for (const answer of await asked(paying(4_999, 5_000)))
      expect(answer).toEqual([422, 'campaign-faulty', 'rule.maxFen'])
    expect((await edit('chief', id, paying(5_000, 5_000))).status).toBe(200)
  })

  describe('what an operator typed and hasn’t saved', () => {
    const NEW = '/admin/sketches/campaign:new'
    const put = (by: string, revision: number, content: object, path = NEW) =>
      house.call<SketchWritten>('PUT', path, house.token(by), { body: { content }, ifMatch: revision })
    const found = async (by: string, path = NEW) => (await house.as(by).get<SketchFound>(path)).body.sketch
    const drop = (by: string, path = NEW) => house.call('DELETE', path, house.token(by))
    afterEach(() => Promise.all(['maker', 'maker2', 'chief', 'south'].map((by) => house.clearSketches(by))))

    it('is theirs alone: another operator neither reads, overwrites nor drops it by its name', async () => {
      const first = await put('maker', 0, { budget: '1' })
      expect(first.status).toBe(200)
      expect(await found('maker2')).toBeNull()
      expect((await house.as('maker2').get<SketchList>('/admin/sketches')).body.items).toEqual([])
      expect(await refused(put('maker2', first.body.revision, { budget: '9' }))).toEqual([
        412,
        'revision-changed',
        'If-Match',
      ])
      expect((await put('maker2', 0, { budget: '2' })).status).toBe(200)
      expect((await drop('maker2')).status).toBe(204)
      expect(await found('maker')).toMatchObject({ content: { budget: '1' }, revision: first.body.revision })
      expect(await refused(house.as('checker').get(NEW))).toEqual([403, 'role-refused'])
      expect(await refused(house.as('maker').get('/admin/sketches/merchant:M0001'))).toEqual([
        400,
        'invalid-input',
        'name',
      ])
    })

    it('is written over by who has seen it alone, and a revision never comes back', async () => {
      const { revision } = (await put('maker', 0, { budget: '1' })).body
      expect(await refused(put('maker', 0, { budget: '2' }))).toEqual([412, 'revision-changed', 'If-Match'])
      const next = (await put('maker', revision, { budget: '3' })).body.revision
      expect(await refused(put('maker', revision, { budget: '4' }))).toEqual([412, 'revision-changed', 'If-Match'])
      await drop('maker')
      const anew = (await put('maker', 0, { budget: '5' })).body.revision
      expect(anew).toBeGreaterThan(next)
      expect(await refused(put('maker', next, { budget: '6' }))).toEqual([412, 'revision-changed', 'If-Match'])
      expect((await found('maker'))!.content).toEqual({ budget: '5' })
    })

    it('is bounded in size and number, and a branch has none of a campaign that it doesn’t see', async () => {
      const long = { note: 'x'.repeat(600 * 1024) }
      expect((await refused(put('maker', 0, long)))[1]).toBe('body-too-large')
      const many = await Promise.all(
        Array.from({ length: 24 }, (_, i) => put('maker', 0, { i }, `/admin/sketches/campaign:copy-${i}`)),
      )
      expect(many.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(20)
      expect(await refused(put('maker', 0, {}))).toEqual([409, 'too-many-sketches'])
      const { campaignId } = (await house.draft({ branchCode: 'B02', merchantCodes: ['M0002'] })).body
      const theirs = `/admin/sketches/campaign:${campaignId}`
      expect(await refused(put('south', 0, {}, theirs))).toEqual([404, 'campaign-not-found'])
      expect(await refused(house.as('south').get(theirs))).toEqual([404, 'campaign-not-found'])
      // of one that is gone there is still what they typed
      const own = (await house.draft({ branchCode: 'B01', merchantCodes: ['M0001'] }, 'south')).body
      const mine = `/admin/sketches/campaign:${own.campaignId}`
      await put('south', 0, { budget: '7' }, mine)
      await house.call('DELETE', `/admin/campaigns/${own.campaignId}`, house.token('south'), { ifMatch: own.revision })
      expect((await found('south', mine))!.content).toEqual({ budget: '7' })
    })

    it('makes nobody an author, stands in no log, and is gone once it is saved', async () => {
      const id = await drafted()
      const path = `/admin/sketches/campaign:${id}`
      const deeds = async () => (await house.deps.operators.deeds({ limit: 50 })).length
      const before = await deeds()
      await put('chief', 0, { budget: '5' }, path)
      expect(await deeds()).toBe(before)
      await house.ask('maker', id, 'submit')
      expect((await house.ask('chief', id, 'reject')).status).toBe(200)
      expect(await found('chief', path)).not.toBeNull()
      // saved, it is theirs, and so is the authorship
      await edit('chief', id, { priority: 4 })
      expect(await found('chief', path)).toBeNull()
      await house.ask('maker', id, 'submit')
      expect(await refused(house.ask('chief', id, 'approve'))).toEqual([403, 'own-change'])
    })
  })
})
