import { randomBytes } from 'node:crypto'
import { eventually, type Payer, startTestSystem, type TestSystem } from '../../../harness/system'
import { HEADER, keyIdOf, requestText, type Sign, signer } from '../../../server/channel/bank/sign'
import type { OrderView } from '../../../server/http/contract'
import { sandboxKeys } from '../../../server/sandbox/keys'

/** The bank tells of its own accord: early, late, twice, in any order. Each order ends once, by the first definite word. */
const PATH = '/channel/bank/notify'

describe('news of the bank', () => {
  let system: TestSystem
  let payer: Payer
  let bankSign: Sign
  beforeAll(async () => {
    // The sweeper's first question comes after 31 s: whatever ends an order here, it wasn't that.
    system = await startTestSystem({ BANK_TIMEOUT_MS: '30000' })
    payer = await system.payer('payer-1')
    bankSign = signer(sandboxKeys(system.dataDir).bank.bank.privateKey)
  })
  afterAll(() => system.stop())
  afterEach(async () => {
    await system.bank.clearFaults()
    await system.bank.notices({ url: system.url() + PATH, times: 0 })
  })

  interface Sent {
    sign?: Sign
    timestamp?: string
    nonce?: string
    /** what is sent instead of what was signed */
    body?: string
  }
  /** A notice as the bank sends it, but for what is given. */
  async function notify(news: object, sent: Sent = {}) {
    const signed = JSON.stringify(news)
    const { sign = bankSign, timestamp = String(Date.now()), nonce = randomBytes(16).toString('hex') } = sent
    const signature = sign(requestText({ method: 'POST', path: PATH, timestamp, nonce, body: signed }))
    const keyId = keyIdOf(sandboxKeys(system.dataDir).bank.bank.publicKey)
    const own = { [HEADER.keyId]: keyId, [HEADER.timestamp]: timestamp, [HEADER.nonce]: nonce }
    const headers = { ...own, [HEADER.signature]: signature }
    return system.call('POST', PATH, { headers, raw: { type: 'application/json', text: sent.body ?? signed } })
  }
  /** Of this very order, as the bank has it. */
  const success = (order: Pick<OrderView, 'orderNo' | 'payableFen'>, channelTradeNo = `T-${order.orderNo}`) => ({
    orderNo: order.orderNo,
    state: 'succeeded',
    channelTradeNo,
    amountFen: order.payableFen,
    currency: 'CNY',
    payee: 'acct-M0001',
  })
  const refusal = (orderNo: string, code = 'insufficient-funds') => ({ orderNo, state: 'declined', code })

  /** An order that the bank has accepted and not booked. */
  async function pendingOrder(amountFen = 1_000) {
    await system.bank.faults({ mode: 'pending', pendingQueries: 1_000, on: ['pay'], times: 1 })
    const { body } = await payer.pay((await payer.quote(amountFen)).body.quoteId)
    expect(body.state).toBe('paying')
    return body
  }
  const state = async (orderNo: string) => (await payer.order(orderNo)).body.state
  const alarms = async (code: string) => {
    const { body } = await system.call('GET', '/metrics')
    return Number(new RegExp(`^fapai_alarms_total\\{code="${code}"\\} (\\d+)$`, 'm').exec(body as string)?.[1] ?? 0)
  }
  const received = async () => {
    const { orderCount, receivedFen } = await (await system.merchant('M0001')).summary()
    return { orderCount, receivedFen }
  }

  it('ends an order whose reply was lost, at once, and once though it is told three times', async () => {
    await system.bank.notices({ url: system.url() + PATH, times: 3 })
    await system.bank.faults({ mode: 'lose-reply', on: ['pay'], times: 1 })
    const { body } = await payer.pay((await payer.quote(10_000)).body.quoteId)
    const order = await payer.ended(body.orderNo)
    expect(order.state).toBe('paid')
    const sent = await eventually(async () => {
      const all = (await system.bank.sentNotices()).filter((one) => one.orderNo === order.orderNo)
      return all.length === 3 ? all : undefined
    })
    expect(sent.map((one) => one.status)).toEqual([200, 200, 200])
    expect(await received()).toEqual({ orderCount: 1, receivedFen: await system.bank.balance('acct-M0001') })
  })

  it('that races the reply of the pay ends the order once', async () => {
    const before = await received()
    await system.bank.notices({ url: system.url() + PATH, times: 2 })
    const order = (await payer.pay((await payer.quote(2_000)).body.quoteId)).body
    expect(order.state).toBe('paid')
    await eventually(async () => {
      const all = (await system.bank.sentNotices()).filter((one) => one.orderNo === order.orderNo)
      return all.length === 2 || undefined
    })
    const after = await received()
    expect(after.orderCount).toBe(before.orderCount + 1)
    expect(after.receivedFen).toBe(await system.bank.balance('acct-M0001'))
    expect((await payer.order(order.orderNo)).body).toEqual(order)
  })

  it('closes an order by a refusal, and its slot is the payer’s again', async () => {
    const order = await pendingOrder()
    expect((await notify(refusal(order.orderNo))).status).toBe(200)
    expect((await payer.order(order.orderNo)).body).toMatchObject({
      state: 'closed',
      closeReason: 'insufficient-funds',
    })
    const again = (await payer.pay((await payer.quote(1_000)).body.quoteId)).body
    expect(again).toMatchObject({ state: 'paid', slotNumber: order.slotNumber })
  })

  it('out of order ends it by what is definite: a late “pending” and a repeated success change nothing', async () => {
    const order = await pendingOrder()
    const news = [{ orderNo: order.orderNo, state: 'pending' }, success(order)]
    for (const one of [...news, ...news]) expect((await notify(one)).status).toBe(200)
    expect(await state(order.orderNo)).toBe('paid')
  })

  it('twice at once ends it once', async () => {
    const order = await pendingOrder()
    const before = await received()
    const both = await Promise.all([1, 2, 3, 4].map(() => notify(success(order))))
    expect(both.map((one) => one.status)).toEqual([200, 200, 200, 200])
    expect((await received()).orderCount).toBe(before.orderCount + 1)
  })

  it.each([
    ['amount', { amountFen: 1 }],
    ['payee', { payee: 'acct-M0002' }],
    ['currency', { currency: 'HKD' }],
  ])('of another %s ends nothing and is an alarm', async (what, other) => {
    const order = await pendingOrder()
    const before = await alarms(`other-${what}`)
    expect((await notify({ ...success(order), ...other })).status).toBe(200)
    expect(await state(order.orderNo)).toBe('paying')
    expect(await alarms(`other-${what}`)).toBe(before + 1)
    expect((await notify(success(order))).status).toBe(200)
    expect(await state(order.orderNo)).toBe('paid')
  })

  it('of a success for a closed order changes nothing and is an alarm: the money moved', async () => {
    const order = await pendingOrder()
    await notify(refusal(order.orderNo))
    const before = await received()
    expect(await alarms('success-after-close')).toBe(0)
    expect((await notify(success(order))).status).toBe(200)
    expect(await state(order.orderNo)).toBe('closed')
    expect(await alarms('success-after-close')).toBe(1)
    expect(await received()).toEqual(before)
    // The door stays shut for the other contradictions too.
    const paid = await pendingOrder()
    await notify(success(paid))
    await notify(success(paid, 'T-another'))
    await notify(refusal(paid.orderNo))
    expect(await state(paid.orderNo)).toBe('paid')
    expect([await alarms('other-trade-no'), await alarms('decline-after-paid')]).toEqual([1, 1])
  })

  it('that it was declined ends it, by whatever code', async () => {
    const order = await pendingOrder()
    expect((await notify(refusal(order.orderNo, 'moon-phase'))).status).toBe(200)
    expect(await state(order.orderNo)).toBe('closed')
  })

  it('is refused when it is forged, changed, stale or sent again, and ends nothing', async () => {
    const order = await pendingOrder()
    const stranger = signer(sandboxKeys(system.dataDir).bank.client.privateKey)
    const nonce = randomBytes(16).toString('hex')
    expect((await notify({ orderNo: order.orderNo, state: 'pending' }, { nonce })).status).toBe(200)
    const forged: [Sent, string][] = [
      [{ sign: stranger }, 'signature-invalid'],
      [{ body: JSON.stringify(success(order, 'T-changed')) }, 'signature-invalid'],
      [{ timestamp: String(Date.now() - 400_000) }, 'clock-skew'],
      [{ nonce }, 'nonce-reused'],
    ]
    for (const [sent, detail] of forged)
      expect(await notify(success(order), sent)).toMatchObject({
        status: 403,
        body: { code: 'notice-refused', detail },
      })
    expect(await state(order.orderNo)).toBe('paying')
    expect(await alarms('notice-refused')).toBe(forged.length)
    const { status } = await system.call('POST', PATH, { body: success(order) })
    expect(status).toBe(403)
  })

  it('of an order that isn’t ours is a 404 and an alarm; no other channel has a door', async () => {
    expect(await notify(success({ orderNo: 'F20261121-XXXX-XXXX-XXXX', payableFen: 1_000 }))).toMatchObject({
      status: 404,
    })
    expect(await alarms('notice-of-unknown-order')).toBe(1)
    expect((await system.call('POST', '/channel/alipay/notify', { body: {} })).status).toBe(404)
  })
})

describe('a success after the bank had no answer for long', () => {
  it('ends the order as paid, whenever it comes', async () => {
    const system = await startTestSystem({ BANK_TIMEOUT_MS: '3000' })
    try {
      const payer = await system.payer('payer-1')
      await system.bank.faults(
        { mode: 'lose-reply', on: ['pay'], times: 1 },
        { mode: 'error-before', on: ['query', 'close'] },
      )
      const { body } = await payer.pay((await payer.quote(10_000)).body.quoteId)
      const stuck = async () => {
        const { body: metrics } = await system.call('GET', '/metrics')
        return /^fapai_orders_unknown 1$/m.test(metrics as string) && (await system.bank.struck()) > 2
      }
      await eventually(async () => (await stuck()) || undefined)
      expect((await payer.order(body.orderNo)).body.state).toBe('paying')
      await system.bank.clearFaults()
      expect(await payer.ended(body.orderNo)).toMatchObject({ state: 'paid' })
      const { body: metrics } = await system.call('GET', '/metrics')
      expect(metrics).toMatch(/^fapai_orders_unknown 0$/m)
      expect(metrics).toMatch(/^fapai_orders_unknown_oldest_seconds 0$/m)
    } finally {
      await system.stop()
    }
  })
})
