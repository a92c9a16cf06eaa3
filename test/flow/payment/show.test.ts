import { NOTHING_REFUNDED } from '../../../server/domain/refund'
import { payAnswer, payerOrder, payerOrders } from '../../../server/flow/payment/show'
import { LedgerUnavailable } from '../../../server/flow/ports'
import { MERCHANT, startFlow } from '../../support/flow'

describe('an order, as its payer sees it', () => {
  it('says whom they paid and from which account; another payer’s doesn’t exist', async () => {
    const flow = startFlow()
    const order = await flow.order(await flow.quote('p1'))
    const agreement = (await flow.ledger.agreements('p1')).find((one) => one.agreementId === order.payerRef)
    expect(agreement).toBeDefined()
    const shown = {
      order: { ...order, refunded: NOTHING_REFUNDED },
      merchant: { ...MERCHANT, disabled: false },
      agreement,
    }
    expect(await payerOrder(flow.deps, 'p1', order.orderNo)).toEqual(shown)
    expect((await payerOrders(flow.deps, 'p1', {})).items).toEqual([shown])
    expect(await payerOrder(flow.deps, 'p2', order.orderNo)).toBeUndefined()
    expect((await payerOrders(flow.deps, 'p2', {})).items).toEqual([])
    expect(await payerOrder(flow.deps, 'p1', 'F-nothing')).toBeUndefined()
  })

  it('answers a pay at once without asking for refunds, and a retry of it with what went back since', async () => {
    const flow = startFlow()
    const began = flow.clock.at
    const order = await flow.order(await flow.quote('p1'))
    const { refundedOf } = flow.ledger
    let asked = 0
    const deps = {
      ...flow.deps,
      refunds: {
        refundedOf(orderNos: readonly string[]) {
          asked++
          return refundedOf(orderNos)
        },
      },
    }
    expect((await payAnswer(deps, order, began)).order.refunded).toEqual(NOTHING_REFUNDED)
    expect(asked).toBe(0)
    flow.pass(1_000)
    const { shares } = await flow.refund(order, 5_000)
    expect((await payAnswer(deps, order, flow.clock.at)).order.refunded).toEqual(shares)
    expect(asked).toBe(1)
  })

  it('is told without the names around it while the ledger is away; a bug is no outage', async () => {
    const flow = startFlow()
    const order = await flow.order(await flow.quote('p1'))
    const failing = (error: Error) => ({
      ...flow.deps,
      catalog: { merchant: () => Promise.reject(error), agreements: () => Promise.reject(error) },
    })
    const bare = { order: { ...order, refunded: NOTHING_REFUNDED }, merchant: undefined, agreement: undefined }
    const away = failing(new LedgerUnavailable('away'))
    expect(await payerOrder(away, 'p1', order.orderNo)).toEqual(bare)
    expect(await payAnswer(away, order, order.createdAt)).toEqual(bare)
    expect(flow.alarms).toEqual([])

    const bug = new TypeError('x is not a function')
    await expect(payerOrder(failing(bug), 'p1', order.orderNo)).rejects.toBe(bug)
    await expect(payerOrders(failing(bug), 'p1', {})).rejects.toBe(bug)
    // What may just have been booked is told all the same (I5), and somebody hears of the bug.
    expect(await payAnswer(failing(bug), order, order.createdAt)).toEqual(bare)
    expect(flow.alarms).toEqual([{ code: 'pay-told-in-part', orderNo: order.orderNo, error: bug }])
  })
})
