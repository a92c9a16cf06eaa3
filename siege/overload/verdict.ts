import { type Result, SERVED_IN_FULL } from './overloaded'
import { at, inAll, ofPaying, type Tally, WITH_A_CARD } from './tally'

/** Of what is served in an overload, the 99th percentile. */
const SERVED_MS = 1_000
/** "At once": of what is refused. */
const REFUSED_MS = 100
/** After it. */
const BACK_WITHIN_S = 5
/** Connections that break, of all requests; a refusal is an answer. */
const LOST = 0.001
/** What is served may not be much less than what is served when nobody is refused. */
const GOODPUT = 0.5

/** What is broken, in words. `timed`: times, too. */
export function broken(
  { calm, over, after, back, lastOne, open, alive, audit, capacity }: Result,
  timed: boolean,
): string[] {
  const reasons: string[] = []
  for (const part of [calm, over, after]) {
    const faults = inAll(part, 'faults')
    if (faults > 0) reasons.push(`${part.name}: ${faults} answers were a bare 5xx: ${words(part)}`)
    const [lost, asked] = [inAll(part, 'lost'), inAll(part, 'asked')]
    if (lost > Math.max(1, LOST * asked))
      reasons.push(`${part.name}: ${lost} of ${asked} had no answer: ${words(part)}`)
  }
  if (over.paid === 0) reasons.push('over: nobody paid')
  if (!calm.quotes[WITH_A_CARD])
    reasons.push(`calm: nobody was quoted a card, so nothing was tried of discounts: ${counted(calm.quotes)}`)
  if (lastOne !== SERVED_IN_FULL) reasons.push(`whoever came last was not served in full: ${lastOne}`)
  if (open > 0) reasons.push(`${open} orders have no ending`)
  if (!alive) reasons.push('the process has ended')
  if (!audit.clean) reasons.push(`the audit isn’t clean: ${audit.text}`)
  if (!timed) return reasons
  for (const kind of ['quote', 'pay'] as const) {
    const p99 = at(0.99, over.counts[kind].served)
    if (!(p99 < SERVED_MS))
      reasons.push(`over: the p99 of a served ${kind} was ${p99.toFixed(0)} ms; less than ${SERVED_MS}`)
  }
  const refused = ofPaying(over, 'refused')
  if (refused.length > 0 && at(0.99, refused) > REFUSED_MS)
    reasons.push(`over: the p99 of a refusal was ${at(0.99, refused).toFixed(0)} ms; at most ${REFUSED_MS}`)
  if (over.paid / over.lasted < GOODPUT * capacity)
    reasons.push(
      `over: ${(over.paid / over.lasted).toFixed(0)} paid a second, of ${capacity.toFixed(0)} that it serves`,
    )
  for (const [what, s] of Object.entries({ 'served everybody': back.servesAllAfterS, 'was swift': back.swiftAfterS }))
    if (s === undefined || s > BACK_WITHIN_S)
      reasons.push(`after: it ${what} again after ${s ?? '–'} s; at most ${BACK_WITHIN_S}`)
  return reasons
}

const words = ({ answers }: Tally) => counted(answers)
const counted = (counts: Record<string, number>) =>
  Object.entries(counts)
    .map(([what, times]) => `${times} × ${what}`)
    .join(', ')
