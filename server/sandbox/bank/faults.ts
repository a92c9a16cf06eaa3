import { randomInt } from 'node:crypto'
import { z } from 'zod'

/** What the sandbox bank can be told to do wrong. "Books" stands for whatever the request asks for. */
const mode = z.discriminatedUnion('mode', [
  /** waits, then books and answers, even when the caller has gone */
  z.object({ mode: z.literal('slow'), delayMs: z.int().min(1).max(600_000) }),
  /** declines a new clearing or refund, by a code of the contract or one of its own */
  z.object({ mode: z.literal('decline'), code: z.string().min(1).max(64) }),
  /** accepts a new clearing, answers `pending` to so many queries, then books it */
  z.object({ mode: z.literal('pending'), pendingQueries: z.int().min(0).max(1_000_000) }),
  /** asks the payer of a new clearing all the same, or on the bank's own page */
  z.object({ mode: z.enum(['challenge', 'redirect']) }),
  /** cuts the connection with nothing booked */
  z.object({ mode: z.literal('lose-request') }),
  /** books, then cuts the connection */
  z.object({ mode: z.literal('lose-reply') }),
  /** answers 5xx, unsigned as a gateway does, with nothing booked */
  z.object({ mode: z.literal('error-before'), status: z.int().min(500).max(599).default(500) }),
  /** books, then answers 5xx */
  z.object({ mode: z.literal('error-after'), status: z.int().min(500).max(599).default(500) }),
  /** books, and signs the reply with a key of nobody */
  z.object({ mode: z.literal('bad-signature') }),
  /** books, and answers well-signed rubbish */
  z.object({ mode: z.literal('garbage') }),
])

const VERBS = [
  ...(['pay', 'confirm', 'resend', 'query', 'close', 'refund', 'query-refund'] as const),
  ...(['sign', 'state', 'end', 'easy', 'ping', 'statement'] as const),
] as const

const limits = z.object({
  /** how often it strikes; absent: until it is cleared */
  times: z.int().min(1).optional(),
  /** the verbs it strikes; absent: all */
  on: z.array(z.enum(VERBS)).optional(),
  /** in how many of a hundred cases it strikes; absent: in all */
  percent: z.int().min(1).max(100).optional(),
  /** the one order it strikes; absent: any */
  orderNo: z.string().optional(),
})

const fault = mode.and(limits)
/** One fault or several; the first that fits a request strikes it. */
export const faultList = z.union([z.array(fault), fault.transform((one) => [one])])

export type Fault = z.infer<typeof fault>
/** A fault as it is told, with the defaults left out. */
export type FaultInput = z.input<typeof fault>
export type Verb = NonNullable<Fault['on']>[number]

export class Faults {
  private list: (Fault & { struck: number })[] = []

  /** Replaces all faults. */
  set(faults: readonly Fault[]): void {
    this.list = faults.map((one) => ({ ...one, struck: 0 }))
  }

  /** The faults with how often each has struck. */
  get all(): readonly (Fault & { struck: number })[] {
    return this.list
  }

  /** The fault that strikes this request, counted as one time. */
  strike(verb: Verb, orderNo: string | undefined): Fault | undefined {
    const hit = this.list.find(
      (one) =>
        one.struck < (one.times ?? Number.POSITIVE_INFINITY) &&
        (one.on?.includes(verb) ?? true) &&
        randomInt(100) < (one.percent ?? 100) &&
        (one.orderNo === undefined || one.orderNo === orderNo),
    )
    if (hit) hit.struck++
    return hit
  }
}
