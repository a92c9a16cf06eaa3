import type { TodoItem } from '@contract'
import { fireEvent, screen, within } from '@testing-library/react'
import { main, openConsole, press, serve, setUp, then } from '../../support/console'

setUp()

const MAKER = { username: 'maker', roles: ['maker' as const] }
const ITEM: TodoItem = {
  kind: 'order',
  id: 'F20261120-1',
  orderNo: 'F20261120-1',
  channel: 'bank',
  date: '2026-11-20',
  fen: 9_500,
  since: new Date(Date.now() - 3 * 86_400_000 - 60_000).toISOString(),
  next: 'end',
}
const DIFFERENCE: TodoItem = { ...ITEM, kind: 'difference', id: 'D20261120-L6', next: 'retry', fen: 4_000 }
const listOf = (...items: TodoItem[]) => ({
  data: { items, more: false, totals: { count: items.length, fen: items.reduce((sum, { fen }) => sum + fen, 0) } },
})
const rows = () =>
  [...document.querySelectorAll('tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent))

describe('what is to do', () => {
  it('is listed with its age, its money, what comes next and whose it is, each with its way there', async () => {
    serve({ 'GET /admin/todo': () => listOf(ITEM, DIFFERENCE) })
    await openConsole('todo', MAKER)
    expect(main()).toContain('2 条，合计 ¥135.00')
    expect(rows().map(([what, id, fen, since, next]) => [what, id, fen, since!.slice(0, 3), next])).toEqual([
      ['付款本行账户', 'F20261120-1', '95.00', '3 天', '! 可以了结经办或复核提出，另一位复核岗通过'],
      ['差错本行账户', 'D20261120-L6订单 F20261120-1', '40.00', '3 天', '! 退款失败经办或复核：再退一次，或由科目垫付'],
    ])
    expect([...document.querySelectorAll('table a')].map((link) => link.getAttribute('href'))).toEqual([
      '#/console/orders/F20261120-1',
      '#/console/reconciliation/2026-11-20?difference=D20261120-L6',
    ])
  })

  it('is ended only with grounds, and then waits for a second person', async () => {
    const desk = serve({
      'GET /admin/todo': () => listOf(ITEM),
      'POST /admin/orders/F20261120-1/end': () => ({ status: 202, data: { change: {}, half: null } }),
    })
    await openConsole('todo', MAKER)
    await press('了结 F20261120-1')
    const dialog = within(screen.getByRole('dialog'))
    fireEvent.click(dialog.getByRole('button', { name: '提交复核' }))
    await then(() => {})
    expect(desk.sent('POST /admin/orders/F20261120-1/end')).toEqual([])
    fireEvent.change(dialog.getByRole('textbox'), { target: { value: '银行查无此笔' } })
    fireEvent.click(dialog.getByRole('button', { name: '提交复核' }))
    await then(() => {})
    expect(desk.sent('POST /admin/orders/F20261120-1/end')[0]!.body).toEqual({ note: '银行查无此笔' })
    expect(main()).toContain('付款 F20261120-1 的了结已提交复核，另一位通过后才生效')
  })

  it('is nobody’s to end who only reads', async () => {
    serve({ 'GET /admin/todo': () => listOf(ITEM) })
    await openConsole('todo', { username: 'auditor', roles: ['auditor'] })
    expect(main()).toContain('可以了结')
    expect(screen.queryByRole('button', { name: /^了结/ })).toBeNull()
  })

  it('that is nothing says that all has an ending', async () => {
    serve({ 'GET /admin/todo': () => listOf() })
    await openConsole('todo', MAKER)
    expect(main()).toContain('没有超过一天的')
  })
})
