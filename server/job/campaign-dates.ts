import type { Logger } from 'pino'
import { startAndEnd } from '../flow/campaign/review'
import type { CampaignBook, Clock } from '../flow/ports'
import { every } from './every'

/** The dates hold without it (stateOn); it only writes down what they did, so nobody waits for it. */
const PAUSE_MS = 5_000

/** Writes down that campaigns started and ended by their dates. Safe beside other processes doing the same. */
export function campaignDatesJob(deps: { campaigns: CampaignBook; clock: Clock }, log: Logger) {
  return every('campaign-dates', PAUSE_MS, log, async () => ((await startAndEnd(deps)) > 0 ? 'more' : 'done'))
}
