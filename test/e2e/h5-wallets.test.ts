import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { describeInBrowser, launchBrowser, openPhone, type Phone, reads, tapAmount } from '../../harness/browser'
import { freePort } from '../../harness/free-port'
import { startTestSystem, type TestSystem } from '../../harness/system'
import { TYPESCRIPT } from '../../harness/typescript'
import { buildPages } from '../../scripts/build-pages'
import { startSandboxAlipay } from '../../server/sandbox/alipay/start'
import { merchants } from '../../server/sandbox/food-street'
import { startSandboxWechatpay } from '../../server/sandbox/system'
import { startSandboxUnionPay } from '../../server/sandbox/unionpay/start'

/** A payer in each wallet's own app, on the wallet's own page: what they do there, nobody tells our page. */

interface Wallet {
  label: string
  userAgent: string
  /** where its pages are */
  url: string
}
const PASSWORD = '246810'
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)'
const AGENTS = {
  wechat: `${IPHONE} Mobile/15E148 MicroMessenger/8.0.49(0x1800312c) NetType/4G Language/zh_CN`,
  alipay: `${IPHONE} Mobile/20G75 Ariver/1.1.0 AliApp(AP/10.5.36.6000) Nebula WK RVKType(0) AlipayDefined(nt:WIFI,ws:390|780|3.0) AlipayClient/10.5.36.6000 Language/zh-Hans Region/CN NebulaX/1.0.0`,
  unionpay: `${IPHONE} Mobile/15E148/sa-sdk-ios (com.unionpay.chsp) (cordova 4.5.4) (updebug 0) (version 1010) (UnionPay/1.0 CloudPay) (clientVersion 310) (language zh_CN) (languageFamily zh_CN) (upHtml) (walletMode 00)`,
}
const LABELS = { wechat: '微信支付', alipay: '支付宝', unionpay: '云闪付' }
const NAMES = Object.keys(AGENTS) as (keyof typeof AGENTS)[]

describeInBrowser('a payer in a wallet’s own app', () => {
  let system: TestSystem
  let browser: Browser
  const phones: Phone[] = []
  const urls: Record<string, string> = {}
  const of = (name: keyof typeof AGENTS): Wallet => {
    return { label: LABELS[name], userAgent: AGENTS[name], url: urls[name]! }
  }
  const dir = mkdtempSync(join(tmpdir(), 'fapai-wallets-'))
  const stops: (() => unknown)[] = [() => rmSync(dir, { recursive: true, force: true })]

  beforeAll(async () => {
    await buildPages('h5')
    const PORT = String(await freePort())
    const publicUrl = `http://127.0.0.1:${PORT}`
    const env = { ...process.env, ...TYPESCRIPT }
    const wallets = {
      wechat: await startSandboxWechatpay(dir, env, publicUrl),
      alipay: await startSandboxAlipay(dir, publicUrl, env),
      unionpay: await startSandboxUnionPay(dir, publicUrl, env),
    }
    const told: NodeJS.ProcessEnv = {}
    for (const name of NAMES) {
      stops.push(wallets[name].child.stop)
      urls[name] = wallets[name].url
      Object.assign(told, wallets[name].env)
    }
    system = await startTestSystem({
      H5_DIR: resolve(__dirname, '../../dist/h5'),
      PORT,
      PUBLIC_URL: publicUrl,
      ...told,
    })
    stops.push(system.stop)
    browser = await launchBrowser()
    stops.push(() => browser.close())
  })
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop()
  })
  afterEach(async () => {
    // their pages are other addresses, and have no picture for a tab
    const theirs = [
      ...Object.values(urls).map((url) => `asked ${url}`),
      'error: Failed to load resource: the server responded with a status of 404',
    ]
    const faults = phones.flatMap((one) => one.faults()).filter((one) => !theirs.some((is) => one.startsWith(is)))
    for (const one of phones.splice(0)) await one.close()
    expect(faults).toEqual([])
  })

  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

  /** Scans the code on a counter; each of these is another person. */
  async function scan({ userAgent }: Wallet, merchantCode: string): Promise<Page> {
    const phone = await openPhone(browser, system.url(), { userAgent })
    phones.push(phone)
    return phone.open(`/q/${merchantCode}`)
  }
  const atWallet = async (wallet: Wallet, merchantCode: string) => chooses(await scan(wallet, merchantCode), wallet)

  /** …types an amount, takes the wallet and is on its page. */
  async function chooses(page: Page, { label, url }: Wallet): Promise<Page> {
    await tapAmount(page, '100')
    await page.getByRole('button', { name: new RegExp(`^用${label}付款`) }).tap()
    await reads(page, '.key--pay', ['付款', '¥100.00'])
    await page.locator('.key--pay:enabled').tap()
    await page.waitForURL((to) => to.href.startsWith(url))
    return page
  }
  async function does(page: Page, act: 'confirm' | 'cancel', password = PASSWORD): Promise<void> {
    await page.locator('input[name=password]').fill(password)
    await page.locator(`button[value=${act}]`).tap()
    await page.locator('[data-result]').waitFor()
  }
  async function back(page: Page): Promise<void> {
    while (!page.url().startsWith(system.url())) await page.goBack()
  }

  describe.each(NAMES)('%s', (name) => {
    it('sees what the bank’s own account saves, pays in the wallet, and reads it from the server', async () => {
      const wallet = of(name)
      const shop = await scan(wallet, 'M0001')
      await tapAmount(shop, '100')
      await reads(shop, '.key--pay', ['付款', /^¥9\d\.\d\d$/])
      const rows = shop.locator('.method')
      expect(await rows.nth(0).textContent()).toMatch(/省 ¥\d\.\d\d/)
      expect(await rows.nth(1).textContent()).toContain(`${wallet.label}¥100.00`)

      const page = await atWallet(wallet, 'M0001')
      await does(page, 'confirm')
      await back(page)
      await reads(page, '.verdict', ['支付成功', '¥100.00'])
      expect(await page.locator('.rows').textContent()).toContain(wallet.label)
      const counter = await openPhone(browser, system.url())
      phones.push(counter)
      const merchant = await counter.open('/#/pages/merchant/index?merchant=M0001')
      await reads(merchant, '.order__channel', [wallet.label])
    })

    it('puts it away and gets the password wrong: it waits, is opened again from the order, and is paid once it is', async () => {
      const page = await atWallet(of(name), 'M0002')
      await does(page, 'cancel')
      for (const password of ['000000', PASSWORD]) {
        await back(page)
        await reads(page, '.verdict__title', ['等待您付款'])
        await button(page, `去${of(name).label}付款`).tap()
        await does(page, 'confirm', password)
      }
      await back(page)
      await reads(page, '.verdict', ['支付成功', '¥100.00'])
    })

    it('leaves, scans again, is asked about the one that waits, gives it up, and is back with the amount', async () => {
      const page = await atWallet(of(name), 'M0003')
      await page.goto(`${system.url()}/q/M0003`)
      await reads(page, '.earlier', [/^刚才 \d\d:\d\d 的 ¥100\.00 还等您确认$/, '去确认 ›'])
      await page.locator('.sheet').getByRole('button', { name: '去确认' }).tap()
      await reads(page, '.verdict__title', ['等待您付款'])
      await button(page, '取消付款').tap()
      await reads(page, '.verdict__title', ['付款已取消'])
      await button(page, '重新付款').tap()
      await reads(page, '.amount__line', ['¥', '100.00'])
    })

    it('a newcomer has no such app: a tab of any browser is told to be one', async () => {
      const phone = await openPhone(browser, system.url())
      phones.push(phone)
      const page = await phone.open(`/#/pages/pay/index?merchant=M0004&app=${name}`)
      await chooses(page, of(name))
      await does(page, 'confirm')
      await back(page)
      await reads(page, '.verdict', ['支付成功', '¥100.00'])
    })
  })

  it('in WeChat, whose page closes ours, is shown our receipt in its frame, and led back to the shop', async () => {
    const page = await atWallet(of('wechat'), 'M0005')
    await does(page, 'confirm')
    const frame = page.frameLocator('iframe')
    await frame.getByText('付款成功，商家已收到').waitFor()
    for (const said of ['¥100.00', '返回店铺', /^F\d{8}-/]) await frame.getByText(said).first().waitFor()
    // all of it shows: the frame is as high as it was told
    const box = await page.locator('iframe').boundingBox()
    const high = await frame.locator('main').evaluate((main) => main.getBoundingClientRect().height)
    expect(box!.height).toBeGreaterThanOrEqual(Math.floor(high))

    // nobody else frames it, our own pages neither
    const stranger = await browser.newPage()
    await stranger.goto(system.url())
    const src = (await page.locator('iframe').getAttribute('src'))!
    await stranger.evaluate((url) => {
      const framed = document.createElement('iframe')
      document.body.append(framed)
      return new Promise((done) => {
        framed.onload = () => done(null)
        framed.src = url
      })
    }, src)
    expect(stranger.frames().map((one) => one.url())).toContain('chrome-error://chromewebdata/')
    await stranger.close()

    await frame.getByRole('button', { name: '返回店铺' }).tap()
    await page.waitForURL((to) => to.href.startsWith(system.url()))
    await page.getByText(merchants[4]!.name).first().waitFor()
  })
})
