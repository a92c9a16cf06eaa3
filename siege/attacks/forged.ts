import { HEADER } from '../../server/channel/bank/sign'
import { type Attack, crowd, type Front, pick } from '../attack'
import { sender } from '../http'

/** What only somebody with a key may say, said without one. */

const CONNECTIONS = 12

/** One letter of it is another. */
function altered(text: string, random: () => number): string {
  const at = Math.floor(random() * text.length)
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
}

type Forgery = (front: Front) => Parameters<ReturnType<typeof sender>>

const FORGERIES: Forgery[] = [
  // the bank's word that an order is paid
  (front) => {
    const { orderNo } = front.examples as { orderNo: string }
    const body = JSON.stringify({ orderNo, state: 'succeeded', tradeNo: 'T1', totalFen: 1, currency: 'CNY' })
    const headers = {
      [HEADER.keyId]: 'fapai-sandbox',
      [HEADER.timestamp]: String(Date.now()),
      [HEADER.nonce]: `nonce-${front.random()}`,
      [HEADER.signature]: Buffer.alloc(64, Math.floor(front.random() * 256)).toString('base64'),
    }
    return ['POST', '/channel/bank/notify', { raw: { type: 'application/json', text: body }, headers }]
  },
  // another's session
  (front) => ['GET', '/api/orders', { token: altered(pick(front, front.payers), front.random) }],
  (front) => ['GET', '/admin/campaigns', { token: altered(front.maker, front.random) }],
  // figures that were never quoted
  (front) => {
    const quoteId = altered(String(front.examples.quoteId), front.random)
    const headers = { 'idempotency-key': `forged-${front.random()}` }
    return ['POST', '/api/orders', { token: pick(front, front.payers), body: { quoteId }, headers }]
  },
  // a ticket of the single sign-on, and a refresh token
  (front) => ['POST', '/admin/session/ticket', { body: { ticket: altered(front.maker, front.random) } }],
  (front) => ['POST', '/admin/session/refresh', { body: { refreshToken: altered(front.maker, front.random) } }],
]

export const forged: Attack = {
  name: 'forged',
  what: 'notices, sessions, quotes and tickets with signatures that are nobody’s',
  async run(front) {
    const send = sender(front, CONNECTIONS)
    await crowd(front, CONNECTIONS, async (nth) => {
      const [method, path, sending] = FORGERIES[nth % FORGERIES.length]!(front)
      await send(method, path, { ...sending, from: nth % 4 })
    })
  },
}
