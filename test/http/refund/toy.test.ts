import { randomUUID } from 'node:crypto'
import { eventually } from '../../../harness/system'
import { actOnPage } from '../../../harness/toy-wallet/start'
import { channelNo } from '../../../server/domain/channel'
import type {
  DifferenceList,
  MerchantSummaryView,
  OrderView,
  ReconciliationView,
  RefundList,
  RefundView,
} from '../../../server/http/contract'
import { startToyHouse, type ToyHouse } from '../../support/toy-house'

/** What goes back through a wallet that takes its time, and what it says of it unasked and in its bill. */
describe('a refund at the toy wallet', () => {
  let house: ToyHouse
  let owner: string
  beforeAll(async () => {
    house = await startToyHouse()
    owner = await house.owner('M0001')
  })
  afterEach(() => house.calm())
  afterAll(() => house?.stop())

  async function paid(amountFen = 2_000): Promise<OrderView> {
    const order = await house.opened(amountFen)
    await actOnPage(house.pageOf(order), 'confirm')
    await house.tell(order.orderNo)
    return house.ended(order)
  }
  const addressOf = ({ orderNo }: OrderView) => `/api/merchant/orders/${orderNo}/refunds`
  const refund = (order: OrderView, amountFen: number) =>
    house.call<RefundView>('POST', addressOf(order), {
      token: owner,
      headers: { 'Idempotency-Key': randomUUID() },
      body: { amountFen },
    })
  const refundsOf = async (order: OrderView) =>
    (await house.call<RefundList>('GET', addressOf(order), { token: owner })).body.items
  const ended = (order: OrderView, { refundNo }: RefundView) =>
    eventually(async () => {
      const found = (await refundsOf(order)).find((one) => one.refundNo === refundNo)
      return found && found.state !== 'refunding' ? found : undefined
    })
  const returned = async () =>
    (await house.call<MerchantSummaryView>('GET', '/api/merchant/summary', { token: owner })).body.refundedFen

  it('is under way until the wallet has done it, and then is seen by payer and merchant, once', async () => {
    await house.wallet.admin.slowness({ refund: 2 })
    const [order, before] = [await paid(), await returned()]
    const { status, body } = await refund(order, 500)
    expect([status, body.state]).toEqual([200, 'refunding'])
    expect((await house.view(order)).refundedFen).toBe(0)
    expect(await ended(order, body)).toMatchObject({ state: 'refunded', payerFen: 500, glFen: 0, failReason: null })
    expect((await house.view(order)).refundedFen).toBe(500)
    expect((await returned()) - before).toBe(500)
  })

  it('that the person’s bank sends back failed, moved nothing, and leaves its money for another', async () => {
    await house.wallet.admin.slowness({ refundFate: 'abnormal' })
    const order = await paid()
    const { body } = await refund(order, 2_000)
    expect(await ended(order, body)).toMatchObject({ state: 'failed', failReason: 'refund-abnormal' })
    expect((await house.view(order)).refundedFen).toBe(0)
    await house.calm()
    const again = await refund(order, 2_000)
    expect(again.status).toBe(200)
    expect((await ended(order, again.body)).state).toBe('refunded')
    expect((await refund(order, 1)).body).toMatchObject({ code: 'refund-above-paid' })
  })

  it('ends by the wallet’s notice, told late and three times over; each is acknowledged, one counts', async () => {
    // It is definite long before anybody asks: only a notice can have brought it.
    await house.wallet.admin.slowness({ refund: 1_000 })
    await house.wallet.admin.notices({ url: house.notifyUrl, times: 3, delayMs: 300, retries: 2 })
    const [order, before] = [await paid(), await returned()]
    const { body } = await refund(order, 700)
    const number = channelNo(body.refundNo)
    await house.wallet.admin.settle(number)
    expect((await ended(order, body)).state).toBe('refunded')
    const told = await eventually(async () => {
      const sent = (await house.wallet.admin.sent()).filter((one) => one.number === number)
      return sent.length >= 3 ? sent : undefined
    })
    expect(told.map(({ about, status, answer }) => [about, status, answer])).toEqual(
      Array.from({ length: 3 }, () => ['refund', 200, 'OK']),
    )
    expect((await returned()) - before).toBe(700)
    expect((await house.view(order)).refundedFen).toBe(700)
  })

  it('that nobody made is not found, an alarm each time, and changes nothing', async () => {
    await house.wallet.admin.slowness({ refund: 1_000 })
    const order = await paid()
    const { body } = await refund(order, 300)
    const before = await house.alarms('notice-of-unknown-refund')
    for (const nth of [1, 2]) {
      expect((await house.tell(body.refundNo, 'unknown-number')).status).toBe(404)
      expect(await house.alarms('notice-of-unknown-refund')).toBe(before + nth)
    }
    expect((await refundsOf(order))[0]).toMatchObject({ refundNo: body.refundNo, state: 'refunding' })
    for (const twist of ['wrong-amount', 'wrong-payee', 'wrong-currency'] as const) {
      await house.wallet.admin.settle(channelNo(body.refundNo))
      expect((await house.tell(body.refundNo, twist)).status).toBe(200)
      expect((await refundsOf(order))[0]!.state).toBe('refunding')
    }
    expect((await house.tell(body.refundNo)).status).toBe(200)
    expect((await refundsOf(order))[0]!.state).toBe('refunded')
  })

  it('is in the wallet’s bill: the day balances through the console’s routes, and a line of another amount is a difference', async () => {
    const token = await house.operator('checker')
    const order = await paid(3_000)
    await ended(order, (await refund(order, 1_000)).body)
    const reconcile = async (date: string) => {
      const path = `/admin/reconciliations/${date}?channel=alipay`
      return (await house.call<ReconciliationView>('POST', path, { token })).body
    }
    const differences = async (date: string) => {
      const path = `/admin/reconciliations/${date}/differences?channel=alipay`
      return (await house.call<DifferenceList>('GET', path, { token })).body.items
    }
    const date = await house.wallet.admin.cut()
    const day = await reconcile(date)
    expect(day).toMatchObject({
      channel: 'alipay',
      date,
      settled: true,
      own: { refund: { payerFen: expect.any(Number) } },
    })
    expect(day.own.refund.count).toBeGreaterThanOrEqual(1)
    expect(await differences(date)).toEqual([])

    const late = await paid(1_500)
    await house.wallet.admin.bill('wrong-amount')
    const next = await house.wallet.admin.cut()
    expect(await reconcile(next)).toMatchObject({ settled: false, openCount: 1 })
    expect(await differences(next)).toMatchObject([
      { class: 'amountMismatch', orderNo: late.orderNo, own: { payerFen: -1_500 }, bank: { payerFen: -1_501 } },
    ])
  })
})
