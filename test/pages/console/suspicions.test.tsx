import type { ChangeRequestView, SuspicionItem, SuspicionView } from '@contract'
import { fireEvent, screen } from '@testing-library/react'
import { at, main, openConsole, press, serve, setUp, then } from '../../support/console'

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
  clawBack: null,
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
  changes: [],
  holds: [],
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
    expect(screen.getByRole('img', { name: /每笔订单的时间与金额.*付款人 1 一人有 3 笔/ })).toBeTruthy()
  })

  it('turns to another of its days', async () => {
    const desk = serve({
      [`GET ${PATH}`]: ({ query }) => ({ data: { ...VIEW, date: query.get('date') ?? VIEW.date } }),
    })
    await openConsole(`suspicions/${ITEM.suspicionId}`, MAKER)
    await press(/11月19日/)
    expect(desk.sent(`GET ${PATH}`).at(-1)!.query.get('date')).toBe('2026-11-19')
  })

  it('that is gone says so', async () => {
    serve({ [`GET ${PATH}`]: () => ({ status: 404, data: { code: 'suspicion-not-found', status: 404 } }) })
    await openConsole(`suspicions/${ITEM.suspicionId}`, MAKER)
    expect(main()).toContain('没有找到这条可疑记录')
  })
})

describe('what is decided about it', () => {
  const CHANGE: ChangeRequestView = {
    changeId: 'R1',
    kind: 'farming.claw-back',
    subject: `suspicion/${ITEM.suspicionId}`,
    branchCode: null,
    before: null,
    after: { totalFen: 800, orders: [{}, {}] },
    lineCount: 0,
    delayed: true,
    note: '都是十元',
    askedBy: 'maker',
    askedAt: '2026-11-21T01:00:00.000Z',
    state: 'open',
    reviewedBy: null,
    reviewedAt: null,
    reviewNote: null,
    effectiveAt: null,
    reason: null,
    revision: 3,
    mayApprove: true,
    mayReject: true,
    mayWithdraw: false,
  }
  const asked = { status: 202, data: { change: CHANGE, half: null } }
  const write = (text: string) =>
    then(() => void fireEvent.change(document.querySelector('dialog textarea')!, { target: { value: text } }))

  it('is asked for by a maker: the ticked orders, how much, and why', async () => {
    const desk = serve({ [`GET ${PATH}`]: () => ({ data: VIEW }), [`POST ${PATH}/claw-back`]: () => asked })
    await openConsole(`suspicions/${ITEM.suspicionId}`, MAKER)
    expect((screen.getByRole('button', { name: /先勾选订单/ }) as HTMLButtonElement).disabled).toBe(true)
    await then(() => screen.getByLabelText('选中 F20261120-1').click())
    await then(() => screen.getByLabelText('选中 F20261120-2').click())
    await press('收回 2 笔奖励')
    expect(document.querySelector('dialog')?.textContent).toContain('最多 ¥8.00')
    await press('提交复核')
    expect(document.querySelector('dialog')?.textContent).toContain('请先写明原因')
    await write('都是十元')
    await press('提交复核')
    expect(desk.sent(`POST ${PATH}/claw-back`).map(({ body }) => body)).toEqual([
      { orderNos: ['F20261120-1', 'F20261120-2'], note: '都是十元' },
    ])
  })

  it('holds the shop where nothing is ticked, and the payers of what is', async () => {
    const desk = serve({ [`GET ${PATH}`]: () => ({ data: VIEW }), [`POST ${PATH}/hold`]: () => asked })
    await openConsole(`suspicions/${ITEM.suspicionId}`, MAKER)
    for (const tick of [false, true]) {
      if (tick) await then(() => screen.getByLabelText('选中 F20261120-1').click())
      await press('停发优惠')
      await write('先停')
      await press('提交复核')
    }
    const bodies = desk.sent(`POST ${PATH}/hold`).map(({ body }) => body as { merchant: boolean; payersOf: string[] })
    expect(bodies.map(({ merchant, payersOf }) => [merchant, payersOf])).toEqual([
      [true, []],
      [false, ['F20261120-1']],
    ])
  })

  it('is reviewed on the same page, as it was seen', async () => {
    const desk = serve({
      [`GET ${PATH}`]: () => ({ data: { ...VIEW, state: 'reviewing', changes: [CHANGE] } }),
      'POST /admin/changes/R1/approve': () => ({ data: { change: CHANGE, half: null } }),
    })
    await openConsole(`suspicions/${ITEM.suspicionId}`, { username: 'checker', roles: ['checker'] })
    expect(main()).toContain('收回 2 笔奖励，共 ¥8.00')
    expect(main()).toContain('maker 提出于')
    expect(screen.queryByRole('button', { name: '停发优惠' })).toBeNull()
    await press('通过')
    await then(() => screen.getAllByRole('button', { name: '通过' }).at(-1)!.click())
    const [sent] = desk.sent('POST /admin/changes/R1/approve')
    expect(sent!.headers.get('If-Match')).toBe('"3"')
  })

  it('says when it was clawed back, and why not', async () => {
    const clawBacks = [
      { refundNo: 'R1', fen: 400, state: 'refunded' as const, failReason: null },
      { refundNo: 'R2', fen: 400, state: 'failed' as const, failReason: 'insufficient-merchant-funds' },
      null,
    ]
    const shown = { ...VIEW, orders: orders.map((order, i) => ({ ...order, clawBack: clawBacks[i] ?? null })) }
    serve({ [`GET ${PATH}`]: () => ({ data: shown }) })
    await openConsole(`suspicions/${ITEM.suspicionId}`, MAKER)
    expect(main()).toContain('已收回4.00')
    expect(main()).toContain('没有收成商户账户余额不足')
  })

  it('is asked for by all that can be taken back: those that were, are ticked for themselves alone', async () => {
    const clawBacks = [
      { refundNo: 'R1', fen: 400, state: 'refunded' as const, failReason: null },
      { refundNo: 'R2', fen: 400, state: 'failed' as const, failReason: 'account-frozen' },
      null,
    ]
    const shown = { ...VIEW, orders: orders.map((order, i) => ({ ...order, clawBack: clawBacks[i] ?? null })) }
    const desk = serve({ [`GET ${PATH}`]: () => ({ data: shown }), [`POST ${PATH}/claw-back`]: () => asked })
    await openConsole(`suspicions/${ITEM.suspicionId}`, MAKER)
    const ticked = () =>
      [...document.querySelectorAll<HTMLInputElement>('td input[type=checkbox]')].map(({ checked }) => checked)
    await then(() => screen.getByLabelText('选中 F20261120-0').click())
    expect((screen.getByRole('button', { name: '勾选的都已收回' }) as HTMLButtonElement).disabled).toBe(true)
    await then(() => screen.getByLabelText('选中 F20261120-0').click())
    await then(() => screen.getByLabelText('全选').click())
    expect(ticked()).toEqual([false, true, true])
    await then(() => screen.getByLabelText('选中 F20261120-0').click())
    await press('收回 2 笔奖励')
    expect(document.querySelector('dialog')?.textContent).toContain('最多 ¥8.00')
    await write('都是十元')
    await press('提交复核')
    expect(desk.sent(`POST ${PATH}/claw-back`).map(({ body }) => body)).toEqual([
      { orderNos: ['F20261120-1', 'F20261120-2'], note: '都是十元' },
    ])
  })
})
