import { fireEvent, screen } from '@testing-library/react'
import { diffOf } from '../../../src/console/pages/audit/diff'
import { at, main, openConsole, press, serve, setUp, then } from '../../support/console'
import { actionOf } from '../../support/console-desk'

setUp()

const AUDITOR = { username: 'auditor', roles: ['auditor' as const] }
const CHAIN = { intact: true, actions: 12, brokenAt: null, endMac: 'feed'.repeat(16) }
const routes = {
  'GET /admin/audit': () => ({ data: { items: [actionOf()] } }),
  'GET /admin/audit/chain': () => ({ data: CHAIN }),
}

describe('the audit log', () => {
  it('says who did what to what, in words, and that the chain is whole', async () => {
    serve(routes)
    await openConsole('audit', AUDITOR)
    expect(document.querySelector('summary')?.textContent).toBe('#122026-11-20 16:00:00admin修改操作员操作员 wang')
    expect(main()).toContain('✓ 完整')
    expect(main()).toContain('共 12 条，从第一条到最后一条都连续')
  })

  it('says from which entry on the chain is broken', async () => {
    serve({
      ...routes,
      'GET /admin/audit/chain': () => ({ data: { ...CHAIN, intact: false, brokenAt: 7 } }),
    })
    await openConsole('audit', AUDITOR)
    expect(main()).toContain('! 第 7 条起不连续')
    expect(main()).not.toContain('完整')
  })

  it('shows the log even when the chain could not be checked, and says that', async () => {
    serve({ ...routes, 'GET /admin/audit/chain': () => 'offline' })
    await openConsole('audit', AUDITOR)
    expect(main()).toContain('没能验证')
    expect(main()).toContain('修改操作员')
    expect(main()).not.toContain('完整')
  })

  it('opens an entry to what it changed, what changed marked', async () => {
    serve(routes)
    await openConsole('audit', AUDITOR)
    const details = document.querySelector('details')!
    await then(() => {
      details.open = true
      fireEvent(details, new Event('toggle'))
    })
    expect(document.querySelector('.c-diff__changed')?.textContent).toBe('角色经办经办、复核')
    expect(document.querySelectorAll('.c-diff__changed')).toHaveLength(1)
    await press('只看这个对象')
    expect(at()).toBe('audit?subject=operator%2Fwang')
  })

  it('is filtered by whole names only: half of one is refused here', async () => {
    const desk = serve(routes)
    await openConsole('audit?username=maker', AUDITOR)
    expect(desk.sent('GET /admin/audit').at(-1)?.query.get('username')).toBe('maker')
    const before = desk.sent('GET /admin/audit').length
    fireEvent.change(screen.getByLabelText('操作员'), { target: { value: '王工' } })
    await press('筛选')
    expect(main()).toContain('请填完整的用户名')
    expect(desk.sent('GET /admin/audit')).toHaveLength(before)
    fireEvent.change(screen.getByLabelText('操作员'), { target: { value: 'checker' } })
    fireEvent.change(screen.getByLabelText('对象'), { target: { value: 'merchant/M0001' } })
    await press('筛选')
    expect(String(desk.sent('GET /admin/audit').at(-1)?.query)).toBe('username=checker&subject=merchant%2FM0001')
  })

  it('is not for makers', async () => {
    await openConsole('audit', { roles: ['maker'] })
    expect(main()).toContain('没有权限')
  })
})

describe('what an entry changed', () => {
  it('reads as the console calls it, field by field, what changed first', () => {
    expect(diffOf({ state: 'draft', rule: { slots: 20 } }, { state: 'draft', rule: { slots: 30 } })).toEqual([
      { field: 'rule.slots', name: '每户每天名额', before: '20 份', after: '30 份', changed: true },
      { field: 'state', name: '状态', before: '草稿', after: '草稿', changed: false },
    ])
  })

  it('is nothing when nothing was said', () => {
    expect(diffOf(null, null)).toEqual([])
  })

  it('shows what it does not know as it is', () => {
    const odd = { branchBudgets: 'gone', strange: { deep: [1, { a: 2 }] } }
    expect(diffOf(null, odd).map(({ name, after }) => [name, after])).toEqual([
      ['网点预算', '"gone"'],
      ['strange.deep', '1、{"a":2}'],
    ])
  })
})
