import { parseArgs } from 'node:util'

/** What `bench/sizes.ts` is told. */

const SIZES = [500_000, 1_000_000, 2_000_000]

export interface Terms {
  /** orders, from few to many */
  sizes: number[]
  days: number
  paid: number
  keep: number
}

/** @throws RangeError that says what is wrong with them */
export function termsOf(args: string[]): Terms {
  const number = { type: 'string' } as const
  const options = { days: number, paid: number, keep: number }
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  const whole = (name: string, text: string | undefined, usual: number, most: number) => {
    const value = Number(text ?? usual)
    if (!Number.isInteger(value) || value < 1 || value > most)
      throw new RangeError(`${name} is a whole number from 1 to ${most}`)
    return value
  }
  const sizes = positionals.length === 0 ? SIZES : positionals.map((size) => whole('a size', size, 0, 100_000_000))
  if (sizes.some((size, nth) => nth > 0 && size <= sizes[nth - 1]!)) throw new RangeError('sizes grow')
  const days = whole('--days', values.days, 10, 3_650)
  if (sizes[0]! / days < 20) throw new RangeError('a day has twenty orders at the least')
  return {
    sizes,
    days,
    paid: whole('--paid', values.paid, 2_000, 100_000),
    keep: whole('--keep', values.keep, 90, 365),
  }
}
