import { z } from 'zod'
import { SIGNERS } from './keys'

/** What the sandbox's UnionPay can be told to do wrong. "Does it" stands for whatever the request asks for. */
const mode = z.discriminatedUnion('mode', [
  /** waits, then does it and answers, even when the caller has gone */
  z.strictObject({ mode: z.literal('slow'), delayMs: z.int().min(1).max(600_000) }),
  /** does it, then waits, then answers: what comes of it may be told before */
  z.strictObject({ mode: z.literal('late'), delayMs: z.int().min(1).max(600_000) }),
  /** cuts the connection with nothing done; does it first */
  z.strictObject({ mode: z.literal('lose-request') }),
  z.strictObject({ mode: z.literal('lose-reply') }),
  /** answers 5xx as what stands before it does, with nothing done; does it first */
  z.strictObject({ mode: z.literal('error-before'), status: z.int().min(400).max(599).default(502) }),
  z.strictObject({ mode: z.literal('error-after'), status: z.int().min(400).max(599).default(502) }),
  /** refuses it, signed, with nothing done */
  z.strictObject({ mode: z.literal('refuse'), respCode: z.string().length(2) }),
  /** does it, and signs the answer otherwise */
  z.strictObject({ mode: z.literal('bad-signature'), by: z.enum(SIGNERS).default('nobody') }),
  /** does it, and answers what is no answer */
  z.strictObject({ mode: z.literal('garbage') }),
  /** does it, and says something else of it under its signature; an empty text leaves a field out */
  z.strictObject({ mode: z.literal('lie'), about: z.record(z.string(), z.string()) }),
  /** the payer confirms just before it is done: the race that a close can lose */
  z.strictObject({ mode: z.literal('paid-meanwhile') }),
])

export const VERBS = ['pay', 'query', 'close', 'refund', 'file', 'userid'] as const
export type Verb = (typeof VERBS)[number]

export const faultList = z.array(
  z.object({
    fault: mode,
    /** how often it strikes; absent: until it is cleared */
    times: z.int().min(1).optional(),
    /** what it strikes; absent: all */
    on: z.array(z.enum(VERBS)).optional(),
  }),
)
export type FaultInput = z.input<typeof faultList>
export type Fault = z.output<typeof mode>

export class Faults {
  private list: (z.output<typeof faultList>[number] & { struck: number })[] = []

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
      ({ struck, times, on }) => struck < (times ?? Number.POSITIVE_INFINITY) && (on?.includes(verb) ?? true),
    )
    if (hit) hit.struck++
    return hit?.fault
  }
}
