/** What people ask for. `session` and `shop`: a page is opened; `look`: how an order goes; `desk`: lists and reports. */
export const KINDS = ['session', 'shop', 'quote', 'pay', 'look', 'desk'] as const
export type Kind = (typeof KINDS)[number]

export interface Counts {
  asked: number
  /** ms from when it was due, whoever was late */
  served: number[]
  /** the same, of a 503 that says when to come back */
  refused: number[]
  /** 429 */
  limited: number
  /** any other 4xx */
  declined: number
  /** a 5xx that doesn't say when to come back */
  faults: number
  /** no answer at all */
  lost: number
}

/** Of one part of the run: what was due in it. */
export interface Tally {
  name: string
  counts: Record<Kind, Counts>
  /** quotes with a card, and by reason those without one */
  quotes: Record<string, number>
  /** of what was not served, by status and code */
  answers: Record<string, number>
  /** of quotes and payments, by the second of this part in which they were due */
  seconds: { served: number[]; refused: number }[]
}

/** In {@link Tally.quotes}, beside the reasons. */
export const WITH_A_CARD = 'with a card'

const none = (): Counts => ({ asked: 0, served: [], refused: [], limited: 0, declined: 0, faults: 0, lost: 0 })

export function emptyTally(name: string): Tally {
  const counts = Object.fromEntries(KINDS.map((kind) => [kind, none()])) as Record<Kind, Counts>
  return { name, counts, quotes: {}, answers: {}, seconds: [] }
}

export interface Reply {
  /** 0: there was none */
  status: number
  code: string
  retryAfterS: number | undefined
  body: unknown
}

export function count(
  tally: Tally,
  kind: Kind,
  { status, code, retryAfterS }: Reply,
  ms: number,
  sinceMs: number,
): void {
  const counts = tally.counts[kind]
  counts.asked++
  const refused = status === 503 && retryAfterS !== undefined
  if (status >= 200 && status < 400) counts.served.push(ms)
  else if (refused) counts.refused.push(ms)
  else if (status === 429) counts.limited++
  else if (status >= 500) counts.faults++
  else if (status === 0) counts.lost++
  else counts.declined++
  if (status === 0 || status >= 400) add(tally.answers, `${kind} ${status || ''} ${code}`)
  if (kind !== 'quote' && kind !== 'pay') return
  const second = Math.max(0, Math.floor(sinceMs / 1_000))
  while (tally.seconds.length <= second) tally.seconds.push({ served: [], refused: 0 })
  const of = tally.seconds[second]!
  if (refused) of.refused++
  else if (status < 400) of.served.push(ms)
}

export function add(to: Record<string, number>, name: string): void {
  to[name] = (to[name] ?? 0) + 1
}

/** NaN of nothing. */
export function at(share: number, values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** Of quotes and payments together. */
export function ofPaying({ counts }: Tally, which: 'served' | 'refused'): number[] {
  return [...counts.quote[which], ...counts.pay[which]]
}

/** Of everything. */
export function inAll({ counts }: Tally, which: 'limited' | 'faults' | 'lost' | 'asked'): number {
  return KINDS.reduce((sum, kind) => sum + counts[kind][which], 0)
}

export interface Back {
  /** s after the load went down until nothing was refused any more; undefined: it never was so */
  servesAllAfterS: number | undefined
  /** s until the p99 of three seconds was at most twice the calm's */
  swiftAfterS: number | undefined
}

const SWIFT = 2
const LOOKED_AT_S = 3

/** When a house was itself again. */
export function backAfter({ seconds }: Tally, calmP99: number): Back {
  const lastRefused = seconds.findLastIndex(({ refused }) => refused > 0)
  const swift = seconds.findIndex((_, s) => {
    const some = seconds.slice(s, s + LOOKED_AT_S).flatMap(({ served }) => served)
    return some.length > 0 && at(0.99, some) <= SWIFT * calmP99
  })
  return {
    servesAllAfterS: lastRefused + 1 < seconds.length ? lastRefused + 1 : undefined,
    swiftAfterS: swift < 0 ? undefined : swift,
  }
}
