import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { BankChannelConfig } from '../server/channel/bank'
import { generateBankKeys } from '../server/channel/bank/sign'
import type { AccountView } from '../server/sandbox/bank/admin'
import type { Account, BankRefund, Clearing } from '../server/sandbox/bank/facts'
import type { FaultInput } from '../server/sandbox/bank/faults'
import type { NoticesInput, SentNotice } from '../server/sandbox/bank/notices'
import type { BankOptionsInput } from '../server/sandbox/bank/options'
import { phonePath } from '../server/sandbox/bank/phone'
import type { OpeningBalance } from '../server/sandbox/bank/schema'
import type { Text } from '../server/sandbox/bank/texts'
import { forkChild } from '../server/sandbox/children'
import { TYPESCRIPT } from './typescript'

export type BankKeys = ReturnType<typeof generateBankKeys>

export interface TestBank {
  baseUrl: string
  /** the id the bank knows the client by, and both key pairs */
  keyId: string
  keys: BankKeys
  dataDir: string
  /** ready for `bankChannel` */
  /** with a folder for its statements */
  config: BankChannelConfig & { dir: string }
  admin: BankAdmin
  /** Ends it without a word, as a crash does. The journal stays. */
  kill(): Promise<void>
  /** Ends it; a journal of its own making goes with it. */
  stop(): Promise<void>
}

export interface BankAdmin {
  /** replaces all faults */
  faults(...faults: FaultInput[]): Promise<void>
  clearFaults(): Promise<void>
  /** how many requests the present faults have struck: a caller can wait for one to be in the middle of it */
  struck(): Promise<number>
  /** from now on, tells of what becomes definite */
  notices(how: NoticesInput): Promise<void>
  /** the notices that were answered, or came to nothing */
  sentNotices(): Promise<SentNotice[]>
  account(account: string): Promise<AccountView | undefined>
  /** its balance in fen; 0 for an account nobody has opened */
  balance(account: string): Promise<number>
  accounts(): Promise<Account[]>
  clearings(): Promise<Clearing[]>
  /** books an order that the bank has closed or declined: a mistake of its own */
  bookAnyway(orderNo: string): Promise<void>
  refunds(): Promise<BankRefund[]>
  setBalance(balance: OpeningBalance): Promise<void>
  /** what the sandbox's telephone shows, the newest first */
  texts(): Promise<Text[]>
  /** the code of the last text about an order or a signing; fails when there was none */
  code(number: string): Promise<string>
}

const KEY_ID = 'fapai-test'
const ADMIN_TOKEN = 'test-admin-token'
export const BANK_MAIN = resolve(__dirname, '../server/sandbox/bank/main.ts')
/** Under a slow machine's load a healthy reply still comes in time; tests of the deadline set their own. */
const TIMEOUT_MS = 10_000

/** Starts the sandbox bank as a process of its own, on the `dataDir` and keys of an earlier one if given; an easy one unless told. */
export async function startTestBank(
  earlier?: { dataDir: string; keys: BankKeys },
  { easy = true }: { easy?: boolean } = {},
): Promise<TestBank> {
  const keys = earlier?.keys ?? generateBankKeys()
  const dataDir = earlier?.dataDir ?? mkdtempSync(join(tmpdir(), 'fapai-bank-'))
  const options: BankOptionsInput = {
    production: false,
    port: 0,
    dataDir,
    client: { keyId: KEY_ID, publicKey: keys.client.publicKey },
    privateKey: keys.bank.privateKey,
    adminToken: ADMIN_TOKEN,
    easy,
  }
  const child = await forkBank(options)
  const baseUrl = `http://127.0.0.1:${child.said.port}`
  return {
    baseUrl,
    keyId: KEY_ID,
    keys,
    dataDir,
    config: {
      baseUrl,
      keyId: KEY_ID,
      privateKey: keys.client.privateKey,
      bankPublicKey: keys.bank.publicKey,
      timeoutMs: TIMEOUT_MS,
      dailyPerPayerFen: 50_000,
      dir: join(dataDir, 'statements'),
      easy,
    },
    admin: bankAdmin(baseUrl, ADMIN_TOKEN),
    async kill() {
      child.process.kill('SIGKILL')
      await child.ended
    },
    async stop() {
      await child.stop()
      if (!earlier) rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** Runs the bank's own entry from its TypeScript. */
export function forkBank(options: BankOptionsInput, stderr: 'inherit' | 'ignore' = 'inherit') {
  return forkChild<{ port: number }>(BANK_MAIN, [], { env: TYPESCRIPT, stderr, secret: options })
}

/** The sandbox's admin routes. */
export function bankAdmin(baseUrl: string, adminToken: string): BankAdmin {
  async function call(method: string, path: string, value?: unknown): Promise<unknown> {
    const reply = await fetch(`${baseUrl}/sandbox/${path}`, {
      method,
      headers: { authorization: `Bearer ${adminToken}` },
      ...(value === undefined ? {} : { body: JSON.stringify(value) }),
    })
    if (reply.status === 404) return undefined
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`)
    return reply.json()
  }
  const texts = async () => (await fetch(`${baseUrl}${phonePath(adminToken)}/texts`)).json() as Promise<Text[]>
  const account = (name: string) => call('GET', `accounts/${name}`) as Promise<AccountView | undefined>
  return {
    faults: async (...faults) => void (await call('PUT', 'faults', faults)),
    clearFaults: async () => void (await call('DELETE', 'faults')),
    struck: async () => {
      const faults = (await call('GET', 'faults')) as { struck: number }[]
      return faults.reduce((sum, fault) => sum + fault.struck, 0)
    },
    notices: async (how) => void (await call('PUT', 'notices', how)),
    sentNotices: () => call('GET', 'notices') as Promise<SentNotice[]>,
    account,
    balance: async (name) => (await account(name))?.balanceFen ?? 0,
    accounts: () => call('GET', 'accounts') as Promise<Account[]>,
    clearings: () => call('GET', 'clearings') as Promise<Clearing[]>,
    bookAnyway: async (orderNo) => void (await call('POST', `clearings/${orderNo}/book`)),
    refunds: () => call('GET', 'refunds') as Promise<BankRefund[]>,
    setBalance: async (balance) => void (await call('POST', 'accounts', balance)),
    texts,
    async code(number) {
      const text = (await texts()).find((one) => one.number === number)
      if (!text) throw new Error(`no text about ${number}`)
      return text.code
    },
  }
}
