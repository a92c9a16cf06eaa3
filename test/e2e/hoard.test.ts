import { describeOnRedis, startTestRedis, type TestRedis } from '../../harness/redis'
import { pick } from '../../siege/hoard/pick'
import { STREET, simulate } from '../../siege/hoard/simulate'

/** Played on the house's own scripts (docs/HOARDING.md); without redis-server it would take minutes. */
describeOnRedis()('a day of hoarders and pickers', () => {
  let test_: TestRedis
  beforeAll(async () => {
    test_ = await startTestRedis('redis-server')
  })
  afterAll(() => test_.stop())

  test.each([
    [20, 1],
    [2, 2],
    [1, 1],
  ])(
    'twenty identities starve less than a twentieth of honest quotes where %i are left, and wrong nobody (seed %i)',
    async (whenLeft, seed) => {
      const day = { ...STREET, seed, rules: 'now', identities: 20, whenLeft } as const
      const { quotes, starved, wronged } = await simulate(test_.redis, day)
      expect(quotes).toBeGreaterThan(300)
      expect(starved / quotes).toBeLessThan(0.05)
      expect(wronged).toBe(0)
    },
  )

  test('without a budget of holding they starved nearly everybody; the same seed plays the same day', async () => {
    const before = {
      seed: 3,
      rules: 'before',
      identities: 5,
      whenLeft: 5,
      merchants: 2,
      cards: 5,
      honest: 5,
      hours: 4,
    } as const
    const played = await simulate(test_.redis, before)
    expect(played.starved).toBe(played.quotes)
    expect(await simulate(test_.redis, before)).toEqual(played)
    expect((await simulate(test_.redis, { ...before, rules: 'now' })).starved).toBeLessThan(played.starved / 2)
  })

  test('a picker gains less than one did, and no more than three cards a person', async () => {
    const options = { seed: 1, identities: 5, purchases: 20, wantsFen: 400, merchants: 20, cards: 20 }
    const [before, now] = [
      await pick(test_.redis, { ...options, rules: 'before' }),
      await pick(test_.redis, { ...options, rules: 'now' }),
    ]
    expect(now.purchases).toBeLessThanOrEqual(15)
    expect(now.extraFen).toBeLessThan(before.extraFen)
  })
})
