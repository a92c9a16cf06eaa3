import { CompiledQuery } from 'kysely'
import { sqlEngines, type TestSql } from '../../../../harness/sql'
import { forgetPayerDays } from '../../../../server/flow/payment/forget-cards'
import { sqlAudit } from '../../../../server/store/sql/audit/audit'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { sqlPayerDays } from '../../../../server/store/sql/payment/payer-days'
import { KEYS } from '../audit/books'
import { closed, DATE, NOON, newOrder, opened, opening, paid, SUCCEEDED } from './ledger-orders'

const DAY_MS = 86_400_000
/** The first day that is forgotten on DATE, and the last that isn't. */
const [OVER, WEEK] = ['2026-11-13', '2026-11-14']

describe.each(sqlEngines())('what payers spent on a day, on $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    sql = await engine.fresh()
  })
  afterAll(() => engine?.stop())

  const run = async (text: string) => (await sql.db.executeQuery<Record<string, string>>(CompiledQuery.raw(text))).rows
  const wrong = () =>
    sqlAudit(sql, KEYS).look(async (view) => {
      const found = []
      for await (const batch of view.crossCheck('payer-day-wrong')) found.push(...batch)
      return found.map(({ subject }) => subject)
    })
  const left = async () => (await run('select payer_id from payer_days order by 1')).map((one) => one.payer_id)
  const clockAt = (now: number, trusted = true) => ({ now: () => now, trusted: () => trusted })
  const forget = (clock = clockAt(NOON)) => forgetPayerDays({ payerDays: sqlPayerDays(sql), clock })
  const order = (businessDate: string, payerId: string) => opened(sqlLedger(sql), { businessDate, payerId })

  it('is forgotten a week later, by and by, and nothing that is written then is missed', async () => {
    const [first, second] = [await order(OVER, 'over-1'), await order(OVER, 'over-2')]
    await order(WEEK, 'week')
    await order(DATE, 'today')
    expect(await sqlPayerDays(sql).forget(WEEK, 1)).toBe(1)
    expect(await wrong()).toEqual([])
    expect(await forget(clockAt(NOON, false))).toBe('done')
    expect(await left()).toHaveLength(3)
    expect(await forget()).toBe('done')
    expect(await left()).toEqual(['today', 'week'])
    expect(await wrong()).toEqual([])
    await sqlLedger(sql).endOrder(first, closed(), null)
    await sqlLedger(sql).endOrder(second, paid(second), SUCCEEDED)
    expect(await wrong()).toEqual([])
    // a clock that was set back unknows nothing
    await forget(clockAt(NOON - 30 * DAY_MS))
    expect(await wrong()).toEqual([])
  })

  it('is missed where it went within the week, and looked at for as long as it is there', async () => {
    await order(OVER, 'over')
    await order(WEEK, 'week')
    await order(DATE, 'today')
    await run(`update payer_days_pruned set before_date = '${WEEK}'`)
    expect(await wrong()).toEqual([])
    await run(`update payer_days set spent_fen = 1 where payer_id in ('over', 'today')`)
    await run(`delete from payer_days where payer_id = 'week'`)
    const named = [`over/${OVER}`, `today/${DATE}`, `week/${WEEK}`]
    expect(await wrong()).toEqual(named.map((one) => `payer day ${one}/bank`))
  })

  it('is not said to be forgotten by who wants to pay beyond the day’s limit', async () => {
    await order(DATE, 'greedy')
    await order(DATE, 'honest')
    await run(`update payer_days_pruned set before_date = '2099-01-01'`)
    await run(`delete from payer_days where payer_id = 'greedy'`)
    expect(await wrong()).toEqual([`payer day greedy/${DATE}/bank`])
  })

  it('limits the payer still when a clock takes today for a day gone by', async () => {
    await order(WEEK, 'week')
    const { payerId } = await order(DATE, 'today')
    expect(await forget(clockAt(NOON + 365 * DAY_MS))).toBe('done')
    expect(await left()).toEqual(['today'])
    const asked = opening(newOrder({ payerId, amountFen: 5_000 }), { dailyLimitFen: 14_999 })
    expect(await sqlLedger(sql).openOrder(asked)).toEqual({ kind: 'daily-limit' })
    expect(await wrong()).toEqual([])
  })

  it('is kept for as long as a version may run that misses it', async () => {
    await order(OVER, 'over')
    await order(DATE, 'today')
    await run('delete from payer_days_pruned')
    expect(await forget()).toBe('done')
    expect(await left()).toEqual(['over', 'today'])
    await run(`delete from payer_days where payer_id = 'over'`)
    expect(await wrong()).toEqual([`payer day over/${OVER}/bank`])
  })

  it('is forgotten in as many turns as it takes', async () => {
    const payerDays = { forget: async (_: string, limit: number) => limit }
    expect(await forgetPayerDays({ payerDays, clock: clockAt(NOON) })).toBe('more')
  })
})
