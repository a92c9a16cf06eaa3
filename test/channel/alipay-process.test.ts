import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actAtCashier } from '../../harness/alipay'
import { TYPESCRIPT } from '../../harness/typescript'
import { alipayChannel } from '../../server/channel/alipay'
import { readConfig } from '../../server/config'
import type { Order } from '../../server/domain/order'
import { startAlipayServer } from '../../server/sandbox/alipay/server'
import { type SandboxAlipay, startSandboxAlipay } from '../../server/sandbox/alipay/start'
import { sandboxEnv } from '../../server/sandbox/system'
import { orderOf, somebody } from './channel-contract'
import { refundOf } from './refund-contract'

describe('the sandbox’s Alipay as a process of its own', () => {
  const dir = mkdtempSync(join(tmpdir(), 'fapai-alipay-'))
  const base = { ...sandboxEnv(dir, 'http://127.0.0.1:1'), NODE_ENV: 'test' }
  let started: SandboxAlipay
  const start = async (before?: SandboxAlipay) => {
    started = await startSandboxAlipay(dir, 'http://127.0.0.1:8787', { ...process.env, ...TYPESCRIPT }, before)
  }
  beforeAll(() => start())
  afterAll(async () => {
    await started?.child.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  /** A channel of what the process says the BFF has to be told. */
  async function through<T>(work: (channel: ReturnType<typeof alipayChannel>) => Promise<T>): Promise<T> {
    const { alipay } = readConfig({ ...base, ...started.env }).channels
    const channel = alipayChannel({ ...alipay!, clock: { now: Date.now }, dir })
    try {
      return await work(channel)
    } finally {
      await channel.stop()
    }
  }
  const hand = async (name: string, value: unknown) =>
    (await fetch(`${started.url}/sandbox/${name}`, { method: 'POST', body: JSON.stringify(value) })).json()

  it('tells what the BFF needs, is paid on its page, which leads back, and keeps what happened over a kill, under the same address and keys', async () => {
    const paid = await through(async (channel): Promise<Order> => {
      await channel.ping()
      const order = { ...(await orderOf(channel, somebody())), payerRef: 'page', createdAt: Date.now() }
      const { url } = (await channel.pay(order)).action!.params
      const page = await (await fetch((await fetch(url!)).url, { method: 'POST', body: 'act=cancel' })).text()
      expect(page).toContain('<a href="http://127.0.0.1:8787/q/M0001">返回商家</a>')
      expect(await actAtCashier(url!, 'confirm')).toBe('paid')
      return order
    })
    started.child.process.kill('SIGKILL')
    await started.child.ended
    const { env } = started
    await start(started)
    expect(started.env).toEqual(env)
    await through(async (channel) => {
      expect((await channel.query(paid)).outcome.kind).toBe('succeeded')
      expect((await channel.refunds!.refund(paid, refundOf(paid, 10_000))).outcome.kind).toBe('succeeded')
      expect(await hand('balance', { account: 'somebody' })).toBe(10_000_000)
    })
  })

  it('errs as it is told, and leads nowhere but to this machine', async () => {
    await hand('faults', [{ fault: { mode: 'error-before' }, times: 1, on: ['create'] }])
    await through(async (channel) => {
      const order = { ...(await orderOf(channel, somebody())), payerRef: 'somebody' }
      expect((await channel.pay(order)).outcome).toEqual({ kind: 'unknown', code: 'server-error' })
      const { sandboxUrl } = (await channel.pay(order)).action!.params
      for (const back of ['https://evil.example/', 'javascript://127.0.0.1/%0aevil()', 'evil']) {
        const url = `${sandboxUrl}?back=${encodeURIComponent(back)}`
        expect(await (await fetch(url, { method: 'POST', body: 'act=cancel' })).text()).not.toContain('evil')
      }
    })
  })

  it('refuses to run in production', async () => {
    await expect(startAlipayServer({ apps: [], production: true })).rejects.toThrow('in production')
  })

  it('isn’t opened without its seller, and half of its settings are refused by name', () => {
    expect(readConfig(base).channels.alipay).toBeUndefined()
    expect(readConfig({ ...base, ...started.env, ALIPAY_SELLER_ID: undefined }).channels.alipay).toBeUndefined()
    const wrong = (more: object) => () => readConfig({ ...base, ...started.env, ...more })
    for (const name of ['ALIPAY_APP_ID', 'ALIPAY_PRIVATE_KEY', 'ALIPAY_PUBLIC_KEY'])
      expect(wrong({ [name]: undefined })).toThrow(`${name}: goes with`)
    const nothing = { ALIPAY_APP_ID: undefined, ALIPAY_PRIVATE_KEY: undefined, ALIPAY_PUBLIC_KEY: undefined }
    expect(wrong(nothing)).toThrow('ALIPAY_APP_ID: goes with ALIPAY_SELLER_ID')
    expect(wrong({ ALIPAY_SELLER_ID: '1088102146225135' })).toThrow('ALIPAY_SELLER_ID: must be 2088 and 12 digits')
    expect(wrong({ PUBLIC_URL: undefined })).toThrow('PUBLIC_URL: goes with ALIPAY_APP_ID')
  })
})
