import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { createApp } from '../../server/http/app'
import { readJson } from '../../server/http/body'
import { type Served, serve } from '../../server/serve'
import { ANY, type Why } from '../../server/serve/crowd'
import { collectGarbage } from '../support/collected'
import { httpDepsOf, startFlow } from '../support/flow'

/** What a connection, an address and all of them may have of a server of ours. */

let served: Served
let sockets: Socket[]
let asked: [IncomingMessage, ServerResponse][]
let refused: Why[]
const begin = async (
  options: Partial<typeof ANY> = {},
  listener?: (...asked: [IncomingMessage, ServerResponse]) => void,
) => {
  sockets = []
  asked = []
  refused = []
  const onRefused = (why: Why) => void refused.push(why)
  served = await serve(listener ?? ((...one) => void asked.push(one)), 0, '127.0.0.1', {
    ...ANY,
    onRefused,
    ...options,
  })
}
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  await served.stop(0)
})

/** Memory beside the heap that somebody holds, where what sockets read and write lies. */
function keptBytes(): number {
  collectGarbage()
  const { external, arrayBuffers } = process.memoryUsage()
  return external + arrayBuffers
}

/** Connects from an address of this machine; all of 127.0.0.0/8 are. */
function caller(from = '127.0.0.1') {
  const socket = connect({ port: served.port, host: '127.0.0.1', localAddress: from })
  sockets.push(socket)
  const one = { socket, text: '', closed: new Promise<void>((resolve) => socket.once('close', () => resolve())) }
  socket.on('error', () => {})
  socket.on('data', (data) => {
    one.text += data
  })
  return one
}
const connected = async (from?: string) => {
  const one = caller(from)
  await once(one.socket, 'connect')
  return one
}
const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
const until = async (socket: Socket, found: () => boolean) => {
  while (!found()) await once(socket, 'data')
}
const turn = () => new Promise((resolve) => setImmediate(resolve))
const soon = async (found: () => boolean) => {
  while (!found()) await turn()
}

describe('a connection', () => {
  it('has one request under way, however many it sends; each is begun when the one before it is answered', async () => {
    await begin()
    const one = caller()
    one.socket.write(GET.repeat(5))
    for (let i = 1; i <= 5; i++) {
      await soon(() => asked.length >= i)
      await turn()
      expect(asked).toHaveLength(i)
      asked[i - 1]![1].end(`answer ${i}`)
    }
    await until(one.socket, () => one.text.endsWith('answer 5'))
    expect(one.text.match(/answer \d/g)).toEqual([1, 2, 3, 4, 5].map((i) => `answer ${i}`))
  })

  it('that sends far more than anybody does at once is let go, and nothing but its first request was begun', async () => {
    await begin()
    let parsed = 0
    served.server.prependListener('request', () => parsed++)
    const one = caller()
    one.socket.write(GET.repeat(2_000))
    await one.closed
    expect(asked).toHaveLength(1)
    expect(parsed).toBe(18) // the one under way, sixteen that wait, and the one too many: of the others node makes no request
    expect(new Set(refused)).toEqual(new Set(['ahead']))
    const other = caller()
    other.socket.write(GET)
    await soon(() => asked.length === 2)
    asked[1]![1].end('well')
    await until(other.socket, () => other.text.endsWith('well'))
  })

  it('that doesn’t read its answers gets no more of them made', async () => {
    const page = Buffer.alloc(8 << 20, 'x')
    await begin({}, (request, response) => {
      asked.push([request, response])
      response.end(page)
    })
    const one = caller()
    one.socket.pause()
    one.socket.write(GET.repeat(10))
    await soon(() => asked.length > 0)
    // What the system buffers is less than one of these pages, so the second is never begun.
    for (let i = 0; i < 200; i++) await turn()
    expect(asked).toHaveLength(1)
    one.socket.resume()
    await soon(() => asked.length === 10)
  })

  it('that floods the API’s document without a log-in is gone, with hardly any memory spent on it', async () => {
    const deps = httpDepsOf(startFlow())
    const app = createApp(deps).callback()
    await begin({}, app)
    const line = 'GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n'
    const flood = Buffer.from(line.repeat(Math.ceil(608_000 / line.length)))
    // Made once, before it is looked at what more costs.
    await (await fetch(`http://127.0.0.1:${served.port}/openapi.json`)).text()
    const before = keptBytes()
    const all = Array.from({ length: 20 }, () => caller())
    for (const { socket } of all) socket.write(flood)
    await Promise.all(all.map(({ closed }) => closed))
    expect(keptBytes() - before).toBeLessThan(32 << 20)
    expect(refused).toContain('ahead')
    expect((await fetch(`http://127.0.0.1:${served.port}/healthz`)).status).toBe(200)
  })
})

describe('an address', () => {
  it('has so many connections and no more, and another address all of its own', async () => {
    await begin({ ofOneAddress: 3 })
    await Promise.all([connected('127.0.0.2'), connected('127.0.0.2'), connected('127.0.0.2')])
    const fourth = caller('127.0.0.2')
    await fourth.closed
    expect(refused).toEqual(['address'])
    const other = caller('127.0.0.3')
    other.socket.write(GET)
    await soon(() => asked.length === 1)
    // Who leaves makes room, once the server has heard of it.
    sockets[0]!.destroy()
    for (let again = caller('127.0.0.2'); asked.length < 2; again = caller('127.0.0.2')) {
      again.socket.write(GET)
      await Promise.race([again.closed, once(served.server, 'request')])
    }
  })

  it('of a proxy of ours is many people’s', async () => {
    await begin({ ofOneAddress: 1, holderOf: (address) => (address === '127.0.0.2' ? null : address) })
    for (let i = 0; i < 5; i++) caller('127.0.0.2').socket.write(GET)
    await soon(() => asked.length === 5)
    expect(refused).toEqual([])
  })

  it('that has the most gives its oldest idle connection when there is no room; never one that waits for an answer', async () => {
    await begin({ most: 4 })
    const busy = caller('127.0.0.2')
    busy.socket.write(GET)
    await soon(() => asked.length === 1)
    const idle = [await connected('127.0.0.2'), await connected('127.0.0.2'), await connected('127.0.0.2')]
    const payer = caller('127.0.0.9')
    payer.socket.write(GET)
    await soon(() => asked.length === 2)
    await idle[0]!.closed
    expect(refused).toEqual(['room'])
    expect(busy.socket.destroyed).toBe(false)
    // Who has the most gets no more by asking for more.
    const greedy = caller('127.0.0.2')
    await greedy.closed
    expect(refused).toEqual(['room', 'full'])
  })

  it('of many addresses of one network of IPv6 gives way all the same: that is one customer’s', async () => {
    // 127.0.0.3 and its neighbours stand for addresses of one /48, each with a connection of its own.
    const networkOf = (holder: string) => (holder === '127.0.0.9' ? null : 'network')
    await begin({ most: 9, networkOf })
    const idle = []
    for (let nth = 11; nth < 20; nth++) idle.push(await connected(`127.0.0.${nth}`))
    const payer = caller('127.0.0.9')
    payer.socket.write(GET)
    await soon(() => asked.length === 1)
    await idle[0]!.closed
    expect(refused).toEqual(['room'])
    // Another of its addresses is no newcomer.
    await caller('127.0.0.30').closed
    expect(refused).toEqual(['room', 'full'])
  })

  it('of all addresses of such a network are at most as many as of four addresses', async () => {
    await begin({ ofOneAddress: 2, networkOf: () => 'network' })
    for (let nth = 11; nth < 19; nth++) await connected(`127.0.0.${nth}`)
    await caller('127.0.0.30').closed
    expect(refused).toEqual(['address'])
  })

  it('may be a proxy’s alone: then the newest is turned away', async () => {
    await begin({ most: 2, holderOf: () => null })
    await Promise.all([connected(), connected()])
    await caller().closed
    expect(refused).toEqual(['full'])
  })
})

describe('a body', () => {
  const post = (length: number | null, more = '') =>
    `POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${
      length === null ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`
    }\r\n${more}\r\n`
  const start = () => begin({}, createApp(httpDepsOf(startFlow())).callback())

  it.each([
    ['announced, and never sent', post(1_000_000_000), ''],
    ['a little too long', post(20_000), ''],
    ['sent on and on', post(null), `fff\r\n${'x'.repeat(4_095)}\r\n`.repeat(8)],
  ])('that is too long is refused, heard of, and ends its connection: %s', async (_, head, body) => {
    await start()
    const one = caller()
    one.socket.write(head)
    const more = () => {
      if (body) one.socket.write(body)
    }
    more()
    const sending = setInterval(more, 5)
    await until(one.socket, () => one.text.includes('body-too-large'))
    expect(one.text).toMatch(/^HTTP\/1.1 413 .*\r\n(.+\r\n)*Connection: close\r\n/)
    clearInterval(sending)
    await one.closed
  })

  it('that nobody reads, long and refused for another reason, ends its connection too; a short one doesn’t', async () => {
    await start()
    const long = caller()
    long.socket.write(`POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n`)
    await until(long.socket, () => long.text.includes('not-found'))
    expect(long.text).toMatch(/\r\nConnection: close\r\n/)
    await long.closed
    const short = caller()
    short.socket.write('POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n')
    await until(short.socket, () => short.text.includes('not-found'))
    short.socket.write(`12345${GET}`)
    await until(short.socket, () => short.text.split('HTTP/1.1 404').length === 3)
  })

  it('that comes too slowly is given up: a payer’s after seconds, an operator’s file after minutes', async () => {
    await begin()
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] })
    const request = () => slowRequest({}).request
    const outcome = (limit?: number) => {
      const state = { code: 'waiting' }
      readJson(request(), limit).catch(({ code }) => {
        state.code = code
      })
      return state
    }
    const [payers, operators] = [outcome(), outcome(16 << 20)]
    jest.advanceTimersByTime(9_000)
    await turn()
    expect(payers.code).toBe('waiting')
    jest.advanceTimersByTime(3_000)
    await turn()
    expect([payers.code, operators.code]).toEqual(['request-too-slow', 'waiting'])
    jest.advanceTimersByTime(167_000)
    await turn()
    expect(operators.code).toBe('request-too-slow')
    jest.useRealTimers()
  })

  it('that was announced longer than it came is given up the same; one that has come is read without a clock', async () => {
    await begin()
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] })
    const part = slowRequest({ 'content-length': '9' })
    part.stream.push('{"a":1')
    const refused = readJson(part.request).catch(({ code }) => code)
    const all = slowRequest({ 'content-length': '7' })
    all.stream.push('{"a":1}')
    expect(jest.getTimerCount()).toBe(1)
    const read = readJson(all.request)
    expect(jest.getTimerCount()).toBe(1)
    all.stream.push(null)
    expect(await read).toEqual({ a: 1 })
    jest.advanceTimersByTime(12_000)
    expect(await refused).toBe('request-too-slow')
    const late = slowRequest({ 'content-length': '7' })
    const whole = readJson(late.request)
    late.stream.push('{"a":2}')
    late.stream.push(null)
    expect(await whole).toEqual({ a: 2 })
    expect(jest.getTimerCount()).toBe(0)
    jest.useRealTimers()
  })
})

/** A request whose headers have come; its body is pushed. */
function slowRequest(headers: Record<string, string>) {
  const stream = new Readable({ read() {} })
  const request = Object.assign(stream, {
    complete: false,
    headers: { 'content-type': 'application/json', ...headers },
  })
  return { stream, request: request as never }
}
