import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import type { CampaignImport } from '../../../server/http/contract'
import { type Bureau, refused, startBureau } from '../../support/bureau'

describe.each(oneSqlEngine())('a campaign’s list of merchants as a file, on $name', ({ start }) => {
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
  const send = (id: string, text: string, query = '', by = 'maker') =>
    house.as(by).decide<CampaignImport>(`/admin/campaigns/${id}/merchants${query}`, undefined, {
      raw: { type: 'text/csv', text },
    })

  it('replaces the draft’s, with or without a heading, whatever other columns there are', async () => {
    const { campaignId: id } = await drafted()
    expect((await send(id, '\uFEFF商户编号,名称\r\nM0002,"阿婆, 豆花"\r\n\r\nM0003,x\r\n')).body).toMatchObject({
      lines: 2,
      added: 1,
      removed: 1,
      unchanged: 1,
      faultCount: 0,
    })
    expect((await send(id, 'M0010\nM0011\n', '?role=control')).body).toMatchObject({ added: 2, lines: 2 })
    expect(await house.detail(id)).toMatchObject({ merchantCount: 2, controlCount: 2, revision: 3 })
  })

  it('names every bad line, and then changes nothing', async () => {
    const { campaignId: id } = await drafted({ controlCodes: ['M0007'] })
    const text = 'merchantCode\nM0001\nM 2\nM9999\nM0001\nM8888\n'
    const { status, body } = await send(id, text)
    expect(status).toBe(200)
    expect(body.faults.map((one) => [one.line, one.code])).toEqual([
      [3, 'invalid-code'],
      [4, 'merchant-unknown'],
      [5, 'duplicate'],
      [6, 'merchant-unknown'],
    ])
    expect(body).toMatchObject({ faultCount: 4, added: 0, removed: 0, unchanged: 0, lines: 5 })
    expect((await send(id, 'M0007\n')).body.faults).toMatchObject([{ line: 1, code: 'both-roles' }])
    expect((await send(id, 'M0001\n"M0002\n')).body.faults).toMatchObject([
      { line: 2, field: 'merchantCode', code: 'quote' },
    ])
    expect(await house.detail(id)).toMatchObject({ merchantCount: 2, revision: 1 })
  })

  it('takes no code for another that only looks like it, and says which one is there', async () => {
    const { campaignId: id } = await drafted()
    // another case, noughts at the front, full-width letters, a Cyrillic М, the letter O for nought, a blank that doesn't show
    const wrong = ['m0002', '00M0003', 'Ｍ０００２', '\u041c0002', 'MO002', 'M0\u200b002']
    const { body } = await send(id, `merchantCode\nM0001\n${wrong.join('\n')}\n`)
    expect(body.faults.map(({ line, code }) => [line, code])).toEqual([
      [3, 'alike'],
      [4, 'alike'],
      [5, 'invalid-code'],
      [6, 'invalid-code'],
      [7, 'merchant-unknown'],
      [8, 'invalid-code'],
    ])
    expect(body.faults[0]!.message).toBe('there is M0002: written otherwise, or noughts were lost')
    expect((await send(id, 'M0001\nm0001\n', '?role=control')).body.faults).toMatchObject([{ line: 2, code: 'alike' }])
    expect(await house.detail(id)).toMatchObject({ merchantCount: 2, controlCount: 0, revision: 1 })
    // A branch's operator hears of no merchant that isn't theirs.
    const south = await drafted({ branchCode: 'B01', merchantCodes: ['M0001'] }, 'south')
    expect((await send(south.campaignId, 'm0002\n', '', 'south')).body.faults).toMatchObject([
      { code: 'merchant-unknown' },
    ])
  })

  it('only says what it would do when asked to, and is for drafts alone', async () => {
    const { campaignId: id } = await drafted()
    expect((await send(id, 'M0002\n', '?dryRun=true')).body).toMatchObject({ added: 0, removed: 1, unchanged: 1 })
    expect(await house.detail(id)).toMatchObject({ merchantCount: 2, revision: 1 })
    expect(await refused(house.as('maker').post(`/admin/campaigns/${id}/merchants`, {}))).toEqual([
      415,
      'unsupported-media-type',
    ])
    await house.ask('maker', id, 'submit')
    expect(await refused(send(id, 'M0002\n'))).toEqual([409, 'not-a-draft'])
  })
})
