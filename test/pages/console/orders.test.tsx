import { fireEvent, screen } from '@testing-library/react'
import { REFUSES_US } from '../../../server/domain/channel'
import { at, main, openConsole, press, serve, setUp, then } from '../../support/console'
import { refusal } from '../../support/console-bff'
import { adminOrder, adminRefund } from '../../support/console-desk'

setUp()

const rows = () =>
  [...document.querySelectorAll('tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent))
const NO = 'F20261120-7K3M-92QX-4T8B'

describe('the list of orders', () => {
  it('shows the figures of each, and none for one that moved no money', async () => {
    const closed = adminOrder({ orderNo: 'F2', state: 'closed', closeReason: 'insufficient-funds' })
    const refunded = adminOrder({ payerRefundedFen: 3_000 })
    serve({ 'GET /admin/orders': () => ({ data: { items: [refunded, closed] } }) })
    await openConsole('orders')
    expect(rows().map((row) => row.slice(3))).toEqual([
      ['✓ 已付款', '100.00', '10.00', '95.00已退 30.00', '105.00'],
      ['■ 已关闭', '100.00', '—', '—', '—'],
    ])
  })

  it('asks by merchant, campaign, date and state from the address', async () => {
    const desk = serve({ 'GET /admin/orders': () => ({ data: { items: [] } }) })
    await openConsole('orders?merchantCode=M0001&campaignId=food-street&date=2026-11-20&state=paid')
    expect(String(desk.sent('GET /admin/orders').at(-1)?.query)).toBe(
      'merchantCode=M0001&campaignId=food-street&date=2026-11-20&state=paid',
    )
    await press('有优惠')
    expect(desk.sent('GET /admin/orders').at(-1)?.query.get('discounted')).toBe('true')
    expect(main()).toContain('没有符合条件的订单')
  })

  it('does not ask for half a merchant code', async () => {
    const desk = serve({ 'GET /admin/orders': () => ({ data: { items: [] } }) })
    await openConsole('orders')
    fireEvent.change(screen.getByLabelText('商户号'), { target: { value: '老街' } })
    const before = desk.sent('GET /admin/orders').length
    await press('查找')
    expect(screen.getByText('请填完整的商户号')).toBeTruthy()
    expect(desk.sent('GET /admin/orders')).toHaveLength(before)
  })

  it('says of each without a discount why', async () => {
    const plain = adminOrder({ discountFen: 0, campaignId: null, slot: null, reason: 'sold-out' })
    serve({ 'GET /admin/orders': () => ({ data: { items: [plain] } }) })
    await openConsole('orders')
    expect(rows()[0]?.[5]).toBe('—今日优惠已发完')
  })

  it('says when it could not be read, and reads again', async () => {
    const desk = serve({ 'GET /admin/orders': () => 'offline' })
    await openConsole('orders')
    expect(screen.getByRole('alert').textContent).toContain('网络不通')
    desk.routes['GET /admin/orders'] = () => ({ data: { items: [adminOrder()] } })
    await press('重试')
    expect(rows()).toHaveLength(1)
  })
})

describe('an order', () => {
  const opened = async (order = adminOrder(), refunds = [adminRefund()]) => {
    const desk = serve({
      [`GET /admin/orders/${NO}`]: () => ({ data: order }),
      'GET /admin/refunds': () => ({ data: { items: refunds } }),
    })
    await openConsole(`orders/${NO}`)
    return desk
  }
  const figures = () => [...document.querySelectorAll('.c-figure')].map((one) => one.textContent)

  it('leads with its four figures', async () => {
    await opened()
    expect(figures()).toEqual([
      '顾客付¥95.00订单 ¥100.00，优惠 ¥5.00',
      '商户收¥105.00订单 ¥100.00，奖励 ¥5.00',
      '补贴¥10.00用了当天第 8 张牌',
      '补贴科目6421-03归属网点的科目',
    ])
  })

  it('shows postings that sum to nought, and no account of the payer', async () => {
    await opened()
    expect(rows().slice(0, 3)).toEqual([
      ['付款方', '（不显示）', '付款清算', '−95.00'],
      ['补贴科目', '6421-03', '付款清算', '−10.00'],
      ['商户', 'acct-M0001', '付款清算', '+105.00'],
    ])
    expect(document.querySelector('tfoot')?.textContent).toBe('合计0.00')
    expect(main()).toContain('借贷相抵，合计为零')
  })

  it('says how the payer was made sure of, of a small amount that nobody was', async () => {
    await opened(adminOrder({ verification: 'none' }))
    expect(main()).toContain('付款验证小额免密，未验证')
  })

  it('cries out when they do not', async () => {
    const order = adminOrder()
    await opened(adminOrder({ postings: order.postings.slice(1) }))
    expect(main()).toContain('借贷不平，请立即报告')
    expect(main()).not.toContain('合计为零')
  })

  it('says that a closed order moved nothing and gave its card back', async () => {
    await opened(
      adminOrder({ state: 'closed', closeReason: 'insufficient-funds', postings: [], channelTradeNo: null }),
      [],
    )
    expect(figures()[0]).toContain('顾客付（未发生）')
    expect(figures()[2]).toContain('曾预占当天第 8 张牌，已退回')
    expect(main()).toContain('账户余额不足，没有扣款（insufficient-funds）')
    expect(main()).toContain('没有动账')
  })

  it('tells its life in words, an answer that came again and again as one', async () => {
    const at = (s: number) => `2026-11-20T04:08:0${s}.000Z`
    const noted = (s: number) => ({ at: at(s), kind: 'noted', verb: 'query', code: null, conflict: null })
    await opened(
      adminOrder({
        events: [
          { at: at(0), kind: 'opened', verb: null, code: null, conflict: null },
          noted(1),
          noted(3),
          noted(7),
          { at: at(8), kind: 'noted', verb: 'notify', code: null, conflict: 'other-trade-no' },
          { at: at(9), kind: 'paid', verb: 'query', code: null, conflict: null },
        ],
      }),
    )
    expect([...document.querySelectorAll('.c-life li')].map((step) => step.textContent)).toEqual([
      '下单2026年11月20日 12:08:00',
      '渠道还没有定论 × 32026年11月20日 12:08:01 至 12:08:07',
      '渠道回复2026年11月20日 12:08:08 · 来自渠道通知! 渠道流水号与先前不同，由对账处理',
      '付款成功2026年11月20日 12:08:09 · 来自查单',
    ])
  })

  const told = () =>
    [...(document.querySelector('[aria-label="各方看到的"]')?.querySelectorAll('dd') ?? [])].map(
      (one) => one.textContent,
    )

  it('says what the payer and the merchant were told, in the words of their own pages', async () => {
    await opened(
      adminOrder({
        ...{ amountFen: 3_500, discountFen: 0, payerDiscountFen: 0, merchantRewardFen: 0, payableFen: 3_500 },
        ...{ merchantReceivesFen: 3_500, campaignId: null, slot: null, reason: 'sold-out' },
      }),
    )
    expect(told()).toEqual([
      '今日优惠已发完，可以原价付款；应付 ¥35.00',
      '支付成功 ¥35.00',
      '收款 ¥35.00，共到账 ¥35.00',
    ])
    expect(figures()[2]).toBe('补贴¥0.00今日优惠已发完')
    expect(main()).toContain('没有优惠今日优惠已发完（sold-out）')
  })

  it('that closed told the payer why, and the merchant nothing', async () => {
    await opened(adminOrder({ state: 'closed', closeReason: 'insufficient-funds', postings: [] }))
    expect(told()).toEqual([
      '优惠 ¥5.00，应付 ¥95.00',
      '没有扣款：账户余额不足。请换一个账户，或换一种方式付款',
      '收款列表里没有这一笔，也没有播报',
    ])
  })

  it('shows the channel’s own words to whom the books are open, once they ask', async () => {
    const desk = await opened()
    desk.routes[`GET /admin/orders/${NO}/replies`] = () => ({
      data: { items: [{ at: '2026-11-20T04:08:31.000Z', verb: 'pay', said: { code: 'ok', name: '（不显示）' } }] },
    })
    expect(desk.sent(`GET /admin/orders/${NO}/replies`)).toEqual([])
    await press('看渠道的原始回复')
    expect(document.querySelector('.c-replies')?.textContent).toContain('"name": "（不显示）"')
  })

  it('has no such words for who only looks', async () => {
    serve({
      [`GET /admin/orders/${NO}`]: () => ({ data: adminOrder() }),
      'GET /admin/refunds': () => ({ data: { items: [] } }),
    })
    await openConsole(`orders/${NO}`, { roles: ['viewer'] })
    expect(main()).not.toContain('渠道原文')
  })

  it('has its own refunds below', async () => {
    const desk = await opened(adminOrder({ payerRefundedFen: 3_000 }))
    expect(desk.sent('GET /admin/refunds').at(-1)?.query.get('orderNo')).toBe(NO)
    expect(main()).toContain('已退 ¥30.00 / ¥95.00')
    expect(main()).toContain('少上了一份')
  })

  it('that is not there says so', async () => {
    serve({ 'GET /admin/orders/NOPE': () => refusal(404, 'order-not-found', 'orderNo') })
    await openConsole('orders/NOPE')
    expect(main()).toContain('没有找到这笔订单')
    expect(screen.queryByRole('button', { name: '重试' })).toBeNull()
  })
})

describe('refunds', () => {
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()
  const open = (refundNo: string, minutes: number) =>
    adminRefund({ refundNo, state: 'refunding', createdAt: minutesAgo(minutes), endedAt: null })

  it('that the bank has left open too long stand out, whatever is filtered', async () => {
    const desk = serve({
      'GET /admin/refunds': ({ query }) => ({
        data: { items: query.get('state') === 'refunding' ? [open('R2', 1), open('R1', 95)] : [adminRefund()] },
      }),
    })
    await openConsole('refunds?date=2026-11-20&state=refunded')
    expect(main()).toContain('有 1 笔退款一直没有结果，最久的已等 1 小时 35 分')
    await press('看是哪些')
    expect(at()).toBe('refunds?state=refunding')
    expect(rows().map((row) => row[2])).toEqual(['… 结果未定', '… 结果未定已等 1 小时 35 分'])
    expect(desk.sent('GET /admin/refunds').at(-1)?.query.get('date')).toBeNull()
  })

  it('that no waiting mends say who is to do what, from their first minute on', async () => {
    const abnormal = { ...open('R1', 1), channel: 'wechatpay' as const, lastCode: 'refund-abnormal' }
    serve({ 'GET /admin/refunds': () => ({ data: { items: [abnormal] } }) })
    await openConsole('refunds?state=refunding')
    expect(rows()[0]?.[2]).toBe('… 结果未定顾客的收款卡不可用，钱在渠道处：请在渠道的商户平台指定退到哪里')
  })

  it.each(['bad-signature', ...REFUSES_US])(
    'that the channel refuses us for (%s) are said to be ours to mend',
    async (lastCode) => {
      serve({ 'GET /admin/refunds': () => ({ data: { items: [{ ...open('R1', 1), lastCode }] } }) })
      await openConsole('refunds?state=refunding')
      expect(rows()[0]?.[2]).toMatch(/：请.*核对/)
    },
  )

  it('that failed say why', async () => {
    const failed = adminRefund({ state: 'failed', failReason: 'insufficient-merchant-funds' })
    serve({ 'GET /admin/refunds': ({ query }) => ({ data: { items: query.get('state') ? [] : [failed] } }) })
    await openConsole('refunds')
    expect(rows()[0]?.[2]).toBe('! 退款失败商户账户余额不足')
    expect(main()).not.toContain('一直没有结果')
    await then(() => {})
  })
})
