import { type Bounded, withPlaces } from '../../../server/channel/places'
import { closeOrder } from '../../../server/flow/payment/confirm'
import { type AgreementDesk, ChannelUnavailable } from '../../../server/flow/ports'
import { type FakeChannel, fakeChannel } from '../../support/fake-channel'
import { startFlow } from '../../support/flow'

describe('a channel for which as many people wait as may', () => {
  function started() {
    let channel!: Bounded<FakeChannel>
    const flow = startFlow({
      wrap: (one) => {
        channel = withPlaces(one, 1)
        return channel
      },
    })
    return { flow, channel }
  }

  it('takes no pay: nothing is stored or sent, quote and card stay; a retry still gets its order', async () => {
    const { flow, channel } = started()
    const [one, other] = [await flow.quote('p1'), await flow.quote('p2')]
    const paid = await flow.order(one, 'first')
    const leave = channel.place()!
    expect(await flow.pay(other, 'second')).toEqual({ kind: 'refused', code: 'channel-busy', retryAfterMs: 2_000 })
    expect(await flow.order(one, 'first')).toEqual(paid)
    expect(flow.pays()).toHaveLength(1)
    expect(await flow.slots.count(flow.deck())).toMatchObject({ leased: 1, used: 1 })
    leave()
    expect(await flow.order(other, 'second')).toMatchObject({ state: 'paid', card: other.card })
  })

  it('is asked for a refund by the sweeper, and about what is unknown: neither waits for a place', async () => {
    const { flow, channel } = started()
    const paid = await flow.order(await flow.quote('p1'))
    flow.channel.next('pay', { kind: 'lose-reply' })
    const lost = await flow.order(await flow.quote('p2'))
    const leave = channel.place()!
    const refund = await flow.refund(paid, 100)
    expect(refund.state).toBe('refunding')
    flow.pass(60_000)
    await flow.sweep()
    await flow.sweepRefunds()
    expect((await flow.ledger.order(lost.orderNo))!.state).toBe('paid')
    expect((await flow.ledger.refund(refund.refundNo))!.state).toBe('refunded')
    leave()
  })

  it('closes nothing for a payer now, who may ask again', async () => {
    const { flow, channel } = started()
    flow.channel.next('pay', { kind: 'pending', pendingQueries: 9 })
    const order = await flow.order(await flow.quote('p1'))
    const leave = channel.place()!
    const give = () => closeOrder(flow.deps, { payerId: 'p1', orderNo: order.orderNo })
    expect(await give()).toEqual({ kind: 'later', code: 'channel-busy', retryAfterMs: 2_000 })
    leave()
    expect((await give()).kind).toBe('order')
  })

  it('has its places back however a call ends, each once', async () => {
    const { flow, channel } = started()
    flow.channel.next('pay', { kind: 'lose-reply' })
    await flow.order(await flow.quote('p1'))
    flow.deps.ledger = { ...flow.ledger, openOrder: () => Promise.reject(new Error('away')) }
    await expect(flow.pay(await flow.quote('p2'))).rejects.toThrow('away')
    expect(channel.waiting()).toBe(0)
    const leave = channel.place()!
    leave()
    leave()
    expect(channel.waiting()).toBe(0)
    expect([channel.place(), channel.place()]).toEqual([expect.any(Function), undefined])
  })

  it('signs nobody now', async () => {
    const state = async () => ({ kind: 'refused', code: 'sign-not-found' }) as const
    const channel = withPlaces(
      { ...fakeChannel(), agreements: { state } as Partial<AgreementDesk> as AgreementDesk },
      1,
    )
    expect(await channel.agreements!.state('S1')).toEqual(await state())
    channel.place()
    await expect(channel.agreements!.state('S1')).rejects.toThrow(ChannelUnavailable)
  })
})
