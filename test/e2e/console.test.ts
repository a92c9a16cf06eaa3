import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { describeInBrowser, launchBrowser } from '../../harness/browser'
import { chineseDate } from '../../harness/chinese-date'
import { masterKeyDealing } from '../../harness/master-key'
import { SANDBOX_PASSWORD, startTestSystem, type TestSystem } from '../../harness/system'
import { TODAY } from '../../harness/today'
import { buildPages } from '../../scripts/build-pages'
import { addDays } from '../../server/domain/business-date'
import type { CampaignList } from '../../server/http/contract'
import { confirm, type Desks, fillLogIn, heading, lookFaultsInBoth, openDesks, overflowPx } from '../support/desks'

describeInBrowser('the console in a browser, on the real server', () => {
  let system: TestSystem
  let browser: Browser
  let desks: Desks

  beforeAll(async () => {
    await buildPages('h5')
    system = await startTestSystem({
      MASTER_KEY: masterKeyDealing(1_000, 'M0001', Date.now()),
      H5_DIR: resolve(__dirname, '../../dist/h5'),
    })
    browser = await launchBrowser()
    desks = openDesks(browser, system)
  })
  afterEach(async () => {
    expect(await desks.close()).toEqual([])
  })
  afterAll(async () => {
    await browser?.close()
    await system?.stop()
  })

  const state = (page: Page, words: string) => page.locator('.c-head .c-pill', { hasText: words }).waitFor()

  it('takes a campaign from a draft over two desks to a running one, pauses it and lifts the pause', async () => {
    const maker = await desks.logIn('maker')
    await maker.getByRole('link', { name: '新建活动' }).click()
    await heading(maker, '新建活动')
    await maker.getByLabel('活动名称').fill('夜市扫码立减')
    await maker.getByLabel('主办方').fill('发牌示范银行')
    await maker.getByLabel('开始日期').fill(TODAY)
    await maker.getByLabel('结束日期（含）').fill(addDays(TODAY, 29))
    await maker.getByLabel('总预算').fill('20000')
    await maker.getByLabel('优先级').fill('5')
    await maker.getByLabel('按名称或商户号找').first().fill('月下')
    await maker.getByRole('button', { name: /^加入 月下小馆/ }).click()
    await maker.getByLabel('粘贴商户号').first().fill('M0018 M0019')
    await maker.getByRole('button', { name: '加入粘贴的' }).first().click()
    await maker.getByText('参与商户：3 家').waitFor()
    await maker.locator('.dots__dot').nth(19).waitFor()
    await maker.getByText('对外宣传 满10元最高减5元').waitFor()
    await maker.getByRole('button', { name: '保存草稿' }).click()

    await heading(maker, '夜市扫码立减')
    await state(maker, '草稿')
    await confirm(maker, '提交复核')
    await state(maker, '待复核')
    const address = new URL(maker.url()).hash.replace('#/console/', '')
    await maker.getByRole('link', { name: '待复核' }).click()
    await maker.getByText('自己提交的，由同事复核').waitFor()
    expect(await maker.getByRole('button', { name: '通过' }).count()).toBe(0)

    const checker = await desks.logIn('checker', 'reviews')
    // beside it 消息 counts its own
    const waiting = checker.getByRole('link', { name: /^待复核/ }).locator('.c-badge')
    await waiting.waitFor()
    await checker
      .getByRole('row', { name: /总预算/ })
      .getByText('¥20,000.00')
      .waitFor()
    await confirm(checker, '通过')
    await checker.getByText('没有等待复核或生效的变更').waitFor()
    await waiting.waitFor({ state: 'detached' })

    await maker.goto(`${system.url()}/#/console/${address}`)
    await state(maker, '进行中')
    // written down by a job a few seconds later; until then the revision that is looked at may change
    await maker.getByText('按日期开始').waitFor()
    const payer = await system.payer('guest')
    const quoted = await payer.quote(5_000, 'M0020')
    expect(quoted.body.discountFen).toBeGreaterThan(0)
    await payer.pay(quoted.body.quoteId)
    await maker.reload()
    await maker
      .getByRole('row', { name: /月下小馆/ })
      .getByText(/^1 \/ 20/)
      .waitFor()

    await confirm(maker, '暂停', '核对商户名单')
    await state(maker, '已暂停')
    expect((await payer.quote(5_000, 'M0019')).body.reason).toBe('campaign-paused')
    await checker.reload()
    await confirm(checker, '驳回', '名单没有问题')
    await checker.getByText('没有等待复核或生效的变更').waitFor()
    await maker.reload()
    await state(maker, '进行中')
    await maker.getByText('名单没有问题').waitFor()
  })

  it('comes back to a list where it was left, and the page is still the same one', async () => {
    const maker = await desks.logIn('maker', 'merchants')
    await maker.setViewportSize({ width: 1280, height: 400 })
    const shop = maker.locator('tbody tr a').nth(12)
    await shop.waitFor()
    const top = () => maker.locator('.taro_page').evaluate((page) => page.scrollTop)
    const page = await maker.locator('.taro_page').elementHandle()
    await page!.evaluate((one) => one.scrollTo(0, 500))
    await shop.click()
    await maker.getByRole('heading', { level: 1, name: '商户', exact: true }).waitFor({ state: 'detached' })
    await maker.waitForFunction(() => document.querySelector('.taro_page')!.scrollTop === 0)
    await maker.goBack()
    await maker.waitForFunction(() => document.querySelector('.taro_page')!.scrollTop === 500)
    expect([await top(), await page!.evaluate((one) => one.isConnected)]).toEqual([500, true])

    // who is at work already when the list comes isn't moved away from what they press
    await shop.click()
    await maker.getByRole('heading', { level: 1, name: '商户', exact: true }).waitFor({ state: 'detached' })
    let come = () => {}
    const held = new Promise<void>((resolve) => (come = resolve))
    await maker.route(/\/admin\/merchants(\?|$)/, (route) => held.then(() => route.continue()))
    await maker.goBack()
    await maker.getByRole('heading', { level: 1, name: '商户', exact: true }).click()
    come()
    await shop.waitFor()
    const frames = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    await maker.evaluate(frames)
    expect(await top()).toBe(0)
    await maker.unroute(/\/admin\/merchants(\?|$)/)
  })

  it('loses nothing of a form by Back, reload, a session that ends, a duplicated tab or a lost reply, and makes one campaign', async () => {
    const maker = await desks.logIn('maker')
    const name = (page: Page) => page.getByLabel('活动名称').inputValue()
    const kept = (page: Page) => page.getByText(/\d\d:\d\d 已自动保存/).waitFor()
    await maker.getByRole('link', { name: '新建活动' }).click()
    await maker.getByLabel('活动名称').fill('不会丢的活动')
    await kept(maker)
    await maker.goBack()
    await maker.getByRole('link', { name: /^新活动“不会丢的活动”/ }).click()
    await maker.getByText(/^已接着您/).waitFor()
    await maker.getByLabel('主办方').fill('发牌示范银行')
    await maker.getByLabel('开始日期').fill(addDays(TODAY, 2))
    await maker.getByLabel('结束日期（含）').fill(addDays(TODAY, 9))
    await kept(maker)
    await maker.reload()
    await maker.getByText(/^已接着您/).waitFor()
    expect(await maker.getByLabel('主办方').inputValue()).toBe('发牌示范银行')

    await maker.evaluate(async () => {
      const { token } = JSON.parse(sessionStorage.getItem('fapai.console')!)
      const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
      await fetch('/admin/session/end', { method: 'POST', headers, body: '{}' })
    })
    await maker.getByLabel('总预算').fill('2000')
    await maker.getByText('登录已过期，请重新登录。').waitFor()
    await fillLogIn(maker, 'maker', SANDBOX_PASSWORD)
    await maker.locator('.c-over').waitFor({ state: 'detached' })
    expect(await maker.getByLabel('总预算').inputValue()).toBe('2000')
    await kept(maker)

    const opened = maker.context().waitForEvent('page')
    await maker.evaluate(() => void window.open(location.href))
    const tab = await opened
    await tab.getByText(/^已接着您/).waitFor()
    // both have the same refresh token, which works once
    for (const page of [tab, maker]) {
      await page.evaluate(() => {
        const session = JSON.parse(sessionStorage.getItem('fapai.console')!)
        sessionStorage.setItem('fapai.console', JSON.stringify({ ...session, token: 'spoilt' }))
      })
      // and whoever renewed it knows so after another reload
      for (let i = 0; i < 2; i++) {
        await page.reload()
        await page.getByText(/^已接着您/).waitFor()
      }
    }
    await tab.getByLabel('活动名称').fill('不会丢的活动甲')
    await kept(tab)
    await maker.getByLabel('总预算').fill('3000')
    await maker.getByText('已并入您在另一个标签页填写的内容').waitFor()
    expect(await name(maker)).toBe('不会丢的活动甲')

    await tab.getByLabel('总预算').fill('3000')
    await tab.route('**/admin/campaigns', async (route) => {
      await route.fetch()
      await route.abort()
    })
    await tab.getByRole('button', { name: '保存草稿' }).click()
    await tab.getByText('网络不通，请检查网络后重试').waitFor()
    await tab.unroute('**/admin/campaigns')
    await tab.getByRole('button', { name: '保存草稿' }).click()
    await heading(tab, '不会丢的活动甲')
    await maker.getByRole('button', { name: '保存草稿' }).click()
    await heading(maker, '不会丢的活动甲')
    expect(maker.url()).toBe(tab.url())
    const made = await (await system.operator('maker')).get<CampaignList>('/admin/campaigns?q=不会丢的')
    expect(made.body.items).toMatchObject([{ name: '不会丢的活动甲', budgetFen: 300_000 }])
    await confirm(maker, '删除草稿')
    await heading(maker, '活动')
    await maker.getByText('已删除草稿：不会丢的活动甲').waitFor()
    expect((await desks.close()).filter((fault) => !/net::ERR_FAILED/.test(fault))).toEqual([])
  })

  it('answers the questions of a running campaign down to the orders of a deck', async () => {
    const guest = await system.payer('guest-of-the-deck')
    const { body } = await guest.pay((await guest.quote(10_000, 'M0001')).body.quoteId)
    const page = await desks.logIn('maker', 'campaigns/food-street')
    await heading(page, '美食街扫码立减')
    expect(await page.locator('.c-figure').count()).toBe(5)
    await page.locator('canvas').first().waitFor()
    const row = page.getByRole('row', { name: /老街牛肉面/ })
    await row.getByRole('img', { name: /^共 20 份，已用 1 份/ }).waitFor()
    await row.getByRole('link', { name: '老街牛肉面' }).click()
    await heading(page, `老街牛肉面 ${chineseDate(TODAY)} 的牌组`)
    await page.getByRole('link', { name: new RegExp(`^订单 ….*${body.orderNo}$`) }).waitFor()
    expect(await page.locator('.deck__card--used .deck__amount').textContent()).toBe('10.00')
    expect(await page.locator('.deck__card--free .deck__amount').first().textContent()).toBe('？')
    await page.goBack()
    await heading(page, '美食街扫码立减')
    await page.getByRole('link', { name: '报表' }).click()
    await heading(page, /^报表：/)
    await page.getByRole('button', { name: '按商户' }).click()
    await page
      .getByRole('row', { name: /老街牛肉面/ })
      .getByText('5.00')
      .first()
      .waitFor()
    const file = page.waitForEvent('download')
    await page.getByRole('button', { name: '导出 CSV' }).click()
    expect(readFileSync(await (await file).path(), 'utf8')).toContain('M0001')
  })

  it('refuses a wrong password, an address that is not theirs, and a session that has ended', async () => {
    const page = await desks.open('')
    await fillLogIn(page, 'maker', 'not the password')
    await page.getByText('用户名或密码不正确').waitFor()
    const checker = await desks.logIn('checker', 'campaigns/new')
    await heading(checker, '没有权限')
    await checker.getByRole('button', { name: '退出' }).click()
    await checker.getByText('已退出。').waitFor()
    await checker.reload()
    await checker.getByLabel('用户名').waitFor()
  })

  /** Every page of mine with something on it; each is waited for by a word of its content. */
  const PAGES: [at: string, word: string | RegExp][] = [
    ['home', '进行中的活动'],
    ['notifications', '消息列表'],
    ['campaigns', '满10元最高减5元'],
    ['campaigns/new', '发牌预览'],
    ['campaigns/food-street', '商户名额'],
    ['campaigns/food-street/report', '明细'],
    [`campaigns/food-street/decks/M0001/${TODAY}`, '开牌承诺'],
    ['reviews', '待复核'],
    ['password', '再输一次新密码'],
  ]

  it('has no serious accessibility fault and no faint text in light and dark colours, and fits windows 1920, 1280 and 400 pixels wide', async () => {
    const guest = await system.payer('guest-of-the-pages')
    await guest.pay((await guest.quote(10_000, 'M0001')).body.quoteId)
    const page = await desks.logIn('maker', 'campaigns')
    const found: string[] = []
    for (const [at, word] of PAGES) {
      await desks.show(page, at, word)
      found.push(...(await lookFaultsInBoth(page)).map((fault) => `${at}: ${fault}`))
      for (const width of [1920, 1280, 400]) {
        await page.setViewportSize({ width, height: 800 })
        // a chart is told of its new width a frame later
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
        const over = await overflowPx(page)
        if (over > 0) found.push(`${at}: ${over} px wider than ${width}`)
      }
      await page.setViewportSize({ width: 1280, height: 800 })
    }
    await page.goto(`${system.url()}/#/console/campaigns/food-street`)
    await page.getByRole('button', { name: '结束活动' }).click()
    await page.getByRole('dialog').waitFor()
    found.push(...(await lookFaultsInBoth(page)).map((fault) => `dialog: ${fault}`))
    expect(found).toEqual([])
  }, 300_000)

  it('can be worked by keyboard: a key skips to the page, a dialog keeps the focus and gives it back', async () => {
    const page = await desks.logIn('maker', 'campaigns/food-street')
    await heading(page, '美食街扫码立减')
    await page.getByRole('button', { name: '跳到正文' }).focus()
    await page.keyboard.press('Enter')
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN')
    const key = page.getByRole('button', { name: '暂停', exact: true })
    await key.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    for (let i = 0; i < 6; i++) {
      await page.keyboard.press('Tab')
      // between the browser's own controls and the dialog's; never on the page behind it
      expect(
        await page.evaluate(
          () => document.activeElement?.closest('main, .c-side') && !document.activeElement.closest('dialog'),
        ),
      ).toBeFalsy()
    }
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    expect(await key.evaluate((element) => element === document.activeElement)).toBe(true)
  })
})
