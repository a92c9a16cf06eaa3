import { resolve } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import {
  describeInBrowser,
  launchBrowser,
  NO_NETWORK,
  openPhone,
  type Phone,
  reads,
  tapAmount,
} from '../../harness/browser'
import { freePort } from '../../harness/free-port'
import { masterKeyDealing } from '../../harness/master-key'
import { startTestSystem, type TestSystem } from '../../harness/system'
import { buildPages } from '../../scripts/build-pages'
import { arrivalSounds } from '../../src/pages/merchant/voice/words'
import { askByKeyboard, askByTouch, confirmByKeyboard } from '../support/refunding'

const CONFLICT = /^error: Failed to load resource: the server responded with a status of 409/
const REFUSED =
  /^error: Failed to load resource: the server responded with a status of 401|^warning: WebSocket|^error: WebSocket/
const NOT_FOUND = /^error: Failed to load resource: the server responded with a status of 404/

describeInBrowser('the H5 pages in a browser', () => {
  let system: TestSystem
  let browser: Browser
  let phones: Phone[] = []
  /** faults that the test itself provokes */
  let provoked: RegExp | undefined

  beforeAll(async () => {
    await buildPages('h5')
    system = await startTestSystem({
      MASTER_KEY: masterKeyDealing(1_000, 'M0001', Date.now()),
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
  afterEach(async () => {
    const faults = phones.flatMap((one) => one.faults()).filter((fault) => !provoked?.test(fault))
    await Promise.all(phones.map((one) => one.close()))
    await system.bank.clearFaults()
    phones = []
    provoked = undefined
    expect(faults).toEqual([])
  })

  async function phone(options?: BrowserContextOptions): Promise<Phone> {
    const one = await openPhone(browser, system.url(), options)
    phones.push(one)
    return one
  }

  /** A new person at a merchant's counter with an amount typed. */
  async function counter(merchantCode: string, amount: string): Promise<Page> {
    const page = await (await phone()).open(`/q/${merchantCode}`)
    await tapAmount(page, amount)
    return page
  }

  const payKey = (page: Page) => page.locator('.key--pay:enabled')
  const pay = (page: Page) => payKey(page).tap()

  /** The merchant's clearings in the bank's own books. */
  async function booked(merchantCode: string) {
    const clearings = await system.bank.clearings()
    return clearings.filter(({ state, request }) => {
      return state === 'succeeded' && request?.legs.some(({ account }) => account === `acct-${merchantCode}`)
    })
  }

  it('pay 100.00 with 5.00 off, and the merchant sees 105.00 arrive without reloading', async () => {
    const shop = await (await phone()).open('/#/pages/merchant/index?merchant=M0001')
    await reads(shop, '.live', ['实时'])
    await reads(shop, '.notice', ['收', '今天还没有收款', '顾客付款后会立即出现在这里'])
    await shop.evaluate(() => Object.assign(window, { stillTheSame: true }))

    const page = await (await phone()).open('/q/M0001')
    expect(page.url()).toBe(`${system.url()}/#/pages/pay/index?merchant=M0001`)
    await reads(page, '.head', ['面', '老街牛肉面', '城南支行特惠商户 · M0001', '大字'])
    await reads(page, '.offer', ['满10元最高减5元', '多数减 3.5–4.5 元 · 今日还剩 20 份', '活动规则 ›'])
    await reads(page, '.deal', ['输入金额，看看抽到多少立减', '另有同额奖励给店家'])
    await tapAmount(page, '100')
    await reads(page, '.deal', ['立减', '5.00', '实付 ¥95.00', '已为您抽到 ¥5.00', '另有 ¥5.00 奖励给店家'])
    await reads(page, '.method__chip', ['立减 ¥5.00'])
    await reads(page, '.key--pay', ['付款', '¥95.00'])
    expect(await page.getByRole('button', { name: '付款 95.00 元', exact: true }).count()).toBe(1)
    await pay(page)

    const verdict = ['支付成功', '¥95.00', '已优惠 ¥5.00']
    await reads(page, '.verdict', verdict)
    const [clearing] = await booked('M0001')
    const time = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/
    const account = /^\S+ \(\d{4}\)$/
    const rows = ['收款商户', '老街牛肉面', '订单金额', '¥100.00', '随机立减', '−¥5.00', '付款方式', account]
    await reads(page, '.rows', [...rows, '确认方式', '免密支付 ›', '时间', time, '订单号', clearing!.orderNo])
    await reads(page, '.result__footer', [
      '优惠由城南支行出，是本店当天的第 1 份',
      '另有 ¥5.00 奖励给店家',
      /^优惠金额当天开始前就排好了/,
      /^v2\.[0-9a-f]{64}$/,
      '第二天起可核对这一份',
    ])
    expect(clearing!.request!.legs.map(({ amountFen }) => amountFen).sort()).toEqual([-1_000, -9_500, 10_500].sort())

    const parts = [
      '收款 1 笔',
      '¥100.00',
      '奖励 1 笔',
      '+¥5.00',
      /^本行收款实时入结算账户，尾号 .{4}$/,
      '今日优惠名额 1 / 20',
      '今日还剩 19 份',
      '请顾客用本行付款，双方得优惠',
    ]
    await reads(shop, '.summary', ['今日到账（含奖励）', '¥105.00', ...parts])
    const when = new RegExp(`^\\d\\d:\\d\\d:\\d\\d · 单号…${clearing!.orderNo.slice(-4)}$`)
    await reads(shop, '.orders', ['本行账户', when, '¥100.00', '奖励 +¥5.00'])
    expect(await shop.evaluate(() => 'stillTheSame' in window)).toBe(true)

    await page.getByRole('button', { name: '给店家看', exact: true }).tap()
    await reads(page, '.shown', [
      '已付款',
      '¥100.00',
      '老街牛肉面',
      '顾客付 ¥95.00，银行补 ¥5.00，另奖励店家 ¥5.00',
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d 付款，订单尾号 \w{4}$/,
      /^现在 \d\d:\d\d:\d\d$/,
      '以店家自己的收款记录为准',
      '关闭',
    ])
    await page.getByRole('button', { name: '关闭', exact: true }).tap()
    provoked = NOT_FOUND
    const stranger = await (await phone()).open(new URL(page.url()).hash.replace(/^/, '/'))
    await reads(stranger, '.notice__title', ['没有找到这笔订单'])
    expect(await stranger.locator('body').textContent()).not.toContain('95.00')

    const asked = page.waitForRequest(`${system.url()}/api/orders/${clearing!.orderNo}`)
    await page.reload()
    await asked
    await reads(page, '.verdict', verdict)
  })

  it('two taps at once pay once', async () => {
    const page = await counter('M0002', '20')
    const sent: string[] = []
    page.on('request', (request) => request.url().endsWith('/api/orders') && sent.push(request.method()))
    await payKey(page).evaluate((key: HTMLElement) => [key.click(), key.click()])
    await reads(page, '.verdict__title', ['支付成功'])
    expect(sent).toEqual(['POST'])
    expect(await booked('M0002')).toHaveLength(1)
  })

  it('a reply lost on its way to the telephone is asked for again, and paid once', async () => {
    provoked = NO_NETWORK
    const page = await counter('M0002', '30')
    const before = (await booked('M0002')).length
    const keys: (string | undefined)[] = []
    await page.route('**/api/orders', async (route) => {
      keys.push(route.request().headers()['idempotency-key'])
      if (keys.length > 1) return route.continue()
      await route.fetch()
      await route.abort('connectionreset')
    })
    await pay(page)
    await reads(page, '.verdict__title', ['支付成功'])
    expect(keys).toEqual([expect.any(String), keys[0]])
    expect(await booked('M0002')).toHaveLength(before + 1)
  })

  it('when others hold the day’s cards the payer is told so, not that they are gone, and pays in full', async () => {
    const others = await Promise.all(Array.from({ length: 20 }, (_, i) => system.payer(`early-${i}`)))
    for (const other of others) await other.quote(1_000, 'M0003')
    const page = await counter('M0003', '100')
    await reads(page, '.offer', ['满10元最高减5元', /^优惠名额暂时被占用，约 \d+ 分钟后$/, '活动规则 ›'])
    await reads(page, '.deal', ['实付 ¥100.00', /^优惠名额暂时被占用，约 \d+ 分钟后再试，或原价付款$/])
    await pay(page)
    await reads(page, '.verdict', ['支付成功', '¥100.00'])
  })

  it('below the threshold says how much is missing, and one more key brings the card', async () => {
    const page = await counter('M0004', '9.99')
    await reads(page, '.deal', ['实付 ¥9.99', '还差 ¥0.01 可享优惠'])
    for (const _ of '9.99') await page.getByRole('button', { name: '退格', exact: true }).tap()
    await tapAmount(page, '10')
    const figure = /^\d\.\d\d$/
    const payable = /^实付 ¥\d\.\d\d$/
    await reads(page, '.deal', ['立减', figure, payable, /^已为您抽到 ¥\d\.\d\d$/, /^另有 ¥\d\.\d\d 奖励给店家$/])
  })

  it('an unknown merchant has nothing to type and nothing to pay', async () => {
    provoked = NOT_FOUND
    const page = await (await phone()).open('/q/M9999')
    await reads(page, '.notice', ['!', '没有找到这家商户', '商户号 M9999，请重新扫码'])
    expect(await page.getByRole('button').count()).toBe(0)
    const nowhere = await phones[0]!.open('/#/pages/pay/index')
    await reads(nowhere, '.way__title', ['扫店里的收款码付款'])
  })

  it.each(['/#/pages/nope/index', '/#/%', '/#/pages/pay/inde'])(
    'an address that leads to no page, %s, leads to the way in',
    async (path) => {
      provoked = /URI malformed/
      const page = await (await phone()).open(path)
      await reads(page, '.way__lost', ['没有您要找的页面，地址可能不完整'])
      await reads(page, '.way__title', ['扫店里的收款码付款'])
    },
  )

  it('a code that nobody can read is answered in Chinese', async () => {
    provoked = NOT_FOUND
    const page = await (await phone()).open('/q/你')
    await reads(page, 'main', [
      '!',
      '没有这家商户',
      '这个收款码读不出来，或已经停用。请在店里重新扫码，或问一下店家。',
      '看看怎么付款',
    ])
    await page.getByRole('link', { name: '看看怎么付款' }).tap()
    await reads(page, '.way__title', ['扫店里的收款码付款'])
  })

  it('offline nothing can be paid; back online the quote is asked again', async () => {
    provoked = NO_NETWORK
    const page = await counter('M0005', '2')
    await reads(page, '.deal', ['实付 ¥2.00', '还差 ¥8.00 可享优惠'])
    await phones[0]!.offline(true)
    await tapAmount(page, '0')
    await reads(page, '.deal', ['网络不通', '暂时算不出优惠', '重试'])
    expect(await page.locator('.key--pay').isDisabled()).toBe(true)
    await phones[0]!.offline(false)
    await page.getByRole('button', { name: '重试', exact: true }).tap()
    await payKey(page).waitFor()
    await reads(page, '.method__chip', [/^立减 ¥\d\.\d\d$/])
  })

  it('a reply the bank lost reads as being processed, and as paid once the bank was asked', async () => {
    await system.bank.faults({ mode: 'lose-reply', on: ['pay'] }, { mode: 'error-before', on: ['query', 'close'] })
    const page = await counter('M0006', '9')
    await pay(page)
    await reads(page, '.verdict', ['银行处理中，请勿重复付款', '¥9.00', '正在查询银行结果…'])
    expect(await page.getByRole('button').allInnerTexts()).toEqual(['先离开'])
    await system.bank.clearFaults()
    await reads(page, '.verdict', ['支付成功', '¥9.00'])
    expect(await booked('M0006')).toHaveLength(1)
  })

  it('a refusal of the bank is told with its reason and the way back', async () => {
    await system.bank.faults({ mode: 'decline', code: 'insufficient-funds', on: ['pay'] })
    const page = await counter('M0008', '9')
    await pay(page)
    await reads(page, '.verdict', [
      '×',
      '没有付成',
      '¥9.00',
      '没有扣款',
      '账户余额不足。请换一个账户，或换一种方式付款',
    ])
    await page.getByRole('button', { name: '重新付款', exact: true }).tap()
    await reads(page, '.head__branch', ['城北支行特惠商户 · M0008'])
    await reads(page, '.key--pay', ['付款', '¥9.00'])
    await reads(page, '.amount__text', ['9.00'])
    await page.getByRole('button', { name: '退格', exact: true }).tap()
    await page.reload()
    await reads(page, '.amount__text', ['9.0'])
    expect(await booked('M0008')).toHaveLength(0)
    const own = await phones[0]!.open('/#/pages/orders/index')
    await reads(own, '.line', ['×', /./, /^\d\d:\d\d · /, '¥9.00', '没付成，没扣款'])
  })

  it('a bank that hangs keeps no new payer from the keys, and who waits for their account is told', async () => {
    provoked = /^error: Failed to load resource: the server responded with a status of 50\d/
    await system.bank.faults({ mode: 'slow', delayMs: 600_000, on: ['easy'] })
    const page = await counter('M0011', '2')
    await reads(page, '.amount__line', ['¥', '2'])
    await reads(page, '.deal', ['实付 ¥2.00', '还差 ¥8.00 可享优惠'])
    expect(await page.locator('.key--pay').isDisabled()).toBe(true)
    await reads(page, '.method', [/^.$/, '没有读到付款账户', '重试'])
    await system.bank.clearFaults()
    await page.locator('.method').tap()
    await pay(page)
    await reads(page, '.verdict', ['支付成功', '¥2.00'])
  })

  it('can be paid from a desktop’s keyboard, which types no rubbish', async () => {
    const desktop = await phone({ isMobile: false, hasTouch: false, viewport: { width: 1280, height: 800 } })
    const page = await desktop.open('/q/M0009')
    await page.locator('.keypad').waitFor()
    await page.keyboard.type('0a9-.999e')
    await page.keyboard.press('Backspace')
    await reads(page, '.key--pay', ['付款', '¥9.90'])
    await page.keyboard.press('Enter')
    await reads(page, '.verdict', ['支付成功', '¥9.90'])
  })

  it('a merchant page whose server went away says so, and misses no order when it is back', async () => {
    provoked = NO_NETWORK
    const shop = await (await phone()).open('/#/pages/merchant/index?merchant=M0010')
    await reads(shop, '.live', ['实时'])
    await reads(shop, '.summary__total', ['¥0.00'])
    await system.killBff()
    await reads(shop, '.live', ['已断开，重连中'])
    await system.startBff()
    const payer = await system.payer('while-away')
    await payer.pay((await payer.quote(900, 'M0010')).body.quoteId)
    await reads(shop, '.live', ['实时'])
    await reads(shop, '.order__amount', ['¥9.00'])
    await reads(shop, '.summary__total', ['¥9.00'])
  })

  it('what arrives is said aloud, sound after sound, with the reward and without', async () => {
    const shop = await (await phone()).open('/#/pages/merchant/index?merchant=M0011')
    await reads(shop, '.live', ['实时'])
    await shop.evaluate(() => {
      const heard: string[] = []
      const play = HTMLMediaElement.prototype.play
      HTMLMediaElement.prototype.play = function () {
        const [, sound = ''] = /voice\/(\w+)\.mp3$/.exec(this.src) ?? []
        const note = () => heard.push(sound)
        this.addEventListener('ended', note, { once: true })
        // as nobody would listen to it: twenty seconds of speech
        this.playbackRate = 8
        return play.call(this)
      }
      Object.assign(window, { heard })
    })
    const heard = (sounds: readonly string[]) =>
      shop.waitForFunction(
        (all) => (window as unknown as { heard: string[] }).heard.join(' ') === all,
        sounds.join(' '),
      )
    await shop.getByRole('button', { name: '打开语音播报' }).tap()
    // the test may run while Shanghai sleeps
    await shop.getByRole('button', { name: '夜里也播报' }).tap()
    const sample = arrivalSounds({ amountFen: 1_050, merchantRewardFen: 120 })
    await heard(sample)
    const payer = await system.payer('heard')
    const order = (await payer.pay((await payer.quote(10_000, 'M0011')).body.quoteId)).body
    expect(order.merchantRewardFen).toBeGreaterThan(0)
    await payer.pay((await payer.quote(900, 'M0011')).body.quoteId)
    await heard([...sample, ...arrivalSounds(order), 'shoukuan', '9', 'yuan'])
  })

  it('an order is refunded by its owner, once from two desks, one with a keyboard alone, and bank and pages agree', async () => {
    provoked = CONFLICT
    const payer = await system.payer('refunded')
    const order = (await payer.pay((await payer.quote(6_600, 'M0012')).body.quoteId)).body
    const before = await system.bank.balance('acct-M0012')
    const desk = async (ask: (page: Page) => Promise<void>) => {
      const page = await (await phone()).open('/#/pages/merchant/index?merchant=M0012')
      await ask(page)
      await reads(page, '.sheet__title', ['退给顾客 ¥10.00？'])
      return page
    }
    const [one, other] = [await desk(askByKeyboard), await desk(askByTouch)]
    await confirmByKeyboard(one)
    await reads(one, '.detail__state', ['已部分退款'])
    await other.getByRole('button', { name: '确认退款', exact: true }).tap()
    await reads(other, '.refund__said', ['刚刚有另一笔退款，可退金额变了，请看过后再退'])
    const merchant = await system.merchant('M0012')
    const [seen] = await merchant.orders()
    expect(seen).toMatchObject({ orderNo: order.orderNo, refundedFen: 1_000 })
    expect(before - (await system.bank.balance('acct-M0012'))).toBe(seen!.returnedFen)
    await reads(one, '.refund__state', ['已退回顾客'])
  })

  it('a cashier comes in by the owner’s code, refunds nothing, and sees nothing any more once removed', async () => {
    provoked = REFUSED
    const payer = await system.payer('served')
    await payer.pay((await payer.quote(900, 'M0013')).body.quoteId)
    const owner = await (await phone()).open('/#/pages/merchant/index?merchant=M0013')
    await owner.getByRole('button', { name: '管理店员', exact: true }).tap()
    await owner.getByLabel('新店员怎么称呼').fill('小王')
    await owner.getByRole('button', { name: '生成绑定码', exact: true }).tap()
    const code = (await owner.locator('.invite__code').textContent())!
    const cashier = await (await phone()).open('/#/pages/merchant/index?merchant=')
    await cashier.getByLabel('请输入银行或店主给您的绑定码').fill(code)
    await cashier.getByRole('button', { name: '绑定商户', exact: true }).tap()
    await reads(cashier, '.merchant__role', ['收银员 · 商户号 M0013'])
    await reads(cashier, '.live', ['实时'])
    await cashier.locator('.order').tap()
    await reads(cashier, '.detail__note', ['退款请找店主操作'])
    await cashier.goBack()
    await owner.getByRole('button', { name: '好了', exact: true }).tap()
    await owner.reload()
    await owner.getByRole('button', { name: '移除 小王', exact: true }).tap()
    await owner.getByRole('button', { name: '移除', exact: true }).tap()
    await reads(cashier, '.left__title', [/^您已不是“.+”的成员$/])
    expect(await cashier.locator('.order').count()).toBe(0)
  })
})
