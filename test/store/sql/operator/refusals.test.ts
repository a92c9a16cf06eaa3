import { sqlEngines, type TestSql } from '../../../../harness/sql'
import { sqlOperators } from '../../../../server/store/sql/operator/operators'
import { refusalsBy, WRITTEN_A_MINUTE } from '../../../../server/store/sql/operator/refusals'
import { takenBack } from '../../../support/taken-back'
import { DEEDS } from '../audit/desk-books'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
const NOW = 20_000 * DAY_MS

describe.each(sqlEngines())('what operators tried and may not, on $name', ({ start }) => {
  let engine: TestSql
  let ledger: Awaited<ReturnType<TestSql['fresh']>>
  beforeAll(async () => {
    engine = await start()
    ledger = await engine.fresh()
  })
  afterAll(() => engine?.stop())

  /** Several processes on one ledger, and what it has of them. */
  const house = (work: (house: ReturnType<typeof houseOn>) => Promise<void>) =>
    takenBack(ledger, (sql) => work(houseOn(sql)))
  function houseOn(sql: typeof ledger) {
    const processes = [refusalsBy(sql, DEEDS), refusalsBy(sql, DEEDS), refusalsBy(sql, DEEDS)]
    const trying = (nth: number, at: number, { username = 'viewer', action = 'access.refuse' } = {}) =>
      processes[nth]!({ at, username, action, subject: 'permission/brakeAll', after: { code: 'role-refused' } })
    const written = async () =>
      (await sqlOperators(sql, DEEDS).deeds({ limit: 1_000 })).reverse().map(({ username, action, after }) => {
        const { unwritten = 0 } = after as { unwritten?: number }
        return `${username} ${action} ${unwritten}`
      })
    return { trying, written, sql }
  }

  it('is written ten times a minute of one operator and kind, and of another all the same', () =>
    house(async ({ trying, written }) => {
      for (let nth = 0; nth < 200; nth++) await trying(0, NOW + nth)
      expect(await written()).toEqual(Array(WRITTEN_A_MINUTE).fill('viewer access.refuse 0'))
      await trying(0, NOW + 200, { action: 'change.refuse' })
      await trying(0, NOW + 200, { username: 'maker' })
      expect((await written()).slice(WRITTEN_A_MINUTE)).toEqual(['viewer change.refuse 0', 'maker access.refuse 0'])
    }))

  it('is ten times of all processes together, and each says how often it wasn’t written there', () =>
    house(async ({ trying, written }) => {
      for (let nth = 0; nth < 90; nth++) await trying(nth % 3, NOW + nth)
      expect(await written()).toEqual(Array(WRITTEN_A_MINUTE).fill('viewer access.refuse 0'))
      const later = NOW + MINUTE_MS + 9
      for (const nth of [0, 1, 2]) await trying(nth, later + nth)
      expect((await written()).slice(WRITTEN_A_MINUTE)).toEqual([
        'viewer access.refuse 26',
        'viewer access.refuse 27',
        'viewer access.refuse 27',
      ])
    }))

  it('says it once, also when the clock was set back', () =>
    house(async ({ trying, written }) => {
      for (let nth = 0; nth < 30; nth++) await trying(0, NOW)
      await trying(0, NOW + MINUTE_MS - 1)
      expect(await written()).toHaveLength(WRITTEN_A_MINUTE)
      await trying(0, NOW + MINUTE_MS)
      await trying(0, NOW + MINUTE_MS + 1)
      for (let nth = 0; nth < 20; nth++) await trying(0, NOW + MINUTE_MS + 2)
      await trying(0, NOW - DAY_MS)
      const found = await written()
      expect(found.slice(WRITTEN_A_MINUTE, WRITTEN_A_MINUTE + 2)).toEqual([
        'viewer access.refuse 21',
        'viewer access.refuse 0',
      ])
      expect(found.at(-1)).toBe('viewer access.refuse 12')
    }))

  it('is told by the next though the ledger was away meanwhile', () =>
    house(async ({ written, sql }) => {
      let away = false
      const lost = new Error('away')
      const refused = refusalsBy(
        { ...sql, transaction: (work) => (away ? Promise.reject(lost) : sql.transaction(work)) },
        DEEDS,
      )
      const trying = (at: number) =>
        refused({ at, username: 'viewer', action: 'access.refuse', subject: 'permission/draft', after: { code: 'c' } })
      for (let nth = 0; nth < 15; nth++) await trying(NOW)
      away = true
      await expect(trying(NOW + MINUTE_MS)).rejects.toBe(lost)
      away = false
      await trying(NOW + MINUTE_MS)
      expect((await written()).at(-1)).toBe('viewer access.refuse 5')
    }))
})
