import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PATIENT_MS, testOnRedis } from '../../../harness/redis'
import { connectRedis, redisReady } from '../../../server/store/redis/connect'
import { type EmbeddedRedis, startEmbeddedRedis } from '../../../server/store/redis/embedded'
import { redisSlots } from '../../../server/store/redis/slots'
import { untold } from '../../support/untold'
import { finallyDo, newDeck, testDir } from './slots-support'

const deck = newDeck()
const ifRedis = testOnRedis()
let dir: string
beforeEach(async () => {
  dir = await testDir()
})

const start = async (options: Parameters<typeof startEmbeddedRedis>[0]) => {
  const server = await startEmbeddedRedis(options)
  finallyDo(server.stop)
  return server
}

const withSlots = async <T>(server: EmbeddedRedis, use: (slots: ReturnType<typeof redisSlots>) => Promise<T>) => {
  const redis = connectRedis(server.url, undefined, PATIENT_MS)
  expect(await redisReady(redis, 60_000)).toBe(true)
  return use(redisSlots(redis)).finally(() => redis.disconnect())
}

ifRedis('a deck and its leases outlive a stop when there is a data directory', async () => {
  const options = { socketDir: join(dir, 'run'), dataDir: join(dir, 'data') }
  const first = await start(options)
  await withSlots(first, async (slots) => {
    await slots.load(deck, 2, [], Date.now() + 60_000)
    await slots.take(deck, 'a', untold(60_000))
  })
  await first.stop()
  const second = await start(options)
  expect(await withSlots(second, (slots) => slots.count(deck))).toMatchObject({ free: 1, leased: 1, used: 0 })
})

ifRedis('a server that a killed process left behind is ended first, and what it held is kept', async () => {
  const options = { socketDir: join(dir, 'run'), dataDir: join(dir, 'data') }
  const orphan = await start(options)
  await withSlots(orphan, (slots) => slots.load(deck, 1, [], Date.now() + 60_000))
  const server = await start(options)
  expect(await withSlots(server, (slots) => slots.count(deck))).toMatchObject({ free: 1, leased: 0, used: 0 })
})

ifRedis('only this user reaches the socket', async () => {
  await mkdir(join(dir, 'run'), { mode: 0o755 })
  const server = await start({ socketDir: join(dir, 'run') })
  expect((await stat(join(dir, 'run'))).mode & 0o777).toBe(0o700)
  expect((await stat(server.url)).mode & 0o777).toBe(0o700)
})

ifRedis('a server that cannot start says why', async () => {
  await writeFile(join(dir, 'appendonlydir'), 'in the way')
  const starting = start({ socketDir: join(dir, 'run'), dataDir: dir })
  await expect(starting).rejects.toThrow(
    /redis-server did not start: it ended with 1; its log ends:[\s\S]*appendonlydir/,
  )
})

ifRedis('a socket path too long for the system is named', async () => {
  await expect(start({ socketDir: join(dir, 'x'.repeat(100)) })).rejects.toThrow(/longer than 103 bytes/)
})

test('js-redis-server keeps nothing and says so', async () => {
  const first = await start({ socketDir: dir, prefer: 'js' })
  expect(first).toMatchObject({ kind: 'js-redis-server', url: expect.stringMatching(/^redis:\/\/127\.0\.0\.1:\d+$/) })
  expect(first.survives).toMatch(/restart loses/)
  await withSlots(first, (slots) => slots.load(deck, 1, [], Date.now() + 60_000))
  await first.stop()
  const second = await start({ socketDir: dir, prefer: 'js' })
  expect(await withSlots(second, (slots) => slots.count(deck))).toBeUndefined()
})
