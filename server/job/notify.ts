import type { Logger } from 'pino'
import { type LookDeps, lookForNews } from '../flow/notification/look'
import { type TellDeps, tellNews } from '../flow/notification/tell'
import { every } from './every'

/** A person reads it: seconds are soon enough. */
const TELL_PAUSE_MS = 2_000
/** Budgets and statements are a matter of hours. */
const LOOK_PAUSE_MS = 5 * 60_000

/** Operators are told what waits for them: what happened at once, what the books show every few minutes. */
export function notifyJobs(deps: TellDeps & LookDeps, log: Logger) {
  const jobs = [
    every('notify', TELL_PAUSE_MS, log, (goOn) => tellNews({ ...deps, goOn })),
    every('look', LOOK_PAUSE_MS, log, () => lookForNews(deps)),
  ]
  return { stop: async () => void (await Promise.all(jobs.map((job) => job.stop()))) }
}
