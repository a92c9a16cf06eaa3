import { postgresMissing, startOwnPostgres, startTestPglite, type TestSql } from '../../../harness/sql'
import { addDays } from '../../../server/domain/business-date'
import { LedgerUnavailable } from '../../../server/flow/ports'
import { analyze } from '../../../server/store/sql/analyze'
import { grantTo } from '../../../server/store/sql/grants'
import { sqlCatalog } from '../../../server/store/sql/merchant/catalog'
import { SchemaTooNew } from '../../../server/store/sql/migrate'
import { migrations } from '../../../server/store/sql/migrations'
import { openSql, type Sql } from '../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../server/store/sql/payment/ledger'
import { sqlOrderUpkeep } from '../../../server/store/sql/payment/order-upkeep'
import { recountDay } from '../../../server/store/sql/report/recount'
import { seedFoodStreet } from '../../../server/store/sql/seed'
import type { Step } from '../../../server/store/sql/step'
import { ledgerContract } from './payment/ledger-contract'
import { closed, DATE, newCampaign, newOrder, opened, opening, paid, SUCCEEDED } from './payment/ledger-orders'
import { orderOf as at, CONTRACTS, isOfBefore, leftBy, leftUnfinished, monthIn as monthOn, opensHere } from './upgraded'

/** Orders by the month of their number: before the end of an upgrade, at it, and after it. */

const ROLE = 'fapai_serves'
const missing = postgresMissing()
if (missing) console.warn(missing)
const described = missing ? describe.skip : describe

let engine: TestSql
let sql: Sql
const closing: (() => Promise<void>)[] = []
if (!missing) {
  beforeAll(async () => {
    engine = await startOwnPostgres()
    await (await engine.fresh()).pool.query(`create role ${ROLE} login`)
  })
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })
  afterAll(() => engine?.stop())
}

const rows = async <Row>(text: string, on = sql) => (await on.pool.query(text)).rows as Row[]
const names = async (text: string) => (await rows<{ name: string }>(text)).map(({ name }) => name)

/** As a version left it that knows the steps `isTaken`. */
async function upgradedFrom(isTaken: (step: [string, Step]) => boolean, on = engine): Promise<Sql> {
  sql = await on.fresh()
  return leftBy(isTaken, sql)
}
const unfinished = async () => {
  sql = await engine.fresh()
  return leftUnfinished(sql)
}
function second(user?: string): Sql {
  const other = openSql({ ...engine.connection(), ...(user && { user }), statementTimeoutMs: 60_000 })
  closing.push(other.close)
  return other
}
const partitions = () =>
  names(`select inhrelid::regclass::text as name from pg_inherits where inhparent = 'orders'::regclass order by 1`)

described('an upgrade that isn’t ended yet', () => {
  // One for all of it: making it anew for each takes longer than the tests do.
  let one: Promise<Sql> | undefined
  ledgerContract('orders that aren’t divided yet', async () => {
    one ??= unfinished()
    const open = await one
    return {
      ledger: sqlLedger(open),
      catalog: sqlCatalog(open),
      seed: (street: Parameters<typeof seedFoodStreet>[1]) => seedFoodStreet(open, street),
      close: async () => {},
    }
  })

  it('guards orders from before it as well: their cards stay out, and their quotes paid', async () => {
    await upgradedFrom(isOfBefore)
    const { campaignId } = newCampaign()
    const today = (await rows<{ today: string }>(`select (now() at time zone 'Asia/Shanghai')::date as today`))[0]!
      .today
    const order = (slot: number, deckDate: string) => {
      const made = newOrder({ card: { campaignId, slot }, deckDate, businessDate: deckDate, merchantCode: 'M-1' })
      return { ...made, orderNo: made.orderNo.replace(/^F\d{8}/, `F${deckDate.replaceAll('-', '')}`) }
    }
    const [out, back, old] = [order(0, today), order(1, today), order(2, addDays(today, -30))]
    for (const one of [out, back, old]) await sqlLedger(sql).openOrder(opening(one))
    await sqlLedger(sql).endOrder(back, closed(), null)
    await sql.migrate()
    expect(await rows('select slot, order_no from taken_cards')).toEqual([{ slot: 0, order_no: out.orderNo }])
    expect((await rows('select from paid_quotes')).length).toBe(2)
    expect(await sqlLedger(sql).openOrder(opening(order(0, today)))).toMatchObject({ kind: 'slot-taken' })
    expect(await sqlLedger(sql).openOrder(opening(order(1, today)))).toEqual({ kind: 'opened' })
    const replayed = { ...order(5, today), quoteNonce: out.quoteNonce }
    expect(await sqlLedger(sql).openOrder(opening(replayed))).toEqual({ kind: 'quote-used' })
  })

  it('lets BFFs of before go on whose role has no right yet to what is new', async () => {
    await upgradedFrom(isOfBefore)
    await grantTo(sql.db, ROLE)
    await sql.migrate()
    await opensHere(sql)
    const served = second(ROLE)
    const { campaignId } = newCampaign()
    const card = { card: { campaignId, slot: 0 }, merchantCode: 'M-1' }
    const order = await opened(sqlLedger(served), card)
    await expect(served.pool.query('select from taken_cards')).rejects.toThrow(/permission denied/)
    await sqlLedger(served).endOrder(order, closed(), null)
    await opened(sqlLedger(served), card)
    await grantTo(sql.db, ROLE)
    await served.pool.query('select from taken_cards')
    const forged = `insert into taken_cards values ('${campaignId}', 'M-1', '${DATE}', 1, 'F1')`
    await expect(served.pool.query(forged)).rejects.toThrow(/permission denied/)
  })

  it('has orders as they are, and nothing is made of months', async () => {
    await unfinished()
    expect(await partitions()).toEqual([])
    expect(await sqlOrderUpkeep(sql).makeMonths(2)).toBeNull()
  })
})

described('the end of an upgrade', () => {
  it('divides orders while others open and end: none fails, none is lost, and what is counted stays right', async () => {
    await unfinished()
    await grantTo(sql.db, ROLE)
    const ledger = sqlLedger(second(ROLE))
    for (let n = 0; n < 20; n++) {
      const order = await opened(ledger, { merchantCode: 'M-1' })
      if (n % 2) await ledger.endOrder(order, n % 4 === 1 ? paid(order) : closed(), n % 4 === 1 ? SUCCEEDED : null)
    }
    let going = true
    let made = 20
    const pay = async () => {
      while (going) {
        const order = await opened(ledger, { merchantCode: 'M-1' })
        await ledger.endOrder(order, paid(order), SUCCEEDED)
        made++
      }
    }
    const payers = [pay(), pay(), pay()]
    const waiting = await sql.migrate({ contract: true })
    going = false
    await Promise.all(payers)
    expect([waiting, await partitions()]).toEqual([[], ['orders_first', 'orders_other']])
    expect(await rows(`select count(*)::int as n, count(distinct order_no)::int as of from orders`)).toEqual([
      { n: made, of: made },
    ])
    expect(await rows('select count(*)::int as n from only orders_other')).toEqual([{ n: 0 }])
    const before = await rows('select * from day_totals order by 1, 2, 3')
    await recountDay(sql, DATE)
    expect(await rows('select * from day_totals order by 1, 2, 3')).toEqual(before)
    // what PostgreSQL would have to make in front of writers was there
    expect(await names(`select conname as name from pg_constraint where conname = 'orders_before'`)).toEqual([])
  })

  it('leaves rights as they were, and none to a partition by itself', async () => {
    await unfinished()
    await grantTo(sql.db, ROLE)
    const of = (table: string) =>
      names(
        `select privilege_type as name from information_schema.role_table_grants where grantee = '${ROLE}' and table_name = '${table}' order by 1`,
      )
    const before = await of('orders')
    expect(before).toEqual(['INSERT', 'SELECT', 'UPDATE'])
    await sql.migrate({ contract: true })
    expect([await of('orders'), await of('orders_first'), await of('orders_other')]).toEqual([before, [], []])
    await grantTo(sql.db, ROLE)
    expect([await of('orders'), await of('orders_first')]).toEqual([before, []])
  })

  it('makes each month as orders were: indexes, triggers, and room for endings', async () => {
    await unfinished()
    const indexes = () =>
      names(`select regexp_replace(pg_get_indexdef(indexrelid), '^.* USING ', '') as name from pg_index
        where indrelid = 'orders'::regclass order by 1`)
    const triggers = () =>
      names(`select tgname as name from pg_trigger where tgrelid = 'orders'::regclass and not tgisinternal order by 1`)
    const ofBefore =
      'due_of_channel,ended,paid_by_wechat,paid_of_day,quote_nonce,slot,slot_return_due,trade_no,unpaid_of_merchant'
    const theirs = await names(
      `select regexp_replace(pg_get_indexdef(oid), '^.* USING ', '') as name from pg_class
        where relkind = 'i' and relname = any(select 'orders_' || unnest('{${ofBefore}}'::text[]))`,
    )
    expect(theirs.length).toBe(9)
    const [before, told] = [await indexes(), await triggers()]
    await sql.migrate({ contract: true })
    await sqlOrderUpkeep(sql).makeMonths(2)
    expect(await indexes()).toEqual(before.filter((one) => !theirs.includes(one)))
    expect(await triggers()).toEqual(told)
    expect(told).toEqual(expect.arrayContaining(['orders_open', 'orders_open_when_gone', 'orders_open_when_new']))
    expect(
      await rows(`select relname, reloptions, (select count(*)::int from pg_index where indrelid = c.oid) as indexes
        from pg_class c where relispartition and relkind = 'r' order by 1`),
    ).toEqual(
      (await partitions()).map((relname) => ({ relname, reloptions: ['fillfactor=95'], indexes: before.length - 9 })),
    )
  })

  it('refuses versions from before it, and is no step for whoever just starts', async () => {
    await unfinished()
    await sql.migrate({ contract: true })
    const older = Object.fromEntries(Object.entries(migrations).filter(([name]) => !CONTRACTS.includes(name)))
    await expect(sql.migrate({ steps: older })).rejects.toThrow(SchemaTooNew)
    expect(await sql.migrate()).toEqual([])
  })

  it('goes on where it was cut off, whatever bound was meant then', async () => {
    await unfinished()
    await opened(sqlLedger(sql))
    await sql.pool.query(`alter table orders add constraint orders_before check (order_no < 'F20261122') not valid`)
    await sql.migrate({ contract: true })
    await opened(sqlLedger(sql))
    expect(await rows('select count(*)::int as n from orders_first')).toEqual([{ n: 2 }])
  })

  it('puts orders of a clock that was ahead among those before, and the next month after them', async () => {
    await unfinished()
    for (const date of ['20310415', '20310530']) {
      const order = newOrder()
      await sqlLedger(sql).openOrder(opening({ ...order, orderNo: order.orderNo.replace(/^F\d{8}/, `F${date}`) }))
    }
    await sql.migrate({ contract: true })
    expect(
      await rows(`select pg_get_expr(relpartbound, oid) as bound from pg_class where relname = 'orders_first'`),
    ).toEqual([{ bound: `FOR VALUES FROM (MINVALUE) TO ('F20310601')` }])
  })
})

described('months to come', () => {
  const tableOf = async (orderNo: string) =>
    (await names(`select tableoid::regclass::text as name from orders where order_no = '${orderNo}'`))[0]
  const monthIn = (months: number) => monthOn(months, sql)

  it('are made by whoever serves, who may make no table, once by several, and orders go there', async () => {
    sql = await engine.fresh()
    await grantTo(sql.db, ROLE)
    const served = second(ROLE)
    const upkeep = sqlOrderUpkeep(served)
    await expect(served.pool.query('create table own (n integer)')).rejects.toThrow(/permission denied/)
    const made = await Promise.all([1, 2, 3].map(() => sqlOrderUpkeep(second(ROLE)).makeMonths(3)))
    expect(made.sort()).toEqual([0, 0, 2])
    const [two, three] = [await monthIn(2), await monthIn(3)]
    expect(await partitions()).toEqual([`orders_${two}`, `orders_${three}`, 'orders_first', 'orders_other'].sort())
    const order = at(two)
    const ledger = sqlLedger(served)
    expect(await ledger.openOrder(opening(order))).toEqual({ kind: 'opened' })
    await ledger.endOrder(order, paid(order), SUCCEEDED)
    expect(await tableOf(order.orderNo)).toBe(`orders_${two}`)
    expect(await rows(`select orders from day_totals where merchant_code = '${order.merchantCode}'`)).toEqual([
      { orders: 1 },
    ])
    expect(await ledger.openOrder(opening({ ...newOrder(), orderNo: order.orderNo }))).toEqual({
      kind: 'order-no-taken',
    })
    expect(await upkeep.makeMonths(3)).toBe(0)
    // and a year at the most, whatever is asked for
    await upkeep.makeMonths(1_000)
    expect((await partitions()).length).toBe(13)
  })

  it('are those of the ledger, whatever the caller has made under its names', async () => {
    sql = await engine.fresh()
    await grantTo(sql.db, ROLE)
    const client = await second(ROLE).pool.connect()
    closing.push(async () => client.release(true))
    await client.query(`create temp table orders (order_no text) partition by range (order_no);
      create temp table orders_other (n integer);
      create function pg_temp.to_char(timestamp, text) returns text language sql as $$ select 'x; drop table merchants' $$`)
    expect((await client.query('select public.tend_orders(2) as made')).rows).toEqual([{ made: 1 }])
    expect(await partitions()).toContain(`orders_${await monthIn(2)}`)
    await expect(second(ROLE).pool.query('alter function tend_orders(integer) security invoker')).rejects.toThrow(
      /owner/,
    )
  })

  it('wait for nobody who reads for long, and keep nobody waiting', async () => {
    sql = await engine.fresh()
    const client = await second().pool.connect()
    closing.push(async () => client.release(true))
    await client.query('begin; select count(*) from orders')
    const waits = sqlOrderUpkeep(sql).makeMonths(2)
    await expect(waits).rejects.toThrow(LedgerUnavailable)
    await expect(waits).rejects.toThrow(
      /^months of orders wait to be made: orders_other is held by session \d+ \(fapai, /,
    )
    // Who may make no month may not see since when, and says so all the same.
    await grantTo(sql.db, ROLE)
    await expect(sqlOrderUpkeep(second(ROLE)).makeMonths(2)).rejects.toThrow(
      /is held by session \d+ \(fapai, role \w+\)$/,
    )
    await opened(sqlLedger(sql))
    await client.query('commit')
    expect(await sqlOrderUpkeep(sql).makeMonths(2)).toBe(1)
  })

  it('that came too late leave orders where they are; they are found all the same', async () => {
    sql = await engine.fresh()
    const [three, four] = [await monthIn(3), await monthIn(4)]
    const stray = at(three)
    await sqlLedger(sql).openOrder(opening(stray))
    expect(await tableOf(stray.orderNo)).toBe('orders_other')
    await expect(sqlOrderUpkeep(sql).makeMonths(4)).rejects.toThrow(
      'months of orders wait to be made: orders_other has',
    )
    expect(await partitions()).toEqual(
      [`orders_${await monthIn(2)}`, `orders_${four}`, 'orders_first', 'orders_other'].sort(),
    )
    await sqlLedger(sql).endOrder(stray, paid(stray), SUCCEEDED)
    const another = at(three)
    await sqlLedger(sql).openOrder(opening(another))
    expect([await tableOf(stray.orderNo), await tableOf(another.orderNo)]).toEqual(['orders_other', 'orders_other'])
    expect((await sqlLedger(sql).order(stray.orderNo))?.state).toBe('paid')
  })

  it('have each index that is made of all later', async () => {
    sql = await engine.fresh()
    await sqlOrderUpkeep(sql).makeMonths(2)
    const index = { name: 'orders_of_reason', on: 'orders (reason)' }
    await sql.migrate({ steps: { ...migrations, '9999-later': { up: async () => {}, indexes: [index] } } })
    await sqlOrderUpkeep(sql).makeMonths(3)
    const invalid = await rows('select from pg_index where not indisvalid')
    const each = await rows(`select from pg_inherits where inhparent = 'orders_of_reason'::regclass`)
    expect([invalid.length, each.length]).toEqual([0, (await partitions()).length])
  })
})

describe('an embedded ledger', () => {
  let embedded: TestSql
  beforeAll(async () => {
    embedded = await startTestPglite()
  })
  afterAll(() => embedded?.stop())

  it('from before is divided when it starts, its one process being of this version', async () => {
    await upgradedFrom(isOfBefore, embedded)
    const order = await opened(sqlLedger(sql))
    expect(await sql.migrate({ contract: true })).toEqual([])
    await sqlLedger(sql).endOrder(order, paid(order), SUCCEEDED)
    expect(await partitions()).toEqual(['orders_first', 'orders_other'])
    expect(await sqlOrderUpkeep(sql).makeMonths(2)).toBe(1)
    // On its one connection, where a name that stands for another statement is refused.
    await analyze(sql, ['orders'], 1_000)
    expect(await rows(`select tableoid::regclass::text as part, state from orders`)).toEqual([
      { part: 'orders_first', state: 'paid' },
    ])
  })
})
