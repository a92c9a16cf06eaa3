import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../harness/free-port'
import { NGINX_ADDRESS, nginxMissing, startNginx } from '../harness/nginx'
import { hasRedisServer, startTestRedis, type TestRedis } from '../harness/redis'
import { postgresMissing } from '../harness/sql'
import { startTestSystem, type TestSystem } from '../harness/system'
import type { Child } from '../server/sandbox/children'
import type { Bff } from '../server/sandbox/system'
import { clientOf, listen, logIn, merchantToken, type Paid, payEvery, REST_S } from './paying'

/**
 * `npm run rolling`: BFFs behind a real nginx, configured as deploy/nginx has it, are restarted one after the other while people pay; nobody
 * may notice. A merchant's page listens meanwhile, and must hear of each of its orders. Prints its figures. Exit code 1: somebody noticed; 2:
 * the machine lacks what it needs.
 */

export interface RollOptions {
  bffs: number
  /** how many of them are restarted */
  restarts: number
  /** payments a second; each is a quote and an order */
  rate: number
  drainMs: number
  /** paid before the first restart, after each, and after the last, so that each meets traffic */
  pauseMs: number
}

export interface Rolled extends Paid {
  restarts: { exitCode: number | null; endedInMs: number; startedInMs: number }[]
  feed: { paid: number; heard: number; repeats: number; closedWith: number[] }
}

/** Whom nginx took for down it asks again after fail_timeout, 2 s. */
export const TRUSTED_AGAIN_MS = 2_500

/** Says why it can't run here; undefined when it can. */
export const rollingMissing = () =>
  nginxMissing() ?? postgresMissing() ?? (hasRedisServer() ? undefined : 'skipped: rolling (no redis-server)')

export async function rolling(options: RollOptions, say: (line: string) => void = () => {}): Promise<Rolled> {
  const result: Rolled = {
    paid: 0,
    failed: [],
    tookMs: [],
    discounted: 0,
    orderNos: [],
    restarts: [],
    feed: { paid: 0, heard: 0, repeats: 0, closedWith: [] },
  }
  const stops: (() => unknown)[] = []
  try {
    const redis = await startTestRedis('redis-server')
    stops.push(redis.stop)
    const house = await startHouse(options, redis)
    stops.push(house.stop)
    const nginx = await startNginx(house.ports.map((port) => `127.0.0.1:${port}`))
    stops.push(nginx.stop)
    const client = clientOf(nginx)
    const page = listen(nginx, await merchantToken(client))
    stops.push(client.close, page.close)
    await page.ready()
    const payers = await Promise.all(
      Array.from({ length: options.rate * REST_S }, (_, i) => logIn(client, `roller-${i}`)),
    )
    const load = payEvery(1_000 / options.rate, client, payers, result, page)
    await sleep(options.pauseMs)
    for (let i = 0; i < options.restarts; i++) {
      const restart = await house.restart(i)
      result.restarts.push(restart)
      say(`restart ${i + 1}: ${JSON.stringify(restart)}, paid ${result.paid}, failed ${result.failed.length}`)
      await sleep(options.pauseMs)
    }
    await load.stop()
    await page.heardAll()
    result.feed = page.figures()
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
  result.tookMs.sort((a, b) => a - b)
  return result
}

async function startHouse({ bffs, drainMs }: RollOptions, redis: TestRedis) {
  const ports: number[] = []
  for (let i = 0; i < bffs; i++) ports.push(await freePort())
  const own = (i: number) => ({ PORT: String(ports[i]) })
  const env = { REDIS_URL: redis.url, TRUSTED_PROXIES: NGINX_ADDRESS, DRAIN_MS: String(drainMs), LOG_LEVEL: 'error' }
  const system: TestSystem = await startTestSystem({ ...env, ...own(0) })
  const children: Child<Bff>[] = [system.bff()]
  for (let i = 1; i < bffs; i++) children.push(await system.startAnother(own(i)))
  return {
    ports,
    async restart(i: number) {
      const told = performance.now()
      children[i]!.process.kill('SIGTERM')
      const exitCode = await children[i]!.ended
      const ended = performance.now()
      children[i] = await system.startAnother(own(i))
      const started = performance.now()
      return { exitCode, endedInMs: Math.round(ended - told), startedInMs: Math.round(started - ended) }
    },
    async stop() {
      for (const one of children) await one.stop()
      await system.stop()
    },
  }
}

async function main(): Promise<number> {
  const missing = rollingMissing()
  if (missing) {
    console.error(missing)
    return 2
  }
  const options = { bffs: 3, restarts: 3, rate: 50, drainMs: 2_000, pauseMs: TRUSTED_AGAIN_MS }
  const began = performance.now()
  const rolled = await rolling(options, (line) => console.log(line))
  const { paid, failed, tookMs, feed, discounted } = rolled
  const at = (share: number) => `${Math.round(tookMs[Math.floor((tookMs.length - 1) * share)] ?? 0)} ms`
  console.log(
    `${options.restarts} of ${options.bffs} BFFs restarted under ${options.rate} payments a second, ${Math.round((performance.now() - began) / 1_000)} s in all`,
  )
  console.log(
    `paid ${paid} (${discounted} with a discount), failed ${failed.length}; quote and order p50 ${at(0.5)}, p99 ${at(0.99)}, longest ${at(1)}`,
  )
  console.log(
    `the merchant's page heard ${feed.heard} of ${feed.paid} orders; its feed was closed with ${feed.closedWith.join(', ') || 'nothing'}`,
  )
  for (const one of new Set(failed)) console.log(`  ${one}`)
  const idle = idleOf(rolled)
  for (const one of idle) console.log(one)
  return failed.length > 0 || feed.heard < feed.paid || idle.length > 0 ? 1 : 0
}

/** What it can't have tried, since nobody did it. */
export function idleOf({ paid, discounted, feed }: Pick<Rolled, 'paid' | 'discounted' | 'feed'>): string[] {
  return [
    ...(paid === 0 ? ['nobody paid, so nobody could notice anything'] : []),
    ...(paid > 0 && discounted === 0 ? [`none of ${paid} payments had a discount, so none could be lost`] : []),
    ...(paid > 0 && feed.paid === 0 ? ['nothing was paid at the merchant whose page listens'] : []),
  ]
}

if (require.main === module) main().then((code) => process.exit(code))
