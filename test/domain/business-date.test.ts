import fc from 'fast-check'
import { addDays, businessDate, daysFrom, endOfBusinessDate, isBusinessDate } from '../../server/domain/business-date'

/** The calendar's own opinion: the time zone database of the runtime, a different path than the fixed offset. */
const shanghai = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'Asia/Shanghai',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
})

// Shanghai last changed its clocks in 1991; this system's days begin much later.
const instants = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2099, 11, 31) })
const dates = instants.map(businessDate)

describe('the business date', () => {
  it('is the calendar day in Asia/Shanghai', () => {
    fc.assert(fc.property(instants, (ms) => expect(businessDate(ms)).toBe(shanghai.format(ms))))
  })

  it.each([
    ['2026-11-20T15:59:59.999Z', '2026-11-20'],
    ['2026-11-20T16:00:00.000Z', '2026-11-21'],
    ['2026-12-31T16:00:00.000Z', '2027-01-01'],
    ['2028-02-28T16:00:00.000Z', '2028-02-29'],
  ])('at %s is %s', (instant, date) => {
    expect(businessDate(Date.parse(instant))).toBe(date)
  })

  it('holds its last millisecond and not the one after', () => {
    fc.assert(
      fc.property(dates, (date) => {
        expect(businessDate(endOfBusinessDate(date) - 1)).toBe(date)
        expect(businessDate(endOfBusinessDate(date))).toBe(addDays(date, 1))
      }),
    )
  })
})

describe('adding days', () => {
  it('is undone by counting them', () => {
    fc.assert(
      fc.property(dates, fc.integer({ min: -4_000, max: 4_000 }), (date, days) => {
        expect(daysFrom(date, addDays(date, days))).toBe(days)
      }),
    )
  })

  it('is undone by taking them away, and keeps the order of dates', () => {
    fc.assert(
      fc.property(dates, fc.integer({ min: 1, max: 1_000 }), (date, days) => {
        expect(addDays(addDays(date, days), -days)).toBe(date)
        expect(addDays(date, days) > date).toBe(true)
      }),
    )
  })

  it.each([
    ['2026-12-31', 1, '2027-01-01'],
    ['2028-02-28', 1, '2028-02-29'],
    ['2027-03-01', -1, '2027-02-28'],
    ['2026-11-21', 0, '2026-11-21'],
  ])('%s and %i days is %s', (date, days, sum) => {
    expect(addDays(date, days)).toBe(sum)
  })
})

describe('recognising a business date', () => {
  it('accepts the first and the last there are', () => {
    expect([isBusinessDate('2000-01-01'), isBusinessDate('2199-12-31')]).toEqual([true, true])
  })

  it('accepts every date it makes', () => {
    fc.assert(fc.property(dates, (date) => expect(isBusinessDate(date)).toBe(true)))
  })

  it.each([
    '0000-01-01',
    '1999-12-31',
    '2200-01-01',
    '9999-12-31',
    '2026-02-30',
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-11-00',
    '2026-11-32',
    '2026-1-1',
    '20261121',
    ' 2026-11-21',
    '2026-11-21\n',
    '2026-11-21T00:00:00Z',
    '２０２６-11-21',
    '',
  ])('refuses %j', (text) => {
    expect(isBusinessDate(text)).toBe(false)
  })

  it.each([
    [['2026-11-21']],
    [20261121],
    [null],
    [undefined],
    [Symbol('date')],
    [Object.create(null)],
    [{ toString: () => '2026-11-21' }],
  ])('refuses what is no string, without throwing: case %#', (value) => {
    expect(isBusinessDate(value as string)).toBe(false)
  })

  it('never throws, whatever text it is given', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(typeof isBusinessDate(text)).toBe('boolean')))
  })
})
