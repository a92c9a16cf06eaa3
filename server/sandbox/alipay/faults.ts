import { z } from 'zod'
import { VERBS, type Verb } from './methods'

/** What the sandbox's gateway can be told to do wrong with a trade. "Does it" stands for whatever the request asks for. */
const mode = z.discriminatedUnion('mode', [
  /** waits, then does it and answers, even when the caller has gone */
  z.strictObject({ mode: z.literal('slow'), delayMs: z.int().min(1).max(600_000) }),
  /** does it, then waits and answers: what comes of it is told before the answer */
  z.strictObject({ mode: z.literal('slow-reply'), delayMs: z.int().min(1).max(600_000) }),
  /** cuts the connection with nothing done; does it first */
  z.strictObject({ mode: z.literal('lose-request') }),
  z.strictObject({ mode: z.literal('lose-reply') }),
  /** answers 502, unsigned as a gateway does, with nothing done; does it first */
  z.strictObject({ mode: z.literal('error-before') }),
  z.strictObject({ mode: z.literal('error-after') }),
  /** refuses it, signed, with nothing done */
  z.strictObject({ mode: z.literal('refuse'), code: z.string().default('40004'), subCode: z.string() }),
  /** refuses it as anybody could: in an `error_response` without a signature */
  z.strictObject({ mode: z.literal('unsigned'), subCode: z.string() }),
  /** does it, and signs the reply with a key of nobody */
  z.strictObject({ mode: z.literal('bad-signature') }),
  /** does it, and answers what is no answer */
  z.strictObject({ mode: z.literal('garbage') }),
  /** does it, and says something else of it under its signature; null leaves a field out */
  z.strictObject({ mode: z.literal('lie'), about: z.record(z.string(), z.unknown()) }),
  /** the payer confirms just before it is done: the race that a close can lose */
  z.strictObject({ mode: z.literal('paid-meanwhile') }),
])

export const faultList = z.array(
  z.object({
    fault: mode,
    /** how often it strikes; absent: until it is cleared */
    times: z.int().min(1).optional(),
    /** what it strikes; absent: all */
    on: z.array(z.enum(VERBS)).optional(),
  }),
)
export type Fault = z.output<typeof mode>
export type FaultInput = z.input<typeof faultList>

export class Faults {
  private list: (z.output<typeof faultList>[number] & { struck: number })[] = []

  /** Replaces all faults. */
  set(faults: FaultInput): void {
    this.list = faultList.parse(faults).map((one) => ({ ...one, struck: 0 }))
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
