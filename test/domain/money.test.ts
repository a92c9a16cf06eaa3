import fc from 'fast-check'
import { formatYuan, isFen, plainYuan, splitDiscount } from '../../server/domain/money'

const MAX_FEN = Number.MAX_SAFE_INTEGER

/** Reads a written amount back without floating point: `"-1,234.5"` → `-123450n`. */
function readFen(text: string): bigint {
  const [, sign, whole, cents = ''] = /^(-?)([\d,]+)(?:\.(\d{1,2}))?$/.exec(text)!
  const fen = BigInt(whole!.replaceAll(',', '')) * 100n + BigInt(cents.padEnd(2, '0'))
  return sign ? -fen : fen
}

describe('splitting a discount (I3)', () => {
  const discounts = fc.integer({ min: 0, max: 10_000_000 })
  const percents = fc.integer({ min: 0, max: 100 })

  it('gives shares that are whole fen, not negative, and sum to the discount', () => {
    fc.assert(
      fc.property(discounts, percents, (discountFen, percent) => {
        const { payerFen, merchantFen } = splitDiscount(discountFen, percent)
        expect(isFen(payerFen) && isFen(merchantFen)).toBe(true)
        expect(payerFen + merchantFen).toBe(discountFen)
      }),
    )
  })

  it('rounds in favour of the payer, by less than one fen', () => {
    fc.assert(
      fc.property(discounts, percents, (discountFen, percent) => {
        const { payerFen } = splitDiscount(discountFen, percent)
        const above = BigInt(payerFen) * 100n - BigInt(discountFen) * BigInt(percent)
        expect(above >= 0n && above < 100n).toBe(true)
      }),
    )
  })

  it.each([
    [1_000, 50, 500, 500],
    [1_001, 50, 501, 500],
    [1, 50, 1, 0],
    [999, 0, 0, 999],
    [999, 100, 999, 0],
    [100, 33, 33, 67],
    [0, 50, 0, 0],
  ])(
    'splits %i fen at %i %% into %i for the payer and %i for the merchant',
    (discount, percent, payerFen, merchantFen) => {
      expect(splitDiscount(discount, percent)).toEqual({ payerFen, merchantFen })
    },
  )
})

describe('writing yuan', () => {
  const amounts = fc.integer({ min: -MAX_FEN, max: MAX_FEN })

  it('formatYuan has two decimals, groups of three, and reads back to the same fen', () => {
    fc.assert(
      fc.property(amounts, (fen) => {
        const text = formatYuan(fen)
        expect(text).toMatch(/^-?(?:0|[1-9]\d{0,2}(?:,\d{3})*)\.\d{2}$/)
        expect(readFen(text)).toBe(BigInt(fen))
      }),
    )
  })

  it('plainYuan has no grouping and no trailing zeros, and reads back to the same fen', () => {
    fc.assert(
      fc.property(amounts, (fen) => {
        const text = plainYuan(fen)
        expect(text).toMatch(/^-?(?:0|[1-9]\d*)(?:\.\d?[1-9])?$/)
        expect(readFen(text)).toBe(BigInt(fen))
      }),
    )
  })

  it.each([
    [0, '0.00', '0'],
    [1, '0.01', '0.01'],
    [-1, '-0.01', '-0.01'],
    [1_000, '10.00', '10'],
    [950, '9.50', '9.5'],
    [1_005, '10.05', '10.05'],
    [100_000, '1,000.00', '1000'],
    [123_456_789, '1,234,567.89', '1234567.89'],
  ])('%i fen is %s, and %s in a headline', (fen, formatted, plain) => {
    expect([formatYuan(fen), plainYuan(fen)]).toEqual([formatted, plain])
  })

  it.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('%p is not an amount of fen', (fen) => {
    expect(() => formatYuan(fen)).toThrow(TypeError)
    expect(isFen(fen)).toBe(false)
  })

  it.each([-1, '1', null, undefined, 1n])('isFen refuses %p', (value) => {
    expect(isFen(value)).toBe(false)
  })
})
