import { LedgerUnavailable } from '../../../server/flow/ports'
import { type Flow, LIMITS, startFlow } from '../../support/flow'

/** An order whose pay went out and came to nothing definite. */
const lost = async (flow: Flow, kind: 'lose-request' | 'lose-reply', payerId = 'p1') => {
  flow.channel.next('pay', { kind })
  return flow.order(await flow.quote(payerId, 1_000))
}
const asked = (flow: Flow) => flow.channel.calls.filter((call) => call.verb === 'query' || call.verb === 'close')

describe('the sweeper', () => {
  it('asks for the first time when the pay’s own deadline has passed', async () => {
    const flow = startFlow()
    await lost(flow, 'lose-reply')
    flow.pass(LIMITS.firstQueryMs - 1)
    expect(await flow.sweep()).toBe(0)
    expect(asked(flow)).toEqual([])
    flow.pass(1)
    expect(await flow.sweep()).toBe(1)
    expect(asked(flow)).toHaveLength(1)
  })

  it('ends as paid what the bank had booked, without a second pay (I6)', async () => {
    const flow = startFlow()
    const order = await lost(flow, 'lose-reply')
    flow.pass(LIMITS.firstQueryMs)
    await flow.sweep()
    const [clearing] = flow.channel.clearings()
    expect(await flow.ledger.order(order.orderNo)).toMatchObject({
      state: 'paid',
      channelTradeNo: clearing?.state === 'succeeded' && clearing.channelTradeNo,
    })
    expect(flow.pays()).toHaveLength(1)
    expect(await flow.sweep()).toBe(0)
  })

  it('asks again after 1, 2, 4, 8, … s while nothing is definite', async () => {
    const flow = startFlow()
    flow.channel.next('pay', { kind: 'pending', pendingQueries: 6 })
    const order = await flow.order(await flow.quote('p1'))
    const times: number[] = []
    const from = flow.clock.at + LIMITS.firstQueryMs
    for (let second = 0; second < 70; second++) {
      if ((await flow.sweep()) > 0) times.push((flow.clock.at - from) / 1_000)
      flow.pass(1_000)
    }
    expect(times).toEqual([0, 1, 3, 7, 15, 31, 47])
    expect((await flow.ledger.order(order.orderNo))!.state).toBe('paid')
  })

  it('holds a young order that the bank has never seen: its pay may still be on its way', async () => {
    const flow = startFlow()
    const order = await lost(flow, 'lose-request')
    flow.pass(LIMITS.firstQueryMs)
    await flow.sweep()
    expect(await flow.ledger.order(order.orderNo)).toEqual(order)
    expect(asked(flow).map((call) => call.verb)).toEqual(['query'])
    expect(flow.ledger.notes.at(-1)).toMatchObject({ outcome: { kind: 'unknown', code: 'not-found' } })
  })

  it('closes an old one at the bank first, so that a late pay of it is refused, then here; the slot is its payer’s again', async () => {
    const flow = startFlow()
    const order = await lost(flow, 'lose-request')
    flow.pass(LIMITS.closeAfterMs + 1)
    await flow.sweep()
    expect(asked(flow).map((call) => call.verb)).toEqual(['query', 'close'])
    expect(await flow.ledger.order(order.orderNo)).toMatchObject({ state: 'closed', closeReason: 'order-closed' })
    expect((await flow.channel.pay(order)).outcome).toEqual({ kind: 'declined', code: 'order-closed' })
    expect(flow.channel.balance('acct-M0001')).toBe(0)
    expect((await flow.quote('p1')).card?.slot).toBe(order.card!.slot)
  })

  it('gives up none for its age on a doubtful clock, and asks on', async () => {
    const flow = startFlow()
    await lost(flow, 'lose-request')
    flow.clock.doubtful = true
    flow.pass(LIMITS.closeAfterMs + 1)
    await flow.sweep()
    expect(asked(flow).map((call) => call.verb)).toEqual(['query'])
    flow.clock.doubtful = false
    flow.pass(1_000)
    await flow.sweep()
    expect(asked(flow).map((call) => call.verb)).toEqual(['query', 'query', 'close'])
  })

  it('books an old one whose late pay arrived between the query and the close', async () => {
    const flow = startFlow()
    const order = await lost(flow, 'lose-request')
    flow.pass(LIMITS.closeAfterMs + 1)
    flow.channel.next('close', { kind: 'wait', until: flow.channel.pay(order) })
    await flow.sweep()
    expect((await flow.ledger.order(order.orderNo))!.state).toBe('paid')
  })

  it('holds an old one while the close is not definite', async () => {
    const flow = startFlow()
    const order = await lost(flow, 'lose-request')
    flow.pass(LIMITS.closeAfterMs + 1)
    flow.channel.next('close', { kind: 'lose-request' })
    await flow.sweep()
    expect((await flow.ledger.order(order.orderNo))!.state).toBe('paying')
    flow.pass(1_000)
    await flow.sweep()
    expect((await flow.ledger.order(order.orderNo))!.state).toBe('closed')
  })

  it('holds an order for as long as the bank is away', async () => {
    const flow = startFlow()
    const order = await lost(flow, 'lose-reply')
    for (let i = 0; i < 5; i++) {
      flow.channel.next('query', { kind: 'lose-request' })
      flow.pass(60_000)
      expect(await flow.sweep()).toBe(1)
      expect(await flow.ledger.order(order.orderNo)).toEqual(order)
    }
    flow.pass(60_000)
    await flow.sweep()
    expect((await flow.ledger.order(order.orderNo))!.state).toBe('paid')
  })

  it('raises an alarm for an order whose channel is gone from the configuration', async () => {
    const flow = startFlow()
    const order = await lost(flow, 'lose-reply')
    flow.deps.channels = new Map()
    flow.pass(LIMITS.firstQueryMs)
    expect(await flow.sweep()).toBe(1)
    expect(flow.alarms).toEqual([{ code: 'channel-not-available', orderNo: order.orderNo }])
  })
})

describe('one order that can’t be settled', () => {
  it('doesn’t keep the others: they have ended when the sweep reports the error', async () => {
    const flow = startFlow()
    const orders = [
      await lost(flow, 'lose-reply', 'p1'),
      await lost(flow, 'lose-reply', 'p2'),
      await lost(flow, 'lose-reply', 'p3'),
    ]
    const { endOrder } = flow.ledger
    flow.ledger.endOrder = async (order, ...rest) => {
      if (order.orderNo === orders[0]!.orderNo) throw new LedgerUnavailable('a lost connection')
      // The others take longer than the failure does.
      for (let i = 0; i < 20; i++) await new Promise(setImmediate)
      return endOrder(order, ...rest)
    }
    flow.pass(LIMITS.firstQueryMs)
    await expect(flow.sweep()).rejects.toThrow('a lost connection')
    const states = await Promise.all(orders.map(async ({ orderNo }) => (await flow.ledger.order(orderNo))!.state))
    expect(states).toEqual(['paying', 'paid', 'paid'])

    flow.ledger.endOrder = endOrder
    // Its claim was never answered: it lasts.
    flow.pass(LIMITS.closeAfterMs)
    expect(await flow.sweep()).toBe(0)
    flow.pass(1_000)
    expect(await flow.sweep()).toBe(1)
    expect((await flow.ledger.order(orders[0]!.orderNo))!.state).toBe('paid')
  })

  it('surfaces each error when several fail', async () => {
    const flow = startFlow()
    await lost(flow, 'lose-reply', 'p1')
    await lost(flow, 'lose-reply', 'p2')
    flow.ledger.endOrder = async ({ payerId }) => {
      throw new Error(`no end for ${payerId}`)
    }
    flow.pass(LIMITS.firstQueryMs)
    const error = (await flow.sweep().catch((thrown: unknown) => thrown)) as AggregateError
    expect(error.errors.map((one: Error) => one.message)).toEqual(['no end for p1', 'no end for p2'])
  })
})
