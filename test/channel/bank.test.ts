import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BANK_MAIN, forkBank, startTestBank, type TestBank } from '../../harness/bank'
import { TYPESCRIPT } from '../../harness/typescript'
import { type BankChannel, bankChannel } from '../../server/channel/bank'
import { generateBankKeys } from '../../server/channel/bank/sign'
import type { FaultInput } from '../../server/sandbox/bank/faults'
import { bankContract } from './bank-contract'
import { channelContract, orderOf } from './channel-contract'
import { noticeContract, statementContract } from './news-contract'
import { refundContract } from './refund-contract'
import { fakeBank, realBank } from './subjects'

const clock = { now: Date.now }
const open = (bank: TestBank, timeoutMs = bank.config.timeoutMs) =>
  bankChannel({ ...bank.config, timeoutMs, clock, random: randomBytes })

const REAL = 'the bank channel with the sandbox bank'
channelContract(REAL, realBank)
bankContract(REAL, realBank)
refundContract(REAL, realBank)
noticeContract(REAL, realBank)
statementContract(REAL, realBank)

const FAKE = 'the fake channel'
channelContract(FAKE, fakeBank)
bankContract(FAKE, fakeBank)
refundContract(FAKE, fakeBank)

describe('the faults of the sandbox bank', () => {
  let bank: TestBank
  let channel: BankChannel
  beforeAll(async () => {
    bank = await startTestBank()
    channel = open(bank)
  })
  afterEach(() => bank.admin.clearFaults())
  afterAll(async () => {
    await channel.stop()
    await bank.stop()
  })
  const order = () => orderOf(channel, `payer-${randomBytes(4).toString('hex')}`)

  const afterBooking: [FaultInput, string][] = [
    [{ mode: 'lose-reply' }, 'connection-lost'],
    [{ mode: 'error-after', status: 502 }, 'server-error'],
    [{ mode: 'bad-signature' }, 'bad-signature'],
    [{ mode: 'garbage' }, 'malformed-reply'],
  ]
  it.each(afterBooking)('%j leaves a booked order unknown (%s) until a query tells', async (fault, code) => {
    const one = await order()
    await bank.admin.faults({ ...fault, on: ['pay'] })
    expect((await channel.pay(one)).outcome).toEqual({ kind: 'unknown', code })
    expect(await bank.admin.balance(one.accounts.merchant)).toBe(10_500)
    expect((await channel.query(one)).outcome.kind).toBe('succeeded')
  })

  const beforeBooking: [FaultInput, string][] = [
    [{ mode: 'lose-request' }, 'connection-lost'],
    [{ mode: 'error-before', status: 503 }, 'server-error'],
  ]
  it.each(beforeBooking)(
    '%j leaves an order that is not booked unknown (%s) until it is closed',
    async (fault, code) => {
      const one = await order()
      await bank.admin.faults({ ...fault, on: ['pay'] })
      expect((await channel.pay(one)).outcome).toEqual({ kind: 'unknown', code })
      expect(await bank.admin.account(one.accounts.merchant)).toBeUndefined()
      expect((await channel.query(one)).outcome).toEqual({ kind: 'unknown', code: 'not-found' })
      expect((await channel.close(one)).outcome).toEqual({ kind: 'declined', code: 'order-closed' })
    },
  )

  it('leaves an order unknown at its deadline, though the bank books it afterwards', async () => {
    const hasty = open(bank, 200)
    const one = await orderOf(channel, 'payer-slow')
    await bank.admin.faults({ mode: 'slow', delayMs: 800, on: ['pay'] })
    expect((await hasty.pay(one)).outcome).toEqual({ kind: 'unknown', code: 'timeout' })
    await until(async () => (await channel.query(one)).outcome.kind === 'succeeded')
    expect(await bank.admin.balance(one.accounts.merchant)).toBe(10_500)
    await hasty.stop()
  })

  it('strikes only the order, the verb and the number of times it is told', async () => {
    const [struck, spared] = [await order(), await order()]
    await bank.admin.faults({ mode: 'error-before', on: ['query'], orderNo: struck.orderNo, times: 1 })
    expect((await channel.pay(struck)).outcome.kind).toBe('succeeded')
    expect((await channel.query(spared)).outcome).toEqual({ kind: 'unknown', code: 'not-found' })
    expect((await channel.query(struck)).outcome).toEqual({ kind: 'unknown', code: 'server-error' })
    expect((await channel.query(struck)).outcome.kind).toBe('succeeded')
    expect(await bank.admin.struck()).toBe(1)
  })

  it('makes the bank unavailable for agreements and pings, which say so', async () => {
    await bank.admin.faults({ mode: 'bad-signature' })
    await expect(channel.agreements!.easy!('payer-x')).rejects.toThrow('agreement: bad-signature')
    await expect(channel.ping()).rejects.toThrow('ping: bad-signature')
  })

  it('keeps its admin routes to the holder of the token', async () => {
    const reply = await fetch(`${bank.baseUrl}/sandbox/accounts`, { headers: { authorization: 'Bearer guess' } })
    expect(reply.status).toBe(401)
    expect(await reply.text()).toBe('')
  })
})

describe('the process of the sandbox bank', () => {
  it('keeps its books through kill -9, and cuts off a torn last line', async () => {
    const first = await startTestBank()
    const before = open(first)
    const [paid, poor, closed] = await Promise.all(['p1', 'p2', 'p3'].map((payerId) => orderOf(before, payerId)))
    await first.admin.setBalance({ account: poor!.accounts.payer, kind: 'payer', balanceFen: 1 })
    const said = [await before.pay(paid!), await before.pay(poor!), await before.close(closed!)]
    const accounts = await first.admin.accounts()
    await first.kill()
    await before.stop()
    const journal = join(first.dataDir, 'journal.jsonl')
    const whole = statSync(journal).size
    appendFileSync(journal, '{"type":"booked","request":{"orderNo":"F2026')

    const second = await startTestBank(first)
    const after = open(second)
    expect(statSync(journal).size).toBe(whole)
    expect(await second.admin.accounts()).toEqual(accounts)
    const asked = await Promise.all([paid!, poor!, closed!].map((order) => after.query(order)))
    expect(asked.map(({ outcome }) => outcome)).toEqual(said.map(({ outcome }) => outcome))
    const again = await orderOf(after, 'p1')
    expect(again.accounts.payer).toBe(paid!.accounts.payer)
    expect((await after.pay(again)).outcome.kind).toBe('succeeded')
    await after.stop()
    await second.stop()

    const third = await startTestBank(first)
    expect(await third.admin.balance(again.accounts.payer)).toBe(10_000_000 - 2 * 9_500)
    await third.stop()
    await first.stop()
  })

  it('refuses to start on a journal with a damaged line in the middle, naming the line', async () => {
    const bank = await startTestBank()
    await bank.admin.setBalance({ account: 'gl-1', kind: 'gl', balanceFen: 5 })
    await bank.kill()
    const journal = join(bank.dataDir, 'journal.jsonl')
    writeFileSync(journal, `garbage\n${readFileSync(journal, 'utf8')}`)
    const options = optionsOf(bank)
    await expect(forkBank(options, 'ignore')).rejects.toThrow('journal.jsonl:1')
    await bank.stop()
  })

  it('refuses to start in production', async () => {
    const bank = await startTestBank()
    const options = { ...optionsOf(bank), production: true }
    await expect(forkBank(options, 'ignore')).rejects.toThrow('refuses to run in production')
    await bank.stop()
  })

  it('ends with the process that forked it, however that ended', async () => {
    const child = await forkBank({ ...optionsOf(keyless()), dataDir: null })
    child.process.disconnect()
    expect(await child.ended).toBe(0)
  })

  it('prints its port and ends with its standard input when it was not forked', async () => {
    const options = JSON.stringify({ ...optionsOf(keyless()), dataDir: null })
    const child = spawn(process.execPath, [BANK_MAIN, options], {
      env: { ...process.env, ...TYPESCRIPT },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const [line] = await once(child.stdout, 'data')
    const { port } = JSON.parse(String(line))
    expect((await fetch(`http://127.0.0.1:${port}/v1/ping`)).status).toBe(401)
    child.stdin.end()
    expect((await once(child, 'exit'))[0]).toBe(0)
  })

  it('is found missing as never sent when nothing listens', async () => {
    const bank = await startTestBank()
    const channel = open(bank)
    const order = await orderOf(channel, 'payer-1')
    await bank.kill()
    expect((await channel.pay(order)).outcome.kind).toBe('unknown')
    // The first may have met a connection that was just dying; from then on nothing can be connected.
    expect((await channel.pay(order)).outcome).toEqual({ kind: 'unknown', code: 'not-sent' })
    await channel.stop()
    await bank.stop()
  })
})

const keyless = () => ({ keys: generateBankKeys(), keyId: 'k', dataDir: '' })

function optionsOf(bank: Pick<TestBank, 'keys' | 'keyId' | 'dataDir'>) {
  const { keys, keyId, dataDir } = bank
  return {
    production: false,
    port: 0,
    dataDir,
    client: { keyId, publicKey: keys.client.publicKey },
    privateKey: keys.bank.privateKey,
    adminToken: 'another-admin-token',
  }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('it did not come true within a minute')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
