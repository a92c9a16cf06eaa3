import { previewRefund, refundableOrder } from '../../../server/flow/refund/preview'
import { startFlow } from '../../support/flow'

/** What whoever refunds is shown first is what the ledger holds the refund to, however often one failed before. */
describe('a look before a refund', () => {
  it('counts one that went back before two hundred that failed, by the order and by what is asked for', async () => {
    const flow = startFlow()
    const order = await flow.order(await flow.quote('p1'))
    const { merchantCode, orderNo } = order
    const back = await flow.refund(order, 1_000)
    for (let i = 0; i < 200; i++) {
      flow.pass(1)
      flow.channel.next('refund', { kind: 'decline', code: 'insufficient-merchant-funds' })
      expect((await flow.refund(order, 2_000)).state).toBe('failed')
    }
    const leftFen = order.figures.payableFen - 1_000
    const seen = await refundableOrder(flow.deps, { merchantCode, role: 'owner', orderNo })
    expect(seen).toMatchObject({ leftFen, mayRefund: true })
    // It is shown no more, and counted all the same.
    expect(seen!.refunds.map(({ refundNo }) => refundNo)).not.toContain(back.refundNo)
    const whole = { merchantCode, orderNo, payerFen: leftFen }
    const told = await previewRefund(flow.deps, whole)
    expect(told).toMatchObject({ kind: 'shares', leftFen })
    expect(await previewRefund(flow.deps, { ...whole, payerFen: leftFen + 1 })).toEqual({ kind: 'refund-above-paid' })
    const { shares } = await flow.refund(order, leftFen)
    expect(told).toMatchObject({ shares })
  })
})
