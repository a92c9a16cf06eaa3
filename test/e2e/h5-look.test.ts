import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import {
  describeInBrowser,
  launchBrowser,
  movements,
  openPhone,
  PHONE_SIZE,
  type Phone,
  reads,
  smallTargets,
  tapAmount,
  textContrasts,
} from '../../harness/browser'
import { startTestSystem, type TestSystem } from '../../harness/system'
import { TODAY } from '../../harness/today'
import { buildPages } from '../../scripts/build-pages'

const H5_DIR = resolve(__dirname, '../../dist/h5')
/** The style's promises: WCAG AA for every text, and a target a thumb can't miss. */
const LEAST_CONTRAST = 4.5
const LEAST_TARGET_PX = 44
/** The narrowest telephone still sold. */
const NARROW = { width: 320, height: 568 }

describeInBrowser('how the H5 pages look', () => {
  let system: TestSystem
  let browser: Browser
  let phone: Phone

  beforeAll(async () => {
    await buildPages('h5')
    system = await startTestSystem({ H5_DIR })
    browser = await launchBrowser()
  }, 300_000)
  afterAll(async () => {
    await browser?.close()
    await system?.stop()
  })
  afterEach(async () => {
    const faults = phone.faults()
    await phone.close()
    expect(faults).toEqual([])
  })

  /** Pays 20.00 and looks at every page on the way; the merchant has one order that was there and one that arrives. */
  async function walk(options: BrowserContextOptions, look: (name: string, page: Page) => Promise<void>) {
    phone = await openPhone(browser, system.url(), options)
    const shop = await phone.open('/#/pages/merchant/index?merchant=M0001')
    await reads(shop, '.live', ['实时'])
    await look('merchant', shop)
    const rules = await phone.open('/#/pages/rules/index?merchant=M0001')
    await rules.locator('.rules__section').first().waitFor()
    await look('rules', rules)
    const verify = await phone.open(`/#/pages/verify/index?campaign=food-street&merchant=M0001&date=${TODAY}`)
    await verify.locator('.verify__word').waitFor()
    await look('verify', verify)
    const page = await phone.open('/q/M0001')
    await page.locator('.keypad').waitFor()
    await look('pay, nothing typed', page)
    await tapAmount(page, '20')
    await page.locator('.key--pay:enabled').waitFor()
    await look('pay, with a card', page)
    await page.locator('.key--pay').tap()
    await reads(page, '.verdict__title', ['支付成功'])
    await look('result', page)
    await shop.locator('.order--fresh').waitFor()
    await look('merchant, an order arrived', shop)
  }

  it.each(['light', 'dark'] as const)('in %s colours every text can be read', async (colorScheme) => {
    const faint: string[] = []
    await walk({ colorScheme }, async (name, page) => {
      const texts = await textContrasts(page)
      expect(texts.length).toBeGreaterThan(3)
      for (const { text, ratio } of texts)
        if (ratio < LEAST_CONTRAST) faint.push(`${name}: ${text} ${ratio.toFixed(2)}`)
    })
    expect(faint).toEqual([])
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

  it.each([
    ['390', PHONE_SIZE],
    ['320', NARROW],
  ])(
    'on a telephone %s pixels wide every control is a thumb wide and nothing runs over the side',
    async (_, viewport) => {
      const faults: string[] = []
      await walk({ viewport }, async (name, page) => {
        const small = await smallTargets(page, LEAST_TARGET_PX)
        faults.push(...small.map((target) => `${name}: ${target}`))
        const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
        if (over > 0) faults.push(`${name}: ${over} px too wide`)
      })
      expect(faults).toEqual([])
    },
  )

  it('the counter opens with at most 130 KB, compressed', async () => {
    phone = await openPhone(browser, system.url())
    const page = await phone.open('/#/pages/pay/index?merchant=M0001')
    await page.locator('.keypad').waitFor()
    const files = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name))
    const own = ['/', ...files.filter((name) => /\.(js|css)$/.test(name)).map((name) => new URL(name).pathname)]
    const bytes = own.map(
      (file) => gzipSync(readFileSync(resolve(H5_DIR, `.${file === '/' ? '/index.html' : file}`))).length,
    )
    expect(own.length).toBeGreaterThan(5)
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(130 * 1_024)
  })

  it('every page says its language and its title, and has a heading', async () => {
    const said: Record<string, unknown[]> = {}
    await walk({}, async (name, page) => {
      const lang = await page.locator('html').getAttribute('lang')
      said[name] = [lang, await page.title(), (await page.getByRole('heading').count()) > 0]
    })
    expect(said).toEqual({
      merchant: ['zh-CN', '收款记录', true],
      rules: ['zh-CN', '活动规则', true],
      verify: ['zh-CN', '验证牌组', true],
      'pay, nothing typed': ['zh-CN', '付款', true],
      'pay, with a card': ['zh-CN', '付款', true],
      result: ['zh-CN', '付款结果', true],
      'merchant, an order arrived': ['zh-CN', '收款记录', true],
    })
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
