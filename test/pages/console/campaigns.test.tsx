import { fireEvent, screen } from '@testing-library/react'
import { at, main, openConsole, press, serve, setUp, then } from '../../support/console'
import { campaignSummary, changeOf, refusal } from '../../support/console-bff'

setUp()

const rows = () =>
  [...document.querySelectorAll('tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent))

describe('the list of campaigns', () => {
  it('shows each with its state, period, scope, merchants and budget, as words and as a bar', async () => {
    const paused = campaignSummary({
      campaignId: 'night',
      name: '夜市',
      state: 'paused',
      branchCode: 'B01',
      openChange: changeOf({ kind: 'resume' }),
    })
    serve({ 'GET /admin/campaigns': () => ({ data: { items: [campaignSummary(), paused] } }) })
    await openConsole('campaigns')
    expect(rows()).toEqual([
      [
        '美食街扫码立减满10元最高减5元',
        '▶ 进行中',
        '2026年11月1日 至 12月31日',
        '全行',
        '20',
        '¥31,593.80 / ¥150,000.00',
        '暂停',
      ],
      [
        '夜市满10元最高减5元',
        '❚❚ 已暂停恢复待复核',
        '2026年11月1日 至 12月31日',
        'B01',
        '20',
        '¥31,593.80 / ¥150,000.00',
        '',
      ],
    ])
    expect(screen.getAllByRole('img', { name: '预算已占用 21%' })).toHaveLength(2)
    expect(screen.getByRole('link', { name: '美食街扫码立减' }).getAttribute('href')).toBe(
      '#/console/campaigns/food-street',
    )
  })

  it('is filtered by what the address says, and the filters change the address', async () => {
    const desk = serve()
    await openConsole('campaigns?state=running&q=%E7%BE%8E')
    expect(String(desk.sent('GET /admin/campaigns').at(-1)?.query)).toBe('state=running&q=%E7%BE%8E')
    expect(screen.getByRole('button', { name: '进行中' }).getAttribute('aria-pressed')).toBe('true')
    await press('已暂停')
    expect(at()).toBe('campaigns?state=paused&q=%E7%BE%8E')
    await then(() => void fireEvent.change(screen.getByLabelText('网点'), { target: { value: 'B02' } }))
    expect(String(desk.sent('GET /admin/campaigns').at(-1)?.query)).toBe('state=paused&branchCode=B02&q=%E7%BE%8E')
  })

  it('asks for a word once it is typed', async () => {
    const desk = serve()
    await openConsole('campaigns')
    const before = desk.sent('GET /admin/campaigns').length
    for (const text of ['夜', '夜市']) fireEvent.change(screen.getByLabelText('搜索'), { target: { value: text } })
    await screen.findByDisplayValue('夜市')
    const deadline = Date.now() + 60_000
    while (desk.sent('GET /admin/campaigns').length === before && Date.now() < deadline) await then(() => {})
    expect(
      desk
        .sent('GET /admin/campaigns')
        .slice(before)
        .map(({ query }) => query.get('q')),
    ).toEqual(['夜市'])
  })

  it('is read a page at a time', async () => {
    const desk = serve({
      'GET /admin/campaigns': ({ query }) =>
        query.get('cursor')
          ? { data: { items: [campaignSummary({ campaignId: 'b', name: '第二' })] } }
          : { data: { items: [campaignSummary()], nextCursor: 'p/2' } },
    })
    await openConsole('campaigns')
    await press('加载更多')
    expect(rows().map(([name]) => name?.slice(0, 2))).toEqual(['美食', '第二'])
    expect(desk.sent('GET /admin/campaigns').at(-1)?.query.get('cursor')).toBe('p/2')
    expect(screen.queryByRole('button', { name: '加载更多' })).toBeNull()
  })

  it('says that nothing fits the filters, and clears them', async () => {
    serve({
      'GET /admin/campaigns': ({ query }) => ({ data: { items: query.get('state') ? [] : [campaignSummary()] } }),
    })
    await openConsole('campaigns?state=ended')
    expect(main()).toContain('没有符合条件的活动')
    await then(() => void fireEvent.click(screen.getByRole('link', { name: '清除条件' })))
    expect(rows()).toHaveLength(1)
  })

  it('says why it could not be read, and reads again when asked to', async () => {
    const desk = serve({ 'GET /admin/campaigns': () => refusal(503, 'ledger-unavailable') })
    await openConsole('campaigns')
    expect(main()).toContain('账本暂时连不上，请稍后重试')
    desk.routes['GET /admin/campaigns'] = () => ({ data: { items: [campaignSummary()] } })
    await press('重试')
    expect(rows()).toHaveLength(1)
  })

  it.each([
    ['maker', 1],
    ['checker', 0],
  ] as const)('offers a new campaign to a %s: %d', async (role, links) => {
    await openConsole('campaigns', { roles: [role] })
    expect(screen.queryAllByRole('link', { name: '新建活动' })).toHaveLength(links)
  })

  it('names what one typed and didn’t save, to go on with or to throw away', async () => {
    const sketch = {
      name: 'campaign:copy-food-street',
      title: '夜市',
      revision: 4,
      updatedAt: '2026-11-20T02:03:00.000Z',
    }
    const PATH = '/admin/sketches/campaign%3Acopy-food-street'
    const desk = serve({
      'GET /admin/sketches': () => ({ data: { items: [sketch] } }),
      [`DELETE ${PATH}`]: () => ({ status: 204, data: undefined }),
    })
    await openConsole('campaigns')
    const link = screen.getByRole('link', { name: '新活动“夜市”，11月20日 10:03' })
    expect(link.getAttribute('href')).toBe('#/console/campaigns/new?from=food-street')
    await press('放弃 新活动“夜市”，11月20日 10:03')
    desk.routes['GET /admin/sketches'] = () => ({ data: { items: [] } })
    await press('放弃')
    expect(desk.sent(`DELETE ${PATH}`)).toHaveLength(1)
    expect(main()).not.toContain('没保存完')
  })

  it('is as long as it was for whoever comes back to it, and begins anew for whoever comes another way', async () => {
    const page = (i: number) => campaignSummary({ campaignId: `c${i}`, name: `第 ${i} 个` })
    const desk = serve({
      'GET /admin/campaigns': ({ query }) =>
        query.get('cursor') ? { data: { items: [page(2)] } } : { data: { items: [page(1)], nextCursor: 'next' } },
    })
    await openConsole('campaigns')
    await press('加载更多')
    expect(rows()).toHaveLength(2)
    const step = history.state as object
    await then(() => void fireEvent.click(screen.getByRole('link', { name: '待复核' })))
    // as the browser does it: the address and its state of then
    await then(() => {
      history.replaceState(step, '', '#/console/campaigns')
      window.dispatchEvent(new PopStateEvent('popstate', { state: step }))
    })
    expect(rows()).toHaveLength(2)
    expect(desk.sent('GET /admin/campaigns').map(({ query }) => query.get('cursor'))).toEqual([
      null,
      'next',
      null,
      'next',
    ])
    await then(() => void fireEvent.click(screen.getByRole('link', { name: '待复核' })))
    await then(() => void fireEvent.click(screen.getByRole('link', { name: '活动' })))
    expect(rows()).toHaveLength(1)
  })
})
