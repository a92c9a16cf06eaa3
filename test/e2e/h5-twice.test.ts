import { resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { describeInBrowser, launchBrowser, openPhone, type Phone, reads, tapAmount } from '../../harness/browser'
import { freePort } from '../../harness/free-port'
import { readQr } from '../../harness/qr-reader'
import { startTestSystem, type TestSystem } from '../../harness/system'
import { buildPages } from '../../scripts/build-pages'

/** The ways in which a person would pay twice by misunderstanding, each judged by the bank's own books. */
describeInBrowser('in a browser nobody pays twice by misunderstanding', () => {
  let system: TestSystem
  let browser: Browser
  let phone: Phone

  beforeAll(async () => {
    await buildPages('h5')
    system = await startTestSystem({
      H5_DIR: resolve(__dirname, '../../dist/h5'),
      BANK_TIMEOUT_MS: '3000',
      PORT: String(await freePort()),
    })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await system?.stop()
  })
  beforeEach(async () => {
    phone = await openPhone(browser, system.url())
  })
  afterEach(async () => {
    await phone.close()
    await system.bank.clearFaults()
  })

  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
  /** Types an amount and presses the key that pays. */
  async function pay(page: Page, amount: string): Promise<void> {
    await tapAmount(page, amount)
    await page.locator('.key--pay:enabled').tap()
  }
  /** How often the merchant's account was credited by the bank. */
  async function booked(merchantCode: string): Promise<number> {
    const clearings = await system.bank.clearings()
    const ofMerchant = clearings.filter(({ state, request }) => {
      return state === 'succeeded' && request?.legs.some(({ account }) => account === `acct-${merchantCode}`)
    })
    return ofMerchant.length
  }
  /** Answers to pays never reach the page, though the server gets them. Gives how to mend it, and the keys that were sent. */
  async function losingReplies(page: Page) {
    const keys = new Set<string | undefined>()
    let losing = true
    await page.route('**/api/orders', async (route) => {
      if (!losing || route.request().method() !== 'POST') return route.continue()
      keys.add(route.request().headers()['idempotency-key'])
      await route.fetch()
      await route.abort('connectionreset')
    })
    const mend = () => {
      losing = false
    }
    return { keys, mend }
  }
  const again = (words: string) => [
    '刚刚付过一笔',
    new RegExp(`^刚才 \\d\\d:\\d\\d 的 ${words}。要再付一笔吗？$`),
    '看结果',
    '再付一笔',
  ]

  it('the bank’s reply is lost and the payer leaves: the pay page knows, and a second payment is a deliberate one', async () => {
    await system.bank.faults({ mode: 'lose-reply', on: ['pay'] }, { mode: 'error-before', on: ['query', 'close'] })
    const page = await phone.open('/q/M0001')
    await pay(page, '9')
    await reads(page, '.verdict__title', ['银行处理中，请勿重复付款'])
    await button(page, '先离开').tap()
    const question = /^刚才 \d\d:\d\d 的 ¥9\.00 还在处理。要再付一笔吗？$/
    await reads(page, '.sheet', ['上一笔还在处理', question, '看结果', '再付一笔'])
    await button(page, '看结果').tap()
    await reads(page, '.verdict__title', ['银行处理中，请勿重复付款'])
    await system.bank.clearFaults()
    await reads(page, '.verdict__title', ['支付成功'])
    await button(page, '完成').tap()
    await reads(page, '.sheet', again('¥9\\.00 已支付'))
    expect(await booked('M0001')).toBe(1)
    await button(page, '再付一笔').tap()
    await pay(page, '8')
    await reads(page, '.verdict', ['支付成功', '¥8.00'])
    expect(await booked('M0001')).toBe(2)
  })

  it('a reply lost at one shop is remembered there, though the payer didn’t wait, paid at another and came back', async () => {
    const page = await phone.open('/q/M0002')
    const { keys, mend } = await losingReplies(page)
    await pay(page, '9')
    await reads(page, '.sheet__title', ['付款结果还不知道'])
    await button(page, '不等了').tap()
    await reads(page, '.earlier', [/^\d\d:\d\d 的 ¥9\.00 还不知道结果$/, '继续确认 ›'])
    mend()
    const elsewhere = await phone.open('/q/M0003')
    await pay(elsewhere, '7')
    await reads(elsewhere, '.verdict__title', ['支付成功'])
    await page.close()
    const back = await phone.open('/q/M0002')
    const asked = back.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/api/orders'))
    expect([...keys]).toEqual([(await asked).headers()['idempotency-key']])
    await reads(back, '.verdict', ['支付成功', '¥9.00'])
    expect([await booked('M0002'), await booked('M0003')]).toEqual([1, 1])
  })

  it('of two tabs the second shows what the first has paid, and pays only when that is wanted', async () => {
    const [first, second] = [await phone.open('/q/M0004'), await phone.open('/q/M0004')]
    await tapAmount(second, '20')
    await second.locator('.key--pay:enabled').waitFor()
    await pay(first, '20')
    await reads(first, '.verdict__title', ['支付成功'])
    await second.locator('.key--pay').tap()
    await reads(second, '.sheet', again('¥\\d\\d\\.\\d\\d 已支付'))
    expect(await booked('M0004')).toBe(1)
    await button(second, '看结果').tap()
    await reads(second, '.verdict__title', ['支付成功'])
    const third = await phone.open('/q/M0004')
    await button(third, '再付一笔').tap()
    await pay(third, '9')
    await reads(third, '.verdict', ['支付成功', '¥9.00'])
    expect(await booked('M0004')).toBe(2)
  })

  it('a reply that never comes is asked for with one key, through a reload, and booked once', async () => {
    const page = await phone.open('/q/M0005')
    const { keys, mend } = await losingReplies(page)
    await pay(page, '9')
    await reads(page, '.sheet__title', ['付款结果还不知道'])
    await page.reload()
    await reads(page, '.sheet__title', ['付款结果还不知道'])
    await button(page, '继续确认').tap()
    mend()
    await reads(page, '.verdict', ['支付成功', '¥9.00'])
    expect(keys.size).toBe(1)
    expect(await booked('M0005')).toBe(1)
  })

  it('without a network nothing is sent and that is said; with it again the same tap pays once', async () => {
    const page = await phone.open('/q/M0006')
    await tapAmount(page, '9')
    await page.locator('.key--pay:enabled').waitFor()
    await phone.offline(true)
    await page.locator('.key--pay').tap()
    await reads(page, '.sheet', ['网络不通', '没有扣款。请检查网络后重试。', '再试一次', '不付了'])
    await phone.offline(false)
    await button(page, '再试一次').tap()
    await reads(page, '.verdict', ['支付成功', '¥9.00'])
    expect(await booked('M0006')).toBe(1)
  })

  it('what shows how it went is fetched before anybody pays', async () => {
    const page = await phone.open('/q/M0009')
    await tapAmount(page, '9')
    await page.locator('.key--pay:enabled').waitFor()
    await page.waitForLoadState('networkidle')
    const fetched = await page.evaluate(() =>
      performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname),
    )
    const wanted: string[] = []
    page.on('request', (request) => {
      if (/^(script|stylesheet)$/.test(request.resourceType())) wanted.push(new URL(request.url()).pathname)
    })
    await page.locator('.key--pay').tap()
    await reads(page, '.verdict__title', ['支付成功'])
    expect(wanted.length).toBeGreaterThan(0)
    expect(wanted.filter((path) => !fetched.includes(path))).toEqual([])
  })

  it('a network that goes as the result is to be shown leaves nobody with a payment that seems under way', async () => {
    const page = await phone.open('/q/M0010')
    await page.locator('.keypad').waitFor()
    let lost = true
    await page.route('**/*', (route) => {
      const { pathname } = new URL(route.request().url())
      return lost && !pathname.startsWith('/api/') ? route.abort('connectionreset') : route.continue()
    })
    const gone = page.waitForEvent('requestfailed', (request) => request.resourceType() === 'script')
    await pay(page, '9')
    await gone
    await reads(page, '.key--pay', ['付款中'])
    lost = false
    await reads(page, '.verdict', ['支付成功', '¥9.00'])
    expect(await booked('M0010')).toBe(1)
  })

  it('a bank that takes nothing for now has debited nobody; the payment goes through when it is back', async () => {
    const page = await phone.open('/q/M0007')
    const problem = { type: 'about:blank', title: '', status: 503, code: 'channel-unavailable' }
    await page.route('**/api/orders', (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({ status: 503, headers: { 'Retry-After': '2' }, json: problem })
        : route.continue(),
    )
    await pay(page, '9')
    await reads(page, '.sheet', ['暂时无法受理', '没有扣款。请稍等片刻再付，或换一种付款方式。', '请稍候', '不付了'])
    expect(await booked('M0007')).toBe(0)
    await page.unroute('**/api/orders')
    await button(page, '再试一次').tap()
    await reads(page, '.verdict', ['支付成功', '¥9.00'])
    expect(await booked('M0007')).toBe(1)
  })

  it('a price that rises under the thumb isn’t paid by that tap', async () => {
    const page = await phone.open('/q/M0008')
    let asked = 0
    await page.route('**/api/quotes', async (route) => {
      // Where digits are typed slowly, each amount on the way is quoted as well.
      if (route.request().postDataJSON().amountFen !== 10_000) return route.continue()
      const quote = await (await route.fetch()).json()
      const short = { ...quote, expiresAt: new Date(Date.now() + 3_000).toISOString() }
      const { amountFen } = quote
      const full = { discountFen: 0, payerDiscountFen: 0, payableFen: amountFen, reason: 'sold-out' }
      await route.fulfill({ json: asked++ === 0 ? short : { ...quote, ...full } })
    })
    const sent: string[] = []
    page.on('request', (request) => request.url().endsWith('/api/orders') && sent.push(request.method()))
    // A tap at the very moment in which the new price appears, however slow the machine is.
    await page.evaluate(() => {
      const tapped = new Promise((resolve) => {
        const look = () => {
          const key = document.querySelector<HTMLButtonElement>('.key--pay')
          if (!key?.textContent.startsWith('请核对')) return
          key.click()
          resolve(key.disabled)
        }
        new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true })
      })
      Object.assign(window, { tapped })
    })
    await tapAmount(page, '100')
    const off = await page.evaluate(() => (window as unknown as { tapped: Promise<boolean> }).tapped)
    expect(off).toBe(true)
    await reads(page, '.key--pay', ['付款', '¥100.00'])
    expect(sent).toEqual([])
  })

  it('a code for an amount is scanned, paid as it says, and once; the shop hears of it', async () => {
    const shop = await phone.open('/#/pages/merchant/index?merchant=M0015')
    await button(shop, '指定金额收款').tap()
    await shop.getByLabel('收款金额，元').fill('66')
    await button(shop, '生成收款码').tap()
    await reads(shop, '.charge', ['请顾客扫码付款', '¥66.00', '5 分钟内有效，只能付一次'])
    const picture = await shop.locator('.charge__qr').evaluate((one) => /url\("(.*)"\)/.exec(one.style.background)![1]!)
    const said = new URL(await readQr(shop, picture))
    expect([said.origin, said.pathname]).toEqual([system.url(), '/q/M0015'])

    const page = await phone.open(said.pathname + said.search)
    await reads(page, '.amount', ['付款金额（店家已填好）', '¥', '66.00'])
    expect(await page.locator('.keypad button').count()).toBe(1)
    const code = said.searchParams.get('pay')!
    for (const address of [`/q/M0013?pay=${code}`, `/q/M0015?pay=${code.slice(0, -2)}`])
      await reads(await phone.open(address), '.notice__title', ['这个收款码不对'])
    await page.locator('.key--pay:enabled').tap()
    await reads(page, '.verdict__title', ['支付成功'])
    await reads(shop, '.charge', ['收到了', '¥66.00', '✓', '已记在收款记录里'])
    const other = await openPhone(browser, system.url())
    await reads(await other.open(said.pathname + said.search), '.notice__title', ['这个收款码用过了'])
    await other.close()
    expect(await booked('M0015')).toBe(1)
  })
})
