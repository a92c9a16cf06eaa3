import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, fetch } from 'undici'
import WebSocket from 'ws'
import type { LiveMessage, OrderView, QuoteView, Session } from '../server/http/contract'

/** People who pay, so many a second, and a merchant's page that listens: what goes on while something is done to the house. */

export interface Paid {
  /** quotes and orders that were paid */
  paid: number
  /** what somebody was told instead, in words */
  failed: string[]
  /** ms from the quote to the paid order, in order */
  tookMs: number[]
  /** of the paid, those with a discount */
  discounted: number
  /** those that were paid */
  orderNos: string[]
}

/** Where the house is found. */
export interface Door {
  url: string
  ca?: string | Buffer
  /** the address of this machine that they come from */
  from?: string
}

export const MERCHANTS = Array.from({ length: 20 }, (_, i) => `M${String(i + 1).padStart(4, '0')}`)
const HEARD_OF = MERCHANTS[0]!
/** So long a payer rests between two payments: who pays twice at once has one card for both, and is told so. */
export const REST_S = 10

export type Client = ReturnType<typeof clientOf>

/** As browsers are in front of nginx: over TLS, on connections that are kept. */
export function clientOf({ url, ca, from }: Door) {
  const dispatcher = new Agent({ connect: { ca }, localAddress: from, connections: 64 })
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

export async function logIn(client: Client, code: string, headers?: Record<string, string>): Promise<string> {
  return (await client.call<Session>('POST', '/api/session', { platform: 'browser', code }, headers)).token
}

export async function merchantToken(client: Client): Promise<string> {
  const body = { platform: 'browser', code: `merchant-${HEARD_OF}` }
  return (await client.call<Session>('POST', '/api/merchant/session', body)).token
}

/** Begins a payment every so many ms, whether those before it have ended or not; who is still at one begins no other. */
export function payEvery(everyMs: number, client: Client, payers: string[], result: Paid, page: Page) {
  let begun = 0
  const name = randomUUID()
  const open = new Map<number, Promise<void>>()
  async function payOne(number: number): Promise<void> {
    const began = performance.now()
    const auth = bearer(payers[number % payers.length]!)
    const merchantCode = MERCHANTS[number % MERCHANTS.length]!
    try {
      const asked = { merchantCode, amountFen: 1_000, channel: 'bank' }
      const { quoteId } = await client.call<QuoteView>('POST', '/api/quotes', asked, auth)
      const keyed = { ...auth, 'Idempotency-Key': `${name}-${number}` }
      const order = await client.call<OrderView>('POST', '/api/orders', { quoteId }, keyed)
      if (order.state !== 'paid') throw new Error(`order ${order.orderNo} is ${order.state}`)
      result.paid++
      if (order.discountFen > 0) result.discounted++
      result.tookMs.push(performance.now() - began)
      result.orderNos.push(order.orderNo)
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
        const payer = begun % payers.length
        if (!open.has(payer))
          open.set(
            payer,
            payOne(begun).finally(() => open.delete(payer)),
          )
      }
    },
    Math.min(everyMs, 20),
  )
  return {
    async stop() {
      clearInterval(timer)
      await Promise.all(open.values())
    },
  }
}

export type Page = ReturnType<typeof listen>

/** A merchant's page: comes back a second after its feed ended, behind what it heard last. */
export function listen({ url, ca }: Door, token: string) {
  const paid = new Set<string>()
  const heard = new Set<string>()
  const closedWith: number[] = []
  const repeated: string[] = []
  let [cursor, over, live] = ['', false, false]
  let socket: WebSocket
  const open = () => {
    const after = cursor && `?after=${encodeURIComponent(cursor)}`
    socket = new WebSocket(`${url.replace(/^http/, 'ws')}/api/merchant/live${after}`, ['fapai.v1', `bearer.${token}`], {
      ca,
    })
    socket.on('error', () => {})
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as LiveMessage
      if (message.type === 'ready') live = true
      if (message.type !== 'order') return
      cursor = message.cursor
      if (heard.has(message.order.orderNo)) repeated.push(message.order.orderNo)
      heard.add(message.order.orderNo)
    })
    socket.on('close', (code) => {
      live = false
      if (over) return
      closedWith.push(code)
      setTimeout(open, 1_000)
    })
  }
  open()
  const missing = () => [...paid].filter((orderNo) => !heard.has(orderNo))
  return {
    /** Until it hears what is paid from now on. */
    async ready() {
      for (const deadline = Date.now() + 60_000; !live; await sleep(20))
        if (Date.now() > deadline) throw new Error('the merchant’s page is not live after a minute')
    },
    expect: (orderNo: string) => void paid.add(orderNo),
    async heardAll() {
      for (const deadline = Date.now() + 60_000; missing().length > 0 && Date.now() < deadline; ) await sleep(50)
    },
    figures: () => ({ paid: paid.size, heard: paid.size - missing().length, repeats: repeated.length, closedWith }),
    /** what was heard once more, so far */
    repeated: () => [...repeated],
    close() {
      over = true
      socket.close()
    },
  }
}
