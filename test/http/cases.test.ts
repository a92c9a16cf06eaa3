import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { startOneSql, type TestSql } from '../../harness/sql'
import { type Bureau, startBureau } from '../support/bureau'
import { CAMPAIGN } from '../support/flow'

const CASES = process.env.FAPAI_CASES ?? resolve(__dirname, '../../../shared/cases')
const there = existsSync(CASES)
if (!there) console.warn(`skipped: there is no folder ${CASES} (FAPAI_CASES) with inputs that failed elsewhere`)
const given = there ? describe : describe.skip

given('inputs that failed elsewhere, through the operators’ routes', () => {
  let sql: TestSql
  let house: Bureau
  beforeAll(async () => {
    sql = await startOneSql()
    house = await startBureau(await sql.fresh())
  })
  afterAll(async () => {
    await house?.stop()
    await sql?.stop()
  })
  const file = (name: string) => readFileSync(`${CASES}/${name}`)
  const faultsOf = ({ status, body }: { status: number; body: { faults: object[] } }) => {
    expect(status).toBe(200)
    return body.faults.map((fault) => Object.values(fault).slice(0, 3))
  }

  it.each([
    ['01-two-account-columns.csv', [[1, 'account', 'column-twice']]],
    ['02-unquoted-comma.csv', [[2, 'line', 'cell-count']]],
    ['03-utf8-one-cut-character.csv', [[3, 'line', 'encoding']]],
    ['04-account-is-a-gl.csv', [[2, 'account', 'account-is-gl']]],
    [
      '05-zero-width-and-bidi-names.csv',
      [
        [2, 'name', 'hidden-character'],
        [3, 'name', 'hidden-character'],
      ],
    ],
  ])('%s as merchants is refused, line and field named, and nothing of it is kept', async (name, expected) => {
    const before = (await house.as('maker').get('/admin/merchants?limit=100')).body
    expect(faultsOf(await house.as('maker').csv('/admin/merchants/import', file(name)))).toEqual(expected)
    expect((await house.as('maker').get('/admin/merchants?limit=100')).body).toEqual(before)
  })

  it.each([
    ['06-list-stray-quote-500.csv', [[1, 'line', 'quote']], 2],
    ['07-list-gbk-heading.csv', [], 1],
    ['08-list-empty.csv', [[1, 'file', 'empty']], 2],
  ])('%s as a campaign’s list is understood or refused, and never empties it', async (name, expected, left) => {
    const { campaignId } = (await house.draft()).body
    const answer = await house.as('maker').csv(`/admin/campaigns/${campaignId}/merchants`, file(name), 1)
    expect(faultsOf(answer)).toEqual(expected)
    expect(await house.detail(campaignId)).toMatchObject({ merchantCount: left })
  })

  it('09-requests.txt: each is refused with the field at fault', async () => {
    expect(file('09-requests.txt').length).toBeGreaterThan(0)
    const year0 = '0000-01-01'
    const { as, draft } = house
    const rule = (change: object) => ({ rule: { ...CAMPAIGN.rule, ...change } })
    const running = (await house.approved()).campaignId
    const answers = [
      house.call('GET', `/api/merchant/summary?date=${year0}`, house.owner('M0001')),
      as('maker').get(`/admin/orders?date=${year0}`),
      draft({ startDate: year0, endDate: year0 }),
      as('maker').decide(`/admin/campaigns/${running}/amend`, { endDate: '9999-12-31' }),
      as('maker').decide(`/admin/campaigns/${running}/amend`, { endDate: '2199-12-31' }),
      draft({ endDate: '2199-12-31' }),
      draft(rule({ thresholdFen: 60_000 })),
      draft(rule({ payerPercent: 0 })),
      as('maker').post('/admin/branches', { code: 'B77', name: '点号支行', glAccount: '6421.03' }),
      draft({ name: 'a\u0007\n\u202eb' }),
      draft({ organiser: '\u200b\u200b' }),
    ]
    const told = (await Promise.all(answers)).map(({ status, body }) => {
      const { code, field } = body as { code?: string; field?: string }
      return [status, code, field]
    })
    expect(told).toEqual([
      [400, 'invalid-input', 'date'],
      [400, 'invalid-input', 'date'],
      [400, 'invalid-input', 'startDate'],
      [400, 'invalid-input', 'endDate'],
      [422, 'not-favourable', 'endDate'],
      [422, 'campaign-faulty', 'endDate'],
      [422, 'campaign-faulty', 'rule.thresholdFen'],
      [422, 'campaign-faulty', 'rule.payerPercent'],
      [422, 'account-refused', 'glAccount'],
      [400, 'invalid-input', 'name'],
      [400, 'invalid-input', 'organiser'],
    ])
  })
})
