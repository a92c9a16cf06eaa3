import type { Visit } from './payers'

/** What became of the honest payments of a while, in ms. */
export interface Figures {
  payments: number
  paid: number
  /** how often somebody was told to come again in a moment */
  toldToWait: number
  p50: number
  p99: number
  /** the connection and the session */
  entryP99: number
  shopP99: number
  quoteP99: number
  payP99: number
  /** quotes that had a card, of those that were answered, percent */
  cardsPercent: number
  /** quotes that had none because others hold or have had them all, percent */
  starvedPercent: number
  /** why the others had none */
  reasons: Record<string, number>
  /** what kept whom from paying */
  kept: Record<string, number>
}

export function figuresOf(visits: readonly Visit[]): Figures {
  const paid = visits.filter((one) => one.paid)
  const at = (share: number, of: (visit: Visit) => number) => {
    const sorted = paid.map(of).sort((a, b) => a - b)
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  }
  const without = paid.filter(({ reason }) => reason !== null)
  const starved = without.filter(({ reason }) => reason === 'all-held' || reason === 'sold-out')
  const percent = (count: number) => (paid.length === 0 ? 0 : (100 * count) / paid.length)
  return {
    payments: visits.length,
    paid: paid.length,
    toldToWait: visits.reduce((sum, one) => sum + one.toldToWait, 0),
    p50: at(0.5, ({ waitedMs }) => waitedMs),
    p99: at(0.99, ({ waitedMs }) => waitedMs),
    entryP99: at(0.99, ({ entryMs }) => entryMs),
    shopP99: at(0.99, ({ shopMs }) => shopMs),
    quoteP99: at(0.99, ({ quoteMs }) => quoteMs),
    payP99: at(0.99, ({ payMs }) => payMs),
    cardsPercent: percent(paid.length - without.length),
    starvedPercent: percent(starved.length),
    reasons: counted(without.map(({ reason }) => reason!)),
    kept: counted(visits.flatMap(({ kept }) => (kept === undefined ? [] : [kept]))),
  }
}

function counted(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}
