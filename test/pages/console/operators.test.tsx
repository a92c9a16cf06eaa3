import type { AskedChange, OperatorView } from '@contract'
import { fireEvent, screen, within } from '@testing-library/react'
import { main, openConsole, press, serve, setUp, then } from '../../support/console'
import { operatorOf, type Routes, refusal } from '../../support/console-bff'
import { requestOf } from '../../support/console-desk'

setUp()

const ADMIN = { username: 'admin', name: '陈工', roles: ['admin' as const] }
const dialog = () => within(screen.getByRole('dialog'))
const withOperators = (items: OperatorView[], more: Routes = {}): Routes => ({
  'GET /admin/operators': () => ({ data: { items } }),
  ...more,
})
const rows = () =>
  [...document.querySelectorAll('tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent))

describe('operators', () => {
  it('are listed with role, scope and state; each is offered what its state allows', async () => {
    const locked = operatorOf({ username: 'li', name: '李工', roles: ['checker'], branchCode: 'B01', locked: true })
    const gone = operatorOf({ username: 'old', name: '旧人', disabled: true })
    const sso = operatorOf({ username: 'sso', name: '单工', singleSignOn: true, roles: ['viewer', 'maker'] })
    serve(withOperators([locked, gone, sso]))
    await openConsole('operators', ADMIN)
    expect(rows().map((row) => [row[1], row[2], row[3], row[5]])).toEqual([
      ['复核', '网点 B01', '✓ 可用! 密码错误，已锁定', '修改解锁重置密码停用记录'],
      ['经办', '全行', '× 已停用', '修改启用记录'],
      ['查看、经办', '全行', '✓ 可用单点登录', '修改停用记录'],
    ])
  })

  const waiting = (subject: string, half: string | null): { status: number; data: AskedChange } => ({
    status: 202,
    data: { change: requestOf({ kind: 'operator.add', subject, branchCode: null }), half },
  })

  it('are asked for: half of the one-time password is shown once, and another administrator approves', async () => {
    const desk = serve(withOperators([], { 'POST /admin/operators': () => waiting('operator/wang.2', 'hteg-mbb8') }))
    await openConsole('operators', ADMIN)
    await press('新建操作员')
    await then(() => dialog().getByRole('button', { name: '提交复核' }).click())
    expect(screen.getByRole('dialog').textContent).toContain('至少选一个角色')
    fireEvent.click(screen.getByLabelText(/^管理员/))
    fireEvent.click(screen.getByLabelText(/^经办/))
    await then(() => dialog().getByRole('button', { name: '提交复核' }).click())
    expect(screen.getByRole('dialog').textContent).toContain('管理员不能同时是经办或复核')
    fireEvent.click(screen.getByLabelText(/^管理员/))
    expect(desk.sent('POST /admin/operators')).toHaveLength(0)
    fireEvent.change(screen.getByLabelText('用户名'), { target: { value: 'wang.2' } })
    fireEvent.change(screen.getByLabelText('姓名'), { target: { value: '王小工' } })
    fireEvent.change(screen.getByLabelText('网点'), { target: { value: 'B01' } })
    await then(() => dialog().getByRole('button', { name: '提交复核' }).click())
    expect(desk.sent('POST /admin/operators').map(({ body }) => body)).toEqual([
      { username: 'wang.2', name: '王小工', roles: ['maker'], branchCode: 'B01', oidcSubject: null },
    ])
    expect(screen.getByText('hteg-mbb8')).toBeTruthy()
    await press('已记下，关闭')
    expect(document.body.textContent).not.toContain('hteg-mbb8')
    expect(main()).toContain('操作员 wang.2已提交复核，另一位通过后才生效')
    expect(main()).toContain('只剩一位可用的管理员')
  })

  it('of one branch get no role that concerns the whole bank', async () => {
    const desk = serve(withOperators([operatorOf()]))
    await openConsole('operators', ADMIN)
    await press('修改 maker')
    fireEvent.click(screen.getByLabelText(/^审计/))
    fireEvent.change(screen.getByLabelText('网点'), { target: { value: 'B01' } })
    await then(() => dialog().getByRole('button', { name: '保存' }).click())
    expect(screen.getByRole('dialog').textContent).toContain('审计涉及全行，不能只限一个网点')
    expect(desk.asked.filter(({ method }) => method === 'PATCH')).toEqual([])
  })

  it('are changed in what is different and nothing else', async () => {
    const desk = serve(
      withOperators([operatorOf()], {
        'PATCH /admin/operators/maker': () => ({ data: { operator: operatorOf(), change: null } }),
      }),
    )
    await openConsole('operators', ADMIN)
    await press('修改 maker')
    fireEvent.click(screen.getByLabelText(/^复核/))
    await then(() => dialog().getByRole('button', { name: '保存' }).click())
    await press('修改 maker')
    fireEvent.change(screen.getByLabelText('姓名'), { target: { value: '王大工' } })
    await then(() => dialog().getByRole('button', { name: '保存' }).click())
    await press('修改 maker')
    await then(() => dialog().getByRole('button', { name: '保存' }).click())
    expect(desk.sent('PATCH /admin/operators/maker').map(({ body }) => body)).toEqual([
      { roles: ['maker', 'checker'] },
      { name: '王大工' },
    ])
  })

  it('are disabled once the consequence was said; the last administrator is not', async () => {
    const desk = serve(
      withOperators([operatorOf({ ...ADMIN })], {
        'PATCH /admin/operators/admin': () => refusal(409, 'last-admin'),
      }),
    )
    await openConsole('operators', ADMIN)
    await press('停用 admin')
    expect(screen.getByRole('dialog').textContent).toContain('陈工将立即退出，不能再登录')
    expect(screen.getByRole('dialog').textContent).toContain('这是您自己的账号')
    await then(() => dialog().getByRole('button', { name: '停用' }).click())
    expect(desk.sent('PATCH /admin/operators/admin').map(({ body }) => body)).toEqual([{ disabled: true }])
    expect(dialog().getByRole('alert').textContent).toContain('不能停用或移除最后一位管理员')
  })

  it('get a new one-time password in halves, and are unlocked', async () => {
    const desk = serve(
      withOperators([operatorOf({ locked: true })], {
        'POST /admin/operators/maker/reset-password': () => waiting('operator/maker', 'aaaa-bbbb'),
        'POST /admin/operators/maker/unlock': () => ({ data: operatorOf() }),
      }),
    )
    await openConsole('operators', ADMIN)
    await press('重置密码 maker')
    await then(() => dialog().getByRole('button', { name: '重置密码' }).click())
    expect(screen.getByText('aaaa-bbbb')).toBeTruthy()
    await press('已记下，关闭')
    await press('解锁 maker')
    await then(() => dialog().getByRole('button', { name: '解锁' }).click())
    expect(desk.sent('POST /admin/operators/maker/unlock')).toHaveLength(1)
  })

  it('are no business of an auditor', async () => {
    await openConsole('operators', { roles: ['auditor'] })
    expect(main()).toContain('没有权限')
  })
})
