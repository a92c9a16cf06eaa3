import { join, resolve } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { launchBrowser, openPhone, PHONE_SIZE, reads, tapAmount } from '../harness/browser'
import { wishText } from '../harness/looks'
import { masterKeyDealing } from '../harness/master-key'
import { startTestSystem, type TestSystem } from '../harness/system'
import { addDays, businessDate } from '../server/domain/business-date'
import type { Invite, MadePayCodeView } from '../server/http/contract'
import { buildPages } from './build-pages'
import { screen } from './picture'
import { consolePictures } from './screenshots-console'
import { DAYS, liveThrough } from './screenshots-history'
import { pilotPictures } from './screenshots-pilot'

/**
 * `npm run screenshots`: the pictures of the README, taken from the built pages on a sandbox of its own, never by hand.
 * They show the case's own example: an order of 100.00 and a card of 10.00.
 */

const ROOT = resolve(__dirname, '..')
/** Sharp in a README's table; at 2 the page of rules, which is all text, would be 200 KB. */
const PIXELS_A_CSS_PIXEL = 1.5
/** The narrowest telephone still sold. */
const NARROW = { width: 320, height: 568 }
/** Other guests of the same day, fen: the last one is below the threshold, so it has no reward. */
const OTHER_ORDERS_FEN = [2_600, 3_850, 1_500, 800]

interface Studio {
  system: TestSystem
  /** a tab on an address, on a telephone of its own */
  open(path: string, options?: BrowserContextOptions): Promise<Page>
}

async function main(): Promise<void> {
  await buildPages('h5', (line) => process.stdout.write(line))
  const browser = await launchBrowser()
  try {
    const env = {
      MASTER_KEY: masterKeyDealing(1_000, 'M0001', Date.now()),
      H5_DIR: join(ROOT, 'dist/h5'),
      BANK_PHONE: '021-9550 5555',
      BANK_COMPLAINTS: '打这个电话转 2，15 天内答复',
    }
    const system = await startTestSystem(env, { daysAgo: DAYS })
    try {
      await liveThrough(system, console.log)
      const studio = studioOf(browser, system)
      await payment(studio)
      await accounts(studio)
      await rules(studio)
      await soldOut(studio)
      await paying(studio)
      await ownPayments(studio)
      await merchantEmpty(studio)
      await merchantDesk(studio)
      await merchantCodes(studio)
      await offline(studio)
      await consolePictures({ ...studio, picture })
    } finally {
      await system.stop()
    }
  } finally {
    await browser.close()
  }
  await pilotPictures()
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

/** One guest, from the empty counter to the receipt, and the shop that hears of it. */
async function payment({ system, open }: Studio): Promise<void> {
  const page = await open('/#/pages/pay/index?merchant=M0001&payer=guest-of-the-case')
  await reads(page, '.deal', ['输入金额，看看抽到多少立减', '另有同额奖励给店家'])
  await pictures(page, 'pay-empty')
  const shop = await open('/#/pages/merchant/index?merchant=M0001')
  await tapAmount(page, '100')
  await reads(page, '.key--pay', ['付款', '¥95.00'])
  await pictures(page, 'pay')
  await page.locator('.method').tap()
  await page.locator('.accounts').waitFor()
  await pictures(page, 'pay-accounts')
  await page.getByRole('button', { name: '关闭', exact: true }).tap()
  await reads(shop, '.live', ['实时'])
  for (const [i, amountFen] of OTHER_ORDERS_FEN.entries()) {
    const other = await system.payer(`guest-${i}`)
    await other.pay((await other.quote(amountFen)).body.quoteId)
  }
  await confirmed(system, page)
  await reads(page, '.verdict', ['支付成功', '¥95.00', '已优惠 ¥5.00'])
  await pictures(page, 'result')
  await page.getByRole('button', { name: '给店家看', exact: true }).tap()
  await pictures(page, 'for-shop')
  await shop.getByText(`收款 ${OTHER_ORDERS_FEN.length + 1} 笔`, { exact: true }).waitFor()
  await pictures(shop, 'merchant')
  const again = await open('/#/pages/pay/index?merchant=M0001&payer=guest-of-the-case')
  await again.locator('.sheet__title').waitFor()
  await pictures(again, 'pay-asked')
}

/** The bank asks before it debits. */
async function confirmed(system: TestSystem, page: Page): Promise<void> {
  await system.bank.faults({ mode: 'challenge', on: ['pay'], times: 1 })
  await page.locator('.key--pay').tap()
  await reads(page, '.confirm__payee', ['向 老街牛肉面 付款'])
  await page.locator('.code__input').waitFor()
  await pictures(page, 'confirm')
  const orderNo = new URLSearchParams(new URL(page.url()).hash.split('?')[1]).get('orderNo') ?? ''
  await page.locator('.code__input').fill(await system.bank.code(orderNo))
  await page.locator('.challenge .button--main').tap()
  await reads(page, '.verdict__title', ['支付成功'])
}

/** What comes once before the first payment, the consent to small amounts without a code, and the end of an account. */
async function accounts({ open }: Studio): Promise<void> {
  const sign = await open('/#/pages/sign/index?merchant=M0001&amount=100')
  await sign.getByLabel('卡号或账号').fill('6222020012345671')
  await sign.getByLabel('姓名').fill('张三')
  await sign.getByLabel('银行预留手机号').fill('13812345678')
  await sign.locator('.consent').tap()
  await pictures(sign, 'sign')
  // all text: at the others' sharpness it would be more than a picture may have
  const page = await open('/#/pages/agreements/index', { deviceScaleFactor: 1.3 })
  await page.getByRole('button', { name: '解约', exact: true }).tap()
  await page.locator('.sheet__title').waitFor()
  await pictures(page, 'agreements-ending')
  await page.getByRole('button', { name: '不解约', exact: true }).tap()
  await page.getByRole('button', { name: '关闭免密', exact: true }).tap()
  await page.getByRole('button', { name: '开通免密', exact: true }).tap()
  await page.locator('.small__line').first().waitFor()
  await pictures(page, 'small')
}

/** The rules, a past day's deck proved, and where nobody has scanned a code yet. */
async function rules({ open }: Studio): Promise<void> {
  const page = await open('/#/pages/rules/index?merchant=M0001')
  await page.locator('.rules__code').first().waitFor()
  await pictures(page, 'rules')
  const yesterday = addDays(businessDate(Date.now()), -1)
  const verify = await open(`/#/pages/verify/index?campaign=food-street&merchant=M0001&date=${yesterday}`)
  await verify.getByText('验证通过').waitFor()
  await pictures(verify, 'verify')
  const way = await open('/#/pages/pay/index')
  await way.locator('.way__title').waitFor()
  await pictures(way, 'way-in')
}

/** Everybody before paid with a card, which is all the day's cards. */
async function soldOut({ system, open }: Studio): Promise<void> {
  for (let i = 0; i < 20; i++) {
    const early = await system.payer(`early-${i}`)
    await early.pay((await early.quote(1_000, 'M0003')).body.quoteId)
  }
  const page = await open('/q/M0003')
  await tapAmount(page, '100')
  await reads(page, '.deal', ['实付 ¥100.00', /^今日优惠已发完，(明天 0 点再发，)?可以原价付款$/])
  await pictures(page, 'sold-out')
}

/** The bank books and loses its reply, and then can't be asked. */
async function paying({ system, open }: Studio): Promise<void> {
  await system.bank.faults({ mode: 'lose-reply', on: ['pay'] }, { mode: 'error-before', on: ['query', 'close'] })
  const page = await open('/q/M0005')
  await tapAmount(page, '66')
  await page.locator('.key--pay:enabled').tap()
  await reads(page, '.verdict__title', ['银行处理中，请勿重复付款'])
  await pictures(page, 'paying')
  await system.bank.clearFaults()
}

/** Two paid and one that the bank declined. */
async function ownPayments({ system, open }: Studio): Promise<void> {
  const payer = await system.payer('guest-of-the-list')
  const paid = async (merchantCode: string, amountFen: number) =>
    (await payer.pay((await payer.quote(amountFen, merchantCode)).body.quoteId)).body
  await paid('M0012', 5_800)
  await paid('M0013', 3_200)
  await system.bank.faults({ mode: 'decline', code: 'insufficient-funds', on: ['pay'], times: 1 })
  const declined = await paid('M0014', 2_600)
  const list = await open('/#/pages/orders/index?payer=guest-of-the-list')
  await list.locator('.saved').waitFor()
  await pictures(list, 'orders')
  const closed = await open(`/#/pages/result/index?orderNo=${declined.orderNo}&payer=guest-of-the-list`)
  await reads(closed, '.verdict__title', ['没有付成'])
  await pictures(closed, 'declined')
}

async function merchantEmpty({ open }: Studio): Promise<void> {
  const shop = await open('/#/pages/merchant/index?merchant=M0007')
  await reads(shop, '.live', ['实时'])
  await shop.locator('.notice').waitFor()
  await pictures(shop, 'merchant-empty')
}

/** What a shop's owner does there: a month, an order, its refund and the second look at it, who else may look. */
async function merchantDesk({ system, open }: Studio): Promise<void> {
  const owner = (await system.merchant('M0001')).token
  for (const name of ['小王', '阿珍']) {
    const { body } = await system.call('POST', '/api/merchant/staff/invites', { token: owner, body: { name } })
    const bound = { platform: 'browser', code: `desk-${name}`, bindingCode: (body as Invite).code }
    await system.call('POST', '/api/merchant/binding', { body: bound })
  }
  const shop = await open('/#/pages/merchant/index?merchant=M0001')
  await shop.getByRole('button', { name: '月', exact: true }).tap()
  await shop.locator('.period__file').waitFor()
  await pictures(shop, 'merchant-month')
  await shop.getByRole('button', { name: '今天', exact: true }).tap()
  await shop.locator('.order').first().tap()
  await shop.locator('.facts').first().waitFor()
  await pictures(shop, 'merchant-order')
  await shop.getByRole('button', { name: '退款', exact: true }).tap()
  await shop.getByLabel('退款金额，元').fill('10')
  await shop.getByRole('button', { name: '顾客取消', exact: true }).tap()
  await pictures(shop, 'merchant-refund')
  await shop.getByRole('button', { name: '下一步', exact: true }).tap()
  await shop.locator('.sheet__title').waitFor()
  await pictures(shop, 'merchant-refund-sure')
  const staff = await open('/#/pages/merchant-staff/index?merchant=M0001')
  await staff.locator('.staff__press').first().waitFor()
  await pictures(staff, 'merchant-staff')
  await staff.locator('.staff__press').first().tap()
  await staff.locator('.sheet__title').waitFor()
  await pictures(staff, 'merchant-staff-leaving')
}

/** Its code, printed and for an amount, and the page of whoever scans that. */
async function merchantCodes({ open }: Studio): Promise<void> {
  const poster = await open('/q/M0001/poster')
  await poster.locator('img.poster').waitFor()
  await pictures(poster, 'merchant-poster')
  const shop = await open('/#/pages/merchant-charge/index?merchant=M0001')
  await shop.getByLabel('收款金额，元').fill('66')
  const made = shop.waitForResponse((answer) => answer.url().endsWith('/api/merchant/pay-codes'))
  await shop.getByRole('button', { name: '生成收款码', exact: true }).tap()
  const { path } = (await (await made).json()) as MadePayCodeView
  await shop.locator('.charge__qr').waitFor()
  await pictures(shop, 'merchant-charge')
  const page = await open(path)
  await page.locator('.key--pay:enabled').waitFor()
  await pictures(page, 'pay-fixed')
}

async function offline({ open }: Studio): Promise<void> {
  const page = await open('/q/M0009')
  await page.locator('.keypad').waitFor()
  await page.context().setOffline(true)
  await tapAmount(page, '58.5')
  await reads(page, '.deal', ['网络不通', '暂时算不出优惠', '重试'])
  await pictures(page, 'offline')
}

/** A page of a payer's or a merchant's: light and dark, on the narrowest telephone, and with text of twice its size. */
async function pictures(page: Page, name: string): Promise<void> {
  await picture(page, name)
  await page.emulateMedia({ colorScheme: 'dark' })
  await picture(page, name, 'dark')
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize(NARROW)
  await screen(page, `${name}-320.png`, 'css')
  await page.setViewportSize(PHONE_SIZE)
  await wishText(page, 2)
  await screen(page, `${name}-200.png`, 'css')
  await wishText(page, 1)
}

async function picture(page: Page, name: string, colorScheme: 'light' | 'dark' = 'light'): Promise<void> {
  await screen(page, `${name}${colorScheme === 'dark' ? '-dark' : ''}.png`, 'device')
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
