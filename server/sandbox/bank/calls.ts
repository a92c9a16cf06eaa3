import type { z } from 'zod'
import type { Bank, Twist } from './bank'
import type { Verb } from './faults'
import type { Answer } from './views'

/** What a signed request asks for, before anything is done. */
export interface Call {
  verb: Verb
  orderNo: string | undefined
  /** of a refund's call */
  refundNo?: string
  /** does it; a twist is a fault's way with a new clearing */
  run(bank: Bank, twist?: Twist): Answer
}

/** Opens an envelope; undefined when it is not for this bank, or was touched. */
export type Open = (envelope: string) => string | undefined

/** What an envelope holds; undefined when it can't be opened, or holds something else. */
export function opened<T>(open: Open, envelope: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(open(envelope) ?? 'null')).data
  } catch {
    return undefined
  }
}

export function parsed<T>(schema: z.ZodType<T>, body: Buffer, call: (value: T) => Call | Answer): Call | Answer {
  try {
    const value = schema.safeParse(JSON.parse(body.toString('utf8')))
    if (value.success) return call(value.data)
  } catch {
    // not JSON: the same answer
  }
  return { status: 400, body: { code: 'invalid-request' } }
}
