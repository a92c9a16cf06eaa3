import { eventually } from '../../../harness/system'
import { actInWechat } from '../../../harness/wechatpay'
import { channelNo } from '../../../server/domain/channel'
import type { AdminRefundList, OrderView } from '../../../server/http/contract'
import { startWechatpayHouse, type WechatpayHouse } from '../../support/wechatpay-house'

/** WeChat Pay's misdeeds, its people's and strangers', and what they come to through the BFF. */

describe('an order at WeChat Pay', () => {
  let house: WechatpayHouse
  beforeAll(async () => {
    house = await startWechatpayHouse()
  })
  beforeEach(() => house.calm())
  afterAll(() => house?.stop())

  const ready = (order: OrderView) =>
    eventually(async () => {
      const now = await house.view(order)
      return now.action || now.state !== 'paying' ? now : undefined
    })
  const act = async (order: OrderView, deed: Parameters<typeof actInWechat>[1]) =>
    actInWechat((await ready(order)).action!, deed)

  it('shows what is to be done, carries no discount, and is paid once the person has confirmed in WeChat', async () => {
    const order = await house.opened()
    expect(order).toMatchObject({ state: 'paying', discountFen: 0, action: { kind: 'jsapi' } })
    const { params } = order.action!
    expect(params).toMatchObject({ signType: 'RSA', package: expect.stringMatching(/^prepay_id=wx/) })
    expect((await house.view(order)).action).toEqual(order.action)
    expect(
      await actInWechat({ params: { sandboxUrl: params.sandboxUrl!.replace('paySign=', 'paySign=x') } }, 'confirm'),
    ).toBe('refused')
    expect(await act(order, 'confirm')).toBe('paid')
    expect((await house.tell(order.orderNo))?.status).toBe(200)
    expect(await house.view(order)).toMatchObject({ state: 'paid', action: null })
  })

  it('of a person who cancels or gets the password wrong may still be paid; who leaves is closed at WeChat, for good', async () => {
    const [tried, left] = [await house.opened(), await house.opened()]
    expect(await act(tried, 'cancel')).toBe('cancelled')
    expect(await act(tried, 'wrong-password')).toBe('wrong-password')
    expect((await house.view(tried)).state).toBe('paying')
    expect(await act(tried, 'confirm')).toBe('paid')
    expect(await house.ended(tried)).toMatchObject({ state: 'paid' })
    expect(await house.ended(left)).toMatchObject({ state: 'closed', closeReason: 'order-closed', action: null })
    expect((await house.there(left.orderNo))?.state).toBe('closed')
    expect(await actInWechat(left.action!, 'confirm')).toBe('over')
  })

  it('of a person who confirms while the close is on its way is paid', async () => {
    await house.admin.faults({ fault: { mode: 'paid-meanwhile' }, limits: { on: ['close'] } })
    const order = await house.opened()
    expect(await house.ended(order)).toMatchObject({ state: 'paid' })
  })

  it('whose closes come to nothing stays open, and is asked about until one does not', async () => {
    await house.admin.faults({ fault: { mode: 'lose-request' }, limits: { on: ['close'] } })
    const order = await house.opened()
    await eventually(async () => ((await house.admin.struck()) >= 1 ? true : undefined))
    expect((await house.view(order)).state).toBe('paying')
    await house.admin.faults()
    expect(await house.ended(order)).toMatchObject({ state: 'closed' })
  })

  /** An order whose own prepay met it, and not that of a question about one before. */
  async function meets(fault: Parameters<typeof house.admin.faults>[0]['fault']): Promise<OrderView> {
    for (;;) {
      await house.admin.faults({ fault, limits: { on: ['prepare'], times: 1 } })
      const order = await house.opened()
      if (order.action === null) return order
    }
  }

  it('that is unknown after a lost, broken, forged or unsigned answer is found by a question, or closed', async () => {
    const opened: OrderView[] = []
    for (const fault of [
      { mode: 'lose-reply' },
      { mode: 'error-after' },
      { mode: 'bad-signature' },
      { mode: 'refuse', status: 400, code: 'PARAM_ERROR', unsigned: true },
    ] as const) {
      opened.push(await meets(fault))
    }
    for (const order of opened) expect(order).toMatchObject({ state: 'paying', action: null })
    const ends = opened.map(async (order) => {
      const found = await ready(order)
      if (found.action) await actInWechat(found.action, 'confirm')
      return (await house.ended(order)).state
    })
    expect(await Promise.all(ends)).toEqual(['paid', 'paid', 'paid', 'closed'])
  })

  it('that WeChat Pay refuses under its signature is closed at once, and the payer told', async () => {
    await house.admin.faults({
      fault: { mode: 'refuse', status: 403, code: 'RULE_LIMIT' },
      limits: { on: ['prepare'] },
    })
    expect(await house.opened()).toMatchObject({ state: 'closed', closeReason: 'wallet-refused', action: null })
  })

  it('is ended by a notice alone: before any reply, late, three times over, each acknowledged', async () => {
    await house.admin.faults(
      { fault: { mode: 'lose-reply' }, limits: { on: ['prepare'] } },
      { fault: { mode: 'lose-request' }, limits: { on: ['query', 'close'] } },
    )
    await house.admin.notices({ url: house.notifyUrl, times: 3, delayMs: 200, retries: 2 })
    const order = await house.opened()
    expect(order.action).toBeNull()
    await house.admin.confirm(channelNo(order.orderNo))
    expect(await house.ended(order)).toMatchObject({ state: 'paid' })
    const sent = await eventually(async () => {
      const all = (await house.admin.sent()).filter(({ number }) => number === channelNo(order.orderNo))
      return all.length >= 3 ? all : undefined
    })
    expect(sent.map(({ status }) => status)).toEqual([200, 200, 200])
  })

  it('is ended by no notice of another amount, sub-merchant or currency, and each is an alarm', async () => {
    await house.admin.faults({ fault: { mode: 'lose-request' }, limits: { on: ['query', 'close'] } })
    const order = await house.opened()
    await act(order, 'confirm')
    for (const [twist, code] of [
      ['wrong-amount', 'other-amount'],
      ['wrong-payee', 'other-payee'],
      ['wrong-currency', 'other-currency'],
    ] as const) {
      const before = await house.alarms(code)
      await house.tell(order.orderNo, twist)
      expect((await house.view(order)).state).toBe('paying')
      expect(await house.alarms(code)).toBe(before + 1)
    }
    expect((await house.tell(order.orderNo))?.status).toBe(200)
    expect(await house.view(order)).toMatchObject({ state: 'paid' })
  })

  it('is ended by no probe, forgery, stale or foreign notice; each is refused and an alarm', async () => {
    await house.admin.faults({ fault: { mode: 'lose-request' }, limits: { on: ['query', 'close'] } })
    const order = await house.opened()
    await act(order, 'confirm')
    const before = await house.alarms('notice-refused')
    const twists = [
      'probe',
      'flipped',
      'stale',
      'bad-signature',
      'unknown-serial',
      'other-seal',
      'other-provider',
      'other-app',
    ] as const
    for (const twist of twists) expect([401, 403]).toContain((await house.tell(order.orderNo, twist))?.status)
    expect(await house.alarms('notice-refused')).toBe(before + twists.length)
    expect((await house.tell(order.orderNo, 'unknown-number'))?.status).toBe(404)
    expect((await house.view(order)).state).toBe('paying')
    expect((await house.tell(order.orderNo))?.status).toBe(200)
    expect(await house.view(order)).toMatchObject({ state: 'paid' })
  })

  it('signed by a platform certificate is believed once that was fetched', async () => {
    await house.admin.ways({ signing: 'certificate' })
    const order = await house.opened()
    expect(await act(order, 'confirm')).toBe('paid')
    expect((await house.tell(order.orderNo))?.status).toBe(200)
    expect(await house.view(order)).toMatchObject({ state: 'paid' })
    await house.admin.ways({ signing: 'public-key' })
  })

  it('paid in the mini-program, is told to WeChat as handed over, and once alone', async () => {
    const order = await house.opened()
    await act(order, 'confirm')
    const { transactionId, request } = (await house.there(order.orderNo))!
    const { payments, shipped } = house.wechat.deliveries
    payments.set(transactionId, { appId: request.sp_appid, openId: request.payer.sp_openid })
    const before = house.wechat.deliveries.asked
    await house.tell(order.orderNo)
    await eventually(async () => shipped.get(transactionId))
    expect(shipped.get(transactionId)).toEqual({
      told: JSON.stringify([4, [{ item_desc: '老街牛肉面 到店消费' }]]),
      changed: false,
    })
    expect(house.wechat.deliveries.asked).toBeGreaterThan(before)
  })

  describe('as a receipt in WeChat’s page after the payment', () => {
    const receipt = async (path: string, headers: Record<string, string> = {}) => {
      const reply = await fetch(house.url + path, { headers })
      const text = await reply.text()
      const frames = /frame-ancestors (.*)$/.exec(reply.headers.get('content-security-policy') ?? '')?.[1]
      return { status: reply.status, text, frames, style: /data-style="(\w+)"/.exec(text)?.[1] }
    }
    const payee = async ({ orderNo }: OrderView) => (await house.there(orderNo))!.request.sub_mchid

    it('says what the ledger says, whatever stands in the address, and may be framed by WeChat Pay alone', async () => {
      const order = await house.opened(12_345)
      const path = house.receiptPath(order.orderNo, await payee(order))
      const lied = `${path}&state=paid&amount=1&merchant=%3Cscript%3E`
      const before = await receipt(lied)
      expect(before).toMatchObject({ status: 200, style: 'SHOW_CUSTOM_PAGE' })
      expect(before.frames).toBe(new URL(house.wechatpayUrl).origin)
      expect(before.text).toContain('正在确认付款结果')
      expect(before.text).not.toContain('付款成功')
      await act(order, 'confirm')
      await house.tell(order.orderNo)
      const after = await receipt(lied)
      for (const said of ['付款成功', '¥123.45', order.orderNo, '返回店铺', 'data-to="/q/M0001"'])
        expect(after.text).toContain(said)
      expect(after.text).not.toContain('<script>')
    })

    it('of an address that WeChat Pay didn’t make, or of another shop, says nothing and asks for WeChat’s own page', async () => {
      const order = await house.opened()
      const shop = await payee(order)
      const good = house.receiptPath(order.orderNo, shop)
      const code = new URLSearchParams(good.split('?')[1]).get('check_code')!
      const forged = [
        house.receiptPath(order.orderNo, shop, 'x'.repeat(32)),
        house.receiptPath(order.orderNo, `${shop}0`),
        house.receiptPath('F20260101-AAAA-AAAA-AAAA', shop),
        good.replace(code, ''),
        good.replace(code, '0'.repeat(32)),
        good.replace(code, '中'.repeat(32)),
        `${good}&check_code=${code}`,
        good.replace(/out_trade_no=[^&]*/, 'out_trade_no=x'),
        '/channel/wechatpay/receipt',
        '/channel/wechatpay/receipt?check_code[]=%E0%A4%A',
      ]
      for (const path of forged) {
        const { status, style, text, frames } = await receipt(path)
        expect([path, status, style]).toEqual([path, 404, 'SHOW_OFFICIAL_PAGE'])
        expect(frames).toBe(new URL(house.wechatpayUrl).origin)
        expect(text).not.toMatch(/¥|F2026|M0001/)
      }
      for (const none of ['/channel/bank/receipt', '/channel/nobody/receipt'])
        expect(await receipt(none)).toMatchObject({ status: 404, frames: "'none'" })
      for (const page of ['/', good.replace('/receipt', '/notify'), '/api/merchants/M0001'])
        expect((await receipt(page)).frames).toBe("'none'")
    })
  })

  describe('once paid', () => {
    const paid = async (amountFen = 2_000) => {
      const order = await house.opened(amountFen)
      await act(order, 'confirm')
      await house.tell(order.orderNo)
      return house.ended(order)
    }
    /** WeChat Pay has done it, and tells. */
    const done = async (refundNo: string) => {
      await house.admin.settle(channelNo(refundNo))
      return house.tell(refundNo)
    }
    const back = async (order: OrderView) => (await house.view(order)).refundedFen

    it('goes back in parts and in all, each when WeChat Pay has done it, and no fen more', async () => {
      const order = await paid()
      for (const fen of [500, 1_500]) {
        const { status, body } = await house.refund(order, fen)
        expect([status, body.state]).toEqual([200, 'refunding'])
        await done(body.refundNo)
        expect(await house.refundEnded(order, body.refundNo)).toMatchObject({ state: 'refunded', payerFen: fen })
      }
      expect(await back(order)).toBe(2_000)
      expect((await house.refund(order, 1)).body).toMatchObject({ code: 'refund-above-paid' })
    })

    it('does not go back when WeChat Pay closes the refund, or its shop has nothing there; another may', async () => {
      const order = await paid()
      await house.admin.ways({ refundFate: 'CLOSED' })
      const closed = (await house.refund(order, 2_000)).body
      expect(await house.refundEnded(order, closed.refundNo)).toMatchObject({
        state: 'failed',
        failReason: 'refund-closed',
      })
      await house.calm()
      const account = (await house.there(order.orderNo))!.request.sub_mchid
      const had = await house.admin.balance(account)
      await house.admin.balance(account, 1)
      expect((await house.refund(order, 2_000)).body).toMatchObject({
        state: 'failed',
        failReason: 'insufficient-merchant-funds',
      })
      await house.admin.balance(account, had)
      const again = (await house.refund(order, 2_000)).body
      await done(again.refundNo)
      expect((await house.refundEnded(order, again.refundNo)).state).toBe('refunded')
      expect(await back(order)).toBe(2_000)
    })

    it('whose refund finds no card stays under way, for its money is out, and ends when somebody has settled it', async () => {
      const order = await paid()
      await house.admin.ways({ refundFate: 'ABNORMAL' })
      const { refundNo } = (await house.refund(order, 2_000)).body
      await eventually(async () => {
        const found = (await house.admin.refunds()).find(({ request }) => request.out_refund_no === channelNo(refundNo))
        return found?.status === 'ABNORMAL' ? true : undefined
      })
      await eventually(async () => ((await house.alarms('refund-abnormal')) > 0 ? true : undefined))
      const token = await house.operator('checker')
      const { items } = (await house.call<AdminRefundList>('GET', '/admin/refunds?state=refunding', { token })).body
      const seen = { refundNo, channel: 'wechatpay', lastCode: 'refund-abnormal' }
      expect(items).toContainEqual(expect.objectContaining(seen))
      expect((await house.refund(order, 1)).body).toMatchObject({ code: 'refund-above-paid' })
      expect(await back(order)).toBe(0)
      await house.admin.settle(channelNo(refundNo))
      expect((await house.tell(refundNo))?.status).toBe(200)
      expect((await house.refundEnded(order, refundNo)).state).toBe('refunded')
    })

    it('is in a bill that balances; planted mistakes are found, each on its day', async () => {
      const token = await house.operator('checker')
      const at = (date: string, rest = '') => `/admin/reconciliations/${date}${rest}?channel=wechatpay`
      const order = await paid(3_000)
      await done((await house.refund(order, 1_000)).body.refundNo)
      const classes: string[] = []
      const find = async (date: string) => {
        const path = at(date, '/differences')
        const { items } = (await house.call<{ items: { class: string }[] }>('GET', path, { token })).body
        return items.map((one) => one.class)
      }
      const days: string[] = []
      // What is left out is short once the next day hasn't brought it.
      for (const fault of ['leave-out', 'none', 'wrong-amount', 'twice', 'phantom'] as const) {
        if (days.length > 0) await paid(1_500)
        await house.admin.bill(fault)
        const date = await house.admin.cut()
        days.push(date)
        const day = await house.call('POST', at(date), { token })
        expect(day.body).toMatchObject({ channel: 'wechatpay', date, proven: expect.any(Boolean) })
      }
      for (const date of days) classes.push(...(await find(date)))
      expect(classes.sort()).toEqual(['amountMismatch', 'duplicate', 'long', 'short'])
      expect(await find(days[1]!)).toEqual(expect.not.arrayContaining(['amountMismatch', 'duplicate', 'long']))
    })
  })
})
