import type { BrowserContextOptions, Page } from 'playwright-core'
import { SANDBOX_PASSWORD, type TestSystem } from '../harness/system'
import { ownersCode } from '../harness/two-people'
import { addDays, businessDate } from '../server/domain/business-date'
import type { CampaignDetail } from '../server/http/contract'
import { tradeToday } from './screenshots-history'

/** The console's pictures: a day's trade at the food street, a draft on its way through review, and each page as it is. */

interface Studio {
  system: TestSystem
  open(path: string, options?: BrowserContextOptions): Promise<Page>
  picture(page: Page, name: string, colorScheme?: 'light' | 'dark'): Promise<void>
}

/** Tables are read at one pixel a pixel; at more the files would be too large for a README. */
const DESK = { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1, isMobile: false, hasTouch: false }
const TODAY = businessDate(Date.now())
const YESTERDAY = addDays(TODAY, -1)

type Who = 'maker' | 'checker' | 'admin'

/** Which address, what to wait for (a word of its content), and who looks; the name is the picture's. */
const PICTURES: readonly [name: string, at: string, word: string, who?: Who][] = [
  ['home', 'home', '进行中的活动'],
  ['notifications', 'notifications', '待复核', 'checker'],
  ['campaigns', 'campaigns', '夜市扫码立减'],
  ['campaign', 'campaigns/food-street', '商户名额'],
  ['report', 'campaigns/food-street/report?by=merchant', '老街牛肉面'],
  ['deck', `campaigns/food-street/decks/M0001/${TODAY}`, '开牌承诺'],
  ['merchants', 'merchants', '老街牛肉面'],
  ['merchant', 'merchants/M0001', '已绑定'],
  ['branches', 'branches', '城北支行'],
  ['orders', 'orders', '老街牛肉面'],
  ['refunds', 'refunds', '少上一道菜'],
  ['reviews', 'reviews', '商户结算信息', 'checker'],
  ['reconciliation', 'reconciliation', '条待处理', 'checker'],
  ['reconciliation-day', `reconciliation/${YESTERDAY}`, '金额不符', 'checker'],
  ['audit', 'audit', '操作记录', 'admin'],
  ['operators', 'operators', 'maker', 'admin'],
]

export async function consolePictures(studio: Studio): Promise<void> {
  const { system, open, picture } = studio
  await tradeToday(system)
  await trade(system)
  await bindOwner(system)
  await submitNightMarket(system)
  await askForAccounts(system)
  const desks = new Map<string, Page>()
  for (const [name, at, word, who = 'maker'] of PICTURES) {
    const page = desks.get(who) ?? (await logIn(open, who))
    desks.set(who, page)
    await show(page, system, at, word)
    await picture(page, `console-${name}`)
  }
  const maker = desks.get('maker')!
  await difference(desks.get('checker')!, studio)
  await orderWithRefund(maker, studio)
  await bindingCode(maker, studio)
  await faultyImport(maker, studio)
  await newCampaign(maker, system, picture)
  const door = await open('/#/console/', DESK)
  await door.getByLabel('用户名').waitFor()
  await picture(door, 'console-login')
  const night = await logIn(open, 'maker', 'dark')
  await show(night, system, 'campaigns/food-street', '商户名额')
  await picture(night, 'console-campaign', 'dark')
}

async function trade(system: TestSystem): Promise<void> {
  const amountsFen = [2_600, 3_850, 1_500, 800, 4_200, 1_990, 12_800, 950, 3_300]
  for (const [i, amountFen] of amountsFen.entries())
    for (const merchant of ['M0001', 'M0002', 'M0004', 'M0006', 'M0008', 'M0010'].slice(0, 1 + (i % 6))) {
      const guest = await system.payer(`desk-${i}-${merchant}`)
      const { body } = await guest.pay((await guest.quote(amountFen, merchant)).body.quoteId)
      await guest.ended(body.orderNo)
    }
}

/** The owner of M0001 has bound with a code. */
async function bindOwner(system: TestSystem): Promise<void> {
  const bindingCode = await ownersCode(system, 'M0001')
  const bound = { platform: 'weapp', code: 'owner-of-the-picture', bindingCode }
  await system.call('POST', '/api/merchant/binding', { body: bound })
}

/** A merchant changes banks, and a file brings two new ones. */
async function askForAccounts(system: TestSystem): Promise<void> {
  const maker = await system.operator('maker2')
  const lines = ['商户号,商户名称,网点,结算账户', 'M0101,夜市一号,B01,acct-M0101', 'M0102,夜市二号,B02,acct-M0102']
  await maker.post('/admin/merchants/import', undefined, { raw: { type: 'text/csv', text: lines.join('\n') } })
  await maker.patch('/admin/merchants/M0003', { account: 'acct-5678', note: '店主换了银行卡，附申请书' })
}

async function submitNightMarket(system: TestSystem): Promise<void> {
  const maker = await system.operator('maker')
  const { rule } = (await maker.get<CampaignDetail>('/admin/campaigns/food-street')).body
  const { body } = await maker.post<CampaignDetail>('/admin/campaigns', {
    name: '夜市扫码立减',
    organiser: '发牌示范银行',
    startDate: addDays(TODAY, 7),
    endDate: addDays(TODAY, 36),
    rule: { ...rule, slots: 30, thresholdFen: 2_000 },
    budgetFen: 6_000_000,
    priority: 5,
    merchantCodes: ['M0018', 'M0019', 'M0020'],
    controlCodes: ['M0016', 'M0017'],
  })
  await maker.decide(`/admin/campaigns/${body.campaignId}/submit`, { note: '预算已批，名单见附件' })
}

async function logIn(open: Studio['open'], username: string, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
  const page = await open('/#/console/', { ...DESK, colorScheme })
  await page.getByLabel('用户名').fill(username)
  await page.getByLabel('密码').fill(SANDBOX_PASSWORD)
  await page.getByRole('button', { name: '登录' }).click()
  await page.locator('.c-side').waitFor()
  return page
}

/** Opens a page and waits until it is read; the pointer is put where nothing reacts to it. */
async function show(page: Page, system: TestSystem, at: string, word: string): Promise<void> {
  await page.goto(`${system.url()}/#/console/${at}`)
  await page.locator('main').getByText(word).first().waitFor()
  await page.locator('.c-loading').first().waitFor({ state: 'detached' })
  await page.mouse.move(1, 1)
}

async function difference(page: Page, { system, picture }: Studio): Promise<void> {
  await show(page, system, `reconciliation/${YESTERDAY}`, '金额不符')
  const row = page.getByRole('row', { name: /^金额不符/ })
  await row.getByRole('button', { name: /^核对差错/ }).click()
  await page.getByRole('dialog').getByText('认可时做的更正').waitFor()
  await picture(page, 'console-difference')
  await page.getByRole('dialog').getByRole('button', { name: '关闭' }).click()
}

async function orderWithRefund(page: Page, { system, picture }: Studio): Promise<void> {
  await show(page, system, 'refunds', '少上一道菜')
  const row = page.getByRole('row', { name: /少上一道菜/ })
  await row.getByRole('link').click()
  await page.getByText('借贷相抵').waitFor()
  await page.mouse.move(1, 1)
  await picture(page, 'console-order')
}

async function bindingCode(page: Page, { system, picture }: Studio): Promise<void> {
  await show(page, system, 'merchants/M0001', '已绑定')
  await page.getByRole('button', { name: '发绑定码' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '收银员' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '发绑定码' }).click()
  await page.getByText(/^剩余/).waitFor()
  await page.mouse.move(1, 1)
  await picture(page, 'console-binding')
  await page.getByRole('button', { name: '已记下，关闭' }).click()
}

async function faultyImport(page: Page, { system, picture }: Studio): Promise<void> {
  const lines = [
    '商户号,名称,网点,结算账户',
    'M0101,夜市一号,B01,6217000000000101',
    'M0102,夜市二号,B09,6217000000000102',
    'M0101,夜市三号,B02,6217000000000103',
    'M0104,,B02,6217000000000104',
  ]
  await show(page, system, 'merchant-import', '怎样导入')
  const file = { name: '夜市商户.csv', mimeType: 'text/csv', buffer: Buffer.from(lines.join('\n')) }
  await page.getByLabel('CSV 文件').setInputFiles(file)
  await page.getByText('有错的行').first().waitFor()
  await picture(page, 'console-import')
}

async function newCampaign(page: Page, system: TestSystem, picture: Studio['picture']): Promise<void> {
  await show(page, system, 'campaigns/new', '发牌预览')
  await page.getByLabel('活动名称').fill('早餐季扫码立减')
  await page.getByLabel('主办方').fill('发牌示范银行')
  await page.getByLabel('开始日期').fill(addDays(TODAY, 14))
  await page.getByLabel('结束日期（含）').fill(addDays(TODAY, 73))
  await page.getByLabel('总预算').fill('150000')
  await page.getByLabel('粘贴商户号').first().fill('M0001 M0002 M0003 M0004 M0005 M0006')
  await page.getByRole('button', { name: '加入粘贴的' }).first().click()
  await page.getByText('6 家商户，').waitFor()
  await page.locator('.taro_page').evaluate((element) => element.scrollTo(0, 0))
  await picture(page, 'console-new')
}
