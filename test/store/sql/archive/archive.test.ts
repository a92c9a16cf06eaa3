import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { sqlEngines, type TestSql } from '../../../../harness/sql'
import { type ArchivedNow, archiveDays } from '../../../../server/flow/archive/archive'
import type { ArchiveObstacle, Staying } from '../../../../server/flow/ports'
import { archiveFiles, archiveName } from '../../../../server/store/archive-file'
import { sqlArchive } from '../../../../server/store/sql/archive/archive'
import { layOut } from '../../../../server/store/sql/archive/lines'
import { checkChain } from '../../../../server/store/sql/deed/chain'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { packBooks } from '../../../../server/store/sql/payment/pack-books'
import { sqlRefunds } from '../../../../server/store/sql/refund/refund-ledger'
import { takenBack } from '../../../support/taken-back'
import { DEEDS } from '../audit/desk-books'
import { DATE, NOON } from '../payment/ledger-orders'
import { asked } from '../refund/refund-contract'
import { DAY, LATER, longOver, NEXT_DAY } from './long-over'

const HELD = { check: async () => {} }
const archiveOn = (sql: Sql) => sqlArchive(sql, DEEDS, HELD)

/** A ledger in which everything has happened, and the days of it that are long over. */
describe.each(sqlEngines())('archiving, on $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  let books: Awaited<ReturnType<typeof longOver>>
  let dir: string
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'fapai-archive-'))
    engine = await start()
    sql = await engine.fresh()
    books = await longOver(sql)
  })
  afterAll(async () => {
    await rm(dir, { recursive: true, force: true })
    await engine?.stop()
  })

  const linesOf = async (date: string, on = sql) => {
    const all: string[] = []
    for await (const batch of archiveOn(on).lines(date)) all.push(...batch)
    return all
  }
  const one = async <Row>(text: string) => (await books.run<Row>(text))[0]!
  /** What is summed of paid orders, those that are there and those that went. */
  const sums = () =>
    books.run(`
      select merchant_code, business_date, channel, merchant_account, sum(orders) as orders, sum(amount_fen) as amount_fen,
        sum(rewards) as rewards, sum(reward_fen) as reward_fen, sum(credited_fen) as credited_fen
      from (
        select merchant_code, business_date, channel, merchant_account, 1 as orders, amount_fen,
          (merchant_reward_fen > 0)::integer as rewards, merchant_reward_fen as reward_fen, merchant_receives_fen as credited_fen
        from orders where state = 'paid'
        union all
        select merchant_code, business_date, channel, merchant_account, orders, amount_fen, rewards, reward_fen, credited_fen
        from archived_merchant_days
      ) s group by 1, 2, 3, 4 order by 1, 2, 3, 4`)
  const savings = () =>
    books.run(`
      select payer_id, sum(orders) as orders, sum(fen) as fen from (
        select payer_id, 1 as orders, payer_discount_fen as fen from orders where state = 'paid' and payer_discount_fen > 0
        union all select payer_id, orders, saved_fen from archived_savings
      ) s group by 1 order by 1`)
  const counted = async () => ({
    totals: await books.run('select * from day_totals order by 1, 2, 3, 4, 5, 6'),
    shares: await books.run('select * from share_days order by 1, 2, 3'),
    decks: await books.run('select * from decks order by 1, 2, 3'),
    papers: await books.run('select count(*) as n from order_papers'),
    marks: await books.run('select * from ledger_link_parts order by 1, 2'),
  })

  it('begins with a ledger that is whole', async () => {
    expect(await books.violations()).toEqual([])
    expect(await one('select count(*) > 3 as packed from packed_events')).toEqual({ packed: true })
    expect(await archiveOn(sql).next()).toBe(DATE)
    expect(await archiveOn(sql).obstacles(DATE)).toEqual([])
  })

  const inTheWay: [what: string, text: string, found: ArchiveObstacle[]][] = [
    [
      'an order without an ending',
      `update orders set state = 'paying', ended_at = null, verification = null, channel_trade_no = null, next_query_at = 1 where order_no = $1`,
      [{ code: 'orders-open', count: 1 }],
    ],
    [
      'a slot to give back',
      `update orders set slot_return_at = 1 where order_no = (select min(order_no) from orders where state = 'closed' and slot is not null) and $1 <> ''`,
      [{ code: 'slots-to-return', count: 1 }],
    ],
    [
      'an open deck of the day before',
      `update decks set closed_at = null, business_date = '2026-11-20' where campaign_id = 'changed' and $1 <> ''`,
      [{ code: 'decks-open', count: 1 }],
    ],
    [
      'papers that lie about',
      `insert into channel_requests (order_no, request, sent_at) values ($1, '{}', 1)`,
      [{ code: 'not-packed', count: 1 }],
    ],
    [
      'news since the last link',
      `insert into order_events (order_no, kind, at) values ($1, 'noted', 1)`,
      [{ code: 'not-chained', count: 1 }],
    ],
    [
      'a day before the first that was reconciled',
      `update reconciliations set matched_at = null, result = null where statement_date = '2026-11-21' and $1 <> ''`,
      [{ code: 'day-passed', which: [DATE] }],
    ],
    [
      'a day after it that isn’t reconciled',
      `update reconciliations set matched_at = null, result = null where statement_date = '2026-11-22' and $1 <> ''`,
      [{ code: 'not-reconciled', which: [NEXT_DAY] }],
    ],
    [
      'an outbox that is kept longer',
      `update outbox_pruned set before_at = 1 where $1 <> ''`,
      [{ code: 'outbox-not-pruned', until: NOON + 2 * DAY + 1 }],
    ],
    [
      'cards that are remembered',
      `update payer_cards_pruned set before_date = '2026-11-21' where $1 <> ''`,
      [{ code: 'cards-not-forgotten' }],
    ],
    [
      'keys that may still go',
      `update idempotency_keys_pruned set before_date = '2026-11-21' where $1 <> ''`,
      [{ code: 'keys-not-pruned' }],
    ],
  ]
  it.each(inTheWay)('finds in its way %s', (_, text, found) =>
    takenBack(sql, async (inside) => {
      await inside.run({ name: 'test', text }, [books.plain.orderNo])
      expect(await archiveOn(inside).obstacles(DATE)).toEqual(found)
    }),
  )

  it('finds in its way a day that isn’t sealed, and a channel’s that counts', () =>
    takenBack(sql, async (inside) => {
      await inside.run({ name: 'test', text: `update orders set channel = 'alipay' where order_no = $1` }, [
        books.plain.orderNo,
      ])
      expect(await archiveOn(inside).obstacles('2026-11-30')).toEqual([{ code: 'not-sealed' }])
      // Nobody ever reconciled it.
      expect(await archiveOn(inside).obstacles(DATE)).toEqual([])
      const columns = 'sha256, bytes, lines, totals, started_at, held_until, matched_at, result, run'
      const text = `insert into reconciliations (channel, statement_date, ${columns}) select 'alipay', date '2026-12-24', ${columns} from reconciliations where statement_date = $1`
      await inside.run({ name: 'test', text }, [DATE])
      const which = [`alipay/${DATE}`, `alipay/${NEXT_DAY}`]
      expect(await archiveOn(inside).obstacles(DATE)).toEqual([{ code: 'day-passed', which }])
      // Had it been reconciled before, it is in turn.
      await inside.run({ name: 'test', text: text.replace('2026-12-24', '2026-11-20') }, [DATE])
      expect(await archiveOn(inside).obstacles(DATE)).toEqual([{ code: 'not-reconciled', which }])
    }))

  const suspected = (state: string, decision: string) => `
    with s as (
      insert into suspicions (suspicion_id, campaign_id, merchant_code, first_date, last_date, score, decision, decided_at)
      select 's', campaign_id, merchant_code, deck_date, deck_date, 90, ${decision} from orders where order_no = $1 returning suspicion_id, first_date
    ), d as (insert into suspicion_days select suspicion_id, first_date, 90, '[]' from s)
    insert into change_requests (change_id, kind, subject, after, delayed, asked_by, asked_at, state)
    values ('c', 'farming.dismiss', 'suspicion/s', '{}', false, 'maker', 1, '${state}')`
  const about = (kind: string, after: string) => `
    insert into change_requests (change_id, kind, subject, after, delayed, asked_by, asked_at, state)
    values ('c', 'farming.${kind}', 'suspicion/s', replace('${after}', '?', $1)::jsonb, false, 'maker', 1, 'open')`
  /** What took effect of a suspicion, one after the other. */
  const holding = (suspicionId: string, ...wishes: string[]) => `
    insert into change_requests
      (change_id, kind, subject, after, delayed, asked_by, asked_at, reviewed_by, reviewed_at, effective_at, state)
    select 'h' || n, 'farming.hold', 'suspicion/${suspicionId}', replace(wish, '?', $1)::jsonb, false, 'maker', 1, 'checker', n, n, 'applied'
    from unnest(array['${wishes.join("', '")}']) with ordinality w(wish, n)`
  const AT_MERCHANT = '{"merchant": true, "payersOf": [], "until": "2999-01-01"}'
  const OF_PAYERS = '{"merchant": false, "payersOf": ["F-other", "?"], "until": "2999-01-01"}'
  const GIVEN_UP = '{"merchant": false, "payersOf": [], "until": null}'
  const OVER = '{"merchant": true, "payersOf": ["?"], "until": "2026-11-30"}'
  const held = (...wishes: string[]) =>
    suspected('withdrawn', `'held', 1`).replace('with s as', `with h as (${holding('s', ...wishes)}), s as`)

  const busy: [why: Staying, text: string, whose?: 'reused'][] = [
    ['conflict', `insert into order_events (order_no, kind, conflict, at) values ($1, 'noted', 'paid-after-close', 1)`],
    ['delivery', `insert into deliveries (order_no, paid_at, state, next_at) values ($1, 1, 'due', 1)`],
    [
      'asked-about',
      `insert into change_requests (change_id, kind, subject, after, delayed, asked_by, asked_at, state) values ('c', 'order.refund', 'order/' || $1, '{}', false, 'maker', 1, 'open')`,
    ],
    ['asked-about', about('claw-back', '{"orders": [{"orderNo": "F-other"}, {"orderNo": "?", "fen": 1}]}')],
    ['asked-about', about('hold', '{"payersOf": ["F-other", "?"], "merchant": true}')],
    ['suspected', suspected('rejected', 'null, null'), 'reused'],
    ['suspected', suspected('open', `'held', 1`), 'reused'],
    ['held', held(AT_MERCHANT), 'reused'],
    ['held', held(AT_MERCHANT, GIVEN_UP, AT_MERCHANT), 'reused'],
    ['held', holding('elsewhere', OF_PAYERS)],
    ['no-line', `insert into order_events (order_no, kind, raw, at) values ($1, 'noted', '{"a":\n1}', 1)`],
    ['unchained', `insert into order_events (order_no, kind, at) values ($1, 'noted', 1)`],
    [
      'correction',
      `insert into postings (order_no, correction_id, account, role, amount_fen, posted_at) select $1, 'x', 'a', 'gl', fen, 1 from (values (1), (-1)) v(fen)`,
    ],
  ]
  it.each(busy)('leaves what is busy: %s', async (why, text, whose: 'plain' | 'reused' = 'plain') => {
    const { orderNo } = books[whose]
    const line = (await linesOf(DATE)).find((one) => one.includes(`"order_no":"${orderNo}"`))!
    await takenBack(sql, async (inside) => {
      const before = await archiveOn(inside).staying(DATE)
      await inside.run({ name: 'test', text }, [orderNo])
      const after = await archiveOn(inside).staying(DATE)
      expect(after).toEqual({ ...before, changed: before.changed! - 1, [why]: (before[why] ?? 0) + 1 })
      expect(await archiveOn(inside).takeOut(DATE, [line])).toEqual({ orders: 0, payerDays: 0 })
    })
  })

  it('lets go what a suspicion was about once it is decided and nobody asks for more', () =>
    takenBack(sql, async (inside) => {
      const before = await archiveOn(inside).staying(DATE)
      const text = suspected('withdrawn', `'dismissed', 1`)
      await inside.run({ name: 'test', text }, [books.reused.orderNo])
      expect(await archiveOn(inside).staying(DATE)).toEqual(before)
    }))

  it.each([
    ['is over', held(OVER)],
    ['was given up', held(AT_MERCHANT, OF_PAYERS, GIVEN_UP)],
    ['is of a suspicion about other days', held(AT_MERCHANT).replaceAll('deck_date', 'deck_date - 1')],
  ])('lets go what a hold was about once it %s', (_, text) =>
    takenBack(sql, async (inside) => {
      const before = await archiveOn(inside).staying(DATE)
      await inside.run({ name: 'test', text }, [books.reused.orderNo])
      expect(await archiveOn(inside).staying(DATE)).toEqual(before)
    }),
  )

  it('lays out what is packed before it looks, and leaves whole what somebody packs again', async () => {
    const line = (await linesOf(DATE)).find((one) => one.includes(books.plain.orderNo))!
    expect(await one(`select count(*) as n from order_books where business_date = '${DATE}'`)).toEqual({ n: 0 })
    await takenBack(sql, async (inside) => {
      const before = await archiveOn(inside).staying(DATE)
      expect((await packBooks(inside)).orders).toBeGreaterThan(before.changed!)
      const { changed, ...others } = before
      const { changed: rows = 0, 'in-books': packed = 0, ...same } = await archiveOn(inside).staying(DATE)
      expect([same, rows + packed]).toEqual([others, changed])
      expect(packed).toBeGreaterThan(rows)
      expect(await archiveOn(inside).same(DATE, [line])).toBe(0)
      expect(await archiveOn(inside).takeOut(DATE, [line])).toEqual({ orders: 0, payerDays: 0 })
      await layOut(inside, DATE)
      expect(await archiveOn(inside).staying(DATE)).toEqual(before)
      expect(await archiveOn(inside).same(DATE, [line])).toBe(1)
      expect(await archiveOn(inside).takeOut(DATE, [line])).toEqual({ orders: 1, payerDays: 0 })
    })
  })

  it('says of each order all that there is, to the letter, and not where it came from', async () => {
    const lines = await linesOf(DATE)
    const line = lines.find((one) => one.includes(books.plain.orderNo))!
    expect(line).toContain(String.raw`NUL \u0000, ½ and 发牌`)
    expect(line).not.toMatch(/address-hash|device-hash/)
    const { order, events, postings, keys, delivery, lines: stated } = JSON.parse(line)
    const row = await one<{ row: object }>(
      `select row_to_json(o) as row from orders o where order_no = '${books.plain.orderNo}'`,
    )
    expect(order).toEqual({ ...row.row, address_hash: null, device_hash: null })
    expect(events.map((one: { kind: string }) => one.kind)).toEqual(['opened', 'noted', 'paid'])
    expect(postings.map((one: { amount_fen: number }) => one.amount_fen)).toEqual([-10_000, 10_000])
    expect([keys.length, delivery, stated.length, stated[0].order_no]).toEqual([1, null, 1, books.plain.orderNo])
    expect(lines.map((one) => one.slice(0, 16)).join()).toMatch(/^(\{"kind":"order",,)+(\{"kind":"payer-d,?)+$/)
    expect(await archiveOn(sql).same(DATE, lines)).toBe(lines.length)
    const forged = line.replace('10000', '10001')
    expect(await archiveOn(sql).same(DATE, [forged, line, `${line} `, '{"kind":"payer-day","row":', 'no\0line'])).toBe(
      1,
    )
    expect(await archiveOn(sql).same(NEXT_DAY, lines)).toBe(0)
  })

  it('takes out what has ended and nothing else, and what was counted stays counted', async () => {
    const before = [await sums(), await savings(), await counted()]
    const noted = await one<{ last: number }>('select max(action_id) as last from operator_actions')
    const told: ArchivedNow[] = []
    const files = archiveFiles(dir)
    const deps = {
      archive: archiveOn(sql),
      files,
      audited: async () => [],
      now: async () => LATER,
      onDay: (day: ArchivedNow) => told.push(day),
    }
    expect(await archiveDays(deps, NEXT_DAY)).toEqual({ kind: 'done', days: 1 })
    expect([await sums(), await savings(), await counted()]).toEqual(before)

    const text = gunzipSync(await readFile(join(dir, archiveName(DATE)))).toString()
    const [{ orders, taken, staying, sha256, bytes }] = told as [ArchivedNow]
    expect(text.split('\n').filter((line) => line.startsWith('{"kind":"order"'))).toHaveLength(orders)
    expect(taken.orders).toBe(orders)
    expect(staying).toEqual({ difference: 2, refunded: 3 })
    const left = (
      await books.run<{ order_no: string }>(`select order_no from orders where business_date = '${DATE}'`)
    ).map((one) => one.order_no)
    expect(left.sort()).toEqual(
      expect.arrayContaining([books.rewarded.orderNo, books.rejectedShort.orderNo, books.atBank.orderNo].sort()),
    )
    expect(left).not.toContain(books.plain.orderNo)
    expect(left).not.toContain(books.cancelled.orderNo)
    for (const table of ['order_events', 'postings', 'idempotency_keys', 'deliveries'])
      expect(
        await one(`select count(*) as n from ${table} where order_no not in (select order_no from orders)`),
      ).toEqual({ n: table === 'postings' ? expect.any(Number) : 0 })
    const statedOf = (order: { orderNo: string }) =>
      one(`select count(*) as n from statement_lines where order_no = '${order.orderNo}'`)
    expect(await statedOf(books.reused)).toEqual({ n: 0 })
    // It is in the statement of a day that isn't archived.
    expect(await statedOf(books.plain)).toEqual({ n: 1 })
    expect(await one(`select count(*) as n from payer_days where business_date = '${DATE}'`)).toEqual({ n: 0 })
    expect(await one('select * from archived_days')).toEqual({
      ...{ business_date: DATE, file: archiveName(DATE), sha256, bytes, orders, archived_at: LATER },
    })
    const deed = await one(`select * from operator_actions where action_id > ${noted.last}`)
    expect(deed).toMatchObject({
      ...{ at: LATER, username: 'system', action: 'ledger.archive', subject: `ledger/${DATE}` },
      after: { file: archiveName(DATE), sha256, bytes, orders },
    })
    expect((await checkChain(sql, DEEDS)).breaks).toEqual([])
    expect(await archiveOn(sql).unfinished()).toEqual([])
    expect(await archiveOn(sql).next()).toBe(NEXT_DAY)
  })

  it('can be had back as rows from its line, to the letter', () =>
    takenBack(sql, async (inside) => {
      const text = gunzipSync(await readFile(join(dir, archiveName(DATE)))).toString()
      const line = text.split('\n').find((one) => one.includes(books.plain.orderNo))!
      const [, order, events, postings] = /"order":(.*),"events":(.*),"postings":(.*),"keys":/.exec(line)!
      const put = (name: string, rows: string, columns = '*') => {
        const text = `insert into ${name} overriding system value select ${columns} from json_populate_recordset(null::${name}, $1::json)`
        return inside.run({ name: 'test', text }, [rows])
      }
      await put('orders', `[${order}]`)
      // PostgreSQL takes no NUL apart, so another letter stands in for it (docs/OPERATIONS.md).
      const raw = String.raw`replace(raw::text, '\ue000', '\u0000')::json`
      await put(
        'order_events',
        events!.replaceAll(String.raw`\u0000`, String.raw`\ue000`),
        `event_id, order_no, kind, verb, outcome, ${raw}, conflict, at`,
      )
      await put('postings', postings!)
      const [row] = await inside.run<{ raw: string }>(
        { name: 'test', text: `select raw::text as raw from order_events where order_no = $1 and kind = 'noted'` },
        [books.plain.orderNo],
      )
      expect(row!.raw).toBe(String.raw`{"memo":"NUL \u0000, ½ and 发牌","n":1e+21}`)
    }))

  it('of an order that is refunded between noting and taking out the ledger’s word counts', async () => {
    const before = [await sums(), await savings(), await counted()]
    const lines = await linesOf(NEXT_DAY)
    expect(lines.filter((line) => line.includes(books.ofMidnight.orderNo))).toHaveLength(1)
    const day = { date: NEXT_DAY, file: archiveName(NEXT_DAY), sha256: 'b'.repeat(64), bytes: 1, orders: 1 }
    await archiveOn(sql).note(day, LATER)
    await expect(archiveOn(sql).note(day, LATER)).rejects.toThrow('2026-11-22 was archived meanwhile')
    expect(await archiveOn(sql).unfinished()).toEqual([day])
    await takenBack(sql, async (inside) => {
      // what payers spent may be forgotten before a run that was cut off goes on
      await inside.run({ name: 'test', text: 'delete from payer_days where business_date = $1' }, [NEXT_DAY])
      expect(await archiveOn(inside).unfinished()).toEqual([day])
    })
    expect(await sqlRefunds(sql).openRefund(asked(books.ofMidnight, 1, { createdAt: LATER }))).toMatchObject({
      kind: 'opened',
    })
    expect(await archiveOn(sql).takeOut(NEXT_DAY, lines)).toEqual({ orders: 0, payerDays: 1 })
    expect(await archiveOn(sql).staying(NEXT_DAY)).toEqual({ refunded: 1 })
    expect([await sums(), await savings(), await counted()]).toEqual(before)
    expect(await archiveOn(sql).unfinished()).toEqual([])
  })

  it('lets its owner take nothing out without saying so', async () => {
    for (const text of [
      'delete from order_events',
      'delete from postings',
      'truncate order_events',
      'delete from archived_days',
      'update archived_days set orders = 0',
    ])
      await expect(books.run(text)).rejects.toThrow(/append-only/)
    for (const text of [
      'update order_events set at = 0',
      'update postings set posted_at = 0',
      'delete from archived_days',
      'delete from ledger_links',
      'truncate postings',
    ])
      await expect(
        sql.transaction(async (tx) => {
          await tx.executeQuery({ sql: `set local fapai.archiving = 'on'`, parameters: [] } as never)
          await tx.executeQuery({ sql: text, parameters: [] } as never)
        }),
      ).rejects.toThrow(/append-only/)
  })
})
