import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import { finalize } from '../../../server/flow/payment/finalize'
import type { ChannelReply } from '../../../server/flow/ports'
import type { AdminOrderDetail } from '../../../server/http/contract'
import { type Office, startOffice } from '../../support/office'

/** A wallet's own discount is told to the desk, and changes none of our figures (I10). */
describe.each(oneSqlEngine())('a wallet’s own discount, on $name', ({ start }) => {
  let engine: TestSql
  let office: Office
  beforeAll(async () => {
    engine = await start()
    office = await startOffice(await engine.fresh())
  })
  afterAll(async () => {
    await office?.stop()
    await engine?.stop()
  })

  const paid = async (told: ChannelReply['paid'], outcome?: ChannelReply['outcome']) => {
    const order = await office.order({ channel: 'wechatpay', amountFen: 10_000, state: 'paying' })
    const { payableFen: amountFen } = order.figures
    const reply: ChannelReply = {
      verb: 'query',
      outcome: outcome ?? { kind: 'succeeded', channelTradeNo: `W${order.orderNo}` },
      seen: { amountFen, currency: 'CNY', payee: order.accounts.merchant },
      paid: told,
      raw: null,
    }
    await finalize(office.deps, order, reply)
    return (await office.as('viewer').get(`/admin/orders/${order.orderNo}`)).body as AdminOrderDetail
  }
  const COUPON = { payerFen: 9_000, coupons: [{ name: '立减券', fen: 1_000 }] }

  it('is shown beside the order, whose figures and postings are those of its full amount', async () => {
    const [plain, discounted] = [await paid(undefined), await paid(COUPON)]
    expect([plain.walletPaid, discounted.walletPaid]).toEqual([null, COUPON])
    const ours = ({ payableFen, merchantReceivesFen, discountFen, postings }: AdminOrderDetail) => ({
      payableFen,
      merchantReceivesFen,
      discountFen,
      amounts: postings.map(({ role, amountFen }) => [role, amountFen]),
    })
    expect(ours(discounted)).toEqual(ours(plain))
    const { body } = await office.call('GET', '/api/merchant/summary', office.owner('M0001'))
    expect(body).toMatchObject({ amountFen: 20_000, receivedFen: 20_000 })
  })

  it('that can’t be true is none, and the order is paid all the same', async () => {
    expect(await paid({ payerFen: 10_001, coupons: [] })).toMatchObject({ state: 'paid', walletPaid: null })
  })

  it('of an order that is closed is none', async () => {
    expect(await paid(COUPON, { kind: 'declined', code: 'order-closed' })).toMatchObject({
      state: 'closed',
      walletPaid: null,
    })
  })
})
