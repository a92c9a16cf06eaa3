import { randomFillSync } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { pooledRandom } from '../domain/random'

/** The header of a request's number, in requests, answers and calls to the bank. */
export const REQUEST_ID = 'x-request-id'

const random = pooledRandom(randomFillSync)
export const randomHex = (bytes: number): string => Buffer.from(random(bytes)).toString('hex')

/**
 * A UUID, nginx's 32 hex characters, and the like: no character that means anything in a log, a header, a page or a query; and not digits
 * alone, which may be somebody's telephone or account.
 */
const GIVEN = /^(?!\d+$)[A-Za-z0-9_-]{8,64}$/
/** W3C trace context: version, trace, parent, flags. */
const TRACE_PARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/

/** A number of ours: 96 random bits, since nobody asks whether it was given out before. */
export const newRequestId = (): string => randomHex(12)

/**
 * The number of a request: the one that it brought, or its trace's, with eight characters of ours behind it; or one of ours. So it is found by
 * what whoever stands in front has logged, and nobody can make two requests one by sending a number twice, or another's.
 */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = headers[REQUEST_ID]
  if (typeof given === 'string' && GIVEN.test(given)) return `${given}.${randomHex(4)}`
  const parent = headers.traceparent === undefined ? undefined : traceParentOf(headers)
  return parent ? `${parent.traceId}.${randomHex(4)}` : newRequestId()
}

export interface TraceParent {
  traceId: string
  spanId: string
  sampled: boolean
}

/** What a request says that it is a part of; undefined: nothing, or nothing that could be. */
export function traceParentOf({ traceparent }: IncomingHttpHeaders): TraceParent | undefined {
  const [, traceId, spanId, flags] = TRACE_PARENT.exec(String(traceparent ?? '')) ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}
