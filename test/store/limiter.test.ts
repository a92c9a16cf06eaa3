import type { SharedCounts } from '../../server/flow/ports'
import { limiter, noLimits } from '../../server/store/limiter'
import { limiterContract, limitOf } from './limiter-contract'

function handClock() {
  const clock = { at: 1_000, now: () => clock.at }
  return clock
}

describe('a limiter of one process', () => {
  limiterContract(() => {
    const clock = handClock()
    return {
      limiter: limiter(clock, null),
      settled: async () => {},
      async pass(ms) {
        clock.at += ms
      },
    }
  })

  it('keeps no more windows than it may, and lets the oldest go', () => {
    const one = limiter(handClock(), null, 3)
    const limit = limitOf(1)
    for (const who of ['a', 'b', 'c']) one.spend(limit, who)
    expect(one.spend(limit, 'a').allowed).toBe(false)
    one.spend(limit, 'd')
    expect(['b', 'c', 'd'].map((who) => one.look(limit, who).allowed)).toEqual([false, false, false])
    expect(one.look(limit, 'a').allowed).toBe(true)
  })

  it('keeps as many of any number of strangers', () => {
    const clock = handClock()
    const one = limiter(clock, null, 100)
    const limit = limitOf(5)
    for (let i = 0; i < 200_000; i++) one.spend(limit, `stranger-${i}`)
    expect(one.look(limit, 'stranger-0').left).toBe(5)
    expect(one.look(limit, 'stranger-199999').left).toBe(4)
  })

  it('doesn’t go by the wall clock, which may jump', () => {
    const one = limiter({ now: () => performance.now() }, null)
    const limit = limitOf(2, 60)
    const jump = jest.spyOn(Date, 'now').mockReturnValue(0)
    try {
      one.spend(limit, 'p1')
      one.spend(limit, 'p1')
      jump.mockReturnValue(Date.parse('2100-01-01'))
      expect(one.spend(limit, 'p1').allowed).toBe(false)
    } finally {
      jump.mockRestore()
    }
  })
})

/** A store of counts that a test answers for. */
function answered() {
  const asked: { who: string; count: number; answer(used: number, resetMs?: number): void; fail(): void }[] = []
  const shared: SharedCounts = {
    add: (_, who, count) =>
      new Promise((resolve, reject) => {
        const answer = (used: number, resetMs = 10_000) => resolve({ used, resetMs })
        asked.push({ who, count, answer, fail: () => reject(new Error('away')) })
      }),
  }
  return { asked, shared }
}
const heard = () => new Promise((resolve) => setImmediate(resolve))

describe('what a limiter shares with other processes', () => {
  const limit = limitOf(20)
  const open = () => {
    const clock = handClock()
    const { asked, shared } = answered()
    const one = limiter(clock, shared)
    return {
      clock,
      asked,
      one,
      spend: (times: number) => Array.from({ length: times }, () => one.spend(limit, 'p1').allowed),
    }
  }

  it('is nothing for who comes rarely: a quarter of the limit costs nobody a question', () => {
    const { asked, spend } = open()
    spend(4)
    expect(asked).toHaveLength(0)
    spend(1)
    expect(asked.map(({ count }) => count)).toEqual([5])
  })

  it('is one question at a time, which nobody waits for, and brings what was counted meanwhile the next time', async () => {
    const { asked, spend } = open()
    spend(9)
    expect(asked.map(({ count }) => count)).toEqual([5])
    asked[0]!.answer(5)
    await heard()
    spend(1)
    expect(asked.map(({ count }) => count)).toEqual([5, 5])
  })

  it('counts for the next request: what others counted is used up', async () => {
    const { asked, spend, one } = open()
    spend(5)
    asked[0]!.answer(18)
    await heard()
    expect(spend(4)).toEqual([true, true, false, false])
    expect(one.look(limit, 'p1').allowed).toBe(false)
  })

  it('ends when their window does', async () => {
    const { asked, spend, clock } = open()
    spend(5)
    asked[0]!.answer(20, 3_000)
    await heard()
    expect(spend(1)).toEqual([false])
    clock.at += 3_000
    expect(spend(1)).toEqual([true])
  })

  it('is not believed of a window longer than the limit’s: that clock was set back', async () => {
    const { asked, spend } = open()
    spend(5)
    asked[0]!.answer(1_000, 3_600_000)
    await heard()
    expect(spend(16)).toEqual([...Array(15).fill(true), false])
  })

  it('came too late when the window it was asked for has ended', async () => {
    const { asked, spend, clock } = open()
    spend(5)
    clock.at += 10_000
    spend(1)
    asked[0]!.answer(20)
    await heard()
    expect(spend(1)).toEqual([true])
  })

  it('is waited for by nobody, should it hang for ever: each process then counts for itself', () => {
    const { asked, spend } = open()
    expect(spend(25)).toEqual([...Array(20).fill(true), ...Array(5).fill(false)])
    expect(asked).toHaveLength(1)
  })

  it('is left alone for a second when it fails, and hears of all that was counted then', async () => {
    const { asked, spend, clock } = open()
    spend(5)
    asked[0]!.fail()
    await heard()
    expect(spend(2)).toEqual([true, true])
    expect(asked).toHaveLength(1)
    clock.at += 1_000
    spend(1)
    expect(asked.map(({ count }) => count)).toEqual([5, 8])
  })
})

test('without limits everything is allowed, and nothing is said of a window', () => {
  const limit = limitOf(1)
  for (let i = 0; i < 5; i++) expect(noLimits.spend(limit, 'p1')).toMatchObject({ allowed: true, left: Infinity })
})
