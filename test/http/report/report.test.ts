import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import { lift } from '../../../server/domain/lift'
import { phasesOf } from '../../../server/flow/report/report'
import type { Report } from '../../../server/http/contract'
import { type Office, startOffice } from '../../support/office'

/** Today is 2026-11-21; the campaign runs from the 1st to the 30th at M0001 (branch B01) and M0002 (B02). */
const PATH = '/admin/campaigns/street/report'

describe.each(oneSqlEngine())('the report of a campaign, on $name', ({ start }) => {
  let engine: TestSql
  let office: Office
  beforeAll(async () => {
    engine = await start()
    office = await startOffice(await engine.fresh())
    await dealAndPay(office)
  }, 300_000)
  afterAll(async () => {
    await office?.stop()
    await engine?.stop()
  })

  const report = async (query = '', by = 'viewer') => (await office.as(by).get(PATH + query)).body as Report
  const row = (of: Report, key: string) => of.rows.find((one) => one.key === key)

  it('sums orders, discounts, refunds and slots of the campaign’s merchants, and nothing of the others', async () => {
    const { total, from, to } = await report()
    expect({ from, to }).toEqual({ from: '2026-11-01', to: '2026-11-21' })
    expect(total).toEqual({
      orderCount: 6,
      discountCount: 4,
      discountFen: 3_350,
      payerDiscountFen: 1_675,
      merchantRewardFen: 1_675,
      refundedSubsidyFen: 400,
      costFen: 2_950,
      slotsDealt: 7,
      slotsLeft: 2,
    })
  })

  it.each(['day', 'branch', 'merchant', 'account'] as const)('has rows by %s that sum to the total', async (by) => {
    const { rows, total } = await report(`?by=${by}`)
    for (const field of Object.keys(total) as (keyof typeof total)[])
      expect([field, rows.reduce((sum, one) => sum + one[field], 0)]).toEqual([field, total[field]])
    expect(rows.map((one) => one.key)).toEqual([...rows.map((one) => one.key)].sort())
  })

  it('has each channel’s orders by day, which sum to the rows', async () => {
    const { share, rows } = await report('?by=day&from=2026-11-01')
    expect(share.channels).toEqual([
      { businessDate: '2026-11-20', channel: 'bank', orders: 4 },
      { businessDate: '2026-11-20', channel: 'wechatpay', orders: 1 },
      { businessDate: '2026-11-21', channel: 'bank', orders: 1 },
    ])
    for (const { key, orderCount } of rows)
      expect(share.channels.filter((one) => one.businessDate === key).reduce((sum, one) => sum + one.orders, 0)).toBe(
        orderCount,
      )
    // A branch sees its own merchants' alone.
    expect((await report('?from=2026-11-01', 'north')).share.channels).toEqual([
      { businessDate: '2026-11-20', channel: 'bank', orders: 2 },
    ])
  })

  it('names rows as people know them', async () => {
    expect((await report('?by=branch')).rows.map((one) => one.label)).toEqual(['城南支行', '城北支行'])
    expect((await report('?by=merchant')).rows.map((one) => one.label)).toEqual(['老街牛肉面', '阿婆豆花'])
    expect((await report('?by=account')).rows.map((one) => [one.key, one.label])).toEqual([
      ['', '无科目'],
      ['6421-03', '城南支行'],
      ['6421-07', '城北支行'],
    ])
  })

  it('tells when a deck sold out: when the order that used its last card was created, though one is still unknown', async () => {
    const byMerchant = await report('?by=merchant&from=2026-11-20&to=2026-11-20')
    expect(row(byMerchant, 'M0001')!.soldOutAt).toBe('2026-11-20T04:00:05.000Z')
    expect(row(byMerchant, 'M0002')!.soldOutAt).toBeNull()
    // today M0001 has cards left, and the day before is over: the row speaks of its last day
    expect(row(await report('?by=merchant'), 'M0001')!.soldOutAt).toBeNull()
    const byDay = await report('?by=day')
    expect(row(byDay, '2026-11-20')!.soldOutAt).toBeNull()
  })

  it('says what the merchant reads on their own page (I10)', async () => {
    for (const date of ['2026-11-20', '2026-11-21']) {
      const days = await report(`?by=merchant&from=${date}&to=${date}`)
      for (const code of ['M0001', 'M0002']) {
        const summary = (await office.call('GET', `/api/merchant/summary?date=${date}`, office.owner(code))).body
        const mine = row(days, code)!
        expect([mine.orderCount, mine.merchantRewardFen]).toEqual([summary.orderCount, summary.rewardFen])
        const slots = mine.slotsDealt === 0 ? null : { total: mine.slotsDealt, used: mine.slotsDealt - mine.slotsLeft }
        if (slots) expect(summary.slots).toEqual(slots)
      }
    }
  })

  it('costs each GL account what was posted to it', async () => {
    const posted = await office.sql.db
      .selectFrom('postings')
      .select(['account', (eb) => eb.fn.sum<string>('amount_fen').as('fen')])
      .where('role', '=', 'gl')
      .groupBy('account')
      .execute()
    // A wallet's orders have no account that bears anything.
    const expected = { '': 0, ...Object.fromEntries(posted.map(({ account, fen }) => [account, -Number(fen)])) }
    const { rows } = await report('?by=account')
    expect(Object.fromEntries(rows.map((one) => [one.key, one.costFen]))).toEqual(expected)
  })

  it('counts cards of days that are over, and of today only those that were paid with', async () => {
    const { cards } = await report()
    const counted = cards.filter((bin) => bin.count > 0).map(({ fromFen, count, inBand }) => [fromFen, count, inBand])
    // 20th: 800, 750 and 300, 900, 950; today 800 and 888 were dealt, and only the 800 was used
    expect(counted).toEqual([
      [300, 1, false],
      [750, 1, true],
      [800, 2, true],
      [850, 1, true],
      [901, 1, false],
    ])
  })

  it('compares the own-channel share with the merchants left out, before and during', async () => {
    const { share } = await report()
    expect(share.treated).toMatchObject({
      merchants: 2,
      before: { orders: 4, own: 1, share: 0.25 },
      during: { orders: 6, own: 5 },
      after: { orders: 0, own: 0, share: null },
    })
    expect(share.control).toMatchObject({ merchants: 2, before: { orders: 4, own: 1 }, during: { orders: 4, own: 2 } })
    const use = (before: [number, number], during: [number, number]) => ({
      before: { orders: before[0], own: before[1] },
      during: { orders: during[0], own: during[1] },
      after: { orders: 0, own: 0 },
    })
    expect(share.lift).toEqual(
      lift([use([2, 0], [4, 3]), use([2, 1], [2, 2])], [use([2, 0], [2, 1]), use([2, 1], [2, 1])]),
    )
    const point = share.points.find((one) => one.businessDate === '2026-11-21')
    expect(point).toEqual({ businessDate: '2026-11-21', treated: 1, control: null })
  })

  it('has a CSV with the same figures, which a spreadsheet opens and runs nothing of', async () => {
    await office.sql.db
      .updateTable('merchants')
      .set({ name: '=HYPERLINK("x")' })
      .where('merchant_code', '=', 'M0002')
      .execute()
    const { status, headers, body } = await office.as('viewer').get(`${PATH}.csv?by=merchant`)
    expect([status, headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8'])
    expect(headers.get('content-disposition')).toContain('street-merchant-2026-11-01-2026-11-21.csv')
    const reply = await fetch(`${office.url}${PATH}.csv?by=merchant`, {
      headers: { Authorization: `Bearer ${viewer(office)}` },
    })
    expect(Buffer.from(await reply.arrayBuffer()).subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]))
    const lines = (body as string).trimEnd().split('\r\n')
    expect(lines).toEqual([
      expect.stringContaining('"商户号","名称","订单笔数"'),
      '"M0001","老街牛肉面","4","3","24.50","12.25","12.25","4.00","20.50","4","1"',
      `"M0002","'=HYPERLINK(""x"")","2","1","9.00","4.50","4.50","0.00","9.00","3","1"`,
    ])
    expect((await office.deeds()).at(-1)).toMatchObject({
      username: 'viewer',
      action: 'report.export',
      subject: 'campaign/street',
    })
  })

  it('shows a branch’s operator their own merchants only, and no campaign in which they have neither merchant nor deck', async () => {
    const south = await report('?by=merchant', 'south')
    expect(south.rows.map((one) => one.key)).toEqual(['M0001'])
    expect([south.total.orderCount, south.share.treated.merchants, south.share.control.merchants]).toEqual([4, 1, 1])
    const csv = (await office.as('south').get(`${PATH}.csv?by=branch`)).body as string
    expect(csv.trimEnd().split('\r\n')).toHaveLength(2)
    await office.sql.db.deleteFrom('campaign_merchants').where('merchant_code', '=', 'M0002').execute()
    expect(await office.as('north').get(PATH)).toMatchObject({ status: 200 })
    await office.sql.db.deleteFrom('decks').where('merchant_code', '=', 'M0002').execute()
    expect(await office.as('north').get(PATH)).toMatchObject({ status: 404, body: { code: 'campaign-not-found' } })
    expect(await office.as('viewer').get('/admin/campaigns/none/report')).toMatchObject({ status: 404 })
    await office.sql.db
      .insertInto('campaign_merchants')
      .values({ campaign_id: 'street', merchant_code: 'M0002' })
      .execute()
  })

  it('refuses a period that ends before it begins, and knows one in which nothing happened', async () => {
    const refused = await office.as('viewer').get(`${PATH}?from=2026-11-10&to=2026-11-09`)
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid-input', field: 'to' } })
    const { total, rows } = await report('?from=2026-12-24&to=2026-12-24')
    expect([rows, total.orderCount, total.slotsDealt]).toEqual([[], 0, 0])
  })
})

describe('the stretches that are compared', () => {
  const month = { startDate: '2026-11-01', endDate: '2026-11-30' }
  it.each([
    ['on the first day', '2026-11-01', ['2026-10-31', '2026-10-31'], ['2026-11-01', '2026-11-01'], false],
    ['in the middle', '2026-11-10', ['2026-10-22', '2026-10-31'], ['2026-11-01', '2026-11-10'], false],
    ['long after the end', '2027-03-01', ['2026-10-02', '2026-10-31'], ['2026-11-01', '2026-11-30'], true],
  ])('%s', (_, today, before, during, over) => {
    const phases = phasesOf(month, today)
    expect([phases.before.from, phases.before.to]).toEqual(before)
    expect([phases.during.from, phases.during.to]).toEqual(during)
    expect(phases.after.from <= phases.after.to).toBe(over)
    if (over) expect(phases.after).toEqual({ from: '2026-12-01', to: '2026-12-30' })
  })

  it('hold nothing before the start', () => {
    const { before, during, after } = phasesOf(month, '2026-10-20')
    for (const { from, to } of [before, during, after]) expect(from > to).toBe(true)
  })
})

function viewer(office: Office): string {
  return office.deps.tokens.issue({ kind: 'operator', sessionId: 'viewer' }, office.clock.at).token
}

async function dealAndPay(office: Office) {
  await office.control('M0003', 'M0004')
  await office.deck('2026-11-20', 'M0001', [800, 750])
  await office.deck('2026-11-20', 'M0002', [300, 900, 950])
  await office.deck('2026-11-21', 'M0001', [800, 888])
  const [day, today] = ['2026-11-20', '2026-11-21']
  const back = await office.order({ date: day, discountFen: 800, slot: 0 })
  await office.order({ date: day, discountFen: 850, slot: 1, afterMs: 5_000 })
  await office.order({ date: day, channel: 'wechatpay' })
  await office.order({ date: today, discountFen: 800, slot: 0 })
  await office.order({ date: day, merchantCode: 'M0002', discountFen: 900, slot: 1 })
  await office.order({ date: day, merchantCode: 'M0002' })
  // a closed order gave its card back, one of unknown outcome holds it, and neither is a paid order
  await office.order({ date: day, merchantCode: 'M0002', discountFen: 300, slot: 0, state: 'closed' })
  await office.order({ date: day, merchantCode: 'M0002', discountFen: 950, slot: 2, state: 'paying' })
  // half of it, a day later: it counts with its order
  await office.refund(back, back.figures.payableFen / 2, today)
  const use = async (merchantCode: string, date: string, ...channels: ('bank' | 'alipay')[]) => {
    for (const channel of channels) await office.order({ merchantCode, date, channel })
  }
  await use('M0001', '2026-10-20', 'alipay', 'alipay')
  await use('M0002', '2026-10-20', 'bank', 'alipay')
  await use('M0003', '2026-10-20', 'alipay', 'alipay')
  await use('M0004', '2026-10-20', 'bank', 'alipay')
  await use('M0003', '2026-11-20', 'bank', 'alipay')
  await use('M0004', '2026-11-20', 'bank', 'alipay')
  // longer before the campaign than it has lasted, and at a merchant of neither arm
  await use('M0001', '2026-10-01', 'bank')
  await use('M0005', '2026-11-20', 'bank')
}
