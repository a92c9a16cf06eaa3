import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { atMidnight, clockOf } from '../../../src/console/windows'
import { at, main, openConsole, press, serve, setUp, then } from '../../support/console'
import { campaignOf, previewOf, refusal, templateOf } from '../../support/console-bff'

setUp()

const fill = (label: string | RegExp, text: string, nth = 0) =>
  fireEvent.change(screen.getAllByLabelText(label)[nth]!, { target: { value: text } })
const dialog = () => within(screen.getByRole('dialog'))
const LUNCH = { weekdays: [1, 2, 3, 4, 5], from: '11:00', to: '14:00' }

async function fillNew() {
  fill('活动名称', '午市立减')
  fill('主办方', '发牌示范银行')
  fill('开始日期', '2026-12-01')
  fill('结束日期（含）', '2026-12-31')
  fill('总预算', '150,000')
}

describe('a campaign’s hours in its form', () => {
  it('are rows of weekdays and times, read as they are typed and saved as the server has them', async () => {
    const desk = serve({ 'POST /admin/campaigns': () => ({ status: 201, data: campaignOf() }) })
    await openConsole('campaigns/new')
    expect(main()).toContain('不设：活动期间每天全天都有优惠')
    await fillNew()
    fill(/^每日预算/, '4,000')
    await press('增加一个时段')
    await press('周五')
    await press('周六')
    fill('从', '930')
    fill('到', '14：30')
    await press('增加一个时段')
    fill('从', 'noon', 1)
    await press('保存草稿')
    expect(desk.sent('POST /admin/campaigns')).toEqual([])
    expect(main()).toContain('请填写时间，例如 11:30')
    await press('移除时段 2')
    await press('保存草稿')
    expect(desk.sent('POST /admin/campaigns').at(-1)?.body).toMatchObject({
      dailyBudgetFen: 400_000,
      windows: [{ weekdays: [1, 2, 3, 4, 6], from: '09:30', to: '14:30' }],
    })
  })

  it('past midnight are cut in two there, the second half on the days after', async () => {
    const desk = serve({ 'POST /admin/campaigns': () => ({ status: 201, data: campaignOf() }) })
    await openConsole('campaigns/new')
    await fillNew()
    await press('增加一个时段')
    for (const day of ['周一', '周二', '周三', '周四', '周日']) await press(day)
    fill('从', '22:00')
    fill('到', '2:00')
    await press('在零点分开')
    await press('保存草稿')
    expect(desk.sent('POST /admin/campaigns').at(-1)?.body).toMatchObject({
      windows: [
        { weekdays: [5, 7], from: '22:00', to: '24:00' },
        { weekdays: [1, 6], from: '00:00', to: '02:00' },
      ],
    })
    expect(atMidnight({ weekdays: [7], from: '20:00', to: '00:00' })).toEqual([
      { weekdays: [7], from: '20:00', to: '24:00' },
    ])
    expect(['24', '24:00', '24:01', '7', '11:5', '1160', ''].map(clockOf)).toEqual([
      ...['24:00', '24:00', null, '07:00', null, null, null],
    ])
    expect(['０９：３０', '9：30', ' ９３０'].map(clockOf)).toEqual(['09:30', '09:30', '09:30'])
  })

  it('and its daily budget are warned of where they leave merchants out, and refused beside their row', async () => {
    const forecast = { ...previewOf().forecast!, merchantsADay: 1, days: 9, budgetLastsDays: 8.5 }
    serve({
      'POST /admin/campaigns/preview': () => ({ data: previewOf({ forecast }) }),
      'POST /admin/campaigns': () => refusal(422, 'campaign-faulty', 'windows.0.from', 'windows-overlap'),
    })
    await openConsole('campaigns/new')
    await fillNew()
    fireEvent.change(screen.getAllByLabelText('粘贴商户号')[0]!, { target: { value: 'M0001 M0002 M0003' } })
    await then(() => screen.getAllByRole('button', { name: '加入粘贴的' })[0]!.click())
    await waitFor(() => expect(main()).toContain('每日预算按最贵算只够 1 家商户发整副牌，其余 2 家当天少发或没有'))
    expect(main()).toContain('预算只够约 8 天，活动有 9 天')
    await press('增加一个时段')
    await press('保存草稿')
    expect(main()).toContain('! 和另一个时段重叠')
  })
})

describe('a campaign’s hours on its page', () => {
  const hours = { windows: [LUNCH], windowsWords: '周一至周五 11:00–14:00', dailyBudgetFen: 400_000 }
  const shown = (more: object = {}) => ({
    'GET /admin/campaigns/food-street': () => ({ data: campaignOf({ ...hours, ...more }) }),
  })

  it('are told with its rule, what is left of its day beside its budgets, and a day without them as such', async () => {
    const none = { businessDate: '2026-11-21', slots: 0, used: 0, merchants: 0, short: 0, costFen: 0, mostFen: 0 }
    serve(shown({ openToday: false, today: { ...none, leftFen: 400_000 } }))
    await openConsole('campaigns/food-street')
    expect(main()).toContain('周一至周五 11:00–14:00')
    expect(main()).toContain('今天不在活动时段')
    expect(screen.getByRole('table', { name: '预算' }).textContent).toContain('每日4,000.000.00')
  })

  it('are widened and its daily budget raised by an amendment that says just that', async () => {
    const desk = serve({ ...shown(), 'POST /admin/campaigns/food-street/amend': () => ({ data: campaignOf() }) })
    await openConsole('campaigns/food-street')
    await press('修改')
    fill(/^每日预算增加到/, '3,000')
    const submit = () => then(() => dialog().getByRole('button', { name: '提交修改' }).click())
    await submit()
    expect(dialog().getByText(/要多于现在的预算/)).toBeTruthy()
    fill(/^每日预算增加到/, '5,000')
    fill('到', '15:00')
    await submit()
    expect(desk.sent('POST /admin/campaigns/food-street/amend').map(({ body }) => body)).toEqual([
      { dailyBudgetFen: 500_000, windows: [{ ...LUNCH, to: '15:00' }] },
    ])
  })

  it('are said to be narrower beside them, and stay out of an amendment that leaves them', async () => {
    let answer = refusal(422, 'not-favourable', 'windows', 'not-favourable')
    const desk = serve({ ...shown(), 'POST /admin/campaigns/food-street/amend': () => answer })
    await openConsole('campaigns/food-street')
    await press('修改')
    fill('到', '13:00')
    const submit = () => then(() => dialog().getByRole('button', { name: '提交修改' }).click())
    await submit()
    expect(dialog().getByText(/只能往有利于消费者的方向改/)).toBeTruthy()
    fill('到', '14:00')
    fill(/^结束日期延后到/, '2027-01-31')
    answer = refusal(409, 'change-open')
    await submit()
    expect(desk.sent('POST /admin/campaigns/food-street/amend').at(-1)?.body).toEqual({ endDate: '2027-01-31' })
  })
})

describe('a template', () => {
  it('is kept from a campaign’s page under a name of its own', async () => {
    let answer: ReturnType<typeof refusal> | { status: number; data: unknown } = refusal(409, 'template-exists', 'name')
    const desk = serve({ 'POST /admin/templates': () => answer })
    await openConsole('campaigns/food-street')
    await press('存为模板')
    const keep = () => then(() => dialog().getByRole('button', { name: '存为模板' }).click())
    await keep()
    expect(dialog().getByText(/已有同名的模板/)).toBeTruthy()
    fill('模板名称', ' 午市立减 ')
    answer = { status: 201, data: templateOf() }
    await keep()
    expect(desk.sent('POST /admin/templates').at(-1)?.body).toEqual({ name: '午市立减', campaignId: 'food-street' })
    expect(screen.queryByRole('dialog')).toBeNull()
  })

  it('can be thrown away, after it is said what follows', async () => {
    const gone: string[] = []
    serve({
      'GET /admin/templates': () => ({ data: { items: gone.length > 0 ? [] : [templateOf()] } }),
      'DELETE /admin/templates/T0011223344556677': ({ path }) => {
        gone.push(path)
        return { status: 204, data: undefined }
      },
    })
    await openConsole('campaigns')
    await press('从模板新建')
    expect(dialog().getByRole('table').textContent).toContain(
      '满 ¥10.00 减 ¥1.00–¥10.00，每户 20 份；周一至周五 11:00–14:00；预算 ¥150,000.00',
    )
    await press('删除模板 午市立减')
    await then(() => dialog().getByRole('button', { name: '删除模板' }).click())
    expect(gone).toHaveLength(1)
    expect(dialog().getByText(/还没有模板/)).toBeTruthy()
  })

  it('begins a campaign with its terms, without name and dates', async () => {
    serve({
      'GET /admin/sketches/campaign%3Acopy-template-T0011223344556677': () => ({ data: { sketch: null } }),
    })
    await openConsole('campaigns')
    await press('从模板新建')
    await press('用它新建')
    expect(at()).toBe('campaigns/new?from=template-T0011223344556677')
    const value = (label: string | RegExp) => (screen.getByLabelText(label) as HTMLInputElement).value
    expect([value('总预算'), value(/^每日预算/), value('优先级'), value('开始日期'), value('活动名称')]).toEqual([
      ...['150000', '4000', '2', '', ''],
    ])
    expect([value('从'), value('到')]).toEqual(['11:00', '14:00'])
  })
})
