import { ask } from '../../../harness/ask'
import { seeded } from '../../../harness/hostile'
import { SMALL_TERMS } from '../../../server/domain/small-amount'
import { apiRoutes } from '../../../server/http/app'
import type { AgreementList, OrderView, QuoteView, SignView } from '../../../server/http/contract'
import type { Route } from '../../../server/http/route'
import { type Flow, httpDepsOf, serveApp, startFlow } from '../../support/flow'

/**
 * I11: with small amounts off, nothing that anybody asks of any route, in whatever order, moves a payer's money unless that payer
 * brings the very code that the bank sent for that very order. Every route there is is walked, a new one by itself.
 */

const SEED = Number(process.env.FAPAI_SEED ?? Date.now() % 1_000_000)
const WALKS = 60
const STEPS = 25

/** What a person has in hand: the last of each that some route gave them. */
interface Hand {
  token: string
  name: string
  orderNo: string
  quoteId: string
  signNo: string
  agreementId: string
  challengeId: string
  keys: number
}

let flow: Flow
let served: Awaited<ReturnType<typeof serveApp>>
let routes: Route[]
let people = 0

beforeEach(async () => {
  flow = startFlow({ limits: { dailyPerPayerFen: 1e9 } })
  flow.channel.easy = false
  const deps = httpDepsOf(flow)
  routes = apiRoutes(deps)
  served = await serveApp(deps)
})
afterEach(() => served.stop())

const pathOf = ({ method, path }: Route) => `${method} ${path}`

/** A code that the person may have seen, or guessed: of the agreement, of another's order; never the one that was sent for this order. */
function wrongProof({ orderNo, signNo }: Hand, pick: number): string {
  const right = flow.channel.code(orderNo)
  const others = flow.ledger.all().flatMap((one) => (one.orderNo === orderNo ? [] : flow.channel.code(one.orderNo)))
  const seen = [flow.channel.code(signNo), ...others, flow.channel.wrongCode(orderNo)].filter((code) => code !== right)
  return seen[pick % seen.length]!
}

function bodyOf(route: Route, hand: Hand, pick: number): unknown {
  switch (pathOf(route)) {
    case 'POST /api/session':
      return { platform: 'browser', code: hand.name }
    case 'POST /api/quotes':
      return { merchantCode: 'M0001', amountFen: pick % 2 ? 1_000 : 10_000, channel: 'bank' }
    case 'POST /api/orders':
      return { quoteId: hand.quoteId, ...(pick % 3 === 0 && { agreementId: hand.agreementId }) }
    case 'POST /api/orders/:orderNo/confirm':
      return { challengeId: hand.challengeId, proof: wrongProof(hand, pick) }
    case 'POST /api/agreements':
      return { account: '6217880000000001', name: '李小明', phone: '13800138000' }
    case 'POST /api/agreements/:signNo/confirm':
      // What asks for small amounts is asked, and never confirmed: that would be an act.
      return { proof: flow.channel.wrongCode(hand.signNo) }
    case 'POST /api/agreements/:agreementId/small-amount': {
      const { version, sha256 } = SMALL_TERMS
      return { maxFen: 20_000, perDay: 5, terms: { version, sha256 } }
    }
    default:
      return {}
  }
}

async function step(route: Route, hand: Hand, pick: number): Promise<void> {
  const given: Record<string, string> = { ...hand, keys: '', code: 'M0001', date: '2026-11-21' }
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => given[name] ?? 'none-1')
  const key = `${hand.name}-key-${pick % 4 ? ++hand.keys : hand.keys}`
  const { body } = await ask<Record<string, unknown>>(served.url, route.method, path, {
    token: hand.token,
    headers: { 'Idempotency-Key': key },
    ...(route.method !== 'GET' && route.method !== 'DELETE' && { body: bodyOf(route, hand, pick) }),
  })
  if (typeof body !== 'object') return
  for (const name of ['orderNo', 'quoteId', 'signNo', 'token'] as const)
    if (typeof body[name] === 'string') hand[name] = body[name]
  const { action } = body as unknown as OrderView
  if (action?.params.challengeId) hand.challengeId = action.params.challengeId
}

/** Somebody who has signed, with an order that waits for them. */
async function somebody(): Promise<Hand> {
  const name = `somebody-${++people}`
  const call = async <T>(method: string, path: string, token: string, body?: unknown) =>
    (await ask<T>(served.url, method, path, { token, body, headers: { 'Idempotency-Key': `${name}-first` } })).body
  const { token } = await call<{ token: string }>('POST', '/api/session', '', { platform: 'browser', code: name })
  const holder = { account: String(6217000000000000n + BigInt(people)), name, phone: '13800138000' }
  const { signNo } = await call<SignView>('POST', '/api/agreements', token, holder)
  await call('POST', `/api/agreements/${signNo}/confirm`, token, { proof: flow.channel.code(signNo) })
  const { items } = await call<AgreementList>('GET', '/api/agreements', token)
  const wanted = { merchantCode: 'M0001', amountFen: 1_000, channel: 'bank' }
  const { quoteId } = await call<QuoteView>('POST', '/api/quotes', token, wanted)
  const order = await call<OrderView>('POST', '/api/orders', token, { quoteId })
  expect([order.state, order.action?.kind]).toEqual(['paying', 'challenge'])
  const { orderNo, action } = order
  const { agreementId } = items[0]!
  return { token, name, orderNo, quoteId, signNo, agreementId, challengeId: action!.params.challengeId!, keys: 0 }
}

function expectNothingMoved(steps: string): void {
  const paid = flow.ledger.all().filter(({ state }) => state === 'paid')
  const booked = flow.channel.clearings().filter(({ state }) => state === 'succeeded')
  expect([steps, paid, booked]).toEqual([steps, [], []])
}

it('nothing moves by any two routes, one after the other', async () => {
  expect(routes.length).toBeGreaterThan(60)
  const ofPayers = routes.filter(({ actor }) => actor === 'payer')
  for (const [nth, first] of routes.entries())
    for (const [n, second] of (first.actor === 'payer' ? ofPayers : ofPayers.slice(0, 1)).entries()) {
      const hand = await somebody()
      await step(first, hand, nth + n)
      await step(second, hand, n)
      expectNothingMoved(`${pathOf(first)}, ${pathOf(second)}`)
    }
})

it(`nothing moves on long walks, with time and sweeps between (FAPAI_SEED=${SEED})`, async () => {
  const random = seeded(SEED)
  const any = (below: number) => Math.floor(random() * below)
  const ofPayers = routes.filter(({ actor }) => actor === 'payer')
  for (let walk = 0; walk < WALKS; walk++) {
    const hand = await somebody()
    const walked: string[] = []
    for (let i = 0; i < STEPS; i++) {
      const route = ofPayers[any(ofPayers.length)]!
      walked.push(pathOf(route))
      await step(route, hand, any(100))
      if (any(4) === 0) flow.pass([1_000, 61_000, 310_000][any(3)]!)
      if (any(3) === 0) await flow.sweep()
    }
    expectNothingMoved(walked.join(', '))
  }
})

it('the code that was sent for the order is what moves it', async () => {
  const hand = await somebody()
  const { orderNo, challengeId, token } = hand
  const body = { challengeId, proof: flow.channel.code(orderNo) }
  const { body: order } = await ask<OrderView>(served.url, 'POST', `/api/orders/${orderNo}/confirm`, { token, body })
  expect(order).toMatchObject({ state: 'paid', verification: 'sms' })
  expect(() => expectNothingMoved('the right code')).toThrow()
})
