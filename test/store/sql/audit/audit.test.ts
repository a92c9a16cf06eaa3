import { setTimeout as sleep } from 'node:timers/promises'
import { fillLedger } from '../../../../harness/filled-ledger'
import { oneSqlEngine, postgresMissing, sqlEngines, startTestPostgres, type TestSql } from '../../../../harness/sql'
import { deckKeys, masterKeys } from '../../../../server/domain/key-ring'
import { type AuditReport, audit, OLDER_RULE } from '../../../../server/flow/audit/audit'
import { AUDIT_CODES } from '../../../../server/flow/audit/fault'
import type { AuditBooks, AuditView, DaySeal, StatementSource } from '../../../../server/flow/ports'
import { auditKeys, sqlAudit } from '../../../../server/store/sql/audit/audit'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { packBooks } from '../../../../server/store/sql/payment/pack-books'
import { packPapers } from '../../../../server/store/sql/payment/pack-papers'
import { packLines } from '../../../../server/store/sql/reconcile/pack-lines'
import { collectGarbage } from '../../../support/collected'
import { takenBack } from '../../../support/taken-back'
import { DATE, NOON, newOrder, opening, UNKNOWN } from '../payment/ledger-orders'
import { behind, liftConstraints, run as runOn } from './behind'
import { BOOK_TAMPERINGS } from './book-tamperings'
import { type AuditedBooks, chained, healthyBooks, KEY_ID, KEYS, SECRET, statementsOf } from './books'
import { BESIDE, CHAIN_TAMPERINGS } from './chain-tamperings'
import { cutOff, LAST_DAY, lastDay, undrawnDeck } from './last-day'
import { LINE_TAMPERINGS } from './line-tamperings'
import { PACK_TAMPERINGS } from './pack-tamperings'
import { SINGLES } from './singles'
import { TAMPERINGS } from './tamperings'

/** Of what the audit is asked: all of it on the ledger of the test unless told. */
interface Asked {
  statements?: StatementSource
  secret?: Uint8Array
  given?: readonly DaySeal[]
  on?: Sql
}

/** Each engine is asked every statement; that each tampering is found by them is shown on one, and of one in ten on the other, too. */
const TAMPERED = oneSqlEngine().map((one) => one.name)

describe.each(sqlEngines())('the audit, $name', ({ name, start }) => {
  let engine: TestSql
  let sql: Sql
  let books: AuditedBooks

  const run = (text: string, on = sql) => runOn(text, on)
  /** What the audit finds when somebody has done this, which is taken back. */
  const codesAfter = (text: string, asked?: Asked) =>
    takenBack(sql, async (inside) => {
      await behind(inside, text)
      return codesOf(await look({ ...asked, on: inside }))
    })
  const look = ({ statements, secret = SECRET, given, on = sql }: Asked = {}) =>
    audit({
      books: sqlAudit(on, KEYS),
      campaignSecret: (_, keyId = null) => (keyId === null || keyId === KEY_ID ? secret : undefined),
      sources: statements && { statements: new Map([['bank', statements]]) },
      given,
    })
  const codesOf = ({ violations }: AuditReport) => violations.map((one) => one.code)

  beforeAll(async () => {
    engine = await start()
    sql = await engine.fresh()
    books = await healthyBooks(sql)
    await liftConstraints(sql)
  })
  afterAll(() => engine?.stop())

  it('finds nothing in a ledger where all has gone its way, and says what it looked at', async () => {
    const report = await look({ statements: books.statements })
    expect(report.violations).toEqual([])
    expect(report.unfetched).toEqual([])
    const [counts] = (await run(
      `select (select count(*) from orders) as orders, (select count(*) from refunds) as refunds`,
    )) as [{ orders: number; refunds: number }]
    expect(report.looked).toMatchObject({ ...counts, campaigns: 3, decks: 2, statements: 2 })
    expect(report.looked.corrections).toBeGreaterThanOrEqual(3)
    expect(report.looked.links).toBe(2)
    expect(report.skipped).toEqual([
      { what: 'amounts of a deck', count: 1, reason: OLDER_RULE },
      { what: 'split of a discount', count: 2, reason: OLDER_RULE },
      { what: 'the end of the books’ chain', count: 1, reason: expect.stringContaining('--seals') },
    ])
  })

  it('names what is unfinished without calling it a violation', async () => {
    const { pending } = await look()
    const named = Object.fromEntries(pending.map((one) => [one.kind, one.named]))
    expect(named).toMatchObject({ 'unknown-orders': [books.unknown.orderNo], 'unknown-refunds': [books.refunding] })
    expect(named['slots-to-return']).toContain(books.cancelled.orderNo)
    expect(named['open-differences']).toEqual([])
  })

  describe('sees it when', () => {
    const tried = <T>(all: readonly T[]) => (TAMPERED.includes(name) ? all : all.filter((_, nth) => nth % 10 === 0))

    it('finds nothing in a merchant for whom no money was left, who is short and has no deck', async () => {
      const short = `insert into deck_shortages
        select campaign_id, 'M-late', business_date, 20, 0, 'campaign-budget', dealt_at from decks limit 1`
      expect(await codesAfter(short)).toEqual([])
    })

    it.each(tried(TAMPERINGS))('$what: $codes', async ({ codes, how }) => {
      const found = await codesAfter(how(books), { statements: books.statements })
      expect(found.filter((code) => !BESIDE.includes(code)).sort()).toEqual([...codes].sort())
    })

    it.each(tried(CHAIN_TAMPERINGS))('$what: $codes', async ({ codes, how }) => {
      expect((await codesAfter(how(books), { statements: books.statements })).sort()).toEqual([...codes].sort())
    })

    it.each(tried(PACK_TAMPERINGS))('of what was packed, $what: $codes', ({ codes, how }) =>
      takenBack(sql, async (inside) => {
        expect((await packPapers(inside, LAST_DAY)).orders).toBeGreaterThan(10)
        expect(codesOf(await look({ on: inside }))).toEqual([])
        await behind(inside, how(books))
        expect(codesOf(await look({ on: inside })).sort()).toEqual([...codes].sort())
      }),
    )

    it.each(tried(BOOK_TAMPERINGS))('of packed books, $what: $codes', ({ codes, how }) =>
      takenBack(sql, async (inside) => {
        await packPapers(inside, LAST_DAY)
        expect((await packBooks(inside)).orders).toBeGreaterThan(5)
        expect(codesOf(await look({ on: inside, statements: books.statements }))).toEqual([])
        await behind(inside, how(books))
        expect(codesOf(await look({ on: inside, statements: books.statements })).sort()).toEqual([...codes].sort())
      }),
    )

    it('of packed books and papers, a pack is moved to a day that was archived', () =>
      takenBack(sql, async (inside) => {
        await packPapers(inside, LAST_DAY)
        await packBooks(inside)
        const archived = `insert into archived_days (business_date, file, sha256, bytes, orders, archived_at)
          values ('2026-11-20', 'orders-2026-11-20.jsonl.gz', '${'0'.repeat(64)}', 1, 0, 0)`
        await behind(inside, archived)
        expect(codesOf(await look({ on: inside }))).toEqual(['archive-differs'])
        for (const packs of ['order_books', 'order_papers']) {
          const moved = await takenBack(inside, async (deeper) => {
            await behind(deeper, `update ${packs} set business_date = '2026-11-20' where business_date = '${DATE}'`)
            return codesOf(await look({ on: deeper }))
          })
          expect([packs, ...moved.sort()]).toEqual([packs, 'archive-differs', 'packed-number-wrong'])
        }
      }))

    it.each(tried(LINE_TAMPERINGS))('of packed lines, $what: $codes', ({ codes, how }) =>
      takenBack(sql, async (inside) => {
        expect((await packLines(inside)).lines).toBe(books.lines.length)
        expect(codesOf(await look({ on: inside, statements: books.statements }))).toEqual([])
        await behind(inside, how(books))
        expect(codesOf(await look({ on: inside, statements: books.statements })).sort()).toEqual([...codes].sort())
      }),
    )

    it.each(tried(SINGLES))('$what: $code', async ({ code, how }) => {
      expect(await codesAfter(how(books), { statements: books.statements })).toContain(code)
    })

    it('the rule of an older version was changed after decks were dealt by it', async () => {
      const keep = (rule: object) => `
        delete from campaign_versions where campaign_id = '${books.older.campaignId}' and version = 1;
        insert into campaign_versions (campaign_id, version, content, made_by, approved_by, approved_at)
        values ('${books.older.campaignId}', 1, '${JSON.stringify({ rule })}', 'maker', 'checker', 0)`
      const { rule } = books.older
      await takenBack(sql, async (inside) => {
        await behind(inside, keep(rule))
        // The log knows of no such version; its rule is the one that the decks were dealt by.
        const put = await look({ on: inside })
        expect(codesOf(put)).toEqual(['approval-wrong'])
        expect(put.skipped).not.toContainEqual(expect.objectContaining({ reason: OLDER_RULE }))
        await behind(inside, keep({ ...rule, bandMinFen: rule.bandMinFen - 1 }))
        expect(codesOf(await look({ on: inside })).sort()).toEqual(['approval-wrong', 'deck-not-from-seed'])
      })
    })

    it('a deck does not follow from the key it should be dealt by', async () => {
      expect(codesOf(await look({ secret: Buffer.alloc(32, 8) }))).toEqual(['deck-seal-broken', 'deck-not-committed'])
    })

    it('a deck of which nothing was drawn is gone, and the sums are put right', () =>
      takenBack(sql, async (inside) => {
        const costFen = await undrawnDeck(inside, books, LAST_DAY)
        await chained(inside, LAST_DAY)
        expect(codesOf(await look({ on: inside }))).toEqual([])
        await behind(
          inside,
          `delete from decks where business_date = '${LAST_DAY}';
          update campaigns set committed_fen = committed_fen - ${costFen} where campaign_id = '${books.campaign.campaignId}'`,
        )
        expect(codesOf(await look({ on: inside }))).toEqual(['not-as-chained'])
      }))

    it('a last day is cut off with all that tells of it: beside what was given out', () =>
      takenBack(sql, async (inside) => {
        const { order, given } = await lastDay(inside)
        expect(codesOf(await look({ on: inside, given }))).toEqual([])
        await behind(inside, cutOff(order))
        expect(codesOf(await look({ on: inside }))).toEqual([])
        expect(codesOf(await look({ on: inside, given }))).toEqual(['seal-differs'])
      }))

    it('a last day is cut off, and the log still says that it was sealed', () =>
      takenBack(sql, async (inside) => {
        const { order } = await lastDay(inside)
        await behind(inside, cutOff(order, { log: false }))
        expect(codesOf(await look({ on: inside }))).toEqual(['seal-differs'])
      }))
  })

  it('proves nothing by a chain that is broken, and says so', async () => {
    const report = await takenBack(sql, async (inside) => {
      await behind(inside, 'update ledger_links set at = 0; update channel_requests set reply = null')
      return look({ on: inside })
    })
    expect(codesOf(report)).toEqual(['chain-broken'])
    expect(report.skipped).toContainEqual(expect.objectContaining({ what: 'books by their chain' }))
  })

  it('has a tampering for every code', () => {
    const several = [...TAMPERINGS, ...CHAIN_TAMPERINGS, ...BOOK_TAMPERINGS].flatMap((one) => one.codes)
    const all = new Set([...several, ...SINGLES.map(({ code }) => code)])
    expect(all).toEqual(new Set(Object.keys(AUDIT_CODES)))
  })

  it('sees that the bank’s statement is not the one that was reconciled, line by line', async () => {
    const [head, ...rest] = books.lines
    const changed = statementsOf({ [DATE]: [...rest.slice(0, -1), { ...rest.at(-1)!, channelTradeNo: 'x' }] })
    const report = await look({ statements: changed })
    expect(codesOf(report)).toEqual(['statement-changed'])
    expect(report.unfetched).toMatchObject([{ reason: expect.stringContaining('statement-not-ready') }])
    const other = statementsOf({ [DATE]: [head!, ...rest] }, 'b'.repeat(64))
    expect(codesOf(await look({ statements: other }))).toEqual(['statement-changed'])
  })

  it('changes nothing, even when it is given up half-way', async () => {
    const tables = (
      await run(`select tablename from pg_tables where schemaname = 'public' and tablename not like 'kysely%'`)
    ).map((row) => String((row as { tablename: string }).tablename))
    const fingerprint = () =>
      run(
        tables
          .map((t) => `select '${t}' as t, md5(string_agg(x::text, '' order by x::text)) from ${t} x`)
          .join(' union all '),
      )
    const before = await fingerprint()
    const abandoned = sqlAudit(sql, KEYS).look(async (view) => {
      for await (const _ of view.orders()) break
      throw new Error('enough')
    })
    await expect(abandoned).rejects.toThrow('enough')
    expect(codesOf(await look())).toEqual([])
    expect(await fingerprint()).toEqual(before)
  })
})

const missing = postgresMissing()
if (missing) console.warn(`the audit beside payments: ${missing}`)
const describeOnPostgres = missing ? describe.skip : describe

describeOnPostgres('the audit beside payments, on PostgreSQL', () => {
  let engine: TestSql
  beforeAll(async () => {
    engine = await startTestPostgres()
  })
  afterAll(() => engine?.stop())

  it('sees one moment, whatever is written while it looks', async () => {
    const sql = await engine.fresh()
    const ledger = sqlLedger(sql)
    for (let nth = 0; nth < 3; nth++) await ledger.openOrder(opening(newOrder()))
    const counts = await sqlAudit(sql, KEYS).look(async (view) => {
      const before = await view.size()
      await ledger.openOrder(opening(newOrder()))
      let orders = 0
      for await (const batch of view.orders()) orders += batch.length
      return [before.orders, orders]
    })
    expect(counts).toEqual([3, 3])
  })

  it('chains nothing before what somebody is still writing, so that nothing comes in between', async () => {
    const sql = await engine.fresh()
    const ledger = sqlLedger(sql)
    const order = newOrder()
    await ledger.openOrder(opening(order))
    const writer = await sql.pool.connect()
    await writer.query('begin')
    await writer.query(`insert into order_events (order_no, kind, at) values ('${order.orderNo}', 'noted', 1)`)
    await ledger.noteReply(order.orderNo, UNKNOWN, null, NOON)
    const chaining = chained(sql)
    await sleep(300) // one that doesn't wait is through by then, and found out
    await writer.query('commit')
    writer.release()
    expect((await chaining).links).toBeGreaterThan(0)
    const { violations, looked } = await audit({ books: sqlAudit(sql, KEYS), campaignSecret: () => SECRET })
    expect(violations).toEqual([])
    const parts = await sql.db
      .selectFrom('ledger_link_parts')
      .select('names')
      .where('kind', '=', 'order-event')
      .execute()
    expect([looked.links > 0, parts.flatMap(({ names }) => names)]).toEqual([
      true,
      [1, 2, 3].map((id) => expect.stringMatching(` ${id}$`)),
    ])
  })

  it('looks at six thousand orders a thousand at a time, keeps none that it has looked at, and tells how far it is', async () => {
    const sql = await engine.fresh({ max: 1, idleTimeoutMillis: 0 })
    const masters = masterKeys(SECRET)
    await fillLedger(sql, { orders: 6_000, days: 5, masters })
    const { books, kept } = watched(sqlAudit(sql, auditKeys(masters)))
    const seen: { done: number; kept: number }[] = []
    const { violations, looked } = await audit({
      books,
      ...deckKeys(masters),
      onProgress({ step, done, total }) {
        if (step === 'orders' && total === 6_000) seen.push({ done, kept: kept() })
      },
    })
    expect(violations).toEqual([])
    expect(looked).toMatchObject({ orders: 6_000, decks: 300, refunds: 60, statements: 5, links: 8 })
    expect(seen.map(({ done }) => done)).toEqual(Array.from({ length: 7 }, (_, nth) => nth * 1_000))
    expect(Math.max(...seen.map((at) => at.kept))).toBeLessThanOrEqual(2_000) // the one in hand, and the one before it
  })
})

/** The same books, and how many of the orders that they handed out are still held by anybody. */
function watched(books: AuditBooks): { books: AuditBooks; kept(): number } {
  const handed: WeakRef<object>[] = []
  const orders = async function* (view: AuditView) {
    for await (const batch of view.orders()) {
      handed.push(...batch.map((order) => new WeakRef(order)))
      yield batch
    }
  }
  return {
    books: { look: (inside) => books.look((view) => inside({ ...view, orders: () => orders(view) })) },
    kept() {
      collectGarbage()
      return handed.filter((order) => order.deref() !== undefined).length
    },
  }
}
