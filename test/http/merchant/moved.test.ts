import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import type {
  AdminOrderList,
  AdminRefundList,
  AroundView,
  CampaignEffect,
  CampaignMerchantList,
  Report,
  SettlementList,
} from '../../../server/http/contract'
import { campaignDay } from '../../../server/store/sql/campaign/day'
import { findCampaign } from '../../../server/store/sql/campaign/rows'
import { type Office, startOffice } from '../../support/office'

const [DAY, TODAY] = ['2026-11-20', '2026-11-21'] as const
const IMPORT = 'code,name,branch,account\n'

/** M0001 is of B01 and south's until today's noon, then of B02 and north's. */
describe.each(oneSqlEngine())('a merchant that was moved to another branch, on $name', ({ start }) => {
  let engine: TestSql
  let office: Office
  const made: Record<string, string> = {}
  let refunds: string[]
  beforeAll(async () => {
    engine = await start()
    office = await startOffice(await engine.fresh())
    await office.deck(DAY, 'M0001', [800, 750])
    await office.deck(TODAY, 'M0001', [900, 850])
    const past = await office.order({ date: DAY, discountFen: 800, slot: 0 })
    made.past = past.orderNo
    made.plain = (await office.order({ date: TODAY })).orderNo
    await move('B02')
    made.card = (await office.order({ date: TODAY, afterMs: 1, discountFen: 900, slot: 0 })).orderNo
    made.now = (await office.order({ date: TODAY, afterMs: 2 })).orderNo
    refunds = [(await office.refund(past, past.figures.payableFen / 2, TODAY)).refundNo]
  })
  afterAll(async () => {
    await office?.stop()
    await engine?.stop()
  })

  const move = async (branch: string) => {
    const moved = await office.imported(`${IMPORT}M0001,老街牛肉面,${branch},acct-M0001\n`)
    expect(moved).toMatchObject({ status: 202, body: { changed: 1 } })
  }
  const get = async <T>(by: string, path: string) => (await office.as(by).get(path)).body as T
  const names = async (by: string, query = '') =>
    (await get<AdminOrderList>(by, `/admin/orders${query}`)).items.map(({ orderNo }) =>
      Object.keys(made).find((name) => made[name] === orderNo),
    )

  it('leaves its orders with the branch that paid for them: today’s cards too, whose deck was committed there', async () => {
    expect(await names('south')).toEqual(['card', 'plain', 'past'])
    expect(await names('north')).toEqual(['now'])
    expect(await names('south', '?merchantCode=M0001&state=paid')).toEqual(['card', 'plain', 'past'])
    for (const [name, by, other] of [
      ['past', 'south', 'north'],
      ['card', 'south', 'north'],
      ['now', 'north', 'south'],
    ]) {
      expect((await office.as(by!).get(`/admin/orders/${made[name!]}`)).status).toBe(200)
      expect((await office.as(other!).get(`/admin/orders/${made[name!]}`)).status).toBe(404)
    }
  })

  it('leaves the refund of an order with the order’s branch, and books it on the account that paid', async () => {
    const of = async (by: string) => (await get<AdminRefundList>(by, '/admin/refunds')).items.map((one) => one.refundNo)
    expect([await of('south'), await of('north')]).toEqual([refunds, []])
    const { postings } = await get<{ postings: unknown[] }>('south', `/admin/orders/${made.past}`)
    expect(postings).toContainEqual(expect.objectContaining({ role: 'gl', account: '6421-03', amountFen: 400 }))
  })

  it('leaves its decks and what they may cost', async () => {
    const deck = (by: string) => office.as(by).get(`/admin/campaigns/street/decks/M0001/${TODAY}`)
    expect([(await deck('south')).status, (await deck('north')).status]).toEqual([200, 404])
    const today = (branchCode: string) => campaignDay(office.sql, 'street', TODAY, { branchCode })
    expect(await today('B01')).toMatchObject({ merchants: 1, slots: 2, used: 1, costFen: 900 })
    expect(await today('B02')).toMatchObject({ merchants: 0, slots: 0, used: 0, costFen: 0 })
  })

  it('leaves its settlements of before, and the decks around an order, with the branch that they were of', async () => {
    const settled = async (by: string, date: string) =>
      (await get<SettlementList>(by, `/admin/merchants/M0001/settlements?date=${date}`)).items.map(
        (one) => one.orderCount,
      )
    expect([await settled('viewer', DAY), await settled('north', DAY)]).toEqual([[1], []])
    expect([await settled('viewer', TODAY), await settled('north', TODAY)]).toEqual([[3], [1]])
    expect((await office.as('south').get(`/admin/merchants/M0001/settlements?date=${DAY}`)).status).toBe(404)
    const decks = async (by: string) =>
      (await get<AroundView>(by, `/admin/orders/${made.now}/around`)).decks.map((one) => one.cards)
    expect([await decks('viewer'), await decks('north')]).toEqual([[2], []])
  })

  it.each(['day', 'branch', 'merchant', 'account'] as const)(
    'costs each branch in a report by %s what was its',
    async (by) => {
      const report = (who: string) => get<Report>(who, `/admin/campaigns/street/report?by=${by}`)
      const [south, north, all] = [await report('south'), await report('north'), await report('viewer')]
      expect(south.total).toMatchObject({ orderCount: 3, discountFen: 1_700, refundedSubsidyFen: 400, slotsDealt: 4 })
      expect(north.total).toMatchObject({ orderCount: 1, discountFen: 0, refundedSubsidyFen: 0, slotsDealt: 0 })
      for (const { rows, total } of [south, north, all])
        for (const field of ['orderCount', 'costFen', 'slotsDealt'] as const)
          expect([field, rows.reduce((sum, row) => sum + row[field], 0)]).toEqual([field, total[field]])
      expect(all.total.costFen).toBe(south.total.costFen + north.total.costFen)
    },
  )

  it('is named by branch and account as they were', async () => {
    const keys = async (by: string) =>
      (await get<Report>('viewer', `/admin/campaigns/street/report?by=${by}`)).rows.map((row) => [
        row.key,
        row.orderCount,
      ])
    expect(await keys('branch')).toEqual([
      ['B01', 3],
      ['B02', 1],
    ])
    expect(await keys('account')).toEqual([
      ['6421-03', 3],
      ['6421-07', 1],
    ])
  })

  it('leaves the campaign in sight of the branch that paid, after its last merchant has gone', async () => {
    expect(await findCampaign(office.sql, 'street', { branchCode: 'B01' })).toMatchObject({ merchantCount: 0 })
    expect((await office.as('south').get('/admin/campaigns/street/report.csv?by=day')).status).toBe(200)
  })

  it('changes nothing of it by a correction of the branch’s account', async () => {
    await office.sql.db
      .updateTable('branches')
      .set({ gl_account: '6421-99' })
      .where('branch_code', '=', 'B01')
      .execute()
    const { rows } = await get<Report>('viewer', '/admin/campaigns/street/report?by=account')
    expect(rows.map((row) => [row.key, row.slotsDealt])).toEqual([
      ['6421-03', 4],
      ['6421-07', 0],
    ])
  })

  it('leaves what its deck was short of, and its days that are measured, with the branch of then', async () => {
    const of = { campaign_id: 'street', merchant_code: 'M0001', business_date: DAY, noted_at: 0 }
    const short = { ...of, wanted_slots: 5, dealt_slots: 2, reason: 'campaign-budget' as const }
    await office.sql.db.insertInto('deck_shortages').values(short).execute()
    const dealt = async (by: string, only = '') => {
      const { items } = await get<CampaignMerchantList>(by, `/admin/campaigns/street/merchants?date=${DAY}${only}`)
      return items.filter(({ code }) => code === 'M0001').map(({ shortage }) => shortage?.dealt ?? null)
    }
    expect([await dealt('viewer'), await dealt('north')]).toEqual([[2], [null]])
    expect([await dealt('viewer', '&only=short'), await dealt('north', '&only=short')]).toEqual([[2], []])
    const count = async (branchCode: string) => (await campaignDay(office.sql, 'street', DAY, { branchCode })).short
    expect([await count('B01'), await count('B02')]).toEqual([1, 0])
    const measured = async (by: string) =>
      (await get<CampaignEffect>(by, '/admin/campaigns/street/effect')).treated.merchants
    expect([await measured('viewer'), await measured('north')]).toEqual([2, 1])
  })

  it('comes back as it went: what was the other’s stays the other’s', async () => {
    await move('B01')
    expect(await names('north')).toEqual(['now'])
    expect(await names('south')).toEqual(['card', 'plain', 'past'])
  })
})
