import { sql as raw } from 'kysely'
import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import type { Order } from '../../../server/domain/order'
import { figures } from '../../../server/domain/quote'
import { archiveByHand, fileOf } from '../../support/archived'
import { type Office, startOffice } from '../../support/office'
import { phantom } from '../../support/reconcile'

const [BEFORE, DAY, NEXT, TODAY] = ['2026-11-18', '2026-11-19', '2026-11-20', '2026-11-21'] as const
const [PAYER, OTHER] = ['payer-a', 'payer-b']
/** A number of that day that no order ever had. */
const NEVER = `F${DAY.replaceAll('-', '')}-0000-0000-0000`
const FILE = fileOf(DAY)

describe.each(oneSqlEngine())('after a day was archived, on $name', ({ start }) => {
  let engine: TestSql
  let office: Office
  let gone: Order[]
  /** refunded, so it stayed */
  let stayed: Order
  let later: Order
  beforeAll(async () => {
    engine = await start()
    office = await startOffice(await engine.fresh())
    await office.deck(DAY, 'M0001', [800, 700, 600])
    const card = { discountFen: 800, slot: 0 }
    gone = [
      await office.order({ date: DAY, payerId: PAYER, ...card }),
      await office.order({ date: DAY, payerId: PAYER, afterMs: 1 }),
    ]
    stayed = await office.order({ date: DAY, payerId: OTHER, discountFen: 600, slot: 2, afterMs: 2 })
    await office.refund(stayed, 100, TODAY)
    later = await office.order({ date: TODAY, payerId: PAYER, discountFen: 700, slot: 1 })
    // as the day's closing leaves it
    await raw`update decks set closed_at = 1, used_slots = 2, exposure_fen = 1394, returned_fen = 6, last_used_at = 1`.execute(
      office.sql.db,
    )
    await archiveByHand(office.sql, DAY, gone)
  })
  afterAll(async () => {
    await office?.stop()
    await engine?.stop()
  })

  const payerOf = (payerId: string) =>
    office.deps.tokens.issue({ kind: 'payer', payerId, platform: 'browser' }, office.clock.at).token
  const asPayer = (path: string, payerId = PAYER, method = 'GET', body?: object) =>
    office.call(method, path, payerOf(payerId), { body })
  const asMerchant = (path: string, method = 'GET', body?: object, code = 'M0001') =>
    office.call(method, path, office.owner(code), { body })

  describe('an order of it', () => {
    const ARCHIVED = { code: 'order-archived', status: 410, date: DAY, field: 'orderNo' }

    it.each([
      ['its payer', 'GET', '', undefined],
      ['its payer who confirms', 'POST', '/confirm', { challengeId: 'c', proof: '123456' }],
      ['its payer who wants another code', 'POST', '/resend', undefined],
      ['its payer who walks away', 'POST', '/close', undefined],
    ])('is called archived to %s, without the file', async (_, method, end, body) => {
      const { status, body: said } = await asPayer(`/api/orders/${gone[0]!.orderNo}${end}`, PAYER, method, body)
      expect([status, said]).toMatchObject([410, ARCHIVED])
      expect(said).not.toHaveProperty('file')
    })

    it.each([
      ['looks at it', 'GET', '', undefined],
      ['lists its refunds', 'GET', '/refunds', undefined],
      ['weighs a refund', 'GET', '/refunds/preview?amountFen=1', undefined],
      ['refunds it', 'POST', '/refunds', { amountFen: 1 }],
    ])('is called archived to its merchant who %s, and nothing is refunded', async (_, method, end, body) => {
      const { status, body: said } = await asMerchant(`/api/merchant/orders/${gone[0]!.orderNo}${end}`, method, body)
      expect([status, said]).toMatchObject([410, ARCHIVED])
      expect(said).not.toHaveProperty('file')
      expect(await office.sql.db.selectFrom('refunds').select('refund_no').execute()).toHaveLength(1)
    })

    it.each([
      ['viewer', 'GET', '', undefined],
      ['auditor', 'GET', '/replies', undefined],
      ['viewer', 'GET', '/around', undefined],
      ['maker', 'GET', '/refund-preview?amountFen=1', undefined],
      ['maker', 'POST', '/refund', { amountFen: 1, leftFen: 1, reason: '投诉' }],
    ])('is called archived to %s of the bank, who is told the file: %s …%s', async (by, method, end, body) => {
      const path = `/admin/orders/${gone[0]!.orderNo}${end}`
      const { status, body: said } = await office.call(method, path, office.token(by), { body })
      expect([status, said]).toMatchObject([410, { ...ARCHIVED, file: FILE }])
    })

    it('is told from one that never was by nobody: a number tells its day alone', async () => {
      const foreign = await asPayer(`/api/orders/${gone[0]!.orderNo}`, OTHER)
      const never = await asPayer(`/api/orders/${NEVER}`)
      const others = await asPayer(`/api/orders/${stayed.orderNo}`)
      for (const { status, body } of [foreign, never, others]) expect([status, body]).toMatchObject([410, ARCHIVED])
      expect(await asMerchant(`/api/merchant/orders/${stayed.orderNo}`, 'GET', undefined, 'M0002')).toMatchObject({
        status: 410,
      })
    })

    it('that stayed is shown, refunded and all', async () => {
      expect(await asPayer(`/api/orders/${stayed.orderNo}`, OTHER)).toMatchObject({ status: 200 })
      const { body } = await office.as('viewer').get(`/admin/orders/${stayed.orderNo}/around`)
      expect(body.orders).toHaveLength(1)
      expect(body.archivedBefore).toBe(NEXT)
    })

    it.each(['F20261121-0000-0000-0000', 'F20261341-0000-0000-0000', 'F20261119', "F20261119-'; drop", 'PHANTOM'])(
      'isn’t what %s is: that doesn’t exist',
      async (number) => {
        for (const { status, body } of [
          await asPayer(`/api/orders/${encodeURIComponent(number)}`),
          await asMerchant(`/api/merchant/orders/${encodeURIComponent(number)}`),
          await office.as('viewer').get(`/admin/orders/${encodeURIComponent(number)}`),
        ])
          expect([status, body.code]).toEqual([404, 'order-not-found'])
      },
    )
  })

  describe('a list', () => {
    it('of the payer’s says at its end before when orders are archived, and not before a payment', async () => {
      const { body } = await asPayer('/api/orders')
      expect(body).toMatchObject({ items: [{ orderNo: later.orderNo }], archivedBefore: NEXT })
      for (const state of ['recent', 'paying'])
        expect((await asPayer(`/api/orders?state=${state}`)).body).not.toHaveProperty('archivedBefore')
    })

    it('of a merchant’s day says so of an archived one alone', async () => {
      const of = async (date?: string) => (await asMerchant(`/api/merchant/orders${date ? `?date=${date}` : ''}`)).body
      expect(await of(DAY)).toMatchObject({ items: [{ orderNo: stayed.orderNo }], archivedBefore: NEXT })
      for (const date of [NEXT, TODAY, undefined]) expect(await of(date)).not.toHaveProperty('archivedBefore')
      expect(await of(BEFORE)).toMatchObject({ items: [], archivedBefore: NEXT })
    })

    it.each([
      [`?date=${DAY}`, NEXT],
      [`?from=${BEFORE}&to=${DAY}`, NEXT],
      ['', NEXT],
      ['?merchantCode=M0001', NEXT],
      [`?endedOn=${NEXT}`, NEXT],
      [`?date=${TODAY}`, undefined],
      [`?from=${NEXT}`, undefined],
      [`?deckFrom=${NEXT}`, undefined],
      ['?stuck=true', undefined],
      ['?state=paying', undefined],
      ['?corrected=true', undefined],
    ])('of the desk’s, %s: %s', async (query, before) => {
      expect((await office.as('viewer').get(`/admin/orders${query}`)).body.archivedBefore).toBe(before)
    })

    it('finds a number’s day and file, and says of what isn’t found that it may be older', async () => {
      const find = async (q: string) => (await office.as('viewer').get(`/admin/search?q=${encodeURIComponent(q)}`)).body
      const typed = gone[0]!.orderNo.toLowerCase().replaceAll('-', '')
      expect(await find(typed)).toMatchObject({
        orders: [],
        archived: [{ orderNo: gone[0]!.orderNo, date: DAY, file: FILE }],
      })
      expect(await find(stayed.orderNo)).toMatchObject({ orders: [{ orderNo: stayed.orderNo }], archived: [] })
      expect(await find(`B${gone[0]!.orderNo}`)).toMatchObject({ archivedBefore: NEXT })
      expect(await find(`M0001 ${DAY}`)).toMatchObject({ archivedBefore: NEXT })
      expect(await find(`M0001 ${TODAY}`)).not.toHaveProperty('archivedBefore')
    })

    it.each([
      ['a merchant’s', () => asMerchant(`/api/merchant/orders.csv?from=${DAY}&to=${TODAY}`)],
      ['the desk’s by date', () => office.as('viewer').get(`/admin/orders.csv?date=${DAY}`)],
      ['the desk’s of everything', () => office.as('viewer').get('/admin/orders.xlsx')],
    ])('is no file that looks whole: %s is refused with the date from which it can be had', async (_, ask) => {
      const { status, body } = await ask()
      expect([status, body]).toMatchObject([410, { code: 'day-archived', field: 'from', archivedBefore: NEXT }])
    })

    it('is a file from that date on', async () => {
      expect((await asMerchant(`/api/merchant/orders.csv?from=${NEXT}&to=${TODAY}`)).body).toContain(later.orderNo)
      expect((await office.as('viewer').get(`/admin/orders.csv?from=${NEXT}`)).body).toContain(later.orderNo)
    })
  })

  it('the sums of a merchant’s day and a payer’s savings are as they were', async () => {
    const { body } = await asMerchant(`/api/merchant/summary?date=${DAY}`)
    const expected = [figures(10_000, 800, 50), figures(10_000, 0, 50), figures(10_000, 600, 50)]
    const amountFen = expected.reduce((sum, one) => sum + one.amountFen, 0)
    const rewardFen = expected.reduce((sum, one) => sum + one.merchantRewardFen, 0)
    expect(body).toMatchObject({ orderCount: 3, amountFen, rewardFen, slots: { total: 3, used: 2 } })
    expect((await asPayer('/api/savings')).body).toEqual({ orderCount: 2, savedFen: 400 + 350 })
  })

  it('a deck tells how many cards were used, and of which it doesn’t know', async () => {
    const path = `/admin/campaigns/street/decks/M0001/${DAY}`
    const states = async () => {
      const { body } = await office.as('viewer').get(path)
      return { ...body, slots: body.slots?.map(({ state }: { state: string }) => state) }
    }
    expect(await states()).toMatchObject({
      usedCount: 2,
      archived: { date: DAY, file: FILE },
      slots: ['archived', 'archived', 'used'],
    })
    await raw`update decks set used_slots = 1`.execute(office.sql.db)
    expect(await states()).toMatchObject({ usedCount: 1, archived: null, slots: ['free', 'free', 'used'] })
    await raw`update decks set used_slots = 2`.execute(office.sql.db)
  })

  it('a campaign’s merchants of that date have their counts still', async () => {
    const { body } = await office.as('viewer').get(`/admin/campaigns/street/merchants?date=${DAY}`)
    const [one] = body.items
    expect(one).toMatchObject({ code: 'M0001', orderCount: 3, costFen: 1_400, deck: { total: 3, used: 2 } })
  })

  it('isn’t reconciled any more, by nobody', async () => {
    office.clock.at = Date.parse(`${TODAY}T15:00:00+08:00`)
    office.statements.set(DAY, [{ ...phantom, lineNo: 1, orderNo: gone[0]!.orderNo }])
    const { status, body } = await office.as('maker').post(`/admin/reconciliations/${DAY}`)
    expect([status, body]).toMatchObject([410, { code: 'day-archived', field: 'date', date: DAY }])
    expect((await raw`select 1 from statement_lines`.execute(office.sql.db)).rows).toEqual([])
  })
})
