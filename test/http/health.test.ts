import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { METHODS } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { startTestBank, type TestBank } from '../../harness/bank'
import { layLedger } from '../../harness/sql'
import { TYPESCRIPT } from '../../harness/typescript'
import type { OrderView, QuoteView, Session } from '../../server/http/contract'
import { httpDepsOf, serveApp, startFlow } from '../support/flow'

describe('the state of the server', () => {
  const flow = startFlow()
  const slow = { name: 'slow', required: false, check: () => new Promise<void>(() => {}) }
  const deps = httpDepsOf(flow)
  let app: Awaited<ReturnType<typeof serveApp>>
  beforeAll(async () => {
    app = await serveApp(deps)
  })
  afterAll(() => app.stop())
  afterEach(() => {
    flow.slots.up = true
    flow.ledger.down = false
  })
  const ask = async (path: string, url = app.url) => {
    const reply = await fetch(url + path)
    return { status: reply.status, type: reply.headers.get('content-type'), text: await reply.text() }
  }
  const ready = async (url = app.url) => {
    const { status, text } = await ask('/readyz', url)
    const body = JSON.parse(text) as {
      status: string
      dependencies: Record<string, { state: string; required: boolean }>
    }
    return { code: status, ...body }
  }

  it('is alive whatever its dependencies do', async () => {
    flow.slots.up = false
    flow.ledger.down = true
    expect(await ask('/healthz')).toMatchObject({ status: 200, text: JSON.stringify({ status: 'up' }) })
  })

  it('is ready when all of them answer, and names each', async () => {
    expect(await ready()).toEqual({
      code: 200,
      status: 'ready',
      dependencies: {
        ledger: { state: 'up', required: true },
        slots: { state: 'up', required: false },
        bank: { state: 'up', required: false },
      },
    })
  })

  it('is ready without slots and without the bank: payments go on, or are held (I9)', async () => {
    flow.slots.up = false
    flow.channel.next('ping', { kind: 'lose-request' })
    const { code, status, dependencies } = await ready()
    expect({ code, status }).toEqual({ code: 200, status: 'ready' })
    expect(dependencies).toMatchObject({ slots: { state: 'down' }, bank: { state: 'down' }, ledger: { state: 'up' } })
  })

  it('is not ready without the ledger', async () => {
    flow.ledger.down = true
    const { code, status, dependencies } = await ready()
    expect({ code, status }).toEqual({ code: 503, status: 'not-ready' })
    expect(dependencies).toMatchObject({ ledger: { state: 'down' }, slots: { state: 'up' } })
  })

  it('counts a dependency that doesn’t answer as down, and answers all the same', async () => {
    const other = await serveApp({ ...deps, probes: [...deps.probes, slow] })
    expect(await ready(other.url)).toMatchObject({ code: 200, dependencies: { slow: { state: 'down' } } })
    await other.stop()
    const vital = await serveApp({ ...deps, probes: [{ ...slow, required: true }] })
    expect(await ready(vital.url)).toMatchObject({ code: 503, dependencies: { slow: { state: 'down' } } })
    await vital.stop()
  })

  it('says whether its clock is trusted, and never tells a negative age', async () => {
    const figure = async (name: string) =>
      Number(new RegExp(`^${name} (.*)$`, 'm').exec((await ask('/metrics')).text)![1])
    expect(await figure('fapai_clock_trusted')).toBe(1)
    flow.clock.doubtful = true
    expect(await figure('fapai_clock_trusted')).toBe(0)
    flow.clock.doubtful = false
    // Opened while a clock was an hour ahead, and asked about since.
    flow.channel.next('pay', { kind: 'lose-reply' })
    flow.channel.next('query', { kind: 'lose-request' })
    flow.pass(3_600_000)
    await flow.order(await flow.quote('p1'))
    flow.pass(-3_600_000)
    await flow.sweep()
    expect(await figure('fapai_orders_unknown')).toBe(1)
    expect(await figure('fapai_orders_unknown_oldest_seconds')).toBe(0)
  })

  it('has metrics whose labels are bounded: patterns and never values, however odd the requests', async () => {
    const odd = [
      '/api/orders/F-secret-1',
      '/api/merchants/secret-2',
      '/secret-3',
      '/q/secret-4',
      '/%',
      '//secret-5',
      '/api/nothing/secret-6',
    ]
    for (const path of odd) await ask(path)
    for (const method of ['PUT', 'DELETE', 'PURGE', 'PROPFIND'])
      await (await fetch(`${app.url}/api/orders/F-secret-7`, { method })).text()
    const { status, type, text } = await ask('/metrics')
    expect(status).toBe(200)
    expect(type).toMatch(/^text\/plain/)
    expect(text).toMatch(/^process_cpu_seconds_total /m)
    expect(text).toMatch(/^fapai_alarms_total|^# TYPE fapai_alarms_total counter/m)
    expect(text).not.toContain('secret')
    const lines = text.split('\n').filter((line) => line.startsWith('fapai_http_request_seconds_count{'))
    const labels = lines.map((line) =>
      Object.fromEntries([...line.matchAll(/(\w+)="([^"]*)"/g)].map((m) => [m[1], m[2]])),
    )
    expect(labels.length).toBeGreaterThan(5)
    const patterns = [
      'none',
      '/healthz',
      '/readyz',
      '/metrics',
      '/q/:code',
      '/api/orders/:orderNo',
      '/api/merchants/:code',
    ]
    for (const { method, route, status: code } of labels) {
      expect(METHODS).toContain(method)
      expect(patterns).toContain(route)
      expect(code).toMatch(/^[2-5]\d\d$/)
    }
  })
})

describe('the log of a payment', () => {
  let bank: TestBank
  let dataDir: string
  beforeAll(async () => {
    bank = await startTestBank()
    dataDir = mkdtempSync(join(tmpdir(), 'fapai-log-'))
    await layLedger(dataDir)
  }, 300_000)
  afterAll(async () => {
    await bank.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })

  /** The server as a process of its own, since what it logs goes to its standard error. */
  async function start() {
    const child = fork(resolve(__dirname, '../../server/main.ts'), {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: {
        PATH: process.env.PATH,
        ...TYPESCRIPT,
        NODE_ENV: 'test',
        LOG_LEVEL: 'info',
        PORT: '0',
        DATA_DIR: dataDir,
        SANDBOX: 'on',
        SANDBOX_EASY: 'on',
        MASTER_KEY: 'cd'.repeat(32),
        BANK_URL: bank.config.baseUrl,
        BANK_KEY_ID: bank.keyId,
        BANK_PRIVATE_KEY: bank.config.privateKey,
        BANK_PUBLIC_KEY: bank.config.bankPublicKey,
        BANK_TIMEOUT_MS: '1000',
      },
    })
    let log = ''
    child.stderr!.on('data', (part) => {
      log += part
    })
    const [{ url }] = (await once(child, 'message')) as [{ url: string }]
    const stop = async () => {
      child.kill('SIGTERM')
      await once(child, 'close')
      return log
    }
    return { url, stop }
  }

  it('holds nothing of the payer: no login code, id, token, account, agreement, quote or key; faults included', async () => {
    const { url, stop } = await start()
    const call = async <T>(path: string, body: object, headers: Record<string, string> = {}) => {
      const type = { 'Content-Type': 'application/json' }
      const reply = await fetch(url + path, {
        method: 'POST',
        headers: { ...type, ...headers },
        body: JSON.stringify(body),
      })
      return { status: reply.status, body: (await reply.json()) as T }
    }
    const code = 'login-code-of-somebody'
    const { body: session } = await call<Session>('/api/session', { platform: 'browser', code })
    const bearer = { Authorization: `Bearer ${session.token}` }
    const quoteIds: string[] = []
    const pay = async (key: string) => {
      const { body } = await call<QuoteView>(
        '/api/quotes',
        { merchantCode: 'M0001', amountFen: 1_000, channel: 'bank' },
        bearer,
      )
      quoteIds.push(body.quoteId)
      return call<OrderView>('/api/orders', { quoteId: body.quoteId }, { ...bearer, 'Idempotency-Key': key })
    }
    expect((await pay('key-of-payment-1')).body.state).toBe('paid')
    await bank.admin.faults({ mode: 'decline', code: 'insufficient-funds', on: ['pay'] })
    expect((await pay('key-of-payment-2')).body.state).toBe('closed')
    await bank.admin.faults({ mode: 'bad-signature', on: ['pay'] })
    expect((await pay('key-of-payment-3')).body.state).toBe('paying')
    const [account] = (await bank.admin.accounts()).filter((one) => one.kind === 'payer')
    const [booked] = await bank.admin.clearings()

    // Something that is logged as an error: a stranger's first payment while the bank is away.
    await bank.kill()
    const { body: stranger } = await call<Session>('/api/session', { platform: 'browser', code: 'stranger' })
    const other = { Authorization: `Bearer ${stranger.token}` }
    const { body: quote } = await call<QuoteView>(
      '/api/quotes',
      { merchantCode: 'M0002', amountFen: 1_000, channel: 'bank' },
      other,
    )
    const failed = await call(
      '/api/orders',
      { quoteId: quote.quoteId },
      { ...other, 'Idempotency-Key': 'key-of-stranger' },
    )
    expect(failed).toMatchObject({ status: 503, body: { code: 'channel-unavailable' } })
    const log = await stop()

    const lines = log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { msg: string; level: number })
    expect(lines.map((line) => line.msg)).toEqual(expect.arrayContaining(['listening', 'channel-unavailable']))
    const idIn = (token: string) =>
      (JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as { sub: string }).sub
    const personal = [
      code,
      'stranger',
      idIn(session.token),
      idIn(stranger.token),
      ...[session.token, stranger.token, ...quoteIds, quote.quoteId].flatMap((sealed) => sealed.split('.')),
      account!.account,
      booked!.request!.agreementId,
      'key-of-payment',
      'key-of-stranger',
      bank.config.privateKey,
      'cdcdcdcd',
    ]
    expect(personal.every((one) => one.length > 4)).toBe(true)
    expect(personal.filter((one) => log.includes(one))).toEqual([])
  }, 300_000)
})
