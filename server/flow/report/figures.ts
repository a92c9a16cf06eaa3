import { addDays, businessDate, DAY_MS, daysFrom } from '../../domain/business-date'
import type { ChannelName } from '../../domain/channel'
import type { CampaignBook, Clock, Reconciliations } from '../ports'
import { reconciledChannels, type SourceDeps, sourceOf } from '../reconcile/source'

/** What those who run the house watch of the books, from a few rows whatever the number of orders. */
export interface Figures {
  /** of campaigns that are on, those with the least left; `leftRatio`: of the budget, what isn't committed to decks, 0 to 1 */
  budgets: { campaignId: string; leftRatio: number }[]
  /** days whose statement was due and that aren't reconciled yet */
  reconciliation: { channel: ChannelName; daysDue: number }[]
  /** differences that nobody has settled, counted up to {@link MOST_DIFFERENCES} */
  unsettled: number
}

export interface FiguresDeps extends SourceDeps {
  campaigns: Pick<CampaignBook, 'budgets'>
  reconciliations: Pick<Reconciliations, 'lastMatched' | 'firstDay' | 'unsettled'>
  clock: Clock
}

/** A house runs a handful at once; each is a series of its own. */
const MOST_CAMPAIGNS = 20
/** More than anybody looks at one by one. */
export const MOST_DIFFERENCES = 500
/** Where a channel is reconciled by hand alone, a day is due when another is over. */
const BY_HAND_MS = DAY_MS

/** @throws LedgerUnavailable */
export async function figures(deps: FiguresDeps): Promise<Figures> {
  const { campaigns, reconciliations, clock } = deps
  const [budgets, unsettled, ...reconciliation] = await Promise.all([
    campaigns.budgets(businessDate(clock.now()), MOST_CAMPAIGNS),
    reconciliations.unsettled(undefined, undefined, MOST_DIFFERENCES),
    ...reconciledChannels(deps).map((channel) => daysDue(deps, channel)),
  ])
  return {
    budgets: budgets.map(({ campaignId, budgetFen, committedFen }) => ({
      campaignId,
      leftRatio: budgetFen === 0 ? 0 : Math.max(0, budgetFen - committedFen) / budgetFen,
    })),
    reconciliation,
    unsettled: unsettled.length,
  }
}

async function daysDue(deps: FiguresDeps, channel: ChannelName): Promise<Figures['reconciliation'][number]> {
  const { reconciliations, clock } = deps
  const last = await reconciliations.lastMatched(channel)
  const next = last === undefined ? await reconciliations.firstDay(channel) : addDays(last, 1)
  // The first date that isn't due: what is over, and its statement's hour too.
  const notDue = businessDate(clock.now() - (sourceOf(deps, channel)?.reconcileFromMs ?? BY_HAND_MS))
  return { channel, daysDue: next === undefined ? 0 : Math.max(0, daysFrom(next, notDue)) }
}
