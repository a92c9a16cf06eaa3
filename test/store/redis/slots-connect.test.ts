import type { Cluster } from 'ioredis'
import { PATIENT_MS, startTestRedis, startTestReplicas, startTestSentinel, testOnRedis } from '../../../harness/redis'
import { type Slots, SlotsUnavailable } from '../../../server/flow/ports'
import { connectRedis, parseRedisUrl, redisReady } from '../../../server/store/redis/connect'
import { startEmbeddedRedis } from '../../../server/store/redis/embedded'
import { redisSlots } from '../../../server/store/redis/slots'
import { untold } from '../../support/untold'
import { eventually, finallyDo, newDeck, testDir } from './slots-support'

const ifRedis = testOnRedis()
const deck = newDeck()

const isUp = (slots: Slots) =>
  slots.ping().then(
    () => true,
    () => false,
  )

describe('REDIS_URL', () => {
  test.each([
    ['/run/redis/redis.sock', { kind: 'single', options: { path: '/run/redis/redis.sock' } }],
    ['redis://cache', { kind: 'single', options: { host: 'cache', port: 6379 } }],
    [
      'redis://u:p%40ss@[::1]:6380/2',
      { kind: 'single', options: { username: 'u', password: 'p@ss', host: '::1', port: 6380, db: 2 } },
    ],
    [
      'rediss://:secret@cache:6380',
      { kind: 'single', options: { password: 'secret', tls: {}, host: 'cache', port: 6380 } },
    ],
    [
      'redis+sentinel://secret@a:1,b/street/3',
      {
        kind: 'sentinel',
        options: {
          password: 'secret',
          sentinels: [
            { host: 'a', port: 1 },
            { host: 'b', port: 26379 },
          ],
          name: 'street',
          db: 3,
        },
      },
    ],
    [
      'redis+cluster://a:1,b:2',
      {
        kind: 'cluster',
        nodes: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
        ],
        options: {},
      },
    ],
    ['rediss+cluster://a:1', { kind: 'cluster', nodes: [{ host: 'a', port: 1 }], options: { tls: {} } }],
  ])('%s', (url, place) => {
    expect(parseRedisUrl(url)).toEqual(place)
  })

  test.each([
    '',
    'localhost:6379',
    'http://cache',
    'redis://',
    'redis://a,b',
    'redis://a:0',
    'redis://a:65536',
    'redis://a:b',
    'redis://a/one',
    'redis://u:%zz@a',
    'redis+sentinel://a:1',
    'redis+cluster://a:1/0',
  ])('%p is refused', (url) => {
    expect(() => parseRedisUrl(url)).toThrow(/^REDIS_URL must be/)
  })

  test('a refusal never quotes a password', () => {
    expect(() => parseRedisUrl('redis://u:hunter2@a:b')).toThrow(expect.not.stringContaining('hunter2'))
  })
})

describe('when Redis is away', () => {
  test('every verb throws SlotsUnavailable with its cause, and the process lives', async () => {
    const errors: Error[] = []
    const redis = connectRedis(`${await testDir()}/nobody.sock`, (error) => errors.push(error))
    finallyDo(() => redis.disconnect())
    const slots = redisSlots(redis)
    const asked = [
      () => slots.take(deck, 'a', untold(1)),
      () => slots.confirm(deck, 0, 'a'),
      () => slots.release(deck, 0, 'a', 0),
      () => slots.load(deck, 1, [], Date.now() + 60_000),
      () => slots.lay([{ deck, slots: 1 }], Date.now() + 60_000),
      () => slots.count(deck),
      () => slots.ping(),
    ]
    for (const ask of asked) {
      const error = await ask().catch((error: unknown) => error)
      expect(error).toBeInstanceOf(SlotsUnavailable)
      expect((error as Error).cause).toBeInstanceOf(Error)
    }
    expect(await redisReady(redis, 1)).toBe(false)
    await eventually(async () => errors.length > 1) // it goes on trying
  })

  ifRedis('slots come back with it, though a restarted Redis knows no script and no deck', async () => {
    const socketDir = await testDir()
    const first = await startEmbeddedRedis({ socketDir })
    finallyDo(first.stop)
    const redis = connectRedis(first.url, undefined, PATIENT_MS)
    finallyDo(() => redis.disconnect())
    const slots = redisSlots(redis)
    expect(await redisReady(redis, 60_000)).toBe(true)
    await slots.load(deck, 1, [], Date.now() + 60_000)
    expect(await slots.take(deck, 'a', untold(60_000))).toMatchObject({ kind: 'taken' })

    const before = slots.connection()
    await first.stop()
    await expect(slots.take(deck, 'a', untold(60_000))).rejects.toThrow(SlotsUnavailable)
    expect(slots.connection()).toBe(before)

    const second = await startEmbeddedRedis({ socketDir })
    finallyDo(second.stop)
    await eventually(() => isUp(slots))
    expect(slots.connection()).toBeGreaterThan(before)
    expect(await slots.take(deck, 'a', untold(60_000))).toEqual({ kind: 'no-deck' })
  })

  ifRedis('a Redis that hangs is unavailable, and what it forgot of the scripts is sent again', async () => {
    const { redis: patient, url, stop } = await startTestRedis('redis-server')
    finallyDo(stop)
    const redis = connectRedis(url)
    finallyDo(async () => redis.disconnect())
    await redisReady(redis, 5_000)
    const slots = redisSlots(redis)
    await redisSlots(patient).load(deck, 1, [], Date.now() + 60_000)
    await eventually(() => isUp(slots))
    await patient.call('CLIENT', 'PAUSE', '1000', 'ALL')
    await expect(slots.count(deck)).rejects.toThrow(SlotsUnavailable)
    await eventually(() => isUp(slots))
    await redis.script('FLUSH')
    expect(await slots.count(deck)).toMatchObject({ free: 1, leased: 0, used: 0 })
  })

  ifRedis('an error that Redis answers is unavailability too', async () => {
    const { redis, stop } = await startTestRedis('redis-server')
    finallyDo(stop)
    await redis.config('SET', 'maxmemory', '1')
    await expect(redisSlots(redis).load(deck, 1, [], Date.now() + 60_000)).rejects.toThrow(SlotsUnavailable)
  })
})

ifRedis('a Sentinel leads to its master', async () => {
  const { redis, stop } = await startTestSentinel()
  finallyDo(stop)
  expect(await redisSlots(redis).load(deck, 1, [], Date.now() + 60_000)).toBe('loaded')
})

ifRedis('a Sentinel with a password of its own leads there too, and nobody without it', async () => {
  const passwords = { master: 'of-the-master', sentinel: 'of-the-sentinel' }
  const { redis, url, stop } = await startTestSentinel(passwords)
  finallyDo(stop)
  expect(await redisSlots(redis).load(newDeck(), 1, [], Date.now() + 60_000)).toBe('loaded')
  for (const password of [undefined, 'of-the-master']) {
    const errors: Error[] = []
    const other = connectRedis(url, (error) => errors.push(error), PATIENT_MS, password)
    finallyDo(() => other.disconnect())
    await eventually(async () => errors.length > 0)
    expect(other.status).not.toBe('ready')
    expect(errors.map(String).join()).not.toMatch(/of-the-/)
  }
})

/** As a rule no connection breaks meanwhile; where the cluster was asked in the middle of it, one node goes and comes, which counts as well. */
ifRedis('a replica that took its master’s place is another connection', async () => {
  const { redis, promote, stop } = await startTestReplicas()
  finallyDo(stop)
  const slots = redisSlots(redis)
  const one = newDeck()
  await slots.load(one, 1, [], Date.now() + 60_000)
  await eventually(async () => {
    await (redis as Cluster).refreshSlotsCache()
    return (redis as Cluster).nodes('all').length === 2
  })
  const before = slots.connection()
  await (redis as Cluster).refreshSlotsCache()
  expect(slots.connection()).toBe(before)
  await promote()
  await eventually(() => isUp(slots))
  await eventually(async () => (await slots.load(newDeck(), 1, [], Date.now() + 60_000).catch(() => '')) === 'loaded')
  await eventually(async () => slots.connection() > before)
})
