import type { DeckId } from '../../domain/deck'
import type { Decks } from '../ports'

/** A crowd that finds a deck used up asks the ledger once in so long. */
const REMEMBERED_MS = 1_000
/** Decks; the oldest leaves. */
const MAX_REMEMBERED = 10_000

interface Answer {
  at: number
  found: Promise<boolean>
}
/** By ledger, and so one a process. */
const memories = new WeakMap<Decks, Map<string, Answer>>()

/** Whether an order that holds a card of the deck may still close and give it back. */
export function underWay({ decks, clock }: { decks: Decks; clock: { now(): number } }, id: DeckId): Promise<boolean> {
  const memory = memories.get(decks) ?? new Map<string, Answer>()
  memories.set(decks, memory)
  const key = [id.campaignId, id.merchantCode, id.businessDate].join('|')
  const known = memory.get(key)
  // Once the clock was set back, what was asked before lies ahead: then it is asked again.
  const ageMs = known ? clock.now() - known.at : -1
  if (known && ageMs >= 0 && ageMs < REMEMBERED_MS) return known.found
  const found = decks.orders(id).then((orders) => orders.some(({ state }) => state === 'paying'))
  memory.delete(key)
  memory.set(key, { at: clock.now(), found })
  found.catch(() => memory.delete(key))
  if (memory.size > MAX_REMEMBERED) memory.delete(memory.keys().next().value!)
  return found
}
