import { addDays, businessDate } from '../../domain/business-date'
import { dearestDeck } from '../../domain/deck'
import type { Operator } from '../../domain/operator'
import { daysLeft, PACE_DAYS, runsShort } from '../campaign/days-left'
import { STUCK_MS } from '../payment/stuck'
import type { Clock, DayOrders, Desk, Pace, RunningCampaign, TodayBooks } from '../ports'

/** How today is going, and how yesterday went: all of it from the books (I10), cheap enough to be asked for every few seconds. */

export interface TodayDeps {
  desk: Pick<Desk, 'today'>
  clock: Clock
}

export interface CampaignToday extends Omit<RunningCampaign, 'rule' | 'decks'> {
  /** merchants with a deck */
  merchants: number
  slots: number
  used: number
  soldOut: number
  /** what today's decks can cost by the rule, whatever their cards are */
  mostFen: number
}

export interface DayAtAGlance {
  at: number
  today: DayOrders
  yesterday: DayOrders
  stuck: TodayBooks['stuck']
  /** of all that are on, however many are listed */
  cards: Pick<CampaignToday, 'slots' | 'used' | 'soldOut' | 'merchants' | 'mostFen'>
  campaigns: CampaignToday[]
  /** there are more than are listed */
  more: boolean
}

const LISTED = 100
/** So many are looked at: more campaigns at once are a mistake of somebody's. */
const MOST = 2_000

/** Of the branch, or of the whole bank. */
export async function dayAtAGlance(
  { desk, clock }: TodayDeps,
  branchCode: Operator['branchCode'],
): Promise<DayAtAGlance> {
  const at = clock.now()
  const today = businessDate(at)
  const dates = [today, addDays(today, -1)]
  const books = await desk.today.read({ branchCode, dates, today, stuckBefore: at - STUCK_MS, limit: MOST })
  const of = (date: string) =>
    books.days.find((day) => day.businessDate === date) ?? { ...NO_ORDERS, businessDate: date }
  const campaigns = books.campaigns.map(counted)
  const sum = (field: keyof DayAtAGlance['cards']) => campaigns.reduce((all, one) => all + one[field], 0)
  return {
    at,
    today: of(dates[0]!),
    yesterday: of(dates[1]!),
    stuck: books.stuck,
    cards: {
      slots: sum('slots'),
      used: sum('used'),
      soldOut: sum('soldOut'),
      merchants: sum('merchants'),
      mostFen: sum('mostFen'),
    },
    campaigns: campaigns.slice(0, LISTED),
    more: campaigns.length > LISTED,
  }
}

const NO_ORDERS = { orderCount: 0, ownCount: 0, discountCount: 0, amountFen: 0, discountFen: 0 }

function counted({ rule, decks, ...campaign }: RunningCampaign): CampaignToday {
  const sum = (of: (one: RunningCampaign['decks'][number]) => number) => decks.reduce((all, one) => all + of(one), 0)
  return {
    ...campaign,
    merchants: sum((one) => one.decks),
    slots: sum((one) => one.slots * one.decks),
    used: sum((one) => one.used),
    soldOut: sum((one) => one.soldOut),
    mostFen: sum(({ slots, decks }) => decks * dearestDeck({ ...rule, slots })),
  }
}

/** How fast the budgets of all campaigns that are on go. It changes by the day, and costs more than the rest. */
export async function budgetPaces({ desk, clock }: TodayDeps): Promise<Map<string, Pace>> {
  return desk.today.paces(businessDate(clock.now()), PACE_DAYS)
}

/** How long its budget lasts, and whether that is too short. */
export function budgetOf(
  campaign: CampaignToday,
  paces: ReadonlyMap<string, Pace>,
  today: string,
): { daysLeft: number | null; runsShort: boolean } {
  const left = daysLeft(campaign, paces.get(campaign.campaignId), today)
  return { daysLeft: left, runsShort: runsShort(campaign, left, today) }
}
