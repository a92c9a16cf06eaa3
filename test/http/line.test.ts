import type { IncomingMessage, ServerResponse } from 'node:http'
import { Agent, Client, request } from 'undici'
import { type Lane, line } from '../../server/http/line'
import { serve } from '../../server/serve'

/** Who floods waits in a line; nobody waits for them. */

function house(heavy: Partial<Lane> = {}, pace?: () => number) {
  let now = 0
  const begun: string[] = []
  const ends: (() => void)[] = []
  const stands = line({
    now: () => now,
    holderOf: ({ headers, url }) => headers?.from ?? url!,
    lanes: [
      { aboveASecond: 0, atOnce: 1_000, gapMs: 0 },
      { aboveASecond: 10, atOnce: 2, gapMs: 0, ...heavy },
    ],
    pace,
  })
  const serve = stands.stand(({ url }) => void begun.push(url!))
  return {
    begun,
    figures: stands.figures,
    take: stands.take,
    pass(ms: number) {
      now += ms
      jest.advanceTimersByTime(ms)
    },
    /** one request of an address; gives its end */
    ask(who: string, path = who): () => void {
      const response = {
        destroyed: false,
        listeners: [] as (() => void)[],
        once: (_: string, listener: () => void) => response.listeners.push(listener),
      }
      serve({ url: path, headers: { from: who } } as unknown as IncomingMessage, response as unknown as ServerResponse)
      const end = () => {
        response.destroyed = true
        for (const listener of response.listeners) listener.call(response)
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

it('takes who floods in the order in which they came, and bounds also those who ask little', () => {
  const { ask, begun } = house({ atOnce: 1 })
  const [first] = Array.from({ length: STEADY + 2 }, () => ask('flood one')).slice(STEADY)
  for (let i = 0; i < STEADY + 2; i++) ask('flood two')
  begun.length = 0
  first!()
  expect(begun).toEqual(['flood one'])
  for (let i = 0; i < 1_100; i++) ask(`person-${i}`)
  expect(begun).toHaveLength(1 + 1_000 - 2 * STEADY)
})

it.each(['/channel/bank/notify', '/admin/brake', '/admin/campaigns/street/pause', '/admin/merchants/M0001/pause'])(
  'keeps no %s waiting behind a flood of its own address, and lets nobody flood there either',
  (path) => {
    const { ask, begun, figures } = house({ atOnce: 1 })
    for (let i = 0; i < 200; i++) ask('office')
    ask('office', path)
    expect(begun.at(-1)).toBe(path)
    for (let i = 0; i < 100; i++) ask('office', path)
    expect(begun.filter((one) => one === path)).toHaveLength(4)
    expect(figures().waiting).toBe(200 - STEADY - 1 + 101 - 4)
  },
)

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
  pass(99)
  expect(begun).toHaveLength(STEADY + 2)
  pass(1)
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

it('leaves a longer one while this process is busy, and none before who asks little, a bank or the brake', () => {
  let gapMs = 20
  const { ask, begun, pass } = house({ atOnce: 10, gapMs: 5 }, () => gapMs)
  for (let i = 0; i < STEADY + 10; i++) ask('flood')
  pass(19)
  expect(begun).toHaveLength(STEADY + 1)
  for (const [who, path] of [['person'], ['flood', '/channel/bank/notify'], ['flood', '/admin/brake']] as const) {
    ask(who, path)
    expect(begun.at(-1)).toBe(path ?? who)
  }
  gapMs = 0
  pass(1)
  pass(5)
  expect(begun.slice(-2)).toEqual(['flood', 'flood'])
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

describe('on real connections', () => {
  it('a person passes a flood of three hundred connections, and all of it is answered in the end', async () => {
    jest.useRealTimers()
    const door = line({ now: () => performance.now(), holderOf: ({ socket }) => socket.remoteAddress! })
    const open: (() => void)[] = []
    const begun: string[] = []
    let holding = true
    const served = await serve(
      door.stand((request, response) => {
        begun.push(request.socket.remoteAddress!)
        const answer = () => void response.end('done')
        if (holding && request.socket.remoteAddress === FLOOD) open.push(answer)
        else answer()
      }),
      0,
      '127.0.0.1',
    )
    const url = `http://127.0.0.1:${served.port}`
    const flood = new Agent({ localAddress: FLOOD, connections: 300 })
    const person = new Client(url, { localAddress: '127.9.0.2' })
    const asked = Array.from({ length: 300 }, () => request(`${url}/`, { dispatcher: flood }))
    const answered = Promise.allSettled(asked)
    // Far more than one may ask in a second: the rest waits.
    while (door.figures().waiting === 0) await new Promise(setImmediate)
    expect((await person.request({ method: 'GET', path: '/' })).statusCode).toBe(200)
    expect(door.figures().waiting).toBeGreaterThan(0)
    holding = false
    for (const answer of open) answer()
    await Promise.all((await answered).map((one) => one.status === 'fulfilled' && one.value.body.dump()))
    expect(begun.filter((address) => address === FLOOD)).toHaveLength(300)
    expect(door.figures().waiting).toBe(0)
    await Promise.all([flood.destroy(), person.destroy()])
    await served.stop(0)
  })
})

const FLOOD = '127.9.0.1'

it('has what has no response, an upgrade, wait as well, and doesn’t begin it for who is gone', async () => {
  const { take, ask, begun, figures } = house({ aboveASecond: 0 })
  const ends: (() => void)[] = []
  let gone = false
  const upgrade = (name: string) =>
    take(
      { url: name, headers: { from: 'somebody' } } as unknown as IncomingMessage,
      () => gone,
      () => {
        begun.push(name)
        return new Promise((end) => ends.push(end))
      },
    )
  upgrade('first')
  ask('somebody', 'second')
  upgrade('third')
  upgrade('fourth')
  expect(begun).toEqual(['first', 'second'])
  ends[0]!()
  await Promise.resolve().then(() => {})
  expect(begun).toEqual(['first', 'second', 'third'])
  gone = true
  ends[1]!()
  await Promise.resolve().then(() => {})
  expect(begun).toHaveLength(3)
  expect(figures().waiting).toBe(0)
})

describe('beside what there is room for', () => {
  /** Two at once of strangers, one of who floods; `full`: there is room for nobody. */
  function door() {
    let full = false
    const [begun, turnedAway]: [string[], string[]] = [[], []]
    const { stand } = line({
      now: () => 0,
      holderOf: ({ headers }) => headers.from!,
      lanes: [
        { aboveASecond: 0, atOnce: 2, gapMs: 0 },
        { aboveASecond: 10, atOnce: 1, gapMs: 0 },
      ],
    })
    const serve = stand(
      ({ url }) => void begun.push(url!),
      (next, floods) => (request, response) =>
        full ? void turnedAway.push(`${floods ? 'flood: ' : ''}${request.url}`) : next(request, response),
    )
    return {
      ...{ begun, turnedAway },
      fill(is: boolean) {
        full = is
      },
      ask(from: string, url = from) {
        const ends: (() => void)[] = []
        const response = { destroyed: false, once: (_: string, end: () => void) => ends.push(end) }
        serve({ url, headers: { from } } as unknown as IncomingMessage, response as unknown as ServerResponse)
        return () => {
          response.destroyed = true
          for (const end of ends) end.call(response)
        }
      },
    }
  }

  it('nobody stands in a line to be turned away, and who stood in it is served', () => {
    const { ask, begun, turnedAway, fill } = door()
    const [first] = [ask('a'), ask('b'), ask('c')]
    fill(true)
    ask('d')
    expect([begun, turnedAway]).toEqual([['a', 'b'], ['d']])
    first!()
    expect([begun, turnedAway]).toEqual([['a', 'b', 'c'], ['d']])
  })

  it('who floods is turned away when their turn comes, and gains no speed by it', () => {
    const { ask, begun, turnedAway, fill } = door()
    for (let i = 0; i < STEADY; i++) ask('flood')()
    const busy = ask('flood', 'busy')
    fill(true)
    ask('flood', 'later')
    expect(begun).toContain('busy')
    expect(turnedAway).toEqual([])
    busy()
    expect(turnedAway).toEqual(['flood: later'])
  })

  it('a payment whose payer has a price goes before those who ask for one', () => {
    const { ask, begun } = door()
    const [one, two, three] = [
      ask('a'),
      ask('b'),
      ask('c', '/api/quotes'),
      ask('d', '/api/orders'),
      ask('e', '/api/orders/F1'),
    ]
    for (const end of [one, two, three]) end!()
    expect(begun).toEqual(['a', 'b', '/api/orders', '/api/orders/F1'])
  })
})
