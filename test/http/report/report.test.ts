import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import type { AdminOrderList, CampaignDetail, CampaignEffect, Report } from '../../../server/http/contract'
import { linksOf } from '../../../src/console/pages/campaign-report/links'
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
  })
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
      correctedFen: 0,
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

  it.each(['day', 'branch', 'merchant', 'account'] as const)(
    'leads from each count by %s to just as many orders',
    async (by) => {
      const of = await report(`?by=${by}`)
      const listed = async (link: string, who = 'viewer') =>
        ((await office.as(who).get(`/admin/${link}`)).body as AdminOrderList).items.length
      expect(await listed(linksOf('street', of).orders)).toBe(of.total.orderCount)
      expect(await listed(linksOf('street', of).discounts)).toBe(of.total.discountCount)
      for (const row of of.rows.filter(({ key }) => key !== '')) {
        expect([row.key, await listed(linksOf('street', of, row).orders)]).toEqual([row.key, row.orderCount])
        expect([row.key, await listed(linksOf('street', of, row).discounts)]).toEqual([row.key, row.discountCount])
      }
      const north = await report(`?by=${by}`, 'north')
      expect(await listed(linksOf('street', north).orders, 'north')).toBe(north.total.orderCount)
      expect(await listed('orders?branchCode=B01', 'north')).toBe(0)
    },
  )

  it('has each channel’s orders by day, which sum to the rows', async () => {
    const { channels, rows } = await report('?by=day&from=2026-11-01')
    expect(channels).toEqual([
      { businessDate: '2026-11-20', channel: 'bank', orders: 4 },
      { businessDate: '2026-11-20', channel: 'wechatpay', orders: 1 },
      { businessDate: '2026-11-21', channel: 'bank', orders: 1 },
    ])
    for (const { key, orderCount } of rows)
      expect(channels.filter((one) => one.businessDate === key).reduce((sum, one) => sum + one.orders, 0)).toBe(
        orderCount,
      )
    // A branch sees its own merchants' alone.
    expect((await report('?from=2026-11-01', 'north')).channels).toEqual([
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

  it('costs each GL account what was posted to it, corrections included', async () => {
    const of = office.sql.db.selectFrom('orders').where('merchant_code', '=', 'M0001').where('state', '=', 'paid')
    const order = await of.select('order_no').where('campaign_id', '=', 'street').limit(1).executeTakeFirstOrThrow()
    const entry = { ...order, correction_id: 'D20261120-L1/1', posted_at: 1 }
    await office.sql.db
      .insertInto('postings')
      .values([
        { ...entry, role: 'gl', account: '6421-03', amount_fen: -300 },
        { ...entry, role: 'merchant', account: 'acct-M0001', amount_fen: 300 },
      ])
      .execute()
    expect((await report()).total).toMatchObject({ correctedFen: 300, costFen: 3_250 })
    expect(row(await report('?by=merchant'), 'M0001')).toMatchObject({ correctedFen: 300, costFen: 2_350 })
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

  it('counts a card of today that nobody drew once its seed is out, a lease after midnight, and not before', async () => {
    const { clock } = office
    const now = clock.at
    const count = async (at: string) => {
      clock.at = Date.parse(at)
      const { cards } = await report('?from=2026-11-21&to=2026-11-21')
      return cards.reduce((sum, bin) => sum + bin.count, 0)
    }
    try {
      expect(await count('2026-11-22T00:02:09+08:00')).toBe(1)
      expect(await count('2026-11-22T00:02:10+08:00')).toBe(2)
    } finally {
      clock.at = now
    }
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
      '"M0001","老街牛肉面","4","3","24.50","12.25","12.25","4.00","3.00","23.50","4","1"',
      `"M0002","'=HYPERLINK(""x"")","2","1","9.00","4.50","4.50","0.00","0.00","9.00","3","1"`,
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
    expect(south.total.orderCount).toBe(4)
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

  describe('the effect', () => {
    const effect = async (by = 'viewer') =>
      (await office.as(by).get<CampaignEffect>('/admin/campaigns/street/effect')).body
    const HEAD = '商户号,日期,笔数\r\n'
    const sent = (lines: string, query = '', by = 'maker') =>
      office.as(by).csv(`/admin/counts/import${query}`, HEAD + lines)

    it('counts merchants of whose other channels something is known, and says nothing of two against two', async () => {
      const found = await effect()
      expect(found).toMatchObject({
        state: 'too-few',
        plannedDays: 30,
        nextLook: '2026-11-21',
        drawn: null,
        cost: null,
      })
      expect(found.looks.map((look) => look.each)).toEqual(found.looks.map(() => null))
      expect(found.treated).toMatchObject({
        merchants: 2,
        unknown: 0,
        before: { orders: 4, own: 1, share: 0.25 },
        after: { orders: 0, own: 0, share: null },
      })
      expect(found.control.during).toMatchObject({ orders: 0 }) // the 20th is after the last look, the 18th
      expect(found.points.find((one) => one.businessDate === '2026-11-20')).toMatchObject({ control: 0.5 })
      expect((await effect('south')).treated.merchants).toBe(1)
      expect(await office.as('viewer').get('/admin/campaigns/none/effect')).toMatchObject({ status: 404 })
    })

    it('takes the other channels’ counts from a file, corrections as revisions, and nothing of a faulty one', async () => {
      const lines = 'M0001,2026-11-10,98\r\nM0002,2026-11-10,49\r\n'
      expect((await sent(lines, '?dryRun=true')).body).toMatchObject({ added: 2, changed: 0 })
      expect((await sent(lines)).body).toMatchObject({ lines: 2, added: 2, changed: 0, unchanged: 0, faultCount: 0 })
      expect((await sent(lines.replace('49', '51'))).body).toMatchObject({ added: 0, changed: 1, unchanged: 1 })
      expect((await effect()).treated.during).toMatchObject({ orders: 98 + 51, own: 0, share: 0 })
      const kept = office.sql.db.selectFrom('other_counts').select(['revision', 'orders', 'imported_by'])
      expect(await kept.where('merchant_code', '=', 'M0002').orderBy('revision').execute()).toEqual([
        { revision: 1, orders: 49, imported_by: 'maker' },
        { revision: 2, orders: 51, imported_by: 'maker' },
      ])
      expect((await office.deeds()).at(-1)).toMatchObject({ action: 'counts.import', after: { changed: 1 } })

      const faulty =
        'M0001,2026-11-21,1\r\nX,2026-11-10,1\r\nM0001,2026-11-09,-1\r\nM0001,2026-13-09,1\r\nM0002,2026-11-08,1\r\nM0002,2026-11-08,1\r\n'
      const { body } = await sent(faulty)
      expect(
        body.faults.map((one: { line: number; field: string; code: string }) => [one.line, one.field, one.code]),
      ).toEqual([
        [2, 'date', 'malformed'],
        [3, 'code', 'merchant-unknown'],
        [4, 'orders', 'malformed'],
        [5, 'date', 'malformed'],
        [7, 'line', 'duplicate'],
      ])
      expect(body).toMatchObject({ added: 0, changed: 0 })
      expect(await sent(lines, '', 'viewer')).toMatchObject({ status: 403 })
    })

    it('is measured against merchants drawn at random: the same again, and not drawn once somebody edits them', async () => {
      const maker = office.as('maker')
      const { rule } = (await maker.get<CampaignDetail>('/admin/campaigns/street')).body
      const terms = {
        name: '夜市',
        organiser: '某银行',
        startDate: '2026-12-01',
        endDate: '2026-12-14',
        rule,
        budgetFen: 5_000_000,
      }
      const all = ['M0001', 'M0002', 'M0003', 'M0004']
      const made = (await maker.post<CampaignDetail>('/admin/campaigns', { ...terms, merchantCodes: all })).body
      const path = `/admin/campaigns/${made.campaignId}`
      const drawnBy = async (revision: number) =>
        (
          await office.call<CampaignDetail>('POST', `${path}/controls/draw`, office.token('maker'), {
            body: { percent: 50 },
            ifMatch: revision,
          })
        ).body
      const lists = async () =>
        (await maker.get(`${path}/merchants?only=control`)).body.items.map((one: { code: string }) => one.code)
      const first = await drawnBy(made.revision)
      expect([first.merchantCount, first.controlCount]).toEqual([2, 2])
      const codes = await lists()
      const again = await drawnBy(first.revision)
      expect(await lists()).toEqual(codes)
      const effectOf = async () => (await maker.get<CampaignEffect>(`${path}/effect`)).body
      expect((await effectOf()).drawn).toMatchObject({
        percent: 50,
        commitment: expect.stringMatching(/^[0-9a-f]{64}$/),
      })
      expect((await office.deeds()).at(-1)).toMatchObject({
        action: 'campaign.draw',
        after: { merchants: 2, controls: 2 },
      })
      await maker.patch(path, { controlCodes: codes.slice(0, 1) }, again.revision)
      expect((await effectOf()).drawn).toBeNull()
      expect(await drawnBy(first.revision)).toMatchObject({ code: 'revision-changed' })
    })
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
