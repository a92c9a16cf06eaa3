import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import type { AdminOrderDetail, AdminOrderList, AdminRefundList } from '../../../server/http/contract'
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
  }, 300_000)
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
})
