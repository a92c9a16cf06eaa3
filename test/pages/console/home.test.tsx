import type { HomeView } from '@contract'
import { screen } from '@testing-library/react'
import { at, main, openConsole, press, serve, setUp, then } from '../../support/console'
import { refusal, reviewOf } from '../../support/console-bff'
import { dayOf } from '../../support/console-desk'
import { homeOf } from '../../support/console-home'

setUp()

const MAKER = { username: 'maker', roles: ['maker' as const] }
const open = async (more: Partial<HomeView> = {}, routes = {}) => {
  const desk = serve({ 'GET /admin/home': () => ({ data: homeOf(more) }), ...routes })
  await openConsole('', MAKER)
  return desk
}
const figures = () => [...document.querySelectorAll('.c-figure')].map((one) => one.textContent)
const card = (title: string) => screen.getByRole('region', { name: title })
const lines = () =>
  [...card('要处理的').querySelectorAll('li')].map((one) => [
    one.textContent,
    one.querySelector('a')!.getAttribute('href')!.replace('#/console/', ''),
  ])
const NOTHING = {
  stuck: { count: 0, fen: 0, since: null },
  books: {
    closing: [dayOf({ date: '2026-11-19', state: 'balanced', openCount: 0 })],
    differences: { count: 0, more: false },
    todo: { count: 0, more: false },
    suspicions: { count: 0, more: false },
  },
}

describe('the first page', () => {
  it('is where one arrives, and tells how today is going', async () => {
    await open()
    expect(at()).toBe('home')
    expect(main()).toContain('2026年11月20日 · 12:08:30 的数字')
    expect(figures()).toEqual([
      '今日订单（笔）1,284成交 ¥43,210.00',
      '今日补贴¥1,812.40231 笔有优惠，发出的牌最多 ¥3,204.80',
      '剩余名额169 / 40020 副牌，3 副已售罄',
      '本行渠道占比50.0%642 笔走本行渠道',
      '未了结付款（笔）2¥190.50，最久 1 小时 5 分',
    ])
  })

  it('has every figure lead to its rows', async () => {
    await open()
    const hrefs = [...document.querySelectorAll('.c-figure a')].map((a) => a.getAttribute('href'))
    expect(hrefs).toEqual([
      '#/console/orders?from=2026-11-20&to=2026-11-20&state=paid',
      '#/console/orders?from=2026-11-20&to=2026-11-20&state=paid&discounted=true',
      '#/console/orders?from=2026-11-20&to=2026-11-20&state=paid&channel=bank',
      '#/console/orders?stuck=true',
    ])
    const cells = [...card('进行中的活动').querySelectorAll('tbody tr > *')].map((cell) => cell.textContent)
    expect(cells).toEqual([
      '美食街扫码立减',
      '1,280',
      '50.0%640 笔',
      '1,812.40 / 最多 3,204.80',
      '169 / 4003 户售罄',
      '36 天',
      '2026年12月31日还有 41 天',
    ])
    expect(screen.getByRole('link', { name: '3 户售罄' }).getAttribute('href')).toBe(
      '#/console/campaigns/food-street?only=sold-out',
    )
    expect(screen.getByRole('link', { name: '1,812.40' }).getAttribute('href')).toBe(
      '#/console/orders?campaignId=food-street&from=2026-11-20&to=2026-11-20&state=paid',
    )
  })

  it('lists what waits for somebody, each with its way there', async () => {
    const [one] = homeOf().campaigns
    await open(
      {
        campaigns: [{ ...one!, daysLeft: 1.4, runsShort: true, endDate: '2026-11-22', short: 2, state: 'paused' }],
        books: {
          closing: [dayOf({ date: '2026-11-19' }), dayOf({ channel: 'alipay', date: '2026-11-19', state: 'missing' })],
          differences: { count: 3, more: false },
          todo: { count: 100, more: true },
          suspicions: { count: 1, more: false },
        },
      },
      { 'GET /admin/reviews': () => ({ data: { items: [reviewOf()] } }) },
    )
    expect(lines()).toEqual([
      ['待我复核1 项', 'reviews'],
      ['付款超过一刻钟没有结果2 笔', 'orders?stuck=true'],
      ['差错没有了结3 条', 'reconciliation'],
      ['超过一天没有了结的付款、退款和差错100 以上 条', 'todo'],
      ['可疑交易没有结论1 户', 'suspicions'],
      ['支付宝昨日未对账2026年11月19日', 'reconciliation/2026-11-19?channel=alipay'],
      ['美食街扫码立减：预算快用完按近 7 天还够 1 天', 'campaigns/food-street'],
      ['美食街扫码立减：因预算少发了牌2 户', 'campaigns/food-street?only=short'],
      ['美食街扫码立减：暂停中', 'campaigns/food-street'],
      ['美食街扫码立减：即将结束还有 2 天', 'campaigns/food-street'],
    ])
    expect(card('昨日结账').textContent).toContain('支付宝○ 未对账')
  })

  it('alarms nobody over a budget that lasts as long as its campaign', async () => {
    const [one] = homeOf().campaigns
    await open({ ...NOTHING, campaigns: [{ ...one!, daysLeft: 2.1, endDate: '2026-11-21' }] })
    expect(lines()).toEqual([['美食街扫码立减：即将结束还有 1 天', 'campaigns/food-street']])
  })

  it('is calm when there is nothing, and of a day without campaigns says where they are', async () => {
    const none = { merchants: 0, slots: 0, used: 0, soldOut: 0, mostFen: 0 }
    const today = { ...homeOf().today, orderCount: 0, ownCount: 0, discountCount: 0, amountFen: 0, discountFen: 0 }
    await open({ ...NOTHING, campaigns: [], cards: none, today })
    expect(card('要处理的').textContent).toContain('没有要处理的')
    expect(main()).toContain('今天没有进行中的活动')
    expect(figures().slice(2)).toEqual([
      '剩余名额—今天还没有发牌',
      '本行渠道占比—0 笔走本行渠道',
      '未了结付款（笔）0没有超过一刻钟的',
    ])
  })

  it('tells a clerk who sees no books what yesterday came to, and nothing of its close', async () => {
    await open({ ...NOTHING, books: null, yesterday: { ...homeOf().yesterday, orderCount: 7 } })
    expect(card('昨日结账').textContent).toContain('7 笔')
    expect(card('昨日结账').textContent).not.toContain('平账')
  })

  it('keeps what it showed when it can’t be read anew, and says so', async () => {
    const desk = await open()
    desk.routes['GET /admin/home'] = () => refusal(503, 'too-much-to-read')
    await then(() => void document.dispatchEvent(new Event('visibilitychange')))
    expect(main()).toContain('没能更新')
    expect(figures()).toHaveLength(5)
    desk.routes['GET /admin/home'] = () => ({ data: homeOf({ today: { ...homeOf().today, orderCount: 9 } }) })
    await press('重试')
    expect(figures()[0]).toBe('今日订单（笔）9成交 ¥43,210.00')
  })
})
