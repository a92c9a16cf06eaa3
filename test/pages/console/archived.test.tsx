import type { SearchResult } from '@contract'
import { screen } from '@testing-library/react'
import { main, openConsole, press, serve, setUp } from '../../support/console'
import { deckOf } from '../../support/console-bff'
import { adminOrder } from '../../support/console-desk'

setUp()

const NO = 'F20260131-7K3M-92QX-4T8B'
const FILE = 'orders-2026-01-31.jsonl.gz'
const BEFORE = '2026-02-01'
const archived = (code: string, more: object) => ({
  status: 410,
  data: { type: `urn:fapai:problem:${code}`, title: code, status: 410, code, ...more },
})

/** What operators see of archived days: which file to open, and never that there was nothing. */
describe('the console after days were archived', () => {
  it('names the date and the file of an order, and offers no second try', async () => {
    serve({ [`GET /admin/orders/${NO}`]: () => archived('order-archived', { date: '2026-01-31', file: FILE }) })
    await openConsole(`orders/${NO}`)
    expect(screen.getByRole('alert').textContent).toBe(`该订单已归档（2026-01-31），归档文件 ${FILE}`)
  })

  it.each([[[]], [[adminOrder()]]])('says below a list that it isn’t whole: %#', async (items) => {
    serve({ 'GET /admin/orders': () => ({ data: { items, archivedBefore: BEFORE } }) })
    await openConsole('orders?date=2026-01-31')
    expect(main()).toContain(`${BEFORE} 之前的订单已归档`)
  })

  it('says nothing below one that is', async () => {
    serve({ 'GET /admin/orders': () => ({ data: { items: [adminOrder()] } }) })
    await openConsole('orders')
    expect(main()).not.toContain('归档')
  })

  it('says from which date on a file can be had', async () => {
    serve({
      'GET /admin/orders': () => ({ data: { items: [adminOrder()] } }),
      'GET /admin/orders.csv': () => archived('day-archived', { archivedBefore: BEFORE, field: 'from' }),
    })
    await openConsole('orders')
    await press('导出 CSV')
    expect(document.body.textContent).toContain(`${BEFORE} 之前的订单已归档，导出会不完整：请把日期选在那以后`)
  })

  it('finds in which file the order of a number is', async () => {
    const read = { orderNos: [NO], refundNos: [], numbers: [], amountFen: null, days: null, hours: null, code: null }
    const found: SearchResult = {
      ...{ merchants: [], orders: [], refunds: [], span: null, whole: true },
      read: { ...read, plain: false, words: [] },
      archived: [{ orderNo: NO, date: '2026-01-31', file: FILE }],
    }
    serve({ 'GET /admin/search': () => ({ data: found }) })
    await openConsole(`search?q=${NO}`)
    expect(main()).toContain(`${NO} 已归档（2026-01-31），归档文件 ${FILE}`)
    expect(main()).not.toContain('没有查到')
  })

  it('shows of a deck how many cards were used, and no guess which', async () => {
    const { slots } = deckOf()
    const deck = deckOf({
      usedCount: 8,
      archived: { date: '2026-11-20', file: FILE },
      slots: slots.map((slot) => ({ ...slot, state: 'archived', orderNo: null, amountFen: 700 })),
    })
    serve({ 'GET /admin/campaigns/food-street/decks/M0001/2026-11-20': () => ({ data: deck }) })
    await openConsole('campaigns/food-street/decks/M0001/2026-11-20')
    expect(main()).toContain('8 / 20')
    expect(main()).toContain(FILE)
    expect(main()).toContain('第 1 张 · 未用或已归档')
  })
})
