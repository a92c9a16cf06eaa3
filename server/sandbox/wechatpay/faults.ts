import { z } from 'zod'

/** What WeChat Pay can be told to do wrong. "Does it" stands for whatever the request asks for. */

const mode = z.discriminatedUnion('mode', [
  /** waits, then does it and answers, even when the caller has gone */
  z.strictObject({ mode: z.literal('slow'), delayMs: z.int().min(1).max(600_000) }),
  /** cuts the connection with nothing done */
  z.strictObject({ mode: z.literal('lose-request') }),
  /** does it, then cuts the connection */
  z.strictObject({ mode: z.literal('lose-reply') }),
  /** answers 5xx, unsigned as a gateway does, with nothing done */
  z.strictObject({ mode: z.literal('error-before'), status: z.int().min(500).max(599).default(502) }),
  /** does it, then answers 5xx, signed */
  z.strictObject({ mode: z.literal('error-after'), status: z.int().min(500).max(599).default(500) }),
  /** refuses it, signed unless told, with nothing done */
  z.strictObject({
    mode: z.literal('refuse'),
    status: z.int().min(400).max(499),
    code: z.string(),
    unsigned: z.boolean().default(false),
  }),
  /** does it, and signs the reply with a key of nobody */
  z.strictObject({ mode: z.literal('bad-signature') }),
  /** does it, and signs the reply as it was ten minutes ago */
  z.strictObject({ mode: z.literal('stale') }),
  /** does it, and names a key that nobody knows */
  z.strictObject({ mode: z.literal('unknown-serial') }),
  /** does it, and answers well-signed rubbish */
  z.strictObject({ mode: z.literal('garbage') }),
  /** does it, and says something else of it under its signature */
  z.strictObject({ mode: z.literal('lie'), about: z.record(z.string(), z.unknown()) }),
  /** the person confirms just before it is done: the race that a close can lose */
  z.strictObject({ mode: z.literal('paid-meanwhile') }),
])

export const VERBS = ['prepare', 'query', 'close', 'refund', 'query-refund', 'bill', 'certificates'] as const
export type Verb = (typeof VERBS)[number]

const limits = z.object({
  /** how often it strikes; absent: until it is cleared */
  times: z.int().min(1).optional(),
  /** the verbs it strikes; absent: all */
  on: z.array(z.enum(VERBS)).optional(),
})

export const faultList = z.array(z.object({ fault: mode, limits: limits.default({}) }))
export type Fault = z.output<typeof mode>
type Planted = z.output<typeof faultList>[number] & { struck: number }

export class Faults {
  private list: Planted[] = []

  /** Replaces all faults. */
  set(faults: z.output<typeof faultList>): void {
    this.list = faults.map((one) => ({ ...one, struck: 0 }))
  }

  /** how many requests the present ones have struck */
  struck(): number {
    return this.list.reduce((sum, one) => sum + one.struck, 0)
  }

  /** The fault that strikes this request, counted as one time. */
  strike(verb: Verb): Fault | undefined {
    const hit = this.list.find(
      ({ struck, limits: { times, on } }) =>
        struck < (times ?? Number.POSITIVE_INFINITY) && (on?.includes(verb) ?? true),
    )
    if (hit) hit.struck++
    return hit?.fault
  }
}
