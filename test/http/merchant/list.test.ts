import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import type { AdminMerchantDays, AdminMerchantList, AdminOrderList } from '../../../server/http/contract'
import { type Office, startOffice } from '../../support/office'

const [DAY, TODAY] = ['2026-11-20', '2026-11-21'] as const

describe.each(oneSqlEngine())('the list of merchants and a merchant’s days, on $name', ({ start }) => {
  let engine: TestSql
  let office: Office
  let returnedFen = 0
  beforeAll(async () => {
    engine = await start()
    office = await startOffice(await engine.fresh())
    await office.deck(DAY, 'M0001', [800, 700, 600])
    await office.deck(TODAY, 'M0001', [500, 400])
    const card = await office.order({ date: DAY, discountFen: 800, slot: 0 })
    returnedFen = (await office.refund(card, 1_000, TODAY)).shares.glFen
    await office.order({ date: DAY, channel: 'wechatpay' })
    for (const state of ['closed', 'paying'] as const) await office.order({ date: DAY, state })
    await office.order({ date: TODAY, discountFen: 500, slot: 1 })
    for (const merchantCode of ['M0002', 'M0003', 'M0003']) await office.order({ date: TODAY, merchantCode })
    await bind('M0003', 'M0003', 'M0004')
  })
  afterAll(async () => {
    await office?.stop()
    await engine?.stop()
  })

  let users = 0
  const bind = (...codes: string[]) =>
    office.sql.db
      .insertInto('merchant_users')
      .values(
        codes.map((merchant_code) => {
          return {
            user_id: `user-${++users}`,
            merchant_code,
            role: 'owner',
            called: null,
            bound_at: 0,
            unbound_at: null,
          }
        }),
      )
      .execute()
  const list = async (query = '', by = 'viewer') =>
    (await office.as(by).get(`/admin/merchants${query}`)).body as AdminMerchantList
  const codes = async (query: string, by?: string) => (await list(query, by)).items.map(({ code }) => code)
  const days = async (query = '', by = 'viewer') =>
    (await office.as(by).get(`/admin/merchants/M0001/days${query}`)).body as AdminMerchantDays
  const rowsAt = async (query: string, by = 'viewer') =>
    ((await office.as(by).get(`/admin/orders?merchantCode=M0001&${query}`)).body as AdminOrderList).items.length

  it('finds those to whom nobody is bound', async () => {
    expect(await codes('?bound=false')).toEqual(['M0001', 'M0002', 'M0005', 'M0006'])
    expect(await codes('?bound=true')).toEqual(['M0003', 'M0004'])
    expect(await codes('?bound=false&branchCode=B02&q=m0')).toEqual(['M0002', 'M0006'])
  })

  it.each([
    ['?sort=code&order=desc', ['M0006', 'M0005', 'M0004', 'M0003', 'M0002', 'M0001']],
    ['?sort=branch', ['M0001', 'M0003', 'M0005', 'M0002', 'M0004', 'M0006']],
    ['?sort=users&order=desc', ['M0003', 'M0004', 'M0006', 'M0005', 'M0002', 'M0001']],
    ['?sort=orders', ['M0004', 'M0005', 'M0006', 'M0001', 'M0002', 'M0003']],
  ])('sorts by %s, page by page as at once', async (query, sorted) => {
    expect(await codes(query)).toEqual(sorted)
    const seen: string[] = []
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const page: AdminMerchantList = await list(`${query}&limit=2${cursor && `&cursor=${cursor}`}`)
      expect(page.totals === null).toBe(cursor !== '')
      seen.push(...page.items.map(({ code }) => code))
      cursor = page.nextCursor
    }
    expect(seen).toEqual(sorted)
  })

  it('goes on after a merchant that has left the list meanwhile', async () => {
    const first = await Promise.all(['users', 'code'].map((sort) => list(`?bound=false&sort=${sort}&limit=2`)))
    await bind('M0002')
    const rest = await Promise.all(
      ['users', 'code'].map((sort, i) => codes(`?bound=false&sort=${sort}&cursor=${first[i]!.nextCursor}`)),
    )
    await office.sql.db.deleteFrom('merchant_users').where('merchant_code', '=', 'M0002').execute()
    expect(first.map(({ items }) => items.map(({ code }) => code))).toEqual([
      ['M0001', 'M0002'],
      ['M0001', 'M0002'],
    ])
    expect(rest).toEqual([
      ['M0005', 'M0006'],
      ['M0005', 'M0006'],
    ])
  })

  it('says what all of them come to, and to a branch what its own do', async () => {
    expect((await list('?limit=1')).totals).toEqual({ merchants: 6, unbound: 4, orders: 4, discounted: 1 })
    expect((await list('?bound=false&branchCode=B02')).totals).toEqual({
      merchants: 2,
      unbound: 2,
      orders: 1,
      discounted: 0,
    })
    expect((await list('', 'north')).totals).toEqual({ merchants: 3, unbound: 2, orders: 1, discounted: 0 })
    expect((await list('?branchCode=B01', 'north')).totals).toMatchObject({ merchants: 0, orders: 0 })
    expect((await list('?q=M0001')).items[0]!.today).toEqual({ date: TODAY, orders: 1, discounted: 1 })
  })

  it('refuses what it can’t sort by, and pages without end', async () => {
    for (const query of ['?sort=account', '?order=up', '?limit=0', '?limit=501', '?bound=maybe'])
      expect([query, (await office.as('viewer').get(`/admin/merchants${query}`)).status]).toEqual([query, 400])
    for (const cursor of ['nobody', 'x~M0001', '~', '99999999999999999999~M0001'])
      expect([cursor, await codes(`?sort=orders&cursor=${cursor}`)]).toEqual([cursor, []])
  })

  it('shows what each day came to, the newest first, and those on which nothing happened', async () => {
    const { from, to, items, total } = await days(`?from=2026-11-19&to=${TODAY}`)
    expect([from, to, items.map(({ date }) => date)]).toEqual(['2026-11-19', TODAY, [TODAY, DAY, '2026-11-19']])
    expect(returnedFen).toBeGreaterThan(0)
    expect(items[1]).toEqual({
      date: DAY,
      orders: 4,
      paid: 2,
      discounted: 1,
      amountFen: 20_000,
      // what came back with a refund of the next day counts here, with its discount
      costFen: 800 - returnedFen,
      rewardFen: 400,
      own: 1,
      all: 2,
      decks: [{ campaignId: 'street', cards: 3, left: 2 }],
    })
    expect(items[2]).toMatchObject({ orders: 0, paid: 0, all: 0, decks: [] })
    expect(total).toMatchObject({ orders: 5, paid: 3, discounted: 2, rewardFen: 650, own: 2, all: 3 })
  })

  it('leads from each count to just as many orders', async () => {
    for (const day of (await days()).items) {
      expect([day.date, await rowsAt(`date=${day.date}`)]).toEqual([day.date, day.orders])
      expect(await rowsAt(`date=${day.date}&state=paid`)).toBe(day.paid)
      expect(await rowsAt(`date=${day.date}&state=paid&discounted=true`)).toBe(day.discounted)
    }
  })

  it('has a share only where the orders of all channels are known', async () => {
    const only = await days(`?from=${TODAY}`)
    expect([only.items[0]!.all, only.total.all]).toEqual([null, null])
    const csv = `商户号,日期,其他渠道笔数\nM0001,${DAY},9\n`
    expect((await office.as('maker').csv('/admin/counts/import', csv)).status).toBe(200)
    const [day] = (await days(`?from=${DAY}&to=${DAY}`)).items
    expect([day!.paid, day!.own, day!.all]).toEqual([2, 1, 10])
  })

  it('is two weeks unless told, a month at most, and nothing of a merchant out of sight', async () => {
    expect((await days()).items).toHaveLength(14)
    for (const query of ['?from=2026-10-01', '?from=2026-11-22&to=2026-11-21', '?to=2026-02-30'])
      expect([query, (await office.as('viewer').get(`/admin/merchants/M0001/days${query}`)).status]).toEqual([
        query,
        400,
      ])
    for (const [by, code] of [
      ['north', 'M0001'],
      ['viewer', 'M9999'],
    ] as const)
      expect(await office.as(by).get(`/admin/merchants/${code}/days`)).toMatchObject({
        status: 404,
        body: { code: 'merchant-not-found' },
      })
  })
})
