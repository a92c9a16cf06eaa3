import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import WebSocket from 'ws'
import { eventually } from '../../../harness/system'
import type { HttpDeps } from '../../../server/http/deps'
import { serveLive } from '../../../server/http/live'
import { LivePage } from '../../../server/http/live-page'
import { type Served, serve } from '../../../server/serve'
import { noLimits } from '../../../server/store/limiter'
import { type Flow, httpDepsOf, startFlow } from '../../support/flow'

const NEVER_MS = 600_000

/** Pages that mean harm, stay too long, or are too many. */
describe('the live feed', () => {
  let flow: Flow
  let deps: HttpDeps
  let served: Served
  let live: { close(): void }
  let bound: boolean
  let looks: number
  const sockets: WebSocket[] = []

  const start = async (options: Parameters<typeof serveLive>[2] = {}) => {
    flow = startFlow()
    bound = true
    looks = 0
    const bindings = {
      async inForce() {
        looks++
        return bound ? { merchantCode: 'M0001', role: 'cashier' } : undefined
      },
      async ended(bindingIds: number[]) {
        looks++
        return bound ? [] : bindingIds
      },
    }
    deps = httpDepsOf(flow, { desk: { bindings } as never })
    served = await serve((_, response) => response.end('served'), 0, '127.0.0.1')
    live = serveLive(served.server, deps, { beatMs: NEVER_MS, watchMs: NEVER_MS, ...options })
  }
  afterEach(async () => {
    for (const one of sockets.splice(0)) one.terminate()
    live.close()
    await served.stop(0)
  })

  const dial = (bindingId = 1) => {
    const { token } = deps.tokens.issue({ kind: 'merchant', merchantCode: 'M0001', bindingId }, flow.clock.at)
    const address = `ws://127.0.0.1:${served.port}/api/merchant/live`
    const socket = new WebSocket(address, ['fapai.v1', `bearer.${token}`])
    sockets.push(socket)
    socket.on('error', () => {})
    return socket
  }
  const page = async (bindingId?: number) => {
    const socket = dial(bindingId)
    await once(socket, 'message')
    looks = 0
    return socket
  }
  const refusal = async (bindingId?: number) => {
    const [, answer] = await once(dial(bindingId), 'unexpected-response')
    let text = ''
    for await (const part of answer) text += part
    const { code, status } = JSON.parse(text)
    return { code, status, sent: answer.statusCode, retryAfter: answer.headers['retry-after'] }
  }
  const rawOf = (socket: WebSocket) => (socket as unknown as { _socket: Socket })._socket

  it('looks nothing up for an answer that it didn’t ask for, and ends who goes on', async () => {
    await start()
    const cashier = await page()
    for (let i = 0; i < 100; i++) cashier.pong(String(i % 3))
    // Answered in turn: what came before it has been read.
    cashier.ping()
    await once(cashier, 'pong')
    expect(looks).toBe(0)
    const ended = once(cashier, 'close')
    for (let i = 0; i < 1_000; i++) cashier.pong('1')
    await ended
    expect(looks).toBe(0)
  })

  it.each([
    ['texts', (socket: WebSocket) => socket.send('x'.repeat(500))],
    ['pings', (socket: WebSocket) => socket.ping('x'.repeat(100))],
    ['pieces of nothing', (socket: WebSocket) => rawOf(socket).write(Buffer.from([0x01, 0x80, 1, 2, 3, 4]))],
  ])('ends who floods it with %s', async (_, send) => {
    await start()
    const cashier = await page()
    const ended = once(cashier, 'close')
    for (let i = 0; i < 1_000; i++) send(cashier)
    await ended
    expect(looks).toBe(0)
  })

  it.each([
    ['floods it', 1, 100, (socket: WebSocket) => socket.send('x'.repeat(500))],
    ['sends one that is too long', 2, 1, (socket: WebSocket) => socket.send(Buffer.alloc(2_000))],
  ])('gives who %s no other for a while, and their colleague goes on', async (_, bindingId, times, send) => {
    await start({ restMs: NEVER_MS })
    const flooding = await page(bindingId)
    const ended = once(flooding, 'close')
    for (let i = 0; i < times; i++) send(flooding)
    await ended
    expect(await refusal(bindingId)).toEqual({ code: 'too-many-requests', status: 429, sent: 429, retryAfter: '15' })
    expect(looks).toBe(0)
    await page(3)
  })

  it('forgets a flood in a while', async () => {
    await start({ restMs: 1 })
    const flooding = await page(1)
    flooding.send(Buffer.alloc(2_000))
    await once(flooding, 'close')
    await eventually(async () => {
      const socket = dial(1)
      const heard = ['message', 'unexpected-response'].map((event) => once(socket, event).then(() => event))
      return (await Promise.race(heard)) === 'message' || undefined
    })
  })

  it('looks by the clock for all pages at once, and ends those of whoever was unbound', async () => {
    await start({ watchMs: 50 })
    const two = await Promise.all([page(1), page(2)])
    const asked = jest.spyOn(deps.desk.bindings, 'ended')
    await eventually(async () => asked.mock.calls.length > 1 || undefined)
    for (const [ids] of asked.mock.calls) expect([...ids].sort()).toEqual([1, 2])
    bound = false
    const ended = await Promise.all(two.map((one) => once(one, 'close')))
    expect(ended.map(([code]) => code)).toEqual([1008, 1008])
  })

  it('ends with its token, whether anything happens or not', async () => {
    await start({ watchMs: 5 })
    const cashier = await page()
    const ended = once(cashier, 'close')
    flow.pass(59_999)
    cashier.ping()
    await once(cashier, 'pong')
    expect(cashier.readyState).toBe(WebSocket.OPEN)
    flow.pass(1)
    expect((await ended)[0]).toBe(1008)
  })

  it('lets a user have so many and the process so many; the newest is refused, and who leaves makes room', async () => {
    await start({ ofOneUser: 2, most: 3 })
    const first = await page(1)
    await page(1)
    expect(await refusal(1)).toEqual({ code: 'too-many-requests', status: 429, sent: 429, retryAfter: '15' })
    await page(2)
    expect(await refusal(2)).toEqual({ code: 'overloaded', status: 503, sent: 503, retryAfter: '15' })
    // Refused before the ledger was asked who they are.
    expect(looks).toBe(0)
    first.close()
    await once(first, 'close')
    await page(1)
  })

  it('lets a merchant come again as often as a street does in a minute, and then says for how long not', async () => {
    await start()
    deps.limiter = { ...noLimits, spend: () => ({ allowed: false, left: 0, resetMs: 12_000 }) }
    expect(await refusal(1)).toEqual({ code: 'too-many-requests', status: 429, sent: 429, retryAfter: '12' })
    deps.limiter = noLimits
    await page(1)
  })

  it('counts those who come at the same moment', async () => {
    await start({ ofOneUser: 2 })
    const all = Array.from({ length: 8 }, () => dial(1))
    const outcomes = await Promise.all(
      all.map((socket) =>
        Promise.race([once(socket, 'message').then(() => 'in'), once(socket, 'unexpected-response').then(() => 'out')]),
      ),
    )
    expect(outcomes.filter((one) => one === 'in')).toHaveLength(2)
  })

  it('ends who doesn’t read', async () => {
    await start()
    const said: string[] = []
    const ws = {
      on() {},
      OPEN: 1,
      readyState: 1,
      bufferedAmount: 0,
      send: (text: string) => said.push(text),
      terminate: () => said.push('ended'),
    }
    const token = { bearer: { kind: 'merchant', merchantCode: 'M0001' }, issuedAt: 0, expiresAt: 0 } as const
    const slow = new LivePage(ws as never, { prependListener() {} } as never, deps, token)
    slow.say({ type: 'ready' })
    ws.bufferedAmount = 300_000
    slow.say({ type: 'ready' })
    expect(said).toEqual(['{"type":"ready"}', 'ended'])
  })
})

describe('an upgrade that nobody takes', () => {
  let served: Served
  let live: { close(): void }
  const heard: string[] = []
  beforeAll(async () => {
    served = await serve(
      async (request, response) => {
        let body = ''
        for await (const part of request) body += part
        heard.push(`${request.method} ${request.url} ${body}`)
        response.end(`answer ${heard.length}.`)
      },
      0,
      '127.0.0.1',
    )
    live = serveLive(served.server, httpDepsOf(startFlow()))
  })
  beforeEach(() => void heard.splice(0))
  afterAll(async () => {
    live.close()
    await served.stop(0)
  })

  const client = () => {
    const socket = connect(served.port, '127.0.0.1')
    const one = { socket, text: '', closed: once(socket, 'close') }
    socket.on('error', () => {})
    socket.on('data', (data) => {
      one.text += data
    })
    return one
  }
  const told = async (one: ReturnType<typeof client>, text: string) => {
    while (!one.text.includes(text)) await once(one.socket, 'data')
  }
  const H2C = 'Host: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n'

  it.each(['/api/orders/F1', '/admin/campaigns', '/', '/api/merchant/live', '//'])(
    'is passed over at %s',
    async (path) => {
      const one = client()
      one.socket.write(`GET ${path} HTTP/1.1\r\n${H2C}\r\n`)
      await told(one, 'answer 1.')
      expect(heard).toEqual([`GET ${path} `])
      expect(one.text).toMatch(/^HTTP\/1.1 200 /)
      one.socket.destroy()
    },
  )

  it('takes the body along, in whatever pieces it comes, and the connection stays', async () => {
    const one = client()
    const post = (body: string) => `POST /api/quotes HTTP/1.1\r\n${H2C}Content-Length: ${body.length}\r\n\r\n`
    one.socket.write(`${post('whole')}whole`)
    await told(one, 'answer 1.')
    one.socket.write(`${post('in two')}in `)
    await new Promise((resolve) => setImmediate(resolve))
    one.socket.write('two')
    await told(one, 'answer 2.')
    one.socket.write('GET /next HTTP/1.1\r\nHost: x\r\n\r\n')
    await told(one, 'answer 3.')
    expect(heard).toEqual(['POST /api/quotes whole', 'POST /api/quotes in two', 'GET /next '])
    one.socket.destroy()
  })

  it('costs the same each time it is asked for on one connection', async () => {
    const warnings: Error[] = []
    const warned = (warning: Error) => void warnings.push(warning)
    process.on('warning', warned)
    const one = client()
    for (let i = 1; i <= 40; i++) {
      one.socket.write(`GET /${i} HTTP/1.1\r\n${H2C}\r\n`)
      await told(one, `answer ${i}.`)
    }
    process.off('warning', warned)
    expect(warnings).toEqual([])
    one.socket.destroy()
  })

  it('doesn’t take a connection from the answer before it: that connection ends', async () => {
    const one = client()
    one.socket.write(`POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n1GET /after HTTP/1.1\r\n${H2C}\r\n`)
    await one.closed
    expect(heard).not.toContain('GET /after ')
  })

  it('is followed by what it is allowed to be, and by nothing smuggled in', async () => {
    const one = client()
    one.socket.write(`GET /a HTTP/1.1\r\n${H2C}X-Odd: caf\xe9\r\n\r\n`, 'latin1')
    await told(one, 'answer 1.')
    expect(heard).toEqual(['GET /a '])
    one.socket.destroy()
  })
})
