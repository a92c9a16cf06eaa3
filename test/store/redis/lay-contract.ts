import type { Slots } from '../../../server/flow/ports'
import { untold } from '../../support/untold'
import { eventually, newDeck } from './slots-support'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

/** What every implementation of {@link Slots} does with a chunk of a day's decks. */
export function layContract(open: () => Slots): void {
  describe('laying many', () => {
    const chunkOf = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ deck: newDeck(), slots: 1 + (i % 20) }))

    test('loads each with as many slots as it has, as if it were loaded alone', async () => {
      const slots = open()
      const chunk = chunkOf(250)
      expect(await slots.lay(chunk, Date.now() + DAY_MS)).toBe(250)
      for (const { deck, slots: free } of chunk.slice(-21))
        expect(await slots.count(deck)).toMatchObject({ free, leased: 0, used: 0 })
      const [one] = chunk.slice(1)
      const taken = [
        await slots.take(one!.deck, 'a', untold(MINUTE_MS)),
        await slots.take(one!.deck, 'b', untold(MINUTE_MS)),
      ]
      expect(taken).toMatchObject([{ slot: 0 }, { slot: 1 }])
      expect(await slots.take(one!.deck, 'c', untold(MINUTE_MS))).toMatchObject({ kind: 'all-held' })
    })

    test('leaves those that are there as they are, drawn from or not, and loads the others', async () => {
      const slots = open()
      const [drawn, whole, absent] = chunkOf(3)
      await slots.load(drawn!.deck, 3, [{ slot: 0, payerId: 'a' }], Date.now() + DAY_MS)
      await slots.take(drawn!.deck, 'b', untold(MINUTE_MS))
      await slots.load(whole!.deck, 5, [], Date.now() + DAY_MS)
      expect(await slots.lay([drawn!, whole!, absent!], Date.now() + DAY_MS)).toBe(1)
      expect(await slots.count(drawn!.deck)).toMatchObject({ free: 1, leased: 1, used: 1 })
      expect(await slots.count(whole!.deck)).toMatchObject({ free: 5, leased: 0, used: 0 })
      expect(await slots.count(absent!.deck)).toMatchObject({ free: 3, leased: 0, used: 0 })
      expect(await slots.lay([drawn!, whole!, absent!], Date.now() + DAY_MS)).toBe(0)
    })

    test('they are gone after their time', async () => {
      const slots = open()
      const chunk = chunkOf(2)
      await slots.lay(chunk, Date.now() + 20)
      for (const { deck } of chunk) await eventually(async () => (await slots.count(deck)) === undefined)
    })

    test('none is laid that has no slots: a bug of who deals', async () => {
      const slots = open()
      const [one, none] = [newDeck(), newDeck()]
      const chunk = [
        { deck: one, slots: 1 },
        { deck: none, slots: 0 },
      ]
      await expect(slots.lay(chunk, Date.now() + DAY_MS)).rejects.toThrow(RangeError)
      expect(await slots.count(none)).toBeUndefined()
    })
  })
}
