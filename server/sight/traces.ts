import type { IncomingHttpHeaders } from 'node:http'
import { type Seen, seenNow, within } from './context'
import { newRequestId, type TraceParent, traceParentOf } from './request-id'

/**
 * Traces, off unless a collector is named: then nothing of OpenTelemetry is loaded, and each of these is the call that it is around. Where
 * they are on, most of what is done isn't sampled, and costs a look at the context.
 */

export type Attributes = Record<string, string | number>

interface Root {
  span: unknown
  traceId: string
}

/** What makes spans (otlp.ts). A span is opaque here: it lies in the context of what is done under it. */
export interface Tracing {
  /** the span, and the trace that it is of; undefined: it isn't sampled */
  root(name: string, parent: TraceParent | undefined): Root | undefined
  child(parent: unknown, name: string, startedMsAgo: number): unknown
  end(span: unknown, attributes: Attributes, failed: boolean): void
}

let tracing: Tracing | undefined

/** From now on what is done is traced; undefined: no more. */
export function traceBy(to: Tracing | undefined): void {
  tracing = to
}

export interface Asked {
  method: string
  headers: IncomingHttpHeaders
  /** it came by one of our own proxies, which says of whose trace it is part */
  trusted: boolean
  /** once it is answered */
  attributes(): Attributes & { 'http.route': string }
}

/** Runs what a request asks for, under its number. */
export function tracedRequest<T>(requestId: string, asked: Asked, run: () => Promise<T>): Promise<T> {
  const { method, headers, trusted } = asked
  const root = tracing?.root(method, trusted ? traceParentOf(headers) : undefined)
  return root ? underRoot(requestId, root, asked, run) : within({ requestId }, run)
}

async function underRoot<T>(
  requestId: string,
  { span, traceId }: Root,
  { attributes }: Asked,
  run: () => Promise<T>,
): Promise<T> {
  let failed = true
  try {
    const answer = await within({ requestId, span, traceId }, run)
    failed = false
    return answer
  } finally {
    const said = attributes()
    tracing?.end(
      span,
      { ...said, 'fapai.request_id': requestId },
      failed || Number(said['http.response.status_code']) >= 500,
    )
  }
}

/** Runs a job once, under a number of its own. */
export async function tracedJob<T>(job: string, run: () => Promise<T>): Promise<T> {
  const requestId = newRequestId()
  const root = tracing?.root(`job ${job}`, undefined)
  if (!root) return within({ requestId, job }, run)
  try {
    return await within({ requestId, job, span: root.span, traceId: root.traceId }, run)
  } finally {
    tracing?.end(root.span, { 'fapai.request_id': requestId }, false)
  }
}

/** Runs a call as a span of its own, beneath which is what it does; `seen`: the context that it is to have beside. */
export async function tracedCall<T>(
  name: string,
  seen: Seen,
  run: () => Promise<T>,
  told: () => Attributes,
): Promise<T> {
  if (!tracing || seen.span === undefined) return within(seen, run)
  const span = tracing.child(seen.span, name, 0)
  let failed = true
  try {
    const answer = await within({ ...seen, span }, run)
    failed = false
    return answer
  } finally {
    tracing?.end(span, told(), failed)
  }
}

/** Something that is over now and took so long, if what asked for it is sampled. */
export function traceDone(name: string, ms: number, failed: boolean): void {
  const parent = tracing && seenNow()?.span
  if (parent !== undefined) tracing?.end(tracing.child(parent, name, ms), {}, failed)
}
