import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { describeInBrowser, launchBrowser, openPhone, type Phone, reads, tapAmount } from '../../harness/browser'
import { freePort } from '../../harness/free-port'
import { startTestSystem, type TestSystem } from '../../harness/system'
import { startTestUnionPay } from '../../harness/unionpay'
import { buildPages } from '../../scripts/build-pages'

/** A payer in each wallet's own app, on the wallet's own page: what they do there, nobody tells our page. */

interface Wallet {
  label: string
  userAgent: string
  /** where its pages are */
  url: string
}
const PASSWORD = '246810'
const CLOUDPAY =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148/sa-sdk-ios (com.unionpay.chsp) (cordova 4.5.4) (updebug 0) (version 1010) (UnionPay/1.0 CloudPay) (clientVersion 310) (language zh_CN) (languageFamily zh_CN) (upHtml) (walletMode 00)'

const wallets: Record<string, Wallet> = {}

describeInBrowser('a payer in a wallet’s own app', () => {
  let system: TestSystem
  let browser: Browser
  const phones: Phone[] = []
  const dir = mkdtempSync(join(tmpdir(), 'fapai-wallets-'))
  const stops: (() => unknown)[] = [() => rmSync(dir, { recursive: true, force: true })]

  beforeAll(async () => {
    await buildPages('h5')
    const host = `127.0.0.1:${await freePort()}`
    const unionPay = await startTestUnionPay(host)
    stops.push(unionPay.stop)
    const caFile = join(dir, 'unionpay.pem')
    writeFileSync(caFile, unionPay.server.authorities)
    wallets.unionpay = { label: '云闪付', userAgent: CLOUDPAY, url: unionPay.server.url }
    system = await startTestSystem({
      H5_DIR: resolve(__dirname, '../../dist/h5'),
      PORT: host.split(':')[1],
      PUBLIC_URL: `http://${host}`,
      ...unionPay.env(caFile),
    })
    stops.push(system.stop)
    browser = await launchBrowser()
    stops.push(() => browser.close())
  }, 300_000)
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop()
  })
  afterEach(async () => {
    // their pages are other addresses, and have no picture for a tab
    const theirs = [
      ...Object.values(wallets).map(({ url }) => `asked ${url}`),
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
  /** …types an amount, takes the wallet and is on its page. */
  async function atWallet(wallet: Wallet, merchantCode: string): Promise<Page> {
    const page = await scan(wallet, merchantCode)
    await tapAmount(page, '100')
    await page.getByRole('button', { name: new RegExp(`^用${wallet.label}付款`) }).tap()
    await reads(page, '.key--pay', ['付款', '¥100.00'])
    await page.locator('.key--pay:enabled').tap()
    await page.waitForURL((to) => to.href.startsWith(wallet.url))
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

  for (const name of ['unionpay']) {
    describe(name, () => {
      const of = () => wallets[name]!

      it('sees what the bank’s own account saves, pays in the wallet, and reads it from the server', async () => {
        const wallet = of()
        const shop = await scan(wallet, 'M0001')
        await tapAmount(shop, '100')
        const rows = shop.locator('.method')
        await reads(shop, '.key--pay', ['付款', /^¥9\d\.\d\d$/])
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

      it('puts it away, opens it again from the order, gives it up, and is back with the amount', async () => {
        const page = await atWallet(of(), 'M0002')
        await does(page, 'cancel')
        await back(page)
        await reads(page, '.verdict__title', ['等待您付款'])
        await button(page, `去${of().label}付款`).tap()
        await page.waitForURL((to) => to.href.startsWith(of().url))
        await back(page)
        await button(page, '取消付款').tap()
        await reads(page, '.verdict__title', ['付款已取消'])
        await button(page, '重新付款').tap()
        await reads(page, '.amount__line', ['¥', '100.00'])
      })

      it('gets the password wrong, and nothing is said to be paid until it is', async () => {
        const page = await atWallet(of(), 'M0003')
        await does(page, 'confirm', '000000')
        await back(page)
        await reads(page, '.verdict__title', ['等待您付款'])
        await button(page, `去${of().label}付款`).tap()
        await does(page, 'confirm')
        await back(page)
        await reads(page, '.verdict', ['支付成功', '¥100.00'])
      })

      it('leaves, scans again, and is asked about the one that waits before another is paid', async () => {
        const page = await atWallet(of(), 'M0004')
        await page.goto(`${system.url()}/q/M0004`)
        await reads(page, '.earlier', [/^刚才 \d\d:\d\d 的 ¥100\.00 还等您确认$/, '去确认 ›'])
        await page.locator('.sheet').getByRole('button', { name: '去确认' }).tap()
        await reads(page, '.verdict__title', ['等待您付款'])
        await button(page, `去${of().label}付款`).tap()
        await does(page, 'confirm')
        await page.goto(`${system.url()}/q/M0004`)
        await reads(page, '.earlier', [/^刚才 \d\d:\d\d 的 ¥100\.00 已支付$/, '看结果 ›'])
      })
    })
  }
})
