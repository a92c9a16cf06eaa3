import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bankAdmin } from '../../harness/bank'
import { bankChannel } from '../../server/channel/bank'
import { generateBankKeys } from '../../server/channel/bank/sign'
import { bankOptions } from '../../server/sandbox/bank/options'
import { type BankServer, startBankServer } from '../../server/sandbox/bank/server'
import { fakeChannel } from '../support/fake-channel'
import type { AskingUnderTest } from './asking'

/** Noon in Shanghai, so that no hour of a test is another day. */
const NOON = Date.parse('2026-11-21T12:00:00+08:00')
const ADMIN_TOKEN = 'test-admin-token'

export type RealAsking = Awaited<ReturnType<typeof realAsking>>

/** The bank channel and the sandbox bank in this process, over HTTP, by one clock that the test moves. */
export async function realAsking(more: object = {}) {
  const keys = generateBankKeys()
  const dir = mkdtempSync(join(tmpdir(), 'fapai-asking-'))
  let at = NOON
  const now = () => at
  const options = bankOptions.parse({
    production: false,
    dataDir: dir,
    client: { keyId: 'k', publicKey: keys.client.publicKey },
    privateKey: keys.bank.privateKey,
    adminToken: ADMIN_TOKEN,
    ...more,
  })
  let bank: BankServer = await startBankServer(options, now)
  const baseUrl = `http://127.0.0.1:${bank.port}`
  const admin = bankAdmin(baseUrl, ADMIN_TOKEN)
  const config = { baseUrl, keyId: 'k', privateKey: keys.client.privateKey, bankPublicKey: keys.bank.publicKey }
  const channel = bankChannel({
    ...config,
    timeoutMs: 10_000,
    dailyPerPayerFen: 50_000,
    dir: join(dir, 'statements'),
    clock: { now },
    random: randomBytes,
  })
  return {
    channel,
    config,
    keys,
    admin,
    dir,
    now,
    pass(ms: number) {
      at += ms
    },
    code: admin.code,
    ask: (verb: 'pay' | 'sign', way: 'sms' | 'redirect') =>
      admin.faults({ mode: way === 'sms' ? 'challenge' : 'redirect', times: 1, on: [verb] }),
    loseReply: (verb: 'confirm' | 'sign' | 'end') => admin.faults({ mode: 'lose-reply', times: 1, on: [verb] }),
    balance: admin.balance,
    /** as after a crash: nothing is left but the journal */
    async restart(changed: object = {}) {
      await bank.stop()
      bank = await startBankServer(bankOptions.parse({ ...options, port: bank.port, ...changed }), now)
      // What it kept of the connections that died with it, it finds out by using them.
      const lost = (error: Error) => error.message.includes('connection-lost')
      while (await channel.ping().then(() => false, lost));
    },
    async stop() {
      await channel.stop()
      await bank.stop()
      rmSync(dir, { recursive: true })
    },
  } satisfies AskingUnderTest & Record<string, unknown>
}

export async function fakeAsking(): Promise<AskingUnderTest> {
  let at = NOON
  const channel = fakeChannel(() => at)
  channel.easy = false
  return {
    channel,
    pass(ms) {
      at += ms
    },
    code: async (number) => channel.code(number)!,
    ask: async (verb, way) => channel.next(verb, { kind: 'ask', way }),
    loseReply: async (verb) => channel.next(verb, { kind: 'lose-reply' }),
    balance: async (account) => channel.balance(account),
    stop: async () => {},
  }
}
