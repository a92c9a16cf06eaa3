/** What the attackers sent and what the house said to it, of one attack. */
export interface Tally {
  /** written to a connection, frames of a WebSocket included */
  sent: number
  /** those that an answer came to, or the end of the connection */
  answered: number
  /** by status, and by what ended a connection instead */
  answers: Record<string, number>
  /** 5xx that tell nobody when to come back: none may be */
  faults: number
  /** a few of them */
  samples: string[]
}

/** So many show what kind of fault it is. */
const SAMPLES = 5

export const emptyTally = (): Tally => ({ sent: 0, answered: 0, answers: {}, faults: 0, samples: [] })

export function countAnswer(tally: Tally, status: number, retryAfter: boolean, told: () => string): void {
  const fault = status >= 500 && !(status === 503 && retryAfter)
  const name = fault && status === 503 ? '503 without Retry-After' : String(status)
  tally.answers[name] = (tally.answers[name] ?? 0) + 1
  tally.answered++
  if (!fault) return
  tally.faults++
  if (tally.samples.length < SAMPLES) tally.samples.push(`${name} ${told().slice(0, 200)}`)
}

export function countLoss(tally: Tally, code: string): void {
  tally.answers[code] = (tally.answers[code] ?? 0) + 1
  tally.answered++
}

export function summed(tallies: readonly Tally[]): Tally {
  const sum = emptyTally()
  for (const { sent, answered, answers, faults, samples } of tallies) {
    sum.sent += sent
    sum.answered += answered
    sum.faults += faults
    for (const [name, count] of Object.entries(answers)) sum.answers[name] = (sum.answers[name] ?? 0) + count
    sum.samples.push(...samples.slice(0, SAMPLES - sum.samples.length))
  }
  return sum
}
