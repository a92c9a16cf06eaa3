import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { bankAdmin } from '../../harness/bank'
import { freePort } from '../../harness/free-port'
import { eventually, readyAt } from '../../harness/system'
import { TYPESCRIPT } from '../../harness/typescript'
import { buildPages } from '../../scripts/build-pages'
import type { OperatorSession, OrderView, QuoteView, Session, SignView } from '../../server/http/contract'
import { socketDir } from '../../server/store/dir-lock'

const ROOT = resolve(__dirname, '../..')
/** What `npm start` runs, but from TypeScript by the tests' own hook: six processes take a third of what they take by tsx. */
const SCRIPT = { command: ['node', 'scripts/start.ts'], env: { NODE_ENV: 'test', ...TYPESCRIPT } }
/** The script in package.json itself. */
const BY_NPM = {
  command: ['npm', 'start'],
  env: { NODE_ENV: '', NODE_OPTIONS: `--require ${JSON.stringify(join(ROOT, 'harness/quick-wasm.cjs'))}` },
}

interface Start {
  process: ChildProcess
  /** all it has printed, both streams */
  printed(): string
  /** resolves with its exit code */
  ended: Promise<number | null>
}

/** In a process group of its own, as a terminal makes one. */
function npmStart(env: NodeJS.ProcessEnv, by = SCRIPT): Start {
  const [command, ...args] = by.command
  const child = spawn(command!, args, {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...by.env, ...env },
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += chunk))
  // `close`, not `exit`: then everything printed has arrived, from its children too
  const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)))
  started.push({ child, ended })
  return { process: child, printed: () => printed, ended }
}

const started: { child: ChildProcess; ended: Promise<unknown> }[] = []

/** Ctrl-C: the terminal signals everybody in the group. */
function ctrlC({ process: child, ended }: Start): Promise<number | null> {
  process.kill(-child.pid!, 'SIGINT')
  return ended
}

/** Waits until it has printed where everything is. */
async function ready(start: Start): Promise<void> {
  let over = false
  start.ended.then(() => {
    over = true
  })
  await eventually(async () => {
    if (over) throw new Error(`it ended: ${start.printed()}`)
    return start.printed().includes('Ctrl-C stops everything') || undefined
  })
}

/** Processes of this machine that were started with this directory, by what Linux tells of their environment and command; elsewhere none is found. */
function processesOf(dataDir: string): string[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const [command, environment] = ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8'))
      return /^\d+$/.test(pid) && `${command}${environment}`.includes(dataDir) ? [`${pid} ${command}`] : []
    } catch {
      return []
    }
  })
}

describe('npm start', () => {
  let dataDir = ''
  let port = ''
  let url = ''
  let first: Start

  beforeAll(async () => {
    await buildPages('h5')
    dataDir = mkdtempSync(join(tmpdir(), 'fapai-start-'))
    port = String(await freePort())
    url = `http://127.0.0.1:${port}`
    first = npmStart({ DATA_DIR: dataDir, PORT: port })
    await ready(first)
  })
  afterAll(async () => {
    for (const { child, ended } of started) {
      if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGINT')
      await ended
    }
    rmSync(socketDir(dataDir), { recursive: true, force: true })
    rmSync(dataDir, { recursive: true, force: true })
  })

  async function call<T>(path: string, token: string, body?: object): Promise<T> {
    const reply = await fetch(url + path, {
      method: body ? 'POST' : 'GET',
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': 'the-only-payment',
      },
      body: body && JSON.stringify(body),
    })
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`)
    return (await reply.json()) as T
  }

  /** The sandbox bank, by the address and the admin token that were printed. */
  function bankOf(start: Start) {
    const [, address, token] = /Sandbox bank +(\S+) +\(admin token (\S+)\)/.exec(start.printed()) ?? []
    return bankAdmin(address!, token!)
  }

  it('prints where payer, merchant, rules and bank are, and what the stores do not survive', async () => {
    for (const line of [
      `Payer page      ${url}/#/pages/pay/index?merchant=M0001`,
      `In WeChat       ${url}/#/pages/pay/index?merchant=M0001&app=wechat`,
      `In Alipay       ${url}/#/pages/pay/index?merchant=M0001&app=alipay`,
      `In UnionPay     ${url}/#/pages/pay/index?merchant=M0001&app=unionpay`,
      `Counter QR      ${url}/q/M0001`,
      `Merchant page   ${url}/#/pages/merchant/index?merchant=M0001`,
      `Rules           ${url}/#/pages/rules/index?merchant=M0001`,
      `Console         ${url}/#/console/login/index`,
      `API             ${url}/openapi.json`,
    ])
      expect(first.printed()).toContain(line)
    expect(first.printed()).toMatch(/Ledger: embedded PGlite .* not /)
    expect(first.printed()).toMatch(/Slots: embedded /)
    expect(first.printed()).toContain('▄▄▄')
    expect(await bankOf(first).clearings()).toEqual([])
  })

  it('prints a password made for this start, with which each of the four operators logs in', async () => {
    const password = /maker, checker, auditor, admin; password (\S{12,})\n/.exec(first.printed())![1]!
    for (const username of ['maker', 'checker', 'auditor', 'admin']) {
      const { operator } = await call<OperatorSession>('/admin/session', '', { username, password })
      expect(operator).toMatchObject({ username, roles: [username], mustChangePassword: false })
    }
  })

  it('serves the pages, is ready, and needs nothing else', async () => {
    const page = await (await fetch(`${url}/`)).text()
    expect(page).toContain('<html lang="zh-CN">')
    await readyAt(url)
  })

  it('refuses a second start on its directory and goes on undisturbed', async () => {
    const second = npmStart({ DATA_DIR: dataDir, PORT: String(await freePort()) })
    expect(await second.ended).toBe(1)
    expect(second.printed()).toBe(
      `${dataDir} is in use by another process (start)\nStop the other one first, or give this one another DATA_DIR and PORT.\n`,
    )
    await readyAt(url)
    expect(await bankOf(first).clearings()).toEqual([])
  })

  it('refuses a port in use, says which, and leaves nothing behind', async () => {
    const other = mkdtempSync(join(tmpdir(), 'fapai-start-'))
    const second = npmStart({ DATA_DIR: other, PORT: port })
    expect(await second.ended).toBe(1)
    expect(second.printed()).toBe(`port ${port} is in use by another program; give this one another PORT\n`)
    expect(processesOf(other)).toEqual([])
    rmSync(socketDir(other), { recursive: true, force: true })
    rmSync(other, { recursive: true, force: true })
    await readyAt(url)
  })

  it('is refused in production', async () => {
    const second = npmStart({ DATA_DIR: dataDir, PORT: port, NODE_ENV: 'production' })
    expect(await second.ended).toBe(1)
    expect(second.printed()).toBe(
      'npm start runs the sandbox, which is refused in production; see docs/OPERATIONS.md\n',
    )
  })

  it('has a payer sign and confirm by the printed telephone; stops wholly on Ctrl-C, a restart still has what was paid, and ends wholly with npm', async () => {
    const { token } = await call<Session>('/api/session', '', { platform: 'browser', code: 'payer-1' })
    const asked = { merchantCode: 'M0001', amountFen: 10_000, channel: 'bank' }
    const code = bankOf(first).code
    const holder = { account: '6217880000000000001', name: '王小满', phone: '13800138000' }
    const { signNo } = await call<SignView>('/api/agreements', token, holder)
    await call(`/api/agreements/${signNo}/confirm`, token, { proof: await code(signNo) })
    const { quoteId } = await call<QuoteView>('/api/quotes', token, asked)
    const { orderNo, state, action } = await call<OrderView>('/api/orders', token, { quoteId })
    expect([state, action?.kind]).toEqual(['paying', 'challenge'])
    const answer = { challengeId: action!.params.challengeId, proof: await code(orderNo) }
    const order = await call<OrderView>(`/api/orders/${orderNo}/confirm`, token, answer)
    expect(order.state).toBe('paid')
    const books = await bankOf(first).clearings()
    expect(books).toMatchObject([{ orderNo: order.orderNo, state: 'succeeded' }])

    expect(await ctrlC(first)).toBe(0)
    expect(first.printed()).toMatch(/\nStopping …\n$/)
    expect(processesOf(dataDir)).toEqual([])
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed')

    const again = npmStart({ DATA_DIR: dataDir, PORT: port }, BY_NPM)
    await ready(again)
    expect(await call<OrderView>(`/api/orders/${order.orderNo}`, token)).toEqual(order)
    expect(await bankOf(again).clearings()).toEqual(books)
    // A person gets one card a day at a merchant, and the restart remembers it.
    expect((await call<QuoteView>('/api/quotes', token, asked)).reason).toBe('limit-reached')
    const next = await call<QuoteView>('/api/quotes', token, { ...asked, merchantCode: 'M0002' })
    expect(next.payerDiscountFen).toBeGreaterThan(0)
    // One signal, to npm alone.
    again.process.kill('SIGTERM')
    await again.ended
    expect(processesOf(dataDir)).toEqual([])
  })
})
