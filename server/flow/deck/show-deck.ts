import { endOfBusinessDate } from '../../domain/business-date'
import type { DeckId } from '../../domain/deck'
import { seedBy } from '../../domain/deck-proof'
import { countOf } from '../../domain/deck-seal'
import type { DeckKeys } from '../../domain/key-ring'
import type { Rule } from '../../domain/rule'
import type { ArchivedDeps } from '../archive/archived'
import { type ArchivedDate, type Catalog, type Clock, type Decks, isTrusted, type KeptDeck } from '../ports'
import { amountsOf } from './cards'

export interface ShowDeckDeps extends DeckKeys {
  decks: Decks
  catalog: Catalog
  clock: Clock
  limits: { leaseTtlMs: number }
}

/** A deck as anyone may see it. Seed and amounts are null until the day is over. */
export interface PublicDeck {
  deck: KeptDeck
  /** of the deck's version, for the slots that were dealt */
  rule: Rule
  /** of the rule */
  wantedSlots: number
  merchantName: string
  /** 32 bytes */
  seed: Buffer | null
  amountsFen: readonly number[] | null
  /** when seed and amounts are, or were, revealed, ms */
  revealedAt: number
}

/**
 * A dealt deck with its proof; undefined when there is none. The seed is revealed once no quote of its day can be paid any
 * more: a lease after the end of the business date, by a clock that isn't doubtful. It comes from the key and not from the deck, so a deck that was changed
 * shows against it.
 * @throws Error when the key it was dealt by is none of ours any more (MASTER_KEYS_PREVIOUS), or its seal doesn't open
 */
export async function publicDeck(deps: ShowDeckDeps, id: DeckId): Promise<PublicDeck | undefined> {
  const deck = await deps.decks.kept(id)
  if (!deck) return undefined
  const named = `deck ${id.campaignId}/${id.merchantCode}/${id.businessDate}`
  if (!deck.rule) throw new Error(`${named}: its rule, version ${deck.version}, was never kept`)
  const merchant = await deps.catalog.merchant(id.merchantCode)
  const revealedAt = endOfBusinessDate(id.businessDate) + deps.limits.leaseTtlMs
  const rule = { ...deck.rule, slots: countOf(deck.cards) }
  const name = merchant?.name ?? id.merchantCode
  const common = { deck, rule, wantedSlots: deck.rule.slots, merchantName: name, revealedAt }
  if (deps.clock.now() < revealedAt || !isTrusted(deps.clock)) return { ...common, seed: null, amountsFen: null }
  const secret = deps.campaignSecret(id.campaignId, deck.keyId)
  if (!secret) throw new Error(`${named}: its key ${deck.keyId} is none of ours`)
  const seed = seedBy(deck.commitment, secret, { ...deck, beacon: deck.beacon ?? null })
  const amountsFen = amountsOf(deps, deck)
  if (!amountsFen) throw new Error(`${named}: its seal was changed, or is another deck's`)
  return { ...common, seed, amountsFen }
}

export interface OperatorDeck extends PublicDeck {
  slots: {
    slot: number
    /** held: an order of unknown outcome; archived: nobody drew it, or an order that is archived */
    state: 'free' | 'held' | 'used' | 'archived'
    /** null while nobody drew it and the day runs: nobody can look ahead */
    amountFen: number | null
    orderNo: string | null
  }[]
  /** how many cards are used; of an archived day more than whose orders are here */
  usedCount: number
  /** null: its orders are all here, as far as they used a card */
  archived: ArchivedDate | null
}

/** A deck with the orders that drew its cards; `branchCode` not null: only if that branch pays for them. */
export async function operatorDeck(
  deps: ShowDeckDeps & ArchivedDeps,
  id: DeckId,
  branchCode: string | null,
): Promise<OperatorDeck | undefined> {
  if (branchCode !== null && (await deps.decks.kept(id))?.branchCode !== branchCode) return undefined
  const shown = await publicDeck(deps, id)
  if (!shown) return undefined
  const orders = new Map((await deps.decks.orders(id)).map((order) => [order.slot, order]))
  const day = await deps.archived.day(id.businessDate)
  // Where all that are used are here, the others are free for certain.
  const archived = day && shown.deck.usedSlots !== orders.size ? day : null
  const amountsFen = amountsOf(deps, shown.deck)
  const slots = Array.from({ length: countOf(shown.deck.cards) }, (_, slot) => {
    const order = orders.get(slot)
    const state = order ? (order.state === 'paid' ? 'used' : 'held') : archived ? 'archived' : 'free'
    const seen = state === 'used' || shown.amountsFen !== null
    return {
      slot,
      state: state as OperatorDeck['slots'][number]['state'],
      amountFen: seen ? (amountsFen?.[slot] ?? null) : null,
      orderNo: order?.orderNo ?? null,
    }
  })
  const here = slots.filter(({ state }) => state === 'used').length
  return { ...shown, slots, archived, usedCount: archived ? (shown.deck.usedSlots ?? here) : here }
}
