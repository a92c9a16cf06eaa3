import { resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { describeInBrowser, launchBrowser } from '../../harness/browser'
import { chineseDate } from '../../harness/chinese-date'
import { eventually, startTestSystem, type TestSystem } from '../../harness/system'
import { TODAY } from '../../harness/today'
import { buildPages } from '../../scripts/build-pages'
import { addDays } from '../../server/domain/business-date'
import type { CampaignDetail, OrderView, ReconciliationView, RefundView } from '../../server/http/contract'
import { confirm, type Desks, fillLogIn, heading, lookFaults, openDesks, overflowPx } from '../support/desks'

const YESTERDAY = addDays(TODAY, -1)
/** Thirty discounts of the case's usual size for a branch, where five merchants of it want twenty each. */
const SHORT_BUDGET_FEN = 30 * 800
const FIVE = ['M0011', 'M0013', 'M0015', 'M0017', 'M0019']

/** The desk's daily work on one system: yesterday's trade with mistakes in the bank's statement, and today's questions. */
describeInBrowser('the operators’ desk in a browser, on the real server', () => {
  let system: TestSystem
  let browser: Browser
  let desks: Desks
  const paid: OrderView[] = []
  let refund: RefundView
  let complaint: string

  beforeAll(async () => {
    await buildPages('h5')
    system = await startTestSystem({ H5_DIR: resolve(__dirname, '../../dist/h5') }, { daysAgo: 1 })
    for (const [i, code] of ['M0001', 'M0002', 'M0003', 'M0001'].entries()) paid.push(await pay(`guest-${i}`, code))
    refund = await refunded(paid[3]!, 'M0001')
    await system.travel(0)
    await system.statements.faults(
      { mode: 'wrong-amount', orderNo: paid[0]!.orderNo },
      { mode: 'book-twice', orderNo: paid[1]!.orderNo },
    )
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

  async function pay(name: string, merchantCode: string): Promise<OrderView> {
    const guest = await system.payer(name)
    const { body } = await guest.pay((await guest.quote(10_000, merchantCode)).body.quoteId)
    return guest.ended(body.orderNo)
  }

  async function refunded({ orderNo }: OrderView, merchantCode: string): Promise<RefundView> {
    const { token } = await system.merchant(merchantCode)
    const answer = await system.call('POST', `/api/merchant/orders/${orderNo}/refunds`, {
      token,
      headers: { 'Idempotency-Key': 'refund-key-00000001' },
      body: { amountFen: 1_000, reason: '少上一道菜' },
    })
    return answer.body as RefundView
  }

  /** What a table says of the row with this text. */
  const row = (page: Page, name: string | RegExp) => page.getByRole('row', { name })

  it('finds a merchant and hands out a code, with which the merchant’s user binds once', async () => {
    const maker = await desks.logIn('maker', 'merchants')
    await maker.getByLabel('搜索').fill('豆花')
    await maker.getByText('已显示 1 条').waitFor()
    await maker.getByRole('link', { name: '阿婆豆花' }).click()
    await heading(maker, '阿婆豆花')
    await maker.getByRole('button', { name: '发绑定码' }).click()
    await maker.getByRole('button', { name: '收银员' }).click()
    await maker.getByRole('dialog').getByRole('button', { name: '发绑定码' }).click()
    const bindingCode = (await maker.locator('.c-once').textContent())!.trim()
    await maker.getByText(/^剩余 \d+:\d\d$/).waitFor()
    await maker.getByRole('button', { name: '已记下，关闭' }).click()
    const bind = () =>
      system.call('POST', '/api/merchant/binding', { body: { platform: 'weapp', code: 'cashier-1', bindingCode } })
    expect(await bind()).toMatchObject({ status: 200, body: { merchant: { code: 'M0002' } } })
    expect((await bind()).status).not.toBe(200)
    await maker.reload()
    await row(maker, /收银员.*已绑定/).waitFor()
    await maker.getByRole('button', { name: /^解除绑定：收银员/ }).click()
    await maker.getByRole('dialog').getByRole('button', { name: '解除绑定' }).click()
    await row(maker, /收银员.*已解除/).waitFor()
  })

  it('imports merchants by the file: a bad line is named and stops it all, a good file is tried, and taken by two', async () => {
    const maker = await desks.logIn('maker', 'merchant-import')
    const choose = (text: string) =>
      maker.getByLabel('CSV 文件').setInputFiles({
        name: '新商户.csv',
        mimeType: 'text/csv',
        buffer: Buffer.from(`商户号,名称,网点,结算账户\n${text}`),
      })
    await choose('M0101,夜市一号,B01,6217000000000101\nM0102,夜市二号,B09,6217000000000102\n')
    await maker.getByText('“新商户.csv”有 1 处错误，一行都不能导入').waitFor()
    await row(maker, /第 3 行.*网点.*没有这个网点/).waitFor()
    await choose('M0101,夜市一号,B01,6217000000000101\nM0102,夜市二号,B02,6217000000000102\n')
    await maker.getByText('试过了，没有错误；还没有导入').waitFor()
    await maker.getByRole('button', { name: '导入 2 家' }).click()
    await maker.getByRole('dialog').getByRole('button', { name: '导入', exact: true }).click()
    await maker.getByText('2 家商户的结算信息已提交复核，另一位通过后才生效。').waitFor()
    await maker.getByRole('link', { name: '看待复核' }).click()
    await maker.getByText('自己提交的，由同事复核').waitFor()
    expect(await maker.getByRole('button', { name: '通过' }).count()).toBe(0)

    const checker = await desks.logIn('checker', 'reviews')
    await row(checker, /M0102.*新增.*夜市二号.*B02.*6217000000000102/).waitFor()
    expect(await lookFaults(checker)).toEqual([])
    await confirm(checker, '通过')
    await checker.getByText('没有等待复核或生效的变更').waitFor()
    await maker.getByRole('link', { name: '商户', exact: true }).click()
    await maker.getByLabel('搜索').fill('夜市')
    await maker.getByText('已显示 2 条').waitFor()
    await maker.getByRole('link', { name: '网点', exact: true }).click()
    await row(maker, /城北支行 B02 6421-07 11 家/).waitFor()
  })

  it('reconciles yesterday: money goes back by two people, and what is rejected waits for the bank', async () => {
    const checker = await desks.logIn('checker', 'reconciliation')
    await checker.getByRole('link', { name: new RegExp(`^${chineseDate(YESTERDAY).slice(5)}.*未对账`) }).click()
    await checker.getByRole('button', { name: '开始对账' }).click()
    await checker.getByText('还不能签字：有 2 条差错待处理。').waitFor()
    await checker.getByText('合计相符').first().waitFor()
    // The owner's refund is on both sides, and no difference.
    const day = await (await system.operator('checker')).get<ReconciliationView>(`/admin/reconciliations/${YESTERDAY}`)
    expect(day.body.own.refund).toMatchObject({ count: 1, merchantFen: expect.any(Number) })
    expect(Math.abs(day.body.own.refund.payerFen)).toBe(refund.payerFen)
    expect(day.body.bank.refund).toEqual(day.body.own.refund)

    // The payer was debited a fen too much: one gives it back, and another says so too.
    const maker = await desks.logIn('maker', `reconciliation/${YESTERDAY}`)
    const mismatch = (page: Page) => row(page, /^金额不符/).getByRole('button', { name: /^核对差错/ })
    await mismatch(maker).click()
    await row(maker, /付款方（元） −\d+\.\d\d −\d+\.\d\d 不同/).waitFor()
    await confirm(maker, '提出更正')
    await maker.getByText('您已提出更正，等待复核：由另一位复核岗认可或驳回。').waitFor()
    await mismatch(checker).click()
    await checker.getByText('maker 提出了更正，请复核。').waitFor()
    await confirm(checker, '认可', '以银行流水为准')
    await checker.getByText(/^checker 于 .* 认可，更正已入账（maker 提出）。说明：以银行流水为准$/).waitFor()
    await checker.getByRole('button', { name: '关闭', exact: true }).click()

    await row(checker, /^重复入账/)
      .getByRole('button', { name: /^核对差错/ })
      .click()
    await expect(confirm(checker, '驳回')).rejects.toThrow('请先写明原因')
    const question = checker.getByRole('dialog').nth(1)
    await question.getByRole('textbox').fill('银行明日冲正')
    await question.getByRole('button', { name: '驳回' }).click()
    await checker.getByText(/^checker 于 .* 驳回，我方账不动，等银行更正。说明：银行明日冲正$/).waitFor()
    const address = checker.url()
    await checker.getByRole('button', { name: '关闭', exact: true }).click()
    await checker.getByText(/还不能签字：有 1 条已驳回，等银行更正/).waitFor()
    const report = checker.waitForEvent('download')
    await checker.getByRole('button', { name: '下载报告' }).click()
    expect((await report).suggestedFilename()).toBe(`reconciliation-${YESTERDAY}.md`)

    await checker.getByRole('link', { name: '对账', exact: true }).first().click()
    await row(checker, /重复入账.*待银行更正/).waitFor()

    const auditor = await desks.logIn('auditor', new URL(address).hash.replace('#/console/', ''))
    await auditor.getByRole('dialog').getByText('银行明日冲正').waitFor()
  })

  it('looks an order up by its number down to every posting, and a refund from the list', async () => {
    const { orderNo } = paid[0]!
    const maker = await desks.logIn('maker', 'orders')
    await maker.getByLabel('查订单、退款、商户').fill(orderNo.replaceAll('-', '').toLowerCase())
    await maker.getByLabel('查订单、退款、商户').press('Enter')
    await heading(maker, new RegExp(orderNo))
    await maker.getByText('借贷相抵，合计为零').waitFor()
    await maker.getByRole('link', { name: '退款', exact: true }).click()
    await heading(maker, '退款')
    const line = row(maker, new RegExp(refund.refundNo))
    await line.getByText('10.00').first().waitFor()
    await line.getByText('少上一道菜').waitFor()
    await line.getByRole('link', { name: paid[3]!.orderNo }).click()
    await heading(maker, new RegExp(paid[3]!.orderNo))
    await row(maker, new RegExp(refund.refundNo)).first().waitFor()
  })

  it('answers a complaint in a minute: ¥35 at M0003 without a discount, since all cards were used; and gives some of it back', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => pay(`crowd-${i}`, 'M0003')))
    const guest = await system.payer('guest-who-complains')
    const quote = await guest.quote(3_500, 'M0003')
    expect(quote.body.reason).toBe('sold-out')
    const { orderNo } = await guest.ended((await guest.pay(quote.body.quoteId)).body.orderNo)
    complaint = orderNo

    const maker = await desks.logIn('maker', 'campaigns')
    await maker.getByLabel('查订单、退款、商户').fill('m0003 ￥35 今天 没优惠')
    await maker.getByLabel('查订单、退款、商户').press('Enter')
    const line = row(maker, new RegExp(orderNo))
    await line.getByText('今日优惠已发完').waitFor()
    await line.getByRole('link', { name: orderNo }).click()
    await maker.getByText('今日优惠已发完，可以原价付款；应付 ¥35.00').waitFor()
    await maker.getByText('支付成功 ¥35.00', { exact: true }).waitFor()
    await maker.getByRole('button', { name: '看渠道的原始回复' }).click()
    await maker.locator('.c-replies__text').first().waitFor()
    await maker.getByRole('link', { name: '前后发生了什么' }).click()
    await maker.getByText('共 20 张，已用 20，剩 0').waitFor()
    await maker.getByText('下单时没有暂停').waitFor()
    await row(maker, /本单.*今日优惠已发完/).waitFor()
    await maker.goBack()

    await maker.getByRole('button', { name: '申请退款' }).click()
    await maker.getByLabel('退给顾客').fill('5')
    await maker.getByLabel('原因（商户会看到）').fill('投诉补偿')
    await maker.getByRole('button', { name: '看怎样退' }).click()
    await maker.getByText('退后还可以退¥30.00').waitFor()
    await maker.getByRole('button', { name: '提交复核' }).click()
    await maker.getByText('退款 ¥5.00已提交复核，另一位通过后才生效。').waitFor()
    const checker = await desks.logIn('checker', 'reviews')
    await row(checker, /顾客拿回.*5\.00/).waitFor()
    await confirm(checker, '通过')
    await eventually(async () => (await guest.order(orderNo)).body.refundedFen === 500 || undefined)
    await maker.reload()
    await row(maker, /投诉补偿/)
      .getByText('已退款')
      .waitFor()
  })

  it('adds an operator by two, with half a password told to each, who must change it before anything else', async () => {
    const admin = await desks.logIn('admin', 'operators')
    await admin.getByRole('button', { name: '新建操作员' }).click()
    const form = admin.getByRole('dialog')
    await form.getByLabel('用户名').fill('zhao.south')
    await form.getByLabel('姓名').fill('赵南')
    await form.getByLabel(/^查看/).check()
    await form.getByLabel('网点').selectOption('B01')
    await form.getByRole('button', { name: '提交复核' }).click()
    const half = async (page: Page) => {
      const told = (await page.locator('.c-once').textContent())!.trim()
      await page.getByRole('button', { name: '已记下，关闭' }).click()
      return told
    }
    const first = await half(admin)
    await admin.getByText('操作员 zhao.south已提交复核，另一位通过后才生效。').waitFor()
    const other = await desks.logIn('admin2', 'reviews')
    await row(other, /角色.*查看/).waitFor()
    await other.getByRole('button', { name: '通过' }).click()
    await other.getByRole('dialog').getByRole('button', { name: '通过' }).click()
    const password = `${first}-${await half(other)}`
    await admin.reload()
    await row(admin, /赵南.*查看.*网点 B01.*等待首次改密码/).waitFor()

    const page = await desks.open('merchants')
    await fillLogIn(page, 'zhao.south', password)
    await heading(page, '先修改密码')
    await page.getByLabel('现在的密码').fill(password)
    await page.getByLabel('新密码', { exact: true }).fill('my-own-password')
    await page.getByLabel('再输一次新密码').fill('my-own-password')
    await page.getByRole('button', { name: '修改密码' }).click()
    await heading(page, '商户')
    await page.getByRole('link', { name: '老街牛肉面' }).waitFor()
    expect(await page.getByText('城北支行').count()).toBe(0)
    expect(await page.getByRole('link', { name: '对账' }).count()).toBe(0)
  })

  it('names the merchants that a short budget left with fewer cards, and why', async () => {
    const campaignId = await shortCampaign()
    for (const [i, code] of FIVE.entries()) await pay(`poor-${i}`, code)
    const page = await desks.logIn('maker', `campaigns/${campaignId}`)
    const said = page.getByText(/^今天有 \d 家商户因预算不够少发了牌。$/)
    await said.waitFor()
    const short = Number(/\d/.exec((await said.textContent())!)![0])
    expect(short).toBeGreaterThanOrEqual(3)
    await page.getByRole('button', { name: '看是哪些' }).click()
    await page.getByText(`已显示 ${short} 条`).waitFor()
    const why = await page.getByText(/^应发 20 份，只发 \d+ 份：网点预算不够$/).allTextContents()
    const dealt = why.map((line) => Number(/只发 (\d+)/.exec(line)![1]))
    expect(dealt).toHaveLength(short)
    const full = FIVE.length - short
    expect(full * 20 + dealt.reduce((sum, cards) => sum + cards, 0)).toBeLessThanOrEqual(SHORT_BUDGET_FEN / 700)
    expect(await lookFaults(page)).toEqual([])
  })

  /** Running from today, before the street's own campaign at five of its merchants. */
  async function shortCampaign(): Promise<string> {
    const [maker, checker] = [await system.operator('maker'), await system.operator('checker')]
    const { rule } = (await maker.get<CampaignDetail>('/admin/campaigns/food-street')).body
    const terms = { name: '小预算立减', organiser: '发牌示范银行', startDate: TODAY, endDate: addDays(TODAY, 1), rule }
    const branchBudgets = [{ branchCode: 'B01', budgetFen: SHORT_BUDGET_FEN }]
    const wanted = { ...terms, budgetFen: 1_000_000, branchBudgets, priority: 9, merchantCodes: FIVE }
    const { campaignId } = (await maker.post<CampaignDetail>('/admin/campaigns', wanted)).body
    await maker.decide(`/admin/campaigns/${campaignId}/submit`, {})
    const { body } = await checker.decide<CampaignDetail>(`/admin/campaigns/${campaignId}/approve`, {})
    expect(body.state).toBe('running')
    return campaignId
  }

  it('leads from a deck of yesterday to the public page, where anyone verifies it', async () => {
    const page = await desks.logIn('maker', `campaigns/food-street/decks/M0001/${YESTERDAY}`)
    await heading(page, `老街牛肉面 ${chineseDate(YESTERDAY)} 的牌组`)
    const opened = page.context().waitForEvent('page')
    await page.getByRole('link', { name: /打开公开的核对页/ }).click()
    const verify = await opened
    await verify.getByText('验证通过').waitFor()
    await verify.getByText(`老街牛肉面 · ${YESTERDAY} · 20 份优惠`).waitFor()
    expect(await lookFaults(verify)).toEqual([])
  })

  it('has all of it in the log, whose chain is whole', async () => {
    const auditor = await desks.logIn('auditor', 'audit')
    await auditor.locator('.c-head .c-pill', { hasText: '完整' }).waitFor()
    for (const deed of [
      '对账',
      '认可差错',
      '驳回差错',
      '发绑定码',
      '批量导入商户',
      '提交变更',
      '变更生效',
      '修改自己的密码',
    ])
      await auditor.locator('.c-log__line', { hasText: deed }).first().waitFor()
    await auditor.locator('.c-log__line', { hasText: '驳回差错' }).click()
    await auditor.getByText('银行明日冲正').waitFor()
  })

  /** Who looks where; each page is waited for by a word of its content. */
  const pages = (): [who: string, at: string, word: string | RegExp][] => [
    ['checker', 'merchants', '阿婆豆花'],
    ['checker', 'merchants/M0002', '绑定用户'],
    ['checker', 'reviews', '没有等待复核或生效的变更'],
    ['checker', 'branches', '城北支行'],
    ['checker', 'todo', '没有超过一天的'],
    ['checker', 'reconciliation', '未对账'],
    ['checker', `reconciliation/${YESTERDAY}`, '合计相符'],
    ['checker', 'orders', '老街牛肉面'],
    ['checker', `orders/${paid[3]!.orderNo}`, '借贷相抵'],
    ['checker', `orders/${complaint}`, '各方看到的'],
    ['checker', `orders/${complaint}/around`, '当时的牌'],
    ['checker', 'search', '可以这样查'],
    ['checker', 'search?q=M0003%2035', '今日优惠已发完'],
    ['checker', 'refunds', '少上一道菜'],
    ['maker', 'merchant-import', '怎样导入'],
    ['admin', 'operators', '赵南'],
    ['admin', 'audit', '完整'],
  ]

  it.each(['light', 'dark'] as const)(
    'has no serious accessibility fault in %s colours, no faint text, and nothing wider than 1280',
    async (colorScheme) => {
      const found: string[] = []
      const looks = new Map<string, Page>()
      for (const [who, at, word] of pages()) {
        const page = looks.get(who) ?? (await desks.logIn(who, 'password', { colorScheme }))
        looks.set(who, page)
        await desks.show(page, at, word)
        found.push(...(await lookFaults(page)).map((fault) => `${at}: ${fault}`))
        if ((await overflowPx(page)) > 0) found.push(`${at}: too wide`)
      }
      const checker = looks.get('checker')!
      await desks.show(checker, `reconciliation/${YESTERDAY}`, '合计相符')
      await row(checker, /^金额不符/)
        .getByRole('button', { name: /^核对差错/ })
        .click()
      await checker.getByRole('dialog').waitFor()
      found.push(...(await lookFaults(checker)).map((fault) => `difference: ${fault}`))
      expect(found).toEqual([])
    },
    300_000,
  )
})
