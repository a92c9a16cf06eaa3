import { randomUUID } from 'node:crypto'
import { eventually } from '../../../harness/system'
import { actAtUnionPay } from '../../../harness/unionpay'
import { channelNo } from '../../../server/domain/channel'
import type {
  DifferenceList,
  OrderView,
  ReconciliationView,
  RefundList,
  RefundView,
} from '../../../server/http/contract'
import { startUnionPayHouse, type UnionPayHouse } from '../../support/unionpay-house'

/** UnionPay through the BFF: what payers do, what UnionPay does, and what each comes to. */
describe('UnionPay through the BFF', () => {
  let house: UnionPayHouse
  let owner: string
  beforeAll(async () => {
    house = await startUnionPayHouse()
    owner = await house.owner('M0001')
    await house.calm()
  })
  afterEach(() => house.calm())
  afterAll(() => house?.stop())

  const paid = async (amountFen = 2_000): Promise<OrderView> => {
    const order = await house.opened(amountFen)
    await actAtUnionPay(house.pageOf(order), 'confirm')
    await house.tell(order.orderNo)
    return house.ended(order)
  }
  const close = ({ orderNo }: OrderView) =>
    house.call<OrderView>('POST', `/api/orders/${orderNo}/close`, { token: house.token })
  const inBooks = async ({ orderNo }: OrderView) =>
    (await house.unionPay.admin.payments()).find(({ orderId }) => orderId === channelNo(orderNo))

  it('shows where to pay, carries no discount, and is paid once the payer has confirmed', async () => {
    const order = await house.opened()
    expect(order).toMatchObject({ state: 'paying', discountFen: 0, action: { kind: 'redirect' } })
    expect((await house.view(order)).action).toEqual(order.action)
    expect(await actAtUnionPay(house.pageOf(order), 'confirm')).toBe('paid')
    expect(await house.ended(order)).toMatchObject({ state: 'paid', action: null })
  })

  it('of who cancels and leaves is closed at UnionPay after its time, and nobody can pay it any more', async () => {
    const order = await house.opened()
    expect(await actAtUnionPay(house.pageOf(order), 'cancel')).toBe('cancelled')
    expect(await house.ended(order)).toMatchObject({ state: 'closed', action: null })
    expect((await inBooks(order))?.state).toBe('void')
    expect(await actAtUnionPay(house.pageOf(order), 'confirm')).toBe('over')
  })

  it('fails with the payer’s password, and says so', async () => {
    const order = await house.opened()
    for (let i = 0; i < 3; i++) await actAtUnionPay(house.pageOf(order), 'wrong-password')
    expect(await house.ended(order)).toMatchObject({ state: 'closed', closeReason: 'password-failed' })
  })

  it('of a payer who is quicker than the close is paid', async () => {
    await house.unionPay.admin.faults({ fault: { mode: 'paid-meanwhile' }, on: ['close'] })
    const order = await house.opened()
    await close(order)
    expect(await house.view(order)).toMatchObject({ state: 'paid' })
  })

  it('is closed by its payer at once, and stays open while closing comes to nothing', async () => {
    const order = await house.opened()
    await house.unionPay.admin.faults({ fault: { mode: 'lose-request' }, on: ['close'] })
    await close(order)
    expect((await house.view(order)).state).toBe('paying')
    await house.unionPay.admin.faults()
    await close(order)
    expect((await house.view(order)).state).toBe('closed')
    expect((await inBooks(order))?.state).toBe('void')
  })

  it('whose answer is lost is asked about with the same time, has nowhere to pay, and is closed', async () => {
    for (const fault of [{ mode: 'lose-reply' } as const, { mode: 'error-after' } as const]) {
      await house.unionPay.admin.faults({ fault, on: ['pay'], times: 1 })
      const order = await house.opened()
      expect(order).toMatchObject({ state: 'paying', action: null })
      expect((await inBooks(order))?.state).toBe('open')
      await close(order)
      expect(await house.view(order)).toMatchObject({ state: 'closed' })
      expect((await inBooks(order))?.state).toBe('void')
    }
  })

  it('is ended by no notice of another amount, merchant or currency, and each is an alarm', async () => {
    const order = await house.opened()
    await house.unionPay.admin.ways({ payment: 1_000_000 })
    await actAtUnionPay(house.pageOf(order), 'confirm')
    await house.unionPay.admin.faults({ fault: { mode: 'lie', about: { origRespCode: '05' } }, on: ['query'] })
    await house.unionPay.admin.settle(channelNo(order.orderNo))
    for (const [twist, code] of [
      ['wrong-amount', 'other-amount'],
      ['wrong-merchant', 'other-payee'],
      ['wrong-currency', 'other-currency'],
    ] as const) {
      const before = await house.alarms(code)
      await house.tell(order.orderNo, twist)
      expect((await house.view(order)).state).toBe('paying')
      expect(await house.alarms(code)).toBe(before + 1)
    }
    for (let i = 0; i < 2; i++) expect((await house.tell(order.orderNo))?.status).toBe(200)
    expect(await house.view(order)).toMatchObject({ state: 'paid' })
  })

  it('is ended by no forged notice: of nobody, another owner, an old certificate, one self-made, a changed character', async () => {
    await house.unionPay.admin.faults({ fault: { mode: 'lie', about: { origRespCode: '05' } }, on: ['query'] })
    const order = await house.opened()
    await actAtUnionPay(house.pageOf(order), 'confirm')
    for (const twist of ['nobody', 'other-owner', 'expired', 'self-made', 'flipped'] as const)
      expect((await house.tell(order.orderNo, twist))?.status).toBe(403)
    expect((await house.view(order)).state).toBe('paying')
    expect((await house.tell(order.orderNo, 'unknown-number'))?.status).toBe(404)
    expect((await house.tell(order.orderNo))?.status).toBe(200)
    expect(await house.view(order)).toMatchObject({ state: 'paid' })
  })

  it('may be told of before its answer is here, late and three times over: it is paid once', async () => {
    await house.unionPay.admin.notices({ times: 3, retries: 2 })
    await house.unionPay.admin.faults({ fault: { mode: 'late', delayMs: 900 }, on: ['pay'], times: 1 })
    const opening = house.opened(2_345)
    const there = await eventually(async () =>
      (await house.unionPay.admin.payments()).find(({ asked }) => asked?.amountFen === 2_345),
    )
    expect(await actAtUnionPay(`${house.unionPay.server.url}/page/${there.token}`, 'confirm')).toBe('paid')
    const order = await opening
    expect(await house.ended(order)).toMatchObject({ state: 'paid' })
    const told = await eventually(async () => {
      const sent = (await house.unionPay.admin.sent()).filter(({ orderId }) => orderId === channelNo(order.orderNo))
      return sent.length >= 3 ? sent : undefined
    })
    expect(told.map(({ status }) => status)).toEqual([200, 200, 200])
  })

  describe('what goes back', () => {
    const addressOf = ({ orderNo }: OrderView) => `/api/merchant/orders/${orderNo}/refunds`
    const refund = (order: OrderView, amountFen: number) =>
      house.call<RefundView>('POST', addressOf(order), {
        token: owner,
        headers: { 'Idempotency-Key': randomUUID() },
        body: { amountFen },
      })
    const ended = (order: OrderView, { refundNo }: RefundView) =>
      eventually(async () => {
        const { body } = await house.call<RefundList>('GET', addressOf(order), { token: owner })
        const found = body.items.find((one) => one.refundNo === refundNo)
        return found && found.state !== 'refunding' ? found : undefined
      })

    /** UnionPay has done it and tells of it, long before anybody asks. */
    async function done(order: OrderView, amountFen: number): Promise<RefundView> {
      const { body } = await refund(order, amountFen)
      await house.unionPay.admin.settle(channelNo(body.refundNo))
      return body
    }

    it('is under way until UnionPay has done it: in full undone, in parts refunded, failed it moved nothing', async () => {
      await house.unionPay.admin.notices({})
      const [whole, parts, failing] = [await paid(), await paid(), await paid()]
      await house.unionPay.admin.ways({ refund: 1_000 })
      const first = await refund(parts, 500)
      expect([first.status, first.body.state]).toEqual([200, 'refunding'])
      expect((await house.view(parts)).refundedFen).toBe(0)
      await house.unionPay.admin.settle(channelNo(first.body.refundNo))
      expect(await ended(parts, first.body)).toMatchObject({ state: 'refunded', payerFen: 500 })
      expect((await house.view(parts)).refundedFen).toBe(500)
      for (const [order, fen] of [
        [whole, 2_000],
        [parts, 1_500],
      ] as const)
        expect(await ended(order, await done(order, fen))).toMatchObject({ state: 'refunded', payerFen: fen })
      expect((await refund(parts, 1)).body).toMatchObject({ code: 'refund-above-paid' })
      // No notice tells of what fails: it is asked about.
      await house.unionPay.admin.ways({ refund: 0, refundFate: 'abnormal' })
      const sentBack = await ended(failing, (await refund(failing, 2_000)).body)
      expect(sentBack).toMatchObject({ state: 'failed', failReason: 'refund-abnormal' })
      expect((await house.unionPay.admin.refunds()).map(({ type }) => type)).toEqual(['04', '31', '04', '31'])
    })
  })

  it('a day is reconciled by its statement: planted mistakes are found, each as what it is', async () => {
    const token = await house.operator('checker')
    const reconcile = async (date: string) =>
      (await house.call<ReconciliationView>('POST', `/admin/reconciliations/${date}?channel=unionpay`, { token })).body
    const differences = async (date: string) => {
      const path = `/admin/reconciliations/${date}/differences?channel=unionpay`
      return (await house.call<DifferenceList>('GET', path, { token })).body.items
    }
    const before = await house.unionPay.admin.cut()
    expect(await reconcile(before)).toMatchObject({ channel: 'unionpay', settled: true, openCount: 0 })

    const orders = [await paid(1_100), await paid(1_200), await paid(1_300), await paid(1_400)]
    await house.unionPay.admin.files('leave-out', 'wrong-amount', 'twice', 'other-merchant', 'stranger')
    const date = await house.unionPay.admin.cut()
    expect(await reconcile(date)).toMatchObject({ settled: false })
    const found = await differences(date)
    const named = (order: OrderView | undefined) => found.filter((one) => one.orderNo === order?.orderNo)
    expect(named(orders[1])).toMatchObject([{ class: 'amountMismatch', bank: { payerFen: -1_201 } }])
    expect(named(orders[2])).toMatchObject([{ class: 'duplicate' }])
    expect(named(orders[3])).toMatchObject([{ class: 'glMismatch' }])
    expect(found.filter((one) => one.class === 'long')).toHaveLength(1)
    await house.unionPay.admin.files()
    const next = await house.unionPay.admin.cut()
    await reconcile(next)
    const late = [...(await differences(date)), ...(await differences(next))]
    expect(late.filter((one) => one.orderNo === orders[0]!.orderNo)).toMatchObject([{ class: 'short' }])
  })

  it('knows a payer in UnionPay’s app by its word, and nobody who calls their browser so', async () => {
    const way = await house.call('GET', '/api/login-way?platform=unionpay-h5')
    expect(way.body).toEqual({ way: 'page', page: '/login/unionpay' })
    const agent = { 'user-agent': 'Mozilla/5.0 UnionPay/1.0 CloudPay', cookie: 'unionpay=li' }
    const hop = (url: string, headers: Record<string, string>) => fetch(url, { headers, redirect: 'manual' })
    const sent = await hop(`${house.url}/login/unionpay?to=/q/M0001`, agent)
    const memo = sent.headers.get('set-cookie')!.split(';')[0]!
    const there = await hop(sent.headers.get('location')!, agent)
    const back = there.headers.get('location')!
    const handed = async (headers: Record<string, string>, url = back) => {
      const cookies = (await hop(url, headers)).headers.getSetCookie()
      const found = cookies.find((cookie) => cookie.startsWith('fapai_session='))!
      return JSON.parse(decodeURIComponent(found.split(';')[0]!.slice('fapai_session='.length)))
    }
    // Without the memory of having been sent, or from another app, the code is nothing.
    expect(await handed(agent)).toEqual({ refused: 'login-code-refused' })
    expect(await handed({ 'user-agent': 'Mozilla/5.0', cookie: memo })).toEqual({ refused: 'login-code-refused' })
    const session = await handed({ ...agent, cookie: memo })
    expect(session).toEqual({ token: expect.any(String), expiresAt: expect.any(String) })
    expect(await handed({ ...agent, cookie: memo })).toEqual({ refused: 'login-code-refused' })
  })
})
