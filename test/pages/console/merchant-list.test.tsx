import type { AdminMerchantDays } from '@contract'
import { fireEvent, screen, within } from '@testing-library/react'
import { at, main, openConsole, press, serve, setUp, then } from '../../support/console'
import type { Asked } from '../../support/console-bff'
import { adminMerchant } from '../../support/console-desk'

setUp()

const LIST = 'GET /admin/merchants'
/** A hundred and twenty merchants, fifty a page, or as many as are asked for. */
const ALL = Array.from({ length: 120 }, (_, i) =>
  adminMerchant({ code: `M${String(i).padStart(4, '0')}`, name: `商户 ${i}`, campaign: null }),
)
const totals = { merchants: 120, unbound: 7, orders: 1_234, discounted: 5 }
function paged({ query }: Asked) {
  const from = Number(query.get('cursor') ?? 0)
  const until = from + Number(query.get('limit') ?? 50)
  const more = until < ALL.length ? { nextCursor: String(until) } : {}
  return { data: { items: ALL.slice(from, until), totals: from === 0 ? totals : null, ...more } }
}
const rows = () => document.querySelectorAll('tbody tr').length
const focused = () => document.activeElement?.textContent
const key = (name: string) => then(() => void fireEvent.keyDown(document.activeElement!, { key: name }))

describe('the list of merchants', () => {
  it('finds the unbound, sorts by a column and turns round, all in the address, and says what all come to', async () => {
    const desk = serve({ [LIST]: paged })
    await openConsole('merchants')
    expect(main()).toContain('共 120 家，未绑定 7 家；今日已付 1,234 笔，有优惠 5 笔')
    expect(screen.getByRole('columnheader', { name: /商户/ }).getAttribute('aria-sort')).toBe('ascending')
    await press('未绑定')
    await press('今日已付')
    expect(at()).toBe('merchants?bound=false&sort=orders&order=desc')
    expect(screen.getByRole('columnheader', { name: /今日已付/ }).getAttribute('aria-sort')).toBe('descending')
    expect(String(desk.sent(LIST).at(-1)!.query)).toBe('bound=false&sort=orders&order=desc')
    await press(/今日已付/)
    expect(at()).toBe('merchants?bound=false&sort=orders')
    await press('商户')
    expect(at()).toBe('merchants?bound=false')
  })

  it('leads from what a merchant sold today to those orders', async () => {
    serve({ [LIST]: paged })
    await openConsole('merchants')
    const link = screen.getAllByRole('link', { name: '12 笔' })[0]!
    expect(link.getAttribute('href')).toBe('#/console/orders?merchantCode=M0000&date=2026-11-20&state=paid')
  })

  it('is gone through by keys, row by row and page by page', async () => {
    serve({ [LIST]: paged })
    await openConsole('merchants')
    screen.getByRole('link', { name: '商户 0' }).focus()
    await key('ArrowDown')
    expect(focused()).toBe('商户 1')
    await key('PageDown')
    expect(focused()).toBe('商户 11')
    await key('ArrowUp')
    await key('Home')
    await key('ArrowUp')
    expect(focused()).toBe('商户 0')
    await key('End')
    expect([focused(), rows()]).toEqual(['商户 49', 50])
    await key('PageDown')
    expect([focused(), rows()]).toEqual(['商户 50', 100])
    await key('End')
    await key('ArrowDown')
    expect([focused(), rows()]).toEqual(['商户 100', 120])
    await key('End')
    await key('ArrowDown')
    expect([focused(), rows()]).toEqual(['商户 119', 120])
  })

  it('goes on at the first of the new rows when the key for more was pressed by keyboard', async () => {
    serve({ [LIST]: paged })
    await openConsole('merchants')
    // a browser says 0 of a click that Enter or the space bar made, and 1 of a pointer's
    await then(() => void fireEvent.click(screen.getByRole('button', { name: '加载更多' }), { detail: 0 }))
    expect([focused(), rows()]).toEqual(['商户 50', 100])
    await then(() => void fireEvent.click(screen.getByRole('button', { name: '加载更多' }), { detail: 1 }))
    expect([focused() === '商户 100', rows()]).toEqual([false, 120])
  })
})

describe('the picker of a campaign’s merchants', () => {
  it('finds by branch, and takes all that is found, of pages that weren’t shown too', async () => {
    const desk = serve({ [LIST]: paged })
    await openConsole('campaigns/new', { roles: ['maker'] })
    const picker = within(screen.getByRole('group', { name: /^参与商户/ }))
    await then(() => void fireEvent.change(picker.getByLabelText('按网点找'), { target: { value: 'B02' } }))
    expect(String(desk.sent(LIST).at(-1)!.query)).toBe('branchCode=B02&disabled=false')
    expect(picker.getByText('找到 120 家')).toBeTruthy()
    await then(() => picker.getByRole('button', { name: '加入 商户 3 M0003' }).click())
    await then(() => picker.getByRole('button', { name: '全部加入（120 家）' }).click())
    expect(desk.sent(LIST).at(-1)!.query.get('limit')).toBe('500')
    expect(screen.getByRole('group', { name: /^参与商户：120 家/ })).toBeTruthy()
  })
})

describe('a merchant’s days', () => {
  const figures = { amountFen: 50_000, costFen: 1_200, rewardFen: 600, own: 3 }
  const days: AdminMerchantDays = {
    from: '2026-11-19',
    to: '2026-11-20',
    items: [
      {
        date: '2026-11-20',
        orders: 6,
        paid: 5,
        discounted: 2,
        ...figures,
        all: 12,
        decks: [{ campaignId: 'street', cards: 20, left: 18 }],
      },
      { date: '2026-11-19', orders: 0, paid: 0, discounted: 0, ...figures, own: 0, all: null, decks: [] },
    ],
    total: { orders: 6, paid: 5, discounted: 2, ...figures, all: null },
  }

  it('lead from each count to exactly its orders, and from the cards to the deck; an unknown share is a dash', async () => {
    const desk = serve({
      'GET /admin/merchants/M0001': () => ({ data: adminMerchant() }),
      'GET /admin/merchants/M0001/users': () => ({ data: { items: [], card: null } }),
      'GET /admin/merchants/M0001/settlements': () => ({ data: { date: '2026-11-20', items: [] } }),
      'GET /admin/merchants/M0001/days': () => ({ data: days }),
    })
    await openConsole('merchants/M0001?until=2026-11-20')
    expect(String(desk.sent('GET /admin/merchants/M0001/days')[0]!.query)).toBe('from=2026-11-07&to=2026-11-20')
    const table = within(screen.getByRole('table', { name: /每日经营/ }))
    const [, busy, idle, sum] = table
      .getAllByRole('row')
      .map((row) => [...row.children].map((cell) => cell.textContent))
    expect(busy).toEqual(['2026年11月20日', '6', '5', '2', '500.00', '12.00', '6.00', '25.0%3 / 12 笔', '18 / 20'])
    expect(idle!.slice(7)).toEqual(['—', '没有发牌'])
    expect(sum!.slice(0, 3)).toEqual(['合计', '6', '5'])
    const to = (name: string) => table.getByRole('link', { name }).getAttribute('href')!.replace('#/console/', '')
    expect(['6', '5', '2', '18 / 20'].map(to)).toEqual([
      'orders?merchantCode=M0001&date=2026-11-20',
      'orders?merchantCode=M0001&date=2026-11-20&state=paid',
      'orders?merchantCode=M0001&date=2026-11-20&state=paid&discounted=true',
      'campaigns/street/decks/M0001/2026-11-20',
    ])
  })
})
