import type { Rule } from './rule'

/** A column of the histogram of cards; both ends included, fen. */
export interface CardBin {
  fromFen: number
  toFen: number
  inBand: boolean
}

/** A column is as wide as one of these, fen: figures that people read at a glance. */
const STEPS_FEN = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000]
/** More columns than that can't be told apart in a chart 600 pixels wide. */
const MOST_COLUMNS = 24

/** Columns from the smallest to the largest card; none lies across an edge of the band, so each is wholly in it or out of it. */
export function cardBins(rule: Rule): CardBin[] {
  const range = rule.maxFen - rule.minFen + 1
  const step = STEPS_FEN.find((one) => range / one <= MOST_COLUMNS) ?? STEPS_FEN.at(-1)!
  return [
    ...columns(rule.minFen, rule.bandMinFen - 1, step, false),
    ...columns(rule.bandMinFen, rule.bandMaxFen, step, true),
    ...columns(rule.bandMaxFen + 1, rule.maxFen, step, false),
  ]
}

/** A last column of less than half the width is part of the one before. */
function columns(fromFen: number, toFen: number, step: number, inBand: boolean): CardBin[] {
  const bins: CardBin[] = []
  for (let at = fromFen; at <= toFen; ) {
    const end = at + step - 1
    const rest = toFen - end
    const last = rest < step / 2 ? toFen : end
    bins.push({ fromFen: at, toFen: last, inBand })
    at = last + 1
  }
  return bins
}
