import type { IncomingMessage, ServerResponse } from 'node:http'
import { line } from '../../server/http/line'

/** Who floods waits in a line; nobody waits for them. */

function house(options: { manyASecond?: number; atOnce?: number; gapMs?: number } = {}) {
  let now = 0
  const begun: string[] = []
  const ends: (() => void)[] = []
  const stands = line({
    now: () => now,
    holderOf: ({ url }) => url!.split(' ')[0]!,
    ...{ manyASecond: 10, atOnce: 2, gapMs: 0, ...options },
  })
  const serve = stands.stand(({ url }) => void begun.push(url!))
  return {
    begun,
    figures: stands.figures,
    pass(ms: number) {
      now += ms
      jest.advanceTimersByTime(ms)
    },
    /** one request of an address; gives its end */
    ask(who: string): () => void {
      const response = {
        destroyed: false,
        listeners: [] as (() => void)[],
        once: (_: string, listener: () => void) => response.listeners.push(listener),
      }
      serve({ url: who } as IncomingMessage, response as unknown as ServerResponse)
      const end = () => {
        response.destroyed = true
        for (const listener of response.listeners) listener()
      }
      ends.push(end)
      return end
    },
  }
}

/** the most that one of ten a second comes to */
const STEADY = 14

beforeEach(() => jest.useFakeTimers())
afterEach(() => jest.useRealTimers())

it('begins whatever people ask at once, however many they are', () => {
  const { ask, begun, figures } = house()
  for (let i = 0; i < 500; i++) ask(`person-${i}`)
  expect(begun).toHaveLength(500)
  expect(figures()).toEqual({ waiting: 0, addresses: 500 })
})

it('has an address that floods wait, two at a time, and lets everybody else pass', () => {
  const { ask, begun, figures } = house()
  const ends = Array.from({ length: 100 }, () => ask('flood'))
  expect(begun).toHaveLength(STEADY + 2)
  ask('person')
  expect(begun.at(-1)).toBe('person')
  for (const end of ends.slice(STEADY, STEADY + 10)) end()
  expect(begun).toHaveLength(STEADY + 2 + 1 + 10)
  expect(figures().waiting).toBe(100 - STEADY - 2 - 10)
})

it('takes next who asked least', () => {
  const { ask, begun } = house({ atOnce: 1 })
  const [first] = Array.from({ length: 200 }, () => ask('flood')).slice(STEADY)
  Array.from({ length: STEADY + 2 }, (_, i) => ask(`street ${i}`))
  expect(begun.at(-1)).toBe(`street ${STEADY - 1}`)
  first!()
  expect(begun.at(-1)).toBe(`street ${STEADY}`)
})

it('forgives who has been quiet', () => {
  const { ask, begun, pass } = house()
  for (let i = 0; i < 30; i++) ask('flood')
  const before = begun.length
  pass(60_000)
  begun.length = 0
  ask('flood')
  expect(before).toBeLessThan(30)
  expect(begun).toContain('flood')
})

it('holds a turn no longer than this process has to do with it: what waits for a database or a bank keeps nobody', () => {
  const { ask, begun, pass } = house()
  for (let i = 0; i < STEADY + 10; i++) ask('flood')
  expect(begun).toHaveLength(STEADY + 2)
  pass(25)
  expect(begun).toHaveLength(STEADY + 4)
})

it('leaves a gap between two of them, in which others are served', () => {
  const { ask, begun, pass } = house({ atOnce: 10, gapMs: 5 })
  for (let i = 0; i < STEADY + 10; i++) ask('flood')
  expect(begun).toHaveLength(STEADY + 1)
  pass(4)
  expect(begun).toHaveLength(STEADY + 1)
  pass(1)
  expect(begun).toHaveLength(STEADY + 2)
})

it('begins nothing for who hung up in the line, and ends a turn once', () => {
  const { ask, begun } = house()
  const ends = Array.from({ length: STEADY + 5 }, () => ask('flood'))
  ends[STEADY + 2]!()
  ends[STEADY + 3]!()
  ends[STEADY]!()
  ends[STEADY]!()
  expect(begun).toHaveLength(STEADY + 3)
})

it('remembers no address for long, however many there are', () => {
  const { ask, figures, pass } = house()
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < 5_000; i++) ask(`${round}-${i}`)
    pass(20_000)
  }
  expect(figures().addresses).toBeLessThan(10_000)
})
