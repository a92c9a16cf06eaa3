import { fireEvent, screen, within } from '@testing-library/react'
import { main, openConsole, press, serve, setUp, then } from '../../support/console'
import { campaignOf, comparisonOf, outlookOf, refusal, reviewOf } from '../../support/console-bff'

setUp()

const CHECKER = { username: 'checker', roles: ['checker' as const] }
const rows = () =>
  [...document.querySelectorAll('tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent))
const dialog = () => within(screen.getByRole('dialog'))

describe('the inbox of reviews', () => {
  it('shows what changes, field by field, before and after, as a person reads it', async () => {
    const diff = [
      { field: 'rule.thresholdFen', before: null, after: 1_000 },
      { field: 'rule.bandPercent', before: null, after: 80 },
      { field: 'branchBudgets', before: [], after: [{ branchCode: 'B01', budgetFen: 100 }] },
      { field: 'branchCode', before: null, after: null },
      { field: 'addMerchantCodes', before: null, after: ['M0021', 'M0022'] },
      { field: 'state', before: 'running', after: 'paused' },
    ]
    serve({ 'GET /admin/reviews': () => ({ data: { items: [reviewOf({ diff })] } }) })
    await openConsole('reviews', CHECKER)
    expect(rows()).toEqual([
      ['门槛', '—', '¥10.00'],
      ['集中区间占比', '—', '80%'],
      ['网点预算', '不另设', 'B01 ¥1.00'],
      ['范围', '—', '全行'],
      ['增加商户', '—', '2 家：M0021、M0022'],
      ['状态', '进行中', '已暂停'],
    ])
    expect(main()).toContain('说明：商户反应好，延长一个月')
  })

  it('approves what was looked at, after naming what follows', async () => {
    const desk = serve({
      'GET /admin/reviews': () => ({ data: { items: [reviewOf()] } }),
      'POST /admin/campaigns/food-street/approve': () => ({ data: campaignOf() }),
    })
    await openConsole('reviews', CHECKER)
    await press('通过')
    expect(screen.getByRole('dialog').textContent).toContain('修改立即生效')
    desk.routes['GET /admin/reviews'] = () => ({ data: { items: [] } })
    await then(() => dialog().getByRole('button', { name: '通过' }).click())
    const [sent] = desk.sent('POST /admin/campaigns/food-street/approve')
    expect([sent?.body, sent?.headers.get('If-Match')]).toEqual([{}, '"7"'])
    expect(main()).toContain('没有等待复核或生效的变更')
  })

  it('says of a launch that was rejected before what changed since, and which merchants came, went and changed sides', async () => {
    const since = {
      changeId: 'ch-0',
      by: 'checker2',
      at: '2026-11-18T02:00:00.000Z',
      note: '预算太高',
      diff: [{ field: 'budgetFen', before: 20_000_000, after: 15_000_000 }],
    }
    const line = (code: string, was: 'merchant' | 'control' | null, role: 'merchant' | 'control' | null) => ({
      ...{ code, was, role, name: `店 ${code}`, branchCode: 'B01', branchName: '城南支行' },
    })
    const counts = { compared: true, merchants: 21, controls: 4, added: 1, removed: 1, turned: 1 }
    const items = [
      line('M0002', 'merchant', null),
      line('M0003', 'control', 'merchant'),
      line('M0004', null, 'merchant'),
    ]
    const path = 'GET /admin/campaigns/food-street/review'
    const desk = serve({
      'GET /admin/reviews': () => ({ data: { items: [reviewOf({ kind: 'launch', diff: [] })] } }),
      [path]: ({ query }) => ({
        data: comparisonOf({
          since,
          counts,
          items: query.get('show') === 'all' ? [line('M0001', 'merchant', 'merchant'), ...items] : items,
        }),
      }),
    })
    await openConsole('reviews', CHECKER)
    expect(main()).toContain('checker2 于 2026年11月18日 10:00:00 驳回过：预算太高。从那以后改了 1 项，名单也有变动。')
    expect(main()).toContain('商户：参与 21 家，对照 4 家；新增 1 家，移除 1 家，1 家换了名单')
    expect(rows()).toEqual([
      ['总预算', '¥200,000.00', '¥150,000.00'],
      ['店 M0002M0002', '城南支行', '—', '移除（原为参与）'],
      ['店 M0003M0003', '城南支行', '参与', '由对照改为参与'],
      ['店 M0004M0004', '城南支行', '参与', '新增参与'],
    ])
    await press('看全部商户')
    expect(desk.sent(path).at(-1)?.query.get('show')).toBe('all')
    expect(rows()[1]).toEqual(['店 M0001M0001', '城南支行', '参与', '不变'])
  })

  it('shows what it would come to: the cost against what is left, a deck, and which lines of the rules are new', async () => {
    const few = { ...outlookOf().forecast!, budgetLastsDays: 52.6, days: 80 }
    const desk = serve({
      'GET /admin/reviews': () => ({ data: { items: [reviewOf()] } }),
      'GET /admin/campaigns/food-street/review/preview': () => ({ data: outlookOf({ forecast: few }) }),
    })
    await openConsole('reviews', CHECKER)
    expect(main()).toContain('剩下 80 天要花多少')
    expect(main()).toContain('预算还剩 ¥120,000.00')
    expect(main()).toContain('按预测，预算只够约 52 天，活动有 80 天')
    expect(main()).toContain('20 家商户，80 天，1,000 次模拟')
    expect(screen.getByText('照这些参数随机发的一副牌').parentElement?.querySelectorAll('circle')).toHaveLength(20)
    expect(main()).toContain('顾客会看到的规则全文：1 处与现在公示的不同')
    expect([...document.querySelectorAll('mark')].map((line) => line.textContent)).toEqual([
      '2026-11-10 至 2027-02-07，每日 0:00–24:00（北京时间）',
    ])
    expect(desk.sent('GET /admin/campaigns/food-street/review/preview')).toHaveLength(1)
  })

  it('names what could not be kept, with its sums, before anybody approves it', async () => {
    const message = 'the decks of one day of its merchants can cost 360000 fen'
    const faults = [{ field: 'budgetFen', code: 'budget-below-one-day', message }]
    serve({
      'GET /admin/reviews': () => ({ data: { items: [reviewOf({ kind: 'launch', diff: [] })] } }),
      'GET /admin/campaigns/food-street/review/preview': () => ({ data: outlookOf({ faults, published: null }) }),
    })
    await openConsole('reviews', CHECKER)
    expect(main()).toContain('总预算：不够所有参与商户发第一天的牌，请提高预算或减少商户、名额（要 ¥3,600.00）')
    expect(main()).toContain('80 天要花多少')
    expect(main()).toContain('顾客会看到的规则全文')
    expect(document.querySelectorAll('mark')).toHaveLength(0)
  })

  it('names the priority that ties, and where, when approving is refused', async () => {
    serve({
      'GET /admin/reviews': () => ({ data: { items: [reviewOf()] } }),
      'POST /admin/campaigns/food-street/approve': () =>
        refusal(409, 'priority-tie', 'priority', undefined, '夜市随机减 (night-market) at M0007'),
    })
    await openConsole('reviews', CHECKER)
    await press('通过')
    await then(() => dialog().getByRole('button', { name: '通过' }).click())
    expect(dialog().getByRole('alert').textContent).toContain(
      '商户 M0007 同时参加“夜市随机减”（night-market），优先级相同',
    )
  })

  it('rejects only with a reason', async () => {
    const desk = serve({
      'GET /admin/reviews': () => ({ data: { items: [reviewOf()] } }),
      'POST /admin/campaigns/food-street/reject': () => ({ data: campaignOf() }),
    })
    await openConsole('reviews', CHECKER)
    await press('驳回')
    await then(() => dialog().getByRole('button', { name: '驳回' }).click())
    expect(desk.sent('POST /admin/campaigns/food-street/reject')).toEqual([])
    fireEvent.change(dialog().getByLabelText('为什么驳回'), { target: { value: ' 预算未批 ' } })
    await then(() => dialog().getByRole('button', { name: '驳回' }).click())
    expect(desk.sent('POST /admin/campaigns/food-street/reject').map(({ body }) => body)).toEqual([
      { note: '预算未批' },
    ])
  })

  it('marks one’s own as not one’s to review', async () => {
    serve({ 'GET /admin/reviews': () => ({ data: { items: [reviewOf({ madeBy: 'checker', mayReview: false })] } }) })
    await openConsole('reviews', { username: 'checker', roles: ['maker', 'checker'] })
    expect(main()).toContain('自己提交的，由同事复核')
    expect(screen.queryByRole('button', { name: '通过' })).toBeNull()
  })

  it('says that a colleague was faster', async () => {
    serve({
      'GET /admin/reviews': () => ({ data: { items: [reviewOf()] } }),
      'POST /admin/campaigns/food-street/approve': () => refusal(409, 'no-open-change'),
    })
    await openConsole('reviews', CHECKER)
    await press('通过')
    await then(() => dialog().getByRole('button', { name: '通过' }).click())
    expect(dialog().getByRole('alert').textContent).toBe('! 没有等待复核的变更，可能已被同事处理')
  })
})
