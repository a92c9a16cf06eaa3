import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type {
  MerchantOrderList,
  MerchantSummaryView,
  OperatorSession,
  OrderView,
  QuoteView,
} from '../server/http/contract'
import type { Child } from '../server/sandbox/children'
import { type Bff, type SandboxBank, startSandboxBank, startSandboxBff } from '../server/sandbox/system'
import type { SqlOptions } from '../server/store/sql/open-sql'
import { type Answer, ask, type CallOptions } from './ask'
import { type BankAdmin, bankAdmin } from './bank'
import { movedClock } from './clock-of'
import { freePort } from './free-port'
import { startTestLedger } from './ledger'
import { LIFTED } from './lifted'
import { type StatementAdmin, statementAdmin } from './statements'
import './today'
import { TYPESCRIPT } from './typescript'

/** The whole product as processes: the sandbox bank and the BFF, as `npm start` runs them, on a directory of their own. */
export interface TestSystem {
  url(): string
  bank: BankAdmin
  bankUrl: string
  bff(): Child<Bff>
  /** kill -9, the BFF alone */
  killBff(): Promise<void>
  /** starts the BFF again on the same directory; `env` for this time only */
  startBff(env?: NodeJS.ProcessEnv): Promise<void>
  /** starts one more BFF beside it; needs stores that two may share, in the environment. `env`: its own; `main`: another version's file */
  startAnother(env?: NodeJS.ProcessEnv, main?: string): Promise<Child<Bff>>
  /** the sandbox's directory: keys, books, embedded stores */
  dataDir: string
  /** how to reach its own PostgreSQL; undefined of an embedded ledger */
  database: SqlOptions | undefined
  /** The bank takes what is sent and answers nothing, until it is killed. */
  freezeBank(): void
  /** kill -9, the bank alone */
  killBank(): Promise<void>
  /** starts the bank again, with its books and at the same address */
  startBank(): Promise<void>
  /** Both start again, with their clocks so many days behind: what is done now was done then. */
  travel(daysAgo: number): Promise<void>
  /** the bank's statements, and the mistakes in them */
  statements: StatementAdmin
  payer(name: string): Promise<Payer>
  merchant(code: string): Promise<MerchantSide>
  /** logs in one of the sandbox's: maker, maker2, checker, checker2, auditor, admin, admin2, or another whose password is given */
  operator(username: string, password?: string): Promise<OperatorSide>
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  stop(): Promise<void>
}

/**
 * The children run from TypeScript, whatever runs the test, and so many days ago if told: the bank by a clock of its own, the
 * BFF by taking its stores' clock to be behind.
 */
function loader(daysAgo: number): { bank: NodeJS.ProcessEnv; bff: NodeJS.ProcessEnv } {
  const shiftMs = Math.round(-daysAgo * 86_400_000)
  return {
    bank: movedClock(shiftMs),
    bff: { ...TYPESCRIPT, CLOCK_SHIFT_MS: String(shiftMs) },
  }
}

/**
 * What is no test's subject: how soon a busy machine lets Redis, the bank, the ledger and the event loop answer. A test of a deadline
 * sets its own.
 */
export const PATIENT = {
  REDIS_TIMEOUT_MS: '20000',
  BANK_TIMEOUT_MS: '20000',
  DESK_TIMEOUT_MS: '60000',
  OVERLOAD_DELAY_MS: '600000',
  // five hundred at once find a place at the bank
  REQUESTS_MAX: '8000',
  // each connection is a process of PostgreSQL's, whose start takes as long as twenty payments; on two cores four are hardly too few
  DATABASE_POOL: '4',
  // everybody in a test is at one address
  SOCKETS_PER_ADDRESS: '4000',
}

export interface SystemOptions {
  daysAgo?: number
  /** the ledger of `npm start`, and not a PostgreSQL of its own, whose every BFF starts with half of the processor's time */
  embedded?: boolean
  /** an open file for what its BFFs log, else our standard error */
  log?: number
  /** another version's file, of its first BFF */
  main?: string
}

/** Where the bank is found again after a kill: no port that the system may have handed out to somebody else by then. */
async function address(): Promise<Pick<SandboxBank, 'url' | 'adminToken'>> {
  return { url: `http://127.0.0.1:${await freePort()}`, adminToken: randomBytes(24).toString('base64url') }
}

/** What a BFF of a test is told unless the test says otherwise. */
const OWN = {
  NODE_ENV: 'test',
  LOG_LEVEL: 'silent',
  PORT: '0',
  SANDBOX_PASSWORD: 'sandbox-password',
  // One call pays, unless the test's subject is signing and confirming.
  SANDBOX_EASY: 'on',
  ...LIFTED,
  RECONCILE_AT: 'off',
  // Tests ask often, unless limits are their subject.
  RATE_LIMITS: 'off',
  ...PATIENT,
}
export const SANDBOX_PASSWORD = OWN.SANDBOX_PASSWORD

/** `env` is the BFF's, and of the bank's process; it may name stores of the test's own. */
export async function startTestSystem(
  env: NodeJS.ProcessEnv = {},
  { daysAgo = 0, log, main, ...which }: SystemOptions = {},
): Promise<TestSystem> {
  let clock = loader(daysAgo)
  const dataDir = mkdtempSync(join(tmpdir(), 'fapai-system-'))
  const ledger = env.DATABASE_URL ? undefined : await startTestLedger(dataDir, which)
  const own = { ...process.env, ...OWN, ...ledger?.env, ...env }
  const leave = async () => {
    await ledger?.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
  const bankEnv = () => ({ ...own, ...clock.bank })
  let bank = await startSandboxBank(dataDir, bankEnv(), await address())
  const start = (more: NodeJS.ProcessEnv = {}, its?: string) =>
    startSandboxBff(dataDir, bank.url, { ...clock.bff, ...own, ...more }, log, its)
  let bff = await start({}, main).catch(async (error) => {
    await bank.child.stop()
    await leave()
    throw error
  })
  const call = (method: string, path: string, options?: CallOptions) => ask(bff.said.url, method, path, options)
  const killBank = async () => {
    bank.child.process.kill('SIGKILL')
    await bank.child.ended
  }
  return {
    url: () => bff.said.url,
    bank: bankAdmin(bank.url, bank.adminToken),
    bankUrl: bank.url,
    statements: statementAdmin(bank.url, bank.adminToken),
    bff: () => bff,
    call,
    async killBff() {
      bff.process.kill('SIGKILL')
      await bff.ended
    },
    async startBff(more) {
      bff = await start(more)
    },
    startAnother: start,
    dataDir,
    database: ledger?.database,
    freezeBank: () => void bank.child.process.kill('SIGSTOP'),
    killBank,
    async startBank() {
      bank = await startSandboxBank(dataDir, bankEnv(), bank)
    },
    async travel(days) {
      clock = loader(days)
      await Promise.all([bff.stop(), killBank()])
      bank = await startSandboxBank(dataDir, bankEnv(), bank)
      bff = await start()
    },
    payer: (name) => payer(call, name),
    merchant: (code) => merchantSide(call, code),
    operator: (username, password) => operatorSide(call, username, password),
    async stop() {
      await bff.stop()
      await bank.child.stop()
      await leave()
    },
  }
}

export interface Payer {
  token: string
  quote(amountFen: number, merchantCode?: string): Promise<Answer<QuoteView>>
  pay(quoteId: string, key?: string): Promise<Answer<OrderView>>
  order(orderNo: string): Promise<Answer<OrderView>>
  /** asks until the order has ended */
  ended(orderNo: string): Promise<OrderView>
}

type Call = TestSystem['call']

async function payer(call: Call, name: string): Promise<Payer> {
  const session = await call('POST', '/api/session', { body: { platform: 'browser', code: name } })
  const { token } = session.body as { token: string }
  const order = async (orderNo: string) => (await call('GET', `/api/orders/${orderNo}`, { token })) as Answer<OrderView>
  let keys = 0
  return {
    token,
    order,
    async quote(amountFen, merchantCode = 'M0001') {
      const body = { merchantCode, amountFen, channel: 'bank' }
      return (await call('POST', '/api/quotes', { token, body })) as Answer<QuoteView>
    },
    async pay(quoteId, key = `${name}-key-${++keys}-00000000`) {
      const headers = { 'Idempotency-Key': key }
      return (await call('POST', '/api/orders', { token, headers, body: { quoteId } })) as Answer<OrderView>
    },
    ended: (orderNo) =>
      eventually(async () => {
        const { status, body } = await order(orderNo)
        // A page asks again, too, that is told to come back.
        return status === 503 || body.state === 'paying' ? undefined : body
      }),
  }
}

export interface OperatorSide {
  session: OperatorSession
  token: string
  get<T = unknown>(path: string): Promise<Answer<T>>
  post<T = unknown>(path: string, body?: unknown, options?: CallOptions): Promise<Answer<T>>
  patch<T = unknown>(path: string, body: unknown, options?: CallOptions): Promise<Answer<T>>
  /** posts a decision as who has just looked: with the ETag of what stands a step above the path */
  decide<T = unknown>(path: string, body?: unknown): Promise<Answer<T>>
}

async function operatorSide(call: Call, username: string, password = SANDBOX_PASSWORD): Promise<OperatorSide> {
  const answer = await call('POST', '/admin/session', { body: { username, password } })
  if (answer.status !== 200) throw new Error(`${username} can't log in: ${JSON.stringify(answer.body)}`)
  const session = answer.body as OperatorSession
  const { token } = session
  return {
    session,
    token,
    get: (path) => call('GET', path, { token }) as Promise<Answer<never>>,
    post: (path, body, more) => call('POST', path, { token, body, ...more }) as Promise<Answer<never>>,
    patch: (path, body, more) => call('PATCH', path, { token, body, ...more }) as Promise<Answer<never>>,
    async decide(path, body) {
      const looked = await call('GET', path.replace(/\/[^/]*$/, ''), { token })
      const headers = { 'If-Match': looked.headers.get('etag') ?? '"1"' }
      return call('POST', path, { token, body, headers }) as Promise<Answer<never>>
    },
  }
}

export interface MerchantSide {
  token: string
  summary(): Promise<MerchantSummaryView>
  /** every paid order of today, all pages */
  orders(): Promise<MerchantOrderList['items']>
}

async function merchantSide(call: Call, code: string): Promise<MerchantSide> {
  const session = await call('POST', '/api/merchant/session', {
    body: { platform: 'browser', code: `merchant-${code}` },
  })
  const { token } = session.body as { token: string }
  return {
    token,
    summary: async () => (await call('GET', '/api/merchant/summary', { token })).body as MerchantSummaryView,
    async orders() {
      const all: MerchantOrderList['items'] = []
      let cursor: string | undefined
      do {
        const query = cursor ? `?cursor=${encodeURIComponent(cursor)}` : ''
        const page = (await call('GET', `/api/merchant/orders${query}`, { token })).body as MerchantOrderList
        all.push(...page.items)
        cursor = page.nextCursor
      } while (cursor)
      return all
    },
  }
}

/** Waits until a BFF says that it is ready: on a busy machine a probe of its own may be late. */
export const readyAt = (url: string) =>
  eventually(async () => ((await fetch(`${url}/readyz`)).status === 200 ? true : undefined))

/**
 * Asks again until there is an answer, after 50 ms at first and 400 ms at last: each question costs both ends, and what takes seconds is
 * no sooner for being asked about. Fails after four minutes, so that a hang is a failure and not a pass.
 */
export async function eventually<T>(ask: () => Promise<T | undefined>, withinMs = 240_000): Promise<T> {
  const deadline = Date.now() + withinMs
  for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 1.3, 400)) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (Date.now() > deadline) throw new Error(`no answer within ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}
