import { resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { describeInBrowser, launchBrowser, openPhone, type Phone, reads, tapAmount } from '../../harness/browser'
import { chineseDate } from '../../harness/chinese-date'
import { startTestSystem, type TestSystem } from '../../harness/system'
import { buildPages } from '../../scripts/build-pages'
import { businessDate, endOfBusinessDate } from '../../server/domain/business-date'
import { formatYuan } from '../../server/domain/money'
import type { MerchantSummaryView, OrderList, OrderView, ReconciliationView, Report } from '../../server/http/contract'
import { type Desks, openDesks } from '../support/desks'

const YESTERDAY = businessDate(Date.now() - 86_400_000)
const TODAY = businessDate(Date.now())
const MIDNIGHT = endOfBusinessDate(YESTERDAY)

/** The system's midnight comes so long after its start; if it takes longer on this machine, it starts again with more. */
const LEADS_MS = [45_000, 120_000, 300_000]

describeInBrowser('a payment over midnight, in a browser', () => {
  let system: TestSystem
  let browser: Browser
  let phone: Phone
  let desks: Desks
  let order: OrderView

  beforeAll(async () => {
    await buildPages('h5')
    browser = await launchBrowser()
    for (const leadMs of LEADS_MS) {
      const daysAgo = (Date.now() - MIDNIGHT + leadMs) / 86_400_000
      system = await startTestSystem({ H5_DIR: resolve(__dirname, '../../dist/h5') }, { daysAgo })
      if ((await now()) < MIDNIGHT - 15_000) break
      await system.stop()
    }
    phone = await openPhone(browser, system.url())
    desks = openDesks(browser, system)
  }, 600_000)
  afterAll(async () => {
    const faults = [...(phone?.faults() ?? []), ...((await desks?.close()) ?? [])]
    await phone?.close()
    await browser?.close()
    await system?.stop()
    expect(faults).toEqual([])
  })

  /** By the ledger's clock, as pages hear of it. */
  async function now(): Promise<number> {
    return Date.parse((await system.call('GET', '/healthz')).headers.get('date')!)
  }
  async function until(at: number): Promise<void> {
    while ((await now()) < at) await new Promise((resolve) => setTimeout(resolve, 500))
  }
  const lineOf = (page: Page, name: string) => page.locator('.rows__row', { hasText: name }).locator('.rows__value')

  it('quoted at 23:59:50 and paid at 00:00:10 at the price that was shown, it is today’s to its payer', async () => {
    const page = await phone.open('/q/M0001')
    await until(MIDNIGHT - 10_000)
    await tapAmount(page, '66')
    const key = page.locator('.key--pay:enabled')
    await key.waitFor()
    const shown = /¥(\d+\.\d\d)/.exec((await key.textContent())!)![1]!
    expect(await now()).toBeLessThan(MIDNIGHT)
    await until(MIDNIGHT + 10_000)
    await key.tap()
    await reads(page, '.verdict__title', ['支付成功'])
    expect(await lineOf(page, '时间').textContent()).toMatch(new RegExp(`^${TODAY} 00:0\\d:\\d\\d$`))
    const orderNo = await lineOf(page, '订单号').textContent()
    expect(orderNo).toContain(TODAY.replaceAll('-', ''))
    await page.close()

    const back = await phone.open('/q/M0001')
    const asked = await back.waitForResponse((one) => one.url().includes('/api/orders?'))
    ;[order] = ((await asked.json()) as OrderList).items as [OrderView]
    expect(order).toMatchObject({ orderNo, businessDate: TODAY, state: 'paid' })
    expect(formatYuan(order.payableFen)).toContain(shown)
    expect(order.discountFen).toBeGreaterThan(0)
    await reads(back, '.sheet', [
      '刚刚付过一笔',
      /^刚才 00:0\d 的 ¥\d\d\.\d\d 已支付。要再付一笔吗？$/,
      '看结果',
      '再付一笔',
    ])
  }, 600_000)

  it('is the merchant’s of today, in list and totals, and not yesterday’s', async () => {
    const { token } = await system.merchant('M0001')
    const summaries = await Promise.all(
      [YESTERDAY, TODAY].map((date) => system.call('GET', `/api/merchant/summary?date=${date}`, { token })),
    )
    expect(summaries.map(({ body }) => (body as MerchantSummaryView).orderCount)).toEqual([0, 1])
    expect(await (await system.merchant('M0001')).orders()).toMatchObject([{ orderNo: order.orderNo }])
  })

  it('is today’s in the console’s list and report, and its card is of yesterday’s deck', async () => {
    const viewer = await desks.logIn('checker', `orders?date=${TODAY}`)
    await viewer.getByRole('row', { name: new RegExp(order.orderNo) }).waitFor()
    await desks.show(viewer, 'campaigns/food-street/report?by=day', '明细')
    await viewer.getByRole('row', { name: new RegExp(chineseDate(TODAY)) }).waitFor()
    const { token } = await system.operator('checker')
    const { rows } = (await system.call('GET', '/admin/campaigns/food-street/report?by=day', { token })).body as Report
    const of = (date: string) => rows.find(({ key }) => key === date)
    expect(of(YESTERDAY)).toMatchObject({ orderCount: 0, discountFen: 0 })
    expect(of(TODAY)).toMatchObject({ orderCount: 1, discountFen: order.discountFen })
    const deck = await system.call('GET', `/admin/campaigns/food-street/decks/M0001/${YESTERDAY}`, { token })
    expect(JSON.stringify(deck.body)).toContain(order.orderNo)
  })

  it('is in the bank’s statement of today, which balances, and in none of yesterday', async () => {
    const { token } = await system.operator('checker')
    await system.statements.cut(TODAY)
    const reconcile = async (date: string) =>
      (await system.call('POST', `/admin/reconciliations/${date}?channel=bank`, { token })).body as ReconciliationView
    expect(await reconcile(YESTERDAY)).toMatchObject({ reason: 'before-first-day' })
    expect(await reconcile(TODAY)).toMatchObject({
      settled: true,
      lines: 1,
      own: { clearing: { count: 1, payerFen: -order.payableFen } },
    })
  })
})
