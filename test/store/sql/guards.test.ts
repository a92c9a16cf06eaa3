import { sqlEngines, type TestSql } from '../../../harness/sql'
import { addDays } from '../../../server/domain/business-date'
import { tendOrders } from '../../../server/flow/payment/tend-orders'
import type { Sql } from '../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../server/store/sql/payment/ledger'
import { sqlOrderUpkeep } from '../../../server/store/sql/payment/order-upkeep'
import { seedFoodStreet } from '../../../server/store/sql/seed'
import { closed, DATE, NOON, newCampaign, newOrder, opened, opening } from './payment/ledger-orders'

describe.each(sqlEngines())('what guards orders, on $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    sql = await engine.fresh()
  })
  afterAll(() => engine?.stop())

  const clock = { now: () => NOON + 20 * 86_400_000 }
  const left = async () =>
    (
      await sql.pool.query(
        `select (select count(*)::int from taken_cards) as cards, (select count(*)::int from paid_quotes) as quotes`,
      )
    ).rows[0]

  it('is forgotten a week later, but for decks that are still open, by one of several at a time', async () => {
    const campaign = newCampaign()
    await seedFoodStreet(sql, { merchants: [], campaigns: [campaign] })
    await sql.pool.query(`update order_guards_forgotten set after_no = 'F2'`)
    const ledger = sqlLedger(sql)
    const card = (slot: number) => ({
      card: { campaignId: campaign.campaignId, slot },
      merchantCode: slot < 2 ? 'M-1' : 'M-2',
    })
    for (const slot of [0, 1, 2]) await opened(ledger, card(slot))
    await sql.pool.query(
      `insert into decks (campaign_id, merchant_code, business_date, version, commitment, amounts_fen, exposure_fen, dealt_at)
       values ('${campaign.campaignId}', 'M-2', '${DATE}', 1, '', '{1000,1000,1000}', 3000, 1)`,
    )
    const upkeep = sqlOrderUpkeep(sql)
    expect(await upkeep.forgetGuards(DATE, 10)).toBe(0)
    expect(await upkeep.forgetGuards(addDays(DATE, 1), 2)).toBe(2)
    expect(await tendOrders({ orderUpkeep: upkeep, clock: { ...clock, trusted: () => false } })).toBe('done')
    expect((await left()).quotes).toBe(1)
    expect(await tendOrders({ orderUpkeep: upkeep, clock })).toBe('done')
    expect(await left()).toEqual({ cards: 1, quotes: 0 })
    expect(await upkeep.forgetGuards(addDays(DATE, 1), 10)).toBe(0)
  })

  it('is asked whoever writes: a card that came back may go out again, and a closed order doesn’t come back to it', async () => {
    const { campaignId } = newCampaign()
    const card = { card: { campaignId, slot: 0 }, merchantCode: 'M-1' }
    const first = await opened(sqlLedger(sql), card)
    await sqlLedger(sql).endOrder(first, closed(), null)
    const other = await opened(sqlLedger(sql), card)
    expect(await sqlLedger(sql).openOrder(opening(newOrder(card)))).toMatchObject({
      kind: 'slot-taken',
      payerId: other.payerId,
    })
    const again = `update orders set state = 'paying', ended_at = null, close_reason = null, next_query_at = 1, slot_return_at = null where order_no = '${first.orderNo}'`
    await expect(sql.pool.query(again)).rejects.toMatchObject({ constraint: 'orders_slot', code: '23505' })
    await expect(
      sql.pool.query(
        `update orders set slot = 0 where order_no = '${(await opened(sqlLedger(sql), { ...card, card: { campaignId, slot: 1 } })).orderNo}'`,
      ),
    ).rejects.toMatchObject({ constraint: 'orders_slot' })
  })
})
