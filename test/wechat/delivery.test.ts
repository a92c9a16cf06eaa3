import type { Delivery } from '../../server/flow/ports'
import { startWechatServer, type WechatServer } from '../../server/sandbox/wechat/server'
import { wechatCalls } from '../../server/wechat/call'
import { wechatDeliveries } from '../../server/wechat/delivery'
import { TokenUnavailable } from '../../server/wechat/token'

const APP = { appId: 'wx00000000000000a1', secret: 'a'.repeat(32), kind: 'weapp', united: true } as const
const OTHER = { appId: 'wx00000000000000c3', secret: 'c'.repeat(32), kind: 'weapp', united: true } as const
const NOW = Date.parse('2026-11-21T12:00:00.120+08:00')

describe('telling WeChat that what was paid for was handed over', () => {
  let server: WechatServer
  let stale: string[]
  let paid = 0
  beforeAll(async () => {
    server = await startWechatServer({ apps: [APP, OTHER], production: false })
  })
  afterAll(() => server.stop())
  beforeEach(() => {
    stale = []
  })

  const { appId, secret } = APP
  /** The token as our processes share it, which one of them may have been told to drop. */
  const token = async () => {
    const kept = stale.pop()
    if (kept) return kept
    const told = server.platform.stableToken({ grant_type: 'client_credential', appid: appId, secret })
    return (told as { access_token: string }).access_token
  }
  const desk = (ask: () => Promise<string> = token) =>
    wechatDeliveries(wechatCalls({ baseUrl: server.url, timeoutMs: 10_000 }, { token: ask, drop: () => {} }), (ref) =>
      ref.slice(ref.indexOf('|') + 1),
    )
  const made = (openId = 'o-one', more: object = {}): Delivery => {
    const transactionId = `4200${String(++paid).padStart(24, '0')}`
    server.deliveries.payments.set(transactionId, { appId, openId, ...more })
    return { orderNo: `F${paid}`, transactionId, payerRef: `${appId}|o-one`, merchantName: '老王牛肉面' }
  }
  const upload = (delivery: Delivery) => desk().upload(delivery, NOW)

  it('is done once, and done as well when it was done before and the answer got lost', async () => {
    const one = made()
    expect(await upload(one)).toEqual({ kind: 'done', code: '0' })
    expect(await upload(one)).toEqual({ kind: 'done', code: '10060023' })
    const two = made()
    server.mishaps.push('hang-up')
    expect(await upload(two)).toEqual({ kind: 'again', code: 'no-answer' })
    expect(await upload({ ...two, merchantName: '改了名' })).toEqual({ kind: 'done', code: '0' })
    expect(await upload({ ...two, merchantName: '又改' })).toEqual({ kind: 'done', code: '0' })
    expect(await upload({ ...two, merchantName: '再改' })).toEqual({ kind: 'done', code: '10060003' })
  })

  it('of a payment that WeChat doesn’t know yet, or of another app, is for later', async () => {
    const unknown = { ...made(), transactionId: '4200'.padEnd(28, '9') }
    expect(await upload(unknown)).toEqual({ kind: 'again', code: '10060001' })
    expect(await upload(made('o-one', { appId: OTHER.appId }))).toEqual({ kind: 'again', code: '10060001' })
  })

  it('of another person’s payment is refused for good; of one that went back there is nothing to tell', async () => {
    expect(await upload(made('o-somebody-else'))).toEqual({ kind: 'refused', code: '10060031' })
    expect(await upload(made('o-one', { refunded: true }))).toEqual({ kind: 'needless', code: '10060004' })
  })

  it('with a token that has died goes once more with a new one, and no third time', async () => {
    stale = ['a-token-of-yesterday']
    expect(await upload(made())).toEqual({ kind: 'done', code: '0' })
    const before = server.deliveries.asked
    const dead = desk(async () => 'dead')
    expect(await dead.upload(made(), NOW)).toEqual({ kind: 'again', code: '40001' })
    expect(server.deliveries.asked - before).toBe(2)
  })

  it.each(['silence', 'error', 'garbage', 'elsewhere'] as const)('is for later after %s', async (mishap) => {
    server.mishaps.push(mishap)
    const calls = wechatCalls({ baseUrl: server.url, timeoutMs: 300 }, { token, drop: () => {} })
    const reply = await wechatDeliveries(calls, () => 'o-one').upload(made(), NOW)
    expect(reply).toEqual({ kind: 'again', code: 'no-answer' })
  })

  it('is for later while WeChat is busy, gives no token, or finds fault with what we say', async () => {
    for (const errcode of [-1, 45009, 48001]) {
      server.deliveries.busy.push(errcode)
      expect(await upload(made())).toEqual({ kind: 'again', code: String(errcode) })
    }
    const none = desk(() => Promise.reject(new TokenUnavailable('none')))
    expect(await none.upload(made(), NOW)).toEqual({ kind: 'again', code: 'no-answer' })
    const broken = desk(() => Promise.reject(new Error('a bug')))
    await expect(broken.upload(made(), NOW)).rejects.toThrow('a bug')
  })

  it('names a shop whose name is longer than WeChat takes', async () => {
    expect(await upload({ ...made(), merchantName: '面'.repeat(200) })).toEqual({ kind: 'done', code: '0' })
  })
})
