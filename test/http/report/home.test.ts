import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import type { Operator } from '../../../server/domain/operator'
import type { AdminOrder, AdminOrderList, CampaignMerchantList, HomeView } from '../../../server/http/contract'
import { homeRoutes } from '../../../server/http/routes/desk/home'
import { campaignLinks, dayLinks, STUCK } from '../../../src/console/pages/home/links'
import { httpDepsOf, startFlow } from '../../support/flow'
import { person } from '../../support/house'
import { type Office, startOffice } from '../../support/office'

/** It is noon of 2026-11-21; the campaign runs until the 30th at M0001 (branch B01) and M0002 (B02). */
const [YESTERDAY, TODAY] = ['2026-11-20', '2026-11-21']

describe.each(oneSqlEngine())('how today is going, on $name', ({ start }) => {
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

  const home = async (by = 'maker') => (await office.as(by).get<HomeView>('/admin/home')).body
  const listed = async (link: string, by = 'maker') =>
    (await office.as(by).get<AdminOrderList>(`/admin/${link}`)).body.items
  const sumOf = (orders: AdminOrder[], of: (order: AdminOrder) => number) =>
    orders.reduce((sum, one) => sum + of(one), 0)

  it('is told of all campaigns at once: orders, cost against what was dealt, cards, the own share, what is stuck', async () => {
    const { at, today, cards, stuck, campaigns, more } = await home()
    expect(at).toBe('2026-11-21T04:00:00.000Z')
    expect(today).toEqual({
      businessDate: TODAY,
      orderCount: 5,
      ownCount: 4,
      discountCount: 3,
      amountFen: 50_000,
      discountFen: 2_488,
    })
    expect(cards).toEqual({ merchants: 2, slots: 5, used: 4, soldOut: 1, mostFen: 4_500 })
    expect(stuck).toEqual({ count: 1, fen: 9_525, since: '2026-11-20T04:00:00.000Z' })
    expect(more).toBe(false)
    expect(campaigns).toEqual([
      {
        campaignId: 'street',
        name: '美食街扫码立减',
        state: 'running',
        endDate: '2026-11-30',
        budgetFen: 1_000_000,
        daysLeft: expect.any(Number),
        runsShort: false,
        orderCount: 4,
        ownCount: 3,
        discountCount: 3,
        discountFen: 2_488,
        merchants: 2,
        slots: 5,
        used: 4,
        soldOut: 1,
        mostFen: 4_500,
        short: 0,
      },
    ])
  })

  it.each(['maker', 'viewer', 'south', 'north'])('leads %s from each figure to exactly its orders', async (by) => {
    const { today, yesterday, campaigns, stuck } = await home(by)
    for (const day of [today, yesterday]) {
      const links = dayLinks(day)
      const orders = await listed(links.orders, by)
      expect([orders.length, sumOf(orders, (one) => one.amountFen)]).toEqual([day.orderCount, day.amountFen])
      const discounts = await listed(links.discounts, by)
      expect([discounts.length, sumOf(discounts, (one) => one.discountFen)]).toEqual([
        day.discountCount,
        day.discountFen,
      ])
      expect(await listed(links.own, by)).toHaveLength(day.ownCount)
    }
    expect(campaigns).toHaveLength(1)
    for (const one of campaigns) {
      const links = campaignLinks(one, TODAY)
      expect(await listed(links.orders, by)).toHaveLength(one.orderCount)
      expect(await listed(links.own, by)).toHaveLength(one.ownCount)
      const given = await listed(links.discounts, by)
      expect([given.length, sumOf(given, (order) => order.discountFen)]).toEqual([one.discountCount, one.discountFen])
      const soldOut = links.soldOut.replace('?', '/merchants?')
      const { items } = (await office.as(by).get<CampaignMerchantList>(`/admin/${soldOut}`)).body
      expect(items).toHaveLength(one.soldOut)
    }
    const open = await listed(STUCK, by)
    expect([open.length, sumOf(open, (one) => one.payableFen)]).toEqual([stuck.count, stuck.fen])
  })

  it('shows a clerk of a branch its own alone, and nothing of the books, which are the whole bank’s', async () => {
    const [south, north] = [await home('south'), await home('north')]
    expect([south.today.orderCount, north.today.orderCount]).toEqual([4, 1])
    expect([south.cards, north.cards]).toEqual([
      { merchants: 1, slots: 2, used: 2, soldOut: 1, mostFen: 1_800 },
      { merchants: 1, slots: 3, used: 2, soldOut: 0, mostFen: 2_700 },
    ])
    expect([south.stuck.count, north.stuck.count]).toEqual([0, 1])
    expect([south.books, north.books, (await home('viewer')).books]).toEqual([null, null, null])
  })

  it('tells whoever sees the books how yesterday closed and what of them waits', async () => {
    for (const by of ['maker', 'checker', 'auditor']) {
      const { books } = await home(by)
      expect(books).toMatchObject({
        differences: { count: 0, more: false },
        todo: { count: 0 },
        suspicions: { count: 0 },
      })
      expect(books!.closing.map(({ channel, date, state }) => [channel, date, state])).toEqual([
        ['bank', YESTERDAY, 'missing'],
        ['alipay', YESTERDAY, 'none'],
      ])
    }
  })

  it('says how long the budget lasts as the campaign’s own page does', async () => {
    const { body } = await office.as('maker').get('/admin/campaigns/street')
    const { campaigns } = await home()
    expect(campaigns.map(({ daysLeft }) => daysLeft)).toEqual([body.daysLeft])
    expect(body.today).toMatchObject({ slots: 5, used: 4, mostFen: 4_500, costFen: 2_488 })
  })

  it('counts anew at midnight, and what was today is yesterday', async () => {
    const before = await home()
    office.clock.at = Date.parse('2026-11-22T00:00:00+08:00')
    const after = await home()
    office.clock.at = Date.parse('2026-11-21T12:00:00+08:00')
    expect(after.today).toMatchObject({ businessDate: '2026-11-22', orderCount: 0, discountFen: 0 })
    expect(after.yesterday).toEqual(before.today)
    expect(after.cards).toEqual({ merchants: 0, slots: 0, used: 0, soldOut: 0, mostFen: 0 })
    // What was just being paid at noon has hung for half a day.
    expect(after.stuck.count).toBe(2)
  })

  it('leaves out what is over, not begun, or thrown away, and says what is paused', async () => {
    const of = (campaignId: string) => office.sql.db.updateTable('campaigns').where('campaign_id', '=', campaignId)
    await of('street').set({ state: 'paused' }).execute()
    expect((await home()).campaigns.map(({ state }) => state)).toEqual(['paused'])
    await of('street').set({ state: 'draft' }).execute()
    expect((await home()).campaigns).toEqual([])
    await of('street').set({ state: 'running', end_date: YESTERDAY }).execute()
    expect((await home()).campaigns).toEqual([])
    await of('street').set({ end_date: '2026-11-30' }).execute()
  })
})

describe('many who look at once', () => {
  it('are told what was read once, and each branch its own', async () => {
    const asked: (string | null)[] = []
    let at = 0
    const deps = httpDepsOf(startFlow(), {
      elapsed: () => at,
      desk: {
        today: {
          read: async ({ branchCode }: { branchCode: string | null }) => {
            asked.push(branchCode)
            return { days: [], campaigns: [], stuck: { count: 0, fen: 0, since: null } }
          },
          paces: async () => new Map(),
        },
      } as never,
    })
    const [route] = homeRoutes(deps)
    const look = (operator: Operator) =>
      route!.handle({ actor: { kind: 'operator', sessionId: 's', ...operator } } as never)
    const viewers = [null, 'B01', 'B02'].map((branch) => person(`of-${branch}`, ['viewer'], branch))
    await Promise.all(viewers.flatMap((viewer) => Array.from({ length: 50 }, () => look(viewer))))
    expect(asked).toEqual([null, 'B01', 'B02'])
    at = 1_999
    await look(viewers[0]!)
    expect(asked).toHaveLength(3)
    at = 2_000
    await look(viewers[0]!)
    expect(asked).toHaveLength(4)
  })
})

async function dealAndPay(office: Office) {
  await office.deck(YESTERDAY, 'M0001', [800, 750])
  await office.deck(TODAY, 'M0001', [800, 888])
  await office.deck(TODAY, 'M0002', [800, 700, 900])
  await office.order({ date: YESTERDAY, discountFen: 800, slot: 0 })
  await office.order({ date: YESTERDAY, channel: 'wechatpay', merchantCode: 'M0002' })
  await office.order({ date: YESTERDAY, discountFen: 950, merchantCode: 'M0002', state: 'paying' })
  await office.order({ discountFen: 800, slot: 0 })
  await office.order({ discountFen: 888, slot: 1 })
  await office.order({ channel: 'alipay' })
  // at a merchant that no campaign names
  await office.order({ merchantCode: 'M0003' })
  await office.order({ merchantCode: 'M0002', discountFen: 800, slot: 0 })
  // one gave its card back, and one that is being paid holds its own
  await office.order({ merchantCode: 'M0002', discountFen: 700, slot: 1, state: 'closed' })
  await office.order({ merchantCode: 'M0002', discountFen: 900, slot: 2, state: 'paying' })
}
