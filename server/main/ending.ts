import type { Config } from '../config'

/** Of the time until the end so much is for closing what isn't payments': threads, channels, stores. */
const CLOSING_MS = 1_000

interface Parts {
  door: { drain(forMs: number): Promise<void>; stop(withinMs: number): Promise<void> }
  /** the merchants' feeds */
  live: { close(): void }
  jobs: readonly { stop(): Promise<void> }[]
  /** a request under way may wait for a channel so long, ms */
  requestMs: number
  /** what is closed when nothing uses it any more, in this order */
  last: readonly (() => unknown)[]
}

/**
 * How a process that serves comes to its end without anybody noticing: what stands in front is told, jobs are handed over, no more is taken,
 * feeds are told to come back, what was begun is finished.
 */
export async function endInOrder(
  { drainMs, shutdownMs }: Pick<Config, 'drainMs' | 'shutdownMs'>,
  parts: Parts,
): Promise<void> {
  const { door, live, jobs, requestMs, last } = parts
  const handedOver = Promise.all(jobs.map((job) => job.stop()))
  await door.drain(drainMs)
  live.close()
  await door.stop(Math.max(0, Math.min(requestMs, shutdownMs - drainMs - CLOSING_MS)))
  await handedOver
  for (const close of last) await close()
}
