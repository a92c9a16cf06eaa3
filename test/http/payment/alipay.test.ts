import { randomUUID } from 'node:crypto'
import { actAtCashier } from '../../../harness/alipay'
import { eventually } from '../../../harness/system'
import { addDays, businessDate, DAY_MS } from '../../../server/domain/business-date'
import { channelNo } from '../../../server/domain/channel'
import type {
  DifferenceList,
  OrderView,
  ReconciliationView,
  RefundList,
  RefundView,
} from '../../../server/http/contract'
import { type AlipayHouse, startAlipayHouse } from '../../support/alipay-house'

/** What people and Alipay do, and what it comes to through the BFF. */

describe('an order paid by Alipay', () => {
  let house: AlipayHouse
  beforeAll(async () => {
    house = await startAlipayHouse()
  })
  beforeEach(() => house.calm())
  afterAll(() => house?.stop())

  it('shows its trade to whom Alipay knows, carries no discount, and is paid by a notice, late and three times over', async () => {
    house.theirs.notices.way = { times: 3, delayMs: 300, retries: 2 }
    const before = house.theirs.notices.sent.length
    const order = await house.opened()
    expect(order).toMatchObject({ state: 'paying', discountFen: 0, action: { kind: 'jsapi' } })
    expect(order.action!.params.tradeNO).toBe(house.tradeOf(order)!.tradeNo)
    expect((await house.view(order)).action).toEqual(order.action)
    expect(await actAtCashier(house.cashierOf(order), 'confirm')).toBe('paid')
    expect(await house.ended(order)).toMatchObject({ state: 'paid', action: null })
    const sent = await eventually(async () => {
      const told = house.theirs.notices.sent.slice(before)
      return told.length >= 3 ? told : undefined
    })
    for (const one of sent) expect(one).toMatchObject({ status: 200, answer: 'success' })
    expect(house.theirs.trades.balance(house.tradeOf(order)!.request.merchantId)).toBe(2_000)
  })

  it('of a payer in a browser is Alipay’s own page, whose trade is there once it is opened', async () => {
    const token = house.browser()
    const order = await house.opened({ token })
    expect(order).toMatchObject({ state: 'paying', action: { kind: 'redirect' } })
    expect(house.tradeOf(order)).toBeUndefined()
    expect((await house.view(order, token)).action).toEqual(order.action)
    expect(await actAtCashier(house.cashierOf(order), 'confirm')).toBe('paid')
    expect(await house.ended(order, token)).toMatchObject({ state: 'paid' })
  })

  it('of whom cancels stays open to another try; of whom fails or walks away it is closed, and nobody can pay it any more', async () => {
    const [cancelled, failed, left] = [await house.opened(), await house.opened(), await house.opened()]
    expect(await actAtCashier(house.cashierOf(cancelled), 'cancel')).toBe('cancelled')
    expect((await house.view(cancelled)).state).toBe('paying')
    expect(await actAtCashier(house.cashierOf(cancelled), 'confirm')).toBe('paid')
    for (const said of ['wrong-password', 'wrong-password', 'failed'])
      expect(await actAtCashier(house.cashierOf(failed), 'wrong-password')).toBe(said)
    expect(await house.ended(cancelled)).toMatchObject({ state: 'paid' })
    for (const order of [failed, left]) {
      expect(await house.ended(order)).toMatchObject({ state: 'closed', action: null })
      expect(house.tradeOf(order)!.state).toBe('closed')
      expect(await actAtCashier(house.cashierOf(order), 'confirm')).toBe('over')
    }
  })

  it('whose reply is lost, forged or a 502 after all was done is found by a question, with what is to be done', async () => {
    for (const mode of ['lose-reply', 'bad-signature', 'error-after'] as const) {
      house.theirs.faults.set([{ fault: { mode }, times: 1, on: ['create'] }])
      const order = await house.opened()
      expect(order).toMatchObject({ state: 'paying', action: null })
      const found = await eventually(async () => {
        const now = await house.view(order)
        return now.action || now.state !== 'paying' ? now : undefined
      })
      if (found.action) await actAtCashier(house.cashierOf(found), 'confirm')
      expect((await house.ended(order)).state).toBe(found.action ? 'paid' : 'closed')
    }
  })

  it('that Alipay never saw, or whose page was never opened, isn’t closed by its “no such trade” until nothing can make it any more', async () => {
    house.theirs.faults.set([{ fault: { mode: 'lose-request' }, on: ['create'] }])
    const token = house.browser()
    const [order, left] = [await house.opened(), await house.opened({ token })]
    expect(order).toMatchObject({ state: 'paying', action: null })
    expect([house.tradeOf(order), house.tradeOf(left)]).toEqual([undefined, undefined])
    const closed = { state: 'closed', closeReason: 'order-closed', action: null }
    const ends = [await house.ended(order), await house.ended(left, token)]
    for (const end of ends) {
      expect(end).toMatchObject(closed)
      // Its own eight seconds, a deadline and what clocks may differ.
      expect(Date.parse(end.endedAt!) - Date.parse(end.createdAt)).toBeGreaterThan(11_000)
    }
    expect(await actAtCashier(house.cashierOf(left), 'confirm')).toBe('refused')
  })

  it('that Alipay refuses to make is told at once: for the payer’s sake, or since something is to be mended', async () => {
    for (const [subCode, reason] of [
      ['ACQ.PAYMENT_REQUEST_HAS_RISK', 'risk-refused'],
      ['ACQ.ACCESS_FORBIDDEN', 'channel-refused'],
    ]) {
      house.theirs.faults.set([{ fault: { mode: 'refuse', subCode: subCode! }, times: 1, on: ['create'] }])
      expect(await house.opened()).toMatchObject({ state: 'closed', closeReason: reason })
    }
    house.theirs.faults.set([
      { fault: { mode: 'unsigned', subCode: 'ACQ.ACCESS_FORBIDDEN' }, times: 1, on: ['create'] },
    ])
    expect(await house.opened()).toMatchObject({ state: 'paying' })
  })

  it('is paid by a notice that comes before the reply to its own request', async () => {
    house.theirs.faults.set([{ fault: { mode: 'slow-reply', delayMs: 800 }, times: 1, on: ['create'] }])
    house.theirs.notices.way = { times: 1, delayMs: 0, retries: 3 }
    const before = new Set(house.theirs.trades.trades.keys())
    const opening = house.opened()
    const number = await eventually(async () => [...house.theirs.trades.trades.keys()].find((one) => !before.has(one)))
    expect(house.theirs.trades.confirm(number, 'li', '246810')).toBe('paid')
    const order = await opening
    expect(await house.ended(order)).toMatchObject({ state: 'paid', action: null })
  })

  it('is ended by no notice that is forged, stale, or of another app or seller: each is refused and an alarm', async () => {
    const order = await house.opened()
    await actAtCashier(house.cashierOf(order), 'confirm')
    for (const twist of ['probe', 'flipped', 'stale', 'wrong-seller', 'wrong-app'] as const) {
      const before = await house.alarms('notice-refused')
      expect(await house.tell(order, twist)).toMatchObject({ status: 403, answer: 'fail' })
      expect(await house.alarms('notice-refused')).toBe(before + 1)
    }
    const unknown = await house.alarms('notice-of-unknown-order')
    expect((await house.tell(order, 'unknown-number')).status).toBe(404)
    expect(await house.alarms('notice-of-unknown-order')).toBe(unknown + 1)
    expect(await house.ended(order)).toMatchObject({ state: 'paid' })
  })

  it('is ended by no notice of another amount or merchant, well signed as it may be; each is an alarm', async () => {
    // Nobody but the notices tells of it.
    house.theirs.faults.set([{ fault: { mode: 'lose-request' }, on: ['query', 'close'] }])
    const order = await house.opened()
    await actAtCashier(house.cashierOf(order), 'confirm')
    for (const [twist, code] of [
      ['wrong-amount', 'other-amount'],
      ['wrong-merchant', 'other-payee'],
    ] as const) {
      const before = await house.alarms(code)
      await house.tell(order, twist)
      expect((await house.view(order)).state).toBe('paying')
      expect(await house.alarms(code)).toBe(before + 1)
    }
    expect(await house.tell(order)).toMatchObject({ status: 200, answer: 'success' })
    expect(await house.view(order)).toMatchObject({ state: 'paid' })
    expect(await house.tell(order)).toMatchObject({ status: 200, answer: 'success' })
  })

  it('that is paid just as it is closed is paid; whose closes come to nothing stays open until one does not', async () => {
    house.theirs.faults.set([{ fault: { mode: 'paid-meanwhile' }, on: ['close'] }])
    const paid = await house.opened()
    // Alipay closes by itself what is over: so that ours comes first, its clock is behind.
    const trade = house.tradeOf(paid)!
    trade.request.expiresAt += 600_000
    expect(await house.ended(paid)).toMatchObject({ state: 'paid' })
    house.theirs.faults.set([{ fault: { mode: 'lose-request' }, on: ['close'] }])
    const open = await house.opened()
    house.tradeOf(open)!.request.expiresAt += 600_000
    await eventually(async () => (house.theirs.faults.struck() >= 1 ? true : undefined))
    expect((await house.view(open)).state).toBe('paying')
    house.theirs.faults.set([])
    expect(await house.ended(open)).toMatchObject({ state: 'closed' })
    expect(house.tradeOf(open)!.state).toBe('closed')
  })

  describe('and refunded', () => {
    let owner: string
    beforeAll(async () => {
      owner = await house.owner('M0001')
    })
    const paid = async (amountFen = 2_000): Promise<OrderView> => {
      const order = await house.opened({ amountFen })
      await actAtCashier(house.cashierOf(order), 'confirm')
      await house.tell(order)
      return house.ended(order)
    }
    const addressOf = ({ orderNo }: OrderView) => `/api/merchant/orders/${orderNo}/refunds`
    const refund = async (order: OrderView, amountFen: number, token = owner) => {
      const headers = { 'Idempotency-Key': randomUUID() }
      return (await house.call<RefundView>('POST', addressOf(order), { token, headers, body: { amountFen } })).body
    }
    const refunded = (order: OrderView, { refundNo }: RefundView, token = owner) =>
      eventually(async () => {
        const { items } = (await house.call<RefundList>('GET', addressOf(order), { token })).body
        const found = items.find((one) => one.refundNo === refundNo)
        return found && found.state !== 'refunding' ? found : undefined
      })

    it('goes back in parts and in full, each once, also where the reply was lost', async () => {
      const order = await paid()
      expect(await refund(order, 700)).toMatchObject({ state: 'refunded', payerFen: 700 })
      house.theirs.faults.set([{ fault: { mode: 'lose-reply' }, times: 1, on: ['refund'] }])
      const rest = await refund(order, 1_300)
      expect(rest.state).toBe('refunding')
      expect(await refunded(order, rest)).toMatchObject({ state: 'refunded' })
      expect((await house.view(order)).refundedFen).toBe(2_000)
      expect(house.theirs.trades.refundedFen(house.tradeOf(order)!.request.outTradeNo)).toBe(2_000)
      // Alipay calls it TRADE_CLOSED now, and tells so; it stays paid.
      expect((await house.tell(order)).answer).toBe('success')
      expect((await house.view(order)).state).toBe('paid')
      expect(await refund(order, 1)).toMatchObject({ code: 'refund-above-paid' })
    })

    it('is under way while no fund has changed, and done when it has; a notice only makes us ask', async () => {
      const order = await paid()
      house.theirs.trades.slowness.refund = 2
      const slow = await refund(order, 500)
      expect(slow.state).toBe('refunding')
      expect(await house.tell(order, 'none', slow.refundNo)).toMatchObject({ status: 200, answer: 'success' })
      expect((await house.view(order)).refundedFen).toBe(0)
      expect(await refunded(order, slow)).toMatchObject({ state: 'refunded', payerFen: 500 })
      expect((await house.view(order)).refundedFen).toBe(500)
      const alarms = await house.alarms('notice-of-unknown-refund')
      house.theirs.trades.refund(house.tradeOf(order)!.request.outTradeNo, 'MADEBYHAND01', 100)
      expect((await house.tell(order, 'none', 'MADEBYHAND01')).status).toBe(404)
      expect(await house.alarms('notice-of-unknown-refund')).toBe(alarms + 1)
    })

    it('fails where the merchant can’t bear it, moves nothing, and leaves its money for another', async () => {
      const order = await paid()
      const { merchantId } = house.tradeOf(order)!.request
      const before = house.theirs.trades.balance(merchantId)
      house.theirs.trades.setBalance(merchantId, 0)
      expect(await refund(order, 2_000)).toMatchObject({ state: 'failed', failReason: 'insufficient-merchant-funds' })
      house.theirs.trades.setBalance(merchantId, before)
      expect(await refund(order, 2_000)).toMatchObject({ state: 'refunded' })
    })

    it('is in the next day’s bill: what is planted in it is found, line by line, and what isn’t balances', async () => {
      await house.travel(-2 * DAY_MS)
      owner = await house.owner('M0001')
      const orders: OrderView[] = []
      for (const amountFen of [1_100, 1_200, 1_300, 1_400, 1_500]) orders.push(await paid(amountFen))
      const [sound, missing, dearer, twice, elsewhere] = orders as [
        OrderView,
        OrderView,
        OrderView,
        OrderView,
        OrderView,
      ]
      expect(await refund(sound, 400)).toMatchObject({ state: 'refunded' })
      const date = businessDate(Date.parse(sound.createdAt))
      await house.travel(Date.parse(`${addDays(date, 1)}T12:00:00+08:00`) - Date.now())
      let token = await house.operator('checker')
      const of = async <T>(method: 'GET' | 'POST', day: string, rest = '') =>
        (await house.call<T>(method, `/admin/reconciliations/${day}${rest}?channel=alipay`, { token })).body
      const reconcile = (day = date) => of<ReconciliationView>('POST', day)
      const differences = async (day = date) =>
        (await of<DifferenceList>('GET', day, '/differences')).items.map((one) => [one.class, one.orderNo]).sort()
      const numberOf = (order: OrderView) => channelNo(order.orderNo)
      const { bills } = house.theirs
      for (const file of FILE_FAULTS) {
        bills.plan = { ...bills.plan, file }
        expect([file, (await reconcile()) as unknown]).toEqual([
          file,
          expect.objectContaining({ code: 'reconciliation-refused', reason: expect.stringMatching(/^statement-/) }),
        ])
      }
      bills.plan = {
        ...bills.plan,
        file: 'sound',
        leaveOut: [numberOf(missing)],
        oneMore: [numberOf(dearer)],
        twice: [numberOf(twice)],
        otherMerchant: [numberOf(elsewhere)],
        phantom: true,
      }
      expect(await reconcile()).toMatchObject({
        channel: 'alipay',
        date,
        settled: false,
      })
      const found = await differences()
      // A day without a trade has an empty bill.
      const next = addDays(date, 1)
      await house.travel(Date.parse(`${addDays(next, 1)}T12:00:00+08:00`) - Date.now())
      token = await house.operator('checker')
      expect(await reconcile(next)).toMatchObject({ lines: 0 })
      // At once, or by the next day where it was paid around the cut.
      expect([...found, ...(await differences(next))].sort()).toEqual(
        [
          ['amountMismatch', dearer.orderNo],
          ['duplicate', twice.orderNo],
          ['glMismatch', elsewhere.orderNo],
          ['long', 'service_1568601259302'],
          ['short', missing.orderNo],
        ].sort(),
      )
    })
  })
})

const FILE_FAULTS = [
  'wrong-sums',
  'no-end',
  'truncated',
  'other-date',
  'other-account',
  'two-details',
  'upwards',
] as const
