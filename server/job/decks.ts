import type { Logger } from 'pino'
import type { CloseDeps } from '../flow/deck/close-decks'
import type { DealDayDeps } from '../flow/deck/deal-day'
import { closeDecksJob } from './close-decks'
import { dealDayJob } from './deal-day'

/** What decks need through the day. `dealAhead` false: another process deals them (`npm run deal`), or their first payer. */
export function deckJobs(deps: DealDayDeps & CloseDeps, { dealAhead }: { dealAhead: boolean }, log: Logger) {
  const jobs = [closeDecksJob(deps, log), ...(dealAhead ? [dealDayJob(deps, log)] : [])]
  return {
    async stop(): Promise<void> {
      await Promise.all(jobs.map((job) => job.stop()))
    },
  }
}
