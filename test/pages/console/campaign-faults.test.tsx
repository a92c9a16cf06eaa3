import { fireEvent, screen } from '@testing-library/react'
import { main, openConsole, press, serve, setUp } from '../../support/console'
import { campaignOf } from '../../support/console-bff'

setUp()

/** What a form of a campaign says before anything was saved, of what is in its fields already. */

const fill = (label: string, text: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value: text } })
const leave = (label: string) => fireEvent.blur(screen.getByLabelText(label))
const faultBeside = (label: string) => {
  const input = screen.getByLabelText(label)
  return (
    input.getAttribute('aria-invalid') && document.getElementById(input.getAttribute('aria-describedby')!)?.textContent
  )
}

it.each([
  ['总预算', '9,5', /逗号只用来分千位/],
  ['最大优惠', '九元', /请填写金额/],
  ['每户每天名额', '2.5', /请填写整数/],
  ['主办方', '行', /至少 2 个字/],
])('%s that can’t be read is told as soon as it is left, and not while it is typed', async (label, text, said) => {
  serve()
  await openConsole('campaigns/new')
  fill(label, text)
  expect(faultBeside(label)).toBeNull()
  leave(label)
  expect(faultBeside(label)).toMatch(said)
  for (const mended of ['20', text, '']) {
    fill(label, mended)
    leave(label)
    expect(faultBeside(label) !== null).toBe(mended === text)
  }
})

it('a field that is passed by empty says nothing before all is saved', async () => {
  serve()
  await openConsole('campaigns/new')
  leave('总预算')
  leave('活动名称')
  expect(document.querySelector('[aria-invalid]')).toBeNull()
})

it('an end before the beginning is told at once, and is one of those that are counted', async () => {
  const desk = serve()
  await openConsole('campaigns/new')
  fill('开始日期', '2026-12-10')
  fill('结束日期（含）', '2026-12-01')
  expect(faultBeside('结束日期（含）')).toBe('! 结束日期不能早于开始日期')
  fill('活动名称', '美食街扫码立减')
  fill('主办方', '发牌示范银行')
  await press('保存草稿')
  // the dates, and the budget that nobody typed
  expect(main()).toContain('还有 2 项要修改')
  expect(desk.sent('POST /admin/campaigns')).toEqual([])
})

it('an amendment says so too: less than there is, as soon as the field is left', async () => {
  serve({ 'GET /admin/campaigns/food-street': () => ({ data: campaignOf({ state: 'running' }) }) })
  await openConsole('campaigns/food-street', { roles: ['maker'] })
  await press('修改')
  fill('预算增加到', '1')
  expect(faultBeside('预算增加到')).toBeNull()
  leave('预算增加到')
  expect(faultBeside('预算增加到')).toBe('! 要多于现在的预算')
})
