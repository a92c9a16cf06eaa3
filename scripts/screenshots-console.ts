import type { BrowserContextOptions, Page } from 'playwright-core'
import { addDays, businessDate } from '../server/domain/business-date'
import type { CampaignDetail } from '../server/http/contract'
import { SANDBOX_PASSWORD, type TestSystem } from '../test/support/system'

/** The console's pictures: a day's trade at the food street, a draft on its way through review, and each page as it is. */

interface Studio {
  system: TestSystem
  open(path: string, options?: BrowserContextOptions): Promise<Page>
  picture(page: Page, name: string, colorScheme?: 'light' | 'dark'): Promise<void>
}

/** Tables are read at one pixel a pixel; at more the files would be too large for a README. */
const DESK = { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1, isMobile: false, hasTouch: false }
const TODAY = businessDate(Date.now())

/** Which address, what to wait for (a word of its content), and who looks; the name is the picture's. */
const PICTURES: readonly [name: string, at: string, word: string, who?: 'checker' | 'admin'][] = [
  ['campaigns', 'campaigns', '夜市扫码立减'],
  ['campaign', 'campaigns/food-street', '商户名额'],
  ['report', 'campaigns/food-street/report?by=merchant', '老街牛肉面'],
  ['deck', `campaigns/food-street/decks/M0001/${TODAY}`, '开牌承诺'],
  ['merchants', 'merchants', '老街牛肉面'],
  ['orders', 'orders', '老街牛肉面'],
  ['reviews', 'reviews', '夜市扫码立减', 'checker'],
  ['audit', 'audit', '操作记录', 'admin'],
  ['operators', 'operators', 'maker', 'admin'],
]

export async function consolePictures({ system, open, picture }: Studio): Promise<void> {
  await trade(system)
  await submitNightMarket(system)
  const desks = new Map<string, Page>()
  for (const [name, at, word, who = 'maker'] of PICTURES) {
    const page = desks.get(who) ?? (await logIn(open, who))
    desks.set(who, page)
    await show(page, system, at, word)
    await picture(page, `console-${name}`)
  }
  await newCampaign(desks.get('maker')!, system, picture)
  const door = await open('/#/console/', DESK)
  await door.getByLabel('用户名').waitFor()
  await picture(door, 'console-login')
  const night = await logIn(open, 'maker', 'dark')
  await show(night, system, 'campaigns/food-street', '商户名额')
  await picture(night, 'console-campaign', 'dark')
}

/** Some guests at six merchants, fen; those below the threshold get no card. */
async function trade(system: TestSystem): Promise<void> {
  const amountsFen = [2_600, 3_850, 1_500, 800, 4_200, 1_990, 12_800, 950, 3_300]
  for (const [i, amountFen] of amountsFen.entries())
    for (const merchant of ['M0001', 'M0002', 'M0004', 'M0006', 'M0008', 'M0010'].slice(0, 1 + (i % 6))) {
      const guest = await system.payer(`desk-${i}-${merchant}`)
      const { body } = await guest.pay((await guest.quote(amountFen, merchant)).body.quoteId)
      await guest.ended(body.orderNo)
    }
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
  await maker.post(`/admin/campaigns/${body.campaignId}/submit`, { note: '预算已批，名单见附件' })
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

async function newCampaign(page: Page, system: TestSystem, picture: Studio['picture']): Promise<void> {
  await show(page, system, 'campaigns/new', '一副牌的样子')
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
  // nothing of it is kept
  await page.getByRole('button', { name: '取消' }).click()
  await page.getByRole('button', { name: '不保存，离开' }).click()
}
