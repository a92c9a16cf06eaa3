import type { Proof } from '../../../server/domain/channel'
import type { Order } from '../../../server/domain/order'
import { type ActResult, closeOrder, confirmOrder, resendCode } from '../../../server/flow/payment/confirm'
import type { ChannelReply, Resent } from '../../../server/flow/ports'
import { type Flow, LIMITS, MERCHANT, startFlow } from '../../support/flow'
import { challenge } from '../../support/scripted-desk'

/** What the payer does with an order that waits for them: the bank's word alone ends it, whoever asks for it (I5, I11). */

const PROOF = '314159'
const PENDING = { kind: 'pending' as const }
const PAID = { kind: 'succeeded' as const, channelTradeNo: 'B1' }

let flow: Flow
let proofs: (Proof & { orderNo: string })[]
let answers: (Partial<ChannelReply> | Resent)[]

beforeEach(() => {
  proofs = []
  answers = []
  flow = startFlow({
    wrap: (channel) => ({
      ...channel,
      async confirm({ orderNo }, proof) {
        proofs.push({ orderNo, ...proof })
        return { verb: 'confirm', outcome: PENDING, raw: null, ...(answers.shift() as Partial<ChannelReply>) }
      },
      resend: async () => answers.shift() as Resent,
    }),
  })
})

const seen = ({ figures }: Order) => ({ amountFen: figures.payableFen, currency: 'CNY', payee: MERCHANT.account })
async function waiting(payerId = 'li'): Promise<Order> {
  flow.channel.next('pay', { kind: 'say', outcome: PENDING, action: challenge() })
  return flow.order(await flow.quote(payerId))
}
const confirm = ({ orderNo }: Order, more: { payerId?: string; challengeId?: string } = {}) =>
  confirmOrder(flow.deps, { payerId: 'li', orderNo, challengeId: 'C1', proof: PROOF, ...more })
const resend = ({ orderNo }: Order, payerId = 'li') => resendCode(flow.deps, { payerId, orderNo })
const close = ({ orderNo }: Order, payerId = 'li') => closeOrder(flow.deps, { payerId, orderNo })
const stands = async ({ orderNo }: Order) => (await flow.ledger.order(orderNo))!
const orderOf = (result: ActResult): Order => {
  if (result.kind !== 'order') throw new Error(result.code)
  return result.order
}
const free = async () => (await flow.slots.count(flow.deck()))!.used === 0

describe('the payer’s proof', () => {
  it('pays, and how they were made sure of is kept', async () => {
    const order = await waiting()
    answers.push({ outcome: PAID, seen: seen(order), verification: 'sms' })
    const paid = orderOf(await confirm(order))
    expect(paid).toMatchObject({ state: 'paid', verification: 'sms', action: null, channelTradeNo: 'B1' })
    expect(await stands(order)).toEqual(paid)
    expect(proofs).toEqual([{ orderNo: order.orderNo, challengeId: 'C1', proof: PROOF }])
  })

  it('is kept nowhere', async () => {
    const order = await waiting()
    answers.push({ action: challenge({ attemptsLeft: '2', lastProof: 'wrong' }) })
    await confirm(order)
    expect(JSON.stringify([await stands(order), flow.ledger.notes, flow.alarms])).not.toContain(PROOF)
  })

  it('that is wrong leaves fewer tries, and the third ends the order and gives the card back to its payer', async () => {
    const order = await waiting()
    for (const left of ['2', '1']) {
      const action = challenge({ attemptsLeft: left, lastProof: 'wrong' })
      answers.push({ action })
      expect(orderOf(await confirm(order))).toMatchObject({ state: 'paying', action })
      expect(await stands(order)).toMatchObject({ action })
    }
    answers.push({ outcome: { kind: 'declined', code: 'authentication-failed' } })
    const closed = { state: 'closed', closeReason: 'authentication-failed', action: null, verification: null }
    expect(orderOf(await confirm(order))).toMatchObject(closed)
    expect(await free()).toBe(true)
    expect((await flow.quote('li')).card).toMatchObject({ slot: order.card!.slot })
  })

  it('whose answer was lost leaves the order as it is; it is asked about, and the same proof may come again', async () => {
    const order = await waiting()
    answers.push({ outcome: { kind: 'unknown', code: 'timeout' } })
    expect(orderOf(await confirm(order))).toMatchObject({ state: 'paying', action: challenge() })
    answers.push({ outcome: { kind: 'unknown', code: 'timeout' } })
    await confirm(order)
    flow.channel.next('query', { kind: 'say', outcome: PAID })
    flow.pass(1_000)
    await flow.sweep()
    expect(await stands(order)).toMatchObject({ state: 'paid' })
    // and whoever retries after that is told as much, without asking the bank
    expect(orderOf(await confirm(order))).toMatchObject({ state: 'paid' })
    expect(proofs).toHaveLength(2)
  })

  it('is taken against the challenge that is open, by its payer, and in its time', async () => {
    const order = await waiting()
    const gone = { kind: 'refused', code: 'challenge-gone' }
    expect(await confirm(order, { challengeId: 'C0' })).toEqual(gone)
    const none = { kind: 'refused', code: 'order-not-found' }
    expect(await confirm(order, { payerId: 'wang' })).toEqual(none)
    expect(await confirm({ ...order, orderNo: 'F-none' })).toEqual(none)
    flow.pass(180_000)
    expect(await confirm(order)).toEqual(gone)
    expect(proofs).toEqual([])
  })

  it('is no proof where the channel asked for something else', async () => {
    const action = { kind: 'redirect' as const, params: { challengeId: 'C1', url: 'https://bank' }, expiresAt: 1e15 }
    flow.channel.next('pay', { kind: 'say', outcome: PENDING, action })
    expect(await confirm(await flow.order(await flow.quote('li')))).toEqual({ kind: 'refused', code: 'challenge-gone' })
  })

  it('that the bank answers for another amount or payee ends nothing, and is an alarm', async () => {
    const order = await waiting()
    answers.push({ outcome: PAID, seen: { ...seen(order), amountFen: 1 } })
    expect(orderOf(await confirm(order))).toMatchObject({ state: 'paying' })
    expect(flow.alarms).toMatchObject([{ code: 'other-amount' }])
  })

  it('whose answer could not be written is an alarm, and no refusal', async () => {
    const order = await waiting()
    answers.push({ outcome: PAID, seen: seen(order) })
    flow.ledger.endOrder = () => Promise.reject(new Error('the disk is full'))
    expect(orderOf(await confirm(order))).toMatchObject({ state: 'paying' })
    expect(flow.alarms).toMatchObject([{ code: 'confirm-not-finalized' }])
  })
})

describe('the code once more', () => {
  it('comes with a challenge that takes the place of the one before', async () => {
    const order = await waiting()
    answers.push({ kind: 'too-soon', retryAfterMs: 41_000 })
    expect(await resend(order)).toEqual({ kind: 'later', code: 'too-soon', retryAfterMs: 41_000 })
    answers.push({ kind: 'sent', action: challenge({ challengeId: 'C2' }) })
    expect(orderOf(await resend(order)).action).toMatchObject({ params: { challengeId: 'C2' } })
    expect(await confirm(order)).toEqual({ kind: 'refused', code: 'challenge-gone' })
    answers.push({ outcome: PAID, seen: seen(order), verification: 'sms' })
    expect(orderOf(await confirm(order, { challengeId: 'C2' }))).toMatchObject({ state: 'paid' })
  })

  it('is for its payer, and for an order that still waits', async () => {
    const order = await waiting()
    expect(await resend(order, 'wang')).toEqual({ kind: 'refused', code: 'order-not-found' })
    answers.push({ kind: 'gone' })
    expect(await resend(order)).toEqual({ kind: 'refused', code: 'challenge-gone' })
    await close(order)
    expect(orderOf(await resend(order))).toMatchObject({ state: 'closed' })
  })
})

describe('walking away', () => {
  it('ends the order at the bank, and its card is its payer’s again', async () => {
    const order = await waiting()
    flow.channel.next('close', { kind: 'say', outcome: { kind: 'declined', code: 'order-closed' } })
    expect(orderOf(await close(order))).toMatchObject({ state: 'closed', closeReason: 'order-closed', action: null })
    expect(await free()).toBe(true)
    expect(orderOf(await close(order))).toMatchObject({ state: 'closed' })
    expect(flow.channel.calls.filter(({ verb }) => verb === 'close')).toHaveLength(1)
  })

  it('ends nothing without a definite word of the bank', async () => {
    const order = await waiting()
    flow.channel.next('close', { kind: 'lose-reply' }, { kind: 'say', outcome: PAID })
    expect(orderOf(await close(order))).toMatchObject({ state: 'paying', action: challenge() })
    expect(await free()).toBe(false)
    // It was paid in that very moment.
    expect(orderOf(await close(order))).toMatchObject({ state: 'paid' })
  })

  it('from another’s order is no way', async () => {
    const order = await waiting()
    expect(await close(order, 'wang')).toEqual({ kind: 'refused', code: 'order-not-found' })
    expect(await stands(order)).toMatchObject({ state: 'paying' })
  })
})

it('an order that waits holds its card however long ago the lease was over', async () => {
  const order = await waiting()
  flow.pass(LIMITS.leaseTtlMs + 1)
  const others = await Promise.all(['a', 'b', 'c', 'd'].map((payer) => flow.quote(payer)))
  expect(others.map(({ card }) => card?.slot)).not.toContain(order.card!.slot)
  expect((await flow.quote('e')).reason).toBe('all-held')
})

it('a quote in hand while its payer signs keeps its card when it is asked for again before the lease is over, for ten minutes', async () => {
  const first = await flow.quote('li')
  for (let i = 0; i < 4; i++) {
    flow.pass(LIMITS.leaseTtlMs - 1)
    for (const payer of ['a', 'b', 'c', 'd']) await flow.quote(payer)
    expect((await flow.quote('li')).card).toEqual(first.card)
  }
})
