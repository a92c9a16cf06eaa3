import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { METHODS } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { startTestBank, type TestBank } from '../../harness/bank'
import { startTestLedger, type TestLedger } from '../../harness/ledger'
import { TYPESCRIPT } from '../../harness/typescript'
import type { OrderView, QuoteView, Session } from '../../server/http/contract'
import { watchProcess } from '../../server/http/metrics'
import { createOperations } from '../../server/http/operations'
import { serve } from '../../server/serve'
import { httpDepsOf, serveApp, startFlow } from '../support/flow'

describe('the state of the server', () => {
  const flow = startFlow()
  const slow = { name: 'slow', required: false, check: () => new Promise<void>(() => {}) }
  const deps = httpDepsOf(flow)
  let app: Awaited<ReturnType<typeof serveApp>>
  beforeAll(async () => {
    watchProcess()
    app = await serveApp(deps)
  })
  afterAll(() => app.stop())
  afterEach(() => {
    flow.slots.up = true
    flow.ledger.down = false
  })
  const ask = async (path: string, url = app.url) => {
    const reply = await fetch(url + path)
    return {
      status: reply.status,
      type: reply.headers.get('content-type'),
      after: reply.headers.get('retry-after'),
      text: await reply.text(),
    }
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
    expect((await ask('/readyz')).after).toBe('2')
  })

  it('is not ready from the moment it is told to stop, whatever was remembered, and says why', async () => {
    let draining = false
    const one = await serveApp({ ...deps, elapsed: () => 0, isDraining: () => draining })
    expect(await ready(one.url)).toMatchObject({ code: 200, status: 'ready' })
    draining = true
    expect(await ready(one.url)).toMatchObject({
      code: 503,
      status: 'draining',
      dependencies: { ledger: { state: 'up' } },
    })
    expect(await ask('/healthz', one.url)).toMatchObject({ status: 200 })
    await one.stop()
  })

  it('counts a dependency that doesn’t answer as down, and answers all the same', async () => {
    const other = await serveApp({ ...deps, probes: [...deps.probes, slow] })
    expect(await ready(other.url)).toMatchObject({ code: 200, dependencies: { slow: { state: 'down' } } })
    await other.stop()
    const vital = await serveApp({ ...deps, probes: [{ ...slow, required: true }] })
    expect(await ready(vital.url)).toMatchObject({ code: 503, dependencies: { slow: { state: 'down' } } })
    await vital.stop()
  })

  describe('asked by a crowd', () => {
    let now: number
    let asked: number
    let answer: () => Promise<void>
    const crowdOf = async (count: number, url: string) => Promise.all(Array.from({ length: count }, () => ready(url)))
    const watched = async () => {
      now = 0
      asked = 0
      const check = () => {
        asked++
        return answer()
      }
      return serveApp({ ...deps, elapsed: () => now, probes: [{ name: 'watched', required: true, check }] })
    }

    it('looks once in two seconds, whatever comes of it, and tells nobody what is older', async () => {
      const one = await watched()
      for (const [state, status] of [['up', 200] as const, ['down', 503] as const]) {
        answer = async () => {
          if (state === 'down') throw new Error('away')
        }
        asked = 0
        for (const at of [0, 1_000, 1_999]) {
          now = (state === 'up' ? 0 : 10_000) + at
          for (const { code, dependencies } of await crowdOf(64, one.url))
            expect({ code, state: dependencies.watched!.state }).toEqual({ code: status, state })
        }
        expect(asked).toBe(1)
      }
      answer = async () => {}
      now = 12_000
      expect((await ready(one.url)).code).toBe(200)
      expect(asked).toBe(2)
      await one.stop()
    })

    it('asks a dependency that hangs nothing more until it has answered, or is given up', async () => {
      const one = await watched()
      answer = () => new Promise(() => {})
      for (now = 0; now < 9_000; now += 3_000) expect((await crowdOf(8, one.url))[0]!.code).toBe(503)
      expect(asked).toBe(1)
      now = 31_000
      answer = async () => {}
      expect((await ready(one.url)).code).toBe(200)
      expect(asked).toBe(2)
      await one.stop()
    })

    it('counts what waits in the ledger once for all who ask for metrics at the same time', async () => {
      let counted = 0
      let release = () => {}
      const held = new Promise<void>((resolve) => {
        release = resolve
      })
      const ledger = {
        ...flow.ledger,
        async backlog() {
          counted++
          await held
          return { unknown: 0, oldestUnknownAt: null, slotsToReturn: 0 }
        },
      }
      const one = await serveApp({ ...deps, elapsed: () => 0, ledger })
      const answers = Array.from({ length: 16 }, () => ask('/metrics', one.url))
      // asked on one connection each, so that the last has come when it is answered
      expect((await ask('/healthz', one.url)).status).toBe(200)
      release()
      for (const { text } of await Promise.all(answers)) expect(text).toMatch(/^fapai_orders_unknown 0$/m)
      expect(counted).toBeLessThan(3)
      await one.stop()
    })

    it('tells metrics again to who asks again soon, and looks anew later', async () => {
      let now = 0
      let counted = 0
      const ledger = {
        ...flow.ledger,
        async backlog() {
          return { unknown: ++counted, oldestUnknownAt: null, slotsToReturn: 0 }
        },
      }
      const one = await serveApp({ ...deps, elapsed: () => now, ledger, metricsForMs: 1_000 })
      const unknown = async () => /^fapai_orders_unknown (.*)$/m.exec((await ask('/metrics', one.url)).text)![1]
      const told = []
      for (now of [0, 10, 999, 1_000, 1_999, 2_001]) told.push(await unknown())
      expect(told).toEqual(['1', '1', '1', '2', '2', '3'])
      await one.stop()
    })
  })

  it('is on a port of its own where there is one, and no longer on the payers’', async () => {
    const payers = await serveApp({ ...deps, operationsApart: true })
    const operations = await serve(createOperations(deps).callback(), 0, '127.0.0.1')
    const url = `http://127.0.0.1:${operations.port}`
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      expect(await ask(path, payers.url)).toMatchObject({ status: 404, type: expect.stringContaining('problem+json') })
      expect((await ask(path, url)).status).toBe(200)
    }
    for (const path of ['/api/merchants/M0001', '/openapi.json', '/'])
      expect(await ask(path, url)).toMatchObject({ status: 404, type: expect.stringContaining('problem+json') })
    await payers.stop()
    await operations.stop(0)
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
    expect(text).not.toMatch(/secret-\d/)
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
  let ledger: TestLedger
  beforeAll(async () => {
    bank = await startTestBank()
    dataDir = mkdtempSync(join(tmpdir(), 'fapai-log-'))
    ledger = await startTestLedger(dataDir)
  })
  afterAll(async () => {
    await bank.stop()
    await ledger.stop()
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
        ...ledger.env,
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
      .map((line) => JSON.parse(line) as Record<'msg' | 'requestId' | 'route' | 'verb' | 'who', string>)
    expect(lines.map((line) => line.msg)).toEqual(expect.arrayContaining(['listening', 'channel-unavailable']))
    // A payment leads to its call at the bank, and two of one payer have one name, which is another's for another.
    const pays = lines.filter(({ msg, route }) => msg === 'request' && route === '/api/orders')
    const called = lines.filter(({ msg, verb }) => msg === 'channel' && verb === 'pay').map((line) => line.requestId)
    expect(pays.map(({ requestId }) => requestId)).toEqual(expect.arrayContaining(called))
    expect(called).toHaveLength(3)
    expect(new Set(pays.map(({ who }) => who)).size).toBe(2)
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
  })
})
