import pino from 'pino'
import { eventually } from '../../../harness/system'
import type { ChannelName } from '../../../server/domain/channel'
import { sweep } from '../../../server/flow/payment/sweep'
import type { Channel, ChannelReply, Channels } from '../../../server/flow/ports'
import { sweepRefunds } from '../../../server/flow/refund/sweep'
import { sweepJobs } from '../../../server/job/sweep'
import { type Flow, LIMITS, startFlow } from '../../support/flow'

/** Each channel's sweepers are its own: what one does to them is nothing to the others. */

/** More than one claim's worth, all of them due before any of the bank's. */
const MANY = 70

interface House {
  flow: Flow
  /** how many questions the wallet has and answers none of, at once at the most */
  hanging(): number
  /** lets it answer, that it knows nothing yet */
  answer(): void
}

/** A bank, and a wallet that answers no question. */
function houseWith(name: ChannelName): House {
  const flow = startFlow()
  let waiting: (() => void)[] = []
  let open = false
  const held = <T>(reply: T) =>
    open ? Promise.resolve(reply) : new Promise<T>((done) => waiting.push(() => done(reply)))
  const raw = null
  const unknown: ChannelReply = { verb: 'query', outcome: { kind: 'unknown', code: 'timeout' }, raw }
  const wallet: Channel = {
    ...flow.channel,
    name,
    limits: { ...flow.channel.limits },
    pay: async () => ({ ...unknown, verb: 'pay' }),
    query: () => held(unknown),
    close: () => held({ ...unknown, verb: 'close' as const }),
    refunds: {
      refund: () => held({ verb: 'refund' as const, outcome: { kind: 'unknown', code: 'timeout' } as const, raw }),
      queryRefund: () =>
        held({ verb: 'query-refund' as const, outcome: { kind: 'unknown', code: 'timeout' } as const, raw }),
    },
  }
  flow.deps.channels = new Map([
    ['bank', flow.channel],
    [name, wallet],
  ]) as Channels
  return {
    flow,
    hanging: () => waiting.length,
    answer() {
      open = true
      for (const done of waiting) done()
      waiting = []
    },
  }
}

/** An order whose pay came to nothing definite. */
async function lost({ flow }: House, payerId: string, channel: ChannelName) {
  const made = await flow.quote(payerId, 1_000)
  if (channel === 'bank') flow.channel.next('pay', { kind: 'lose-reply' })
  return flow.order(channel === 'bank' ? made : { ...made, channel, card: null })
}

const silent = pino({ level: 'silent' })

describe.each(['wechatpay', 'alipay', 'unionpay'] as const)('while %s answers nothing', (name) => {
  let house: House
  beforeEach(async () => {
    house = houseWith(name)
    for (let i = 0; i < MANY; i++) await lost(house, `w${i}`, name)
    house.flow.pass(1)
  })
  afterEach(() => house.answer())

  it('the bank’s orders are asked about in one turn, however many of the wallet’s were due before', async () => {
    const { flow } = house
    const order = await lost(house, 'p1', 'bank')
    flow.pass(LIMITS.firstQueryMs)
    const stuck = sweep(flow.deps, [name])
    expect(await sweep(flow.deps, ['bank'])).toBe(1)
    expect((await flow.ledger.order(order.orderNo))!.state).toBe('paid')
    // A claim's worth hangs there, and no more.
    expect(house.hanging()).toBe(32)
    house.answer()
    expect(await stuck).toBe(32)
  })

  it('the jobs end what the bank knows, and its refunds', async () => {
    const { flow } = house
    const order = await lost(house, 'p1', 'bank')
    const paid = await flow.order(await flow.quote('p2', 1_000))
    flow.channel.next('refund', { kind: 'lose-reply' })
    const refund = await flow.refund(paid, 100)
    expect(refund.state).toBe('refunding')
    flow.pass(LIMITS.firstQueryMs)
    const jobs = sweepJobs(flow.deps, silent)
    try {
      await eventually(async () => ((await flow.ledger.order(order.orderNo))?.state === 'paid' ? true : undefined))
      await eventually(async () =>
        (await flow.ledger.refund(refund.refundNo))?.state === 'refunded' ? true : undefined,
      )
      expect(house.hanging()).toBe(32)
    } finally {
      house.answer()
      await jobs.stop()
    }
  })

  it('a refund at the bank is asked about beside those that hang', async () => {
    const { flow } = house
    const paid = await flow.order(await flow.quote('p2', 1_000))
    flow.channel.next('refund', { kind: 'lose-reply' })
    const refund = await flow.refund(paid, 100)
    flow.pass(LIMITS.firstQueryMs)
    expect(await sweepRefunds(flow.deps, [name])).toBe(0)
    expect(await sweepRefunds(flow.deps, ['bank'])).toBe(1)
    expect((await flow.ledger.refund(refund.refundNo))!.state).toBe('refunded')
  })
})

it('orders of a channel that isn’t open any more are an alarm, and keep nobody waiting', async () => {
  const house = houseWith('alipay')
  const order = await lost(house, 'w1', 'alipay')
  house.flow.deps.channels = new Map([['bank', house.flow.channel]]) as Channels
  house.flow.pass(LIMITS.firstQueryMs)
  const jobs = sweepJobs(house.flow.deps, silent)
  await eventually(async () => (house.flow.alarms.length > 0 ? true : undefined))
  await jobs.stop()
  expect(house.flow.alarms[0]).toMatchObject({ code: 'channel-not-available', orderNo: order.orderNo })
})
