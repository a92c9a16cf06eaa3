import type { AdminOrderDetail, AroundView, OperatorView, SearchResult } from '@contract'
import { fireEvent, screen } from '@testing-library/react'
import { at, main, openConsole, press, serve, setUp } from '../../support/console'
import { refusal } from '../../support/console-bff'
import { adminOrder } from '../../support/console-desk'

setUp()

const rows = () =>
  [...document.querySelectorAll('tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent))
const NO = 'F20261120-7K3M-92QX-4T8B'

describe('the box for everything', () => {
  const nothing: SearchResult = {
    read: {
      orderNos: [],
      refundNos: [],
      numbers: [],
      amountFen: null,
      days: null,
      hours: null,
      code: null,
      plain: false,
      words: [],
    },
    merchants: [],
    orders: [],
    refunds: [],
    span: null,
    whole: true,
    archived: [],
  }
  const served = (found: Partial<SearchResult>) =>
    serve({
      'GET /admin/orders': () => ({ data: { items: [] } }),
      'GET /admin/search': () => ({ data: { ...nothing, ...found } }),
      [`GET /admin/orders/${NO}`]: () => ({ data: adminOrder() }),
      'GET /admin/refunds': () => ({ data: { items: [] } }),
    })
  async function look(text: string) {
    fireEvent.change(screen.getByRole('searchbox'), { target: { value: text } })
    await press('查')
  }

  it('is on every page, and leads from a number straight to its order', async () => {
    const desk = served({ read: { ...nothing.read, orderNos: [NO] }, orders: [adminOrder()] })
    await openConsole('orders')
    await look(' f20261120 7k3m 92qx 4t8b ')
    expect(desk.sent('GET /admin/search')[0]?.query.get('q')).toBe('f20261120 7k3m 92qx 4t8b')
    expect(at()).toBe(`orders/${NO}`)
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe(NO)
  })

  it('says how it was understood, and lists what fits', async () => {
    const hours = { from: 39_600_000, until: 50_400_000 }
    const read = { ...nothing.read, words: ['M0003'], amountFen: 3_500, hours, plain: true, code: 'sold-out' }
    const order = adminOrder({ discountFen: 0, reason: 'sold-out' })
    const span = { from: '2026-11-14', to: '2026-11-20' }
    served({ read, span, merchants: [{ code: 'M0003', name: '甜水铺' }], orders: [order], whole: false })
    await openConsole('search?q=M0003%2035')
    expect([...document.querySelectorAll('.find__read .c-pill')].map((one) => one.textContent)).toEqual([
      '商户含“M0003”',
      '订单或实付 ¥35.00',
      '2026年11月14日 至 11月20日',
      '11:00–14:00',
      '没有优惠',
      '原因 今日优惠已发完',
    ])
    expect(screen.getByRole('link', { name: '甜水铺（M0003）' }).getAttribute('href')).toBe('#/console/merchants/M0003')
    expect(rows()).toHaveLength(1)
    expect(main()).toContain('太多，没有全部列出')
    expect(at()).toBe('search?q=M0003%2035')
  })

  it('says what to try where nothing fits', async () => {
    served({ read: { ...nothing.read, words: ['豆花35元'] } })
    await openConsole('search?q=x')
    expect(main()).toContain('没有名称或编号含“豆花35元”的商户')
    served({ read: { ...nothing.read, numbers: ['4200002345'] } })
    await look('4200002345')
    expect(main()).toContain('号码请核对每一位')
  })

  it('says what can be typed, before anything is', async () => {
    const desk = served({})
    await openConsole('search')
    expect(main()).toContain('可以这样查')
    expect(desk.sent('GET /admin/search')).toEqual([])
  })
})

describe('a refund from the console', () => {
  const preview = { payerFen: 3_500, merchantFen: 3_868, glFen: 368, leftFen: 9_500 }
  async function opened(operator: Partial<OperatorView> = {}, order = adminOrder()) {
    const desk = serve({
      [`GET /admin/orders/${NO}`]: () => ({ data: order }),
      'GET /admin/refunds': () => ({ data: { items: [] } }),
      [`GET /admin/orders/${NO}/refund-preview`]: () => ({ data: preview }),
      [`POST /admin/orders/${NO}/refund`]: () => ({ status: 202, data: { change: {}, half: null } }),
    })
    await openConsole(`orders/${NO}`, operator)
    return desk
  }
  const fill = (label: string, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } })

  it('is looked at before it is asked for, and then waits for a colleague', async () => {
    const desk = await opened()
    await press('申请退款')
    fill('退给顾客', '￥35.00')
    await press('看怎样退')
    expect(document.querySelector('.c-fault')?.textContent).toContain('请写明原因')
    fill('原因（商户会看到）', '投诉属实')
    fill('退给顾客', '3,5')
    await press('看怎样退')
    expect(document.querySelector('.c-fault')?.textContent).toContain('小数点请用“.”')
    fill('退给顾客', '￥35.00')
    await press('看怎样退')
    expect(desk.sent(`GET /admin/orders/${NO}/refund-preview`)[0]?.query.get('amountFen')).toBe('3500')
    expect(document.querySelector('dialog')?.textContent).toContain('商户退出¥38.68')
    expect(desk.sent(`POST /admin/orders/${NO}/refund`)).toEqual([])
    await press('提交复核')
    expect(desk.sent(`POST /admin/orders/${NO}/refund`)[0]?.body).toEqual({
      amountFen: 3_500,
      leftFen: 9_500,
      reason: '投诉属实',
    })
    expect(main()).toContain('退款 ¥35.00已提交复核')
  })

  it('says what the server refuses, and looks anew', async () => {
    const desk = await opened()
    desk.routes[`POST /admin/orders/${NO}/refund`] = () => refusal(409, 'refunded-meanwhile', 'leftFen')
    await press('申请退款')
    fill('原因（商户会看到）', '投诉属实')
    await press('看怎样退')
    await press('提交复核')
    expect(document.querySelector('.c-fault')?.textContent).toContain('刚刚又有一笔退款')
    await press('看怎样退')
    expect(desk.sent(`GET /admin/orders/${NO}/refund-preview`)).toHaveLength(2)
  })

  it('whose answer was lost is the same request when it is sent again, and of what is left now only when that was told', async () => {
    const desk = await opened()
    desk.routes[`POST /admin/orders/${NO}/refund`] = () => 'offline'
    await press('申请退款')
    fill('退给顾客', '35')
    fill('原因（商户会看到）', '投诉属实')
    await press('看怎样退')
    await press('提交复核')
    await press('提交复核')
    expect(desk.sent(`POST /admin/orders/${NO}/refund`).map(({ body }) => body)).toEqual(
      Array(2).fill({ amountFen: 3_500, leftFen: 9_500, reason: '投诉属实' }),
    )
    // a colleague has approved it meanwhile
    desk.routes[`GET /admin/orders/${NO}/refund-preview`] = () => ({ data: { ...preview, leftFen: 6_000 } })
    await press('改一改')
    await press('看怎样退')
    expect(document.querySelector('.c-fault')?.textContent).toContain('刚刚又有一笔退款')
    expect(screen.queryByRole('button', { name: '提交复核' })).toBeNull()
    await press('看怎样退')
    expect(document.querySelector('dialog')?.textContent).toContain('退后还可以退¥25.00')
  })

  it.each([
    ['who reviews', { roles: ['checker'] }, adminOrder()],
    ['who audits', { roles: ['auditor'] }, adminOrder()],
    ['a closed order', {}, adminOrder({ state: 'closed', postings: [] })],
    ['one given back whole', {}, adminOrder({ payerRefundedFen: 9_500 })],
  ] as [string, Partial<OperatorView>, AdminOrderDetail][])(
    'isn’t offered to, or of, %s',
    async (_, operator, order) => {
      await opened(operator, order)
      expect(screen.queryByRole('button', { name: '申请退款' })).toBeNull()
    },
  )
})

describe('what happened around an order', () => {
  const at = (time: string) => `2026-11-20T${time}.000Z`
  const around = (more: Partial<AroundView> = {}): AroundView => ({
    from: at('03:53:30'),
    until: at('04:23:30'),
    decks: [
      {
        ...{ campaignId: 'food-street', campaignName: '新春立减', cards: 20, used: 20, open: 1 },
        ...{ dealtAt: at('00:00:00'), closedAt: null },
      },
    ],
    stops: [],
    orders: [adminOrder({ orderNo: 'F1', createdAt: at('04:00:00') }), adminOrder({ reason: 'sold-out' })],
    whole: true,
    ...more,
  })
  const opened = async (more?: Partial<AroundView>) => {
    const desk = serve({ [`GET /admin/orders/${NO}/around`]: () => ({ data: around(more) }) })
    await openConsole(`orders/${NO}/around`)
    return desk
  }

  it('is the cards of that moment, and which order was asked about', async () => {
    const desk = await opened()
    expect(main()).toContain('共 20 张，已用 20（其中 1 张还没有结果），剩 0')
    expect(main()).toContain('下单时没有暂停')
    expect(rows().map((row) => row[0]?.includes('→ 本单'))).toEqual([false, true])
    await press('1 小时')
    expect(desk.sent(`GET /admin/orders/${NO}/around`).at(-1)?.query.get('minutes')).toBe('60')
  })

  it('says what was stopped just then, and not what was let go before or stopped after', async () => {
    const stop = (time: string, subject: string, action: string, kind: string | null = null) => ({
      ...{ at: at(time), by: 'maker', action, subject, kind, note: null },
    })
    await opened({
      stops: [
        stop('01:00:00', 'brake/all', 'brake.pull'),
        stop('02:00:00', 'brake/all', 'change.apply', 'brake.release'),
        stop('03:00:00', 'merchant/M0001', 'merchant.pause'),
        stop('04:20:00', 'campaign/food-street', 'campaign.pause'),
      ],
    })
    const held = [...document.querySelectorAll('.c-pill')].map((one) => one.textContent)
    expect(held.filter((words) => words?.includes('下单时'))).toEqual(['■ 下单时已暂停：商户 M0001'])
    expect([...document.querySelectorAll('.c-life .c-strong')].map((one) => one.textContent)).toEqual([
      '全部优惠：暂停',
      '全部优惠：复核通过，恢复',
      '商户 M0001：暂停',
      '活动 food-street：暂停',
    ])
  })
})
