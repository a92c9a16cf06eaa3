import { CompiledQuery } from 'kysely'
import { postgresMissing, startTestPostgres, type TestSql } from '../../../harness/sql'
import { openSql, type Sql } from '../../../server/store/sql/open-sql'
import { type Office, startOffice } from '../../support/office'

/** Long enough for whatever isn’t held up, and for a new connection, on a busy machine too. */
const TIMEOUT_MS = 2_000

const missing = postgresMissing()
if (missing) console.warn(missing)
const described = missing ? describe.skip : describe
described('an operators’ desk that is asked for too much', () => {
  let engine: TestSql
  let other: Sql
  let office: Office
  beforeAll(async () => {
    engine = await startTestPostgres()
    const limits = { statementTimeoutMs: TIMEOUT_MS, max: 2, connectionTimeoutMillis: TIMEOUT_MS }
    office = await startOffice(await engine.fresh(limits))
    other = openSql(engine.connection())
  })
  afterAll(async () => {
    await office?.stop()
    await other?.close()
    await engine?.stop()
  })

  /** Nobody comes to the table's end meanwhile, as with one that is very long. */
  const endless = (table: string, work: () => Promise<void>) =>
    other.transaction(async (tx) => {
      await tx.executeQuery(CompiledQuery.raw(`lock table ${table} in access exclusive mode`))
      await work()
    })
  const viewer = () => office.as('viewer')

  it.each([
    ['a list', '/admin/orders', 'orders'],
    ['another', '/admin/refunds', 'refunds'],
    ['a report', '/admin/campaigns/street/report', 'orders'],
    ['merchants', '/admin/merchants', 'merchants'],
  ])('says of %s that it is too much to read, when to try again and what would help', async (_, path, table) => {
    await endless(table, async () => {
      const { status, body, headers } = await viewer().get(path)
      expect({ status, body }).toMatchObject({ status: 503, body: { code: 'too-much-to-read', status: 503 } })
      expect(body).toMatchObject({ title: expect.stringContaining('fewer days') })
      expect([headers.get('content-type'), headers.get('retry-after')]).toEqual(['application/problem+json', '30'])
    })
    expect(await viewer().get(path)).toMatchObject({ status: 200 })
  })

  it('says of a write that it is busy, and wrote nothing', async () => {
    const body = { code: 'B77', name: '城西支行', glAccount: '6421-77' }
    await endless('branches', async () => {
      const refused = await office.as('maker').post('/admin/branches', body)
      expect(refused).toMatchObject({ status: 503, body: { code: 'busy', reason: 'desk-waits' } })
    })
    expect((await office.as('maker').post('/admin/branches', body)).status).toBe(202)
  })

  it('says that it is busy when all its connections are at work', async () => {
    const held = [await office.sql.pool.connect(), await office.sql.pool.connect()]
    const refused = await viewer().get('/admin/orders')
    for (const one of held) one.release()
    expect(refused).toMatchObject({ status: 503, body: { code: 'busy', reason: 'desk-waits' } })
    expect(refused.headers.get('retry-after')).toBe('5')
  })

  it('is not taken by one operator who asks for report after report: one waits for the other', async () => {
    let asked: Promise<{ status: number }[]> | undefined
    await endless('orders', async () => {
      asked = Promise.all(Array.from({ length: 6 }, () => viewer().get('/admin/campaigns/street/report')))
      for (let i = 0; i < 5; i++) expect(await office.as('maker').get('/admin/branches')).toMatchObject({ status: 200 })
    })
    const states = (await asked!).map(({ status }) => status)
    // What the table's lock made too long was told so; the others came after it.
    expect(states.filter((status) => status === 200).length).toBeGreaterThan(3)
  })

  it('says to a merchant what it always said: nobody who pays or is paid is told to ask for less', async () => {
    await endless('refunds', async () => {
      const path = '/api/merchant/summary?date=2026-11-20'
      const refused = await office.call('GET', path, office.owner('M0001'))
      expect(refused).toMatchObject({ status: 503, body: { code: 'ledger-unavailable' } })
    })
  })
})
