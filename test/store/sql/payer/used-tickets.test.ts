import { sqlEngines, type TestSql } from '../../../../harness/sql'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlUsedTickets } from '../../../../server/store/sql/payer/used-tickets'

const NOW = 1_795_851_600_000

describe.each(sqlEngines())('tickets that are good once, $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  beforeAll(async () => {
    engine = await start()
  })
  afterAll(() => engine?.stop())
  beforeEach(async () => {
    sql = await engine.fresh()
  })

  it('one of many at once uses it; what is over is forgotten, what isn’t stays used', async () => {
    const { use } = sqlUsedTickets(sql)
    const asked = await Promise.all(Array.from({ length: 12 }, () => use('one', NOW + 60_000, NOW)))
    expect(asked.filter((first) => first)).toHaveLength(1)
    expect(await use('other', NOW + 90_000, NOW + 30_000)).toBe(true)
    expect(await use('one', NOW + 60_000, NOW + 60_000)).toBe(false)
    expect(await use('third', NOW + 90_000, NOW + 60_001)).toBe(true)
    const kept = await sql.run<{ ticket_id: string }>(
      { name: 'kept', text: 'select ticket_id from used_tickets order by 1' },
      [],
    )
    expect(kept.map(({ ticket_id }) => ticket_id)).toEqual(['other', 'third'])
  })
})
