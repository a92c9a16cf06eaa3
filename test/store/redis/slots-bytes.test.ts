import { describeOnRedis, startTestRedis, type TestRedis } from '../../../harness/redis'
import { redisSlots } from '../../../server/store/redis/slots'

const DAY_MS = 86_400_000
const TERMS = {
  leaseTtlMs: 60_000,
  maxPerPayer: 1,
  maxPerCampaign: 3,
  maxHeld: 2,
  holdingMs: 600_000,
  holdingInAllMs: 900_000,
}

describeOnRedis()('bytes of a deck of 20 in Redis', () => {
  const deck = { campaignId: 'C20261121-0001', merchantCode: 'M0001', businessDate: '2026-11-21' }
  const SLOTS = 20
  let test_: TestRedis
  beforeAll(async () => {
    test_ = await startTestRedis('redis-server')
  })
  afterAll(() => test_.stop())

  const bytes = async () => {
    const [key] = await test_.redis.keys('fp3:{*M0001*')
    const used = Number(await test_.redis.call('MEMORY', 'USAGE', key!))
    console.info(`deck of 20, ${expect.getState().currentTestName}: ${used} bytes`)
    return used
  }

  test('untouched: at most 200', async () => {
    await redisSlots(test_.redis).load(deck, SLOTS, [], Date.now() + DAY_MS)
    expect(await bytes()).toBeLessThanOrEqual(200)
  })

  test('every slot leased one by one: at most 1,024', async () => {
    const slots = redisSlots(test_.redis)
    for (let slot = 0; slot < SLOTS; slot++) await slots.take(deck, `payer-${slot}`, TERMS)
    expect(await bytes()).toBeLessThanOrEqual(1_024)
  })

  test('what a payer holds in two decks, and has used in three: at most 512', async () => {
    const slots = redisSlots(test_.redis)
    const elsewhere = ['M0002', 'M0003', 'M0004'].map((merchantCode) => ({ ...deck, merchantCode }))
    for (const one of elsewhere) {
      await slots.load(one, SLOTS, [], Date.now() + DAY_MS)
      await slots.take(one, 'payer-x', TERMS)
      await slots.confirm(one, 0, 'payer-x')
      await slots.paid(one, 0, 'payer-x')
    }
    const keys = await test_.redis.keys('fp2:payer:*')
    const used = await Promise.all(keys.map(async (key) => Number(await test_.redis.call('MEMORY', 'USAGE', key))))
    console.info(`what a payer holds: ${Math.max(...used)} bytes`)
    expect(Math.max(...used)).toBeLessThanOrEqual(512)
    for (const key of keys) expect(await test_.redis.ttl(key)).toBeGreaterThan(0)
  })

  test('of a day that is over for Redis: kept while the house lives it, and otherwise forgotten as it is loaded', async () => {
    const shiftMs = -10 * DAY_MS
    const [lived, over] = ['M0008', 'M0009'].map((merchantCode) => ({ ...deck, merchantCode }))
    const expiresAt = Date.now() + shiftMs + DAY_MS
    const slots = redisSlots(test_.redis, shiftMs)
    await slots.load(lived!, SLOTS, [], expiresAt)
    await redisSlots(test_.redis).load(over!, SLOTS, [], expiresAt)
    expect(await slots.count(lived!)).toMatchObject({ free: SLOTS })
    expect(await slots.count(over!)).toBeUndefined()
  })

  test('every slot used: at most 1,024', async () => {
    const slots = redisSlots(test_.redis)
    for (let slot = 0; slot < SLOTS; slot++) await slots.confirm(deck, slot, `payer-${slot}`)
    expect(await bytes()).toBeLessThanOrEqual(1_024)
    expect(await slots.count(deck)).toMatchObject({ free: 0, leased: 0, used: 20 })
  })
})
