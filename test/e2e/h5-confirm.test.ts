import { resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { describeInBrowser, launchBrowser, openPhone, type Phone, reads, tapAmount } from '../../harness/browser'
import { freePort } from '../../harness/free-port'
import { masterKeyDealing } from '../../harness/master-key'
import { startTestSystem, type TestSystem } from '../../harness/system'
import { buildPages } from '../../scripts/build-pages'
import { tabTo } from '../support/keyboard'

/** What every text of this bank says. */
const CODE = '000000'
const HOLDER = { account: '6222020012345678', name: '张三', phone: '13812345678' }

describeInBrowser('the payer signs and confirms', () => {
  let system: TestSystem
  let browser: Browser
  let phones: Phone[] = []
  /** the bank's own page is another address */
  let provoked: RegExp | undefined

  beforeAll(async () => {
    await buildPages('h5')
    const port = String(await freePort())
    system = await startTestSystem({
      MASTER_KEY: masterKeyDealing(1_000, 'M0001', Date.now()),
      H5_DIR: resolve(__dirname, '../../dist/h5'),
      PORT: port,
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      SANDBOX_EASY: 'off',
      SANDBOX_CODE: CODE,
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

  /** A telephone of this person on a page. */
  async function open(person: string, path: string): Promise<Page> {
    const one = await openPhone(browser, system.url())
    phones.push(one)
    return one.open(`/#/pages/${path}${path.includes('?') ? '&' : '?'}payer=${person}`)
  }
  let holders = 0
  const counter = async (person: string, merchantCode: string, amount: string) => {
    const page = await open(person, `pay/index?merchant=${merchantCode}`)
    await tapAmount(page, amount)
    return page
  }
  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
  const payKey = (page: Page) => page.locator('.key--pay:enabled')
  const field = (page: Page) => page.getByLabel('6 位短信验证码')
  const answer = async (page: Page, code: string) => {
    await field(page).fill(code)
    await page.locator('.challenge .button--main:enabled').tap()
  }
  const quotedOn = async (page: Page) => (await page.locator('.deal__payable').textContent()) ?? ''
  const fillForm = async (page: Page) => {
    await page.getByLabel('卡号或账号').fill(HOLDER.account)
    await page.getByLabel('姓名').fill(HOLDER.name)
    await page.getByLabel('银行预留手机号').fill(HOLDER.phone)
    await page.locator('.consent').tap()
    await button(page, '下一步').tap()
  }

  /** Somebody who has signed before, by the same routes, with an account of their own: whoever pays by one account is one person. */
  async function signed(person: string): Promise<string> {
    const { token } = await system.payer(person)
    const account = `621788${String(++holders).padStart(9, '0')}${HOLDER.account.slice(-4)}`
    const asked = await system.call('POST', '/api/agreements', { token, body: { ...HOLDER, account } })
    const { signNo } = asked.body as { signNo: string }
    const body = { proof: CODE }
    expect((await system.call('POST', `/api/agreements/${signNo}/confirm`, { token, body })).status).toBe(200)
    return person
  }
  /** What the bank booked at a merchant's. */
  async function booked(merchantCode: string) {
    const all = await system.bank.clearings()
    const at = `acct-${merchantCode}`
    return all.filter((one) => one.state === 'succeeded' && one.request?.legs.some(({ account }) => account === at))
  }

  it('who never paid before signs on the way, and pays by the bank’s code: nothing is lost, and nothing typed is kept', async () => {
    const page = await counter('li', 'M0001', '100')
    await reads(page, '.method', ['发', '还没有付款账户', '立减 ¥5.00', '去签约 ›'])
    await reads(page, '.key--pay', ['签约付款', '¥95.00'])
    await payKey(page).tap()
    await fillForm(page)
    await reads(page, '.challenge__where', [/^短信验证码已发送到 138\*{4}\d{4}$/])
    await answer(page, CODE)

    await reads(page, '.key--pay', ['付款', '¥95.00'])
    await reads(page, '.amount__line', ['¥', '100'])
    await reads(page, '.method', ['发', /^\S+ \(5678\)$/, '立减 ¥5.00', '›'])
    await payKey(page).tap()
    const asked = ['向 老街牛肉面 付款', '¥95.00', '订单 ¥100.00，已优惠 ¥5.00', /^\S$/, /^付款账户 \S+ \(5678\)$/]
    await reads(page, '.confirm__head', asked)
    expect(await booked('M0001')).toEqual([])

    await page.reload()
    await reads(page, '.confirm__head', asked)
    await answer(page, '111111')
    await reads(page, '.challenge__said', ['验证码不对，还可以试 2 次'])
    expect(await field(page).inputValue()).toBe('')
    await answer(page, CODE)
    await reads(page, '.verdict', ['支付成功', '¥95.00', '已优惠 ¥5.00'])
    expect(await booked('M0001')).toHaveLength(1)
    const kept = await page.evaluate(() =>
      JSON.stringify([localStorage, sessionStorage, location.href, document.cookie]),
    )
    expect(kept).not.toMatch(new RegExp(Object.values(HOLDER).join('|')))
  })

  it('with a keyboard alone a payer signs, pays, and answers what lies over the page', async () => {
    const page = await open('zhao', 'pay/index?merchant=M0011')
    const { keyboard } = page
    await page.locator('.keypad').waitFor()
    await keyboard.type('30')
    await payKey(page).waitFor()
    await keyboard.press('Enter')
    await page.getByLabel('姓名').waitFor()
    const account = `6217880009999${HOLDER.account.slice(-6)}`
    for (const [name, typed] of [
      ['卡号或账号', account],
      ['姓名', HOLDER.name],
      ['银行预留手机号', HOLDER.phone],
    ] as const) {
      await tabTo(page, name)
      await keyboard.insertText(typed)
    }
    await tabTo(page, (await page.locator('.consent').getAttribute('aria-label')) ?? '')
    await keyboard.press('Space')
    await tabTo(page, '下一步')
    await keyboard.press('Enter')
    for (const where of ['.challenge__where', '.confirm__payee']) {
      await page.locator(where).waitFor()
      await field(page).waitFor()
      await keyboard.type(CODE)
      await keyboard.press('Enter')
      if (where === '.confirm__payee') break
      await page.locator('.key--pay:enabled', { hasText: '付款' }).waitFor()
      await keyboard.press('Enter')
    }
    await reads(page, '.verdict__title', ['支付成功'])

    const again = await open('zhao', 'pay/index?merchant=M0011')
    await again.locator('.sheet').waitFor()
    const inside = () =>
      again.evaluate(() => document.activeElement?.closest('dialog')?.ariaLabel ?? document.activeElement?.tagName)
    const seen = new Set<string | undefined>()
    for (let i = 0; i < 6; i++) {
      seen.add(await inside())
      await again.keyboard.press('Tab')
    }
    // what is no part of it is at most the browser's own bar
    seen.delete('BODY')
    expect([...seen]).toEqual(['刚刚付过一笔'])
    await again.keyboard.press('Escape')
    await again.locator('.sheet').waitFor({ state: 'detached' })
    await again.keyboard.type('7')
    await reads(again, '.amount__line', ['¥', '7'])
    expect(await booked('M0011')).toHaveLength(1)
  })

  it('a second telephone of the same person finds the sheet, and what is confirmed on it shows on the first', async () => {
    const page = await counter(await signed('wang'), 'M0002', '30')
    await payKey(page).tap()
    await field(page).waitFor()
    const second = await open('wang', 'pay/index?merchant=M0002')
    await reads(second, '.sheet__title', ['上一笔还等您确认'])
    await button(second, '去确认').tap()
    await answer(second, CODE)
    await reads(second, '.verdict__title', ['支付成功'])
    await reads(page, '.verdict__title', ['支付成功'])
    expect(await booked('M0002')).toHaveLength(1)
  })

  it('three wrong codes: not paid, and the same card is there for the same amount', async () => {
    const page = await counter(await signed('zhao'), 'M0003', '50')
    await payKey(page).waitFor()
    const quoted = await quotedOn(page)
    await payKey(page).tap()
    await answer(page, '111111')
    await reads(page, '.challenge__said', ['验证码不对，还可以试 2 次'])
    await answer(page, '222222')
    await reads(page, '.challenge__said', ['验证码不对，还可以试 1 次'])
    await answer(page, '333333')
    await reads(page, '.verdict', ['×', '没有付成', /^¥/, '没有扣款', '验证码错了太多次。请重新付款，填新收到的验证码'])
    await button(page, '重新付款').tap()
    await reads(page, '.amount__line', ['¥', '50.00'])
    await reads(page, '.deal__payable', [quoted])
    expect(await booked('M0003')).toEqual([])
  })

  it('walking away closes at the bank, and the card is back', async () => {
    const page = await counter(await signed('qian'), 'M0004', '40')
    await payKey(page).waitFor()
    const quoted = await quotedOn(page)
    await payKey(page).tap()
    await button(page, '取消付款').tap()
    await reads(page, '.verdict', ['×', '付款已取消', /^¥/, '没有扣款', '订单已关闭。要付款，请重新付一次'])
    await button(page, '重新付款').tap()
    await reads(page, '.deal__payable', [quoted])
    expect(await booked('M0004')).toEqual([])
  })

  it('where the bank asks on its own page, only a tap leads there, and the payer comes back to where they were', async () => {
    provoked = /^asked http:\/\/127\.0\.0\.1:\d+\/(cashier\/|favicon)/
    await system.bank.faults({ mode: 'redirect', on: ['sign', 'pay'] })
    await system.bank.notices({ url: `${system.url()}/channel/bank/notify`, times: 1 })
    const atBank = async (done: string) => {
      await button(page, '去银行页面确认').tap()
      await page.getByLabel(/的验证码$/).fill(CODE)
      await button(page, '确认').tap()
      await page.getByText(done).waitFor()
    }
    const page = await counter('sun', 'M0005', '20')
    await payKey(page).tap()
    await fillForm(page)
    await atBank('签约成功')
    await page.getByRole('link', { name: '返回' }).tap()

    await reads(page, '.amount__line', ['¥', '20'])
    await payKey(page).tap()
    await reads(page, '.verdict__title', ['等待您付款'])
    await atBank('付款成功')
    await page.locator('#back').tap()
    await reads(page, '.verdict__title', ['支付成功'])
    expect(await booked('M0005')).toHaveLength(1)
  })

  it('免密: a small one is paid at once and says so, a large one is asked about, off in one tap', async () => {
    const accounts = await open(await signed('zhou'), 'agreements/index')
    await button(accounts, '开通免密').tap()
    await accounts.locator('.small__line').first().waitFor()
    await button(accounts, '100 元').tap()
    await accounts.locator('.consent').tap()
    await button(accounts, '下一步：验证码确认').tap()
    await answer(accounts, CODE)
    await reads(accounts, '.account__small', ['免密：每笔不超过 100 元，每天 3 笔'])

    const small = await counter('zhou', 'M0006', '9')
    await reads(small, '.method__small', ['免密支付，直接扣款'])
    await payKey(small).tap()
    await reads(small, '.verdict__title', ['支付成功'])
    await reads(small, '.rows__small', ['免密支付 ›'])
    const large = await counter('zhou', 'M0007', '120')
    await payKey(large).tap()
    await button(large, '取消付款').tap()
    await reads(large, '.verdict__title', ['付款已取消'])

    await button(accounts, '关闭免密').tap()
    await reads(accounts, '.account__small', ['每笔付款都要验证码'])
    const asked = await counter('zhou', 'M0008', '9')
    await payKey(asked).tap()
    await field(asked).waitFor()
    expect(await booked('M0008')).toEqual([])
  })

  it('an account is ended in two taps, and then pays nothing', async () => {
    const page = await open(await signed('wu'), 'agreements/index')
    await button(page, '解约').tap()
    await button(page, '确认解约').tap()
    await reads(page, '.notice__title', ['还没有付款账户'])
    const shop = await counter('wu', 'M0009', '9')
    await reads(shop, '.key--pay', ['签约付款', '¥9.00'])
  })
})
