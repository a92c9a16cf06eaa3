import { fireEvent, screen, within } from '@testing-library/react'
import { main, openConsole, press, serve, setUp, then } from '../../support/console'
import { campaignOf, refusal, reviewOf } from '../../support/console-bff'

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
