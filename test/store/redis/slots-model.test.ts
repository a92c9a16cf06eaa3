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

/** `as`: a payer's name in this run alone. */
type Ask = (slots: Slots, deck: DeckId, as: (payer: string) => string) => Promise<unknown>
const most = fc.constantFrom(null, null, 1, 2)
const take = fc.record({
  payer,
  leaseTtlMs: lasting,
  maxPerPayer: fc.constantFrom(null, 1, 2),
  maxPerCampaign: most,
  maxHeld: most,
  // none of it, or more than a test lasts
  holdingMs: fc.constantFrom(null, null, 0, HOUR_MS / 2),
  holdingInAllMs: fc.constantFrom(null, null, 1.5 * HOUR_MS, 5.5 * HOUR_MS),
})
const asks: { weight: number; arbitrary: fc.Arbitrary<[string, Ask]> }[] = [
  {
    weight: 5,
    arbitrary: take.map(({ payer, ...terms }): [string, Ask] => [
      `take(${payer}, ${JSON.stringify(terms)})`,
      async (slots, deck, as) => coarse(await slots.take(deck, as(payer), terms)),
    ]),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(slot, payer)
      .map(([slot, payer]): [string, Ask] => [
        `confirm(${slot}, ${payer})`,
        (slots, deck, as) => slots.confirm(deck, slot, as(payer)),
      ]),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(slot, payer, lasting)
      .map(([slot, payer, keep]): [string, Ask] => [
        `release(${slot}, ${payer}, ${keep})`,
        (slots, deck, as) => slots.release(deck, slot, as(payer), keep),
      ]),
  },
]

for (const verb of ['paid', 'bar'] as const)
  asks.push({
    weight: verb === 'paid' ? 2 : 1,
    arbitrary: fc
      .tuple(fc.nat(5), payer)
      .map(([slot, payer]): [string, Ask] => [
        `${verb}(${slot}, ${payer})`,
        (slots, deck, as) => (verb === 'paid' ? slots.paid(deck, slot, as(payer)) : slots.bar(deck, as(payer))),
      ]),
  })

/** In hours: the two clocks are some ms apart. */
function coarse<T extends object>(answer: T): object {
  const hours = (ms: unknown) => (typeof ms === 'number' ? Math.round(ms / HOUR_MS) : ms)
  return Object.fromEntries(
    Object.entries(answer).map(([name, value]) => [name, name.endsWith('Ms') ? hours(value) : value]),
  )
}

const heldBySomebody = (slots: number[]) =>
  fc.tuple(...slots.map((slot) => payer.map((payerId): UsedSlot => ({ slot, payerId }))))

let runs = 0
/** Two decks of one campaign, by turns or not; what is asked, each with its deck. */
const run = async (slots: Slots, used: UsedSlot[], size: number, asks: [number, [string, Ask]][]) => {
  const suffix = `-${++runs}`
  const as = (payer: string) => payer + suffix
  const first = newDeck()
  const decks = [first, { ...first, merchantCode: 'M0002' }]
  const mine = used.map(({ slot, payerId }) => ({ slot, payerId: as(payerId) }))
  const answers: unknown[] = []
  for (const deck of decks) answers.push(await slots.load(deck, size, mine, Date.now() + 24 * HOUR_MS))
  for (const [which, [name, ask]] of asks) {
    const deck = decks[which]!
    const answer = await ask(slots, deck, as).catch((error: Error) => error.message)
    answers.push([name, answer, coarse((await slots.count(deck))!)])
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
        .integer({ min: 1, max: 6 })
        .chain((size) => fc.tuple(fc.constant(size), fc.subarray([...Array(size).keys()]).chain(heldBySomebody)))
      await fc.assert(
        fc.asyncProperty(
          decks,
          fc.array(fc.tuple(fc.constantFrom(0, 0, 1), fc.oneof(...asks)), { maxLength: 40 }),
          async ([size, used], asks) => {
            expect(await run(slots, used, size, asks)).toEqual(await run(fakeSlots(), used, size, asks))
          },
        ),
        { numRuns: prefer === 'js' ? 50 : 300 },
      )
    })
  },
)
