import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import type { Order } from '../../../server/domain/order'
import type { Problem, ReconciliationDay, ReconciliationView } from '../../../server/http/contract'
import { type Office, startOffice } from '../../support/office'
import { lineOf } from '../../support/reconcile'

/** Today is 2026-11-21 at noon in Shanghai. */
const DAY = '2026-11-20'
const path = (rest = '') => `/admin/reconciliations/${DAY}${rest}`

/** A channel's second file of a day that is done is somebody's decision, and not lost. */
describe.each(oneSqlEngine())('a statement that is issued anew, on $name', ({ start }) => {
  let engine: TestSql
  let office: Office
  let order: Order
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    office = await startOffice(await engine.fresh())
    order = await office.order({ date: DAY })
    office.statements.set(DAY, [line()])
    expect((await office.as('maker').post(path())).body).toMatchObject({ settled: true, reissued: null })
  })
  afterEach(() => office?.stop())
  afterAll(() => engine?.stop())

  const line = (lineNo = 1) => ({ ...lineOf(order), lineNo })
  const day = async () => (await office.as('auditor').get(path())).body as ReconciliationView
  const listed = async () =>
    ((await office.as('auditor').get('/admin/reconciliations?days=1')).body.items as ReconciliationDay[])[0]!
  /** The bank has a file of so many lines for the day now, and somebody asks. */
  async function reissued(lines: number) {
    office.statements.set(
      DAY,
      Array.from({ length: lines }, (_, i) => line(i + 1)),
    )
    return office.as('maker').post(path())
  }
  const keep = (body: object, by = 'checker') => office.as(by).post(path('/keep'), body)

  it('is refused and kept with the day, which can’t be signed any more, whoever looks and when', async () => {
    const first = await day()
    const { status, body } = await reissued(2)
    expect([status, (body as Problem).reason]).toEqual([409, 'statement-changed'])
    const now = await day()
    expect(now).toMatchObject({ ...first, settled: false, reissued: { lines: 2, by: null, note: null } })
    expect(now.reissued!.sha256).not.toBe(first.sha256)
    expect(await listed()).toMatchObject({ state: 'differences', openCount: 0, waitingCount: 0 })
    const report = (await office.as('auditor').get(path('/report.md'))).body as string
    expect(report).toContain('银行重发了内容不同的对账单，待处理')
    expect((await office.as('auditor').get(path('/differences'))).body.items).toEqual([])
  })

  it('is decided once, by a checker with a reason, of the very file that was looked at; then the day is settled', async () => {
    await reissued(2)
    const { sha256 } = (await day()).reissued!
    expect(await keep({ sha256 })).toMatchObject({ status: 400, body: { field: 'note' } })
    expect(await keep({ sha256, note: '好' }, 'maker')).toMatchObject({ status: 403, body: { code: 'role-refused' } })
    expect(await keep({ sha256: 'ab'.repeat(32), note: '好' })).toMatchObject({ body: { code: 'not-reissued' } })
    const note = '银行误发，以原件为准'
    expect(await keep({ sha256, note })).toMatchObject({
      status: 200,
      body: { settled: true, reissued: { sha256, by: 'checker', note } },
    })
    expect(await keep({ sha256, note })).toMatchObject({ status: 409, body: { code: 'not-reissued' } })
    expect((await office.deeds()).filter(({ action }) => action === 'reconciliation.keep')).toMatchObject([
      { username: 'checker', subject: `reconciliation/${DAY}`, after: { reissued: sha256, note } },
    ])
    expect(await listed()).toMatchObject({ state: 'balanced' })
  })

  it('asks no second time when it is seen again, and does when it is a third', async () => {
    await reissued(2)
    await keep({ sha256: (await day()).reissued!.sha256, note: '误发' })
    expect((await reissued(2)).status).toBe(409)
    expect(await day()).toMatchObject({ settled: true, reissued: { by: 'checker' } })
    await reissued(3)
    expect(await day()).toMatchObject({ settled: false, reissued: { lines: 3, by: null, note: null } })
    // The first file again is the day's own, and no news.
    expect((await reissued(1)).status).toBe(200)
    expect(await day()).toMatchObject({ settled: false, reissued: { lines: 3 } })
  })

  it('of a day that isn’t done has nothing to be decided', async () => {
    const other = (rest: string) => `/admin/reconciliations/2026-11-19${rest}`
    const body = { sha256: 'ab'.repeat(32), note: '好' }
    expect(await office.as('checker').post(other('/keep'), body)).toMatchObject({
      status: 404,
      body: { code: 'reconciliation-not-found', field: 'date' },
    })
  })
})
