import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { businessDate } from '../../server/domain/business-date'
import { faultsOf } from '../support/old-engines'
import { arrivalOf, bff, merchant, orderOf, quoteOf, summaryOf } from '../support/taro-bff'
import { buildWeapp, textFiles } from '../support/weapp-build'
import { startWeapp, type Weapp } from '../support/weapp-harness'
import type { WeappServer } from '../support/weapp-wx'

const ROOT = path.resolve(__dirname, '../..')
/** WeChat allows 2 MB; this keeps the first opening fast on a poor network. 35 KB of it are what a merchant hears. */
const MAX_PACKAGE_BYTES = 512 * 1024

/** What is handed from WeChat's thread of the program to that of the page, for each digit typed. */
const MOST_BYTES_A_KEY = 1_024

let packageDir = ''

beforeAll(async () => {
  packageDir = await buildWeapp()
})

afterAll(() => rmSync(packageDir, { recursive: true, force: true }))

let weapp: Weapp
const start = (server: WeappServer) => {
  weapp = startWeapp(packageDir, server)
  return weapp
}
afterEach(() => weapp?.stop())

async function until(what: string, holds: () => boolean) {
  const deadline = Date.now() + 60_000
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** A server of these routes that remembers what it was asked. */
function serverOf(routes: Parameters<typeof bff>[0]) {
  const asked: { method: string; path: string; body: unknown; header: Record<string, string> }[] = []
  const answer = bff(routes)
  const server: WeappServer = async ({ method, url, body, header }) => {
    const request = { method, path: url.replace('http://127.0.0.1:8787', ''), body, header }
    asked.push(request)
    const given = await answer(request)
    if (typeof given === 'string') throw new Error(given)
    return { status: given.status ?? 200, data: given.data }
  }
  return { server, asked }
}

/** Runs of five Chinese characters or more: what a person would read. */
const sentencesOf = (text: string) => text.match(/[\u4e00-\u9fff，。；：、]{5,}/g) ?? []

describe('the built mini-program', () => {
  it('is at most 512 KB', () => {
    const bytes = readdirSync(packageDir, { recursive: true, encoding: 'utf8' })
      .map((file) => statSync(path.join(packageDir, file)))
      .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0)
    expect(bytes).toBeLessThanOrEqual(MAX_PACKAGE_BYTES)
  })

  it('has nothing of the operations console', () => {
    const files = textFiles(packageDir)
    const built = files.map(({ text }) => text).join('\n')
    const src = textFiles(path.join(ROOT, 'src'))
    const inConsole = ({ name }: { name: string }) => name.startsWith('console/')
    const others = src
      .filter((file) => !inConsole(file))
      .map(({ text }) => text)
      .join('\n')
    const own = [...new Set(src.filter(inConsole).flatMap(({ text }) => sentencesOf(text)))]
    const unmistakable = own.filter((sentence) => !others.includes(sentence))
    expect(unmistakable.length).toBeGreaterThan(200)
    expect(unmistakable.filter((sentence) => built.includes(sentence))).toEqual([])
    expect(files.filter(inConsole).map(({ name }) => name)).toEqual([])
    expect(['/admin/', 'c-house', 'sessionStorage'].filter((word) => built.includes(word))).toEqual([])
    // the same search finds what is there
    expect(built.includes('处理中，请勿重复付款')).toBe(true)
  })

  it('is read by the oldest engines of WeChat: every script of it, whatever package it came with', () => {
    expect(faultsOf(packageDir, () => true)).toEqual([])
  })

  it('pays: scan, type 100, see the card, pay, see what was saved', async () => {
    const { server, asked } = serverOf({
      'POST /api/quotes': ({ body }) => ({ data: quoteOf((body as { amountFen: number }).amountFen) }),
      'POST /api/orders': () => ({ data: orderOf({ state: 'paying', endedAt: null }) }),
      'GET /api/orders/F20261120-7K3M-92QX-4T8B': () => ({ data: orderOf() }),
    })
    start(server)
    const page = await weapp.open('pages/pay/index', { q: encodeURIComponent('https://pay.example/q/M0001') })
    await until('the merchant', () => page.text('head') === '面老街牛肉面城南支行特惠商户 · M0001大字')
    for (const key of ['1', '0', '0']) page.tap(key)
    await until('the amount', () => page.text('amount__line') === '¥100')
    expect(() => page.tap('付款')).toThrow('the button 付款 is disabled')
    await until('the quote', () => page.text('key--pay') === '付款¥95.00')
    expect(page.text('deal')).toMatch(/^立减5\.00实付 ¥95\.00已为您抽到 ¥5\.00另有 ¥5\.00 奖励给店家$/)
    expect(page.depth()).toBeLessThanOrEqual(12)

    page.tap('付款 95.00 元')
    page.tap('付款 95.00 元')
    await until('the result', () => weapp.page().route === 'pages/result/index')
    const result = weapp.page()
    await until('the order', () => result.text('verdict') === '支付成功¥95.00已优惠 ¥5.00')
    expect(result.query.orderNo).toBe('F20261120-7K3M-92QX-4T8B')

    const of = (route: string) => asked.filter(({ method, path }) => `${method} ${path}` === route)
    expect(of('POST /api/orders')).toHaveLength(1)
    expect(of('POST /api/orders')[0]?.header['Idempotency-Key']).toMatch(/^[\x21-\x7e]{8,128}$/)
    expect(of('POST /api/session')[0]?.body).toEqual({
      platform: 'weapp',
      code: expect.stringMatching(/^payer-\w{6}$/),
    })
    expect(of('POST /api/quotes').at(-1)?.body).toEqual({ merchantCode: 'M0001', amountFen: 10_000, channel: 'bank' })
  })

  it('shows the counter by one setData, and a key costs few bytes', async () => {
    const { server } = serverOf({
      'POST /api/quotes': ({ body }) => ({ data: quoteOf((body as { amountFen: number }).amountFen) }),
    })
    start(server)
    const page = await weapp.open('pages/pay/index', { q: encodeURIComponent('https://pay.example/q/M0001') })
    await until('the account', () => page.text('method').includes('(6217)'))
    const counter = page.given.filter((one) => one.includes('老街牛肉面'))
    expect(counter).toHaveLength(1)
    for (const part of ['退格', '满10元最高减5元', '输入金额']) expect(counter[0]).toContain(part)
    const before = page.given.length
    page.tap('1')
    await until('the amount', () => page.text('amount__line') === '¥1')
    const bytes = page.given.slice(before).reduce((sum, one) => sum + Buffer.byteLength(one), 0)
    expect(bytes).toBeGreaterThan(0)
    expect(bytes).toBeLessThanOrEqual(MOST_BYTES_A_KEY)
  })

  it('has large text by WeChat’s setting, and by 大字, which is kept', async () => {
    const { server } = serverOf({})
    start(server)
    const page = await weapp.open('pages/pay/index', { scene: 'M0001' })
    const root = () => page.views().find(({ attributes }) => /^pay( |$)/.test(String(attributes.class)))?.attributes
    await until('the counter', () => root() !== undefined)
    expect([root()?.class, root()?.style]).toEqual(['pay', '--type: 1;'])
    page.tap('大字')
    await until('large text', () => root()?.class === 'pay elder')
    expect(weapp.storage.get('fapai.large-type')).toBe(true)
  })

  describe('pays by a wallet', () => {
    const by = (name: 'wechatpay' | 'unionpay', label: string, needs: 'wechat' | 'unionpay', jumps: boolean) => {
      return { name, label, needs, jumps, carriesDiscount: false }
    }
    const [bank] = merchant.channels
    const channels = [bank!, by('wechatpay', '微信支付', 'wechat', false), by('unionpay', '云闪付', 'unionpay', true)]
    const PREPARED = { timeStamp: '1', nonceStr: 'n', package: 'prepay_id=1', signType: 'RSA', paySign: 's' }
    const MINI_PROGRAM = { appId: 'wx3cbe919f36710d1c', path: '/pages/CQPApplet/index?tn=1' }

    it.each([
      ['微信支付', 'wechatpay', 'jsapi', PREPARED, 'requestPayment'],
      ['云闪付', 'unionpay', 'redirect', MINI_PROGRAM, 'navigateToMiniProgram'],
    ] as const)('%s: handed on by itself, put away, opened again, and paid by the server’s word', async (...of) => {
      const [label, channel, kind, params, how] = of
      const action = { kind, params, expiresAt: new Date(Date.now() + 300_000).toISOString() }
      const wallet = { channel, bankName: null, accountTail: null }
      const waiting = orderOf({ ...wallet, state: 'paying', endedAt: null, action })
      let order = waiting
      const { server } = serverOf({
        'GET /api/merchants/M0001': () => ({ data: { ...merchant, channels } }),
        'POST /api/quotes': ({ body }) => ({ data: quoteOf((body as { amountFen: number }).amountFen, 0) }),
        'POST /api/orders': () => ({ data: waiting }),
        [`GET /api/orders/${waiting.orderNo}`]: () => ({ data: order }),
      })
      start(server)
      weapp.handings.cancels = true
      const page = await weapp.open('pages/pay/index', { scene: 'M0001' })
      await until('the methods', () => page.text('methods').includes(label))
      page.tap(`用${label}付款`)
      for (const key of ['1', '0', '0']) page.tap(key)
      await until('the quote', () => page.text('key--pay') === '付款¥100.00')
      page.tap('付款 100.00 元')
      await until('the wallet', () => weapp.handings.asked.length === 1)
      expect(weapp.handings.asked).toEqual([{ how, with: params }])
      const result = weapp.page()
      await until('that it waits', () => result.text('verdict__title') === '等待您付款')
      result.tap(`去${label}付款`)
      await until('the wallet again', () => weapp.handings.asked.length === 2)
      order = orderOf(wallet)
      await until('the ending', () => result.text('verdict__title') === '支付成功')
    })
  })

  it('has labels for a screen reader', async () => {
    const { server } = serverOf({})
    start(server)
    const page = await weapp.open('pages/pay/index', { scene: 'M0001' })
    await until('the keypad', () => page.views().some(({ attributes }) => attributes['aria-role'] === 'button'))
    const labels = page.views().map(({ attributes }) => attributes['aria-label'])
    expect(labels).toEqual(expect.arrayContaining(['金额键盘', '退格', '点', '付款', '活动规则', '还没有输入']))
    // WeChat's own button wears WeChat's own look, whatever a class says
    expect(page.views().filter(({ tag }) => tag === 'button')).toEqual([])
    const live = page.views().filter(({ attributes }) => attributes['aria-live'] === 'polite')
    expect(live.length).toBeGreaterThan(0)
  })

  it('shows a merchant the orders of the day, and a new one as it arrives', async () => {
    const { server } = serverOf({
      'GET /api/merchant/summary': () => ({ data: summaryOf() }),
      'GET /api/merchant/orders': () => ({
        data: { items: [arrivalOf('F20261120-7K3M-92QX-92QX', '2026-11-20T04:08:31.000Z')] },
      }),
    })
    start(server)
    const page = await weapp.open('pages/merchant/index', { merchant: 'M0001' })
    await until('the orders', () => page.text('order') === '本行账户12:08:31 · 单号…92QX¥100.00奖励 +¥5.00')
    expect(page.text('summary__total')).toBe('¥2,846.35')

    await until('the socket', () => weapp.sockets.length === 1)
    expect(weapp.sockets[0]).toMatchObject({
      url: 'ws://127.0.0.1:8787/api/merchant/live',
      protocols: ['fapai.v1', 'bearer.token-1'],
    })
    await until('the live mark', () => {
      weapp.sockets[0]?.says({ type: 'ready' })
      return page.text('live') === '实时'
    })
    const today = businessDate(Date.now()).replaceAll('-', '')
    const order = arrivalOf(`F${today}-7K3M-92QX-NEW1`, new Date().toISOString())
    weapp.sockets[0]?.says({ type: 'order', cursor: 'c1', order })
    await until('the arrival', () => page.text('order--fresh').endsWith('单号…NEW1¥100.00奖励 +¥5.00'))

    page.tap('打开语音播报')
    const sample = 'shoukuan shi yuan 5 jiao jiangli 1 yuan 2 jiao'.split(' ').map((sound) => `/voice/${sound}.mp3`)
    await until('the test sound', () => weapp.handings.heard.length === sample.length)
    expect(weapp.handings.heard).toEqual(sample)
    for (const file of sample) expect(existsSync(path.join(packageDir, file))).toBe(true)
  })

  it('a shop shows a code for an amount, and whoever scans it pays that', async () => {
    const payCode = 'WyJpZCJd.mac_-1'
    const said = { amountFen: 6_600, expiresAt: new Date(Date.now() + 300_000).toISOString() }
    const made = { payCode, path: `/q/M0001?pay=${payCode}`, ...said }
    const { server, asked } = serverOf({
      'POST /api/merchant/pay-codes': () => ({ status: 201, data: made }),
      [`GET /api/merchant/pay-codes/${payCode}`]: () => ({ data: { ...said, state: 'open' } }),
      [`GET /api/merchants/M0001/pay-codes/${payCode}`]: () => ({ data: said }),
      'POST /api/quotes': ({ body }) => ({ data: quoteOf((body as { amountFen: number }).amountFen) }),
    })
    start(server)
    const shop = await weapp.open('pages/merchant-charge/index', { merchant: 'M0001' })
    await until('the field', () => shop.text().includes('收多少钱'))
    shop.type('收款金额，元', '66')
    await until('the amount', () => !shop.views().some(({ attributes }) => attributes['aria-disabled']))
    shop.tap('生成收款码')
    await until('the code', () => shop.text('charge') === '请顾客扫码付款¥66.005 分钟内有效，只能付一次')
    const picture = shop.views().find(({ attributes }) => attributes['aria-label'] === '付 66.00 元的二维码')
    expect(picture?.attributes.style).toContain('url("data:image/svg+xml,%3Csvg')

    const q = encodeURIComponent(`https://pay.example${made.path}`)
    const page = await weapp.open('pages/pay/index', { q })
    await until('the quote', () => page.text('key--pay') === '付款¥61.00')
    expect(page.text('amount')).toBe('付款金额（店家已填好）¥66.00')
    expect(asked.filter(({ path }) => path === '/api/quotes').map(({ body }) => body)).toEqual([
      { merchantCode: 'M0001', amountFen: 6_600, channel: 'bank', payCode },
    ])
  })
})
