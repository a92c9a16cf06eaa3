import fc from 'fast-check'
import { bandCount, MAX_AMOUNT_FEN, MAX_SLOTS, type Period, type Rule, ruleFaults } from '../../server/domain/rule'
import { CASE_RULE, validRules } from './arbitraries'

type Fields = Rule & Period
type Change = Partial<Record<keyof Fields, unknown>>

const faultsOf = (change: Change) => ruleFaults({ ...CASE_RULE, ...change } as Fields)
const namesOf = (change: Change) => faultsOf(change).map((fault) => `${fault.field}: ${fault.code}`)

describe('a valid rule', () => {
  it('of the case has no faults', () => {
    expect(faultsOf({})).toEqual([])
  })

  it('has none either at every bound it may reach', () => {
    fc.assert(fc.property(validRules, (rule) => expect(ruleFaults(rule)).toEqual([])))
  })

  it.each<[string, Change]>([
    ['one card', { slots: 1 }],
    ['a range of one amount', { minFen: 800, bandMinFen: 800, bandMaxFen: 800, maxFen: 800 }],
    ['a band that is the whole range', { minFen: 700, maxFen: 900 }],
    ['one day', { endDate: '2026-11-01' }],
    ['exactly one fen left to pay', { thresholdFen: 501 }],
    ['all for the merchant', { payerPercent: 0, thresholdFen: 1 }],
  ])('may have %s', (_, change) => {
    expect(faultsOf(change)).toEqual([])
  })
})

describe('a refused rule names the field', () => {
  it.each<[string, Change, string]>([
    ['a cap of 0', { slots: 0 }, 'slots: out-of-range'],
    ['a cap below 0', { slots: -1 }, 'slots: out-of-range'],
    ['a cap above the largest deck', { slots: MAX_SLOTS + 1 }, 'slots: out-of-range'],
    ['half a card', { slots: 2.5 }, 'slots: out-of-range'],
    ['a cap written as text', { slots: '20' }, 'slots: out-of-range'],
    ['no cap', { slots: undefined }, 'slots: out-of-range'],
    ['a threshold of 0', { thresholdFen: 0 }, 'thresholdFen: out-of-range'],
    ['a threshold that is no number', { thresholdFen: Number.NaN }, 'thresholdFen: out-of-range'],
    ['an endless threshold', { thresholdFen: Number.POSITIVE_INFINITY }, 'thresholdFen: out-of-range'],
    ['a card of 0 fen', { minFen: 0 }, 'minFen: out-of-range'],
    ['a card below 0', { minFen: -100 }, 'minFen: out-of-range'],
    ['a fraction of a fen', { maxFen: 999.5 }, 'maxFen: out-of-range'],
    ['a card too large to be packed', { maxFen: MAX_AMOUNT_FEN + 1 }, 'maxFen: out-of-range'],
    ['a band that starts nowhere', { bandMinFen: null }, 'bandMinFen: out-of-range'],
    ['a band that ends nowhere', { bandMaxFen: Number.NaN }, 'bandMaxFen: out-of-range'],
    ['a percent above 100, which no deck can meet', { bandPercent: 101 }, 'bandPercent: out-of-range'],
    ['a percent below 0', { bandPercent: -1 }, 'bandPercent: out-of-range'],
    ['a broken percent', { bandPercent: 80.5 }, 'bandPercent: out-of-range'],
    ['a payer who gets more than everything', { payerPercent: 101 }, 'payerPercent: out-of-range'],
    ['a payer who pays extra', { payerPercent: -1 }, 'payerPercent: out-of-range'],
    ['a range that is reversed', { minFen: 950, maxFen: 940 }, 'maxFen: range-reversed'],
    ['a band that is reversed', { bandMinFen: 900, bandMaxFen: 700 }, 'bandMaxFen: band-reversed'],
    ['a band that starts below the range', { minFen: 701 }, 'bandMinFen: band-outside-range'],
    ['a band that ends above the range', { maxFen: 899 }, 'bandMaxFen: band-outside-range'],
    ['nothing left to pay', { thresholdFen: 500 }, 'thresholdFen: payable-below-one-fen'],
    ['nothing left after the odd fen', { maxFen: 999, thresholdFen: 500 }, 'thresholdFen: payable-below-one-fen'],
    ['dates that are reversed', { startDate: '2026-12-01' }, 'endDate: dates-reversed'],
    ['a start that is not in the calendar', { startDate: '2026-02-30' }, 'startDate: not-a-date'],
    ['an end that is no date', { endDate: 'tomorrow' }, 'endDate: not-a-date'],
    ['no end', { endDate: undefined }, 'endDate: not-a-date'],
    ['an end in a list', { endDate: ['2026-11-30'] }, 'endDate: not-a-date'],
  ])('%s', (_, change, fault) => {
    expect(namesOf(change)).toContain(fault)
  })

  it('and every other faulty field in the same answer', () => {
    expect(namesOf({ slots: 0, bandPercent: 101, startDate: 'x' })).toEqual([
      'slots: out-of-range',
      'bandPercent: out-of-range',
      'startDate: not-a-date',
    ])
    expect(namesOf({ thresholdFen: 1, endDate: '2026-10-31' })).toEqual([
      'thresholdFen: payable-below-one-fen',
      'endDate: dates-reversed',
    ])
  })

  it('in a message a person can read', () => {
    for (const fault of faultsOf({ slots: 0, maxFen: 0, endDate: '' })) expect(fault.message).toContain(fault.field)
  })
})

describe('junk', () => {
  const fields = Object.keys(CASE_RULE) as (keyof Fields)[]
  const junk = fc.oneof(
    fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true, withDate: true }),
    fc.double(),
    fc.constant(Symbol('junk')),
  )

  it('in any field is a fault of that field and never throws', () => {
    fc.assert(
      fc.property(fc.constantFrom(...fields), junk, (field, value) => {
        const faults = faultsOf({ [field]: value })
        if (typeof value !== typeof CASE_RULE[field]) expect(faults.map((fault) => fault.field)).toContain(field)
      }),
      { numRuns: 2_000 },
    )
  })

  it('in all fields at once never throws', () => {
    const records = fc.record(Object.fromEntries(fields.map((field) => [field, junk])))
    fc.assert(fc.property(records, (record) => Array.isArray(ruleFaults(record as unknown as Fields))))
  })

  it('that passes is a rule a deck meets: whole cards, one at least, band inside the range', () => {
    const near = fc.integer({ min: -2, max: 1_002 })
    const shape = Object.fromEntries(fields.filter((f) => !f.endsWith('Date')).map((field) => [field, near]))
    fc.assert(
      fc.property(fc.record(shape), (numbers) => {
        const rule = { ...CASE_RULE, ...numbers } as Fields
        if (ruleFaults(rule).length > 0) return
        expect(bandCount(rule)).toBeLessThanOrEqual(rule.slots)
        expect(rule.slots).toBeGreaterThanOrEqual(1)
        expect(rule.minFen <= rule.bandMinFen && rule.bandMinFen <= rule.bandMaxFen).toBe(true)
        expect(rule.bandMaxFen <= rule.maxFen).toBe(true)
      }),
      { numRuns: 20_000 },
    )
  })
})

describe('the number of cards in the band', () => {
  it.each([
    [80, 20, 16],
    [80, 19, 16],
    [80, 1, 1],
    [0, 20, 0],
    [100, 20, 20],
    [1, 100, 1],
    [1, 101, 2],
    [29, 100, 29],
  ])('at %i %% of %i cards is %i', (bandPercent, slots, count) => {
    expect(bandCount({ ...CASE_RULE, bandPercent, slots })).toBe(count)
  })

  it('is all of them when nothing lies outside the band', () => {
    expect(bandCount({ ...CASE_RULE, minFen: 700, maxFen: 900 })).toBe(20)
  })
})
