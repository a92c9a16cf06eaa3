import type { DifferenceView, ReconciliationView } from '@contract'
import { fireEvent, screen, within } from '@testing-library/react'
import { main, openConsole, press, serve, setUp, then } from '../../support/console'
import type { Routes } from '../../support/console-bff'
import { dayOf, difference, reconciliation } from '../../support/console-desk'

setUp()

const CHECKER = { username: 'checker', roles: ['checker' as const] }
const DAY = '2026-11-20'
const dialogs = () => screen.getAllByRole('dialog')
const last = () => within(dialogs().at(-1)!)

const dayRoutes = (view: ReconciliationView, differences: DifferenceView[] = [difference()]): Routes => ({
  'GET /admin/reconciliations': () => ({ data: { items: [dayOf()], channels: ['bank'] } }),
  [`GET /admin/reconciliations/${DAY}`]: () => ({ data: view }),
  [`GET /admin/reconciliations/${DAY}/differences`]: () => ({ data: { items: differences } }),
})

describe('a day with money that isn’t back', () => {
  it('says what it is made of, and isn’t signed while a payer’s money isn’t back', async () => {
    const accepted = { class: 'duplicate' as const, state: 'accepted' as const, count: 2 }
    const view = reconciliation({ openCount: 0, waitingCount: 1, differences: [accepted] })
    serve(dayRoutes(view))
    await openConsole(`reconciliation/${DAY}`, CHECKER)
    const parts = [...document.querySelectorAll('.c-says__part')].map((part) => part.textContent)
    expect(parts).toEqual(['平账7 笔¥408.90', '结转次日1 笔¥84.34', '待处理1 笔¥195.71', '短款0 笔¥0.00'])
    expect(main()).toContain('还不能签字：有 1 条的钱还没有退回付款人。')
  })

  it('of an accepted difference whose refund failed offers another, or a GL account, and both go to a second person', async () => {
    const id = 'D20261120-L6'
    const owing = difference({
      bank: { ...difference().bank!, payerTail: '0417' },
      state: 'accepted',
      resolvedAt: '2026-11-21T01:00:00.000Z',
      resolvedBy: 'checker',
      next: 'retry',
      owedFen: 4_000,
      refund: { refundNo: 'R1', state: 'failed', failReason: 'insufficient-merchant-funds' },
    })
    const desk = serve({
      ...dayRoutes(reconciliation(), [owing]),
      [`GET /admin/differences/${id}`]: () => ({ data: owing }),
      'GET /admin/branches': () => ({
        data: { items: [{ code: 'B01', name: '城南支行', glAccount: '6421-03', merchantCount: 3, revision: 1 }] },
      }),
      [`POST /admin/differences/${id}/refund`]: () => ({ status: 202, data: { change: {}, half: null } }),
      [`POST /admin/differences/${id}/pay`]: () => ({ status: 202, data: { change: {}, half: null } }),
    })
    await openConsole(`reconciliation/${DAY}?difference=${id}`, CHECKER)
    const panel = dialogs()[0]!.textContent
    expect(panel).toContain('退款 R1 失败（商户账户余额不足）：付款人还有 ¥40.00 没有拿回。')
    expect(panel).toContain('付款账户尾号—0417')
    await press('再退一次')
    fireEvent.change(last().getByRole('textbox'), { target: { value: '商户已补足' } })
    fireEvent.click(last().getByRole('button', { name: '提交复核' }))
    await then(() => {})
    expect(desk.sent(`POST /admin/differences/${id}/refund`)[0]!.body).toEqual({ note: '商户已补足' })
    await press('由科目垫付')
    fireEvent.change(last().getByRole('combobox'), { target: { value: '6421-03' } })
    const [voucher, note] = last().getAllByRole('textbox')
    fireEvent.change(voucher!, { target: { value: ' PZ-7 ' } })
    fireEvent.change(note!, { target: { value: '柜面付给本人' } })
    fireEvent.click(last().getByRole('button', { name: '提交复核' }))
    await then(() => {})
    expect(desk.sent(`POST /admin/differences/${id}/pay`)[0]!.body).toEqual({
      glAccount: '6421-03',
      voucherNo: 'PZ-7',
      note: '柜面付给本人',
    })
  })
})
