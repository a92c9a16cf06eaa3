import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, fetch } from 'undici'
import WebSocket from 'ws'
import { freePort } from '../harness/free-port'
import { nginxMissing, startNginx, type TestNginx } from '../harness/nginx'
import { hasRedisServer, startTestRedis, type TestRedis } from '../harness/redis'
import { postgresMissing } from '../harness/sql'
import { startTestSystem, type TestSystem } from '../harness/system'
import type { LiveMessage, OrderView, QuoteView, Session } from '../server/http/contract'
import type { Child } from '../server/sandbox/children'
import type { Bff } from '../server/sandbox/system'

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

export interface Rolled {
  /** quotes and orders that were paid */
  paid: number
  /** what somebody was told instead, in words */
  failed: string[]
  /** ms from the quote to the paid order, in order */
  tookMs: number[]
  restarts: { exitCode: number | null; endedInMs: number; startedInMs: number }[]
  feed: { paid: number; heard: number; closedWith: number[] }
}

const MERCHANTS = Array.from({ length: 20 }, (_, i) => `M${String(i + 1).padStart(4, '0')}`)
const HEARD_OF = MERCHANTS[0]!
/** So long a payer rests between two payments: who pays twice at once has one card for both, and is told so. */
const REST_S = 10
/** Whom nginx took for down it asks again after fail_timeout, 2 s. */
export const TRUSTED_AGAIN_MS = 2_500

/** Says why it can't run here; undefined when it can. */
export const rollingMissing = () =>
  nginxMissing() ?? postgresMissing() ?? (hasRedisServer() ? undefined : 'skipped: rolling (no redis-server)')

export async function rolling(options: RollOptions, say: (line: string) => void = () => {}): Promise<Rolled> {
  const result: Rolled = { paid: 0, failed: [], tookMs: [], restarts: [], feed: { paid: 0, heard: 0, closedWith: [] } }
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
    await page.ready
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
  const env = { REDIS_URL: redis.url, TRUSTED_PROXIES: '127.0.0.1', DRAIN_MS: String(drainMs), LOG_LEVEL: 'error' }
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

type Client = ReturnType<typeof clientOf>

/** As browsers are in front of nginx: over TLS, on connections that are kept. */
function clientOf({ url, ca }: TestNginx) {
  const dispatcher = new Agent({ connect: { ca }, connections: 64 })
  return {
    async call<T>(method: string, path: string, body: object, headers: Record<string, string> = {}): Promise<T> {
      const type = { 'Content-Type': 'application/json' }
      const answer = await fetch(url + path, {
        dispatcher,
        method,
        headers: { ...type, ...headers },
        body: JSON.stringify(body),
      })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 200)}`)
      return JSON.parse(text) as T
    },
    close: () => dispatcher.close(),
  }
}

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })

async function logIn(client: Client, code: string): Promise<string> {
  return (await client.call<Session>('POST', '/api/session', { platform: 'browser', code })).token
}

async function merchantToken(client: Client): Promise<string> {
  const body = { platform: 'browser', code: `merchant-${HEARD_OF}` }
  return (await client.call<Session>('POST', '/api/merchant/session', body)).token
}

/** Begins a payment every so many ms, whether those before it have ended or not. */
function payEvery(everyMs: number, client: Client, payers: string[], result: Rolled, page: Page) {
  let begun = 0
  const open = new Set<Promise<void>>()
  async function payOne(number: number): Promise<void> {
    const began = performance.now()
    const auth = bearer(payers[number % payers.length]!)
    const merchantCode = MERCHANTS[number % MERCHANTS.length]!
    try {
      const asked = { merchantCode, amountFen: 1_000, channel: 'bank' }
      const { quoteId } = await client.call<QuoteView>('POST', '/api/quotes', asked, auth)
      const keyed = { ...auth, 'Idempotency-Key': `rolling-${String(number).padStart(10, '0')}` }
      const order = await client.call<OrderView>('POST', '/api/orders', { quoteId }, keyed)
      if (order.state !== 'paid') throw new Error(`order ${order.orderNo} is ${order.state}`)
      result.paid++
      result.tookMs.push(performance.now() - began)
      if (merchantCode === HEARD_OF) page.expect(order.orderNo)
    } catch (error) {
      const { message, cause } = error as Error
      result.failed.push(cause instanceof Error ? `${message}: ${cause.message}` : message)
    }
  }
  const began = performance.now()
  // By the clock and not by ticks, so that a tick that is late begins what it missed.
  const timer = setInterval(
    () => {
      for (; begun < (performance.now() - began) / everyMs; begun++) {
        const one = payOne(begun).finally(() => open.delete(one))
        open.add(one)
      }
    },
    Math.min(everyMs, 20),
  )
  return {
    async stop() {
      clearInterval(timer)
      await Promise.all(open)
    },
  }
}

type Page = ReturnType<typeof listen>

/** A merchant's page: comes back a second after its feed ended, behind what it heard last. */
function listen({ url, ca }: TestNginx, token: string) {
  const paid = new Set<string>()
  const heard = new Set<string>()
  const closedWith: number[] = []
  let [cursor, over] = ['', false]
  let socket: WebSocket
  let ready = () => {}
  const isReady = new Promise<void>((resolve) => {
    ready = resolve
  })
  const open = () => {
    const after = cursor && `?after=${encodeURIComponent(cursor)}`
    socket = new WebSocket(
      `${url.replace('https', 'wss')}/api/merchant/live${after}`,
      ['fapai.v1', `bearer.${token}`],
      { ca },
    )
    socket.on('error', () => {})
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as LiveMessage
      if (message.type === 'ready') ready()
      if (message.type !== 'order') return
      cursor = message.cursor
      heard.add(message.order.orderNo)
    })
    socket.on('close', (code) => {
      if (over) return
      closedWith.push(code)
      setTimeout(open, 1_000)
    })
  }
  open()
  const missing = () => [...paid].filter((orderNo) => !heard.has(orderNo))
  return {
    ready: isReady,
    expect: (orderNo: string) => void paid.add(orderNo),
    async heardAll() {
      for (const deadline = Date.now() + 60_000; missing().length > 0 && Date.now() < deadline; ) await sleep(50)
    },
    figures: () => ({ paid: paid.size, heard: paid.size - missing().length, closedWith }),
    close() {
      over = true
      socket.close()
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
  const { paid, failed, tookMs, feed } = await rolling(options, (line) => console.log(line))
  const at = (share: number) => `${Math.round(tookMs[Math.floor((tookMs.length - 1) * share)] ?? 0)} ms`
  console.log(
    `${options.restarts} of ${options.bffs} BFFs restarted under ${options.rate} payments a second, ${Math.round((performance.now() - began) / 1_000)} s in all`,
  )
  console.log(
    `paid ${paid}, failed ${failed.length}; quote and order p50 ${at(0.5)}, p99 ${at(0.99)}, longest ${at(1)}`,
  )
  console.log(
    `the merchant's page heard ${feed.heard} of ${feed.paid} orders; its feed was closed with ${feed.closedWith.join(', ') || 'nothing'}`,
  )
  for (const one of new Set(failed)) console.log(`  ${one}`)
  return failed.length > 0 || feed.heard < feed.paid ? 1 : 0
}

if (require.main === module) main().then((code) => process.exit(code))
