import type { WatchedFeed } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'
import { STARTED } from '../switch-over'
import {
  earliest,
  isBefore,
  nextAfter,
  type OutboxRow,
  type Position,
  positionOf,
  type Readers,
  readersOf,
} from './feed-readers'

export interface FeedOptions {
  /** How often to look for what other processes committed, ms. */
  pollMs: number
  /** How long something may keep events back before the feed calls itself behind, ms. */
  patienceMs?: number
  /** Polling failed (it goes on) or a subscriber threw (the others are served). */
  onError?: (error: unknown) => void
}

/** A page says within ten seconds that it isn't live, and the poll and the telling take some of them. */
const PATIENCE_MS = 4_000

/**
 * Below it every transaction of this database has ended and shows. A snapshot's own xmin counts the transactions of all
 * databases of the server: somebody else's, left open, would hold it back for as long as it lasts. One that nobody is seen
 * to run any more counts as ours, and is gone from the next snapshot. (`order by`: xid8 has a `min` only from 16 on.)
 */
const HORIZON_SQL = `
  select ${STARTED} as started, pg_snapshot_xmax(s) as xmax, coalesce((
    select x from pg_snapshot_xip(s) as x
    where not exists (
      select from pg_stat_activity a
      where a.backend_xid = x::xid and a.datid <> (select oid from pg_database where datname = current_database())
    ) and not exists (
      select from pg_prepared_xacts p where p.transaction = x::xid and p.database <> current_database()
    )
    order by x limit 1
  ), pg_snapshot_xmax(s)) as horizon
  from pg_current_snapshot() as s`

/** `xmax`, and `horizon`: below it everything has ended; of the server that `started` then. */
export const HORIZON: Statement = { name: 'feed-horizon', text: HORIZON_SQL }

/**
 * $1, $2 where everybody is, $3 rows, $4 the only merchants that anybody reads, or null where they are many. Only rows of transactions below
 * the horizon: every transaction below it has ended and shows, so nothing can appear behind a row that was delivered, in whatever order ids
 * were given out and transactions committed. (A long transaction of this database that writes holds the horizon back: `held` says that
 * something committed waits for it.) It costs what is new, by the index of a row's position, and not what is read.
 */
const POLL: Statement = {
  name: 'feed-poll',
  text: `
    with h as materialized (${HORIZON_SQL})
    select h.started, h.xmax, h.horizon, o.merchant_code, o.xid, o.id, o.order_no, (
      select w.xid from outbox w
      where w.xid >= h.horizon and ($4::text[] is null or w.merchant_code = any($4::text[]))
      order by w.xid limit 1
    ) is not null as held
    from h
    left join lateral (
      select o.merchant_code, o.xid, o.id, o.order_no from outbox o
      where (o.xid, o.id) >= ($1::xid8, $2::bigint) and o.xid < h.horizon
        and ($4::text[] is null or o.merchant_code = any($4::text[]))
      order by o.xid, o.id
      limit $3::integer
    ) o on true
    order by o.xid, o.id`,
}

/**
 * $1–$3 merchants and where each is, $4 rows a merchant: what lies behind who came, below the horizon too. In the order of merchants, so that the
 * index that has them is gone by: that of a row's position alone would lead through all others' rows.
 */
const CATCH_UP: Statement = {
  name: 'feed-catch-up',
  text: `
    with h as materialized (${HORIZON_SQL})
    select h.started, h.xmax, h.horizon, o.merchant_code, o.xid, o.id, o.order_no
    from h
    left join lateral (
      select o.merchant_code, o.xid, o.id, o.order_no
      from unnest($1::text[], $2::xid8[], $3::bigint[]) as s(merchant_code, xid, id)
      cross join lateral (
        select o.merchant_code, o.xid, o.id, o.order_no from outbox o
        where (o.merchant_code, o.xid, o.id) >= (s.merchant_code, s.xid, s.id) and o.merchant_code <= s.merchant_code and o.xid < h.horizon
        order by o.merchant_code, o.xid, o.id
        limit $4::integer
      ) o
    ) o on true
    order by o.xid, o.id`,
}

interface Counted {
  started: string
  xmax: string
  horizon: string
}

/** Rows of the outbox, or one of nulls beside what was counted when there is none. */
type Polled = Counted & (OutboxRow | { merchant_code: null })
const rowsOf = (polled: readonly Polled[]): OutboxRow[] =>
  polled.flatMap((row) => (row.merchant_code === null ? [] : [row]))

/** Rows of a poll, and of each merchant behind whose pages something lies. */
const ROWS = 1_000
const BATCH = 200
/** Merchants that are caught up with at once. */
const CAUGHT_UP = 500
/** With so few to read for, other merchants' rows stay where they are. */
const FEW = 100

/**
 * The {@link WatchedFeed} from the outbox. Events of a merchant come in one order that is the same for every reader, none lost and
 * none twice; their cursor is `<xid>-<id>`. One poll serves all merchants that have subscribers, at the cost of what is new; nobody polls for none.
 * "From now" may begin with what committed in the instant before. A cursor that isn't one of this database's counts as none.
 * `subscribe` throws LedgerUnavailable; later failures only delay.
 */
export function outboxFeed(
  sql: Sql,
  { pollMs, patienceMs = PATIENCE_MS, onError }: FeedOptions,
): WatchedFeed & { lag(): { ms: number; readers: number }; stop(): Promise<void> } {
  const readers = readersOf(onError)
  let timer: NodeJS.Timeout | undefined
  let polling: Promise<void> | undefined
  let again = false
  let stopped = false
  const progress: Progress = { told: START, horizon: 0n, at: performance.now(), xmax: 0n, started: '', movedAt: null }

  function nudge() {
    clearTimeout(timer)
    if (polling) {
      again = true
      return
    }
    if (stopped || readers.count() === 0) return
    again = false
    polling = look(sql, readers, progress)
      .catch((error) => {
        onError?.(error)
        return false
      })
      .then((more) => {
        polling = undefined
        if (more || again) nudge()
        else if (!stopped && readers.count() > 0) timer = setTimeout(nudge, pollMs)
      })
  }

  return {
    nudge,
    behind() {
      if (readers.count() === 0) return false
      return isWithin(patienceMs, progress.movedAt) || !isWithin(pollMs + patienceMs, progress.at)
    },
    /** how long ago everything committed was told, ms; 0 while nobody reads */
    lag: () => ({ ms: readers.count() > 0 ? performance.now() - progress.at : 0, readers: readers.count() }),
    async subscribe(merchantCode, after, onEvent) {
      const [row] = await sql.run<Counted>(HORIZON, [])
      const { started, horizon, xmax } = row!
      const next = nextAfter(after, BigInt(horizon), BigInt(xmax))
      const reader = { merchantCode, next, started, live: false, onEvent }
      // Nobody polls for none, so whoever comes first begins anew: by now it may be another server, whose transactions have lower numbers.
      if (readers.count() === 0) Object.assign(progress, { at: performance.now(), horizon: 0n, xmax: 0n, started: '' })
      readers.add(reader)
      nudge()
      return () => {
        readers.remove(reader)
        if (readers.count() === 0) clearTimeout(timer)
      }
    },
    async stop() {
      stopped = true
      readers.clear()
      clearTimeout(timer)
      await polling
    },
  }
}

const START: Position = { xid: 0n, id: 0n }

/** When the feed last had everything told, or got on with it: on a busy server something is always just being committed. */
interface Progress {
  /** where everybody who is live goes on: they were told all that lies before it */
  told: Position
  horizon: bigint
  at: number
  /** of the last poll: a server counts its transactions upwards */
  xmax: bigint
  started: string
  /** when another was found at its address */
  movedAt: number | null
}

const isWithin = (ms: number, at: number | null) => at !== null && performance.now() - at <= ms

/**
 * At the server's address there may be another by now, a standby that lagged or a copy of some time ago, or the same after a crash: its
 * transactions have numbers that were told of already. Everybody goes on from where it is. What was committed there before may never be
 * told: for as long as pages need to hear it the feed is behind, so that they look for themselves.
 */
function goAlong(progress: Progress, readers: Readers, { started, ...counted }: Counted): void {
  const [xmax, horizon] = [BigInt(counted.xmax), BigInt(counted.horizon)]
  const known = progress.started !== ''
  const moved = known && (started !== progress.started || xmax < progress.xmax)
  const now = { xid: horizon, id: 0n }
  if (moved) {
    Object.assign(progress, { horizon, movedAt: performance.now() })
    if (isBefore(now, progress.told)) progress.told = now
  }
  Object.assign(progress, { started, xmax })
  const go = (one: { next: Position; started: string }) => {
    one.started = started
    if (isBefore(now, one.next)) one.next = now
  }
  if (moved) readers.each(go)
  else for (const one of readers.behind) if (one.started !== started) go(one)
}

/** True when there is more to be told at once. */
async function look(sql: Sql, readers: Readers, progress: Progress): Promise<boolean> {
  const left = readers.behind.size > 0 && (await catchUp(sql, readers, progress))
  const more = readers.anyLive() && (await poll(sql, readers, progress))
  return left || more
}

/** Tells those who came what lies behind them; who is where everybody is goes on with them. True: some aren't yet. */
async function catchUp(sql: Sql, readers: Readers, progress: Progress): Promise<boolean> {
  const asked = earliest(readers.behind, CAUGHT_UP)
  const starts = [...asked.values()]
  const values = [[...asked.keys()], starts.map((at) => String(at.xid)), starts.map((at) => String(at.id)), BATCH]
  const rows = await sql.run<Polled>(CATCH_UP, values)
  goAlong(progress, readers, rows[0]!)
  const horizon = { xid: BigInt(rows[0]!.horizon), id: 0n }
  // Nobody was told anything, so nobody misses what lies before.
  if (!readers.anyLive()) Object.assign(progress, { told: horizon, at: performance.now() })
  const found = new Map<string, OutboxRow[]>([...asked.keys()].map((merchantCode) => [merchantCode, []]))
  for (const row of rowsOf(rows)) found.get(row.merchant_code)!.push(row)
  for (const reader of readers.behind) {
    const start = asked.get(reader.merchantCode)
    // One who came meanwhile wasn't asked for, or only from a later place: its turn is the next look.
    if (!start || isBefore(reader.next, start)) continue
    const events = found.get(reader.merchantCode)!
    for (const row of events) readers.deliver(reader, row, positionOf(row))
    if (events.length === BATCH) continue
    if (isBefore(reader.next, horizon)) reader.next = horizon
    if (!isBefore(reader.next, progress.told)) readers.goLive(reader)
  }
  return readers.behind.size > 0
}

/** One look for all who are live; true when a full batch says that there is more. */
async function poll(sql: Sql, readers: Readers, progress: Progress): Promise<boolean> {
  const from = progress.told
  const only = readers.merchantCount() <= FEW ? readers.merchants() : null
  const rows = await sql.run<Polled & { held: boolean }>(POLL, [String(from.xid), String(from.id), ROWS, only])
  goAlong(progress, readers, rows[0]!)
  const horizon = { xid: BigInt(rows[0]!.horizon), id: 0n }
  if (!rows[0]!.held || horizon.xid > progress.horizon) progress.at = performance.now()
  if (horizon.xid > progress.horizon) progress.horizon = horizon.xid
  // Another server's: from where it is now on, it is asked anew.
  if (isBefore(progress.told, from)) return true
  const events = rowsOf(rows)
  for (const row of events) readers.tell(row)
  if (events.length === ROWS) {
    const last = positionOf(events.at(-1)!)
    progress.told = { xid: last.xid, id: last.id + 1n }
    return true
  }
  if (isBefore(progress.told, horizon)) progress.told = horizon
  return false
}
