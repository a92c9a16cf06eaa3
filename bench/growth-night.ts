import type { PoolClient } from 'pg'
import { SIDE } from '../harness/filled-ledger'
import { DECKS_AT_ONCE } from '../harness/filled-street'
import { addDays, endOfBusinessDate } from '../server/domain/business-date'
import { deckKeys } from '../server/domain/key-ring'
import { amountsOf } from '../server/flow/deck/cards'
import { KEYS_KEPT_MS } from '../server/flow/payment/keys'
import type { DealtDeck } from '../server/flow/ports'
import { auditKeys } from '../server/store/sql/audit/audit'
import { sqlBooksChain } from '../server/store/sql/audit/books-chain'
import { sqlDecks } from '../server/store/sql/deck/decks'
import type { Sql } from '../server/store/sql/open-sql'
import { packBooks } from '../server/store/sql/payment/pack-books'
import { packPapers } from '../server/store/sql/payment/pack-papers'
import { sqlPayerDays } from '../server/store/sql/payment/payer-days'
import { sqlPersonCards } from '../server/store/sql/payment/person-cards'
import { pruneKeys } from '../server/store/sql/payment/prune-keys'
import { pruneOutbox } from '../server/store/sql/payment/prune-outbox'
import { sqlTraces } from '../server/store/sql/payment/traces'
import { packLines } from '../server/store/sql/reconcile/pack-lines'
import { sumDays } from '../server/store/sql/report/days'
import { type Filled, run } from './growth-days'

/** What runs after a day: closing, chain and seal, the bank's statement, sums, packing, pruning, forgetting, and VACUUM. */

/** Days for which rows are kept that aren't for ever (job/clear-traces.ts, scripts/prune.ts, config/callers.ts). */
export const KEPT = { payer_cards: 7, payer_days: 7, outbox: 30, traces: 90 }
const DAY_MS = 86_400_000
const AT_ONCE = 1_000

/** What VACUUM said of its tables. */
export interface Vacuumed {
  seconds: number
  /** of heaps, read for dead rows; and of indexes, where there were enough to look for */
  heapPages: number
  indexPages: number
  /** rows that were dead and are gone */
  rows: number
  /** pages of 8 KB that it touched, in memory or not */
  touched: number
}

export interface Night {
  /** ms, of all of it */
  ms: number
  /** ms, step by step */
  steps: Map<string, number>
  vacuum: Vacuumed
}

export async function night(sql: Sql, filled: Filled, date: string, traces = KEPT.traces): Promise<Night> {
  const began = performance.now()
  const at = endOfBusinessDate(date)
  const steps = new Map<string, number>()
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const from = performance.now()
    const done = await work()
    steps.set(name, performance.now() - from)
    return done
  }
  await step('decks', () => closeDay(sql, filled, date, at))
  await step('chain', () => chainDay(sql, filled, date, at))
  await step('statement', () => reconcileDay(sql, date))
  await step('sums', async () => {
    while ((await sumDays(sql, date, 20)) > 0);
  })
  await step('packing', async () => {
    for (let after: string | undefined = ''; after !== undefined; )
      after = (await packPapers(sql, addDays(date, 1), after)).next
    for (let after: string | undefined = ''; after !== undefined; ) after = (await packBooks(sql, after)).next
    for (let after: string | undefined = ''; after !== undefined; ) after = (await packLines(sql, after)).next
  })
  await step('pruning', async () => {
    while ((await sqlPersonCards(sql).forget(addDays(date, 1 - KEPT.payer_cards), AT_ONCE)) > 0);
    while ((await sqlPayerDays(sql).forget(addDays(date, 1 - KEPT.payer_days), AT_ONCE)) > 0);
    for (let pruned = await pruneKeys(sql, at - KEYS_KEPT_MS); pruned.next; )
      pruned = await pruneKeys(sql, at - KEYS_KEPT_MS, pruned.next)
    while ((await sqlTraces(sql).clear(at - traces * DAY_MS, AT_ONCE)) > 0);
    for (let more = true; more; ) {
      const pruned = await pruneOutbox(sql, at - KEPT.outbox * DAY_MS)
      if (pruned.kind !== 'pruned') throw new Error(`${pruned.expected - pruned.found} rows are missing`)
      more = pruned.more
    }
  })
  const vacuum = await step('vacuum', () => vacuumed(sql))
  return { ms: performance.now() - began, steps, vacuum }
}

async function closeDay(sql: Sql, { masters }: Filled, date: string, at: number): Promise<void> {
  const { campaignSecret } = deckKeys(masters)
  const decks = sqlDecks(sql)
  const open = (deck: DealtDeck) => amountsOf({ campaignSecret }, deck)
  while ((await decks.close(date, DECKS_AT_ONCE, at, open)) > 0);
  while ((await decks.takeBack(AT_ONCE)) > 0);
}

async function chainDay(sql: Sql, { masters }: Filled, date: string, at: number): Promise<void> {
  const chain = sqlBooksChain(sql, auditKeys(masters))
  for (let more = true; more; ) {
    const extended = await chain.extend(at, date)
    more = extended.kind === 'unsettled' || (extended.kind === 'linked' && extended.more)
  }
}

/** The bank's statement of the day is what we booked, so nothing comes of it. */
async function reconcileDay(sql: Sql, date: string): Promise<void> {
  await run(
    sql,
    `insert into statement_lines (channel, statement_date, line_no, kind, order_no, refund_no, channel_trade_no, booked_at, payer_fen, gl_fen,
       merchant_fen, gl_account, merchant_account, payer_tail)
     select 'bank', $1::date, row_number() over (order by booked_at, order_no, kind), l.* from (
       select 'clearing' as kind, o.order_no, null as refund_no, o.channel_trade_no, o.ended_at - 74 as booked_at, -o.payable_fen, -o.discount_fen,
         o.merchant_receives_fen, o.gl_account, o.merchant_account, right(o.payer_account, 4) from bench.made m join orders o using (order_no)
       union all
       select 'refund', r.order_no, r.refund_no, r.channel_refund_no, r.ended_at - 74, r.payer_fen, r.gl_fen, -r.merchant_fen, m.gl_account,
         m.merchant_account, right(m.payer_account, 4) from bench.made m join refunds r using (order_no)
     ) l order by 3`,
    [date],
  )
  await run(
    sql,
    `insert into reconciliations (channel, statement_date, sha256, bytes, lines, totals, started_at, held_until, matched_at, result)
     select 'bank', $1::date, encode(sha256(convert_to($1::text, 'UTF8')), 'hex'), count(*) * 170, count(*),
       jsonb_build_object('clearing', ${SIDE('clearing')}, 'refund', ${SIDE('refund')}), 0, 0, 1, '{"proven": true}'
     from statement_lines where channel = 'bank' and statement_date = $1::date`,
    [date],
  )
}

const FINISHED = /finished vacuuming "[^"]+\.public\.[^"]+"/
const numbers = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((found) => Number(found[1]))
const sum = (all: readonly number[]) => all.reduce((total, one) => total + one, 0)

async function vacuumed({ pool }: Sql): Promise<Vacuumed> {
  const client: PoolClient = await pool.connect()
  const said: string[] = []
  const hear = ({ message }: { message?: string | undefined }) => void said.push(message ?? '')
  client.on('notice', hear)
  const began = performance.now()
  try {
    const { rows } = await client.query<{ names: string }>(
      `select string_agg(oid::regclass::text, ', ') as names from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`,
    )
    await client.query(`vacuum (verbose, analyze) ${rows[0]!.names}`)
  } finally {
    client.off('notice', hear)
    client.release()
  }
  return { seconds: (performance.now() - began) / 1_000, ...vacuumSaid(said) }
}

/** Of the tables of ours, and what is beside their rows. */
export function vacuumSaid(said: readonly string[]): Omit<Vacuumed, 'seconds'> {
  const ours = said.filter((text) => FINISHED.test(text))
  const all = ours.join('\n')
  // One that found too few dead rows to look for reads no index.
  const searched = ours.filter((text) => !/index scans: 0/.test(text)).join('\n')
  return {
    heapPages: sum(numbers(all, /, (\d+) scanned/g)),
    indexPages: sum(numbers(searched, /index "[^"]+": pages: (\d+) in total/g)),
    rows: sum(numbers(all, /tuples: (\d+) removed/g)),
    touched: sum(numbers(all, /buffer usage: (\d+) hits/g)) + sum(numbers(all, /, (\d+) misses/g)),
  }
}
