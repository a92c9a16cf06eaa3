import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { KEEP_ALIVE_MS, type Served, serve } from '../../server/serve'
import { ANY } from '../../server/serve/crowd'

/** Longer than a test may take: what waits for it fails. */
const NEVER_MS = 600_000
/** What stands in front of a BFF keeps an idle connection this long: nginx's default, and the usual load balancers'. */
const PROXY_MS = 60_000

type Handle = (request: IncomingMessage, response: ServerResponse) => void

describe.each([1, 4])('a server of ours that takes %i new connections at a time', (atOnce) => {
  let served: Served
  let handle: Handle
  let sockets: Socket[]
  const start = async () => {
    handle = (_, response) => response.end('answer')
    sockets = []
    served = await serve((request, response) => handle(request, response), 0, '127.0.0.1', ANY, atOnce)
  }
  afterEach(async () => {
    for (const socket of sockets) socket.destroy()
    await served.stop(0)
  })

  /** A caller that writes by hand and keeps its connection for as long as it is let. */
  async function caller(...lines: string[]) {
    const socket = connect(served.port, '127.0.0.1')
    sockets.push(socket)
    let read = ''
    const ended = once(socket, 'end').then(() => read)
    socket.on('error', () => {})
    socket.on('data', (data) => {
      read += data
    })
    const send = (...more: string[]) => void socket.write(more.join('\r\n'))
    await once(socket, 'connect')
    send(...lines)
    return {
      send,
      /** everything it was told, once the server has closed */
      ended,
      told: async (text: string) => {
        while (!read.includes(text)) await once(socket, 'data')
      },
    }
  }
  const nextRequest = () =>
    new Promise<ServerResponse>((arrived) => {
      handle = (_, response) => arrived(response)
    })
  const GET = ['GET / HTTP/1.1', 'Host: bff', '', '']

  it('keeps an idle connection longer than any caller does, and says so', async () => {
    await start()
    const one = await caller(...GET)
    await one.told(`Keep-Alive: timeout=${KEEP_ALIVE_MS / 1_000}\r\n`)
    expect(KEEP_ALIVE_MS).toBeGreaterThan(PROXY_MS + 10_000)
    expect(served.server.keepAliveTimeout).toBe(KEEP_ALIVE_MS)
    expect(served.server.timeout).toBeGreaterThan(KEEP_ALIVE_MS)
    // The clock of headers begins with a request, so it ends no connection that is idle after one, however late it is.
    served.server.headersTimeout = 1
    const slow = await caller('GET / HTTP/1.1', 'Host:')
    expect(await slow.ended).toBe('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n')
    served.server.headersTimeout = 20_000
    one.send(...GET)
    await one.told('answerHTTP/1.1 200 OK')
  })

  it('takes so many of those that wait each time round its loop', async () => {
    await start()
    let taken = 0
    served.server.on('connection', () => taken++)
    const waiting = Array.from({ length: 32 }, () => caller(...GET))
    const rounds: number[] = []
    while (taken < waiting.length) {
      const before = taken
      await new Promise((round) => setImmediate(round))
      rounds.push(taken - before)
    }
    expect(Math.max(...rounds)).toBe(atOnce)
    for (const one of waiting) await (await one).told('answer')
  })

  it('answers who has said all', async () => {
    await start()
    const asked = nextRequest()
    const one = await caller(...GET)
    sockets[0]!.end()
    const response = await asked
    await new Promise((round) => setImmediate(round))
    response.end('the answer')
    expect(await one.ended).toMatch(/the answer$/)
  })

  it('closes idle connections at once when it is to stop', async () => {
    await start()
    const one = await caller(...GET)
    await one.told('answer')
    await served.stop(NEVER_MS)
    await one.ended
  })

  it('lets a request under way finish, tells its caller that the connection ends with it, and waits no longer', async () => {
    await start()
    const asked = nextRequest()
    const one = await caller(...GET)
    const response = await asked
    const stopped = served.stop(NEVER_MS)
    response.end('late')
    await stopped
    expect(await one.ended).toMatch(/^HTTP\/1.1 200 OK\r\n(.+\r\n)*Connection: close\r\n(.+\r\n)*\r\nlate$/)
  })

  it('told to drain, answers what comes on old and new connections alike, each for the last time, until it stops', async () => {
    await start()
    const old = await caller(...GET)
    await old.told('answer')
    const asked = nextRequest()
    const underWay = await caller(...GET)
    const response = await asked
    handle = (_, answer) => answer.end('answer')
    const draining = served.drain(200)
    response.end('late')
    expect(await underWay.ended).toMatch(/Connection: close\r\n(.+\r\n)*\r\nlate$/)
    const fresh = await caller(...GET)
    expect(await fresh.ended).toMatch(/Connection: close\r\n(.+\r\n)*\r\nanswer$/)
    // Whoever keeps a connection busy is let go with the next answer.
    old.send(...GET)
    expect(await old.ended).toMatch(/Connection: close\r\n(.+\r\n)*\r\nanswer$/)
    const idle = await caller()
    await draining
    await served.stop(NEVER_MS)
    await idle.ended
  })

  it('a body that goes on and on while it drains ends with the time it is given', async () => {
    await start()
    const asked = nextRequest()
    const one = await caller('POST / HTTP/1.1', 'Host: bff', 'Content-Length: 1000000', '', 'some')
    await asked
    const ended = one.ended.catch(() => 'reset')
    const dripping = setInterval(() => one.send('x'), 5)
    await served.drain(20)
    await served.stop(20)
    clearInterval(dripping)
    await ended
  })

  it('waits no longer for a reply that had begun before it was told to stop', async () => {
    await start()
    const asked = nextRequest()
    const one = await caller(...GET)
    const response = await asked
    response.writeHead(200, { 'content-length': 4 }).write('ha')
    await one.told('ha')
    const stopped = served.stop(NEVER_MS)
    response.end('lf')
    await stopped
    expect(await one.ended).toMatch(/half$/)
  })

  it('closes on who never finishes a request when the time it was given is over', async () => {
    await start()
    const one = await caller('POST / HTTP/1.1', 'Host: bff', 'Content-Length: 10', '', 'half')
    await one.told('answer')
    await served.stop(1)
    await one.ended
  })

  it('listens as it can where no process can be started', async () => {
    const node = process.execPath
    process.execPath = '/nowhere/node'
    await start().finally(() => {
      process.execPath = node
    })
    const one = await caller(...GET)
    await one.told('answer')
  })

  it('says why it can not listen', async () => {
    await start()
    await expect(serve(handle, served.port, '127.0.0.1')).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})
