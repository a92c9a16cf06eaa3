import { createHash } from 'node:crypto'
import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import { canonical, type Plain } from '../../../server/domain/canonical'
import type {
  ActionList,
  AdminOrder,
  AdminRefund,
  ReconciliationView,
  Report,
  ReportRows,
  SettlementList,
  SheetOfDay,
  SheetOfReport,
} from '../../../server/http/contract'
import { linksOf } from '../../../src/console/pages/campaign-report/links'
import { type Office, startOffice } from '../../support/office'
import { readWorkbook, texts } from '../../support/workbook'

/** Today is 2026-11-21; the campaign runs from the 1st to the 30th at M0001 (branch B01) and M0002 (B02). */
const PATH = '/admin/campaigns/street/report'
const [DAY, TODAY] = ['2026-11-20', '2026-11-21'] as const
const BYS = ['day', 'branch', 'merchant', 'account'] as const

describe.each(oneSqlEngine())('figures and their rows, on $name', ({ start }) => {
  let engine: TestSql
  let office: Office
  beforeAll(async () => {
    engine = await start()
    office = await startOffice(await engine.fresh())
    await office.deck(DAY, 'M0001', [800, 750])
    await office.deck(DAY, 'M0002', [300, 900])
    await office.deck(TODAY, 'M0001', [888])
    const back = await office.order({ date: DAY, discountFen: 800, slot: 0 })
    const corrected = await office.order({ date: DAY, discountFen: 750, slot: 1 })
    await office.order({ date: DAY, channel: 'wechatpay' })
    await office.order({ date: DAY, merchantCode: 'M0002', discountFen: 900, slot: 1, state: 'paying' })
    await office.order({ date: DAY, merchantCode: 'M0002', discountFen: 300, slot: 0, state: 'closed' })
    await office.order({ date: TODAY, discountFen: 888, slot: 0 })
    const plain = await office.order({ date: TODAY, merchantCode: 'M0002' })
    // what goes back a day later is of the day of its order; what was never subsidized is of nobody’s figures
    await office.refund(back, back.figures.payableFen / 2, TODAY)
    await office.refund(plain, 500, TODAY)
    const entry = { order_no: corrected.orderNo, correction_id: 'D20261120-L1/1', posted_at: 1 }
    await office.sql.db
      .insertInto('postings')
      .values([
        { ...entry, role: 'gl', account: '6421-03', amount_fen: -300 },
        { ...entry, role: 'merchant', account: 'acct-M0001', amount_fen: 300 },
      ])
      .execute()
  })
  afterAll(async () => {
    await office?.stop()
    await engine?.stop()
  })

  const get = async <T>(path: string, by = 'viewer') => (await office.as(by).get<T>(path)).body
  const listed = async <T>(link: string, by = 'viewer') => (await get<{ items: T[] }>(`/admin/${link}`, by)).items
  const sum = (numbers: number[]) => numbers.reduce((all, one) => all + one, 0)

  it.each(BYS)('a report by %s leads from each of its figures to the rows that make it', async (by) => {
    const report = await get<Report>(`${PATH}?by=${by}`)
    const cases = [
      { links: linksOf('street', report), figures: report.total },
      ...report.rows
        .filter(({ key }) => key !== '')
        .map((row) => ({ links: linksOf('street', report, row), figures: row })),
    ]
    expect(report.total).toMatchObject({ refundedSubsidyFen: 400, correctedFen: 300, slotsDealt: 5, slotsLeft: 1 })
    for (const { links, figures } of cases) {
      const discounts = await listed<AdminOrder>(links.discounts)
      expect([
        (await listed(links.orders)).length,
        discounts.length,
        sum(discounts.map((one) => one.payerDiscountFen)),
        sum(discounts.map((one) => one.merchantRewardFen)),
        sum((await listed<AdminRefund>(links.refunds)).map((one) => one.glFen)),
        (await listed(links.used)).length,
        (await listed(links.corrected)).length > 0,
      ]).toEqual([
        figures.orderCount,
        figures.discountCount,
        figures.payerDiscountFen,
        figures.merchantRewardFen,
        figures.refundedSubsidyFen,
        figures.slotsDealt - figures.slotsLeft,
        figures.correctedFen !== 0,
      ])
    }
  })

  it('a merchant’s day leads from its counts to as many orders and refunds of the channel and account', async () => {
    for (const [code, date] of [
      ['M0001', DAY],
      ['M0001', TODAY],
      ['M0002', TODAY],
    ] as const) {
      const { items } = await get<SettlementList>(`/admin/merchants/${code}/settlements?date=${date}`)
      expect(items.length).toBeGreaterThan(0)
      for (const { channel, account, orderCount, refundCount } of items) {
        const of = `merchantCode=${code}&date=${date}&channel=${channel}&account=${account}`
        expect((await listed(`orders?${of}&state=paid`)).length).toBe(orderCount)
        expect((await listed(`refunds?${of}&state=refunded&asked=true`)).length).toBe(refundCount)
      }
    }
  })

  it('a report is read on after its first rows, each once', async () => {
    const { from, to, rows } = await get<Report>(`${PATH}?by=merchant`)
    const after = await get<ReportRows>(`${PATH}/rows?by=merchant&from=${from}&to=${to}&cursor=${rows[0]!.key}`)
    expect(after.items).toEqual(rows.slice(1))
    expect(after.nextCursor).toBeUndefined()
    expect(await get<ReportRows>(`${PATH}/rows?by=merchant&cursor=${rows.at(-1)!.key}`)).toEqual({ items: [] })
    const north = await get<ReportRows>(`${PATH}/rows?by=merchant&cursor=M0000`, 'north')
    expect(north.items.map(({ key }) => key)).toEqual(['M0002'])
    expect(await office.as('viewer').get(`${PATH}/rows?by=merchant`)).toMatchObject({ status: 400 })
  })

  async function file(path: string, by = 'viewer') {
    const reply = await fetch(office.url + path, { headers: { Authorization: `Bearer ${office.token(by)}` } })
    return { reply, bytes: Buffer.from(await reply.arrayBuffer()) }
  }

  it('a list that is taken home has the rows of the list by the same filters, in both forms', async () => {
    const of = `state=paid&from=${DAY}&to=${TODAY}`
    const shown = (await listed<AdminOrder>(`orders?${of}`)).map(({ orderNo }) => orderNo)
    const { reply, bytes } = await file(`/admin/orders.xlsx?${of}`)
    expect([reply.status, reply.headers.get('content-type'), reply.headers.get('x-total-count')]).toEqual([
      200,
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      String(shown.length),
    ])
    expect(decodeURIComponent(reply.headers.get('content-disposition')!)).toMatch(/订单-20261121\d{4}\.xlsx/)
    const { rows } = await readWorkbook(bytes)
    expect(rows.slice(1).map((row) => row.A)).toEqual(shown.map((value) => ({ kind: 'text', style: 2, value })))
    expect(texts(rows[0]!).slice(0, 3)).toEqual(['订单号', '状态', '清算日期'])
    // the GL account is a text, the amount a number with its two decimals
    const [first] = rows.slice(1).filter((row) => row.Q)
    expect([first!.Q, first!.J]).toEqual([
      { kind: 'text', style: 2, value: expect.stringMatching(/^6421-0\d$/) },
      { kind: 'number', style: 4, value: '100.00' },
    ])
    const csv = String((await file(`/admin/orders.csv?${of}`)).bytes)
    expect(
      csv
        .trimEnd()
        .split('\r\n')
        .slice(1)
        .map((line) => line.split(',')[0]),
    ).toEqual(shown.map((one) => `"${one}"`))
    expect(csv).toContain('"付款方式不参加优惠"')
  })

  it('refunds and merchants likewise, each within the operator’s branch', async () => {
    const refunds = await readWorkbook((await file('/admin/refunds.xlsx?state=refunded')).bytes)
    expect(refunds.rows).toHaveLength(1 + (await listed('refunds?state=refunded')).length)
    const numbersOf = async (path: string, by: string) =>
      (await readWorkbook((await file(path, by)).bytes)).rows.slice(1).map((row) => row.A!.value)
    expect(await numbersOf('/admin/merchants.xlsx', 'north')).toEqual(['M0002', 'M0004', 'M0006'])
    expect(await numbersOf('/admin/merchants.xlsx?branchCode=B01', 'north')).toEqual([])
    expect(await numbersOf('/admin/merchants.xlsx?q=M0001', 'viewer')).toEqual(['M0001'])
    expect(await numbersOf('/admin/orders.xlsx?merchantCode=M0001', 'north')).toEqual([])
    expect(await numbersOf('/admin/refunds.xlsx', 'north')).toHaveLength(1)
  })

  it('the log is for who may read it, and says who took which rows', async () => {
    expect((await file('/admin/audit.csv', 'maker')).reply.status).toBe(403)
    await file('/admin/orders.csv?discounted=true', 'maker')
    expect((await office.deeds()).at(-1)).toMatchObject({
      username: 'maker',
      action: 'order.export',
      subject: 'order/export',
      after: { rows: 5, filter: { discounted: true } },
    })
    const csv = String((await file('/admin/audit.csv?noun=order', 'auditor')).bytes)
    expect(csv).toContain('"order.export"')
    const [, newest] = csv.split('\r\n')
    expect(newest).toContain('"maker","order.export","order/export"')
    expect((await office.deeds()).at(-1)).toMatchObject({ username: 'auditor', action: 'log.export' })
    expect((await office.chain()).breaks).toEqual([])
  })

  it('what is asked for wrongly is refused in JSON, and not as half a file', async () => {
    for (const path of [
      '/admin/orders.xlsx?state=lost',
      '/admin/orders.csv?cursor=x&deckFrom=2026-02-30',
      '/admin/refunds.csv?asked=false',
    ]) {
      const { reply, bytes } = await file(path)
      expect([path, reply.status]).toEqual([path, 400])
      expect(JSON.parse(String(bytes))).toMatchObject({ code: 'invalid-input' })
    }
  })

  it('a report to sign carries a code by which the log tells what was on it; nobody signs another branch’s', async () => {
    const { body } = await office
      .as('viewer')
      .post<SheetOfReport>(`${PATH}/sheet`, { by: 'merchant', from: DAY, to: DAY })
    const { sheet, generatedAt, by, sha256, code } = body
    expect(by).toEqual({ username: 'viewer', name: expect.any(String) })
    expect(sheet.campaign).toMatchObject({ campaignId: 'street', startDate: '2026-11-01' })
    expect(sheet.report).toEqual(await get<Report>(`${PATH}?by=merchant&from=${DAY}&to=${DAY}`))
    const text = canonical({ sheet, generatedAt, by } as unknown as Plain)
    expect(createHash('sha256').update(text).digest('hex')).toBe(sha256)
    expect(sha256.startsWith(code) && code.length === 16).toBe(true)
    const { items } = await get<ActionList>(`/admin/audit?subject=sheet/${code}`, 'auditor')
    expect(items).toHaveLength(1)
    expect(items[0]).toMatchObject({
      username: 'viewer',
      action: 'sheet.make',
      after: { campaignId: 'street', from: DAY, to: DAY, sha256, costFen: sheet.report.total.costFen },
    })
    const north = await office.as('north').post<SheetOfReport>(`${PATH}/sheet`, {})
    expect(north.body.sheet.report.total.orderCount).toBe(1)
    expect(north.body.code).not.toBe(code)
    expect(await office.as('viewer').post('/admin/campaigns/none/report/sheet', {})).toMatchObject({ status: 404 })
  })

  it('a day is signed only once it was reconciled, by who sees the books', async () => {
    const path = `/admin/reconciliations/${DAY}/sheet`
    expect(await office.as('viewer').post(path, {})).toMatchObject({ status: 403 })
    expect(await office.as('maker').post(path, {})).toMatchObject({
      status: 404,
      body: { code: 'reconciliation-not-found', field: 'date' },
    })
    expect((await office.deeds()).filter(({ action }) => action === 'sheet.make')).toHaveLength(2)
    office.statements.set(DAY, [])
    const { body: view } = await office.as('maker').post<ReconciliationView>(`/admin/reconciliations/${DAY}`)
    const booked = `endedOn=${DAY}&channel=bank`
    expect((await listed(`orders?${booked}&state=paid`)).length).toBe(view.own.clearing.count)
    expect((await listed(`refunds?${booked}&state=refunded`)).length).toBe(view.own.refund.count)
    const { body } = await office.as('checker').post<SheetOfDay>(path, {})
    expect(body.sheet).toEqual((await office.as('maker').get(`/admin/reconciliations/${DAY}`)).body)
    expect((await office.deeds()).at(-1)).toMatchObject({
      username: 'checker',
      action: 'sheet.make',
      subject: `sheet/${body.code}`,
      after: { date: DAY, channel: 'bank', statement: view.sha256, settled: false },
    })
  })
})
