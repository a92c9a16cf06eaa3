import type { OrderView, QuoteView, Session } from '../server/http/contract'
import { pause } from './attack'
import { PATIENCE_MS, telephone } from './telephone'

/** One honest payment: somebody comes, sees a price, thinks, and pays. */
export interface Visit {
  /** ms since the epoch */
  beganAt: number
  merchantCode: string
  /** what they waited for in all, ms, without their own thinking; and for coming in, the shop, the quote and the payment of it */
  waitedMs: number
  entryMs: number
  shopMs: number
  quoteMs: number
  payMs: number
  /** how often they were told to come again in a moment, as our pages do by themselves */
  toldToWait: number
  paid: boolean
  orderNo: string
  /** why the quote had no card, null: it had one */
  reason: string | null
  /** what kept them from paying: the step, and the answer */
  kept?: string
}

export interface Crowd {
  visits: readonly Visit[]
  /** From now on they go to these. */
  goTo(merchantCodes: readonly string[]): void
  /** Resolves when everybody who came before has left. */
  left(before: number): Promise<void>
  stop(): Promise<void>
}

/** Somebody who types an amount and reads a price. */
const THINK_MS = [100, 500] as const
/** Between two looks at an order that is being paid. */
const LOOK_MS = 100

/** So many at once, for ever; each is a person of their own, on a telephone with an address and a connection of its own. */
export function honestPayers(url: string, count: number, random: () => number): Crowd {
  const visits: Visit[] = []
  const underWay = new Set<{ beganAt: number }>()
  let merchants: readonly string[] = []
  let stopped = false
  let known = 0
  const one = async () => {
    await pause(random() * THINK_MS[1])
    while (!stopped) {
      const nth = known++
      const merchantCode = merchants[nth % merchants.length]!
      const here = { beganAt: Date.now() }
      underWay.add(here)
      visits.push(await visit(url, nth, merchantCode, here.beganAt, random))
      underWay.delete(here)
      await pause(THINK_MS[0])
    }
  }
  let all: Promise<unknown> = Promise.resolve()
  return {
    visits,
    goTo(merchantCodes) {
      const first = merchants.length === 0
      merchants = merchantCodes
      if (first) all = Promise.all(Array.from({ length: count }, one))
    },
    async left(before) {
      while ([...underWay].some(({ beganAt }) => beganAt < before)) await pause(50)
    },
    async stop() {
      stopped = true
      await all
    },
  }
}

/** Of their own network, so that no address of theirs is an attacker's. */
const NETWORK = 1

async function visit(
  url: string,
  nth: number,
  merchantCode: string,
  beganAt: number,
  random: () => number,
): Promise<Visit> {
  const phone = telephone(url, NETWORK, nth)
  const made: Visit = {
    beganAt,
    merchantCode,
    waitedMs: 0,
    entryMs: 0,
    shopMs: 0,
    quoteMs: 0,
    payMs: 0,
    toldToWait: 0,
    paid: false,
    orderNo: '',
    reason: null,
  }
  const think = () => pause(THINK_MS[0] + random() * (THINK_MS[1] - THINK_MS[0]))
  try {
    const who = { platform: 'browser', code: `honest-${nth}` }
    const { token } = await phone.askAgain<Session>('session', 'POST', '/api/session', { body: who })
    made.entryMs = phone.waitedMs()
    await phone.askAgain('shop', 'GET', `/api/merchants/${merchantCode}`)
    const before = phone.waitedMs()
    made.shopMs = before - made.entryMs
    await think()
    const wanted = { merchantCode, amountFen: 1_000 + ((nth * 37) % 9_000), channel: 'bank' }
    const quote = await phone.askAgain<QuoteView>('quote', 'POST', '/api/quotes', { token, body: wanted })
    made.reason = quote.reason
    made.quoteMs = phone.waitedMs() - before
    await think()
    const paying = { token, body: { quoteId: quote.quoteId }, key: `honest-order-${nth}` }
    let order = await phone.askAgain<OrderView>('pay', 'POST', '/api/orders', paying)
    while (order.state === 'paying' && Date.now() - beganAt < 2 * PATIENCE_MS) {
      await pause(LOOK_MS)
      order = await phone.askAgain<OrderView>('look', 'GET', `/api/orders/${order.orderNo}`, { token })
    }
    made.payMs = phone.waitedMs() - before - made.quoteMs
    made.orderNo = order.orderNo
    made.paid = order.state === 'paid'
    if (!made.paid) made.kept = `pay: ${order.state}`
  } catch (error) {
    made.kept = (error as Error).message
  } finally {
    made.waitedMs = phone.waitedMs()
    made.toldToWait = phone.toldToWait()
    await phone.close()
  }
  return made
}
