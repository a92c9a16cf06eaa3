import { addDays, endOfBusinessDate } from '../../domain/business-date'
import type { Campaign } from '../../domain/campaign'
import { cardsWithin, type DeckId } from '../../domain/deck'
import { opensNext } from '../../domain/window'
import type { Decks } from '../ports'

/** A crowd that finds a deck used up asks the ledger once in so long. */
const REMEMBERED_MS = 1_000
/** Decks; the oldest leaves. */
const MAX_REMEMBERED = 10_000

/** All cards are orders'. `availableAt`: when there are others, ms; null while nobody can know, or never. */
export interface UsedUp {
  reason: 'all-held' | 'sold-out'
  availableAt: number | null
}

export interface UsedUpDeps {
  decks: Pick<Decks, 'orders' | 'room'>
  clock: { now(): number }
}

interface Answer {
  at: number
  found: Promise<UsedUp>
}
/** By ledger, and so one a process. */
const memories = new WeakMap<UsedUpDeps['decks'], Map<string, Answer>>()

/**
 * What becomes of a deck all of whose cards are orders': those of orders under way may still close and give them back; else the
 * merchant's next ones come with the next day, if the campaign goes on and the budgets cover one for certain.
 */
export function usedUp(deps: UsedUpDeps, campaign: Campaign, id: DeckId, branchCode: string): Promise<UsedUp> {
  const { decks, clock } = deps
  const memory = memories.get(decks) ?? new Map<string, Answer>()
  memories.set(decks, memory)
  const key = [id.campaignId, id.merchantCode, id.businessDate].join('|')
  const known = memory.get(key)
  // Once the clock was set back, what was asked before lies ahead: then it is asked again.
  const ageMs = known ? clock.now() - known.at : -1
  if (known && ageMs >= 0 && ageMs < REMEMBERED_MS) return known.found
  const found = ask(deps, campaign, id, branchCode)
  memory.delete(key)
  memory.set(key, { at: clock.now(), found })
  found.catch(() => memory.delete(key))
  if (memory.size > MAX_REMEMBERED) memory.delete(memory.keys().next().value!)
  return found
}

async function ask({ decks }: UsedUpDeps, campaign: Campaign, id: DeckId, branchCode: string): Promise<UsedUp> {
  const orders = await decks.orders(id)
  if (orders.some(({ state }) => state === 'paying')) return { reason: 'all-held', availableAt: null }
  const midnight = endOfBusinessDate(id.businessDate)
  // With hours of its own the next day's may be dealt long before they can be had: then nothing is said.
  const goesOn = opensNext(campaign.windows, midnight - 1, campaign) === midnight
  const room = goesOn ? await decks.room(id.campaignId, branchCode, addDays(id.businessDate, 1)) : null
  const covered = room !== null && cardsWithin(campaign.rule, room.fen) > 0
  return { reason: 'sold-out', availableAt: covered ? midnight : null }
}
