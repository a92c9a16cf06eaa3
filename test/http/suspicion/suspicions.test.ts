import { startTestPostgres, type TestSql } from '../../../harness/sql'
import type { Scoring, SuspicionList, SuspicionView } from '../../../server/http/contract'
import { FARMED, layDay, STREET, STREET_CAMPAIGN } from '../../support/farmed-street'
import { type House, person, startHouse } from '../../support/house'

const YESTERDAY = '2026-11-20'
const STAFF = [
  person('maker', ['maker']),
  person('auditor', ['auditor']),
  person('viewer', ['viewer']),
  person('south', ['maker', 'checker'], 'B01'),
]

describe('the queue of suspicions', () => {
  let engine: TestSql
  let house: House
  let numbers: Map<string, string[]>
  beforeAll(async () => {
    engine = await startTestPostgres()
    const sql = await engine.fresh()
    const merchantCodes = STREET.map(({ merchantCode }) => merchantCode)
    house = await startHouse(sql, {
      street: { merchants: STREET, campaigns: [{ ...STREET_CAMPAIGN, merchantCodes }] },
      staff: STAFF,
    })
    numbers = await layDay(sql, YESTERDAY)
  })
  afterAll(async () => {
    await house?.stop()
    await engine?.stop()
  })

  const open = async () => (await house.as('auditor').get<SuspicionList>('/admin/suspicions')).body

  it('is filled by scoring a date, which the log tells of; a day that isn’t over is refused', async () => {
    expect((await open()).items).toEqual([])
    const scored = await house.as('maker').post<Scoring>(`/admin/scorings/${YESTERDAY}`)
    expect(scored).toMatchObject({ status: 200, body: { date: YESTERDAY, merchants: 10, found: 1 } })
    expect((await open()).items).toMatchObject([
      {
        merchantCode: FARMED,
        merchantName: '老街 3 号',
        branchName: '城南支行',
        state: 'open',
        score: 100,
        decision: null,
      },
    ])
    const [deed] = await house.operators.deeds({ limit: 1 })
    expect(deed).toMatchObject({ username: 'maker', action: 'suspicion.score', subject: `scoring/${YESTERDAY}` })
    const early = await house.as('maker').post('/admin/scorings/2026-11-21')
    expect(early).toMatchObject({
      status: 409,
      body: { code: 'scoring-refused', field: 'date', reason: 'day-not-over' },
    })
  })

  it('leads to the evidence, whose lines name orders, and payers by a number alone', async () => {
    const { suspicionId } = (await open()).items[0]!
    const { status, body } = await house.as('auditor').get<SuspicionView>(`/admin/suspicions/${suspicionId}`)
    expect(status).toBe(200)
    expect(body.evidenceDays[0]!.evidence[0]).toMatchObject({
      indicator: 'same-payer',
      hits: 18,
      of: 20,
      usualPercent: 5,
    })
    expect(body.evidenceDays[0]!.evidence[0]!.orderNos).toEqual(numbers.get(FARMED)!.slice(1, 19))
    expect(body.orders).toHaveLength(20)
    expect(body.orders.at(-1)).toMatchObject({ payer: 2, amountFen: 2_340, merchantRewardFen: 400, refundedFen: 0 })
    expect(JSON.stringify(body)).not.toContain('the-farmer')
    const order = await house.as('auditor').get(`/admin/orders/${body.orders[0]!.orderNo}`)
    expect(order.status).toBe(200)
  })

  it('refuses what is none of ours, naming the field', async () => {
    const asked = async (path: string) => {
      const { status, body } = await house.as('auditor').get(path)
      return [status, body.code, body.field]
    }
    const { suspicionId } = (await open()).items[0]!
    expect(await asked('/admin/suspicions/none')).toEqual([404, 'suspicion-not-found', 'id'])
    expect(await asked(`/admin/suspicions/${suspicionId}?date=2026-11-01`)).toEqual([
      404,
      'suspicion-not-found',
      'date',
    ])
    expect(await asked('/admin/suspicions?state=guilty')).toEqual([400, 'invalid-input', 'state'])
    expect(await asked('/admin/suspicions?cursor=1')).toEqual([400, 'invalid-input', 'cursor'])
    expect(await asked('/admin/suspicions/a%20b')).toEqual([400, 'invalid-input', 'id'])
    expect(await asked('/admin/suspicions?cursor=99.zzz')).toEqual([200, undefined, undefined])
  })

  it('is the whole bank’s: who sees one branch, or may only look, doesn’t see it', async () => {
    expect(await house.as('viewer').get('/admin/suspicions')).toMatchObject({
      status: 403,
      body: { code: 'role-refused' },
    })
    expect(await house.as('south').get('/admin/suspicions')).toMatchObject({
      status: 403,
      body: { code: 'branch-refused' },
    })
  })
})
