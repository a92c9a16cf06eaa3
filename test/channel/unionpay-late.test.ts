import type { Order } from '../../server/domain/order'
import { figures } from '../../server/domain/quote'
import type { Act } from '../support/counterpart'
import { unionPayCounterpart } from '../support/unionpay-counterpart'
import { refundOf } from './refund-contract'

/** What time alone says at UnionPay: it takes no request whose time is past, and what is on its way may come after any. */
describe('a refund that UnionPay could not be told of for long', () => {
  let at = Date.parse('2026-11-21T12:00:00+08:00')
  let doubtful = false
  const theirs = unionPayCounterpart({ now: () => at, trusted: () => !doubtful })
  const { channel } = theirs
  const refunds = channel.refunds!

  async function paid(orderNo: string, how: Act = 'confirm'): Promise<Order> {
    const [payerId, merchant] = ['a', '777290058140001']
    const order = {
      ...{ orderNo, payerId, payerRef: payerId, merchantCode: 'M0001', channel: 'unionpay', state: 'paying' },
      ...{ accounts: { payer: payerId, merchant, gl: null }, figures: figures(1_000, 0, 50) },
      ...{ createdAt: at, payBy: at + 20_000, action: null, channelTradeNo: null },
    } as unknown as Order
    theirs.act((await channel.pay(order)).action!, how)
    return order
  }

  it('never came to it and never can: it has failed, moved nothing, and another is taken', async () => {
    const order = await paid('F20261121-7K3M-92QX-4T8B')
    const refund = { ...refundOf(order, 400), createdAt: at }
    theirs.next('refund', 'lose-request')
    expect((await refunds.refund(order, refund)).outcome.kind).toBe('unknown')
    at += 16 * 60_000
    // Whether it is so late nobody knows while the clocks disagree.
    doubtful = true
    expect((await refunds.refund(order, refund)).outcome).toEqual({ kind: 'unknown', code: 'misconfigured' })
    doubtful = false
    expect((await refunds.refund(order, refund)).outcome).toEqual({ kind: 'declined', code: 'refund-too-late' })
    expect(theirs.refunded().size).toBe(0)
    const another = { ...refundOf(order, 400), createdAt: at }
    await refunds.refund(order, another)
    expect((await refunds.queryRefund(order, another)).outcome.kind).toBe('succeeded')
    expect([...theirs.refunded()]).toEqual([[another.refundNo, 400]])
  })

  it('was done, and only its answer lost: it is found, and not done again', async () => {
    const order = await paid('F20261121-7K3M-92QX-4T8C')
    const refund = { ...refundOf(order, 400), createdAt: at }
    theirs.next('refund', 'lose-reply')
    await refunds.refund(order, refund)
    at += 13 * 3_600_000
    expect((await refunds.refund(order, refund)).outcome.kind).toBe('succeeded')
    expect(theirs.refunded().get(refund.refundNo)).toBe(400)
  })

  it('and of which nobody answers stays open', async () => {
    const order = await paid('F20261121-7K3M-92QX-4T8D')
    const refund = { ...refundOf(order, 400), createdAt: at }
    theirs.next('refund', 'lose-request')
    await refunds.refund(order, refund)
    at += 16 * 60_000
    theirs.next('query', 'lose-request')
    expect((await refunds.refund({ ...order, channelTradeNo: 'known' }, refund)).outcome).toEqual({
      kind: 'unknown',
      code: 'connection-lost',
    })
  })

  it('nor is a payment closed by its time while UnionPay says that its money is on its way', async () => {
    const order = await paid('F20261121-7K3M-92QX-4T8E', 'confirm-slowly')
    at += 13 * 3_600_000
    expect((await channel.close(order)).outcome).toEqual({ kind: 'unknown', code: 'under-way' })
    expect((await channel.query(order)).outcome.kind).toBe('succeeded')
  })
})
