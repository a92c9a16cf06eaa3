import { mkdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { launchBrowser, openPhone, reads, tapAmount } from '../harness/browser'
import { masterKeyDealing } from '../harness/master-key'
import { startTestSystem, type TestSystem } from '../harness/system'
import { buildPages } from './build-pages'
import { consolePictures } from './screenshots-console'
import { DAYS, liveThrough } from './screenshots-history'

/**
 * `npm run screenshots`: the pictures of the README, taken from the built pages on a sandbox of its own, never by hand.
 * They show the case's own example: an order of 100.00 and a card of 10.00.
 */

const ROOT = resolve(__dirname, '..')
const PICTURES = join(ROOT, 'docs/pictures')
/** Sharp in a README's table; at 2 the page of rules, which is all text, would be 200 KB. */
const PIXELS_A_CSS_PIXEL = 1.5
/** A few of them are loaded with the README. */
const MAX_BYTES = 180 * 1024
const SCHEMES = ['light', 'dark'] as const
/** Other guests of the same day, fen: the last one is below the threshold, so it has no reward. */
const OTHER_ORDERS_FEN = [2_600, 3_850, 1_500, 800]

interface Studio {
  system: TestSystem
  /** a tab on an address, on a telephone of its own */
  open(path: string, options?: BrowserContextOptions): Promise<Page>
}

async function main(): Promise<void> {
  mkdirSync(PICTURES, { recursive: true })
  await buildPages('h5', (line) => process.stdout.write(line))
  const browser = await launchBrowser()
  try {
    const env = { MASTER_KEY: masterKeyDealing(1_000, 'M0001', Date.now()), H5_DIR: join(ROOT, 'dist/h5') }
    const system = await startTestSystem(env, { daysAgo: DAYS })
    try {
      await liveThrough(system, console.log)
      const studio = studioOf(browser, system)
      await payment(studio)
      await accounts(studio)
      await rules(studio)
      await soldOut(studio)
      await paying(studio)
      await merchantEmpty(studio)
      await offline(studio)
      await consolePictures({ ...studio, picture })
    } finally {
      await system.stop()
    }
  } finally {
    await browser.close()
  }
}

function studioOf(browser: Browser, system: TestSystem): Studio {
  return {
    system,
    async open(path, options) {
      const phone = await openPhone(browser, system.url(), { deviceScaleFactor: PIXELS_A_CSS_PIXEL, ...options })
      return phone.open(path)
    },
  }
}

/** One guest on two telephones, a light and a dark one, who is quoted the same card on both and pays on the first. */
async function payment({ system, open }: Studio): Promise<void> {
  const guest = 'payer=guest-of-the-case'
  const telephones = []
  for (const colorScheme of SCHEMES) {
    const page = await open(`/#/pages/pay/index?merchant=M0001&${guest}`, { colorScheme })
    const shop = await open('/#/pages/merchant/index?merchant=M0001', { colorScheme })
    await tapAmount(page, '100')
    await reads(page, '.key--pay', ['付款', '¥95.00'])
    await picture(page, 'pay', colorScheme)
    await reads(shop, '.live', ['实时'])
    telephones.push({ page, shop, colorScheme })
  }
  for (const [i, amountFen] of OTHER_ORDERS_FEN.entries()) {
    const other = await system.payer(`guest-${i}`)
    await other.pay((await other.quote(amountFen)).body.quoteId)
  }
  const receipt = await confirmed(system, telephones)
  const orderCount = OTHER_ORDERS_FEN.length + 1
  for (const { page, shop, colorScheme } of telephones) {
    await page.goto(`${system.url()}/${receipt}`)
    await reads(page, '.verdict', ['支付成功', '¥95.00', '已优惠 ¥5.00'])
    await picture(page, 'result', colorScheme)
    await shop.getByText(`收款 ${orderCount} 笔`, { exact: true }).waitFor()
    await picture(shop, 'merchant', colorScheme)
  }
}

/** The bank asks before it debits; the sheet is on both telephones. Gives the address of the order. */
async function confirmed(
  system: TestSystem,
  telephones: { page: Page; colorScheme: 'light' | 'dark' }[],
): Promise<string> {
  const first = telephones[0]!.page
  await system.bank.faults({ mode: 'challenge', on: ['pay'], times: 1 })
  await first.locator('.key--pay').tap()
  await reads(first, '.confirm__payee', ['向 老街牛肉面 付款'])
  const receipt = new URL(first.url()).hash
  for (const { page, colorScheme } of telephones) {
    if (page !== first) await page.goto(`${system.url()}/${receipt}`)
    await page.locator('.code__input').waitFor()
    await picture(page, 'confirm', colorScheme)
  }
  const orderNo = new URLSearchParams(receipt.split('?')[1]).get('orderNo') ?? ''
  await first.locator('.code__input').fill(await system.bank.code(orderNo))
  await first.locator('.challenge .button--main').tap()
  await reads(first, '.verdict__title', ['支付成功'])
  return receipt
}

/** What comes once before the first payment, and the consent to small amounts without a code. */
async function accounts({ open }: Studio): Promise<void> {
  const sign = await open('/#/pages/sign/index?merchant=M0001&amount=100')
  await sign.getByLabel('卡号或账号').fill('6222020012345671')
  await sign.getByLabel('姓名').fill('张三')
  await sign.getByLabel('银行预留手机号').fill('13812345678')
  await sign.locator('.consent').tap()
  await picture(sign, 'sign')
  // all text: at the others' sharpness it would be more than a picture may have
  const page = await open('/#/pages/agreements/index', { deviceScaleFactor: 1.3 })
  await page.getByRole('button', { name: '关闭免密', exact: true }).tap()
  await page.getByRole('button', { name: '开通免密', exact: true }).tap()
  await page.locator('.small__line').first().waitFor()
  await picture(page, 'small')
}

async function rules({ open }: Studio): Promise<void> {
  for (const colorScheme of SCHEMES) {
    const page = await open('/#/pages/rules/index?merchant=M0001', { colorScheme })
    await page.locator('.rules__code').waitFor()
    await picture(page, 'rules', colorScheme)
  }
}

/** Everybody before paid with a card, which is all the day's cards. */
async function soldOut({ system, open }: Studio): Promise<void> {
  for (let i = 0; i < 20; i++) {
    const early = await system.payer(`early-${i}`)
    await early.pay((await early.quote(1_000, 'M0003')).body.quoteId)
  }
  const page = await open('/q/M0003')
  await tapAmount(page, '100')
  await reads(page, '.deal', ['实付 ¥100.00', '今日优惠已发完，可以原价付款'])
  await picture(page, 'sold-out')
}

/** The bank books and loses its reply, and then can't be asked. */
async function paying({ system, open }: Studio): Promise<void> {
  await system.bank.faults({ mode: 'lose-reply', on: ['pay'] }, { mode: 'error-before', on: ['query', 'close'] })
  const page = await open('/q/M0005')
  await tapAmount(page, '66')
  await page.locator('.key--pay:enabled').tap()
  await reads(page, '.verdict__title', ['银行处理中，请勿重复付款'])
  await picture(page, 'paying')
  await system.bank.clearFaults()
}

async function merchantEmpty({ open }: Studio): Promise<void> {
  const shop = await open('/#/pages/merchant/index?merchant=M0007')
  await reads(shop, '.live', ['实时'])
  await shop.locator('.notice').waitFor()
  await picture(shop, 'merchant-empty')
}

async function offline({ open }: Studio): Promise<void> {
  const page = await open('/q/M0009')
  await page.locator('.keypad').waitFor()
  await page.context().setOffline(true)
  await tapAmount(page, '58.5')
  await reads(page, '.deal', ['网络不通', '暂时算不出优惠', '重试'])
  await picture(page, 'offline')
}

/** What the telephone's screen shows once its letters are there and nothing moves. */
async function picture(page: Page, name: string, colorScheme: 'light' | 'dark' = 'light'): Promise<void> {
  const file = `${name}${colorScheme === 'dark' ? '-dark' : ''}.png`
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path: join(PICTURES, file), animations: 'disabled', caret: 'initial' })
  const bytes = statSync(join(PICTURES, file)).size
  if (bytes > MAX_BYTES) throw new Error(`${file} has ${bytes} bytes, more than ${MAX_BYTES}`)
  console.log(`docs/pictures/${file}  ${(bytes / 1024).toFixed(0)} KB`)
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
