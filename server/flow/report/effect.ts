import { addDays, businessDate, daysFrom } from '../../domain/business-date'
import {
  type CostPerOrder,
  costPerOrder,
  detectablePoints,
  effects,
  type Look,
  lookDays,
  NO_USE,
  shareOf,
  spreadOf,
  summed,
  type Use,
} from '../../domain/effect'
import type { Clock, Desk, EffectBooks, PlannedCampaign, ReportScope } from '../ports'

/** Whether a campaign moved payers to the bank's own channel: what is known of it, and what isn't yet. */

export interface EffectDeps {
  desk: Pick<Desk, 'effects'>
  clock: Clock
}

/**
 * `unmeasurable`: of the other channels' orders nothing is known, so there is no share; `waiting`: the first look is yet to come;
 * `too-few`: merchants, or none that differ
 */
export type EffectState = 'unmeasurable' | 'waiting' | 'too-few' | 'measured'

type SharedUse = Use & { share: number | null }
export interface EffectArm {
  merchants: number
  unknown: number
  before: SharedUse
  during: SharedUse
  after: SharedUse
}

export interface CampaignEffect {
  campaignId: string
  state: EffectState
  startDate: string
  plannedEndDate: string
  plannedDays: number
  /** those that have been, the newest last */
  looks: (Look & { businessDate: string })[]
  /** the day after which the next one is; null: all have been */
  nextLook: string | null
  treated: EffectArm
  control: EffectArm
  points: { businessDate: string; treated: number | null; control: number | null }[]
  joinedLater: number
  drawn: PlannedCampaign['drawn']
  /** until there is a look: the smallest effect that would show at the end with a chance of 80 % */
  power: { points: number; treatedMerchants: number; controlMerchants: number } | null
  cost: CostPerOrder | null
}

/** Shares before are of as many days as the campaign is planned for, at most so many: longer ago compares seasons. */
const MOST_BEFORE_DAYS = 30

/** All of a campaign's effect as of the end of yesterday: today isn't over. */
export async function campaignEffect(deps: EffectDeps, scope: ReportScope): Promise<CampaignEffect | undefined> {
  const plan = await deps.desk.effects.planned(scope)
  if (!plan) return undefined
  const { startDate, plannedEndDate } = plan
  const plannedDays = daysFrom(startDate, plannedEndDate) + 1
  const sideDays = Math.min(MOST_BEFORE_DAYS, plannedDays)
  const yesterday = addDays(businessDate(deps.clock.now()), -1)
  const all = lookDays(plannedDays)
  const dates = all.map((day) => addDays(startDate, day - 1))
  const past = dates.filter((date) => date <= yesterday)
  const looks = past.length > 0 ? past : [startDate]
  const before = { from: addDays(startDate, -sideDays), to: addDays(startDate, -1) }
  const to = earlierOf(yesterday, addDays(plannedEndDate, sideDays))
  const books = await deps.desk.effects.measure(scope, { before, looks, to: laterOf(to, looks.at(-1)!) })
  const seen = effects(books.merchants, all.slice(0, past.length), plannedDays)
  const last = seen.at(-1)
  // Until the last look has been, what follows the newest one is still the campaign.
  const over = past.length === dates.length
  const treated = armOf(books, false, over)
  return {
    campaignId: plan.campaignId,
    ...{ startDate, plannedEndDate, plannedDays },
    state: stateOf(books, past.length, last),
    looks: seen.map((look, i) => ({ ...look, businessDate: past[i]! })),
    nextLook: dates[past.length] ?? null,
    treated,
    control: armOf(books, true, over),
    points: books.days.map((day) => ({
      businessDate: day.businessDate,
      treated: shareOf(day.treated),
      control: shareOf(day.control),
    })),
    joinedLater: books.joinedLater,
    drawn: plan.drawn,
    power: past.length > 0 ? null : await powerOf(deps, scope, plan, { all, plannedDays, sideDays, yesterday }),
    cost: costPerOrder(books.costFen, treated.during.orders, last?.weighted ?? null),
  }
}

function stateOf({ merchants }: EffectBooks, looks: number, last: Look | undefined): EffectState {
  const known = (control: boolean) => merchants.some((one) => one.control === control && one.before.orders > 0)
  if (!known(false) || !known(true)) return 'unmeasurable'
  if (looks === 0) return 'waiting'
  return last?.each ? 'measured' : 'too-few'
}

function armOf({ merchants, unknown }: EffectBooks, control: boolean, over: boolean): EffectArm {
  const mine = merchants.filter((one) => one.control === control)
  const shared = (uses: Use[]): SharedUse => {
    const use = summed(uses)
    return { ...use, share: shareOf(use) }
  }
  return {
    merchants: mine.length + (control ? unknown.control : unknown.treated),
    unknown: control ? unknown.control : unknown.treated,
    before: shared(mine.map((one) => one.before)),
    during: shared(mine.flatMap((one) => one.since)),
    after: shared(over ? mine.map((one) => one.after) : []),
  }
}

/** By how merchants' shares moved apart between two stretches of that length in which there was no campaign. */
async function powerOf(
  deps: EffectDeps,
  scope: ReportScope,
  { startDate }: PlannedCampaign,
  {
    all,
    plannedDays,
    sideDays,
    yesterday,
  }: { all: number[]; plannedDays: number; sideDays: number; yesterday: string },
): Promise<CampaignEffect['power']> {
  const end = earlierOf(addDays(startDate, -1), yesterday)
  const start = addDays(end, 1 - sideDays)
  const before = { from: addDays(start, -sideDays), to: addDays(start, -1) }
  const { merchants } = await deps.desk.effects.measure(scope, { before, looks: [end], to: end })
  const spread = spreadOf(merchants)
  const count = (control: boolean) => merchants.filter((one) => one.control === control && one.before !== NO_USE).length
  const [treatedMerchants, controlMerchants] = [count(false), count(true)]
  const points =
    spread && detectablePoints({ treated: treatedMerchants, control: controlMerchants, spread }, all, plannedDays)
  return points ? { points, treatedMerchants, controlMerchants } : null
}

const earlierOf = (a: string, b: string) => (a < b ? a : b)
const laterOf = (a: string, b: string) => (a > b ? a : b)
