import { resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { describeInBrowser, launchBrowser, openPhone, reads, tapAmount } from '../../harness/browser'
import { freePort } from '../../harness/free-port'
import { startTestSystem, type TestSystem } from '../../harness/system'
import { buildPages } from '../../scripts/build-pages'
import { startWechatServer, type WechatServer } from '../../server/sandbox/wechat/server'

const PAGE = { appId: 'wx00000000000000b2', secret: 'b'.repeat(32), kind: 'page', united: true } as const
const WECHAT =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.49(0x1800312c) NetType/4G Language/zh_CN'

describeInBrowser('in WeChat’s browser a payer is who WeChat says', () => {
  let wechat: WechatServer
  let system: TestSystem
  let browser: Browser
  const phones: { close(): Promise<void> }[] = []
  beforeAll(async () => {
    await buildPages('h5')
    const port = String(await freePort())
    const redirectHost = `127.0.0.1:${port}`
    wechat = await startWechatServer({ apps: [{ ...PAGE, redirectHost }], production: false })
    system = await startTestSystem({
      H5_DIR: resolve(__dirname, '../../dist/h5'),
      PORT: port,
      PUBLIC_URL: `http://${redirectHost}`,
      WECHAT_OPEN_URL: wechat.url,
      WECHAT_API_URL: wechat.url,
      WECHAT_PAGE_APPID: PAGE.appId,
      WECHAT_PAGE_SECRET: PAGE.secret,
    })
    browser = await launchBrowser()
  })
  afterEach(async () => {
    for (const phone of phones.splice(0)) await phone.close()
    wechat.platform.blocked.clear()
  })
  afterAll(async () => {
    await browser?.close()
    await system?.stop()
    await wechat?.stop()
  })

  /** Scans the code on the counter with a person's telephone. */
  async function scan(person: string, merchantCode: string): Promise<Page> {
    const phone = await openPhone(browser, system.url(), { userAgent: WECHAT })
    phones.push(phone)
    const page = await phone.open('/healthz')
    await page.context().addCookies([{ name: 'wechat', value: person, url: system.url() }])
    await page.goto(`${system.url()}/q/${merchantCode}`)
    return page
  }
  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

  it('pays after a silent way through WeChat, of which neither address nor cookie keeps anything', async () => {
    const page = await scan('li', 'M0001')
    await reads(page, '.head__name', ['老街牛肉面'])
    expect(new URL(page.url()).search + new URL(page.url()).hash).toBe('#/pages/pay/index?merchant=M0001')
    expect((await page.context().cookies()).map(({ name }) => name)).toEqual(['wechat'])
    await tapAmount(page, '9')
    await page.locator('.key--pay:enabled').tap()
    await reads(page, '.verdict', ['支付成功', '¥9.00'])
    // The same person on another telephone has the same payments, another person hasn't.
    const other = await scan('li', 'M0001')
    await reads(other, '.earlier', [/^刚才 \d\d:\d\d 的 ¥9\.00 已支付$/, '看结果 ›'])
    const wang = await scan('wang', 'M0001')
    await reads(wang, '.head__name', ['老街牛肉面'])
    expect(await wang.locator('.earlier').count()).toBe(0)
  })

  it('a reload needs no second way through WeChat', async () => {
    const page = await scan('li', 'M0002')
    await page.locator('.head__name').waitFor()
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.reload()
    await page.locator('.head__name').waitFor()
    expect(asked.filter((url) => url.includes('/login'))).toEqual([])
  })

  it('whom WeChat blocks is told so at the shop, and can try again', async () => {
    wechat.platform.blocked.add('zhao')
    const page = await scan('zhao', 'M0003')
    await page.getByText('微信暂不允许登录').waitFor()
    wechat.platform.blocked.clear()
    await button(page, '重试').tap()
    await page.locator('.head__name').waitFor()
    expect(new URL(page.url()).hash).toBe('#/pages/pay/index?merchant=M0003')
  })

  it('a browser that keeps no cookies is told after one way there and back, and isn’t sent in circles', async () => {
    const phone = await openPhone(browser, system.url(), { userAgent: WECHAT })
    phones.push(phone)
    const page = await phone.open('/healthz')
    let ways = 0
    // WeChat's page, as far as such a browser is concerned: it is back, and nothing is known.
    await page.route('**/login/wechat?*', (route) => {
      ways++
      return route.fulfill({ contentType: 'text/html', body: '<script>location.replace("/q/M0004")</script>' })
    })
    await page.goto(`${system.url()}/q/M0004`)
    await page.getByText('登录没有成功').waitFor()
    expect(ways).toBe(1)
  })
})
