import type { Browser, Page } from 'playwright-core'
import { describeInBrowser, launchBrowser, openPhone, type Phone, reads } from '../../harness/browser'
import { smallTargets, textContrasts } from '../../harness/looks'
import { phonePath } from '../../server/sandbox/bank/phone'
import { asked, MINUTE, not, payerAt } from '../channel/asking'
import { type RealAsking, realAsking } from '../channel/asking-subjects'

describeInBrowser('the sandbox bank’s pages', () => {
  let on: RealAsking
  let browser: Browser
  let phone: Phone
  beforeAll(async () => {
    on = await realAsking({ payees: { 'acct-M0001': '老街牛肉面' } })
    browser = await launchBrowser()
  })
  afterEach(async () => {
    const faults = phone.faults()
    await phone.close()
    expect(faults).toEqual([])
  })
  afterAll(async () => {
    await browser?.close()
    await on?.stop()
  })
  const { desk, signed, order, confirm, opened } = payerAt(() => on)
  const atStreet = async () => {
    const one = await order(await signed())
    return { ...one, accounts: { ...one.accounts, merchant: 'acct-M0001' } }
  }
  const open = async (url: string, colorScheme: 'light' | 'dark' = 'light') => {
    phone = await openPhone(browser, on.config.baseUrl, { colorScheme })
    return phone.open(url.replace(on.config.baseUrl, ''))
  }
  /** Readable in both colours, no control below a thumb’s size, nothing beside the screen. */
  async function looks(page: Page, name: string): Promise<void> {
    await shot(page, name)
    expect((await textContrasts(page)).filter(({ ratio }) => ratio < 4.5)).toEqual([])
    expect(await smallTargets(page, 44)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  }
  const shot = async (page: Page, name: string) =>
    process.env.SHOTS && page.screenshot({ path: `${process.env.SHOTS}/${name}.png`, fullPage: true })

  it.each(['light', 'dark'] as const)(
    'the telephone, in %s colours: a text appears by itself, and says what became of it',
    async (scheme) => {
      const page = await open(phonePath('test-admin-token'), scheme)
      if (scheme === 'light') await looks(page, 'phone-empty')
      const one = await atStreet()
      const challengeId = await opened(one)
      const code = await on.code(one.orderNo)
      const words = `您正在向“老街牛肉面”付款 ¥95.00，付款账户尾号 ${one.accounts.payer.slice(-4)}。验证码请勿告诉任何人。`
      const top = '#texts > :first-child'
      await reads(page, top, [/^138\*{4}\d{4}　12:00:00$/, '有效，还剩 5:00', code, words])
      await desk().allowSmall({ signNo: asked().signNo, agreementId: one.payerRef, maxFen: 20_000, perDay: 5 })
      await page.getByText('免密').waitFor()
      await looks(page, `phone-${scheme}`)
      await confirm(one, challengeId, code)
      await reads(page, '#texts > :nth-child(2)', [/^138/, '已使用', code, words])
    },
  )

  it.each(['light', 'dark'] as const)(
    'its own page, in %s colours: payee and amount, a wrong code, a right one',
    async (scheme) => {
      const one = await atStreet()
      await on.ask('pay', 'redirect')
      const { action } = await on.channel.pay(one)
      const page = await open(action!.params.url!, scheme)
      await looks(page, `cashier-${scheme}`)
      const code = await on.code(one.orderNo)
      await page.getByLabel(/^发送到 138\*{4}\d{4} 的验证码$/).fill(not(code))
      await page.getByRole('button', { name: '确认' }).tap()
      await page.getByRole('alert').waitFor()
      await looks(page, `cashier-wrong-${scheme}`)
      await page.getByLabel(/验证码$/).fill(code)
      await page.getByRole('button', { name: '确认' }).tap()
      await page.getByText('付款成功').waitFor()
      await looks(page, `cashier-paid-${scheme}`)
    },
  )

  it('its own page for an agreement leads back; one that is over says so', async () => {
    const request = asked({ returnTo: `${on.config.baseUrl}/back` })
    await on.ask('sign', 'redirect')
    const said = await desk().sign(request)
    const { url } = (said as { action: { params: Record<string, string> } }).action.params
    const page = await open(url!)
    await looks(page, 'cashier-sign')
    on.pass(6 * MINUTE)
    await page.reload()
    await page.getByText('签约未完成').waitFor()
    expect(await page.getByRole('link', { name: '返回' }).getAttribute('href')).toBe(`${on.config.baseUrl}/back`)
    await looks(page, 'cashier-over')
  })

  it('a payment’s leads back to the page that sent the payer, in one step', async () => {
    const one = await atStreet()
    await on.ask('pay', 'redirect')
    const { action } = await on.channel.pay(one)
    const page = await open(phonePath('test-admin-token'))
    await page.evaluate((url) => location.assign(url), action!.params.url!)
    const code = await on.code(one.orderNo)
    await page.getByLabel(/验证码$/).fill(not(code))
    await page.getByRole('button', { name: '确认' }).tap()
    await page.getByRole('alert').waitFor()
    await page.getByRole('button', { name: '取消付款' }).tap()
    await page.getByText('付款未完成').waitFor()
    await page.getByRole('button', { name: '返回付款页面' }).tap()
    await page.waitForURL(`**${phonePath('test-admin-token')}`)
  })
})
