import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import {
  describeInBrowser,
  launchBrowser,
  openPhone,
  PHONE_SIZE,
  type Phone,
  reads,
  tapAmount,
} from '../../harness/browser'
import { movements, smallTargets, textContrasts, textFaults, wishText } from '../../harness/looks'
import { readQr } from '../../harness/qr-reader'
import { startTestSystem, type TestSystem } from '../../harness/system'
import { TODAY } from '../../harness/today'
import { buildPages } from '../../scripts/build-pages'
import type { Invite } from '../../server/http/contract'
import { axeFaults, still } from '../support/axe'

const H5_DIR = resolve(__dirname, '../../dist/h5')
/** The style's promises: WCAG AA for every text, and a target a thumb can't miss. */
const LEAST_CONTRAST = 4.5
const LEAST_TARGET_PX = 44
/** Of 大字: 18 pt, and a target for an unsteady hand. */
const ELDER_TEXT_PX = 24
const ELDER_TARGET_PX = 60
/** What the counter opens with, as it is sent: of scripts, and with its page and styles. */
const MOST_SCRIPT_BYTES = 111 * 1_024
const MOST_BYTES = 118 * 1_024
type Window = typeof PHONE_SIZE
/** The narrowest telephone still sold. */
const NARROW = { width: 320, height: 568 }
const LYING = { width: 568, height: 320 }
const TABLET = { width: 768, height: 1024 }
const TITLES = [
  '收款记录',
  '收款详情',
  '店员',
  '收款码海报',
  '指定金额收款',
  '活动规则',
  '验证牌组',
  '付款',
  '付款结果',
  '确认付款',
  '我的付款',
  '添加付款账户',
  '付款账户',
  '小额免密',
]

describeInBrowser('how the H5 pages look', () => {
  let system: TestSystem
  let browser: Browser
  let phone: Phone

  beforeAll(async () => {
    await buildPages('h5')
    system = await startTestSystem({ H5_DIR })
    const { token } = await system.merchant('M0001')
    const invited = await system.call('POST', '/api/merchant/staff/invites', { token, body: { name: '小王' } })
    const bindingCode = (invited.body as Invite).code
    const body = { platform: 'browser', code: 'a-cashier', bindingCode }
    expect(await system.call('POST', '/api/merchant/binding', { body })).toMatchObject({ status: 200 })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await system?.stop()
  })
  afterEach(async () => {
    const faults = phone.faults()
    await phone.close()
    expect(faults).toEqual([])
  })

  /** Pays 20.00 and looks at every page on the way and beside it; the merchant has one order that was there and one that arrives. */
  async function walk(options: BrowserContextOptions, look: (name: string, page: Page) => Promise<void>) {
    phone = await openPhone(browser, system.url(), options)
    const at = async (name: string, path: string, selector: string) => {
      const page = await phone.open(path)
      await page.locator(selector).first().waitFor()
      await look(name, page)
      return page
    }
    const shop = await phone.open('/#/pages/merchant/index?merchant=M0001')
    await reads(shop, '.live', ['实时'])
    await look('merchant', shop)
    await at('rules', '/#/pages/rules/index?merchant=M0001', '.rules__section')
    await at('verify', `/#/pages/verify/index?campaign=food-street&merchant=M0001&date=${TODAY}`, '.verify__word')
    const page = await at('pay, nothing typed', '/q/M0001', '.keypad')
    await tapAmount(page, '20')
    await page.locator('.key--pay:enabled').waitFor()
    await look('pay, with a card', page)
    await page.locator('.method').first().tap()
    await page.locator('.accounts').waitFor()
    await look('pay, choosing an account', page)
    await page.getByRole('button', { name: '关闭', exact: true }).tap()
    await page.locator('.key--pay').tap()
    await reads(page, '.verdict__title', ['支付成功'])
    await look('result', page)
    await page.getByRole('button', { name: '给店家看', exact: true }).tap()
    await page.locator('.shown').waitFor()
    await look('result, for the shop', page)
    await shop.locator('.order--fresh').waitFor()
    await look('merchant, an order arrived', shop)
    await shop.getByRole('button', { name: '月', exact: true }).tap()
    await shop.locator('.period__file').waitFor()
    await look('merchant, a month', shop)
    await shop.getByRole('button', { name: '今天', exact: true }).tap()
    await shop.locator('.order').first().tap()
    await shop.locator('.facts').waitFor()
    await look('an order of the merchant', shop)
    await shop.getByRole('button', { name: '退款', exact: true }).tap()
    await look('its refund', shop)
    await shop.getByRole('button', { name: '下一步', exact: true }).tap()
    await shop.locator('.sheet__title').waitFor()
    await look('its refund, looked at again', shop)
    const staff = await phone.open('/#/pages/merchant-staff/index?merchant=M0001')
    await staff.locator('.staff').waitFor()
    await look('its staff', staff)
    await staff.locator('.staff__press').first().tap()
    await staff.locator('.sheet__title').waitFor()
    await look('one of its staff sent away', staff)
    await system.bank.faults({ mode: 'challenge', on: ['pay'], times: 1 })
    const asked = await phone.open('/q/M0006')
    await tapAmount(asked, '234.5')
    await asked.locator('.key--pay:enabled').tap()
    await asked.locator('.code__input').waitFor()
    await look('the bank asks', asked)
    await asked.getByRole('button', { name: '取消付款', exact: true }).tap()
    await reads(asked, '.verdict__title', ['付款已取消'])
    await look('nothing paid', asked)
    await at('its poster', '/q/M0001/poster', 'img.poster')
    const charge = await at('a code for an amount', '/#/pages/merchant-charge/index?merchant=M0001', '.field')
    await charge.getByLabel('收款金额，元').fill('20')
    await charge.getByRole('button', { name: '生成收款码', exact: true }).tap()
    await charge.locator('.charge__qr').waitFor()
    await look('a code for an amount, shown', charge)
    await at('pay, asked', '/q/M0001', '.sheet')
    await at('pay, no merchant', '/#/pages/pay/index', '.way__title')
    await at('orders', '/#/pages/orders/index', '.own')
    await at('sign', '/#/pages/sign/index', '.consent')
    const accounts = await at('agreements', '/#/pages/agreements/index', '.account')
    await accounts.getByRole('button', { name: '解约', exact: true }).tap()
    await accounts.locator('.sheet__title').waitFor()
    await look('agreements, ending one', accounts)
    await accounts.getByRole('button', { name: '不解约', exact: true }).tap()
    await accounts.getByRole('button', { name: '关闭免密' }).tap()
    await accounts.getByRole('button', { name: '开通免密' }).tap()
    await accounts.locator('.small__line').first().waitFor()
    await look('small', accounts)
  }

  /** What is wrong where the reader wants text larger, on windows of these sizes. */
  async function largeFaults(page: Page, windows: Window[]): Promise<string[]> {
    const faults: string[] = []
    await still(page)
    for (const viewport of windows) {
      await page.setViewportSize(viewport)
      // what fits on a telephone at 150 % fits on what is larger
      for (const scale of viewport.width < 400 ? [1, 1.5, 2] : [1, 2]) {
        await wishText(page, scale)
        const least = scale < 1.5 ? 0 : ELDER_TEXT_PX
        const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
        const found = [...(await textFaults(page, least)), ...(over > 0 ? [`${over} px too wide`] : [])]
        // a telephone on its side hasn't the height for more
        if (least > 0 && viewport.height > viewport.width) found.push(...(await smallTargets(page, ELDER_TARGET_PX)))
        faults.push(...found.map((fault) => `${viewport.width}×${viewport.height} at ${scale * 100} %: ${fault}`))
      }
    }
    return faults
  }

  /** What must never be of any page. */
  async function faultsOf(page: Page): Promise<string[]> {
    const texts = await textContrasts(page)
    expect(texts.length).toBeGreaterThan(2)
    const faint = texts.filter(({ ratio }) => ratio < LEAST_CONTRAST)
    const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    const names = await page.getByRole('heading', { level: 1, includeHidden: true }).filter({ visible: true }).count()
    return [
      ...faint.map(({ text, ratio }) => `faint ${text} ${ratio.toFixed(2)}`),
      ...(await smallTargets(page, LEAST_TARGET_PX)),
      ...(over > 0 ? [`${over} px too wide`] : []),
      ...(names === 1 ? [] : [`${names} names`]),
    ]
  }

  it('in light and in dark every text can be read, every control is a thumb wide, nothing is cut at any size of text, and axe has nothing to say', async () => {
    const faults: string[] = []
    const said: string[] = []
    const lookOn = async (page: Page, colorScheme: 'light' | 'dark', windows: Window[]): Promise<string[]> => {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize(windows[0]!)
      await still(page)
      const found = await faultsOf(page)
      // axe once a theme: in the light as drawn, in the dark where text is largest
      if (colorScheme === 'light') found.push(...(await axeFaults(page, 'moderate')))
      found.push(...(await largeFaults(page, windows)))
      if (colorScheme === 'dark') found.push(...(await axeFaults(page, 'moderate')))
      await wishText(page, 1)
      return found.map((fault) => `in ${colorScheme}: ${fault}`)
    }
    // one walk for both, on the narrowest: a page is the same one on either paper
    await walk({ viewport: NARROW }, async (name, page) => {
      said.push(`${await page.locator('html').getAttribute('lang')} ${await page.title()}`)
      const found = [...(await lookOn(page, 'light', [PHONE_SIZE, LYING])), ...(await lookOn(page, 'dark', [NARROW]))]
      faults.push(...found.map((fault) => `${name} ${fault}`))
      await page.emulateMedia({ colorScheme: 'light' })
    })
    expect(faults).toEqual([])
    expect(new Set(said)).toEqual(new Set(TITLES.map((title) => `zh-CN ${title}`)))
  })

  it('大字 is chosen once for all pages of a device; a browser’s own setting makes all text larger as well', async () => {
    phone = await openPhone(browser, system.url())
    const page = await phone.open('/q/M0004')
    const amountPx = () =>
      page
        .locator('.deal__text')
        .first()
        .evaluate((one) => getComputedStyle(one).fontSize)
    await page.getByRole('button', { name: '大字' }).tap()
    expect(await amountPx()).toBe('24px')
    const shop = await phone.open('/#/pages/merchant/index?merchant=M0004')
    await shop.locator('.merchant__role').waitFor()
    expect(await textFaults(shop, ELDER_TEXT_PX)).toEqual([])
    await shop.getByRole('button', { name: '大字' }).tap()
    await page.reload()
    await page.locator('.deal__text').first().waitFor()
    expect(await amountPx()).toBe('14px')
    const settings = await page.context().newCDPSession(page)
    await settings.send('Page.setFontSizes', { fontSizes: { standard: 32 } })
    await page.reload()
    await page.locator('.deal__text').first().waitFor()
    expect(await amountPx()).toBe('28px')
  })

  it('with a long name and every way to pay, nothing is shortened; with the bank alone, all of it stands above the keys of a narrow telephone', async () => {
    const name = '城南区老街口李记手工牛肉面馆（中山路第二分店）'
    const wallets = ['微信支付', '支付宝', '云闪付'].map((label, i) => {
      return { name: ['wechatpay', 'alipay', 'unionpay'][i], label, needs: 'anywhere', carriesDiscount: false }
    })
    phone = await openPhone(browser, system.url(), { viewport: NARROW })
    const page = await phone.open('/healthz')
    await page.goto(`${system.url()}/q/M0008`)
    await tapAmount(page, '456.78')
    await page.locator('.key--pay:enabled').waitFor()
    const content = page.locator('.pay__content')
    expect(await content.evaluate((one) => one.scrollHeight - one.clientHeight)).toBe(0)
    await page.route('**/api/merchants/M0008', async (route) => {
      const response = await route.fetch()
      const merchant = (await response.json()) as { channels: object[] }
      await route.fulfill({ response, json: { ...merchant, name, channels: [...merchant.channels, ...wallets] } })
    })
    await page.reload()
    await page.locator('.key--pay:enabled').waitFor()
    expect(await page.locator('.methods .method').count()).toBe(4)
    expect(await largeFaults(page, [NARROW, PHONE_SIZE, LYING, TABLET])).toEqual([])
    expect(await page.locator('.head__name').evaluate((one) => one.scrollWidth - one.clientWidth)).toBe(0)
  })

  it('on a telephone that lies, the figures are beside the keys, and all keys in sight', async () => {
    for (const viewport of [LYING, { width: 844, height: 390 }]) {
      phone = await openPhone(browser, system.url(), { viewport })
      const page = await phone.open('/q/M0005')
      await page.locator('.keypad').waitFor()
      const [figures, keys] = [
        await page.locator('.pay__content').boundingBox(),
        await page.locator('.keypad').boundingBox(),
      ]
      expect(figures!.width).toBeGreaterThan(viewport.width * 0.25)
      expect(keys!.x).toBeGreaterThanOrEqual(figures!.x + figures!.width - 1)
      expect(keys!.y + keys!.height).toBeLessThanOrEqual(viewport.height + 1)
      await phone.close()
    }
  })

  it('dark is another paper and another ink, not a few changed spots', async () => {
    const colours: Record<string, string[]> = {}
    for (const colorScheme of ['light', 'dark'] as const) {
      phone = await openPhone(browser, system.url(), { colorScheme })
      const page = await phone.open('/q/M0002')
      await page.locator('.keypad').waitFor()
      colours[colorScheme] = await page.evaluate(() =>
        ['body', '.sheet-card', '.keypad', '.key'].flatMap((selector) => {
          const { backgroundColor, color } = getComputedStyle(document.querySelector(selector)!)
          return [backgroundColor, color]
        }),
      )
      await phone.close()
    }
    colours.light!.forEach((light, i) => {
      expect(colours.dark![i]).not.toBe(light)
    })
  })

  it('the counter opens with few bytes, all asked for by the page itself, and with nothing of the console', async () => {
    phone = await openPhone(browser, system.url())
    const page = await phone.open('/healthz')
    const sent: { type: string; path: string; coding: string | undefined; bytes: number }[] = []
    page.on('response', (response) => {
      const { 'content-encoding': coding, 'content-length': bytes } = response.headers()
      const path = new URL(response.url()).pathname
      sent.push({ type: response.request().resourceType(), path, coding, bytes: Number(bytes) })
    })
    await page.goto(`${system.url()}/q/M0001`)
    await page.locator('.keypad').waitFor()
    const of = (...types: string[]) => sent.filter(({ type }) => types.includes(type))
    const bytesOf = (files: typeof sent) => files.reduce((sum, { bytes }) => sum + bytes, 0)
    const files = of('document', 'script', 'stylesheet')
    expect(of('document').map(({ path }) => path)).toEqual(['/q/M0001'])
    expect(files.filter(({ coding }) => coding !== 'br')).toEqual([])
    expect(bytesOf(of('script'))).toBeLessThanOrEqual(MOST_SCRIPT_BYTES)
    expect(bytesOf(files)).toBeLessThanOrEqual(MOST_BYTES)
    const code = of('script').map(({ path }) => readFileSync(resolve(H5_DIR, `.${path}`), 'utf8'))
    expect(code.filter((text) => text.includes('c-house') || text.includes('/admin/'))).toEqual([])
    expect(code.filter((text) => text.includes('/api/quotes'))).toHaveLength(1)
    // what only another script names would be a stage more
    const html = readFileSync(resolve(H5_DIR, 'index.html'), 'utf8')
    expect(files.filter(({ type, path }) => type !== 'document' && !html.includes(`"${path}"`))).toEqual([])
    expect(sent.filter(({ path }) => path === '/api/merchants/M0001')).toHaveLength(1)
  })

  it('a page of before a release takes the new one by itself, once', async () => {
    const provoked =
      /^error: Failed to load resource: the server responded with a status of 404|^thrown: Loading (CSS )?chunk/
    phone = await openPhone(browser, system.url())
    const page = await phone.open('/healthz')
    const asked = { pages: 0, gone: 0 }
    let gone = Number.POSITIVE_INFINITY
    page.on('request', (request) => (asked.pages += Number(request.isNavigationRequest())))
    const pattern = /\/js\/(?!app\.)[\w-]+\.[0-9a-f]{8}\.js$/
    await page.route(pattern, (route) => {
      const fails = gone > 0
      gone -= 1
      asked.gone += Number(fails)
      return fails ? route.fulfill({ status: 404 }) : route.continue()
    })
    await page.goto(`${system.url()}/q/M0001`)
    await page.waitForFunction(() => sessionStorage.getItem('fapai.renewed') !== null)
    await page.waitForLoadState('networkidle')
    expect(asked.pages).toBe(2)
    gone = 0
    await page.goto(`${system.url()}/q/M0001`)
    await page.locator('.keypad').waitFor()
    expect(phone.faults().filter((fault) => !provoked.test(fault))).toEqual([])
  })

  it('a shop’s code is printed on paper of two sizes and as a picture, and each is read as its counter’s address', async () => {
    phone = await openPhone(browser, system.url())
    const owner = await phone.open('/#/pages/merchant/index?merchant=M0014')
    await owner.getByRole('button', { name: '打印收款码', exact: true }).tap()
    const picture = owner.locator('img.poster')
    await picture.waitFor()
    const wanted = `${system.url()}/q/M0014`
    expect(await readQr(owner, (await picture.getAttribute('src'))!)).toBe(wanted)
    const saved = async (button: RegExp) => {
      const [download] = await Promise.all([
        owner.waitForEvent('download'),
        owner.getByRole('button', { name: button }).tap(),
      ])
      return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) }
    }
    const png = await saved(/PNG/)
    expect(png.name).toBe('收款码-M0014.png')
    expect(await readQr(owner, `data:image/png;base64,${png.bytes.toString('base64')}`)).toBe(wanted)
    // millimetres of A6 and A4 in points of 1/72 inch
    for (const [paper, box] of [
      ['A6', '[0 0 297.64 419.53]'],
      ['A4', '[0 0 595.28 841.89]'],
    ] as const) {
      const { name, bytes } = await saved(new RegExp(paper))
      expect(name).toBe(`收款码-M0014-${paper}.pdf`)
      const text = bytes.toString('latin1')
      expect(text).toContain(`/MediaBox ${box}`)
      const [head, length] = /\/DCTDecode \/Length (\d+) >>\nstream\n/.exec(text)!
      const begin = text.indexOf(head) + head.length
      const jpeg = bytes.subarray(begin, begin + Number(length))
      expect(await readQr(owner, `data:image/jpeg;base64,${jpeg.toString('base64')}`)).toBe(wanted)
    }
  })

  it('moves only for those who like it', async () => {
    const moved: Record<string, string[]> = {}
    for (const reducedMotion of ['no-preference', 'reduce'] as const) {
      phone = await openPhone(browser, system.url(), { reducedMotion })
      const page = await phone.open('/q/M0003')
      await tapAmount(page, '20')
      await page.locator('.key--pay:enabled').waitFor()
      moved[reducedMotion] = await movements(page)
      await phone.close()
    }
    expect(moved['no-preference']).toContain('caret')
    expect(moved.reduce).toEqual([])
  })
})
