import { CompiledQuery } from 'kysely'
import { sqlEngines, type TestSql } from '../../../../harness/sql'
import { clearTraces } from '../../../../server/flow/payment/clear-traces'
import type { OpenOrder } from '../../../../server/flow/ports'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { sqlTraces } from '../../../../server/store/sql/payment/traces'
import { NOON, newOrder, opening } from './ledger-orders'

const DAY_MS = 86_400_000

describe.each(sqlEngines())('from where orders came, on $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    sql = await engine.fresh()
  })
  afterAll(() => engine?.stop())

  const open = async (createdAt: number, trace?: OpenOrder['trace']) => {
    const order = newOrder({ createdAt })
    const input = { ...opening(order), ...(trace && { trace }) }
    expect(await sqlLedger(sql).openOrder(input)).toEqual({ kind: 'opened' })
    return order
  }
  const kept = async () => {
    const text = 'select order_no, address_hash, device_hash from orders'
    const { rows } = await sql.db.executeQuery<Record<string, string | null>>(CompiledQuery.raw(text))
    return Object.fromEntries(rows.map((row) => [row.order_no, [row.address_hash, row.device_hash]]))
  }

  it('is kept with them, and shown to nobody who reads them', async () => {
    const [both, one, none] = [
      await open(NOON, { addressHash: 'address', deviceHash: 'device' }),
      await open(NOON, { addressHash: 'address', deviceHash: null }),
      await open(NOON),
    ]
    expect(await kept()).toEqual({
      [both.orderNo]: ['address', 'device'],
      [one.orderNo]: ['address', null],
      [none.orderNo]: [null, null],
    })
    expect(await sqlLedger(sql).order(both.orderNo)).toEqual(both)
  })

  it('is cleared once it has been kept long enough, by and by, and nothing else of them', async () => {
    const trace = { addressHash: 'address', deviceHash: null }
    const old = [await open(NOON - 2, trace), await open(NOON - 1, { addressHash: null, deviceHash: 'device' })]
    const young = await open(NOON, trace)
    const traces = sqlTraces(sql)
    expect(await traces.clear(NOON, 1)).toBe(1)
    expect(await traces.clear(NOON, 10)).toBe(1)
    expect(await traces.clear(NOON, 10)).toBe(0)
    expect(await kept()).toEqual({
      [old[0]!.orderNo]: [null, null],
      [old[1]!.orderNo]: [null, null],
      [young.orderNo]: ['address', null],
    })
    expect(await sqlLedger(sql).order(old[0]!.orderNo)).toEqual(old[0])
  })

  it('is kept for the days that are configured, and cleared on no doubtful clock', async () => {
    const trace = { addressHash: 'address', deviceHash: 'device' }
    const [old, young] = [await open(NOON - 30 * DAY_MS - 1, trace), await open(NOON - 30 * DAY_MS, trace)]
    const clock = { now: () => NOON, trusted: () => false }
    const deps = { traces: sqlTraces(sql), clock, traceRetentionDays: 30 }
    expect(await clearTraces(deps)).toBe('done')
    expect((await kept())[old.orderNo]).toEqual(['address', 'device'])
    clock.trusted = () => true
    expect(await clearTraces(deps)).toBe('done')
    expect(await kept()).toEqual({ [old.orderNo]: [null, null], [young.orderNo]: ['address', 'device'] })
  })

  it('says that there is more when a turn was not enough', async () => {
    const traces = { clear: async (_: number, limit: number) => limit }
    const clock = { now: () => NOON }
    expect(await clearTraces({ traces, clock, traceRetentionDays: 30 })).toBe('more')
  })
})
