import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import type {
  AdminOrderDetail,
  AdminOrderList,
  AdminRefundList,
  AdminReplyList,
  AroundView,
  SearchResult,
} from '../../../server/http/contract'
import { type Office, startOffice } from '../../support/office'

const [DAY, TODAY] = ['2026-11-20', '2026-11-21'] as const

describe.each(oneSqlEngine())('orders and refunds for operators, on $name', ({ start }) => {
  let engine: TestSql
  let office: Office
  const made: Record<string, string> = {}
  const refunds: string[] = []
  beforeAll(async () => {
    engine = await start()
    office = await startOffice(await engine.fresh())
    const card = await office.order({ date: DAY, discountFen: 800, slot: 0 })
    made.card = card.orderNo
    made.plain = (await office.order({ date: TODAY, afterMs: 1 })).orderNo
    made.alipay = (await office.order({ date: TODAY, afterMs: 2, channel: 'alipay' })).orderNo
    made.closed = (await office.order({ date: TODAY, afterMs: 3, state: 'closed' })).orderNo
    made.paying = (await office.order({ date: TODAY, afterMs: 4, state: 'paying' })).orderNo
    made.north = (await office.order({ date: TODAY, afterMs: 5, merchantCode: 'M0002' })).orderNo
    refunds.push((await office.refund(card, 100, DAY)).refundNo, (await office.refund(card, 200, TODAY)).refundNo)
  })
  afterAll(async () => {
    await office?.stop()
    await engine?.stop()
  })

  const orders = async (query = '', by = 'viewer') =>
    (await office.as(by).get(`/admin/orders${query}`)).body as AdminOrderList
  const names = async (query = '', by = 'viewer') =>
    (await orders(query, by)).items.map(({ orderNo }) => Object.keys(made).find((name) => made[name] === orderNo))

  it('are listed newest first', async () => {
    expect(await names()).toEqual(['north', 'paying', 'closed', 'alipay', 'plain', 'card'])
  })

  it.each([
    ['?merchantCode=M0002', ['north']],
    [`?date=${DAY}`, ['card']],
    ['?state=closed', ['closed']],
    ['?state=paying', ['paying']],
    ['?discounted=true', ['card']],
    ['?campaignId=street', ['card']],
    [`?merchantCode=M0001&date=${TODAY}&state=paid`, ['alipay', 'plain']],
    ['?merchantCode=M0099', []],
    ['?orderNo=F20261120', []],
  ])('are found by %s', async (query, found) => {
    expect(await names(query)).toEqual(found)
  })

  it('are found by their number, exactly', async () => {
    expect(await names(`?orderNo=${made.alipay}`)).toEqual(['alipay'])
  })

  it('show figures, life, postings and refunds, and nothing of who paid', async () => {
    const { status, body } = (await office.as('viewer').get(`/admin/orders/${made.card}`)) as {
      status: number
      body: AdminOrderDetail
    }
    expect(status).toBe(200)
    expect(body).toMatchObject({
      orderNo: made.card,
      merchantName: '老街牛肉面',
      amountFen: 10_000,
      discountFen: 800,
      payableFen: 9_600,
      merchantReceivesFen: 10_400,
      campaignId: 'street',
      slot: 0,
      glAccount: '6421-03',
      payerRefundedFen: 300,
    })
    expect(body.events.map((event) => event.kind)).toEqual(['opened', 'paid'])
    expect(body.postings.slice(0, 3)).toEqual([
      { role: 'payer', account: null, amountFen: -9_600, refundNo: null, correctionId: null },
      { role: 'gl', account: '6421-03', amountFen: -800, refundNo: null, correctionId: null },
      { role: 'merchant', account: 'acct-M0001', amountFen: 10_400, refundNo: null, correctionId: null },
    ])
    expect(body.postings.slice(3).map((posting) => posting.refundNo)).toEqual([
      ...Array(3).fill(refunds[0]),
      ...Array(3).fill(refunds[1]),
    ])
    expect(body.postings.reduce((sum, posting) => sum + posting.amountFen, 0)).toBe(0)
    const everything = JSON.stringify([body, await orders()])
    for (const personal of ['account-payer', 'agreement-payer', '"payerId"']) expect(everything).not.toContain(personal)
    expect(everything).not.toMatch(/"payer-\d/)
  })

  it('of another branch don’t exist for an operator of one branch, nor do their refunds', async () => {
    expect(await names('', 'north')).toEqual(['north'])
    expect(await names(`?orderNo=${made.card}`, 'north')).toEqual([])
    expect(await office.as('north').get(`/admin/orders/${made.card}`)).toMatchObject({
      status: 404,
      body: { code: 'order-not-found' },
    })
    expect((await office.as('south').get(`/admin/orders/${made.card}`)).status).toBe(200)
    expect(((await office.as('north').get('/admin/refunds')).body as AdminRefundList).items).toEqual([])
  })

  it('say what the channel literally answered, to whom the books are open, and not of whom it spoke', async () => {
    const { orderNo } = await office.answered({
      status: 402,
      body: JSON.stringify({ code: 'insufficient-funds', payerAccount: '6217000000000001', payerName: '张三' }),
    })
    const at = `/admin/orders/${orderNo}/replies`
    for (const who of ['maker', 'checker', 'auditor']) {
      const { body } = await office.as(who).get<AdminReplyList>(at)
      expect(body.items).toMatchObject([
        { verb: 'query', said: { status: 402, body: { code: 'insufficient-funds', payerAccount: '（不显示）' } } },
      ])
      expect(JSON.stringify(body)).not.toMatch(/6217|张三/)
    }
    for (const who of ['viewer', 'north', 'south']) expect((await office.as(who).get(at)).status).toBe(403)
    expect((await office.as('maker').get('/admin/orders/F1/replies')).body).toMatchObject({ code: 'order-not-found' })
    const { body } = await office.as('viewer').get<AdminOrderDetail>(`/admin/orders/${orderNo}`)
    expect(body.events.at(-1)).toMatchObject({ kind: 'noted', verb: 'query', code: 'bad-signature' })
  })

  describe('are told with what happened around them', () => {
    const THEN = '2026-11-10'
    const at = (orderNo: string, by = 'viewer', query = '') =>
      office.as(by).get<AroundView>(`/admin/orders/${orderNo}/around${query}`)
    let refused: string
    beforeAll(async () => {
      await office.deck(THEN, 'M0001', [800, 800, 800])
      const card = { date: THEN, discountFen: 800 }
      await office.order({ ...card, slot: 0, afterMs: -3_600_000 })
      await office.order({ ...card, slot: 1, afterMs: -120_000 })
      // closed just after: its card was still its own
      await office.order({ ...card, slot: 2, afterMs: -500, state: 'closed' })
      refused = (await office.order({ date: THEN, amountFen: 3_500, reason: 'sold-out' })).orderNo
      await office.order({ ...card, slot: 2, afterMs: 60_000, state: 'paying' })
      await office.order({ date: THEN, merchantCode: 'M0003', afterMs: 1 })
    })

    it('the cards as they were then, orders that were closed since among them', async () => {
      const { body } = await at(refused)
      expect(body.decks).toMatchObject([{ campaignId: 'street', cards: 3, used: 3, open: 1 }])
      expect(body.orders.map(({ amountFen, discountFen, reason }) => [amountFen, discountFen, reason])).toEqual([
        [10_000, 800, null],
        [10_000, 800, null],
        [3_500, 0, 'sold-out'],
        [10_000, 800, null],
      ])
      expect((await at(refused, 'viewer', '?minutes=90')).body.orders).toHaveLength(5)
      expect((await at(refused, 'viewer', '?minutes=1')).body.orders).toHaveLength(3)
    })

    it('what stopped discounts there, and who let them go on', async () => {
      const order = (await office.order({ merchantCode: 'M0005', amountFen: 7_700, reason: 'campaign-paused' })).orderNo
      const before = (await at(order)).body.stops
      expect(await office.as('maker').post('/admin/merchants/M0005/pause', { note: '投诉在查' })).toMatchObject({
        status: 200,
      })
      const { stops } = (await at(order)).body
      expect(stops.slice(before.length)).toMatchObject([
        { by: 'maker', action: 'merchant.pause', subject: 'merchant/M0005', note: '投诉在查' },
      ])
      expect((await at(made.north!)).body.stops.filter(({ subject }) => subject === 'merchant/M0005')).toEqual([])
    })

    it('in the sight of the order’s branch alone, and not for longer than two hours', async () => {
      expect((await at(refused, 'north')).body).toMatchObject({ code: 'order-not-found' })
      expect((await at(refused, 'south')).status).toBe(200)
      expect((await at('F1')).status).toBe(404)
      expect((await at(refused, 'viewer', '?minutes=121')).body).toMatchObject({
        code: 'invalid-input',
        field: 'minutes',
      })
      expect(JSON.stringify((await at(refused)).body)).not.toMatch(/payer-\d|account-payer/)
    })
  })

  it('have refunds, newest first, by day, state, merchant and order', async () => {
    const found = async (query = '') =>
      ((await office.as('viewer').get(`/admin/refunds${query}`)).body as AdminRefundList).items
    expect((await found()).map((one) => one.refundNo)).toEqual([refunds[1], refunds[0]])
    expect(await found(`?date=${DAY}`)).toMatchObject([
      { refundNo: refunds[0], payerFen: 100, orderNo: made.card, state: 'refunded' },
    ])
    expect(await found('?state=failed')).toEqual([])
    expect(await found('?merchantCode=M0002')).toEqual([])
    expect(await found(`?orderNo=${made.card}`)).toHaveLength(2)
    expect(await found(`?orderNo=${made.plain}`)).toEqual([])
  })

  it('come page by page, each once, though many were made in one moment', async () => {
    const more = new Set<string>()
    for (let i = 0; i < 55; i++)
      more.add((await office.order({ date: '2026-11-19', merchantCode: 'M0005', payerId: `p${i}` })).orderNo)
    const seen: string[] = []
    for (let query: string | undefined = '?date=2026-11-19'; query; ) {
      const page: AdminOrderList = await orders(query)
      seen.push(...page.items.map((one) => one.orderNo))
      query = page.nextCursor && `?date=2026-11-19&cursor=${encodeURIComponent(page.nextCursor)}`
    }
    expect(seen).toHaveLength(55)
    expect(new Set(seen)).toEqual(more)
    for (const cursor of ['x', '2026-02-30.1.F1', '2026-11-19.x.F1'])
      expect(await office.as('viewer').get(`/admin/orders?cursor=${cursor}`)).toMatchObject({
        status: 400,
        body: { field: 'cursor' },
      })
  })

  describe('in the one box for everything', () => {
    const search = async (q: string, by = 'viewer') =>
      (await office.as(by).get(`/admin/search?q=${encodeURIComponent(q)}`)).body as SearchResult
    const hits = async (q: string, by = 'viewer') =>
      (await search(q, by)).orders.map(({ orderNo }) => Object.keys(made).find((name) => made[name] === orderNo))
    beforeAll(async () => {
      const complaint = { date: TODAY, merchantCode: 'M0003', amountFen: 3_500 }
      made.soldOut = (await office.order({ ...complaint, afterMs: 300_000, reason: 'sold-out' })).orderNo
      made.evening = (await office.order({ ...complaint, afterMs: 7 * 3_600_000, reason: 'all-held' })).orderNo
    })

    it('a complaint finds its payment, and what the payer was told', async () => {
      expect(await hits('M0003 ¥35 中午 没优惠')).toEqual(['soldOut'])
      expect((await search('M0003 ¥35 中午 没优惠')).orders[0]).toMatchObject({ reason: 'sold-out', discountFen: 0 })
      expect(await hits('m0003 35.00')).toEqual(['evening', 'soldOut'])
      expect(await hits('￥３５ 今天 售罄')).toEqual(['soldOut'])
      expect(await hits('M0003 19:00')).toEqual(['evening'])
    })

    it.each([
      ['its number without dashes', () => made.card!.replaceAll('-', '').toLowerCase()],
      ['its number as it is read out', () => made.card!.replaceAll('-', ' ')],
      ['the channel’s number', () => `B${made.card}`],
      ['a refund’s number', () => refunds[0]!.replaceAll('-', '')],
      ['the channel’s number of a refund', () => `R${refunds[0]}`],
    ])('finds by %s', async (_, q) => {
      const { orders: found, refunds: back, span } = await search(q())
      expect(new Set([...found, ...back].map(({ orderNo }) => orderNo))).toEqual(new Set([made.card]))
      expect(span).toBeNull()
    })

    it('finds merchants by any part of name and code, in any case, and their orders of the last days', async () => {
      expect(await search('牛肉 老街')).toMatchObject({
        merchants: [{ code: 'M0001', name: '老街牛肉面' }],
        span: { from: '2026-11-15', to: TODAY },
        whole: true,
      })
      expect(await hits('牛肉 老街')).toEqual(['paying', 'closed', 'alipay', 'plain', 'card'])
      expect((await search('m000')).merchants).toHaveLength(6)
      expect(await hits('没有这家店 35')).toEqual([])
      expect((await search('100%')).merchants).toEqual([])
      expect((await search('_')).merchants).toEqual([])
    })

    it('looks through two days where no merchant is named, and no more than a week', async () => {
      expect(await hits('100')).toEqual(['north', 'paying', 'closed', 'alipay', 'plain', 'card'])
      expect((await search('100')).span).toEqual({ from: DAY, to: TODAY })
      expect(await search('100 近90天')).toMatchObject({ span: { from: '2026-11-15' }, whole: false })
      expect(await hits('order-closed')).toEqual(['closed'])
    })

    it('shows an operator of one branch nothing of another, by whatever they ask', async () => {
      const { orders: found, refunds: back, merchants } = await search(`${made.card} ${refunds[0]}`, 'north')
      expect([found, back, merchants]).toEqual([[], [], []])
      expect(await hits(`B${made.card}`, 'north')).toEqual([])
      expect(await hits('100', 'north')).toEqual(['north'])
      expect((await search('M000', 'north')).merchants.map(({ code }) => code)).toEqual(['M0002', 'M0004', 'M0006'])
      expect(await search('M0003 35', 'north')).toMatchObject({ merchants: [], orders: [] })
    })

    it('finds nothing by nothing, and refuses what is too long or no text', async () => {
      expect(await search(' \u3000\u200b')).toMatchObject({ merchants: [], orders: [], refunds: [], span: null })
      expect(await office.as('viewer').get(`/admin/search?q=${'9'.repeat(121)}`)).toMatchObject({
        status: 400,
        body: { code: 'invalid-input', field: 'q' },
      })
      expect((await office.as('viewer').get('/admin/search?q=%00')).status).toBe(400)
      expect((await office.as('viewer').get('/admin/search')).status).toBe(400)
    })

    it('says nothing of who paid', async () => {
      expect(JSON.stringify(await search('100'))).not.toMatch(/payer-\d|account-payer|agreement-/)
    })
  })
})
