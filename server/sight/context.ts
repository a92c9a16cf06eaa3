import { AsyncLocalStorage } from 'node:async_hooks'

/** What all that is done for one request, or in one run of a job, is known by: in the log, in problem documents, at the bank. */
export interface Seen {
  requestId: string
  /** the job that runs; undefined: somebody asked */
  job?: string
  /** of a call to a channel that is under way */
  call?: Told
  /** the span that what comes next is a part of, and its trace, where it is sampled (traces.ts) */
  span?: unknown
  traceId?: string
}

/** What was heard of a call to a channel beside its answer. */
export interface Told {
  /** the number under which the other side logs it */
  theirs?: string
}

const storage = new AsyncLocalStorage<Seen>()

export const seenNow = (): Seen | undefined => storage.getStore()

/** Runs it as a part of that. */
export function within<T>(seen: Seen, run: () => T): T {
  return storage.run(seen, run)
}

/** Runs what outlives the request that began it, such as a timer, as a part of none. */
export function apart<T>(run: () => T): T {
  return storage.exit(run)
}

/** For every line of the log. */
export function seenInLog(): object {
  const seen = storage.getStore()
  if (!seen) return {}
  const { requestId, job, traceId } = seen
  return { requestId, ...(job !== undefined && { job }), ...(traceId !== undefined && { traceId }) }
}
