import type { DeckId } from '../../../server/domain/deck'
import type { Slots, Take, TakeTerms } from '../../../server/flow/ports'
import { untold } from '../../support/untold'
import { eventually, newDeck } from './slots-support'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const ENDED_MS = 0

/** What every implementation of Slots does about what one payer holds, and has used, in all decks of a date. */
export function holdingContract(slots: () => Slots): void {
  const fresh = async (size: number) => {
    const deck = newDeck()
    await slots().load(deck, size, [], Date.now() + DAY_MS)
    return { deck }
  }
  const take = (deck: DeckId, payerId: string, leaseTtlMs = MINUTE_MS, more: Partial<TakeTerms> = {}) =>
    slots().take(deck, payerId, { ...untold(leaseTtlMs), ...more })

  describe('what a payer holds unpaid', () => {
    const at = async (deck: DeckId, payerId: string, more: Partial<TakeTerms>, leaseTtlMs?: number) =>
      slotIn(await take(deck, payerId, leaseTtlMs, more))
    const decks = (count: number) => Promise.all(Array.from({ length: count }, async () => (await fresh(3)).deck))

    test('is so many slots at the most, whatever the merchant or campaign, and those held go on', async () => {
      const [one, two, three] = await decks(3)
      const two_ = { maxHeld: 2 }
      expect([await at(one!, 'h1', two_), await at(two!, 'h1', two_)]).toEqual([0, 0])
      expect(await at(three!, 'h1', two_)).toBe('holding-limit')
      expect([await at(one!, 'h1', two_), await at(three!, 'h2', two_)]).toEqual([0, 0])
      expect(await slots().count(three!)).toMatchObject({ leased: 1, free: 2 })
    })

    test('ends with the lease, with payment, and not with an order that is only open', async () => {
      const [one, two, three] = await decks(3)
      const one_ = { maxHeld: 1 }
      await at(one!, 'h3', one_, ENDED_MS)
      expect(await at(two!, 'h3', one_)).toBe(0)
      await slots().confirm(two!, 0, 'h3')
      expect(await at(three!, 'h3', one_)).toBe('holding-limit')
      expect(await at(two!, 'h3', one_)).toBe('holding-limit')
      await slots().paid(two!, 0, 'h3')
      await slots().confirm(two!, 0, 'h3') // a sweeper that comes late
      expect(await at(three!, 'h3', one_)).toBe(0)
    })

    test('a closed order’s slot is held again for as long as it is kept', async () => {
      const [one, two] = await decks(2)
      await at(one!, 'h4', {})
      await slots().confirm(one!, 0, 'h4')
      await slots().release(one!, 0, 'h4', MINUTE_MS)
      expect(await at(two!, 'h4', { maxHeld: 1 })).toBe('holding-limit')
      await slots().release(one!, 0, 'h4', 0)
      expect(await at(two!, 'h4', { maxHeld: 1 })).toBe(0)
    })

    test('another date is apart', async () => {
      const [one] = await decks(1)
      await at(one!, 'h5', { maxHeld: 1 })
      const tomorrow = { ...newDeck(), businessDate: '2026-11-22' }
      await slots().load(tomorrow, 1, [], Date.now() + DAY_MS)
      expect(await at(tomorrow, 'h5', { maxHeld: 1 })).toBe(0)
    })

    test('is so long in all at a deck: what is leased by then is kept to its end and not renewed, and nothing comes after', async () => {
      const { deck } = await fresh(3)
      await take(deck, 'h6', MINUTE_MS)
      let kept: Take = { kind: 'no-deck' }
      await eventually(async () => {
        kept = await take(deck, 'h6', 10 * MINUTE_MS, { holdingMs: 20 })
        return kept.kind === 'taken' && kept.leaseMs < 10 * MINUTE_MS
      })
      expect(kept).toMatchObject({ kind: 'taken', slot: 0 })
      await slots().release(deck, 0, 'h6', 0)
      expect(await at(deck, 'h6', { holdingMs: 1 })).toBe('holding-limit')
      expect(await at(deck, 'h7', { holdingMs: 1 })).toBe(0)
      expect(await at(deck, 'h6', { holdingMs: 1 })).toBe('holding-limit')
    })

    test('what was held goes on counting over orders that close, and begins anew after one that was paid', async () => {
      const { deck } = await fresh(3)
      await take(deck, 'h8')
      await slots().confirm(deck, 0, 'h8')
      await slots().release(deck, 0, 'h8', 5)
      await eventually(async () => (await slots().count(deck))?.leased === 0)
      expect(await at(deck, 'h8', { holdingMs: 5 })).toBe('holding-limit')
      await take(deck, 'h8')
      await slots().confirm(deck, 0, 'h8')
      await slots().paid(deck, 0, 'h8')
      expect(await at(deck, 'h8', { holdingMs: 5 })).toBe(1)
    })

    test('the limit of a campaign counts what was used at all of its merchants', async () => {
      const campaignId = newDeck().campaignId
      const of = async (merchantCode: string) => {
        const deck = { ...newDeck(), campaignId, merchantCode }
        await slots().load(deck, 2, [], Date.now() + DAY_MS)
        return deck
      }
      const [one, two, three] = [await of('M1'), await of('M2'), await of('M3')]
      const most = { maxPerCampaign: 2 }
      for (const deck of [one, two]) {
        await at(deck, 'h9', most)
        for (const _ of range(2)) await slots().confirm(deck, 0, 'h9')
        await slots().paid(deck, 0, 'h9')
      }
      expect(await at(three, 'h9', most)).toBe('limit-reached')
      expect(await at(three, 'h9', { maxPerCampaign: 3 })).toBe(0)
      await slots().release(two, 0, 'h9', 0)
      expect(await at(three, 'h9', most)).toBe(0)
      const [elsewhere] = await decks(1)
      expect(await at(elsewhere!, 'h9', { maxPerCampaign: 1 })).toBe(0)
    })

    test('whom the ledger bars gets none of that deck, and others do', async () => {
      const [one, two] = await decks(2)
      await slots().bar(one!, 'h10')
      expect(await at(one!, 'h10', {})).toBe('limit-reached')
      expect([await at(one!, 'h11', {}), await at(two!, 'h10', {})]).toEqual([0, 0])
    })
  })
}

const range = (length: number) => Array.from({ length }, (_, i) => i)

function slotIn(reply: Take): number | Take['kind'] {
  return reply.kind === 'taken' ? reply.slot : reply.kind
}
