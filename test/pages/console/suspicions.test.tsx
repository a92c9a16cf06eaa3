import type { SuspicionItem, SuspicionView } from '@contract'
import { screen } from '@testing-library/react'
import { at, main, openConsole, press, serve, setUp } from '../../support/console'

setUp()

const MAKER = { username: 'maker', roles: ['maker' as const] }
const ITEM: SuspicionItem = {
  suspicionId: '2026-11-20.M0003.food-street',
  campaignId: 'food-street',
  campaignName: '美食街扫码立减',
  merchantCode: 'M0003',
  merchantName: '老街糖水铺',
  branchCode: 'B01',
  branchName: '城南支行',
  state: 'open',
  decision: null,
  decidedAt: null,
  score: 95,
  firstDate: '2026-11-19',
  lastDate: '2026-11-20',
  days: 2,
  dismissedBefore: 1,
}
const orders: SuspicionView['orders'] = [0, 1, 2].map((i) => ({
  orderNo: `F20261120-${i}`,
  createdAt: `2026-11-20T01:0${i}:00.000Z`,
  amountFen: 1_000,
  payableFen: 600,
  discountFen: 800,
  merchantRewardFen: 400,
  refundedFen: 0,
  payer: 1,
}))
const evidence = [
  {
    indicator: 'same-payer' as const,
    points: 60,
    hits: 2,
    of: 3,
    usualPercent: 5,
    orderNos: ['F20261120-1', 'F20261120-2'],
  },
]
const VIEW: SuspicionView = {
  ...ITEM,
  evidenceDays: [
    { date: '2026-11-20', score: 95, evidence },
    { date: '2026-11-19', score: 70, evidence },
  ],
  date: '2026-11-20',
  orders,
}
const PATH = `/admin/suspicions/${ITEM.suspicionId}`

describe('the queue of suspicions', () => {
  it('shows the worst first, and says that a score is no verdict', async () => {
    const desk = serve({ 'GET /admin/suspicions': () => ({ data: { items: [ITEM] } }) })
    await openConsole('suspicions', MAKER)
    expect(main()).toContain('不是结论')
    expect(main()).toContain('老街糖水铺M0003')
    expect(main()).toContain('此前排除过 1 次')
    expect(desk.sent('GET /admin/suspicions')[0]!.query.get('state')).toBe('open')
    await press('已有结论')
    expect(at()).toBe('suspicions?state=decided')
    expect(desk.sent('GET /admin/suspicions').at(-1)!.query.get('state')).toBe('decided')
  })

  it('says that nobody stands out, and what failed', async () => {
    serve({ 'GET /admin/suspicions': () => ({ data: { items: [] } }) })
    await openConsole('suspicions', MAKER)
    expect(main()).toContain('没有需要核查的商户')
  })

  it('offers to read again when it could not be read', async () => {
    serve({ 'GET /admin/suspicions': () => 'offline' })
    await openConsole('suspicions', MAKER)
    expect(screen.getByRole('button', { name: /重试|再试/ })).toBeTruthy()
  })

  it('isn’t shown to who may not open it', async () => {
    await openConsole('suspicions', { username: 'viewer', roles: ['viewer'] })
    expect(main()).toContain('没有权限')
  })
})

describe('a suspicion', () => {
  it('says what is unusual beside what is usual and what an honest reason could be, and marks the orders that tell of it', async () => {
    serve({ [`GET ${PATH}`]: () => ({ data: VIEW }) })
    await openConsole(`suspicions/${ITEM.suspicionId}`, MAKER)
    expect(main()).toContain('3 笔里有 2 笔，付款人当天已在本店享过优惠')
    expect(main()).toContain('也可能：活动若允许一人多次')
    const rows = [...document.querySelectorAll('tbody tr')].map((row) => row.textContent)
    expect(rows.filter((row) => row?.includes('F20261120') && row.includes('一人多次'))).toHaveLength(2)
    expect(screen.getByRole('link', { name: 'F20261120-1' }).getAttribute('href')).toBe('#/console/orders/F20261120-1')
    expect(screen.getByRole('img', { name: /每笔订单的时间与金额.*付款人 1 有 3 笔/ })).toBeTruthy()
  })

  it('turns to another of its days', async () => {
    const desk = serve({
      [`GET ${PATH}`]: ({ query }) => ({ data: { ...VIEW, date: query.get('date') ?? VIEW.date } }),
    })
    await openConsole(`suspicions/${ITEM.suspicionId}`, MAKER)
    await press(/11-19/)
    expect(desk.sent(`GET ${PATH}`).at(-1)!.query.get('date')).toBe('2026-11-19')
  })

  it('that is gone says so', async () => {
    serve({ [`GET ${PATH}`]: () => ({ status: 404, data: { code: 'suspicion-not-found', status: 404 } }) })
    await openConsole(`suspicions/${ITEM.suspicionId}`, MAKER)
    expect(main()).toContain('没有找到这条可疑记录')
  })
})
