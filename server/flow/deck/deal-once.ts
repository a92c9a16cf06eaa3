import type { Campaign } from '../../domain/campaign'
import type { DeckId } from '../../domain/deck'
import type { Ledger } from '../ports'
import { type DealDeps, dealDeck } from './deal'

/** A budget that covers no card isn't asked for one again for so long; an operator's change is as old in the catalogue. */
const EXHAUSTED_MS = 1_000
/** Of merchants without a deck; the oldest leaves. */
const MAX_REMEMBERED = 10_000

type Dealt = Awaited<ReturnType<typeof dealDeck>>
interface Memory {
  underWay: Map<string, Promise<Dealt>>
  exhaustedUntil: Map<string, number>
}
/** By ledger, and so one a process. */
const memories = new WeakMap<Ledger, Memory>()

/**
 * {@link dealDeck} for a crowd: many payers of one merchant who find no deck at once wait for one dealing of it, and where the
 * budget is used up they cost the ledger a question a second and not one each.
 */
export async function dealOnce(deps: DealDeps, campaign: Campaign, id: DeckId): Promise<Dealt> {
  const memory = memories.get(deps.ledger) ?? { underWay: new Map(), exhaustedUntil: new Map() }
  memories.set(deps.ledger, memory)
  const key = [id.campaignId, campaign.version, id.merchantCode, id.businessDate].join('|')
  // Once the clock was set back, what it said before lies far ahead: then it is asked again.
  const leftMs = (memory.exhaustedUntil.get(key) ?? 0) - deps.clock.now()
  if (leftMs > 0 && leftMs <= EXHAUSTED_MS) return 'budget-exhausted'
  const dealt = await (memory.underWay.get(key) ?? begin(memory, key, () => dealDeck(deps, campaign, id)))
  if (dealt === 'budget-exhausted') remember(memory.exhaustedUntil, key, deps.clock.now() + EXHAUSTED_MS)
  return dealt
}

function begin(memory: Memory, key: string, deal: () => Promise<Dealt>): Promise<Dealt> {
  const dealing = deal().finally(() => memory.underWay.delete(key))
  memory.underWay.set(key, dealing)
  return dealing
}

function remember(until: Memory['exhaustedUntil'], key: string, at: number): void {
  until.delete(key)
  until.set(key, at)
  if (until.size > MAX_REMEMBERED) until.delete(until.keys().next().value!)
}
