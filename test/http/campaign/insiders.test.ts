import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import { addDays } from '../../../server/domain/business-date'
import type { ReviewList } from '../../../server/http/contract'
import { type Bureau, refused, startBureau } from '../../support/bureau'
import { CAMPAIGN } from '../../support/flow'

/** What one person alone tries, who may write terms and approve them. `chief` is maker and checker. */
describe.each(oneSqlEngine())('an insider, on $name', ({ start }) => {
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
})
