import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTestBank } from '../../harness/bank'
import { statementAdmin, TEST_ADMIN_TOKEN } from '../../harness/statements'
import { eventually } from '../../harness/system'
import { TODAY } from '../../harness/today'
import { toyChannel } from '../../harness/toy-wallet/channel'
import { actOnPage, startTestToy, type ToyFault } from '../../harness/toy-wallet/start'
import { bankChannel } from '../../server/channel/bank'
import { addDays } from '../../server/domain/business-date'
import { channelNo } from '../../server/domain/channel'
import type { RawRequest } from '../../server/flow/ports'
import type { FaultInput } from '../../server/sandbox/bank/faults'
import { type Mishap as FakeMishap, fakeChannel } from '../support/fake-channel'
import { fakeWallet, type WalletMishap } from '../support/fake-wallet'
import type { BankUnderTest } from './bank-contract'
import type { ChannelUnderTest, Mishap } from './channel-contract'
import type { NewsUnderTest } from './news-contract'

/** The channels that the contracts are held against, each with its counterpart. */

export const skewed = () => {
  let off = 0
  return {
    now: () => Date.now() + off,
    skew(ms: number) {
      off = ms
    },
  }
}

/** Where counterparts send their notices: kept as they came. */
export async function catchNotices() {
  const caught: RawRequest[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method = '', url: path = '', headers } = request
    caught.push({ method, path, headers, body: Buffer.concat(chunks) })
    response.writeHead(200).end('OK')
  })
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/channel/x/notify`,
    /** the one about this number, as its counterpart writes it */
    about: (member: string, number: string) =>
      eventually(async () =>
        caught.find(({ body }) =>
          [`"${member}":"${number}"`, `${member}=${number}&`].some((said) =>
            Buffer.from(body).toString().includes(said),
          ),
        ),
      ),
    stop() {
      server.closeAllConnections()
      return new Promise((done) => server.close(done))
    },
  }
}

const memberOf = (number: string, order: string, refund: string) => (number.startsWith('R') ? refund : order)

export async function realBank(): Promise<NewsUnderTest & BankUnderTest> {
  const bank = await startTestBank()
  const clock = skewed()
  const dir = mkdtempSync(join(tmpdir(), 'fapai-statements-'))
  const channel = bankChannel({ ...bank.config, clock, random: randomBytes, dir })
  const days = statementAdmin(bank.baseUrl, TEST_ADMIN_TOKEN)
  const caught = await catchNotices()
  await bank.admin.notices({ url: caught.url })
  let day = addDays(TODAY, -1)
  return {
    channel,
    confirm: async () => {},
    balance: bank.admin.balance,
    setBalance: (account, kind, balanceFen) => bank.admin.setBalance({ account, kind, balanceFen }),
    total: async () => (await bank.admin.accounts()).reduce((sum, { balanceFen }) => sum + balanceFen, 0),
    next: (verb, mishap) => bank.admin.faults({ ...bankFault(mishap), times: 1, on: [verb] }),
    decline: (code) => bank.admin.faults({ mode: 'decline', code, times: 1, on: ['pay'] }),
    calm: () => bank.admin.clearFaults(),
    notice: (number) => caught.about(memberOf(number, 'orderNo', 'refundNo'), number),
    skew: clock.skew,
    async cut() {
      day = addDays(day, 1)
      await days.cut(day)
      return day
    },
    async stop() {
      await channel.stop()
      await bank.stop()
      await caught.stop()
      rmSync(dir, { recursive: true })
    },
  }
}

function bankFault(mishap: Mishap): FaultInput {
  return mishap === 'pending-once' ? { mode: 'pending', pendingQueries: 1 } : { mode: mishap }
}

export async function fakeBank(): Promise<BankUnderTest> {
  const channel = fakeChannel()
  return {
    channel,
    confirm: async () => {},
    balance: async (account) => channel.balance(account),
    setBalance: async (account, role, balanceFen) => channel.setBalance(account, role, balanceFen),
    total: async () => channel.total(),
    next: async (verb, mishap) => channel.next(verb, fakeMishap(mishap)),
    decline: async (code) => channel.next('pay', { kind: 'decline', code }),
    calm: async () => {},
    stop: async () => {},
  }
}

function fakeMishap(mishap: Mishap): FakeMishap {
  switch (mishap) {
    case 'pending-once':
      return { kind: 'pending', pendingQueries: 1 }
    case 'bad-signature':
      return { kind: 'lose-reply', code: 'bad-signature' }
    default:
      return { kind: mishap }
  }
}

/** The toy's own books and the channel for it, with no wire between them. */
export async function fakeToy(): Promise<ChannelUnderTest> {
  const { channel, wallet, confirm, next, forget } = fakeWallet({ now: Date.now }, 'wechatpay', {
    payWithinMs: 300_000,
  })
  const mishaps: Record<Exclude<Mishap, 'pending-once'>, WalletMishap> = {
    'lose-request': { kind: 'lose-request', code: 'connection-lost' },
    'lose-reply': { kind: 'lose-reply', code: 'timeout' },
    'bad-signature': { kind: 'lose-reply', code: 'bad-signature' },
  }
  return {
    channel,
    confirm: async (action) => confirm(action),
    balance: async (account) => wallet.balance(account),
    setBalance: async (account, _, fen) => wallet.setBalance(account, fen),
    total: async () => wallet.total(),
    async next(verb, mishap) {
      if (mishap === 'pending-once') Object.assign(wallet.slowness, verb === 'pay' ? { payment: 1 } : { refund: 1 })
      else next(TOY_VERBS[verb], mishaps[mishap])
    },
    async calm() {
      forget()
      Object.assign(wallet.slowness, { payment: 0, refund: 1 })
    },
    stop: async () => {},
  }
}

const TOY_VERBS = { pay: 'prepare', query: 'query', close: 'close', refund: 'refund' } as const

export async function toy(): Promise<NewsUnderTest> {
  const wallet = await startTestToy()
  const { admin } = wallet
  const clock = skewed()
  const dir = mkdtempSync(join(tmpdir(), 'fapai-bills-'))
  const options = { ...wallet.config, payWithinMs: 300_000, clock, random: randomBytes, dir }
  const channel = toyChannel({ ...options, name: 'wechatpay' })
  const caught = await catchNotices()
  await admin.notices({ url: caught.url })
  return {
    channel,
    confirm: async ({ params }) => void (await actOnPage(params.url!, 'confirm')),
    balance: (account) => admin.balance(account),
    setBalance: async (account, _, fen) => void (await admin.balance(account, fen)),
    total: admin.total,
    next(verb, mishap) {
      if (mishap === 'pending-once') return admin.slowness(verb === 'pay' ? { payment: 1 } : { refund: 1 })
      const fault: ToyFault = { fault: { mode: mishap }, limits: { times: 1, on: [TOY_VERBS[verb]] } }
      return admin.faults(fault)
    },
    async calm() {
      await admin.faults()
      await admin.slowness({ payment: 0, refund: 1 })
    },
    decline: (code) => admin.faults({ fault: { mode: 'lie', about: { code } }, limits: { on: ['query'] } }),
    notice: (number) => caught.about(memberOf(number, 'number', 'refundNumber'), channelNo(number)),
    skew: clock.skew,
    cut: admin.cut,
    async stop() {
      await channel.stop()
      await wallet.stop()
      await caught.stop()
      rmSync(dir, { recursive: true })
    },
  }
}
