import { performance } from 'node:perf_hooks'
import { loopBusy, pace, unhurried } from '../../server/http/pace'

/** How fast those who flood are served. */

function paced(busy: () => number) {
  let at = 0
  const gap = pace(busy, () => at)
  const after = (ms: number) => {
    at += ms
    return gap()
  }
  return { gap, after }
}

it('lets floods be served at once while the loop has time', () => {
  const { gap, after } = paced(() => 0.5)
  expect([gap(), after(25), after(1_000)]).toEqual([0, 0, 0])
})

it('has them wait twice as long at each look while more than half of its time is taken, and 40 ms at most', () => {
  const { gap, after } = paced(() => 0.51)
  expect(gap()).toBe(0)
  expect(Array.from({ length: 8 }, () => after(25))).toEqual([1, 2, 4, 8, 16, 32, 40, 40])
})

it('gives them what others leave again', () => {
  let busy = 1
  const { after } = paced(() => busy)
  for (let i = 0; i < 8; i++) after(25)
  busy = 0
  expect(after(25)).toBe(32)
  const gaps = Array.from({ length: 20 }, () => after(25))
  expect(gaps.slice(-3)).toEqual([0, 0, 0])
  expect(gaps).toEqual([...gaps].sort((a, b) => b - a))
})

it('looks forty times a second, however often it is asked, and at all that was since', () => {
  let looks = 0
  const { after } = paced(() => {
    looks++
    return 1
  })
  for (let i = 0; i < 1_000; i++) after(1)
  expect(looks).toBe(40)
})

it('settles where a flood takes what is left: the loop is as busy as it may be, and the flood never starved', () => {
  let at = 0
  let share = 0
  const gap = pace(
    () => share,
    () => at,
  )
  const begun: number[] = []
  for (let second = 0; second < 20; second++) {
    let count = 0
    for (let look = 0; look < 40; look++) {
      at += 25
      const served = 25 / Math.max(1, gap())
      count += served
      share = 0.3 + (served * 1.5) / 25 // others' third, and 1.5 ms each
    }
    begun.push(count)
  }
  const settled = begun.slice(5)
  expect(Math.min(...settled)).toBeGreaterThanOrEqual(50)
  expect(Math.max(...settled)).toBeLessThanOrEqual(250)
})

it('sees how busy this process’s loop is', async () => {
  const busy = loopBusy()
  const until = performance.now() + 30
  while (performance.now() < until);
  await new Promise(setImmediate)
  expect(busy()).toBeGreaterThan(0.5)
})

it('hands on a long file page by page, and rests between two while the loop is busy', async () => {
  const gaps = [0, 5, 0]
  const seen: (number | 'others')[] = []
  for await (const page of unhurried([1, 2, 3], () => gaps.shift()!)) {
    seen.push(page)
    // sooner due than the rest, however late both are
    setTimeout(() => seen.push('others'), 1)
  }
  expect(seen).toEqual([1, 2, 'others', 'others', 3])
})
