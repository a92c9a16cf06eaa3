import type { Order } from '../../../server/domain/order'
import type { Quote } from '../../../server/domain/quote'
import type { CrashPoint } from '../../../server/flow/payment/crash-point'
import { finalize } from '../../../server/flow/payment/finalize'
import { pay } from '../../../server/flow/payment/pay'
import type { ChannelReply } from '../../../server/flow/ports'
import { type Flow, LIMITS, startFlow } from '../../support/flow'

const DECLINED: ChannelReply = { verb: 'query', outcome: { kind: 'declined', code: 'insufficient-funds' }, raw: null }
const used = async (flow: Flow) => (await flow.slots.count(flow.deck()))?.used

/** Pays until the point and no further, as a process that dies there. */
async function dieAt(flow: Flow, at: CrashPoint, quote: Quote): Promise<void> {
  let died = false
  const crashPoint = (point: CrashPoint) => {
    died ||= point === at
    if (died) throw new Error(`died ${at}`)
  }
  const input = { payerId: quote.payerId, quoteId: flow.sealed(quote), idempotencyKey: `key-${quote.nonce}` }
  await pay({ ...flow.deps, crashPoint }, input).catch(() => {})
  expect(died).toBe(true)
}

async function closedWithoutRelease(flow: Flow): Promise<Quote> {
  const quote = await flow.quote('p1')
  flow.channel.next('pay', { kind: 'decline', code: 'insufficient-funds' })
  await dieAt(flow, 'after-end', quote)
  expect(await used(flow)).toBe(1)
  return quote
}

describe('the slot of a closed order', () => {
  it('that a crash kept from being given back is given back by the sweeper, to the same payer first', async () => {
    const flow = startFlow()
    const { card } = await closedWithoutRelease(flow)
    expect(await flow.sweep()).toBe(0)
    flow.pass(5_000)
    expect(await flow.sweep()).toBe(1)
    expect(await used(flow)).toBe(0)
    expect((await flow.quote('p2')).card?.slot).not.toBe(card!.slot)
    expect((await flow.quote('p1')).card).toEqual(card)
    expect(await flow.sweep()).toBe(0)
  })

  it('is given back when the slot store is there again, and each failure is an alarm', async () => {
    const flow = startFlow()
    await closedWithoutRelease(flow)
    flow.slots.up = false
    flow.pass(5_000)
    await flow.sweep()
    expect(flow.alarms.map((one) => one.code)).toEqual(['pay-not-finalized', 'slot-not-released'])
    flow.slots.up = true
    flow.pass(10_000)
    await flow.sweep()
    expect(await used(flow)).toBe(0)
  })

  it('is free in a deck that is loaded again after everything was lost', async () => {
    const flow = startFlow()
    const { card } = await closedWithoutRelease(flow)
    flow.slots.forget()
    expect((await flow.quote('p2')).card).toEqual(card)
    flow.pass(5_000)
    await flow.sweep()
    // p1 doesn't hold it any more, so nothing is taken from p2.
    expect((await flow.quote('p2')).card).toEqual(card)
  })

  it('is given back though another attempt was just telling the slot store that the order holds it', async () => {
    const flow = startFlow()
    const [first, second] = [await flow.quote('p1'), await flow.quote('p1')]
    expect(second.card).toEqual(first.card)
    flow.channel.next('pay', { kind: 'lose-request' })
    const order = await flow.order(first)
    const { confirm } = flow.slots
    flow.slots.confirm = async (deck, slot, payerId) => {
      flow.slots.confirm = confirm
      await finalize(flow.deps, order, DECLINED)
      return confirm(deck, slot, payerId)
    }
    expect(await flow.pay(second)).toEqual({ kind: 'refused', code: 'slot-taken' })
    expect(await used(flow)).toBe(0)
  })

  it('is given back though its deck was being loaded, from what the ledger had said before, when it closed', async () => {
    const flow = startFlow()
    flow.channel.next('pay', { kind: 'lose-request' })
    const order = await flow.order(await flow.quote('p1'))
    flow.slots.forget()
    const before = await flow.ledger.usedSlots(flow.deck())
    await finalize(flow.deps, order, DECLINED)
    await flow.slots.load(flow.deck(), 5, before, flow.clock.at + 1e9)
    expect(await used(flow)).toBe(1)
    flow.pass(5_000)
    await flow.sweep()
    expect(await used(flow)).toBe(0)
  })

  it('is given back again when a sweeper that had the order confirmed it late and then failed before it saw the ending', async () => {
    const flow = startFlow()
    flow.channel.next('pay', { kind: 'lose-request' })
    const order = await flow.order(await flow.quote('p1'))
    flow.channel.next('query', { kind: 'lose-request' })
    const { noteReply } = flow.ledger
    const { confirm } = flow.slots
    flow.slots.confirm = async (...args) => {
      flow.slots.confirm = confirm
      await finalize(flow.deps, order, DECLINED)
      return confirm(...args)
    }
    flow.ledger.noteReply = async () => {
      flow.ledger.noteReply = noteReply
      throw new Error('the ledger went away')
    }
    flow.pass(30_000)
    await expect(flow.sweep()).rejects.toThrow('the ledger went away')
    expect(await used(flow)).toBe(1)
    flow.pass(60_000)
    await flow.sweep()
    expect(await used(flow)).toBe(0)
    expect((await flow.ledger.backlog()).slotsToReturn).toBe(0)
  })

  it('given back late, when the same payer has used it again, stays used', async () => {
    const flow = startFlow()
    // The first process dies after it gave the slot back, before it could say so.
    const { slotReturned } = flow.ledger
    flow.ledger.slotReturned = async () => {
      throw new Error('died')
    }
    flow.channel.next('pay', { kind: 'decline', code: 'insufficient-funds' })
    const first = await flow.order(await flow.quote('p1'))
    flow.ledger.slotReturned = slotReturned
    const second = await flow.order(await flow.quote('p1'))
    expect(second).toMatchObject({ state: 'paid', card: first.card })
    flow.pass(5_000)
    await flow.sweep()
    expect(await used(flow)).toBe(1)
    flow.pass(LIMITS.leaseTtlMs)
    expect((await flow.quote('p2')).card?.slot).not.toBe(first.card!.slot)
  })

  it('given back late, when the same payer has used it again in an order that closes just then, is free', async () => {
    const flow = startFlow()
    const { slotReturned } = flow.ledger
    flow.ledger.slotReturned = async () => {
      throw new Error('died')
    }
    flow.channel.next('pay', { kind: 'decline', code: 'insufficient-funds' }, { kind: 'lose-request' })
    await flow.order(await flow.quote('p1'))
    const second = await flow.order(await flow.quote('p1'))
    expect(second.state).toBe('paying')
    flow.ledger.slotReturned = async (orderNo, forGood) => {
      flow.ledger.slotReturned = slotReturned
      const holder = await slotReturned(orderNo, forGood)
      expect(holder).toBe('p1')
      await finalize(flow.deps, second, DECLINED)
      return holder
    }
    flow.pass(5_000)
    await flow.sweep()
    expect(await used(flow)).toBe(0)
  })

  it('is given back by a process that was asleep while the order was closed, and confirmed it when it woke', async () => {
    const flow = startFlow()
    const quote = await flow.quote('p1')
    const { confirm } = flow.slots
    flow.slots.confirm = async (...args) => {
      flow.slots.confirm = confirm
      flow.pass(LIMITS.closeAfterMs + 1)
      await flow.sweep()
      return confirm(...args)
    }
    expect(await flow.order(quote)).toMatchObject({ state: 'closed', closeReason: 'order-closed' })
    expect(await used(flow)).toBe(0)
    expect(flow.channel.balance('acct-M0001')).toBe(0)
  })

  it('is given back by a sweeper that confirmed it while another closed the order, though its own answer says nothing', async () => {
    const flow = startFlow()
    flow.channel.next('pay', { kind: 'lose-request' })
    const order: Order = await flow.order(await flow.quote('p1'))
    const { noteReply } = flow.ledger
    flow.ledger.noteReply = async (...args) => {
      flow.ledger.noteReply = noteReply
      await finalize(flow.deps, order, DECLINED)
      // The other's release came first, then our confirm.
      await flow.slots.confirm(flow.deck(), order.card!.slot, 'p1')
      return noteReply(...args)
    }
    flow.channel.next('query', { kind: 'lose-request' })
    flow.pass(LIMITS.firstQueryMs)
    await flow.sweep()
    expect(await used(flow)).toBe(0)
  })
})

describe('an order whose process died', () => {
  it('after it was stored has its slot confirmed by the sweeper, so that nobody else is quoted it', async () => {
    const flow = startFlow()
    const quote = await flow.quote('p1')
    await dieAt(flow, 'after-open', quote)
    expect(await flow.slots.count(flow.deck())).toMatchObject({ leased: 1, used: 0 })
    flow.channel.next('query', { kind: 'lose-request' })
    flow.pass(LIMITS.firstQueryMs)
    await flow.sweep()
    expect(await used(flow)).toBe(1)
    flow.pass(LIMITS.leaseTtlMs)
    expect((await flow.quote('p2')).card?.slot).not.toBe(quote.card!.slot)
  })
})
