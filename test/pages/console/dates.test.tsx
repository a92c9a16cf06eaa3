import { fireEvent, render, screen } from '@testing-library/react'
import { useState } from 'react'
import { addMonths, dayRange, dayText, typedDate, weeksOf } from '../../../src/console/dates'
import { DateField } from '../../../src/console/ui'
import { at, openConsole, press, serve, setUp, then } from '../../support/console'

const TODAY = '2026-11-20'

describe('a date as it is typed', () => {
  it.each([
    ['2026-11-29', '2026-11-29'],
    ['20261129', '2026-11-29'],
    ['２０２６１１２９', '2026-11-29'],
    ['2026年11月29日', '2026-11-29'],
    ['2026 年 1 月 9 日', '2026-01-09'],
    ['2026/1/9', '2026-01-09'],
    ['11月29日', '2026-11-29'],
    ['11-29', '2026-11-29'],
    ['1月5号', '2026-01-05'],
    ['2028-02-29', '2028-02-29'],
    ['2026-02-29', null],
    ['2026-13-01', null],
    ['2026-00-10', null],
    ['29/11/2026', null],
    ['20261', null],
    ['明天', null],
    ['', null],
  ])('%j is %j', (text, date) => {
    expect(typedDate(text, TODAY)?.date ?? null).toBe(date)
  })

  it('without a year is of the year that the limits leave', () => {
    expect(typedDate('1月5日', TODAY, { min: TODAY })?.date).toBe('2027-01-05')
    expect(typedDate('12月31日', TODAY, { max: TODAY })?.date).toBe('2025-12-31')
    expect(typedDate('2月29日', TODAY)?.date).toBeUndefined()
    expect(typedDate('2月29日', '2027-11-20')?.date).toBe('2028-02-29')
  })

  it('is whole when nothing can follow it', () => {
    expect(
      ['2026-11-2', '2026-11-29', '11-2', '11月2日', '20261129'].map((one) => typedDate(one, TODAY)?.whole),
    ).toEqual([false, true, false, true, true])
  })
})

it('dates are read in Chinese, a year once', () => {
  expect(dayText('2026-01-09')).toBe('2026年1月9日')
  expect(dayText('B01')).toBe('B01')
  expect(dayRange('2026-11-01', '2026-12-31')).toBe('2026年11月1日 至 12月31日')
  expect(dayRange('2026-12-01', '2027-01-31')).toBe('2026年12月1日 至 2027年1月31日')
  expect(dayRange(TODAY, TODAY)).toBe('2026年11月20日')
})

it('a calendar knows its weeks and the ends of months', () => {
  expect(addMonths('2026-01-31', 1)).toBe('2026-02-28')
  expect(addMonths('2026-12-15', 1)).toBe('2027-01-15')
  expect(addMonths('2026-03-31', -1)).toBe('2026-02-28')
  expect(weeksOf('2026-11-20')[0]).toEqual([null, null, null, null, null, null, '2026-11-01'])
  expect(weeksOf('2027-02-14')).toHaveLength(4)
  expect(weeksOf('2026-11-20').flat().filter(Boolean)).toHaveLength(30)
})

/** every date that the field handed on */
const told: string[] = []

function Held({ from = '', ...props }: { from?: string; min?: string; max?: string; filter?: boolean }) {
  const [value, setValue] = useState(from)
  const onText = (date: string) => {
    told.push(date)
    setValue(date)
  }
  return <DateField label="开始日期" value={value} onText={onText} {...props} />
}

describe('the date field', () => {
  setUp()
  beforeEach(() => void told.splice(0))

  const field = () => screen.getByLabelText<HTMLInputElement>('开始日期')
  const type = (text: string) => fireEvent.change(field(), { target: { value: text } })
  const said = () => document.getElementById(field().getAttribute('aria-describedby') ?? '')?.textContent

  it('takes a whole date at once, another on Enter or on leaving, and shows it in Chinese', () => {
    render(<Held />)
    type('2026-11-2')
    expect(told).toEqual([])
    fireEvent.keyDown(field(), { key: 'Enter' })
    expect(told).toEqual(['2026-11-02'])
    expect(field().value).toBe('2026年11月2日')
    type('20261129')
    expect(told).toEqual(['2026-11-02', '2026-11-29'])
    fireEvent.blur(field())
    expect(field().value).toBe('2026年11月29日')
    type('')
    expect(told.at(-1)).toBe('')
  })

  it('says what is no date, and hands on none: a form never keeps another than it shows', () => {
    render(<Held from="2026-11-01" />)
    type('2026-02-30')
    fireEvent.blur(field())
    expect(field().value).toBe('2026-02-30')
    expect(said()).toBe('! 看不懂这个日期，请写成 2026-11-29 或 11月29日')
    expect(field().getAttribute('aria-invalid')).toBe('true')
    expect(told).toEqual([''])
    type('2026-02-28')
    expect(told.at(-1)).toBe('2026-02-28')
    expect(said()).toBeUndefined()
  })

  it('a form is told of what lies outside its limits, a filter isn’t', () => {
    const { unmount } = render(<Held min="2026-11-10" max="2026-11-20" />)
    type('2026-11-09')
    expect(told).toEqual(['2026-11-09'])
    expect(said()).toBe('! 不能早于 2026年11月10日')
    unmount()
    render(<Held from="2026-11-15" max="2026-11-20" filter />)
    type('2026-11-21')
    expect(told).toEqual(['2026-11-09'])
    expect(said()).toBe('! 不能晚于 2026年11月20日')
  })

  it('opens a calendar that is walked by keys within the limits; Esc closes it alone and gives the focus back', async () => {
    render(<Held from="2026-11-15" min="2026-11-10" max="2026-12-05" />)
    await press('打开日历')
    const focused = () => document.activeElement?.getAttribute('aria-label')
    const key = (name: string, more: object = {}) => fireEvent.keyDown(document.activeElement!, { key: name, ...more })
    expect(focused()).toBe('2026年11月15日')
    key('ArrowLeft')
    key('ArrowUp')
    expect(focused()).toBe('2026年11月10日')
    key('End')
    expect(focused()).toBe('2026年11月15日')
    key('PageDown')
    expect(focused()).toBe('2026年12月5日')
    expect(screen.getByRole<HTMLButtonElement>('button', { name: '2026年12月6日' }).disabled).toBe(true)
    let beyond = 0
    document.addEventListener('keydown', () => void beyond++, { once: true })
    key('Escape')
    expect([beyond, screen.queryByRole('dialog')]).toEqual([0, null])
    expect(focused()).toBe('打开日历')
    expect(told).toEqual([])
    await press('打开日历')
    key('ArrowRight')
    await press('2026年11月16日')
    expect([told, field().value]).toEqual([['2026-11-16'], '2026年11月16日'])
  })
})

describe('a filter by date', () => {
  setUp()

  it('keeps its place in the address in the usual form, and is emptied with the others', async () => {
    const desk = serve({ 'GET /admin/refunds': () => ({ data: { items: [] } }) })
    await openConsole('refunds')
    await then(() => void fireEvent.change(screen.getByLabelText('清算日期'), { target: { value: '2026年11月2日' } }))
    expect(at()).toBe('refunds?date=2026-11-02')
    expect(desk.sent('GET /admin/refunds').at(-1)?.query.get('date')).toBe('2026-11-02')
    await then(() => void fireEvent.change(screen.getByLabelText('清算日期'), { target: { value: '2月31日' } }))
    await then(() => void fireEvent.blur(screen.getByLabelText('清算日期')))
    expect(at()).toBe('refunds?date=2026-11-02')
    await then(() => screen.getByRole('link', { name: '清除条件' }).click())
    expect([at(), screen.getByLabelText<HTMLInputElement>('清算日期').value]).toEqual(['refunds', ''])
  })
})
