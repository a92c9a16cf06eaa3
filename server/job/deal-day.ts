import type { Logger } from 'pino'
import { addDays, businessDate } from '../domain/business-date'
import { type DealDayDeps, dealDay } from '../flow/deck/deal-day'
import { every } from './every'

/** Campaigns start and merchants join while the day runs; a deck that nobody dealt yet is dealt on first use anyway. */
const PAUSE_MS = 60_000
/** From 23:00 in Shanghai the decks of the next day are dealt, so that they are there when it begins. */
const AHEAD_MS = 3_600_000

/** Deals today's decks, and before midnight tomorrow's. Safe beside other processes doing the same. */
export function dealDayJob(deps: DealDayDeps, log: Logger) {
  const stop = { asked: false }
  const job = every('deal-day', PAUSE_MS, log, async () => {
    const today = businessDate(deps.clock.now())
    const ahead = businessDate(deps.clock.now() + AHEAD_MS)
    for (const date of ahead === today ? [today] : [today, addDays(today, 1)]) {
      const began = performance.now()
      const day = await dealDay({ ...deps, stopped: () => stop.asked }, date)
      const tookMs = Math.round(performance.now() - began)
      if (day.total > 0) log.info({ ...day, tookMs }, 'dealt a day')
    }
    return 'done'
  })
  return {
    stop() {
      stop.asked = true
      return job.stop()
    },
  }
}
