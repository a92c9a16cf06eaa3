import type { Campaign } from '../../domain/campaign'
import { dearestDeck } from '../../domain/deck'
import { countOf } from '../../domain/deck-seal'
import { opensOn } from '../../domain/window'
import { type BudgetOf, type CommitResult, type DealtDeck, isTrusted, type SealedDeck, type UsedSlot } from '../ports'
import { commitDeck, type DealDeps, forgottenAt, mayComeBack, shortageOf } from './deal'
import { type Dealer, dealerOf } from './dealer'

/** Decks of one statement: some 200 KB, and a campaign's budget is locked for some tens of ms. */
const BATCH = 1_000
/** Dealt in one go: a few ms in which a process that also serves payers serves nobody. */
const TURN = 100
/** Loaded in one go: the slot store serves nobody else for a part of a millisecond, and answers long before its deadline. */
const LOADS = 250
/** A merchant who went short is tried again after so long: cards of unknown orders come back, and budgets grow. */
const RETRY_MS = 10 * 60_000

/** Lets whatever waits have its turn. */
const yieldTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

export interface DealDayDeps extends DealDeps {
  /** after every batch */
  onProgress?: ((day: DealtDay) => void) | undefined
  /** true: leave off after this batch; what is dealt is dealt, and the next run goes on from there */
  stopped?: (() => boolean) | undefined
}

/** How far a day is dealt, by this run alone. */
export interface DealtDay {
  businessDate: string
  /** merchants without a deck when it began */
  total: number
  /** decks that it dealt, of those with fewer cards than the rule says, and merchants left without one for want of budget */
  dealt: number
  short: number
  without: number
  /** merchants whose whole deck the budgets don't cover yet: money of earlier days may come back, so they don't go short of it */
  waiting: number
  /** decks put into the slot store; one that isn't is loaded on first use */
  loaded: number
}

/**
 * Deals the decks of a business date that nobody has dealt: for every campaign that is on, at the merchants where it
 * applies and it opens on the date. Before the day begins decks are dealt whole or not yet (docs/decisions/0054). Runs again at any time and goes on where it
 * was left; several processes begin at different places, and meet without harm. A campaign that can't be dealt, e.g. since its key is
 * gone, leaves the others theirs. Memory is bounded by three batches. On a doubtful clock nothing is dealt: what is dealt is promised.
 * @throws LedgerUnavailable; a slot store that is away only leaves decks to be loaded on first use
 */
export async function dealDay(deps: DealDayDeps, businessDate: string): Promise<DealtDay> {
  const day: DealtDay = { businessDate, total: 0, dealt: 0, short: 0, without: 0, waiting: 0, loaded: 0 }
  if (!isTrusted(deps.clock)) return day
  const faults: unknown[] = []
  const campaigns = await deps.decks.campaignsOn(businessDate)
  for (const campaign of campaigns.filter(({ windows }) => opensOn(windows, businessDate)))
    await dealCampaign(deps, campaign, day).catch((error) => faults.push(error))
  if (day.dealt > 0) await deps.decks.analyze()
  if (faults.length > 0) throw faults[0]
  return day
}

async function dealCampaign(deps: DealDayDeps, campaign: Campaign, day: DealtDay): Promise<void> {
  const { campaignId } = campaign
  const notedBefore = deps.clock.now() - RETRY_MS
  const place = Buffer.from(deps.random(4)).readUInt32BE() / 2 ** 32
  const { count, middle } = await deps.decks.countUndealt(campaignId, day.businessDate, { place, notedBefore })
  day.total += count
  deps.onProgress?.(day)
  if (count === 0) return
  const spent: Spent = { campaign: false, day: false, branches: new Set(), waits: null }
  const dealer = await dealerOf(deps, campaign, day.businessDate)
  // To the end first, then from the beginning to what is left.
  for (const begin of [middle, '']) await dealFrom(deps, { campaign, dealer, spent }, day, begin, notedBefore)
}

/** What no card can be paid from any more; while money may come back (`waits`, null: nobody had to ask), no whole deck. */
interface Spent {
  campaign: boolean
  day: boolean
  branches: Set<string>
  waits: boolean | null
}

/** What is dealt, by whom, and what there is no more to pay it from. */
interface Dealing {
  campaign: Campaign
  dealer: Dealer
  spent: Spent
}

type Candidate = { merchantCode: string; branchCode: string; deck: SealedDeck }

async function dealFrom(
  deps: DealDayDeps,
  dealing: Dealing,
  day: DealtDay,
  begin: string,
  notedBefore: number,
): Promise<void> {
  const page = (after: string) => nextBatch(deps, dealing, day.businessDate, { after, notedBefore, limit: BATCH })
  let loading: Promise<void> = Promise.resolve()
  let next = page(begin)
  for (;;) {
    const { batch, last } = await next
    if (last === undefined || deps.stopped?.() || (dealing.spent.waits && dealing.spent.campaign)) break
    // The next batch is dealt while the database commits this one.
    next = page(last)
    next.catch(() => {}) // thrown where it is awaited
    const committed = await commitBatch(deps, dealing, day, batch)
    await loading
    loading = load(deps, day, committed)
    deps.onProgress?.(day)
  }
  await loading
  deps.onProgress?.(day)
}

async function nextBatch(
  deps: DealDayDeps,
  { campaign: { campaignId }, dealer }: Dealing,
  businessDate: string,
  page: { after: string; notedBefore: number; limit: number },
): Promise<{ batch: Candidate[]; last: string | undefined }> {
  const { merchants, last } = await deps.decks.undealt(campaignId, businessDate, page)
  const batch: Candidate[] = []
  for (const merchant of merchants) {
    if (batch.length % TURN === 0) await yieldTurn()
    const id = { campaignId, merchantCode: merchant.merchantCode, businessDate }
    batch.push({ ...merchant, deck: dealer.whole(id) })
  }
  return { batch, last }
}

/** Commits what the budgets cover; the decks that are there now and that we dealt. */
async function commitBatch(
  deps: DealDayDeps,
  dealing: Dealing,
  day: DealtDay,
  batch: readonly Candidate[],
): Promise<DealtDeck[]> {
  const { campaign, spent } = dealing
  const hopeful = batch.filter((one) => whoseSpent(spent, one) === null)
  const exposureFen = dearestDeck(campaign.rule)
  const results = await deps.decks.commitMany(hopeful.map(({ deck }) => ({ ...deck, exposureFen })))
  const committed: DealtDeck[] = hopeful.flatMap(({ deck }, i) => (results[i]!.kind === 'committed' ? [deck] : []))
  day.dealt += committed.length
  const told = new Map(hopeful.map((one, i) => [one, results[i]!]))
  // Of a day's own budget nothing comes back, so nobody waits for it.
  const hoping = [...told].filter(([, result]) => result.kind === 'budget-exhausted' && result.by !== 'day')
  if (hoping.length > 0) spent.waits ??= await mayComeBack(deps, { ...campaign, businessDate: day.businessDate })
  if (spent.waits) for (const [{ branchCode }, result] of hoping) noteSpent(spent, branchCode, result, exposureFen)
  const without: { one: Candidate; by: BudgetOf }[] = []
  for (const one of batch) {
    const result = told.get(one)
    if (result && result.kind !== 'budget-exhausted') continue
    const by = whoseSpent(spent, one) ?? result?.by
    const became = by !== 'day' && spent.waits ? 'waiting' : await whatIsLeft(deps, dealing, one)
    if (became === 'waiting') day.waiting++
    else if (typeof became === 'string') without.push({ one, by: became })
    else {
      committed.push(became)
      day.dealt++
      if (countOf(became.cards) < campaign.rule.slots) day.short++
    }
  }
  if (without.length > 0)
    await deps.decks.noteShortages(without.map(({ one, by }) => shortageOf(deps, campaign, one.deck, by)))
  day.without += without.length
  return committed
}

/** Whose budget has no card left for it; null: one may. */
function whoseSpent(spent: Spent, { branchCode }: Candidate): BudgetOf | null {
  if (spent.campaign) return 'campaign'
  if (spent.day) return 'day'
  return spent.branches.has(branchCode) ? 'branch' : null
}

/** A shorter deck; or whose budget it was that has none. */
async function whatIsLeft(
  deps: DealDayDeps,
  dealing: Dealing,
  one: Candidate,
): Promise<DealtDeck | BudgetOf | 'waiting'> {
  return whoseSpent(dealing.spent, one) ?? commitShort(deps, dealing, one)
}

/** The last decks of a budget, one by one; whose budget it was when not even one card fits. */
async function commitShort(
  deps: DealDayDeps,
  { campaign, dealer, spent }: Dealing,
  { deck, branchCode }: Candidate,
): Promise<DealtDeck | BudgetOf | 'waiting'> {
  const result = await commitDeck(deps, dealer, campaign, deck)
  if (!('kind' in result)) return result
  if (result.kind === 'waiting') return result.kind
  noteSpent(spent, branchCode, result, dearestDeck({ ...campaign.rule, slots: 1 }))
  return result.by
}

function noteSpent(spent: Spent, branchCode: string, result: CommitResult, leastFen: number): void {
  if (result.kind !== 'budget-exhausted' || result.remainingFen >= leastFen) return
  if (result.by === 'campaign') spent.campaign = true
  else if (result.by === 'day') spent.day = true
  else spent.branches.add(branchCode)
}

async function load(deps: DealDayDeps, day: DealtDay, decks: readonly DealtDeck[]): Promise<void> {
  day.loaded += await loadAll(
    deps,
    decks.map((deck) => ({ deck, usedSlots: [] })),
  )
}

type Loaded = { deck: DealtDeck; usedSlots: readonly UsedSlot[] }

/** How many of a date's decks are in the slot store now: most of a day's together, those that orders draw from one by one. */
async function loadAll(deps: DealDeps, decks: readonly Loaded[]): Promise<number> {
  let loaded = 0
  for (let from = 0; from < decks.length; from += LOADS) {
    const some = decks.slice(from, from + LOADS)
    const drawn = some.filter(({ usedSlots }) => usedSlots.length > 0)
    const counts = await Promise.all([layWhole(deps, some), ...drawn.map((one) => loadDrawn(deps, one))])
    loaded += counts.reduce((sum, count) => sum + count, 0)
  }
  return loaded
}

async function layWhole({ slots }: DealDeps, decks: readonly Loaded[]): Promise<number> {
  const whole = decks.filter(({ usedSlots }) => usedSlots.length === 0)
  if (whole.length === 0) return 0
  const sized = whole.map(({ deck }) => ({ deck, slots: countOf(deck.cards) }))
  return slots.lay(sized, forgottenAt(whole[0]!.deck.businessDate)).then(
    () => whole.length,
    () => 0,
  )
}

async function loadDrawn({ slots }: DealDeps, { deck, usedSlots }: Loaded): Promise<number> {
  return slots.load(deck, countOf(deck.cards), usedSlots, forgottenAt(deck.businessDate)).then(
    () => 1,
    () => 0,
  )
}

/** Loads every dealt deck of a date that the slot store doesn't have, e.g. after it lost them; how many there are now. */
export async function loadDay(
  deps: DealDeps,
  businessDate: string,
  onProgress?: (loaded: number) => void,
): Promise<number> {
  let loaded = 0
  let last: DealtDeck | undefined
  for (;;) {
    const page = await deps.decks.dealtPage(businessDate, last, BATCH)
    loaded += await loadAll(deps, page)
    onProgress?.(loaded)
    last = page.at(-1)?.deck
    if (page.length < BATCH) return loaded
  }
}
