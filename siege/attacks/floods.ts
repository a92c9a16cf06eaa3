import { type Attack, crowd, type Front, pick } from '../attack'
import { type Send, sender } from '../http'

/** One token as fast as it can, and beside it many tokens from several addresses. */

const CONNECTIONS = 32

/** The first worker of four is the one token's. */
const whose = (front: Front, nth: number) =>
  nth % 4 === 0
    ? { token: front.payers[0]!, from: 0 }
    : { token: pick(front, front.payers), from: 1 + Math.floor(front.random() * 7) }

function flood(name: string, what: string, send: (front: Front, send: Send, nth: number) => Promise<unknown>): Attack {
  return {
    name,
    what,
    async run(front) {
      const http = sender(front, CONNECTIONS)
      await crowd(front, CONNECTIONS, async (nth) => void (await send(front, http, nth)))
    },
  }
}

const quotes = flood('quotes', 'quotes by one token and by many', (front, send, nth) => {
  const body = { merchantCode: pick(front, front.merchantCodes), amountFen: 1_000 + nth, channel: 'bank' }
  return send('POST', '/api/quotes', { ...whose(front, nth), body })
})

const orders = flood(
  'orders',
  'orders of quotes that are forged, used or another’s, by one token and by many',
  (front, send, nth) => {
    const body = { quoteId: String(front.examples.quoteId) }
    const headers = { 'idempotency-key': `siege-${front.part}-${nth}-${Math.floor(front.random() * 1e9)}` }
    return send('POST', '/api/orders', { ...whose(front, nth), body, headers })
  },
)

const sessions = flood(
  'sessions',
  'payers and merchants log in, again and again, and some of them bind',
  (front, send, nth) => {
    const from = nth % 8
    if (nth % 4 === 1) {
      const body = { platform: 'browser', code: `merchant-${pick(front, front.merchantCodes)}` }
      return send('POST', '/api/merchant/session', { body, from })
    }
    if (nth % 4 === 2) {
      const body = { platform: 'browser', code: `binder-${nth}`, bindingCode: 'ABCDEFGH' }
      return send('POST', '/api/merchant/binding', { body, from })
    }
    return send('POST', '/api/session', { body: { platform: 'browser', code: `stranger-${front.random()}` }, from })
  },
)

const reads = flood('reads', 'shops, rules, decks and pages, asked for by nobody in particular', (front, send, nth) => {
  const code = pick(front, front.merchantCodes)
  const date = String(front.examples.date)
  const paths = [
    `/api/merchants/${code}`,
    `/api/merchants/${code}/rules`,
    `/api/decks/food-street/${code}/${date}`,
    '/',
    '/openapi.json',
  ]
  return send('GET', pick(front, paths), { from: nth % 8 })
})

export const floods = [quotes, orders, sessions, reads]
