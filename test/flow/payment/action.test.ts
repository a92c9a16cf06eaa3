import type { PayerAction } from '../../../server/domain/channel'
import type { Order, Outcome } from '../../../server/domain/order'
import { payerOrder } from '../../../server/flow/payment/show'
import { type Flow, LIMITS, NOON, startFlow } from '../../support/flow'

/** What a payer must do before the channel debits (I11): kept with the order, and closed at the channel when nobody does it. */

const PAY_WITHIN_MS = 120_000
const ACTION: PayerAction = { kind: 'jsapi', params: { package: 'prepay_id=1' }, expiresAt: NOON + PAY_WITHIN_MS }
const PENDING: Outcome = { kind: 'pending' }
const CLOSED: Outcome = { kind: 'declined', code: 'order-closed' }

const startWallet = () => startFlow({ limits: { payWithinMs: PAY_WITHIN_MS } })
const asks = (flow: Flow, ...outcomes: Outcome[]) =>
  flow.channel.next('query', ...outcomes.map((outcome) => ({ kind: 'say' as const, outcome })))
const closes = (flow: Flow, outcome: Outcome) => flow.channel.next('close', { kind: 'say', outcome })
const closings = (flow: Flow) => flow.channel.calls.filter(({ verb }) => verb === 'close').length

async function waiting(flow: Flow, key = 'key'): Promise<Order> {
  flow.channel.next('pay', { kind: 'say', outcome: PENDING, action: ACTION })
  return flow.order(await flow.quote('p1'), key)
}

/** Long after the payer should have acted, the sweeper asks. */
async function swept(flow: Flow, order: Order): Promise<Order> {
  flow.pass(PAY_WITHIN_MS + 1)
  await flow.sweep()
  return (await flow.ledger.order(order.orderNo))!
}

it('is given with the order, again to a retry, and again to whoever looks at it', async () => {
  const flow = startWallet()
  flow.channel.next('pay', { kind: 'say', outcome: PENDING, action: ACTION })
  const quote = await flow.quote('p1')
  const order = await flow.order(quote, 'same')
  expect(order).toMatchObject({ state: 'paying', action: ACTION, payBy: flow.clock.at + PAY_WITHIN_MS })
  expect(await flow.order(quote, 'same')).toEqual(order)
  // A client that asks again says nothing of having paid: the order stands as it stood.
  expect(await flow.ledger.order(order.orderNo)).toEqual(order)
  expect(flow.ledger.postings).toEqual([])
  expect(await payerOrder(flow.deps, 'p1', order.orderNo)).toMatchObject({ order: { action: ACTION } })
  expect(flow.pays()).toHaveLength(1)
})

it.each<[string, Outcome]>([
  ['paid', { kind: 'succeeded', channelTradeNo: 'W1' }],
  ['closed', { kind: 'declined', code: 'insufficient-funds' }],
])('is gone once the order is %s', async (state, outcome) => {
  const flow = startWallet()
  const order = await waiting(flow)
  asks(flow, outcome)
  flow.pass(LIMITS.firstQueryMs)
  await flow.sweep()
  expect(await flow.ledger.order(order.orderNo)).toMatchObject({ state, action: null })
})

it('is waited for until its time, whatever the client does meanwhile', async () => {
  const flow = startWallet()
  const order = await waiting(flow)
  for (let waited = 0; waited < PAY_WITHIN_MS; waited += 16_000) {
    asks(flow, PENDING)
    flow.pass(16_000)
    if (waited + 16_000 <= PAY_WITHIN_MS) await flow.sweep()
  }
  expect(closings(flow)).toBe(0)
  expect(await flow.ledger.order(order.orderNo)).toMatchObject({ state: 'paying', action: ACTION })
  expect(await flow.slots.count(flow.deck())).toMatchObject({ used: 1 })
})

it('that nobody did is closed at the channel, and only then the card goes back to its payer', async () => {
  const flow = startWallet()
  const order = await waiting(flow)
  asks(flow, PENDING)
  closes(flow, CLOSED)
  expect(await swept(flow, order)).toMatchObject({ state: 'closed', closeReason: 'order-closed', action: null })
  expect(order.card).toMatchObject((await flow.quote('p1')).card!)
})

it('keeps the card while the channel’s answer to the closing is lost, and asks on until it is definite', async () => {
  const flow = startWallet()
  const order = await waiting(flow)
  asks(flow, PENDING, PENDING)
  flow.channel.next('close', { kind: 'lose-request' }, { kind: 'say', outcome: CLOSED })
  expect(await swept(flow, order)).toMatchObject({ state: 'paying' })
  expect(await flow.slots.count(flow.deck())).toMatchObject({ used: 1 })
  flow.pass(60_000)
  await flow.sweep()
  expect(await flow.ledger.order(order.orderNo)).toMatchObject({ state: 'closed' })
})

it('done in the very moment of the closing ends the order as paid', async () => {
  const flow = startWallet()
  const order = await waiting(flow)
  asks(flow, PENDING)
  closes(flow, { kind: 'succeeded', channelTradeNo: 'W1' })
  expect(await swept(flow, order)).toMatchObject({ state: 'paid', channelTradeNo: 'W1' })
})

it('is not given up on a doubtful clock', async () => {
  const flow = startWallet()
  const order = await waiting(flow)
  flow.deps.clock = { ...flow.clock, now: flow.clock.now, trusted: () => false } as typeof flow.deps.clock
  asks(flow, PENDING)
  expect(await swept(flow, order)).toMatchObject({ state: 'paying' })
  expect(closings(flow)).toBe(0)
})

it('of a channel without a time of its own is waited for as long as the action says', async () => {
  const flow = startFlow()
  const order = await waiting(flow)
  expect(order.payBy).toBeNull()
  asks(flow, PENDING)
  closes(flow, CLOSED)
  expect(await swept(flow, order)).toMatchObject({ state: 'closed' })
})
