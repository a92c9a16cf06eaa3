import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { freePort } from '../../harness/free-port'
import { type BankChannel, bankChannel, bankConfig } from '../../server/channel/bank'
import { generateBankKeys, HEADER, keyIdOf, replyText, signer } from '../../server/channel/bank/sign'
import type { Order } from '../../server/domain/order'
import { fakeChannel } from '../support/fake-channel'
import { orderOf } from './channel-contract'

/** The channel against a bank that signs well and says anything: only the bank's own word on this order may end it (I5). */

type Behaviour = (request: IncomingMessage, response: ServerResponse) => void

describe('the bank channel believes', () => {
  const keys = generateBankKeys()
  let server: Server
  let channel: BankChannel
  let order: Order
  let behave: Behaviour
  let seen: string[]

  beforeAll(async () => {
    order = await orderOf(fakeChannel(), 'payer-1')
    server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`)
      request.resume().once('end', () => behave(request, response))
    })
    await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
    channel = bankChannel({
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/front/`,
      keyId: 'k',
      privateKey: keys.client.privateKey,
      bankPublicKey: keys.bank.publicKey,
      timeoutMs: 10_000,
      dailyPerPayerFen: 50_000,
      dir: tmpdir(),
      clock: { now: Date.now },
      random: randomBytes,
    })
  })
  beforeEach(() => {
    seen = []
  })
  afterAll(async () => {
    await channel.stop()
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  })

  interface Said {
    status?: number
    body?: unknown
    /** what the reply is signed for, where it differs from what it is */
    signedFor?: Partial<Parameters<typeof replyText>[0]>
    timestamp?: string
    privateKey?: string
    keyId?: string
  }
  const says =
    (said: Said): Behaviour =>
    (request, response) => {
      const { status = 200, body = succeeded(), timestamp = String(Date.now()) } = said
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      const nonce = String(request.headers[HEADER.nonce])
      const own = { method: request.method!, path: request.url!, status, timestamp, nonce, body: text }
      const signature = signer(said.privateKey ?? keys.bank.privateKey)(replyText({ ...own, ...said.signedFor }))
      const keyId = said.keyId ?? keyIdOf(keys.bank.publicKey)
      const headers = { [HEADER.keyId]: keyId, [HEADER.timestamp]: timestamp, [HEADER.signature]: signature }
      response.writeHead(status, headers).end(text)
    }
  const named = { amountFen: 9_500, currency: 'CNY', payee: 'm' }
  const succeeded = () => ({ orderNo: order.orderNo, state: 'succeeded', channelTradeNo: 'B1', ...named })
  const outcome = async (said: Said) => {
    behave = says(said)
    return (await channel.pay(order)).outcome
  }

  it('its signed timestamps for what its clock says, however far that is from ours, and nobody else’s', async () => {
    const told: number[] = []
    const { port } = server.address() as AddressInfo
    const other = bankChannel({
      baseUrl: `http://127.0.0.1:${port}/front/`,
      keyId: 'k',
      privateKey: keys.client.privateKey,
      bankPublicKey: keys.bank.publicKey,
      timeoutMs: 10_000,
      dailyPerPayerFen: 50_000,
      dir: tmpdir(),
      clock: { now: () => 1_800_000_000_000 },
      random: randomBytes,
      onTime: (at) => told.push(at),
    })
    for (const at of ['1800000000000', '1900000000000']) {
      behave = says({ timestamp: at })
      await other.ping().catch(() => {})
    }
    for (const bad of [
      { privateKey: keys.client.privateKey },
      { signedFor: { nonce: 'another' } },
      { timestamp: 'soon' },
    ]) {
      behave = says(bad)
      await other.ping().catch(() => {})
    }
    await other.stop()
    expect(told).toEqual([1_800_000_000_000, 1_900_000_000_000])
  })

  it('nothing of the numbers in either log: ours goes along unsigned, theirs is told, and what is no number isn’t', async () => {
    const { port } = server.address() as AddressInfo
    const theirs: string[] = []
    const sent: unknown[] = []
    let ours: string | undefined = 'page-4711.1a2b3c4d'
    const other = bankChannel({
      baseUrl: `http://127.0.0.1:${port}/front/`,
      keyId: 'k',
      privateKey: keys.client.privateKey,
      bankPublicKey: keys.bank.publicKey,
      timeoutMs: 10_000,
      dailyPerPayerFen: 50_000,
      dir: tmpdir(),
      clock: { now: Date.now },
      random: randomBytes,
      requestId: () => ours,
      onTheirs: (number) => theirs.push(number),
    })
    for (const number of ['08F1-0', 'two words', 'a'.repeat(101)]) {
      behave = (request, response) => {
        sent.push(request.headers['x-request-id'])
        response.setHeader('Request-Id', number)
        says({})(request, response)
      }
      expect((await other.pay(order)).outcome).toEqual({ kind: 'succeeded', channelTradeNo: 'B1' })
      ours = undefined
    }
    await other.stop()
    expect(sent).toEqual(['page-4711.1a2b3c4d', undefined, undefined])
    expect(theirs).toEqual(['08F1-0'])
  })

  it('no reply by a key that it names wrongly, though the signature is the bank’s', async () => {
    expect(await outcome({ keyId: '0'.repeat(16) })).toEqual({ kind: 'unknown', code: 'bad-signature' })
  })

  it('a page of the bank’s own only where a browser may be sent', async () => {
    const asks = (url: string) => ({
      ...{ orderNo: order.orderNo, state: 'challenge', challengeId: 'CH1', kinds: ['redirect'], url },
      ...{ expiresAt: 1, attemptsLeft: 3, resendAt: 1 },
    })
    for (const url of ['javascript:alert(1)', 'http://bank.example/', 'data:text/html,x', '/cashier'])
      expect(await outcome({ body: asks(url) })).toEqual({ kind: 'unknown', code: 'malformed-reply' })
    expect(await outcome({ body: asks('https://bank.example/cashier') })).toEqual({ kind: 'pending' })
  })

  it('what a bank repeats of the payer’s proof is not kept', async () => {
    behave = says({ body: { ...succeeded(), channelTradeNo: 'B2026314159', echo: 'typed 314159, "314159"' } })
    const reply = await channel.confirm!(order, { challengeId: 'CH1', proof: '314159' })
    expect(reply.outcome).toEqual({ kind: 'succeeded', channelTradeNo: 'B2026314159' })
    expect(JSON.stringify(reply.raw)).toContain('B2026314159')
    expect(JSON.stringify(reply.raw)).not.toMatch(/(?<!B2026)314159/)
  })

  it('a signed reply that names this order, and keeps it beside its meaning', async () => {
    behave = says({})
    expect(await channel.pay(order)).toEqual({
      verb: 'pay',
      outcome: { kind: 'succeeded', channelTradeNo: 'B1' },
      seen: named,
      raw: { status: 200, body: JSON.stringify(succeeded()) },
    })
    expect(seen).toEqual(['POST /front/v1/clearings'])
  })

  it('no reply that is forged, changed, or given for another request', async () => {
    const forged: Said[] = [
      { privateKey: keys.client.privateKey },
      { signedFor: { body: JSON.stringify({ ...succeeded(), state: 'pending' }) } },
      { signedFor: { nonce: '0'.repeat(32) } },
      { signedFor: { status: 404 } },
      { signedFor: { method: 'GET' } },
      { signedFor: { path: '/front/v1/agreements' } },
      { timestamp: 'now' },
    ]
    for (const said of forged) expect(await outcome(said)).toEqual({ kind: 'unknown', code: 'bad-signature' })
  })

  it('no reply of another time than it told last; once it has told it, requests and replies are of that time', async () => {
    const stamps: number[] = []
    const once = async (one: Said) => {
      behave = (request, response) => {
        stamps.push(Date.now() - Number(request.headers[HEADER.timestamp]))
        says(one)(request, response)
      }
      const { outcome } = await channel.pay(order)
      return outcome.kind === 'unknown' ? outcome.code : outcome.kind
    }
    const early = () => ({ timestamp: String(Date.now() - 3_600_000) })
    // What it signed for another request, and somebody kept, moves nothing.
    expect(await once({ ...early(), signedFor: { nonce: '0'.repeat(32) } })).toBe('bad-signature')
    expect(await once({})).toBe('succeeded')
    for (const came of ['clock-skew', 'succeeded', 'succeeded']) expect(await once(early())).toBe(came)
    expect([await once({}), await once({})]).toEqual(['clock-skew', 'succeeded'])
    expect(stamps.map((ms) => Math.round(ms / 3_600_000))).toEqual([0, 0, 0, 1, 1, 1, 0])
  })

  it('no reply without a signature, whatever it says', async () => {
    behave = (_, response) => response.end(JSON.stringify(succeeded()))
    expect((await channel.pay(order)).outcome).toEqual({ kind: 'unknown', code: 'bad-signature' })
  })

  it('nothing said of another order', async () => {
    expect(await outcome({ body: { ...succeeded(), orderNo: 'F-2' } })).toEqual({
      kind: 'unknown',
      code: 'other-order',
    })
  })

  it('no success with any status but 200', async () => {
    expect(await outcome({ status: 201 })).toEqual({ kind: 'unknown', code: 'unmapped-refusal' })
    expect(await outcome({ status: 500 })).toEqual({ kind: 'unknown', code: 'server-error' })
  })

  it('no state or shape it does not know', async () => {
    const { orderNo } = order
    for (const body of [{ orderNo, state: 'paid' }, { orderNo, state: 'succeeded' }, [], 'null', '', '{'])
      expect(await outcome({ body })).toEqual({ kind: 'unknown', code: 'malformed-reply' })
  })

  it('no error reply as final, though it names it', async () => {
    const refusal = (code: string, status: number) => outcome({ status, body: { code } })
    expect(await refusal('not-found', 404)).toEqual({ kind: 'unknown', code: 'not-found' })
    expect(await refusal('unbalanced', 422)).toEqual({ kind: 'unknown', code: 'unbalanced' })
    expect(await refusal('insufficient-funds', 422)).toEqual({ kind: 'unknown', code: 'unmapped-refusal' })
  })

  it('nothing longer than a reply may be, and keeps no more than a bounded part of one', async () => {
    expect(await outcome({ body: 'x'.repeat(70_000) })).toEqual({ kind: 'unknown', code: 'reply-too-large' })
    behave = says({ body: { ...succeeded(), note: 'x'.repeat(10_000) } })
    const reply = await channel.pay(order)
    expect(reply.outcome.kind).toBe('succeeded')
    expect((reply.raw as { body: string }).body).toHaveLength(4_096)
  })

  it('in sending once: a connection that is cut is not tried again', async () => {
    behave = (_, response) => response.destroy()
    expect((await channel.pay(order)).outcome).toEqual({ kind: 'unknown', code: 'connection-lost' })
    expect((await channel.query(order)).outcome).toEqual({ kind: 'unknown', code: 'connection-lost' })
    expect(seen).toEqual(['POST /front/v1/clearings', `GET /front/v1/clearings/${order.orderNo}`])
  })

  it('no reply that stops half-way', async () => {
    behave = (_, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{"state":', () => response.destroy())
    }
    expect((await channel.pay(order)).outcome).toEqual({ kind: 'unknown', code: 'connection-lost' })
  })
})

const at = (baseUrl: string) =>
  bankChannel({
    baseUrl,
    keyId: 'k',
    privateKey: generateBankKeys().client.privateKey,
    bankPublicKey: generateBankKeys().bank.publicKey,
    timeoutMs: 5_000,
    dailyPerPayerFen: 50_000,
    dir: tmpdir(),
    clock: { now: Date.now },
    random: randomBytes,
  })

describe('an idle connection to the bank', () => {
  afterEach(() => jest.useRealTimers())
  /** undici takes a connection for idle a moment after its answer was read */
  const settled = () => new Promise((resolve) => setImmediate(resolve))

  it.each([
    { says: 'that it keeps one for 75 s', keepAlive: 'timeout=75', forMs: 10_000 },
    { says: 'that it keeps one for 5 s', keepAlive: 'timeout=5', forMs: 3_000 },
    { says: 'nothing of it', keepAlive: undefined, forMs: 4_000 },
  ])('is dropped by us before the bank would, when the bank says $says', async ({ keepAlive, forMs }) => {
    // What undici waits with; sockets and deadlines run on.
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date', 'performance'] })
    const closings: Promise<unknown>[] = []
    let requests = 0
    const server = createServer((request, response) => {
      requests++
      request.resume()
      response.writeHead(500, { connection: 'keep-alive', ...(keepAlive && { 'keep-alive': keepAlive }) }).end()
    })
    server.keepAliveTimeout = 0 // it would never close one itself
    server.on('connection', (socket) => closings.push(once(socket, 'close')))
    await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
    const channel = at(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    try {
      const order = await orderOf(fakeChannel(), 'payer-1')
      await channel.query(order)
      await settled()
      jest.advanceTimersByTime(forMs - 1_000)
      await channel.query(order)
      await settled()
      expect({ requests, connections: closings.length }).toEqual({ requests: 2, connections: 1 })
      jest.advanceTimersByTime(forMs + 1_000)
      await Promise.all(closings)
    } finally {
      await channel.stop()
      await new Promise((done) => server.close(done))
    }
  })
})

describe('a pay that never left', () => {
  const outcomeAt = async (baseUrl: string, before?: (channel: BankChannel, order: Order) => Promise<unknown>) => {
    const channel = at(baseUrl)
    try {
      const order = await orderOf(fakeChannel(), 'payer-1')
      await before?.(channel, order)
      return (await channel.pay(order)).outcome
    } finally {
      await channel.stop()
    }
  }

  it.each(['127.0.0.1', 'localhost'])('is known as such when nobody listens at %s', async (host) => {
    expect(await outcomeAt(`http://${host}:${await freePort()}`)).toEqual({ kind: 'unknown', code: 'not-sent' })
  })

  it('is known as such when the name leads nowhere', async () => {
    expect(await outcomeAt('http://bank.invalid')).toEqual({ kind: 'unknown', code: 'not-sent' })
  })

  it('is not taken for one that was written to a connection which broke, though nobody listens any more', async () => {
    const server = createServer((request, response) => {
      if (request.method === 'GET') return void response.writeHead(500).end()
      // The request is here; from now on nobody is.
      server.close()
      request.socket.resetAndDestroy()
    })
    await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    // The connection was made before, and is kept.
    const outcome = await outcomeAt(`http://127.0.0.1:${port}`, (channel, order) => channel.query(order))
    expect(outcome).toEqual({ kind: 'unknown', code: 'connection-lost' })
  })
})

describe('the configuration of the bank channel', () => {
  const keys = generateBankKeys()
  const sound = {
    baseUrl: 'https://bank.example/front',
    keyId: 'fapai-1',
    privateKey: keys.client.privateKey,
    bankPublicKey: keys.bank.publicKey,
    timeoutMs: '5000',
  }
  it('is taken from text', () => {
    expect(bankConfig.parse(sound)).toEqual({ ...sound, timeoutMs: 5_000 })
  })

  it('names the field at fault, and none of its keys is printed', () => {
    const wrong = {
      baseUrl: 'ftp://bank.example',
      keyId: '',
      privateKey: 'f'.repeat(64),
      bankPublicKey: `04${'1'.repeat(128)}`,
      timeoutMs: '0',
    }
    for (const [field, value] of Object.entries(wrong)) {
      const { error } = bankConfig.safeParse({ ...sound, [field]: value })
      expect(error?.issues.map((issue) => issue.path)).toEqual([[field]])
      expect(error?.message).not.toContain(keys.client.privateKey)
    }
  })
})
