import { postgresMissing, startOwnPostgres, type TestSql } from '../../../harness/sql'
import { LedgerUnavailable } from '../../../server/flow/ports'
import { grantTo } from '../../../server/store/sql/grants'
import { migrations } from '../../../server/store/sql/migrations'
import { openSql, type Sql } from '../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../server/store/sql/payment/ledger'
import { sqlOrderUpkeep } from '../../../server/store/sql/payment/order-upkeep'
import { opening } from './payment/ledger-orders'
import { CONTRACTS, leftUnfinished, monthIn, orderOf } from './upgraded'

/** What could have orders of months to come refused: it is taken back, or said in time. */

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
