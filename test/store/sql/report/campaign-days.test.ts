import { randomBytes } from 'node:crypto'
import { CompiledQuery } from 'kysely'
import { sqlEngines, type TestSql } from '../../../../harness/sql'
import { cardBins } from '../../../../server/domain/card-bins'
import { commitment, deal, dearestDeck, deckSeed } from '../../../../server/domain/deck'
import { sealCards } from '../../../../server/domain/deck-seal'
import { sumDays } from '../../../../server/flow/report/sum-days'
import { sqlDecks } from '../../../../server/store/sql/deck/decks'
import { sqlDesk } from '../../../../server/store/sql/desk/desk'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { sqlRefunds } from '../../../../server/store/sql/refund/refund-ledger'
import { recountDay } from '../../../../server/store/sql/report/recount'
import { sqlReports } from '../../../../server/store/sql/report/report'
import { seedFoodStreet } from '../../../../server/store/sql/seed'
import { CAMPAIGN, MERCHANT } from '../../../support/flow'
import { closed, NOON, opened, paid, SUCCEEDED, UNKNOWN } from '../payment/ledger-orders'
import { asked, back } from '../refund/refund-contract'

const SECRET = randomBytes(32)
const [FIRST, SECOND, TODAY] = ['2026-11-19', '2026-11-20', '2026-11-21']
const EAST = { ...MERCHANT, branchCode: 'B-East', branchName: '城东支行', glAccount: 'gl-east' }
const WEST = { ...MERCHANT, merchantCode: 'M0002', branchCode: 'B-West', branchName: '城西支行', glAccount: 'gl-west' }
const STREET = { ...CAMPAIGN, startDate: FIRST, endDate: '2026-11-30', rule: { ...CAMPAIGN.rule, slots: 6 } }
const AMOUNTS = deal(
  STREET.rule,
  deckSeed(SECRET, { campaignId: STREET.campaignId, merchantCode: 'M0001', businessDate: FIRST }, 1),
)
const BINS = cardBins(STREET.rule)

/** What is summed of a campaign's days says the same as the books, whatever happens to a day that is over. */
describe.each(sqlEngines())('the days of a campaign that are summed, on $name', ({ name, start }) => {
  let engine: TestSql
  let sql: Sql
  beforeAll(async () => {
    engine = await start()
  })
  afterAll(() => engine?.stop())

  const run = async (text: string) =>
    (await sql.db.executeQuery(CompiledQuery.raw(text))).rows as Record<string, unknown>[]
  const summed = async () =>
    (await run('select business_date as d from campaign_day_sums order by 1')).map(({ d }) => d)
  const sum = (lastDate = SECOND) => sqlReports(sql).sum(lastDate, 20)

  async function dealt(merchantCode: string, businessDate: string) {
    const id = { campaignId: STREET.campaignId, merchantCode, businessDate }
    const seed = deckSeed(SECRET, id, 1)
    const cards = sealCards(SECRET, { ...id, version: 1 }, AMOUNTS, randomBytes(12))
    await sqlLedger(sql).commitDeck(
      { ...id, version: 1, commitment: commitment(seed), cards, dealtAt: NOON },
      dearestDeck(STREET.rule),
    )
  }
  /** Opens on a card, or on none. */
  const open = (businessDate: string, slot?: number, more = {}) =>
    opened(sqlLedger(sql), {
      ...{ merchantCode: EAST.merchantCode, businessDate, deckDate: businessDate },
      ...(slot !== undefined && { card: { campaignId: STREET.campaignId, slot }, discountFen: AMOUNTS[slot]! }),
      ...more,
    })
  const pay = async (...wanted: Parameters<typeof open>) => {
    const order = await open(...wanted)
    await sqlLedger(sql).endOrder(order, paid(order), SUCCEEDED)
    return order
  }
  const closeDecks = (lastDate: string) => sqlDecks(sql).close(lastDate, 500, NOON, () => AMOUNTS)

  /** All that a report says, of each kind and for each branch. */
  const reports = async (dates = { from: FIRST, to: TODAY }) => {
    const all = await Promise.all(
      (['day', 'branch', 'merchant', 'account'] as const).flatMap((by) =>
        [null, 'B-East', 'B-West'].map(async (branchCode) => {
          const scope = { campaignId: STREET.campaignId, branchCode }
          const read = await sqlReports(sql).read(scope, { dates, by, limit: 100, bins: BINS, today: TODAY })
          const rows = await sqlReports(sql).rows(scope, { dates, by, after: undefined, limit: 100 })
          return [`${by} ${branchCode}`, { ...read, page: rows }] as const
        }),
      ),
    )
    return Object.fromEntries(all)
  }
  /** Says the same as when no day is summed. */
  const asCounted = async () => {
    const read = await reports()
    await run('delete from campaign_day_sums')
    expect(read).toEqual(await reports())
  }

  beforeEach(async () => {
    sql = await engine.fresh()
    await seedFoodStreet(sql, { merchants: [EAST, WEST], campaigns: [STREET] })
    for (const date of [FIRST, SECOND, TODAY])
      for (const { merchantCode } of [EAST, WEST]) await dealt(merchantCode, date)
    const west = { merchantCode: WEST.merchantCode }
    for (const slot of AMOUNTS.keys()) await pay(FIRST, slot)
    await pay(FIRST, undefined, { channel: 'wechatpay' })
    await pay(FIRST, 3, west)
    await pay(SECOND, 0)
    await sqlLedger(sql).endOrder(await open(SECOND, 1), closed(), null)
    await pay(SECOND, undefined, { ...west, channel: 'alipay' })
    await pay(TODAY, 2)
  })

  it('say what the books say, of every kind of report, and are those that are over alone', async () => {
    const before = await reports()
    expect(before['day null']!.total).toMatchObject({
      orderCount: AMOUNTS.length + 5,
      discountCount: AMOUNTS.length + 3,
    })
    expect(before['day B-East']!.rows[0]).toMatchObject({ key: FIRST, slotsLeft: 0, soldOutAt: NOON })
    expect([await sum(), await summed()]).toEqual([0, []])
    await closeDecks(SECOND)
    expect([await sum(), await sum()]).toEqual([2, 0])
    expect(await summed()).toEqual([FIRST, SECOND])
    // Of cards that nobody drew a report says nothing until their day is closed.
    const { cards: _, ...day } = (await reports())['day null']!
    expect(day).toEqual({ ...before['day null'], cards: undefined })
    expect((await reports())['account null']!.rows).toEqual(before['account null']!.rows)
    await asCounted()
  })

  it.each<[string, string[], () => Promise<unknown>]>([
    ['an order that is paid after its day', [SECOND], () => pay(FIRST)],
    [
      'a refund of an order of it',
      [SECOND],
      async () => {
        const order = await sqlLedger(sql).order(
          (await run(`select order_no as n from orders where slot = 4`))[0]!.n as string,
        )
        const result = await sqlRefunds(sql).openRefund(asked(order!, 1_900, { businessDate: TODAY }))
        if (result.kind !== 'opened') throw new Error(result.kind)
        const reply = { verb: 'refund' as const, outcome: { kind: 'pending' as const }, raw: null }
        await sqlRefunds(sql).endRefund(result.refund, back(order!, result.refund), reply)
      },
    ],
    [
      'a merchant that is moved into the campaign',
      [],
      () => run(`update campaign_merchants set was_control = true where merchant_code = 'M0001'`),
    ],
    [
      'a merchant that is left out of it',
      [],
      () => run(`delete from campaign_merchants where merchant_code = 'M0002'`),
    ],
    [
      'a deck of it that is changed',
      [FIRST],
      () =>
        run(
          `update decks set used_slots = used_slots - 1 where business_date = '${SECOND}' and merchant_code = 'M0001'`,
        ),
    ],
    ['a day that is counted anew', [SECOND], () => recountDay(sql, FIRST)],
  ])('are forgotten by %s, and are right again once they are summed anew', async (_, left, change) => {
    await closeDecks(SECOND)
    await sum()
    await change()
    expect(await summed()).toEqual(left)
    expect(await sum()).toBe(2 - left.length)
    await asCounted()
  })

  it('are kept by what happens today', async () => {
    await closeDecks(SECOND)
    await sum()
    await pay(TODAY, 4)
    await pay(TODAY)
    expect(await summed()).toEqual([FIRST, SECOND])
    await asCounted()
  })

  it('wait for a deck that somebody still has an order of, however late', async () => {
    const order = await open(SECOND, 2)
    await sqlLedger(sql).noteReply(order.orderNo, UNKNOWN, null, NOON)
    await closeDecks(FIRST)
    expect([await sum(), await summed()]).toEqual([1, [FIRST]])
  })

  it('miss no payment that comes while they are summed, by several processes at once', async () => {
    await closeDecks(SECOND)
    const orders = await Promise.all(Array.from({ length: 12 }, () => open(FIRST)))
    await Promise.all(
      orders.flatMap((order) => [sqlLedger(sql).endOrder(order, paid(order), SUCCEEDED), sum().catch(() => 0)]),
    )
    await sum()
    expect(await summed()).toEqual([FIRST, SECOND])
    await asCounted()
  })

  // The embedded ledger has one connection: what is under way there is waited for.
  if (name === 'PostgreSQL')
    it('leave out a day of which a payment is under way, and have it once that is done', async () => {
      await closeDecks(SECOND)
      const order = await open(FIRST)
      let count = 0
      await sql.transaction(async (tx) => {
        const set = `state = 'paid', ended_at = 1, next_query_at = null, channel_trade_no = 't'`
        await tx.executeQuery(CompiledQuery.raw(`update orders set ${set} where order_no = '${order.orderNo}'`))
        count = await sum()
      })
      expect([count, await summed()]).toEqual([1, [SECOND]])
      expect(await sum()).toBe(1)
      await asCounted()
    })

  it('keep no later day waiting for one whose cards nobody can open', async () => {
    await sqlDecks(sql).close(FIRST, 500, NOON, () => undefined)
    await closeDecks(SECOND)
    expect([await sqlReports(sql).sum(SECOND, 1), await summed()]).toEqual([1, [SECOND]])
    await asCounted()
  })

  it('are summed by the clock: yesterday a lease after midnight', async () => {
    await closeDecks(SECOND)
    const desk = sqlDesk(sql, undefined as never)
    const at = (time: string) => ({
      desk,
      clock: { now: () => Date.parse(`${TODAY}T${time}+08:00`) },
      limits: { leaseTtlMs: 120_000 },
    })
    expect([await sumDays(at('00:01:59')), await summed()]).toEqual(['done', [FIRST]])
    expect([await sumDays(at('00:02:00')), await summed()]).toEqual(['done', [FIRST, SECOND]])
  })
})
