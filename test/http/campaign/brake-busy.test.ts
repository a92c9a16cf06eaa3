import { CompiledQuery } from 'kysely'
import { postgresMissing } from '../../../harness/sql'
import { eventually, startTestSystem, type TestSystem } from '../../../harness/system'
import { openSql, type Sql } from '../../../server/store/sql/open-sql'

/** More lists than the desk has connections. */
const LISTS = 8

const missing = postgresMissing()
if (missing) console.warn(missing)
const described = missing ? describe.skip : describe
described('the brake of a house whose desk is stuck', () => {
  let system: TestSystem
  let other: Sql
  beforeAll(async () => {
    system = await startTestSystem()
    other = openSql(system.database!)
  })
  afterAll(async () => {
    await other?.close()
    await system?.stop()
  })

  const waiting = async () => {
    const { rows } = await other.db.executeQuery<{ count: number }>(
      CompiledQuery.raw('select count(*) from pg_locks where not granted'),
    )
    return rows[0]!.count
  }

  it('is pulled while every connection of the desk waits, and the next quote of that process knows', async () => {
    const [viewer, checker] = [await system.operator('maker'), await system.operator('checker')]
    const payer = await system.payer('payer-1')
    const reason = async () => (await payer.quote(10_000)).body.reason
    expect(await reason()).toBeNull()
    let answered = 0
    let lists: Promise<unknown>[] = []
    await other.transaction(async (tx) => {
      await tx.executeQuery(CompiledQuery.raw('lock table refunds in access exclusive mode'))
      lists = Array.from({ length: LISTS }, () => viewer.get('/admin/refunds').then(() => answered++))
      await eventually(async () => ((await waiting()) >= 4 ? true : undefined))
      for (const path of ['/admin/campaigns/food-street/pause', '/admin/merchants/M0001/pause', '/admin/brake'])
        expect([path, (await checker.post(path, { note: 'stop' })).status]).toEqual([path, 200])
      expect(await reason()).toBe('campaign-paused')
      expect((await checker.get('/admin/brake')).body).toMatchObject({ all: { by: 'checker', note: 'stop' } })
      expect(answered).toBe(0)
    })
    await Promise.all(lists)
  })
})
