import type { DeckId } from '../../../server/domain/deck'
import type { Slots, Take, TakeTerms, UsedSlot } from '../../../server/flow/ports'
import { holdingContract } from './holding-contract'
import { layContract } from './lay-contract'
import { eventually, newDeck } from './slots-support'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** A lease of 0 ms has ended when it is given: the order of events is certain without waiting. */
const ENDED_MS = 0

const NO_LIMITS = {
  leaseTtlMs: MINUTE_MS,
  maxPerPayer: null,
  maxPerCampaign: null,
  maxHeld: null,
  holdingMs: null,
  holdingInAllMs: null,
}
const ALL_HELD = { kind: 'all-held', returnsInMs: expect.any(Number) }

/** What every implementation of {@link Slots} does, whatever it is made of. */
export function slotsContract(name: string, open: () => Promise<{ slots: Slots; close(): Promise<void> }>): void {
  describe(`slots on ${name}`, () => {
    let slots: Slots
    let close: () => Promise<void>
    beforeAll(async () => {
      ;({ slots, close } = await open())
    })
    afterAll(() => close?.())

    const fresh = async (size: number, usedSlots: UsedSlot[] = []) => {
      const deck = newDeck()
      await slots.load(deck, size, usedSlots, Date.now() + DAY_MS)
      return { deck }
    }
    const take = (
      deck: DeckId,
      payerId: string,
      leaseTtlMs = MINUTE_MS,
      maxPerPayer: number | null = null,
      more: Partial<TakeTerms> = {},
    ) => slots.take(deck, payerId, { ...NO_LIMITS, leaseTtlMs, maxPerPayer, ...more })
    const slotOf = async (...args: Parameters<typeof take>) => slotIn(await take(...args))

    describe('dealing out', () => {
      test('200 payers at once get the 20 slots of a deck, each slot once (I1)', async () => {
        const { deck } = await fresh(20)
        const takes = await Promise.all(Array.from({ length: 200 }, (_, i) => take(deck, `payer-${i}`)))
        const taken = takes.filter((reply) => reply.kind === 'taken')
        expect(taken.map(({ slot }) => slot).sort((a, b) => a - b)).toEqual(range(20))
        expect(taken.map(({ left }) => left).sort((a, b) => a - b)).toEqual(range(20))
        expect(takes.filter((reply) => reply.kind === 'all-held')).toHaveLength(180)
      })

      test('untouched slots are handed out in the order of the deck', async () => {
        const { deck } = await fresh(3)
        expect([await slotOf(deck, 'a'), await slotOf(deck, 'b'), await slotOf(deck, 'c')]).toEqual([0, 1, 2])
      })

      test('a lease lasts as long as was asked', async () => {
        const { deck } = await fresh(1)
        const leased = { kind: 'taken', slot: 0, leaseMs: MINUTE_MS, left: 0, held: 1 }
        expect(await take(deck, 'a')).toEqual(leased)
      })

      test('a deck that is all held still gives a payer the slot the payer leases', async () => {
        const { deck } = await fresh(1)
        await take(deck, 'a')
        expect(await take(deck, 'b')).toEqual(ALL_HELD)
        expect(await slotOf(deck, 'a')).toBe(0)
      })

      test('a deck is sold out once every slot is used, and all held as long as one may come back', async () => {
        const { deck } = await fresh(2)
        await take(deck, 'a')
        await take(deck, 'b')
        await slots.confirm(deck, 0, 'a')
        expect(await take(deck, 'c')).toEqual(ALL_HELD)
        await slots.confirm(deck, 1, 'b')
        for (const _ of range(2)) expect(await take(deck, 'c')).toEqual({ kind: 'sold-out' })
        await slots.release(deck, 1, 'b', MINUTE_MS)
        expect(await take(deck, 'c')).toEqual(ALL_HELD)
        await slots.release(deck, 1, 'b', 0)
        expect(await slotOf(deck, 'c')).toBe(1)
      })

      test('decks of other campaigns, merchants and dates are apart', async () => {
        const { deck } = await fresh(1)
        const { campaignId, merchantCode } = deck
        await take(deck, 'a')
        for (const other of [
          { ...deck, campaignId: `${campaignId}x` },
          { ...deck, merchantCode: `${merchantCode}x` },
          { ...deck, businessDate: '2026-11-22' },
          { ...deck, campaignId: `${campaignId}:m`, merchantCode: 'n' },
          { ...deck, campaignId, merchantCode: 'm:n' },
          { ...deck, campaignId: `${campaignId}}`, merchantCode: '特惠' },
        ]) {
          expect(await slots.load(other, 1, [], Date.now() + DAY_MS)).toBe('loaded')
          expect(await slotOf(other, 'b')).toBe(0)
        }
      })
    })

    describe('no fishing (I8)', () => {
      test('a payer is given the same slot again, and nobody loses one by it', async () => {
        const { deck } = await fresh(3)
        const first = await take(deck, 'a')
        await take(deck, 'b')
        expect(await take(deck, 'a')).toEqual({ ...first, left: 1, held: 2 })
      })

      test("a payer's lease begins anew with each take", async () => {
        const { deck } = await fresh(1)
        await take(deck, 'a', ENDED_MS)
        expect(await slots.count(deck)).toMatchObject({ free: 1, leased: 0, used: 0 })
        await take(deck, 'a', MINUTE_MS)
        expect(await slots.count(deck)).toMatchObject({ free: 0, leased: 1, used: 0 })
        await take(deck, 'a', ENDED_MS)
        expect(await slots.count(deck)).toMatchObject({ free: 1, leased: 0, used: 0 })
      })

      test('an ended lease that nobody took over is still its payer’s, even past a lower free slot', async () => {
        const { deck } = await fresh(3)
        await take(deck, 'a', ENDED_MS)
        await take(deck, 'b', MINUTE_MS) // takes a's slot over
        await take(deck, 'c', ENDED_MS)
        await take(deck, 'b', ENDED_MS)
        expect(await slotOf(deck, 'c')).toBe(1)
      })

      test('the lowest slot whose lease has ended comes before untouched ones', async () => {
        const { deck } = await fresh(4)
        for (const payer of ['a', 'b', 'c']) await take(deck, payer)
        for (const payer of ['c', 'b']) await take(deck, payer, ENDED_MS)
        expect(await take(deck, 'd')).toMatchObject({ slot: 1, left: 2 })
        expect(await take(deck, 'e')).toMatchObject({ slot: 2, left: 1 })
        expect(await take(deck, 'f')).toMatchObject({ slot: 3, left: 0 })
      })

      test('a lease ends by itself, and its slot is free for the next payer', async () => {
        const { deck } = await fresh(1)
        await take(deck, 'a', 5)
        await eventually(async () => (await slots.count(deck))?.free === 1)
        expect(await slotOf(deck, 'b')).toBe(0)
      })
    })

    describe('confirm', () => {
      test('the slot is used: nobody takes it, and its payer may take another', async () => {
        const { deck } = await fresh(3)
        await take(deck, 'a')
        expect(await slots.confirm(deck, 0, 'a')).toBe('confirmed')
        expect(await slots.count(deck)).toMatchObject({ free: 2, leased: 0, used: 1 })
        expect([await slotOf(deck, 'b'), await slotOf(deck, 'a')]).toEqual([1, 2])
      })

      test('whoever leases the slot is displaced', async () => {
        const { deck } = await fresh(2)
        await take(deck, 'a')
        expect(await slots.confirm(deck, 0, 'b')).toBe('confirmed')
        expect(await slots.release(deck, 0, 'a', 0)).toBe('not-held')
        expect(await slotOf(deck, 'a')).toBe(1)
        expect(await slots.release(deck, 0, 'b', 0)).toBe('released')
      })

      test('an ended lease can be confirmed', async () => {
        const { deck } = await fresh(1)
        await take(deck, 'a', ENDED_MS)
        await slots.confirm(deck, 0, 'a')
        expect(await take(deck, 'b')).toEqual({ kind: 'sold-out' })
      })

      test('a slot nobody has touched since the deck was loaded can be confirmed, and those before it are dealt first', async () => {
        const { deck } = await fresh(6)
        await take(deck, 'a')
        await slots.confirm(deck, 4, 'b')
        expect(await slots.count(deck)).toMatchObject({ free: 4, leased: 1, used: 1 })
        const dealt = [
          await slotOf(deck, 'c'),
          await slotOf(deck, 'd'),
          await slotOf(deck, 'e'),
          await slotOf(deck, 'f'),
        ]
        expect(dealt).toEqual([1, 2, 3, 5])
        expect(await take(deck, 'g')).toEqual(ALL_HELD)
      })

      test('confirming twice changes nothing', async () => {
        const { deck } = await fresh(2)
        for (const _ of range(2)) expect(await slots.confirm(deck, 1, 'a')).toBe('confirmed')
        expect(await slots.count(deck)).toMatchObject({ free: 1, leased: 0, used: 1 })
      })
    })

    describe('release', () => {
      test('the slot is kept for its payer alone, then free for anybody', async () => {
        const { deck } = await fresh(3)
        await take(deck, 'a')
        await slots.confirm(deck, 0, 'a')
        expect(await slots.release(deck, 0, 'a', MINUTE_MS)).toBe('released')
        expect(await slots.count(deck)).toMatchObject({ free: 2, leased: 1, used: 0 })
        expect(await slotOf(deck, 'b')).toBe(1)
        expect(await slotOf(deck, 'a')).toBe(0)
        await slots.release(deck, 0, 'a', 0)
        expect(await slotOf(deck, 'c')).toBe(0)
      })

      test('a payer who lost the lease to another cannot release it', async () => {
        const { deck } = await fresh(1)
        await take(deck, 'a', ENDED_MS)
        await take(deck, 'b')
        expect(await slots.release(deck, 0, 'a', 0)).toBe('not-held')
        expect(await take(deck, 'c')).toEqual(ALL_HELD)
      })

      test('a payer left with two slots is given the lower one', async () => {
        const { deck } = await fresh(3)
        await take(deck, 'a')
        await slots.confirm(deck, 2, 'a')
        await slots.release(deck, 2, 'a', MINUTE_MS)
        expect(await slotOf(deck, 'a')).toBe(0)
      })

      test('an untouched slot is held by nobody', async () => {
        const { deck } = await fresh(2)
        expect(await slots.release(deck, 1, 'a', 0)).toBe('not-held')
        await slots.confirm(deck, 1, 'b')
        expect(await slots.release(deck, 0, 'a', 0)).toBe('not-held')
      })

      test('a slot that a load found used is released for the payer whose order holds it, and for no other', async () => {
        const { deck } = await fresh(2, [{ slot: 0, payerId: 'a' }])
        expect(await slots.release(deck, 0, 'b', MINUTE_MS)).toBe('not-held')
        expect(await slots.release(deck, 0, 'a', MINUTE_MS)).toBe('released')
        expect(await slotOf(deck, 'a')).toBe(0)
      })
    })

    describe('the limit of a payer', () => {
      test('counts used slots only', async () => {
        const { deck } = await fresh(5)
        for (const slot of [0, 1]) {
          expect(await slotOf(deck, 'a', MINUTE_MS, 2)).toBe(slot)
          expect(await slotOf(deck, 'a', MINUTE_MS, 2)).toBe(slot)
          await slots.confirm(deck, slot, 'a')
        }
        expect(await take(deck, 'a', MINUTE_MS, 2)).toEqual({ kind: 'limit-reached' })
        expect(await slotOf(deck, 'a', MINUTE_MS, 3)).toBe(2)
        expect(await slotOf(deck, 'b', MINUTE_MS, 1)).toBe(3)
      })

      test('counts slots that orders held when the deck was loaded, each for its payer', async () => {
        const { deck } = await fresh(5, [
          { slot: 0, payerId: 'a' },
          { slot: 2, payerId: 'b' },
          { slot: 3, payerId: 'a' },
        ])
        expect(await take(deck, 'a', MINUTE_MS, 2)).toEqual({ kind: 'limit-reached' })
        expect(await take(deck, 'b', MINUTE_MS, 1)).toEqual({ kind: 'limit-reached' })
        expect(await slotOf(deck, 'b', MINUTE_MS, 2)).toBe(1)
        expect(await slotOf(deck, 'c', MINUTE_MS, 1)).toBe(4)
      })

      test('a closed order does not count', async () => {
        const { deck } = await fresh(2)
        await slots.confirm(deck, 0, 'a')
        await slots.release(deck, 0, 'a', MINUTE_MS)
        expect(await slotOf(deck, 'a', MINUTE_MS, 1)).toBe(0)
      })

      test('is told even when the deck is sold out', async () => {
        const { deck } = await fresh(1)
        await slots.confirm(deck, 0, 'a')
        expect(await take(deck, 'a', MINUTE_MS, 1)).toEqual({ kind: 'limit-reached' })
        expect(await take(deck, 'b', MINUTE_MS, 1)).toEqual({ kind: 'sold-out' })
      })
    })

    describe('load', () => {
      test('a deck already loaded is left as it is', async () => {
        const { deck } = await fresh(2)
        await take(deck, 'a')
        expect(await slots.load(deck, 3, [{ slot: 0, payerId: 'b' }], Date.now() + DAY_MS)).toBe('already-loaded')
        expect(await slots.count(deck)).toMatchObject({ free: 1, leased: 1, used: 0 })
        expect(await take(deck, 'b')).toMatchObject({ slot: 1 })
      })

      test('slots that orders hold are used from the start, in whatever order they are named', async () => {
        const { deck } = await fresh(6, [
          { slot: 3, payerId: 'x' },
          { slot: 1, payerId: 'y' },
        ])
        expect(await slots.count(deck)).toMatchObject({ free: 4, leased: 0, used: 2 })
        const replies: Take[] = []
        for (const payer of ['a', 'b', 'c', 'd', 'e']) replies.push(await take(deck, payer))
        expect(replies.map((reply) => (reply.kind === 'taken' ? reply.slot : reply.kind))).toEqual([
          0,
          2,
          4,
          5,
          'all-held',
        ])
        expect(replies.flatMap((reply) => (reply.kind === 'taken' ? reply.left : []))).toEqual([3, 2, 1, 0])
      })

      test('a deck is gone after its time', async () => {
        const deck = newDeck()
        await slots.load(deck, 1, [], Date.now() + 20)
        await eventually(async () => (await slots.count(deck)) === undefined)
        expect(await take(deck, 'a')).toEqual({ kind: 'no-deck' })
      })

      test('taking and confirming does not lengthen the life of a deck', async () => {
        const deck = newDeck()
        await slots.load(deck, 2, [], Date.now() + 100)
        await take(deck, 'a', DAY_MS)
        await slots.confirm(deck, 1, 'a')
        await eventually(async () => (await slots.count(deck)) === undefined)
      })
    })

    test('an all-held deck tells when the first lease ends, and counts say the same', async () => {
      const { deck } = await fresh(3)
      await take(deck, 'a', 2 * MINUTE_MS)
      await take(deck, 'b', MINUTE_MS)
      await slots.confirm(deck, 2, 'c')
      const said = [await take(deck, 'd'), await slots.count(deck)] as { returnsInMs: number }[]
      for (const { returnsInMs } of said) {
        expect(returnsInMs).toBeGreaterThan(MINUTE_MS / 2)
        expect(returnsInMs).toBeLessThanOrEqual(MINUTE_MS)
      }
      await take(deck, 'b', 3 * MINUTE_MS)
      const later = (await take(deck, 'd')) as { returnsInMs: number }
      expect(later.returnsInMs).toBeGreaterThan(MINUTE_MS)
    })

    test('a take tells how many are leased unpaid, and how many are free', async () => {
      const { deck } = await fresh(6)
      await take(deck, 'a')
      await take(deck, 'b', ENDED_MS)
      await slots.confirm(deck, 4, 'c')
      expect(await take(deck, 'd')).toMatchObject({ slot: 1, left: 3, held: 2 })
      await slots.confirm(deck, 1, 'd')
      await slots.confirm(deck, 1, 'd')
      expect(await take(deck, 'a')).toMatchObject({ slot: 0, left: 3, held: 1 })
      await slots.release(deck, 4, 'c', 0)
      expect(await take(deck, 'a')).toMatchObject({ slot: 0, left: 4, held: 1 })
    })

    holdingContract(() => slots)
    layContract(() => slots)

    test('without a deck every verb says so', async () => {
      const deck = newDeck()
      expect(await take(deck, 'a')).toEqual({ kind: 'no-deck' })
      expect(await slots.confirm(deck, 0, 'a')).toBe('no-deck')
      expect(await slots.release(deck, 0, 'a', 0)).toBe('no-deck')
      expect(await slots.count(deck)).toBeUndefined()
    })

    test('a slot the deck does not have is a bug, and nothing changes', async () => {
      const { deck } = await fresh(2)
      for (const slot of [-1, 2]) {
        await expect(slots.confirm(deck, slot, 'a')).rejects.toThrow(RangeError)
        await expect(slots.release(deck, slot, 'a', 0)).rejects.toThrow(RangeError)
        await expect(slots.load(newDeck(), 2, [{ slot, payerId: 'a' }], Date.now() + DAY_MS)).rejects.toThrow(
          RangeError,
        )
      }
      await expect(slots.load(newDeck(), 0, [], Date.now() + DAY_MS)).rejects.toThrow(RangeError)
      expect(await slots.count(deck)).toMatchObject({ free: 2, leased: 0, used: 0 })
    })

    test('answers a ping', async () => {
      await expect(slots.ping()).resolves.toBeUndefined()
    })
  })
}

function slotIn(reply: Take): number | Take['kind'] {
  return reply.kind === 'taken' ? reply.slot : reply.kind
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i)
}
