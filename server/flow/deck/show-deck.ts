import { endOfBusinessDate } from '../../domain/business-date'
import { type DeckId, deckSeed } from '../../domain/deck'
import type { DeckKeys } from '../../domain/key-ring'
import type { Rule } from '../../domain/rule'
import { type Catalog, type Clock, type Decks, isTrusted, type KeptDeck } from '../ports'

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
  merchantName: string
  /** 32 bytes */
  seed: Buffer | null
  amountsFen: number[] | null
  /** when seed and amounts are, or were, revealed, ms */
  revealedAt: number
}

/**
 * A dealt deck with its proof; undefined when there is none. The seed is revealed once no quote of its day can be paid any
 * more: a lease after the end of the business date, by a clock that isn't doubtful. It comes from the key and not from the deck, so a deck that was changed
 * shows against it.
 * @throws Error when the key it was dealt by is none of ours any more (MASTER_KEYS_PREVIOUS)
 */
export async function publicDeck(deps: ShowDeckDeps, id: DeckId): Promise<PublicDeck | undefined> {
  const deck = await deps.decks.kept(id)
  if (!deck) return undefined
  const name = `deck ${id.campaignId}/${id.merchantCode}/${id.businessDate}`
  if (!deck.rule) throw new Error(`${name}: its rule, version ${deck.version}, was never kept`)
  const merchant = await deps.catalog.merchant(id.merchantCode)
  const revealedAt = endOfBusinessDate(id.businessDate) + deps.limits.leaseTtlMs
  const rule = { ...deck.rule, slots: deck.amountsFen.length }
  const common = { deck, rule, merchantName: merchant?.name ?? id.merchantCode, revealedAt }
  if (deps.clock.now() < revealedAt || !isTrusted(deps.clock)) return { ...common, seed: null, amountsFen: null }
  const secret = deps.campaignSecret(id.campaignId, deck.keyId)
  if (!secret) throw new Error(`${name}: its key ${deck.keyId} is none of ours`)
  return { ...common, seed: deckSeed(secret, id, deck.version), amountsFen: deck.amountsFen }
}

export interface OperatorDeck extends PublicDeck {
  /** of the rule */
  wantedSlots: number
  slots: {
    slot: number
    /** held: an order of unknown outcome */
    state: 'free' | 'held' | 'used'
    /** null while nobody drew it and the day runs: nobody can look ahead */
    amountFen: number | null
    orderNo: string | null
  }[]
}

/** A deck with the orders that drew its cards; `branchCode` not null: only if that branch pays for them. */
export async function operatorDeck(
  deps: ShowDeckDeps,
  id: DeckId,
  branchCode: string | null,
): Promise<OperatorDeck | undefined> {
  if (branchCode !== null && (await deps.decks.kept(id))?.branchCode !== branchCode) return undefined
  const shown = await publicDeck(deps, id)
  if (!shown) return undefined
  const orders = new Map((await deps.decks.orders(id)).map((order) => [order.slot, order]))
  const slots = shown.deck.amountsFen.map((amountFen, slot) => {
    const order = orders.get(slot)
    const state = !order ? ('free' as const) : order.state === 'paid' ? ('used' as const) : ('held' as const)
    const seen = state === 'used' || shown.amountsFen !== null
    return { slot, state, amountFen: seen ? amountFen : null, orderNo: order?.orderNo ?? null }
  })
  return { ...shown, wantedSlots: shown.deck.rule!.slots, slots }
}
