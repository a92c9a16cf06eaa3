import { CompiledQuery } from 'kysely'
import { type Heard, heard } from '../../../../harness/plan'
import { postgresMissing, sqlEngines, startTestPostgres, type TestSql } from '../../../../harness/sql'
import type { Order } from '../../../../server/domain/order'
import { LedgerBusy, LedgerUnavailable, type OpenOrder } from '../../../../server/flow/ports'
import { openSql, type Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { seedFoodStreet } from '../../../../server/store/sql/seed'
import {
  closed,
  DATE,
  NOON,
  newCampaign,
  newMerchant,
  newOrder,
  opened,
  opening,
  paid,
  SUCCEEDED,
  unique,
} from './ledger-orders'

/** Statements by which orders are opened, and by which they end, each by how many orders it is for. */
const WRITES = { open: 'insert into idempotency_keys', end: 'insert into outbox' }
const sizes = (all: readonly Heard[], of: 'open' | 'end') =>
  all.filter(({ text }) => text.includes(WRITES[of])).map(({ values }) => values.at(-1))
const order = (nth: number) => newOrder({ account: `acc-${nth}-${unique('a')}` })
const orders = (count: number) => Array.from({ length: count }, (_, nth) => order(nth))

describe.each(sqlEngines())('orders that queue, on $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  beforeAll(async () => {
    engine = await start()
    sql = await engine.fresh()
  })
  afterAll(() => engine?.stop())

  const run = async (text: string, values: unknown[] = []) =>
    (await sql.db.executeQuery(CompiledQuery.raw(text, values))).rows as Record<string, unknown>[]

  it('are opened, and end, by a statement for the first and one for all others, each as it would alone', async () => {
    const ledger = sqlLedger(sql)
    const all = orders(20)
    const asked = await heard(async () => {
      const results = await Promise.all(all.map((one) => ledger.openOrder(opening(one))))
      expect(results).toEqual(all.map(() => ({ kind: 'opened' })))
      const ends = await Promise.all(all.map((one) => ledger.endOrder(one, paid(one), SUCCEEDED)))
      expect(ends).toEqual(all.map(() => 'ended'))
    })
    expect([sizes(asked, 'open'), sizes(asked, 'end')]).toEqual([
      [1, 19],
      [1, 19],
    ])
    const ended = { state: 'paid', endedAt: NOON + 800, verification: 'sms' }
    for (const one of all)
      expect(await ledger.order(one.orderNo)).toEqual({ ...one, ...ended, channelTradeNo: `bank-${one.orderNo}` })
    const numbers = [all.map(({ orderNo }) => orderNo)]
    const [written] = await run(
      `select (select count(*) from postings where order_no = any($1)) as postings,
        (select count(*) from order_events where order_no = any($1)) as events,
        (select count(*) from outbox where order_no = any($1)) as told,
        (select count(*) from channel_requests where order_no = any($1) and request ->> 'orderNo' = order_no
          and reply::text like '%0000%' and replied_at = ${NOON + 800}) as asked,
        (select count(*) from payer_days d join orders o using (payer_id) where o.order_no = any($1) and spent_fen = 10000) as spent`,
      numbers,
    )
    expect(written).toEqual({ postings: 40, events: 40, told: 20, asked: 20, spent: 20 })
  })

  it('are each told what became of theirs: one that is refused leaves nothing, and keeps no other', async () => {
    const ledger = sqlLedger(sql)
    const campaign = newCampaign()
    await seedFoodStreet(sql, { merchants: [], campaigns: [campaign] })
    const place = (slot: number) => ({ merchantCode: 'M1', card: { campaignId: campaign.campaignId, slot } })
    const holder = await opened(ledger, place(1))
    const before = opening(order(0))
    await ledger.openOrder(before)
    const over = order(1)
    const taken = newOrder({ ...place(1), account: unique('a') })
    const fine = [order(2), newOrder({ ...place(2), account: unique('a') }), order(3)]
    const believed = { merchant: { account: 'none', walletAccounts: {} }, agreement: null }
    const wrong = order(4)
    const bad = { ...wrong, figures: { ...wrong.figures, payableFen: 1 } }
    const results = await Promise.all(
      [
        opening(order(5)),
        opening(fine[0]!),
        before,
        { ...opening(over), openBy: 1 },
        opening(taken),
        opening(fine[1]!),
        { ...opening(order(6)), believed },
        opening({ ...order(7), quoteNonce: before.order.quoteNonce }),
        opening(bad),
        opening({ ...order(8), orderNo: holder.orderNo }),
        opening(fine[2]!),
      ].map((one) => ledger.openOrder(one).catch((error: Error) => ({ kind: error.message.slice(0, 12) }))),
    )
    expect(results.map(({ kind }) => kind)).toEqual([
      'opened',
      'opened',
      'replayed',
      'too-late',
      'slot-taken',
      'opened',
      'outdated',
      'quote-used',
      'new row for ',
      'order-no-taken',
      'opened',
    ])
    expect(results[4]).toEqual({ kind: 'slot-taken', payerId: holder.payerId })
    for (const one of fine) expect(await ledger.order(one.orderNo)).toEqual(one)
    for (const one of [over, taken, bad]) expect(await ledger.order(one.orderNo)).toBeUndefined()
  })

  it('are opened in one statement though some of them are not to be', async () => {
    const ledger = sqlLedger(sql)
    const [first, late, rich, fine] = orders(4)
    const asked = await heard(async () => {
      const results = await Promise.all([
        ledger.openOrder(opening(first!, { dailyLimitFen: 10_000 })),
        ledger.openOrder(opening(late!, { dailyLimitFen: 10_000, openBy: 1 })),
        ledger.openOrder(
          opening(
            {
              ...rich!,
              figures: { ...rich!.figures, amountFen: 10_001, payableFen: 10_001, merchantReceivesFen: 10_001 },
            },
            { dailyLimitFen: 10_000 },
          ),
        ),
        ledger.openOrder(opening(fine!, { dailyLimitFen: 10_000 })),
      ])
      expect(results.map(({ kind }) => kind)).toEqual(['opened', 'too-late', 'daily-limit', 'opened'])
    })
    expect(sizes(asked, 'open')).toEqual([1, 3])
  })

  it('are opened in one statement though some have a key that was used or a quote that was paid, who undo nobody’s', async () => {
    const ledger = sqlLedger(sql)
    const [again, reused, other] = orders(3).map((one) => opening(one)) as [OpenOrder, OpenOrder, OpenOrder]
    for (const one of [again, reused, other]) await ledger.openOrder(one)
    const [first, ...fine] = orders(3)
    const asked = await heard(async () => {
      const results = await Promise.all([
        ledger.openOrder(opening(first!)),
        ledger.openOrder(again),
        ledger.openOrder({ ...reused, idempotency: { ...reused.idempotency, inputHash: 'b2'.repeat(32) } }),
        ledger.openOrder(opening({ ...order(9), quoteNonce: other.order.quoteNonce })),
        ...fine.map((one) => ledger.openOrder(opening(one))),
      ])
      const kinds = ['opened', 'replayed', 'key-reused', 'quote-used', 'opened', 'opened']
      expect(results.map(({ kind }) => kind)).toEqual(kinds)
    })
    expect(sizes(asked, 'open')).toEqual([1, 5])
  })

  it('of one code for a payment, or by one key, are opened one after another, and the second is told so', async () => {
    const ledger = sqlLedger(sql)
    const [quoteNonce, tapped] = [unique('code'), opening(order(4))]
    const other = { ...tapped, idempotency: { ...tapped.idempotency, inputHash: 'b2'.repeat(32) } }
    const taps = await Promise.all([tapped, tapped, other].map((one) => ledger.openOrder(one)))
    expect(taps.map(({ kind }) => kind)).toEqual(['opened', 'replayed', 'key-reused'])
    const asked = await heard(async () => {
      const all = [order(0), { ...order(1), quoteNonce }, { ...order(2), quoteNonce }, order(3)]
      const results = await Promise.all(all.map((one) => ledger.openOrder(opening(one))))
      expect(results.map(({ kind }) => kind)).toEqual(['opened', 'opened', 'quote-used', 'opened'])
    })
    expect(sizes(asked, 'open')).toEqual([1, 2, 1])
  })

  it('of one payer, account or card are opened one after another, and count as they would', async () => {
    const ledger = sqlLedger(sql)
    const [payerId, account] = [unique('payer'), unique('acc')]
    const limit = { dailyLimitFen: 30_000 }
    const ofPayer = () => ledger.openOrder(opening(newOrder({ payerId, account: unique('acc') }), limit))
    const mine = await Promise.all(Array.from({ length: 6 }, ofPayer))
    expect(mine.map(({ kind }) => kind).sort()).toEqual([...Array(3).fill('daily-limit'), ...Array(3).fill('opened')])
    const asked = await heard(() =>
      Promise.all(Array.from({ length: 4 }, () => ledger.openOrder(opening(newOrder({ account }), limit)))),
    )
    expect(sizes(asked, 'open')).toEqual([1, 1, 1, 1])
  })

  it('end each once, whoever brings the news, and one that is closed beside those that are paid', async () => {
    const ledger = sqlLedger(sql)
    const all = await Promise.all(orders(4).map((one) => ledger.openOrder(opening(one)).then(() => one)))
    const [one, two, three, four] = all as [(typeof all)[0], (typeof all)[0], (typeof all)[0], (typeof all)[0]]
    const endings = await Promise.all([
      ledger.endOrder(one, paid(one), SUCCEEDED),
      ledger.endOrder(two, paid(two), SUCCEEDED),
      ledger.endOrder(two, paid(two), SUCCEEDED),
      ledger.endOrder(three, closed(), null),
      ledger.endOrder(two, closed(), null),
      ledger.endOrder(four, paid(four), null),
    ])
    expect([endings[0], endings[3], endings[5]]).toEqual(['ended', 'ended', 'ended'])
    expect([endings[1], endings[2], endings[4]].sort()).toEqual(['already-ended', 'already-ended', 'ended'])
    const states = await Promise.all(all.map(async ({ orderNo }) => (await ledger.order(orderNo))!.state))
    expect([states[0], states[2], states[3]]).toEqual(['paid', 'closed', 'paid'])
    const told = await run(
      "select count(*) as told from order_events where order_no = $1 and kind in ('paid', 'closed')",
      [two.orderNo],
    )
    expect(told).toEqual([{ told: 1 }])
  })

  it('end once, and one of those who bring the same news at once is told that it was theirs', async () => {
    const ledger = sqlLedger(sql)
    const [first, twice] = (await Promise.all(
      orders(2).map((one) => ledger.openOrder(opening(one)).then(() => one)),
    )) as [ReturnType<typeof order>, ReturnType<typeof order>]
    const endings = [first, twice, twice, twice].map((one) => ledger.endOrder(one, paid(one), SUCCEEDED))
    expect(await Promise.all(endings)).toEqual(['ended', 'ended', 'already-ended', 'already-ended'])
  })

  it('end though one of them is unknown, or isn’t as it should be', async () => {
    const ledger = sqlLedger(sql)
    const all = await Promise.all(orders(4).map((one) => ledger.openOrder(opening(one)).then(() => one)))
    const heardOf = (one: Promise<string>) => one.catch((error: Error) => error.message.replace(/ F\d\S+/, ''))
    const unsound = { ...paid(all[1]!), channelTradeNo: null as never }
    const endings = await Promise.all([
      heardOf(ledger.endOrder(all[0]!, paid(all[0]!), SUCCEEDED)),
      heardOf(ledger.endOrder(newOrder(), paid(newOrder()), SUCCEEDED)),
      heardOf(ledger.endOrder(all[1]!, unsound, SUCCEEDED)),
      heardOf(ledger.endOrder(all[2]!, paid(all[2]!), SUCCEEDED)),
      heardOf(ledger.endOrder(all[3]!, paid(all[3]!, NOON, []), SUCCEEDED)),
    ])
    expect(endings).toEqual(['ended', 'no order to end', expect.stringContaining('constraint'), 'ended', 'ended'])
    expect((await ledger.order(all[1]!.orderNo))!.state).toBe('paying')
  })
})

const missing = postgresMissing()
if (missing) console.warn(`orders that queue: ${missing}`)
const described = missing ? describe.skip : describe

described('orders that queue behind others’ locks, on PostgreSQL', () => {
  let engine: TestSql
  let sql: Sql
  beforeAll(async () => {
    engine = await startTestPostgres()
    sql = await engine.fresh()
  })
  afterAll(() => engine?.stop())

  it('don’t wait for the one whose row somebody holds, who waits alone', async () => {
    const ledger = sqlLedger(sql)
    const held = order(0)
    await sql.db
      .insertInto('payer_days')
      .values({ payer_id: held.payerId, channel: 'bank', business_date: DATE, spent_fen: 0 })
      .execute()
    const rival = await sql.pool.connect()
    await rival.query('begin')
    await rival.query('select from payer_days where payer_id = $1 for update', [held.payerId])
    const [first, ...others] = orders(4)
    const before = ledger.openOrder(opening(first!))
    const waits = ledger.openOrder(opening(held))
    const free = others.map((one) => ledger.openOrder(opening(one)))
    expect(await Promise.all([before, ...free])).toEqual(Array(4).fill({ kind: 'opened' }))
    expect(await ledger.order(held.orderNo)).toBeUndefined()
    await rival.query('commit')
    rival.release()
    expect(await waits).toEqual({ kind: 'opened' })
    // What was set for the statement ended with it.
    const { rows } = await sql.pool.query('show lock_timeout')
    expect(rows).toEqual([{ lock_timeout: '0' }])
  })

  it('end by merchant, and so none holds a day that another counts in while it waits for one that this does', async () => {
    const ledger = sqlLedger(sql)
    const [first, last] = [unique('A'), unique('Z')]
    const byNo = (a: Order, b: Order) => (a.orderNo < b.orderNo ? -1 : 1)
    const [low, high, beside, ...before] = orders(5).sort(byNo) as [Order, Order, ...Order[]]
    const all = [
      { ...before[0]!, merchantCode: first },
      { ...before[1]!, merchantCode: last },
      beside!,
      // By their numbers the last merchant's would come first.
      { ...low, merchantCode: last },
      { ...high, merchantCode: first },
    ]
    for (const one of all) await ledger.openOrder(opening(one))
    for (const one of all.slice(0, 2)) await ledger.endOrder(one, paid(one), SUCCEEDED)
    const rival = await sql.pool.connect()
    await rival.query('begin')
    await rival.query('select from day_totals where merchant_code = $1 for update', [first])
    const ends = all.slice(2).map((one) => ledger.endOrder(one, paid(one), SUCCEEDED))
    const waiting = "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    let waits = 0
    while (waits === 0) waits = (await sql.pool.query(waiting)).rows.length
    const free = await sql.pool.query('select from day_totals where merchant_code = $1 for update skip locked', [last])
    expect(free.rows).toHaveLength(1)
    await rival.query('rollback')
    rival.release()
    expect(await Promise.all(ends)).toEqual(Array(3).fill('ended'))
  })

  it('end one kind of a merchant’s day at a time, since each also counts in the merchant’s all', async () => {
    const ledger = sqlLedger(sql)
    const merchantCode = unique('M')
    const channels = ['bank', 'bank', 'wechatpay', 'bank', 'wechatpay'] as const
    const all = channels.map((channel, nth) => newOrder({ merchantCode, channel, account: unique(`acc-${nth}`) }))
    for (const one of all) await ledger.openOrder(opening(one))
    const asked = await heard(async () => {
      const ends = await Promise.all(all.map((one) => ledger.endOrder(one, paid(one), SUCCEEDED)))
      expect(ends).toEqual(all.map(() => 'ended'))
    })
    expect(sizes(asked, 'end')).toEqual([1, 2, 2])
  })

  it('are told that the ledger is busy when no connection is left, and ask once more for nothing', async () => {
    const small = openSql({ ...engine.connection(), max: 1, connectionTimeoutMillis: 200 })
    const ledger = sqlLedger(small)
    const lent = await small.pool.connect()
    const connects = jest.spyOn(small.pool, 'connect')
    const results = await Promise.all(
      orders(12).map((one) => ledger.openOrder(opening(one)).catch((error: unknown) => error)),
    )
    expect(results).toEqual(Array(12).fill(expect.any(LedgerBusy)))
    expect(connects.mock.calls.length).toBeLessThanOrEqual(4)
    connects.mockRestore()
    lent.release()
    expect(await ledger.openOrder(opening(order(0)))).toEqual({ kind: 'opened' })
    await small.close()
  })

  it('of two processes meet on one payer, whose day counts all of them', async () => {
    const other = openSql(engine.connection())
    const ledgers = [sqlLedger(sql), sqlLedger(other)]
    const payers = Array.from({ length: 6 }, () => unique('payer'))
    const limit = { dailyLimitFen: 40_000 }
    const asked = Array.from({ length: 60 }, (_, nth) => {
      const one = newOrder({ payerId: payers[nth % 6]!, account: unique('acc') })
      return ledgers[nth % 2]!.openOrder(opening(one, limit))
    })
    const kinds = (await Promise.all(asked)).map(({ kind }) => kind)
    expect([kinds.filter((kind) => kind === 'opened').length, new Set(kinds)]).toEqual([
      24,
      new Set(['opened', 'daily-limit']),
    ])
    await other.close()
  })

  it('are planned one by one, by the keys of tables of which nothing is known yet, for whatever plan is kept', async () => {
    const fresh = await startTestPostgres()
    const empty = await fresh.fresh({ max: 1 })
    const ledger = sqlLedger(empty)
    const all = orders(3)
    const asked = await heard(async () => {
      await Promise.all(all.map((one) => ledger.openOrder(opening(one))))
      await Promise.all(all.map((one) => ledger.endOrder(one, paid(one), SUCCEEDED)))
    })
    await empty.pool.query('set plan_cache_mode = force_generic_plan')
    for (const [of, mark] of Object.entries(WRITES)) {
      const { text, values } = asked.filter((one) => one.text.includes(mark)).at(-1)!
      await empty.pool.query(`prepare planned_${of} as ${text}`)
      const { rows } = await empty.pool.query(`explain execute planned_${of} (${values.map(() => 'null').join(', ')})`)
      const plan = rows.map((row) => row['QUERY PLAN'] as string)
      expect(plan.filter((line) => /Seq Scan|Hash|Merge/.test(line))).toEqual([])
      expect(plan.find((line) => line.includes('->  Limit'))).toMatch(/ rows=1 /)
      expect(plan.join()).toMatch(of === 'end' ? /Index Scan using orders_\w*pkey/ : /Index Scan using agreements_pkey/)
    }
    await fresh.stop()
  })

  it('are looked at by the statement itself: who left, moved or ended it elsewhere a moment ago', async () => {
    const [ledger, merchant] = [sqlLedger(sql), newMerchant()]
    await seedFoodStreet(sql, { merchants: [merchant], campaigns: [] })
    const { account, walletAccounts, merchantCode } = merchant
    const believed = { merchant: { account, walletAccounts }, agreement: null }
    const open = () =>
      Promise.all([1, 2, 3].map((nth) => ledger.openOrder(opening({ ...order(nth), merchantCode }, { believed }))))
    expect(await open()).toEqual(Array(3).fill({ kind: 'opened' }))
    await sql.pool.query('update merchants set disabled_at = 1 where merchant_code = $1', [merchantCode])
    expect(await open()).toEqual(Array(3).fill({ kind: 'outdated' }))
  })
})

it('nobody hears of an order from a ledger that is away but that it is away', async () => {
  const sql = openSql({ host: '127.0.0.1', port: 1, user: 'nobody', database: 'none' })
  const ledger = sqlLedger(sql)
  const results = await Promise.all(orders(5).map((one) => ledger.openOrder(opening(one)).catch((error) => error)))
  expect(results).toEqual(Array(5).fill(expect.any(LedgerUnavailable)))
  await sql.close()
})
