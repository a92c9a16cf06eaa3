import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { postgresMissing, startOwnPostgres, type TestSql } from '../../../harness/sql'
import { tendOrders } from '../../../server/flow/payment/tend-orders'
import { LedgerUnavailable } from '../../../server/flow/ports'
import { grantTo } from '../../../server/store/sql/grants'
import { migrations } from '../../../server/store/sql/migrations'
import { openSql, type Sql } from '../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../server/store/sql/payment/ledger'
import { sqlOrderUpkeep } from '../../../server/store/sql/payment/order-upkeep'
import { opening, paid, SUCCEEDED } from './payment/ledger-orders'
import { CONTRACTS, leftUnfinished, monthIn, orderOf } from './upgraded'

/** What could have orders of months to come refused, or lie where no month is: it is taken back, or said in time. */

const ROLE = 'fapai_serves'
const DIVIDES = '0098-orders-by-month'
const missing = postgresMissing()
if (missing) console.warn(missing)
const described = missing ? describe.skip : describe

let engine: TestSql
let sql: Sql
const closing: (() => Promise<void>)[] = []
if (!missing) {
  beforeAll(async () => {
    engine = await startOwnPostgres()
    await (await engine.fresh()).pool.query(`create role ${ROLE} login`)
  })
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })
  afterAll(() => engine?.stop())
}

function second(user?: string): Sql {
  const other = openSql({ ...engine.connection(), ...(user && { user }), statementTimeoutMs: 60_000 })
  closing.push(other.close)
  return other
}
const names = async (text: string) => (await sql.pool.query<{ name: string }>(text)).rows.map(({ name }) => name)
const bounds = () => names(`select conname as name from pg_constraint where conname = 'orders_before'`)
const partitions = () =>
  names(`select inhrelid::regclass::text as name from pg_inherits where inhparent = 'orders'::regclass order by 1`)
const opensIn = async (months: number) => {
  const order = orderOf(await monthIn(months, sql))
  expect(await sqlLedger(sql).openOrder(opening(order))).toEqual({ kind: 'opened' })
  return order
}

described('the end of an upgrade', () => {
  beforeEach(async () => {
    sql = await leftUnfinished(await engine.fresh())
  })

  it('that fails lets go of what it had begun: orders of all months are taken', async () => {
    const step = migrations[DIVIDES]!
    const fails = async () => {
      expect(await bounds()).toEqual(['orders_before'])
      throw new Error('cut off')
    }
    const steps = { ...migrations, [DIVIDES]: { ...step, up: fails } }
    await expect(sql.migrate({ contract: true, steps })).rejects.toThrow('cut off')
    expect(await bounds()).toEqual([])
    expect(await sql.migrate()).toEqual(CONTRACTS)
    await opensIn(3)
  })

  it('that was killed is tidied up by the next who may, and until then each hour’s look says so', async () => {
    await grantTo(sql.db, ROLE)
    const first = `F${await monthIn(2, sql)}01`
    await sql.pool.query(`alter table orders add constraint orders_before check (order_no < '${first}') not valid`)
    const served = second(ROLE)
    expect(await served.migrate()).toEqual(CONTRACTS)
    const looks = sqlOrderUpkeep(served).makeMonths(2)
    await expect(looks).rejects.toThrow(LedgerUnavailable)
    await expect(looks).rejects.toThrow(
      `was cut off, and orders from ${first} on would be refused: run “fapai migrate”`,
    )
    expect(await sql.migrate()).toEqual(CONTRACTS)
    expect([await bounds(), await sqlOrderUpkeep(served).makeMonths(2)]).toEqual([[], null])
    await opensIn(3)
  })

  it('is left alone by whoever starts in the middle of it', async () => {
    const step = migrations[DIVIDES]!
    const beside: typeof step.beside = async (turn) => {
      await step.beside!(turn)
      expect(await second().migrate()).toEqual(CONTRACTS)
      expect(await sqlOrderUpkeep(sql).makeMonths(2)).toBeNull()
    }
    expect(await sql.migrate({ contract: true, steps: { ...migrations, [DIVIDES]: { ...step, beside } } })).toEqual([])
    expect([await partitions(), await bounds()]).toEqual([['orders_first', 'orders_other'], []])
  })
})

described('orders of a month that isn’t made', () => {
  beforeEach(async () => {
    sql = await engine.fresh()
    await grantTo(sql.db, ROLE)
  })
  const makes = (ahead: number) => sqlOrderUpkeep(second(ROLE)).makeMonths(ahead)

  it('are said once the others are made, before their month begins and after it, and until they are put there', async () => {
    const stray = await opensIn(3)
    await sqlLedger(sql).endOrder(stray, paid(stray), SUCCEEDED)
    const month = await monthIn(3, sql)
    const said = `months of orders wait to be made: orders_other has orders of ${month.slice(0, 4)}-${month.slice(4)}, ${stray.orderNo} the first`
    await expect(makes(2)).rejects.toThrow(LedgerUnavailable)
    await expect(makes(2)).rejects.toThrow(said)
    expect(await partitions()).toContain(`orders_${await monthIn(2, sql)}`)
    await expect(makes(4)).rejects.toThrow(said)
    expect(await partitions()).toContain(`orders_${await monthIn(4, sql)}`)
    await sql.pool.query(mending(month, await monthIn(4, sql)))
    expect(await names(`select tableoid::regclass::text as name from orders`)).toEqual([`orders_${month}`])
    expect(await makes(4)).toBe(0)
    await opensIn(3)
    const triggers = (table: string) =>
      names(`select tgname as name from pg_trigger where tgrelid = '${table}'::regclass order by 1`)
    expect(await triggers(`orders_${month}`)).toEqual(await triggers('orders_first'))
  })

  it('of a clock that was years ahead are said a year before', async () => {
    const [years, year] = [await monthIn(50, sql), await monthIn(14, sql)]
    await sqlLedger(sql).openOrder(opening(orderOf(years)))
    expect(await makes(2)).toBe(1)
    await sqlLedger(sql).openOrder(opening(orderOf(year)))
    await expect(makes(2)).rejects.toThrow(`orders_other has orders of ${year.slice(0, 4)}-${year.slice(4)}`)
  })

  it('keep nobody from forgetting what guards orders that are over', async () => {
    const orderUpkeep = { forgetGuards: async (_: string, limit: number) => limit, makeMonths: () => makes(2) }
    await opensIn(3)
    const clock = { now: () => Date.now(), trusted: () => true }
    expect(await tendOrders({ orderUpkeep, clock })).toBe('more')
    const done = { ...orderUpkeep, forgetGuards: async () => 0 }
    await expect(tendOrders({ orderUpkeep: done, clock })).rejects.toThrow('months of orders wait')
  })
})

/** What the runbook says is to be done, of a month and the one after it. */
function mending(month: string, next: string): string {
  const text = readFileSync(join(__dirname, '../../../docs/RUNBOOKS.md'), 'utf8')
  const [, said] = /```sql\n(begin; -- a month[\s\S]*?)```/.exec(text)!
  return said!.replaceAll('202703', month).replaceAll('202704', next)
}
