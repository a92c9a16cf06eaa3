import fc from 'fast-check'
import { addDays, businessDate, DAY_MS, daysFrom, endOfBusinessDate } from '../../server/domain/business-date'
import {
  covers,
  isOpenAt,
  openDays,
  opensNext,
  opensOn,
  type Window,
  windowFaults,
  windowsWords,
} from '../../server/domain/window'
import { windowsWords as consoleWords } from '../../src/console/windows'

const PERIOD = { startDate: '2026-11-01', endDate: '2026-11-30' }
const LUNCH: Window = { weekdays: [1, 2, 3, 4, 5], from: '11:00', to: '14:00' }
const WEEKEND: Window = { weekdays: [6, 7], from: '00:00', to: '24:00' }
const at = (date: string, clock: string) => Date.parse(`${date}T${clock}:00+08:00`)

const clockOf = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
const spans = fc
  .tuple(fc.integer({ min: 0, max: 1_439 }), fc.integer({ min: 1, max: 1_440 }))
  .filter(([from, to]) => from < to)
const someWindows = fc.array(
  fc
    .record({ weekdays: fc.subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 }), span: spans })
    .map(({ weekdays, span: [from, to] }): Window => ({ weekdays, from: clockOf(from), to: clockOf(to) })),
  { maxLength: 4 },
)
const moments = fc.integer({ min: at('2026-11-01', '00:00'), max: at('2026-12-31', '00:00') })

describe('a campaign’s windows', () => {
  it.each<[string, string, string, boolean]>([
    ['before the first minute', '2026-11-20', '10:59', false],
    ['in the first minute', '2026-11-20', '11:00', true],
    ['in the last minute', '2026-11-20', '13:59', true],
    ['in the first minute after it', '2026-11-20', '14:00', false],
    ['on the last minute of a day without hours', '2026-11-20', '23:59', false],
    ['at the midnight with which a whole day begins', '2026-11-21', '00:00', true],
    ['in the last minute of two whole days', '2026-11-22', '23:59', true],
    ['at the midnight after them', '2026-11-23', '00:00', false],
  ])('%s: %s %s', (_, date, clock, open) => {
    expect(isOpenAt([LUNCH, WEEKEND], at(date, clock))).toBe(open)
  })

  it('are open always where there are none', () => {
    fc.assert(fc.property(moments, (moment) => isOpenAt([], moment)))
    expect([opensOn([], '2026-11-23'), openDays([], '2026-11-01', '2026-11-30')]).toEqual([true, 30])
  })

  it('open on the dates that hold an open minute, and as many of them are counted', () => {
    fc.assert(
      fc.property(someWindows, fc.integer({ min: 0, max: 40 }), (windows, more) => {
        const [from, to] = ['2026-11-04', addDays('2026-11-04', more)]
        const dates = Array.from({ length: daysFrom(from, to) + 1 }, (_, n) => addDays(from, n))
        const open = dates.filter((date) => {
          const start = endOfBusinessDate(date) - DAY_MS
          return (
            windows.length === 0 ||
            Array.from({ length: 1_440 }, (_, m) => m).some((m) => isOpenAt(windows, start + m * 60_000))
          )
        })
        expect(dates.filter((date) => opensOn(windows, date))).toEqual(open)
        expect(openDays(windows, from, to)).toBe(open.length)
      }),
      { numRuns: 40 },
    )
    expect(openDays([LUNCH], '2026-11-02', '2026-11-01')).toBe(0)
  })

  it('open next at the first minute that is open and yet to come, in the period', () => {
    expect(opensNext([LUNCH], at('2026-11-20', '12:00'), PERIOD)).toBe(at('2026-11-23', '11:00'))
    expect(opensNext([LUNCH], at('2026-11-20', '09:00'), PERIOD)).toBe(at('2026-11-20', '11:00'))
    expect(opensNext([LUNCH], at('2026-10-01', '09:00'), PERIOD)).toBe(at('2026-11-02', '11:00'))
    expect(opensNext([LUNCH], at('2026-11-30', '14:00'), PERIOD)).toBeNull()
    expect(opensNext([{ ...LUNCH, weekdays: [5] }], at('2026-11-20', '11:00'), PERIOD)).toBe(at('2026-11-27', '11:00'))
    expect(opensNext([], at('2026-11-20', '23:59'), PERIOD)).toBe(at('2026-11-21', '00:00'))
    fc.assert(
      fc.property(someWindows, moments, (windows, moment) => {
        const next = opensNext(windows, moment, PERIOD)
        if (next === null) return
        expect([next > moment, isOpenAt(windows, next), businessDate(next) <= PERIOD.endDate]).toEqual([
          true,
          true,
          true,
        ])
      }),
    )
  })

  it('cover others where every minute of those is theirs, however they are cut', () => {
    const halves: Window[] = [
      { weekdays: [1, 2, 3], from: '11:00', to: '12:30' },
      { weekdays: [1, 2, 3], from: '12:30', to: '14:00' },
      { weekdays: [4, 5], from: '11:00', to: '14:00' },
    ]
    expect([covers(halves, [LUNCH]), covers([LUNCH], halves)]).toEqual([true, true])
    expect(covers([{ ...LUNCH, to: '13:59' }], [LUNCH])).toBe(false)
    expect(covers([{ ...LUNCH, weekdays: [1, 2, 3, 4] }], [LUNCH])).toBe(false)
    expect([covers([], [LUNCH]), covers([LUNCH], []), covers([], [])]).toEqual([true, false, true])
    fc.assert(
      fc.property(someWindows, someWindows, moments, (wide, narrow, moment) => {
        if (covers(wide, narrow) && isOpenAt(narrow, moment)) expect(isOpenAt(wide, moment)).toBe(true)
      }),
    )
  })

  it.each<[string, Window[], string[]]>([
    ['are well as they are', [LUNCH, WEEKEND], []],
    ['past midnight are two', [{ ...LUNCH, from: '22:00', to: '02:00' }], ['windows.0.to span-reversed']],
    ['of no length are none', [{ ...LUNCH, to: '11:00' }], ['windows.0.to span-reversed']],
    ['name a weekday once', [{ ...LUNCH, weekdays: [1, 1] }], ['windows.0.weekdays weekday-twice']],
    [
      'don’t overlap on one day',
      [LUNCH, { weekdays: [5], from: '13:59', to: '15:00' }],
      ['windows.1.from windows-overlap'],
    ],
    ['touch where one ends', [LUNCH, { weekdays: [5], from: '14:00', to: '15:00' }], []],
  ])('%s', (_, windows, faults) => {
    expect(windowFaults(windows, PERIOD).map(({ field, code }) => `${field} ${code}`)).toEqual(faults)
  })

  it('come at least once in the period', () => {
    const weekend = { startDate: '2026-11-21', endDate: '2026-11-22' }
    expect(windowFaults([LUNCH], weekend).map(({ code }) => code)).toEqual(['no-open-day'])
    expect(windowFaults([LUNCH], { ...weekend, endDate: '2026-11-23' })).toEqual([])
  })

  it.each<[Window[], string]>([
    [[LUNCH, WEEKEND], '周一至周五 11:00–14:00；周六、周日 全天'],
    [[{ ...LUNCH, from: '17:30', to: '24:00' }, LUNCH], '周一至周五 11:00–14:00、17:30–24:00'],
    [[{ weekdays: [7, 1, 3], from: '09:05', to: '10:00' }], '周一、周三、周日 9:05–10:00'],
    [[{ weekdays: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '06:00' }], '每天 0:00–6:00'],
    [[{ weekdays: [3, 4], from: '00:00', to: '24:00' }], '周三、周四 全天'],
  ])('are told in words', (windows, words) => {
    expect(windowsWords(windows)).toBe(words)
  })

  it('are told to operators in the same words as to payers', () => {
    fc.assert(
      fc.property(someWindows, (windows) => {
        const typed = windows.map(({ weekdays, ...span }) => ({ weekdays: [...weekdays], ...span }))
        expect(consoleWords(typed)).toBe(windows.length === 0 ? '每天全天' : windowsWords(windows))
      }),
    )
  })
})
