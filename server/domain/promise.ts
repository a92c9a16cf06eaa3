import type { Amendment, CampaignTerms } from './campaign-life'
import type { ChannelName } from './channel'
import { dearestDeck } from './deck'
import { splitDiscount } from './money'
import { largestCard, ruleFaults } from './rule'
import { covers, windowFaults } from './window'

/** What the house lets campaigns promise. */
export interface House {
  /** the largest discount, both shares of it, is at most so much of the threshold; whole percent */
  discountMaxPercent: number
  /** the channels that are open, as far as promises go; limits in fen */
  channels: ReadonlyMap<ChannelName, { carriesDiscount: boolean; limits: { dailyPerPayerFen: number } }>
}

/** The terms that promise something; of what isn't written down yet nothing is said. */
export type Promised = Pick<
  CampaignTerms,
  | 'rule'
  | 'startDate'
  | 'endDate'
  | 'windows'
  | 'budgetFen'
  | 'dailyBudgetFen'
  | 'maxPerPayerPerDay'
  | 'maxPerPayerPerCampaignDay'
  | 'channels'
> &
  Partial<Pick<CampaignTerms, 'branchBudgets'>>

/** `field` is its path in the campaign's request (fen where it ends so); `code` is stable. */
export interface TermsFault {
  field: string
  code: string
  message: string
}

/**
 * Every fault of a campaign's terms: what no decks can be dealt from, what nobody could get, and what gives away more than the
 * house allows. The one check of drafts, previews, launches and amendments. `merchantCount`: once the list is final, the
 * budget has to cover a first day at all of them.
 */
export function termsFaults(terms: Promised, house: House, merchantCount = 1): TermsFault[] {
  const { rule, startDate, endDate, channels, windows } = terms
  const faults: TermsFault[] = ruleFaults({ ...rule, startDate, endDate }).map((one) => ({
    ...one,
    field: one.field === 'startDate' || one.field === 'endDate' ? one.field : `rule.${one.field}`,
  }))
  const sound = faults.every(({ field }) => !field.startsWith('rule.'))
  if (faults.every(({ code }) => code !== 'not-a-date')) faults.push(...windowFaults(windows, { startDate, endDate }))
  for (const name of channels) {
    const channel = house.channels.get(name)
    const limitFen = channel?.limits.dailyPerPayerFen ?? 0
    if (!channel?.carriesDiscount)
      faults.push({ field: 'channels', code: 'no-discount-channel', message: `${name} can carry no discount here` })
    else if (sound && rule.thresholdFen > limitFen)
      faults.push({
        field: 'rule.thresholdFen',
        code: 'threshold-above-limit',
        message: `nobody may pay more than ${limitFen} fen a day through ${name}`,
      })
  }
  // What follows counts with a rule that decks can be dealt from.
  return sound ? [...faults, ...cardFaults(terms, house), ...budgetFaults(terms, merchantCount)] : faults
}

/** What a payer can get, and may not. */
function cardFaults({ rule, maxPerPayerPerDay, maxPerPayerPerCampaignDay }: Promised, house: House): TermsFault[] {
  const faults: TermsFault[] = []
  const add = (field: string, code: string, message: string) => faults.push({ field, code, message })
  if (splitDiscount(largestCard(rule), rule.payerPercent).payerFen < 1)
    add('rule.payerPercent', 'payer-gets-nothing', 'no card would give the payer a fen')
  const mostFen = Math.floor((rule.thresholdFen * house.discountMaxPercent) / 100)
  if (rule.maxFen > mostFen) {
    const share = `${house.discountMaxPercent} % of the threshold`
    add('rule.maxFen', 'discount-above-share', `at most ${mostFen} fen: a discount is at most ${share} in this house`)
  }
  if (maxPerPayerPerDay !== null && maxPerPayerPerDay > rule.slots)
    add('maxPerPayerPerDay', 'limit-above-slots', `a deck has ${rule.slots} cards, so nobody can get more`)
  if (maxPerPayerPerCampaignDay !== null && maxPerPayerPerDay !== null && maxPerPayerPerDay > maxPerPayerPerCampaignDay)
    add(
      'maxPerPayerPerCampaignDay',
      'limit-below-merchants',
      `it is below what one may use at one merchant, ${maxPerPayerPerDay}`,
    )
  return faults
}

/** Budgets that cover no deck; a daily one may leave merchants without one, which is said beside it and not refused. */
function budgetFaults(terms: Promised, merchantCount: number): TermsFault[] {
  const { rule, budgetFen, dailyBudgetFen, branchBudgets = [] } = terms
  const faults: TermsFault[] = []
  const add = (field: string, code: string, message: string) => faults.push({ field, code, message })
  const deckFen = dearestDeck(rule)
  const dayFen = Math.min(deckFen * merchantCount, dailyBudgetFen ?? Number.POSITIVE_INFINITY)
  if (budgetFen < deckFen)
    add('budgetFen', 'budget-below-one-deck', `one deck can cost ${deckFen} fen, more than the budget`)
  else if (budgetFen < dayFen)
    add('budgetFen', 'budget-below-one-day', `the decks of one day of its merchants can cost ${dayFen} fen`)
  if (dailyBudgetFen !== null && dailyBudgetFen < deckFen)
    add('dailyBudgetFen', 'budget-below-one-deck', `one deck can cost ${deckFen} fen, more than a day may`)
  else if (dailyBudgetFen !== null && dailyBudgetFen > budgetFen)
    add('dailyBudgetFen', 'daily-above-budget', `at most ${budgetFen} fen, which is the budget in all`)
  for (const [i, branch] of branchBudgets.entries())
    if (branch.budgetFen < deckFen)
      add(`branchBudgets.${i}.budgetFen`, 'budget-below-one-deck', `one deck can cost ${deckFen} fen`)
  return faults
}

/**
 * Every fault of the promise that an amendment makes of an approved campaign. `added`: merchants it doesn't name yet. A later
 * end, new merchants and wider windows are promises of their own, and what is committed already can't pay for them.
 */
export function amendedFaults(
  campaign: Promised & { committedFen: number },
  amendment: Amendment,
  added: number,
  house: House,
): TermsFault[] {
  const { endDate = campaign.endDate, budgetFen = campaign.budgetFen, windows = campaign.windows } = amendment
  const { dailyBudgetFen = campaign.dailyBudgetFen } = amendment
  const faults = termsFaults({ ...campaign, endDate, budgetFen, windows, dailyBudgetFen }, house)
  const more = endDate !== campaign.endDate || added > 0 || !covers(campaign.windows, windows)
  if (faults.length > 0 || !more) return faults
  const neededFen = dearestDeck(campaign.rule) * Math.max(1, added)
  const leftFen = budgetFen - campaign.committedFen
  if (leftFen >= neededFen) return []
  const field = fieldOf(amendment, added)
  const message = `${leftFen} fen of the budget are left, and its decks can cost ${neededFen} fen: raise it too`
  return [{ field, code: 'budget-below-one-deck', message }]
}

/** Which of its fields is to be changed where the budget doesn't cover all. */
function fieldOf({ budgetFen, endDate }: Amendment, added: number): keyof Amendment {
  if (budgetFen !== undefined) return 'budgetFen'
  if (added > 0) return 'addMerchantCodes'
  return endDate !== undefined ? 'endDate' : 'windows'
}
