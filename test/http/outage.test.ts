import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { connect } from 'node:net'
import WebSocket from 'ws'
import { type Postgres, startPostgres } from '../../chaos/postgres'
import { hasRedisServer, temporaryDir } from '../../harness/redis'
import { databaseUrl, postgresMissing, startOwnPostgres, type TestSql } from '../../harness/sql'
import { eventually, type Payer, startTestSystem, type TestSystem } from '../../harness/system'
import { connectRedis, redisReady } from '../../server/store/redis/connect'
import { startEmbeddedRedis } from '../../server/store/redis/embedded'
import { openSql } from '../../server/store/sql/open-sql'

/** Parts fail and come back; payments go on as far as they can, and nothing is given or booked twice. */

/** What it says of itself, once it has looked anew: a state is remembered for two seconds. */
const dependencies = async (system: TestSystem) => {
  await new Promise((resolve) => setTimeout(resolve, 2_100))
  const { status, body } = await system.call('GET', '/readyz')
  return { status, ...(body as { dependencies: Record<string, { state: string }> }).dependencies }
}

const metric = async (system: TestSystem, name: string) => {
  const { body } = await system.call('GET', '/metrics')
  return Number(new RegExp(`^${name} (.+)$`, 'm').exec(String(body))?.[1])
}

const withRedis = hasRedisServer() ? describe : describe.skip
withRedis('without Redis', () => {
  let system: TestSystem
  let redis: Awaited<ReturnType<typeof startEmbeddedRedis>>
  let dir: string
  /** Without a file: it begins empty each time, at the same address. */
  const start = () => startEmbeddedRedis({ socketDir: dir, prefer: 'redis-server' })
  beforeAll(async () => {
    dir = await temporaryDir()
    redis = await start()
    system = await startTestSystem({ REDIS_URL: redis.url })
  })
  afterAll(async () => {
    await system.stop()
    await redis.stop()
    await rm(dir, { recursive: true, force: true })
  })

  const discounted = (name: string, merchantCode?: string) =>
    eventually(async () => {
      const payer = await system.payer(name)
      const { body } = await payer.quote(1_000, merchantCode)
      return body.reason === null ? { payer, quote: body } : undefined
    })

  it('payers pay in full and are told why; when it comes back empty, discounts do too, and no slot is used twice', async () => {
    const early = await discounted('early')
    const held = await discounted('held')
    const first = (await early.payer.pay(early.quote.quoteId)).body
    expect(first).toMatchObject({ state: 'paid', slotNumber: 1 })

    await redis.stop()
    const unlucky = await system.payer('unlucky')
    const { body: plain } = await unlucky.quote(10_000)
    expect(plain).toMatchObject({ reason: 'discount-unavailable', discountFen: 0, payableFen: 10_000 })
    expect((await unlucky.pay(plain.quoteId)).body).toMatchObject({ state: 'paid', discountFen: 0, slotNumber: null })
    // Who was quoted a discount before gets it: the ledger knows which slots are used.
    const second = (await held.payer.pay(held.quote.quoteId)).body
    expect(second).toMatchObject({ state: 'paid', slotNumber: 2, discountFen: held.quote.discountFen })
    expect(await metric(system, 'fapai_discount_unavailable_total')).toBeGreaterThan(0)
    expect(await dependencies(system)).toMatchObject({
      status: 200,
      slots: { state: 'down' },
      ledger: { state: 'up' },
      bank: { state: 'up' },
    })
    expect(await metric(system, 'fapai_dependency_up\\{dependency="slots",required="no"\\}')).toBe(0)
    expect(await metric(system, 'fapai_quotes_total\\{what="discount-unavailable"\\}')).toBeGreaterThan(0)
    const today = { remainingToday: null, reason: 'discount-unavailable' }
    expect((await system.call('GET', '/api/merchants/M0001')).body).toMatchObject({ offer: today })
    expect((await system.call('GET', '/api/merchants/M0001/rules')).body).toMatchObject({ today })
    expect(await (await system.merchant('M0001')).summary()).toMatchObject({ today, slots: { total: 20, used: 2 } })

    redis = await start()
    const orders = [first, second]
    for (let i = 0; i < 18; i++) {
      const { payer, quote } = await discounted(`late-${i}`)
      orders.push((await payer.pay(quote.quoteId)).body)
    }
    expect(orders.map((order) => order.state)).toEqual(orders.map(() => 'paid'))
    expect(orders.map((order) => order.slotNumber).sort((a, b) => a! - b!)).toEqual(orders.map((_, i) => i + 1))
    expect((await (await system.payer('last')).quote(1_000)).body.reason).toBe('sold-out')
    expect(await dependencies(system)).toMatchObject({ status: 200, slots: { state: 'up' } })
  })

  it('when it comes back as it was some orders ago, nobody is quoted a card that somebody has paid with', async () => {
    const pay = async (name: string) => {
      const { payer, quote } = await discounted(name, 'M0002')
      return (await payer.pay(quote.quoteId)).body
    }
    const orders = [await pay('before')]
    const before = await snapshot(redis.url)
    for (let i = 0; i < 5; i++) orders.push(await pay(`lost-${i}`))
    await redis.stop()
    redis = await start()
    await before(redis.url)
    for (let i = 0; i < 14; i++) orders.push(await pay(`after-${i}`))
    expect(orders.map((order) => order.state)).toEqual(orders.map(() => 'paid'))
    expect(orders.map((order) => order.slotNumber).sort((a, b) => a! - b!)).toEqual(orders.map((_, i) => i + 1))
  })
})

/** All that a Redis holds; called, it is put into another. */
async function snapshot(url: string): Promise<(into: string) => Promise<void>> {
  const redis = connectRedis(url)
  await redisReady(redis, 60_000)
  const keys = await redis.keys('*')
  const kept = await Promise.all(
    keys.map(async (key) => [key, await redis.dumpBuffer(key), Math.max(0, await redis.pttl(key))] as const),
  )
  redis.disconnect()
  return async (into) => {
    const other = connectRedis(into)
    await redisReady(other, 60_000)
    for (const [key, value, ttlMs] of kept) await other.restore(key, ttlMs, value!, 'REPLACE')
    other.disconnect()
  }
}

describe('without the bank', () => {
  let system: TestSystem
  let payer: Payer
  beforeAll(async () => {
    system = await startTestSystem({ BANK_TIMEOUT_MS: '3000' })
    payer = await system.payer('payer-1')
    // A first payment binds the payer's account.
    await payer.pay((await payer.quote(1_000)).body.quoteId)
  })
  afterAll(() => system.stop())

  /** Pays a quote, once the bank can be reached. */
  const paid = (who: Payer, quoteId: string) =>
    eventually(async () => {
      const { status, body } = await who.pay(quoteId, `${who.token.slice(-20)}-${quoteId.slice(-20)}`)
      expect([200, 503]).toContain(status)
      return body.state === 'paid' ? body : undefined
    })

  it('an order it can’t have booked stays paying with its slot held, and is closed once it is back and says so', async () => {
    const before = await system.bank.balance('acct-M0001')
    const { body: quote } = await payer.quote(2_000)
    system.freezeBank()
    const { body: order } = await payer.pay(quote.quoteId)
    expect(order).toMatchObject({ state: 'paying', discountFen: quote.discountFen })
    await system.killBank()
    expect(await dependencies(system)).toMatchObject({ status: 200, bank: { state: 'down' }, ledger: { state: 'up' } })
    const other = await system.payer('payer-2')
    expect((await other.quote(2_000)).body).toMatchObject({ reason: null })
    // Past the age at which an order that the bank doesn't know is closed: silence is no answer.
    const age = Date.parse(order.createdAt) + 8_000
    await eventually(async () => (Date.now() > age ? true : undefined))
    expect((await payer.order(order.orderNo)).body.state).toBe('paying')

    await system.startBank()
    expect(await payer.ended(order.orderNo)).toMatchObject({ state: 'closed', closeReason: 'order-closed' })
    expect(await system.bank.balance('acct-M0001')).toBe(before)
    // The same payer has the same card again, and pays it now.
    const { body: again } = await payer.quote(2_000)
    expect(again.discountFen).toBe(quote.discountFen)
    expect(await paid(payer, again.quoteId)).toMatchObject({ slotNumber: order.slotNumber })
  })

  it('an order that the bank booked before it fell is paid once it is back, and booked once', async () => {
    await system.bank.faults({ mode: 'lose-reply', on: ['pay'], times: 1 })
    const { body: order } = await payer.pay((await payer.quote(3_000)).body.quoteId)
    expect(order).toMatchObject({ state: 'paying' })
    await system.killBank()
    expect((await payer.order(order.orderNo)).body.state).toBe('paying')
    await system.startBank()
    expect(await payer.ended(order.orderNo)).toMatchObject({ state: 'paid' })
    const booked = (await system.bank.clearings()).filter((one) => one.orderNo === order.orderNo)
    expect(booked).toMatchObject([{ state: 'succeeded' }])
  })

  it('a BFF that is told to stop while a payment hangs and a body drips ends all the same, and the next one finds the payment', async () => {
    await system.bff().stop()
    await system.startBff({ SHUTDOWN_MS: '1000' })
    const { body: quote } = await payer.quote(4_000)
    await system.bank.faults({ mode: 'slow', delayMs: 2_500, on: ['pay'], times: 1 })
    const hanging = payer.pay(quote.quoteId).catch(() => {})
    const dripping = connect(Number(new URL(system.url()).port), '127.0.0.1').on('error', () => {})
    dripping.write(
      'POST /api/session HTTP/1.1\r\nHost: bff\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
    )
    const newest = async () => {
      const { body } = await system.call('GET', '/api/orders', { token: payer.token })
      return (body as { items: { orderNo: string; amountFen: number }[] }).items.find((one) => one.amountFen === 4_000)
    }
    const { orderNo } = await eventually(newest)
    const bff = system.bff()
    bff.process.kill('SIGTERM')
    bff.process.kill('SIGTERM')
    expect(await bff.ended).toBe(0)
    await hanging
    dripping.destroy()
    await system.startBff()
    expect(await payer.ended(orderNo)).toMatchObject({ state: 'paid' })
    const booked = (await system.bank.clearings()).filter((one) => one.orderNo === orderNo)
    expect(booked).toMatchObject([{ state: 'succeeded' }])
  })

  it('a payer without an agreement is told that the bank can’t be reached, and when to try again', async () => {
    await system.killBank()
    const stranger = await system.payer('stranger')
    const { body: quote } = await stranger.quote(1_000)
    expect(quote.reason).toBeNull()
    const refused = await stranger.pay(quote.quoteId)
    expect(refused).toMatchObject({ status: 503, body: { code: 'channel-unavailable' } })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    await system.startBank()
    await paid(stranger, quote.quoteId)
  })
})

const missing = postgresMissing()
if (missing) console.warn(missing)
const withPostgres = missing ? describe.skip : describe
withPostgres('without the database', () => {
  let system: TestSystem
  let sql: TestSql
  let stopped = false
  const stop = async () => {
    if (!stopped) await sql.stop()
    stopped = true
  }
  beforeAll(async () => {
    sql = await startOwnPostgres()
    await sql.fresh()
    system = await startTestSystem({
      DATABASE_URL: databaseUrl(sql.connection()),
    })
  })
  afterAll(async () => {
    await system.stop()
    await stop()
  })

  it('nothing can be quoted, paid or shown: 503 ledger-unavailable with when to try again, and not ready', async () => {
    const payer = await system.payer('payer-1')
    const merchant = await system.merchant('M0001')
    const paid = await payer.pay((await payer.quote(1_000)).body.quoteId)
    expect(paid.body.state).toBe('paid')
    const { body: quote } = await payer.quote(1_000)
    const booked = (await system.bank.clearings()).length
    const page = new WebSocket(`${system.url().replace('http', 'ws')}/api/merchant/live`, [
      'fapai.v1',
      `bearer.${merchant.token}`,
    ])
    await once(page, 'message')
    expect(await metric(system, 'fapai_feed_faults_total')).toBe(0)
    await stop()

    const answers = [
      // One that nobody has asked about: what was asked in the last second is still remembered.
      await payer.quote(1_000, 'M0020'),
      await payer.pay(quote.quoteId, 'outage-key-1'),
      await payer.order(paid.body.orderNo),
      await system.call('GET', '/api/merchant/summary', { token: merchant.token }),
      await system.call('GET', '/api/merchants/M0019'),
    ]
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 503, body: { code: 'ledger-unavailable', status: 503 } })
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    }
    // I6: what couldn't be stored was not sent.
    expect(await system.bank.clearings()).toHaveLength(booked)
    expect(await dependencies(system)).toMatchObject({ status: 503, ledger: { state: 'down' }, slots: { state: 'up' } })
    expect((await system.call('GET', '/healthz')).status).toBe(200)
    // The merchant's page is open, and what it isn't told shows to whoever watches.
    await eventually(async () => ((await metric(system, 'fapai_feed_faults_total')) > 1 ? true : undefined))
    page.terminate()
  })
})

withPostgres('with a database that dies while the bank is at it', () => {
  let system: TestSystem
  let postgres: Postgres
  beforeAll(async () => {
    postgres = await startPostgres()
    system = await startTestSystem({ DATABASE_URL: postgres.url })
  })
  afterAll(async () => {
    await system.stop()
    await postgres.stop()
  })

  /** Kills the database once it holds a row of a table that is in the given state. */
  async function killOnceThere(table: 'orders' | 'refunds', state: string): Promise<void> {
    const sql = openSql(postgres.connection)
    const text = `select 1 from ${table} where state = $1`
    await eventually(async () =>
      (await sql.run({ name: `${table}-there`, text }, [state])).length > 0 ? true : undefined,
    )
    await postgres.kill()
    await sql.close()
  }

  it('a payer and a merchant are told that it is under way, never that it failed, and it ends once the database is back', async () => {
    const payer = await system.payer('payer-1')
    const { token } = await system.merchant('M0001')
    const { orderNo } = (await payer.pay((await payer.quote(2_000)).body.quoteId)).body
    const { body: quote } = await payer.quote(3_000)

    await system.bank.faults({ mode: 'slow', delayMs: 2_000, on: ['pay', 'refund'] })
    const paying = payer.pay(quote.quoteId, 'dying-key-1')
    await killOnceThere('orders', 'paying')
    const { status, body: order } = await paying
    expect({ status, state: order.state }).toEqual({ status: 200, state: 'paying' })
    expect(await dependencies(system)).toMatchObject({ status: 503, ledger: { state: 'down' } })
    await postgres.start('as-it-was')
    await eventually(async () => ((await payer.order(order.orderNo)).body.state === 'paid' ? true : undefined))

    const headers = { 'Idempotency-Key': 'dying-key-2' }
    const path = `/api/merchant/orders/${orderNo}/refunds`
    const refunding = system.call('POST', path, { token, headers, body: { amountFen: 500 } })
    await killOnceThere('refunds', 'refunding')
    expect(await refunding).toMatchObject({ status: 200, body: { state: 'refunding' } })
    await postgres.start('as-it-was')
    await eventually(async () => ((await payer.order(orderNo)).body.refundedFen === 500 ? true : undefined))
    const clearings = (await system.bank.clearings()).filter((one) => one.orderNo === order.orderNo)
    expect(clearings).toMatchObject([{ state: 'succeeded' }])
  })
})
