import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { namer } from '../../server/domain/trace'
import { LedgerUnavailable } from '../../server/flow/ports'
import { openLog } from '../../server/log'
import { httpDepsOf, NOON, serveApp, startFlow } from '../support/flow'

interface Line {
  level: number
  msg: string
  requestId?: string
  [name: string]: unknown
}

/** Each request has a number, in its answer, in every line that is written for it, and no more of whoever asked than hashes. */
describe('a request', () => {
  const flow = startFlow()
  const text: string[] = []
  const log = openLog('info', { write: (line) => void text.push(line) })
  let elapsed = 0
  const deps = httpDepsOf(flow, { log, logName: namer(Buffer.alloc(32, 5)), elapsed: () => elapsed })
  let app: Awaited<ReturnType<typeof serveApp>>
  beforeAll(async () => {
    app = await serveApp(deps)
  })
  afterAll(() => app.stop())
  beforeEach(() => {
    elapsed += 1_000
    text.length = 0
  })

  const lines = () => text.map((line) => JSON.parse(line) as Line)
  const ask = async (path: string, options: RequestInit = {}) => {
    const reply = await fetch(app.url + path, options)
    const body = await reply.text()
    return { status: reply.status, id: reply.headers.get('x-request-id')!, body }
  }
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    ask(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  const session = async (code: string) => {
    const { body } = await post('/api/session', { platform: 'browser', code })
    return (JSON.parse(body) as { token: string }).token
  }
  /** The answer's line comes when its last byte is on its way. */
  const written = async (id: string) => {
    for (;;) {
      const line = lines().find(({ msg, requestId }) => msg === 'request' && requestId === id)
      if (line) return line
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  it('has one number in its answer, its problem document and its line', async () => {
    const given = 'page-4711-abc'
    const { status, id, body } = await ask('/api/merchants/M9999', { headers: { 'X-Request-Id': given } })
    expect(status).toBe(404)
    expect(id).toMatch(new RegExp(`^${given}\\.[0-9a-f]{8}$`))
    expect(JSON.parse(body)).toMatchObject({ code: 'merchant-not-found', requestId: id })
    expect(await written(id)).toMatchObject({
      ...{ method: 'GET', route: '/api/merchants/:code', status: 404, problem: 'merchant-not-found' },
      from: expect.stringMatching(/^[\w-]{16}$/),
    })
  })

  it('that pays leads from its line to the order, by a hash of the payer and nothing else of them', async () => {
    const token = await session('somebody-who-pays')
    const bearer = { Authorization: `Bearer ${token}` }
    const quote = JSON.parse(
      (await post('/api/quotes', { merchantCode: 'M0001', amountFen: 10_000, channel: 'bank' }, bearer)).body,
    )
    const paid = await post(
      '/api/orders',
      { quoteId: quote.quoteId },
      { ...bearer, 'Idempotency-Key': 'a-key-of-theirs' },
    )
    const { orderNo } = JSON.parse(paid.body) as { orderNo: string }
    const line = await written(paid.id)
    expect(line).toMatchObject({ route: '/api/orders', status: 200, orderNo, actor: 'payer' })
    const { sub } = JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as { sub: string }
    expect(line.who).toBe(namer(Buffer.alloc(32, 5))('payer', sub, NOON))
    for (const secret of [
      sub,
      'somebody-who-pays',
      'a-key-of-theirs',
      '127.0.0.1',
      'M0001',
      ...token.split('.'),
      quote.quoteId,
    ])
      expect(text.join('')).not.toContain(secret)
  })

  it('writes nothing into the log that it brings: neither its address nor its headers make or break a line', async () => {
    const { id } = await ask(`/q/${encodeURIComponent('x","level":60,"msg":"all is lost\n{')}?code=secret-of-a-login`, {
      headers: {
        'X-Request-Id': 'abcdefgh","level":60',
        'User-Agent': 'agent-of-evil',
        Referer: 'https://evil.example/',
      },
    })
    expect(id).toMatch(/^[0-9a-f]{24}$/)
    await written(id)
    const all = text.join('')
    for (const part of ['all is lost', 'secret-of-a-login', 'agent-of-evil', 'evil.example', 'abcdefgh'])
      expect(all).not.toContain(part)
    expect(lines().every(({ level }) => level < 60)).toBe(true)
  })

  it('has its number in whatever else is logged for it, beside others at the same time', async () => {
    // One of a kind would be one line a minute.
    let bugs = 0
    const ledger = { ...flow.ledger, order: async () => Promise.reject(new TypeError(`bug ${++bugs}`)) }
    const faulty = await serveApp({ ...deps, ledger })
    const bearer = { Authorization: `Bearer ${await session('payer-of-bugs')}` }
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => fetch(`${faulty.url}/api/orders/F20261121-AAAA-BBBB-CCCC`, { headers: bearer })),
    )
    const ids = replies.map((reply) => reply.headers.get('x-request-id'))
    await Promise.all(replies.map((reply) => reply.text()))
    expect(replies.map(({ status }) => status)).toEqual(ids.map(() => 500))
    const faults = lines().filter(({ msg }) => msg === 'internal')
    expect(faults.map(({ requestId }) => requestId).sort()).toEqual([...ids].sort())
    expect(new Set(ids).size).toBe(20)
    await faulty.stop()
  })

  it('has one line a minute where it is refused for an outage', async () => {
    const ledger = { ...flow.ledger, order: async () => Promise.reject(new LedgerUnavailable('away')) }
    const faulty = await serveApp({ ...deps, ledger })
    const bearer = { Authorization: `Bearer ${await session('payer-of-outages')}` }
    for (let i = 0; i < 10; i++)
      expect((await fetch(`${faulty.url}/api/orders/F20261121-AAAA-BBBB-CCCC`, { headers: bearer })).status).toBe(503)
    expect(lines().filter(({ msg }) => msg === 'ledger-unavailable')).toHaveLength(1)
    await faulty.stop()
  })

  it('that is refused fills no disk: beyond fifty in a second there is no line, and those who are served keep theirs', async () => {
    for (let i = 0; i < 80; i++) await ask('/api/nothing')
    const { id } = await ask('/api/merchants/M0001')
    await written(id)
    expect(lines().filter(({ status }) => status === 404)).toHaveLength(50)
    elapsed += 1_000
    await written((await ask('/api/nothing')).id)
  })

  it('of who hangs up leaves none, nor do those that only look whether we are there', async () => {
    await ask('/healthz')
    let asked: IncomingMessage | undefined
    let inside = () => {}
    const entered = new Promise<void>((resolve) => {
      inside = resolve
    })
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const catalog: typeof deps.catalog = {
      ...deps.catalog,
      async merchant(code) {
        inside()
        await held
        return flow.ledger.merchant(code)
      },
    }
    const callerOf: typeof deps.callerOf = (one) => {
      asked = one
      return deps.callerOf(one)
    }
    const slow = await serveApp({ ...deps, catalog, callerOf })
    const gone = request(`${slow.url}/api/merchants/M0001`)
    gone.on('error', () => {})
    gone.end()
    await entered
    const closed = once(asked!.socket, 'close')
    gone.destroy()
    await closed
    release()
    await slow.stop()
    await written((await ask('/api/merchants/M0001')).id)
    expect(lines().filter(({ msg }) => msg === 'request')).toHaveLength(1)
  })

  it('is nobody’s in another month: the same payer has another name, and orders’ hashes are others', () => {
    const name = namer(Buffer.alloc(32, 7))
    const november = Date.parse('2026-11-30T23:59:59.999+08:00')
    expect(name('payer', 'p_1', november)).toBe(name('payer', 'p_1', NOON))
    expect(name('payer', 'p_1', november + 1)).not.toBe(name('payer', 'p_1', november))
    expect(name('payer', 'p_1', NOON)).toBe(namer(Buffer.alloc(32, 7))('payer', 'p_1', NOON))
    expect(name('address', 'p_1', NOON)).not.toBe(name('payer', 'p_1', NOON))
    const { addressHash } = flow.deps.traceOf({ address: '203.0.113.7', device: null }, NOON)
    expect(name('address', '203.0.113.7', NOON)).not.toBe(addressHash)
  })
})
