import { randomUUID } from 'node:crypto'
import WebSocket from 'ws'
import type { Answer } from '../../../harness/ask'
import { eventually, type MerchantSide, type Payer, startTestSystem, type TestSystem } from '../../../harness/system'
import { approve } from '../../../harness/two-people'
import type {
  AskedChange,
  LiveMessage,
  OrderView,
  RefundList,
  RefundPreview,
  RefundView,
} from '../../../server/http/contract'
import type { FaultInput } from '../../../server/sandbox/bank/faults'

/** Refunds through the HTTP API, on real parts: payer, merchant, ledger and bank. */
describe('a merchant’s refund', () => {
  let system: TestSystem
  let payer: Payer
  beforeAll(async () => {
    system = await startTestSystem({ BANK_TIMEOUT_MS: '4000', STATIC_CODE_DAILY_LIMIT_FEN: '10000000' })
    payer = await system.payer('payer-1')
  })
  afterAll(() => system.stop())
  afterEach(() => system.bank.clearFaults())

  const pay = async (code: string, amountFen = 10_000): Promise<OrderView> => {
    const order = (await payer.pay((await payer.quote(amountFen, code)).body.quoteId)).body
    expect(order).toMatchObject({ state: 'paid', refundedFen: 0 })
    return order
  }
  const refundsOf = ({ orderNo }: { orderNo: string }) => `/api/merchant/orders/${orderNo}/refunds`
  const refund = (side: MerchantSide, order: { orderNo: string }, body: object, key: string = randomUUID()) =>
    system.call('POST', refundsOf(order), {
      token: side.token,
      body,
      headers: { 'Idempotency-Key': key },
    }) as Promise<Answer<RefundView>>
  const list = async (side: MerchantSide, order: { orderNo: string }) =>
    (await system.call('GET', refundsOf(order), { token: side.token })) as Answer<RefundList>
  const ended = (side: MerchantSide, order: { orderNo: string }, refundNo: string) =>
    eventually(async () => {
      const found = (await list(side, order)).body.items.find((one) => one.refundNo === refundNo)
      return found && found.state !== 'refunding' ? found : undefined
    })
  const books = async (code: string, gl: string) => ({
    gl: await system.bank.balance(gl),
    merchant: await system.bank.balance(`acct-${code}`),
  })

  it('that one operator asks for and another agrees to goes the way of every refund', async () => {
    const merchant = await system.merchant('M0003')
    const order = await pay('M0003')
    const [maker, checker] = [await system.operator('maker'), await system.operator('checker')]
    const at = `/admin/orders/${order.orderNo}`
    const { leftFen } = (await maker.get<RefundPreview>(`${at}/refund-preview?amountFen=3333`)).body
    const wish = { amountFen: 3_333, leftFen, reason: '投诉属实' }
    const { change } = (await maker.post<AskedChange>(`${at}/refund`, wish)).body
    expect((await list(merchant, order)).body.items).toEqual([])
    await approve(checker, change.changeId)
    const { refundNo } = change.after as { refundNo: string }
    expect(await ended(merchant, order, refundNo)).toMatchObject({
      state: 'refunded',
      payerFen: 3_333,
      reason: '投诉属实',
    })
    expect((await payer.order(order.orderNo)).body).toMatchObject({ refundedFen: 3_333 })
  })

  it('in parts gives each side back what it gave, and every reader sees the same (I10)', async () => {
    const merchant = await system.merchant('M0001')
    const before = await books('M0001', '6421-03')
    const order = await pay('M0001')
    const partial = await refund(merchant, order, { amountFen: 3_333, reason: ' 少了一份 ' })
    expect(partial.status).toBe(200)
    expect(partial.body).toMatchObject({
      orderNo: order.orderNo,
      state: 'refunded',
      payerFen: 3_333,
      merchantFen: 3_333 + partial.body.glFen,
      reason: '少了一份',
      failReason: null,
    })
    expect(partial.body.refundNo).toMatch(/^R\d{8}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/)
    expect((await payer.order(order.orderNo)).body).toEqual({ ...order, refundedFen: 3_333 })
    expect(await merchant.orders()).toMatchObject([
      { orderNo: order.orderNo, refundedFen: 3_333, returnedFen: partial.body.merchantFen },
    ])

    const rest = await refund(merchant, order, { amountFen: order.payableFen - 3_333 })
    expect(rest.body.state).toBe('refunded')
    expect(partial.body.glFen + rest.body.glFen).toBe(order.discountFen)
    expect(partial.body.merchantFen + rest.body.merchantFen).toBe(order.merchantReceivesFen)
    expect(await books('M0001', '6421-03')).toEqual(before)
    expect((await payer.order(order.orderNo)).body).toMatchObject({ state: 'paid', refundedFen: order.payableFen })
    expect((await list(merchant, order)).body.items).toEqual([rest.body, partial.body])
    expect(await merchant.summary()).toMatchObject({
      ...{ orderCount: 1, amountFen: 10_000, rewardCount: 1, rewardFen: order.merchantRewardFen },
      ...{ refundCount: 2, refundedFen: order.merchantReceivesFen, receivedFen: before.merchant },
    })
    // The slot stays used: a refunded card is not dealt again.
    expect((await merchant.summary()).slots).toMatchObject({ used: 1 })
  })

  it('of the same key is one refund, and the key with another body is refused', async () => {
    const merchant = await system.merchant('M0003')
    const order = await pay('M0003')
    const key = randomUUID()
    const first = await refund(merchant, order, { amountFen: 1_000 }, key)
    const again = await Promise.all([1, 2, 3].map(() => refund(merchant, order, { amountFen: 1_000 }, key)))
    for (const one of again) expect(one.body).toEqual(first.body)
    expect((await list(merchant, order)).body.items).toHaveLength(1)
    const other = await refund(merchant, order, { amountFen: 1_001 }, key)
    expect(other).toMatchObject({ status: 422, body: { code: 'key-reused', field: 'Idempotency-Key' } })
  })

  it('shows in the answer to a retried payment of its order', async () => {
    const merchant = await system.merchant('M0003')
    const { quoteId } = (await payer.quote(2_000, 'M0003')).body
    const order = (await payer.pay(quoteId, 'a-key-of-its-own')).body
    await refund(merchant, order, { amountFen: 500 })
    expect((await payer.pay(quoteId, 'a-key-of-its-own')).body).toEqual({ ...order, refundedFen: 500 })
  })

  it('never sends back more than was paid, however many are asked for at once', async () => {
    const merchant = await system.merchant('M0005')
    const order = await pay('M0005')
    const answers = await Promise.all(Array.from({ length: 12 }, () => refund(merchant, order, { amountFen: 1_500 })))
    const made = answers.filter((one) => one.status === 200)
    expect(made).toHaveLength(Math.floor(order.payableFen / 1_500))
    for (const one of answers.filter((one) => one.status !== 200))
      expect(one).toMatchObject({ status: 422, body: { code: 'refund-above-paid', field: 'amountFen' } })
    const { refundedFen } = (await payer.order(order.orderNo)).body
    expect(refundedFen).toBe(1_500 * made.length)
    expect((await merchant.summary()).receivedFen).toBe(await system.bank.balance('acct-M0005'))
  })

  it('is looked at before it is asked for: what is left, what it would take, and each refund with its state', async () => {
    const [merchant, other] = [await system.merchant('M0002'), await system.merchant('M0003')]
    const order = await pay('M0002')
    const path = `/api/merchant/orders/${order.orderNo}`
    const look = async (side = merchant) => system.call('GET', path, { token: side.token })
    const preview = (amountFen: number | string, side = merchant) =>
      system.call('GET', `${path}/refunds/preview?amountFen=${amountFen}`, { token: side.token })
    expect((await look()).body).toMatchObject({
      ...{ orderNo: order.orderNo, amountFen: 10_000, merchantRewardFen: order.merchantRewardFen },
      ...{ refundableFen: order.payableFen, mayRefund: true, refunds: [] },
    })
    const seen = (await preview(3_333)).body as RefundPreview
    expect(seen).toMatchObject({ payerFen: 3_333, leftFen: order.payableFen })
    const made = (await refund(merchant, order, { amountFen: 3_333, leftFen: seen.leftFen })).body
    expect([made.merchantFen, made.glFen]).toEqual([seen.merchantFen, seen.glFen])
    expect((await look()).body).toMatchObject({ refundableFen: order.payableFen - 3_333, refunds: [made] })
    expect(await preview(order.payableFen)).toMatchObject({ status: 422, body: { code: 'refund-above-paid' } })
    for (const amountFen of [0, -1, 1.5, 'x', ''])
      expect(await preview(amountFen)).toMatchObject({ status: 400, body: { field: 'amountFen' } })
    const missing = { status: 404, body: { code: 'order-not-found', field: 'orderNo' } }
    expect([await look(other), await preview(1, other)]).toMatchObject([missing, missing])
  })

  it('from two telephones that saw the same is one, and the other hears that something came in between', async () => {
    const merchant = await system.merchant('M0002')
    const order = await pay('M0002')
    const body = { amountFen: 1_000, leftFen: order.payableFen }
    const answers = await Promise.all([refund(merchant, order, body), refund(merchant, order, body)])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    const lost = answers.find(({ status }) => status === 409)
    expect(lost).toMatchObject({ body: { code: 'refunded-meanwhile', field: 'leftFen' } })
    expect((await list(merchant, order)).body.items).toHaveLength(1)
  })

  it('is for its own paid orders and well-formed amounts only', async () => {
    const [merchant, other] = [await system.merchant('M0007'), await system.merchant('M0008')]
    const order = await pay('M0007')
    const missing = { status: 404, body: { code: 'order-not-found', field: 'orderNo' } }
    expect(await refund(other, order, { amountFen: 1 })).toMatchObject(missing)
    expect(await list(other, order)).toMatchObject(missing)
    expect(await refund(merchant, { orderNo: 'F-none' }, { amountFen: 1 })).toMatchObject(missing)
    for (const amountFen of [0, -1, 0.5, '1', null])
      expect(await refund(merchant, order, { amountFen })).toMatchObject({ status: 400, body: { field: 'amountFen' } })
    const asPayer = await system.call('POST', refundsOf(order), {
      token: payer.token,
      body: { amountFen: 1 },
      headers: { 'Idempotency-Key': randomUUID() },
    })
    expect(asPayer).toMatchObject({ status: 403, body: { code: 'role-refused' } })
    const keyless = await system.call('POST', refundsOf(order), { token: merchant.token, body: { amountFen: 1 } })
    expect(keyless).toMatchObject({ status: 400, body: { code: 'idempotency-key-missing' } })
    await system.bank.faults({ mode: 'decline', code: 'insufficient-funds', on: ['pay'] })
    const closed = (await payer.pay((await payer.quote(1_000, 'M0007')).body.quoteId)).body
    const refused = await refund(merchant, closed, { amountFen: 1 })
    expect(refused).toMatchObject({ status: 409, body: { code: 'order-not-paid' } })
    expect((await payer.order(order.orderNo)).body).toEqual(order)
  })

  it('fails when the merchant’s account is short, with its reason and nothing moved, and can be made again', async () => {
    const merchant = await system.merchant('M0009')
    const order = await pay('M0009')
    await system.bank.setBalance({ account: 'acct-M0009', kind: 'merchant', balanceFen: 10 })
    const failed = await refund(merchant, order, { amountFen: order.payableFen })
    expect(failed.body).toMatchObject({ state: 'failed', failReason: 'insufficient-merchant-funds' })
    expect((await payer.order(order.orderNo)).body.refundedFen).toBe(0)
    expect(await system.bank.balance('acct-M0009')).toBe(10)
    const balanceFen = order.merchantReceivesFen
    await system.bank.setBalance({ account: 'acct-M0009', kind: 'merchant', balanceFen })
    expect((await refund(merchant, order, { amountFen: order.payableFen })).body.state).toBe('refunded')
    expect(await system.bank.balance('acct-M0009')).toBe(0)
  })

  it('that the bank declines by a code of its own fails under that, and can be made again', async () => {
    const merchant = await system.merchant('M0009')
    const order = await pay('M0009')
    await system.bank.faults({ mode: 'decline', code: 'X-99', on: ['refund'] })
    const failed = await refund(merchant, order, { amountFen: order.payableFen })
    expect(failed.body).toMatchObject({ state: 'failed', failReason: 'channel-code:X-99' })
    await system.bank.clearFaults()
    expect((await refund(merchant, order, { amountFen: order.payableFen })).body.state).toBe('refunded')
  })

  it.each(['lose-request', 'lose-reply', 'error-after', 'bad-signature', 'garbage'] as const)(
    'whose answer is spoilt by %s is held, then found out or made under the same number, once',
    async (mode) => {
      const merchant = await system.merchant('M0011')
      const order = await pay('M0011', 2_000)
      await system.bank.faults({ mode, on: ['refund'], times: 1 })
      const held = (await refund(merchant, order, { amountFen: order.payableFen })).body
      expect(held).toMatchObject({ state: 'refunding', endedAt: null })
      const more = await refund(merchant, order, { amountFen: 1 })
      expect(more).toMatchObject({ status: 422, body: { code: 'refund-above-paid' } })
      expect((await ended(merchant, order, held.refundNo)).state).toBe('refunded')
      const atBank = (await system.bank.refunds()).filter((one) => one.orderNo === order.orderNo)
      expect(atBank).toMatchObject([{ state: 'succeeded', request: { refundNo: held.refundNo } }])
      expect((await merchant.summary()).receivedFen).toBe(await system.bank.balance('acct-M0011'))
    },
    300_000,
  )

  it('survives kill -9 while the bank is at it, booked or never seen', async () => {
    const merchant = await system.merchant('M0013')
    const faults: FaultInput[] = [{ mode: 'slow', delayMs: 3_000 }, { mode: 'lose-request' }]
    for (const fault of faults) {
      const order = await pay('M0013', 2_000)
      await system.bank.faults({ ...fault, on: ['refund'], times: 1 })
      const key = randomUUID()
      const lost = refund(merchant, order, { amountFen: order.payableFen }, key).catch(() => undefined)
      await eventually(async () => ((await system.bank.struck()) > 0 ? true : undefined))
      await system.killBff()
      await lost
      await system.startBff()
      // The merchant's page tries again with the same key: the same refund, however the first try went.
      const again = await refund(merchant, order, { amountFen: order.payableFen }, key)
      expect(again.status).toBe(200)
      expect((await ended(merchant, order, again.body.refundNo)).state).toBe('refunded')
      expect((await payer.order(order.orderNo)).body.refundedFen).toBe(order.payableFen)
    }
    const summary = await merchant.summary()
    expect(summary).toMatchObject({ orderCount: 2, refundCount: 2, receivedFen: 0 })
    expect(await system.bank.balance('acct-M0013')).toBe(0)
  })

  it('is told to the merchant’s live feed by its order, with what went back', async () => {
    const merchant = await system.merchant('M0015')
    const order = await pay('M0015')
    const url = `${system.url().replace('http', 'ws')}/api/merchant/live`
    const socket = new WebSocket(url, ['fapai.v1', `bearer.${merchant.token}`])
    const messages: LiveMessage[] = []
    socket.on('message', (data) => messages.push(JSON.parse(String(data)) as LiveMessage))
    await eventually(async () => messages.find((message) => message.type === 'ready'))
    await refund(merchant, order, { amountFen: 1_234 })
    const told = await eventually(async () =>
      messages.find((message) => message.type === 'order' && message.order.refundedFen > 0),
    )
    expect(told).toMatchObject({ order: { orderNo: order.orderNo, refundedFen: 1_234, amountFen: 10_000 } })
    socket.terminate()
  })
})
