import { fireEvent, screen } from '@testing-library/react'
import { diffOf } from '../../../src/console/pages/audit/diff'
import { subjectWords } from '../../../src/console/pages/audit/words'
import { at, main, openConsole, press, serve, setUp, then } from '../../support/console'
import { actionOf } from '../../support/console-desk'

setUp()

const AUDITOR = { username: 'auditor', roles: ['auditor' as const] }
const CHAIN = { intact: true, actions: 12, brokenAt: null, endMac: 'feed'.repeat(16) }
const routes = {
  'GET /admin/audit': () => ({ data: { items: [actionOf()] } }),
  'GET /admin/audit/chain': () => ({ data: CHAIN }),
  'GET /admin/audit/seals': () => ({ data: { items: [] } }),
}

const openedAt = (from: string) =>
  then(() => void fireEvent.change(screen.getByLabelText('从'), { target: { value: from } }))

describe('the audit log', () => {
  it('says who did what to what, in words, and that the chain is whole', async () => {
    serve(routes)
    await openConsole('audit', AUDITOR)
    expect(document.querySelector('summary')?.textContent).toBe('#122026年11月20日 16:00:00admin修改操作员操作员 wang')
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

  it('shows the last sealed days, to compare with what was given out', async () => {
    const seal = { date: '2026-11-20', link: 1_440, at: '2026-11-20T16:10:07.000Z', mac: 'beef'.repeat(16) }
    serve({ ...routes, 'GET /admin/audit/seals': () => ({ data: { items: [seal] } }) })
    await openConsole('audit', AUDITOR)
    const table = screen.getByRole('table', { name: '账本日封' })
    expect(table.querySelector('tbody')?.textContent).toBe(
      '2026年11月20日2026年11月21日 00:10:071,440beefbeefbeefbeef…复制校验值',
    )
    expect(screen.getByTitle(seal.mac)).toBeTruthy()
  })

  it('says that no day was sealed yet', async () => {
    serve(routes)
    await openConsole('audit', AUDITOR)
    expect(main()).toContain('还没有封存过')
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
    expect(at()).toBe('audit?noun=operator&id=wang')
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
    fireEvent.change(screen.getByLabelText('编号'), { target: { value: 'M0001' } })
    await press('筛选')
    expect(String(desk.sent('GET /admin/audit').at(-1)?.query)).toBe('username=checker')
    await then(() => void fireEvent.change(screen.getByLabelText('对象'), { target: { value: 'merchant' } }))
    expect(String(desk.sent('GET /admin/audit').at(-1)?.query)).toBe('username=checker&subject=merchant%2FM0001')
  })

  it('is filtered by days, and by a kind of object without its number', async () => {
    const desk = serve(routes)
    await openConsole('audit?noun=brake&from=2026-11-01&to=2026-11-20', AUDITOR)
    expect(String(desk.sent('GET /admin/audit').at(-1)?.query)).toBe('noun=brake&from=2026-11-01&to=2026-11-20')
    await openedAt('2026-11-02')
    expect(desk.sent('GET /admin/audit').at(-1)?.query.get('from')).toBe('2026-11-02')
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

  it('of a request is in the words of its review, and nothing of it is JSON', () => {
    const shares = { payerFen: 500, merchantFen: 500, glFen: 0, refundNo: 'R1', reason: '投诉补偿' }
    const after = { changeId: 'R0', kind: 'order.refund', askedBy: 'maker', after: { leftFen: 3_000, ...shares } }
    expect(diffOf({ leftFen: 3_500 }, after).map(({ name, after }) => `${name} ${after}`)).toEqual([
      '还可以退 ',
      '变更编号 R0',
      '变更 给顾客退款',
      '提交人 maker',
      '还可以退 ¥30.00',
      '顾客拿回 ¥5.00',
      '商户退出 ¥5.00',
      '补贴退回 ¥0.00',
      '退款号 R1',
      '原因 投诉补偿',
    ])
    const orders = [{ orderNo: 'F1', fen: 120, refundNo: 'R2' }]
    expect(diffOf(null, { orders })[0]?.after).toBe('订单号 F1，金额 ¥1.20，退款号 R2')
  })

  it('shows what it does not know as it is', () => {
    const odd = { branchBudgets: 'gone', strange: { deep: [1, { a: 2 }] } }
    expect(diffOf(null, odd).map(({ name, after }) => [name, after])).toEqual([
      ['网点预算', '"gone"'],
      ['strange.deep', '1；a 2'],
    ])
  })

  it('shows what somebody called by a word that every object knows', () => {
    expect(diffOf(null, { name: 'constructor', toString: 'valueOf' }).map(({ after }) => after)).toEqual([
      'constructor',
      'valueOf',
    ])
    expect(subjectWords('constructor/M0001')).toBe('constructor/M0001')
  })
})
