import { eventually } from '../../../harness/system'
import { actInWechat } from '../../../harness/wechatpay'
import { channelNo } from '../../../server/domain/channel'
import type { OrderView } from '../../../server/http/contract'
import { startWechatpayHouse, type WechatpayHouse } from '../../support/wechatpay-house'

/** WeChat Pay's misdeeds, its people's and strangers', and what they come to through the BFF. */

describe('an order at WeChat Pay', () => {
  let house: WechatpayHouse
  beforeAll(async () => {
    house = await startWechatpayHouse()
  }, 120_000)
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
  }, 300_000)

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
  }, 300_000)

  it('of a person who confirms while the close is on its way is paid', async () => {
    await house.admin.faults({ fault: { mode: 'paid-meanwhile' }, limits: { on: ['close'] } })
    const order = await house.opened()
    expect(await house.ended(order)).toMatchObject({ state: 'paid' })
  }, 300_000)

  it('whose closes come to nothing stays open, and is asked about until one does not', async () => {
    await house.admin.faults({ fault: { mode: 'lose-request' }, limits: { on: ['close'] } })
    const order = await house.opened()
    await eventually(async () => ((await house.admin.struck()) >= 1 ? true : undefined))
    expect((await house.view(order)).state).toBe('paying')
    await house.admin.faults()
    expect(await house.ended(order)).toMatchObject({ state: 'closed' })
  }, 300_000)

  it('that is unknown after a lost, broken, forged or unsigned answer is found by a question, or closed', async () => {
    const opened: OrderView[] = []
    for (const fault of [
      { mode: 'lose-reply' },
      { mode: 'error-after' },
      { mode: 'bad-signature' },
      { mode: 'refuse', status: 400, code: 'PARAM_ERROR', unsigned: true },
    ] as const) {
      await house.admin.faults({ fault, limits: { on: ['prepare'], times: 1 } })
      opened.push(await house.opened())
    }
    for (const order of opened) expect(order).toMatchObject({ state: 'paying', action: null })
    const ends = opened.map(async (order) => {
      const found = await ready(order)
      if (found.action) await actInWechat(found.action, 'confirm')
      return (await house.ended(order)).state
    })
    expect(await Promise.all(ends)).toEqual(['paid', 'paid', 'paid', 'closed'])
  }, 300_000)

  it('that WeChat Pay refuses under its signature is closed at once, and the payer told', async () => {
    await house.admin.faults({
      fault: { mode: 'refuse', status: 403, code: 'RULE_LIMIT' },
      limits: { on: ['prepare'] },
    })
    expect(await house.opened()).toMatchObject({ state: 'closed', closeReason: 'wallet-refused', action: null })
  }, 300_000)

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
  }, 300_000)

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
  }, 300_000)

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
  }, 300_000)

  it('signed by a platform certificate is believed once that was fetched', async () => {
    await house.admin.ways({ signing: 'certificate' })
    const order = await house.opened()
    expect(await act(order, 'confirm')).toBe('paid')
    expect((await house.tell(order.orderNo))?.status).toBe(200)
    expect(await house.view(order)).toMatchObject({ state: 'paid' })
    await house.admin.ways({ signing: 'public-key' })
  }, 300_000)

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
    }, 300_000)

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
    }, 300_000)

    it('whose refund finds no card stays under way, for its money is out, and ends when somebody has settled it', async () => {
      const order = await paid()
      await house.admin.ways({ refundFate: 'ABNORMAL' })
      const { refundNo } = (await house.refund(order, 2_000)).body
      await eventually(async () => {
        const found = (await house.admin.refunds()).find(({ request }) => request.out_refund_no === channelNo(refundNo))
        return found?.status === 'ABNORMAL' ? true : undefined
      })
      expect((await house.refund(order, 1)).body).toMatchObject({ code: 'refund-above-paid' })
      expect(await back(order)).toBe(0)
      await house.admin.settle(channelNo(refundNo))
      expect((await house.tell(refundNo))?.status).toBe(200)
      expect((await house.refundEnded(order, refundNo)).state).toBe('refunded')
    }, 300_000)

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
    }, 300_000)
  })
})
