import type { Campaign } from '../../domain/campaign'
import type { DeckId } from '../../domain/deck'
import type { Ledger } from '../ports'
import { type DealDeps, dealDeck, type Readiness } from './deal'
import type { TeachDeps } from './teach'

/** A budget that covers no deck isn't asked for one again for so long; an operator's change is as old in the catalogue. */
const EXHAUSTED_MS = 1_000
/** Of merchants without a deck; the oldest leaves. */
const MAX_REMEMBERED = 10_000

interface Memory {
  underWay: Map<string, Promise<Readiness>>
  without: Map<string, { until: number; answer: Readiness }>
}
/** By ledger, and so one a process. */
const memories = new WeakMap<Ledger, Memory>()

/**
 * {@link dealDeck} for a crowd: many payers of one merchant who find no deck at once wait for one dealing of it, and where the
 * budget is used up they cost the ledger a question a second and not one each.
 */
export async function dealOnce(deps: DealDeps & TeachDeps, campaign: Campaign, id: DeckId): Promise<Readiness> {
  const memory = memories.get(deps.ledger) ?? { underWay: new Map(), without: new Map() }
  memories.set(deps.ledger, memory)
  const key = [id.campaignId, campaign.version, id.merchantCode, id.businessDate].join('|')
  // Once the clock was set back, what it said before lies far ahead: then it is asked again.
  const known = memory.without.get(key)
  const leftMs = (known?.until ?? 0) - deps.clock.now()
  if (known && leftMs > 0 && leftMs <= EXHAUSTED_MS) return known.answer
  const dealt = await (memory.underWay.get(key) ?? begin(memory, key, () => dealDeck(deps, campaign, id)))
  if (dealt !== 'ready') remember(memory.without, key, { until: deps.clock.now() + EXHAUSTED_MS, answer: dealt })
  return dealt
}

function begin(memory: Memory, key: string, deal: () => Promise<Readiness>): Promise<Readiness> {
  const dealing = deal().finally(() => memory.underWay.delete(key))
  memory.underWay.set(key, dealing)
  return dealing
}

function remember(without: Memory['without'], key: string, one: { until: number; answer: Readiness }): void {
  without.delete(key)
  without.set(key, one)
  if (without.size > MAX_REMEMBERED) without.delete(without.keys().next().value!)
}
