import type { ChangeRequestView } from '@contract'
import { fireEvent, screen, within } from '@testing-library/react'
import { main, openConsole, press, serve, setUp, then } from '../../support/console'
import { refusal, reviewOf } from '../../support/console-bff'
import { requestOf } from '../../support/console-desk'

setUp()

const CHECKER = { username: 'checker', roles: ['checker' as const] }
const dialog = () => within(screen.getByRole('dialog'))
const rows = () =>
  [...document.querySelectorAll('tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent))
const listed = (...items: ChangeRequestView[]) => ({ 'GET /admin/changes': () => ({ data: { items } }) })

describe('changes that wait for a second person', () => {
  it('show from what to what, who asked and why; what stays isn’t there', async () => {
    const desk = serve(listed(requestOf()))
    await openConsole('reviews', CHECKER)
    for (const { query } of desk.sent('GET /admin/changes')) expect(query.get('state')).toBe('waiting')
    expect(rows()).toEqual([['结算账户', 'acct-M0001', 'acct-5678']])
    for (const words of ['商户结算信息：商户 M0001', 'maker', '说明：换了银行卡', '通过后隔一段时间才生效'])
      expect(main()).toContain(words)
  })

  it('are approved as they were seen, after naming what follows; and say from when', async () => {
    const approved = requestOf({ state: 'approved', effectiveAt: '2026-11-21T02:00:00.000Z', revision: 2 })
    const desk = serve({
      ...listed(requestOf()),
      'POST /admin/changes/R1/approve': () => ({ data: { change: approved, half: null } }),
    })
    await openConsole('reviews', CHECKER)
    const asked = desk.sent('GET /admin/changes').length
    await press('通过')
    expect(screen.getByRole('dialog').textContent).toContain('请先向商户核实')
    fireEvent.change(screen.getByLabelText(/^说明/), { target: { value: '已电话核实' } })
    await then(() => dialog().getByRole('button', { name: '通过' }).click())
    const [sent] = desk.sent('POST /admin/changes/R1/approve')
    expect([sent!.headers.get('If-Match'), sent!.body]).toEqual(['"1"', { note: '已电话核实' }])
    expect(document.body.textContent).toContain('已通过，2026年11月21日 10:00')
    // the list, and the number beside its name
    expect(desk.sent('GET /admin/changes')).toHaveLength(asked + 2)
  })

  it('tell whoever approves the second half of a code once', async () => {
    const waiting = requestOf({
      kind: 'merchant.owner',
      before: { owners: 1 },
      after: { role: 'owner' },
      delayed: false,
    })
    serve({
      ...listed(waiting),
      'POST /admin/changes/R1/approve': () => ({ data: { change: { ...waiting, state: 'applied' }, half: 'G7G6' } }),
    })
    await openConsole('reviews', CHECKER)
    expect(rows()).toEqual([['店主', '1 位', '再绑定 1 位']])
    await press('通过')
    await then(() => dialog().getByRole('button', { name: '通过' }).click())
    expect(dialog().getByText('G7G6')).toBeTruthy()
    await press('已记下，关闭')
    expect(document.body.textContent).not.toContain('G7G6')
  })

  it('are rejected only with a reason, and a refusal is said in the dialog', async () => {
    const desk = serve({
      ...listed(requestOf()),
      'POST /admin/changes/R1/reject': () => refusal(412, 'revision-changed', 'If-Match'),
    })
    await openConsole('reviews', CHECKER)
    await press('驳回')
    await then(() => dialog().getByRole('button', { name: '驳回' }).click())
    expect(desk.sent('POST /admin/changes/R1/reject')).toHaveLength(0)
    fireEvent.change(screen.getByLabelText('为什么驳回'), { target: { value: '没有这回事' } })
    await then(() => dialog().getByRole('button', { name: '驳回' }).click())
    expect(dialog().getByRole('alert').textContent).toContain('别人刚刚改过')
  })

  it('of one’s own can be taken back and not approved; those that were decided say how', async () => {
    const own = requestOf({ askedBy: 'maker', mayApprove: false, mayReject: false, mayWithdraw: true })
    const lost = requestOf({ changeId: 'R2', state: 'overtaken', reason: 'subject-changed', ...NOTHING })
    serve(listed(own, lost))
    await openConsole('reviews', { username: 'maker', roles: ['maker'] })
    expect(screen.queryByRole('button', { name: '通过' })).toBeNull()
    expect(screen.getAllByRole('button', { name: '撤回' })).toHaveLength(1)
    expect(main()).toContain('自己提交的，由同事复核')
    expect(main()).toContain('没有生效：提交以后资料又变了')
  })

  it('of a file show every merchant, old and new', async () => {
    const after = { lines: 2, added: 1, moved: 1, sha256: 'ab' }
    const line = {
      line: 1,
      merchantCode: 'N1',
      before: null,
      after: { name: '新店', branchCode: 'B01', account: 'n-1', walletAccounts: {} },
    }
    const before = { name: '老街', branchCode: 'B01', account: 'a-1', walletAccounts: { wechatpay: '1900000001' } }
    const moved = {
      line: 2,
      merchantCode: 'M0001',
      before,
      after: { ...before, branchCode: 'B02', walletAccounts: {} },
    }
    serve({
      ...listed(requestOf({ subject: 'merchants/abc', before: null, after, lineCount: 2 })),
      'GET /admin/changes/R1/lines': () => ({ data: { items: [line, moved] } }),
    })
    await openConsole('reviews', CHECKER)
    expect(main()).toContain('共 2 家：新增 1 家，变更账户或网点 1 家')
    expect(rows()).toEqual([
      ['N1新增', '新店', 'B01', 'n-1', '没有'],
      ['M0001', '老街', 'B01 → B02', 'a-1', '微信支付 1900000001 → 没有'],
    ])
  })

  it('that aren’t there are said not to be, in what waits and in all there were', async () => {
    const desk = serve(listed())
    await openConsole('reviews', CHECKER)
    expect(main()).toContain('没有等待复核或生效的变更')
    await press('变更记录')
    expect(main()).toContain('还没有人提交过账户、网点、店主或操作员的变更')
    expect(desk.sent('GET /admin/changes').at(-1)!.query.get('state')).toBeNull()
  })

  it('stand in one list with what waits about campaigns; where only one kind waits nothing is said of the other', async () => {
    serve({ ...listed(requestOf()), 'GET /admin/reviews': () => ({ data: { items: [reviewOf()] } }) })
    await openConsole('reviews', CHECKER)
    const titles = [...document.querySelectorAll('.review h2')].map((title) => title.textContent)
    expect(titles).toEqual(['修改：美食街扫码立减', '商户结算信息：商户 M0001'])
    expect(document.querySelector('nav .c-badge')?.textContent).toBe('2项待我复核')
    expect(main()).not.toContain('没有等待复核')
  })
})

const NOTHING = { mayApprove: false, mayReject: false, mayWithdraw: false }
