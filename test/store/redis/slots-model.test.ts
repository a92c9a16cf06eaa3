import fc from 'fast-check'
import { hasRedisServer, startTestRedis, type TestRedis } from '../../../harness/redis'
import type { DeckId } from '../../../server/domain/deck'
import type { Slots, UsedSlot } from '../../../server/flow/ports'
import { redisSlots } from '../../../server/store/redis/slots'
import { fakeSlots } from '../../support/fake-slots'
import { newDeck } from './slots-support'

/**
 * The scripts keep counters and shortcuts that the fake doesn't have; whatever is asked in whatever order, both must answer
 * the same. A time of 0 ms has passed at once and one of an hour never does, so the two clocks need not agree.
 */
const HOUR_MS = 3_600_000
const payer = fc.constantFrom('a', 'b', 'c', 'd')
const lasting = fc.constantFrom(0, 0, HOUR_MS, 2 * HOUR_MS)
const slot = fc.nat(6)

type Ask = (slots: Slots, deck: DeckId) => Promise<unknown>
const take = fc.record({ payer, lasting, max: fc.constantFrom(null, 1, 2) })
const ask: fc.Arbitrary<[string, Ask]> = fc.oneof(
  {
    weight: 5,
    arbitrary: take.map(({ payer, lasting, max }): [string, Ask] => [
      `take(${payer}, ${lasting}, ${max})`,
      (slots, deck) => slots.take(deck, payer, lasting, max),
    ]),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(slot, payer)
      .map(([slot, payer]): [string, Ask] => [
        `confirm(${slot}, ${payer})`,
        (slots, deck) => slots.confirm(deck, slot, payer),
      ]),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(slot, payer, lasting)
      .map(([slot, payer, keep]): [string, Ask] => [
        `release(${slot}, ${payer}, ${keep})`,
        (slots, deck) => slots.release(deck, slot, payer, keep),
      ]),
  },
)

const heldBySomebody = (slots: number[]) =>
  fc.tuple(...slots.map((slot) => payer.map((payerId): UsedSlot => ({ slot, payerId }))))

const run = async (slots: Slots, used: UsedSlot[], amountsFen: number[], asks: [string, Ask][]) => {
  const deck = newDeck()
  const answers: unknown[] = [await slots.load(deck, amountsFen, used, Date.now() + 24 * HOUR_MS)]
  for (const [name, ask] of asks) {
    const answer = await ask(slots, deck).catch((error: Error) => error.message)
    answers.push([name, answer, await slots.count(deck)])
  }
  return answers
}

describe.each(hasRedisServer() ? (['redis-server', 'js'] as const) : (['js'] as const))(
  'the scripts on %s',
  (prefer) => {
    let redis: TestRedis
    beforeAll(async () => {
      redis = await startTestRedis(prefer)
    })
    afterAll(() => redis.stop())

    test('answer as the plain model does, whatever is asked in whatever order', async () => {
      const slots = redisSlots(redis.redis)
      const decks = fc
        .array(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 6 })
        .chain((amounts) => fc.tuple(fc.constant(amounts), fc.subarray([...amounts.keys()]).chain(heldBySomebody)))
      await fc.assert(
        fc.asyncProperty(decks, fc.array(ask, { maxLength: 40 }), async ([amounts, used], asks) => {
          expect(await run(slots, used, amounts, asks)).toEqual(await run(fakeSlots(), used, amounts, asks))
        }),
        { numRuns: prefer === 'js' ? 50 : 300 },
      )
    })
  },
)
