import { hasRedisServer, startTestRedis, type TestRedis } from '../../../harness/redis'
import { databaseUrl, postgresMissing, startTestPostgres, type TestSql } from '../../../harness/sql'
import { startTestSystem, type TestSystem } from '../../../harness/system'
import type { Child } from '../../../server/sandbox/children'
import type { Bff } from '../../../server/sandbox/system'

/** Three real BFF processes on one PostgreSQL and one Redis. */
const missing = postgresMissing()
if (missing) console.warn(missing)
const withStores = missing || !hasRedisServer() ? describe.skip : describe

const ORDERS = 40

withStores('three BFFs side by side', () => {
  let sql: TestSql
  let redis: TestRedis
  let system: TestSystem
  let others: Child<Bff>[]
  beforeAll(async () => {
    sql = await startTestPostgres()
    redis = await startTestRedis('redis-server')
    await sql.fresh()
    system = await startTestSystem({
      DATABASE_URL: databaseUrl(sql.connection()),
      REDIS_URL: redis.url,
      BANK_TIMEOUT_MS: '4000',
    })
    others = [await system.startAnother(), await system.startAnother()]
  })
  afterAll(async () => {
    await Promise.all(others.map((one) => one.stop()))
    await system.stop()
    await redis.stop()
    await sql.stop()
  })

  it('ask about each unknown order once, though the bank takes longer to answer than the shortest wait, and end each once', async () => {
    const payers = await Promise.all(Array.from({ length: ORDERS }, (_, i) => system.payer(`payer-${i}`)))
    // Booked at the first question. 2 s is twice the first wait: a claim that ended with its wait would be asked about by another.
    await system.bank.faults(
      { mode: 'pending', pendingQueries: 0, on: ['pay'] },
      { mode: 'slow', delayMs: 2_000, on: ['query'] },
    )
    const orders = await Promise.all(
      payers.map(async (payer, i) => {
        const { body } = await payer.pay((await payer.quote(1_000, `M000${1 + (i % 2)}`)).body.quoteId)
        expect(body.state).toBe('paying')
        return { payer, orderNo: body.orderNo }
      }),
    )
    const ended = await Promise.all(orders.map((one) => one.payer.ended(one.orderNo)))
    expect(ended.map((order) => order.state)).toEqual(orders.map(() => 'paid'))
    expect(await system.bank.struck()).toBe(2 * ORDERS)

    const booked = await system.bank.clearings()
    expect(booked.map((one) => one.orderNo).sort()).toEqual(orders.map((one) => one.orderNo).sort())
    for (const code of ['M0001', 'M0002']) {
      const { receivedFen } = await (await system.merchant(code)).summary()
      expect(receivedFen).toBe(await system.bank.balance(`acct-${code}`))
    }
  })
})
