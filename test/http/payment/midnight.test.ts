import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import { deckKeys, masterKeys } from '../../../server/domain/key-ring'
import type { Order } from '../../../server/domain/order'
import { audit } from '../../../server/flow/audit/audit'
import { closeDecks } from '../../../server/flow/deck/close-decks'
import { reconcileDay } from '../../../server/flow/reconcile/reconcile'
import type { OrderView, QuoteView, Report } from '../../../server/http/contract'
import { auditKeys, sqlAudit } from '../../../server/store/sql/audit/audit'
import { type Office, startOffice } from '../../support/office'
import { lineOf } from '../../support/reconcile'
import { sweepAll } from '../../support/sweep'

const [YESTERDAY, TODAY] = ['2026-11-21', '2026-11-22']
const DECK = { campaignId: 'street', merchantCode: 'M0001' }

/** A card is of its deck's day, an order of the day on which it was opened for payment. */
describe.each(oneSqlEngine())('midnight between quote and payment, on $name', ({ start }) => {
  let engine: TestSql
  let office: Office
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    office = await startOffice(await engine.fresh())
    at(`${YESTERDAY}T23:59:50`)
  })
  afterEach(() => office?.stop())
  afterAll(() => engine?.stop())

  const at = (time: string) => {
    office.clock.at = Date.parse(`${time}+08:00`)
  }
  const channel = () => [...office.deps.channels.values()][0]! as unknown as { next(verb: string, how: object): void }
  async function payer(code: string) {
    const { token } = (await office.call('POST', '/api/session', undefined, { body: { platform: 'browser', code } }))
      .body
    return {
      async quote(amountFen = 10_000): Promise<QuoteView> {
        const body = { merchantCode: 'M0001', amountFen, channel: 'bank' }
        return (await office.call('POST', '/api/quotes', token, { body })).body
      },
      pay: ({ quoteId }: QuoteView) => office.call('POST', '/api/orders', token, { body: { quoteId } }),
    }
  }
  /** Quoted ten seconds before midnight, paid ten seconds after it. */
  async function late(): Promise<{ quote: QuoteView; view: OrderView; order: Order }> {
    const someone = await payer('late')
    const quote = await someone.quote()
    at(`${TODAY}T00:00:10`)
    const { body: view } = await someone.pay(quote)
    return { quote, view, order: (await office.deps.ledger.order(view.orderNo))! }
  }
  const exposures = async () => {
    const rows = await office.sql.db
      .selectFrom('decks')
      .select(['business_date', 'exposure_fen', 'closed_at'])
      .execute()
    return new Map(rows.map((row) => [row.business_date, row]))
  }

  it('the order is today’s wherever it is told, its card yesterday’s', async () => {
    const { quote, view, order } = await late()
    expect(view).toMatchObject({ state: 'paid', businessDate: TODAY, discountFen: quote.discountFen })
    expect(quote.discountFen).toBeGreaterThan(0)
    expect(order.orderNo).toContain(TODAY.replaceAll('-', ''))
    expect(order.card).toMatchObject({ campaignId: 'street', businessDate: YESTERDAY, slot: 0 })

    const owner = office.owner('M0001')
    const of = async (path: string) => (await office.call('GET', path, owner)).body
    for (const [date, count] of [
      [YESTERDAY, 0],
      [TODAY, 1],
    ] as const) {
      expect(await of(`/api/merchant/summary?date=${date}`)).toMatchObject({
        orderCount: count,
        rewardCount: count,
        rewardFen: count * view.merchantRewardFen,
      })
      expect((await of(`/api/merchant/orders?date=${date}`)).items).toHaveLength(count)
      expect((await office.as('viewer').get(`/admin/orders?date=${date}`)).body.items).toHaveLength(count)
    }

    const report = (await office.as('viewer').get('/admin/campaigns/street/report?by=day')).body as Report
    const day = (key: string) => report.rows.find((row) => row.key === key)
    expect(day(YESTERDAY)).toMatchObject({ orderCount: 0, discountFen: 0, slotsDealt: 5, slotsLeft: 4 })
    expect(day(TODAY)).toMatchObject({ orderCount: 1, discountFen: view.discountFen, slotsDealt: 0 })
    expect(report.total).toMatchObject({ orderCount: 1, discountFen: view.discountFen, slotsDealt: 5, slotsLeft: 4 })

    const deck = (await office.as('viewer').get(`/admin/campaigns/street/decks/M0001/${YESTERDAY}`)).body
    expect(deck.slots[0]).toMatchObject({ state: 'used', orderNo: view.orderNo })
    const back = await office.call('POST', `/api/merchant/orders/${view.orderNo}/refunds`, owner, {
      body: { amountFen: 1_000 },
    })
    expect(back.body).toMatchObject({ state: 'refunded', businessDate: TODAY })
  })

  it('the card is used in yesterday’s deck, and today’s has all of its own', async () => {
    await late()
    expect(await office.deps.ledger.usedSlots({ ...DECK, businessDate: YESTERDAY })).toMatchObject([{ slot: 0 }])
    await (await payer('early bird')).quote()
    expect(await office.deps.ledger.usedSlots({ ...DECK, businessDate: TODAY })).toEqual([])
    expect(await office.deps.slots.count({ ...DECK, businessDate: YESTERDAY })).toMatchObject({ used: 1 })
    expect(await office.deps.slots.count({ ...DECK, businessDate: TODAY })).toMatchObject({ leased: 1, used: 0 })
  })

  it('the slot of the same number in today’s deck is another card, and yesterday’s is nobody else’s (I1)', async () => {
    const { order } = await late()
    const other = await payer('other')
    const quote = await other.quote()
    expect((await other.pay(quote)).body.state).toBe('paid')
    const twice = {
      ...order,
      orderNo: 'F-TWICE',
      branchCode: 'B01',
      quoteNonce: 'twice',
      state: 'paying' as const,
      endedAt: null,
      channelTradeNo: null,
      verification: null,
    }
    const opening = {
      order: twice,
      idempotency: { key: 'twice', inputHash: '' },
      dailyLimitFen: 1e9,
      request: {},
      firstQueryAt: 0,
    }
    expect(await office.deps.ledger.openOrder(opening)).toEqual({ kind: 'slot-taken', payerId: order.payerId })
  })

  it('of the campaign’s last day is in its report, though nobody names dates, and the next day only then', async () => {
    const report = async () => (await office.as('viewer').get('/admin/campaigns/street/report?by=day')).body as Report
    at('2026-11-30T23:59:50')
    const someone = await payer('last')
    const quote = await someone.quote()
    at('2026-12-01T00:00:10')
    expect((await report()).to).toBe('2026-11-30')
    const { body: view } = await someone.pay(quote)
    expect(view).toMatchObject({ state: 'paid', businessDate: '2026-12-01', discountFen: quote.discountFen })
    at('2026-12-09T12:00:00')
    const { to, total, rows } = await report()
    expect(to).toBe('2026-12-01')
    expect(total).toMatchObject({ orderCount: 1, discountFen: view.discountFen, slotsDealt: 5, slotsLeft: 4 })
    expect(rows.find((row) => row.key === '2026-12-01')).toMatchObject({ discountCount: 1 })
    const csv = (await office.as('viewer').get('/admin/campaigns/street/report.csv?by=day')).body as string
    expect(csv).toContain('2026-12-01')
  })

  it('the payer’s limit is today’s', async () => {
    const someone = await payer('spender')
    expect((await someone.pay(await someone.quote(40_000))).body.state).toBe('paid')
    const quote = await someone.quote(30_000)
    expect((await someone.pay(quote)).body.code).toBe('daily-limit-reached')
    at(`${TODAY}T00:00:10`)
    expect((await someone.pay(quote)).body).toMatchObject({ state: 'paid', businessDate: TODAY })
    expect((await someone.pay(await someone.quote(30_000))).body.code).toBe('daily-limit-reached')
  })

  it('yesterday’s deck closes with the card of an order that is unknown, whatever becomes of it (I7)', async () => {
    channel().next('pay', { kind: 'lose-reply' })
    const { view, order } = await late()
    expect(view.state).toBe('paying')
    at(`${TODAY}T01:00:00`)
    await closeDecks(office.deps)
    const closed = { exposure_fen: view.discountFen, closed_at: office.clock.at }
    expect((await exposures()).get(YESTERDAY)).toMatchObject(closed)
    await sweepAll(office.deps)
    expect((await office.deps.ledger.order(order.orderNo))!.state).toBe('paid')
    await closeDecks(office.deps)
    expect((await exposures()).get(YESTERDAY)).toMatchObject(closed)
  })

  it('a closed one gives its card back to yesterday’s deck', async () => {
    channel().next('pay', { kind: 'decline', code: 'insufficient-funds' })
    const { view } = await late()
    expect(view.state).toBe('closed')
    expect(await office.deps.slots.count({ ...DECK, businessDate: YESTERDAY })).toMatchObject({ leased: 1, used: 0 })
    expect(await office.deps.slots.count({ ...DECK, businessDate: TODAY })).toBeUndefined()
    office.clock.at += 5_000
    await sweepAll(office.deps)
    expect((await office.deps.ledger.backlog()).slotsToReturn).toBe(0)
    expect(await office.deps.slots.count({ ...DECK, businessDate: YESTERDAY })).toMatchObject({ leased: 1, used: 0 })
  })

  it('the bank’s statement of today has it and balances, and the audit is clean', async () => {
    const { order } = await late()
    at(`${TODAY}T01:00:00`)
    await closeDecks(office.deps)
    const line = { ...lineOf(order), lineNo: 1, bookedAt: order.endedAt!, channelTradeNo: order.channelTradeNo! }
    office.statements.set(TODAY, [line])
    at('2026-11-23T01:00:00')
    const day = await reconcileDay(office.deps, { channel: 'bank', date: TODAY })
    expect(day).toMatchObject({ kind: 'reconciled', found: 0, reconciliation: { result: { proven: true } } })
    const keys = masterKeys(Buffer.alloc(32, 7))
    const books = sqlAudit(office.sql, auditKeys(masterKeys(Buffer.alloc(32, 3))))
    const { looked, violations } = await audit({ books, campaignSecret: deckKeys(keys).campaignSecret })
    expect(looked).toMatchObject({ orders: 1, decks: 1 })
    expect(violations).toEqual([])
  })
})
