import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TYPESCRIPT } from '../../harness/typescript'
import { actAtUnionPay, adminOf } from '../../harness/unionpay'
import { unionPayChannel } from '../../server/channel/unionpay'
import { readConfig } from '../../server/config'
import type { Order } from '../../server/domain/order'
import { merchants } from '../../server/sandbox/food-street'
import { sandboxEnv } from '../../server/sandbox/system'
import { startUnionPayServer } from '../../server/sandbox/unionpay/server'
import { type SandboxUnionPay, startSandboxUnionPay } from '../../server/sandbox/unionpay/start'
import { orderOf, somebody } from './channel-contract'
import { refundOf } from './refund-contract'

describe('the sandbox’s UnionPay as a process of its own', () => {
  const dir = mkdtempSync(join(tmpdir(), 'fapai-unionpay-'))
  const base = { ...sandboxEnv(dir, 'http://127.0.0.1:1'), NODE_ENV: 'test' }
  let started: SandboxUnionPay
  const start = async (before?: SandboxUnionPay) => {
    started = await startSandboxUnionPay(dir, 'http://127.0.0.1:8787', { ...process.env, ...TYPESCRIPT }, before)
  }
  beforeAll(() => start())
  afterAll(async () => {
    await started?.child.stop()
    rmSync(dir, { recursive: true, force: true })
  })
  const settings = () => readConfig({ ...base, ...started.env })

  /** A channel of what the process says the BFF has to be told. */
  async function through<T>(work: (channel: ReturnType<typeof unionPayChannel>) => Promise<T>): Promise<T> {
    const channel = unionPayChannel({ ...settings().channels.unionpay!, clock: { now: Date.now }, dir })
    try {
      return await work(channel)
    } finally {
      await channel.stop()
    }
  }
  /** at a merchant of the sandbox's street */
  async function opened(channel: ReturnType<typeof unionPayChannel>): Promise<Order> {
    const order = await orderOf(channel, somebody())
    return { ...order, accounts: { ...order.accounts, merchant: merchants[0]!.walletAccounts.unionpay! } }
  }

  it('tells what the BFF needs, is paid on its page, and keeps what happened over a kill, under the same address and keys', async () => {
    const paid = await through(async (channel): Promise<Order> => {
      await channel.ping()
      const order = await opened(channel)
      const { action } = await channel.pay(order)
      expect(await actAtUnionPay(action!.params.url!, 'confirm', 'li')).toBe('paid')
      return order
    })
    started.child.process.kill('SIGKILL')
    await started.child.ended
    const { env } = started
    await start(started)
    expect(started.env).toEqual(env)
    await through(async (channel) => {
      expect((await channel.query(paid)).outcome.kind).toBe('succeeded')
      const refund = refundOf(paid, 10_000)
      await channel.refunds!.refund(paid, refund)
      expect((await channel.refunds!.queryRefund(paid, refund)).outcome.kind).toBe('succeeded')
      expect(await adminOf(started.url).balance('li')).toBe(10_000_000)
    })
  })

  it('refuses to run in production', async () => {
    const qra = { mchId: 'QRA', publicKey: '', redirectHost: '' }
    const client = { certId: '1', publicKey: '', merIds: '' }
    await expect(startUnionPayServer({ client, qra, production: true })).rejects.toThrow('in production')
  })

  it('isn’t opened without its settings, and half of them are refused by name', () => {
    expect(readConfig(base).channels.unionpay).toBeUndefined()
    expect(readConfig(base).unionPay).toBeNull()
    const without = (name: string) => () => readConfig({ ...base, ...started.env, [name]: undefined })
    for (const name of ['UNIONPAY_MER_ID', 'UNIONPAY_CERT_ID', 'UNIONPAY_PRIVATE_KEY', 'UNIONPAY_CA_FILE'])
      expect(without(name)).toThrow(`${name}: goes with the other UNIONPAY_…`)
    expect(without('UNIONPAY_QRA_PUBLIC_KEY')).toThrow('UNIONPAY_QRA_PUBLIC_KEY: goes with the other UNIONPAY_QRA_…')
    expect(without('PUBLIC_URL')).toThrow('PUBLIC_URL: goes with UNIONPAY_QRA_MCH_ID')
  })

  it.each([
    ['UNIONPAY_MER_ID', '12345'],
    ['UNIONPAY_CERT_ID', '0x1f'],
    ['UNIONPAY_PRIVATE_KEY', 'a key'],
    ['UNIONPAY_CA_FILE', '/nowhere'],
    ['UNIONPAY_URL', 'http://gateway.95516.com'],
    ['UNIONPAY_PAY_WITHIN_MS', '999999999'],
    ['UNIONPAY_MINI_PROGRAM_APPID', 'wx1'],
  ])('refuses %s=%s', (name, value) => {
    expect(() => readConfig({ ...base, ...started.env, [name]: value })).toThrow(`${name}: `)
  })

  it('refuses authorities without a root, and jumps only from a mini-program of ours', () => {
    const pem = settings().channels.unionpay!.authorities
    const [, middle] = pem.map((certificate) => certificate.toString())
    const file = join(dir, 'middle.pem')
    writeFileSync(file, middle!)
    expect(() => readConfig({ ...base, ...started.env, UNIONPAY_CA_FILE: file })).toThrow('a root among them')
    const appId = 'wx3cbe919f36710d1c'
    const jump = (more: object) =>
      readConfig({ ...base, ...started.env, UNIONPAY_MINI_PROGRAM_APPID: appId, ...more }).channels.unionpay!
        .miniProgram
    expect(jump({})).toBeNull()
    const ours = { WECHAT_APPID: 'wx00000000fa9a1001', WECHAT_SECRET: 'a'.repeat(32) }
    expect(jump(ours)).toEqual({ appId, path: '/pages/CQPApplet/index', from: ours.WECHAT_APPID })
  })
})
