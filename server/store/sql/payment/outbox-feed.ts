import type { FeedEvent, WatchedFeed } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'

export interface FeedOptions {
  /** How often to look for what other processes committed, ms. */
  pollMs: number
  /** How long something may keep events back before the feed calls itself behind, ms. */
  patienceMs?: number
  /** Polling failed (it goes on) or a subscriber threw (the others are served). */
  onError?: (error: unknown) => void
}

/** The first outbox row not yet delivered: those of earlier transactions, and lower ids of this one, are done. */
interface Position {
  xid: bigint
  id: bigint
}

interface Subscriber {
  merchantCode: string
  next: Position
  /** of which server `next` is, by when it began */
  started: string
  onEvent(event: FeedEvent): void
}

/** A page says within ten seconds that it isn't live, and the poll and the telling take some of them. */
const PATIENCE_MS = 4_000

/** When the server began, which tells one from another. */
export const STARTED = 'extract(epoch from pg_postmaster_start_time())::text'

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
 * $1–$3 merchants and where each is, $4 rows a merchant. Only rows of transactions below the horizon: every transaction
 * below it has ended and shows, so nothing can appear behind a row that was delivered, in whatever order ids were given out
 * and transactions committed. (A long transaction of this database that writes holds the horizon back: `held` says that
 * something committed waits for it.)
 */
const POLL: Statement = {
  name: 'feed-poll',
  text: `
    with h as materialized (${HORIZON_SQL})
    select h.started, h.xmax, h.horizon, o.merchant_code, o.xid, o.id, o.order_no,
      exists (
        select from unnest($1::text[]) as m(merchant_code) join outbox w using (merchant_code) where w.xid >= h.horizon
      ) as held
    from h
    left join lateral (
      select o.merchant_code, o.xid, o.id, o.order_no
      from unnest($1::text[], $2::xid8[], $3::bigint[]) as s(merchant_code, xid, id)
      cross join lateral (
        select o.merchant_code, o.xid, o.id, o.order_no from outbox o
        where o.merchant_code = s.merchant_code and (o.xid, o.id) >= (s.xid, s.id) and o.xid < h.horizon
        order by o.xid, o.id
        limit $4::integer
      ) o
    ) o on true
    order by o.xid, o.id`,
}

/** xid8 stays text: it is 64 bits, unsigned. */
interface Counted {
  started: string
  xmax: string
  horizon: string
}

/** A row of the outbox, or of nulls beside what was counted when there is none. */
interface PolledRow extends Counted {
  held: boolean
  merchant_code: string | null
  xid: string
  id: number
  order_no: string
}

const BATCH = 200

/**
 * The {@link WatchedFeed} from the outbox. Events of a merchant come in one order that is the same for every reader, none lost and
 * none twice; their cursor is `<xid>-<id>`. One poll serves all merchants that have subscribers, and nobody polls for none.
 * "From now" may begin with what committed in the instant before. A cursor that isn't one of this database's counts as none.
 * `subscribe` throws LedgerUnavailable; later failures only delay.
 */
export function outboxFeed(
  sql: Sql,
  { pollMs, patienceMs = PATIENCE_MS, onError }: FeedOptions,
): WatchedFeed & { lag(): { ms: number; readers: number }; stop(): Promise<void> } {
  const subscribers = new Set<Subscriber>()
  let timer: NodeJS.Timeout | undefined
  let polling: Promise<void> | undefined
  let again = false
  let stopped = false
  const progress: Progress = { horizon: 0n, at: performance.now(), xmax: 0n, started: '', movedAt: null }

  function nudge() {
    clearTimeout(timer)
    if (polling) {
      again = true
      return
    }
    if (stopped || subscribers.size === 0) return
    again = false
    polling = poll(sql, subscribers, progress, onError)
      .catch((error) => {
        onError?.(error)
        return false
      })
      .then((more) => {
        polling = undefined
        if (more || again) nudge()
        else if (!stopped && subscribers.size > 0) timer = setTimeout(nudge, pollMs)
      })
  }

  return {
    nudge,
    behind() {
      if (subscribers.size === 0) return false
      return isWithin(patienceMs, progress.movedAt) || !isWithin(pollMs + patienceMs, progress.at)
    },
    /** how long ago everything committed was told, ms; 0 while nobody reads */
    lag: () => ({ ms: subscribers.size > 0 ? performance.now() - progress.at : 0, readers: subscribers.size }),
    async subscribe(merchantCode, after, onEvent) {
      const [row] = await sql.run<Counted>(HORIZON, [])
      const { started, horizon, xmax } = row!
      const subscriber = { merchantCode, next: nextAfter(after, BigInt(horizon), BigInt(xmax)), started, onEvent }
      // Nobody polls for none, so whoever comes first begins anew.
      if (subscribers.size === 0) Object.assign(progress, { at: performance.now(), xmax: 0n, started: '' })
      subscribers.add(subscriber)
      nudge()
      return () => {
        subscribers.delete(subscriber)
        if (subscribers.size === 0) clearTimeout(timer)
      }
    },
    async stop() {
      stopped = true
      subscribers.clear()
      clearTimeout(timer)
      await polling
    },
  }
}

/** When the feed last had everything told, or got on with it: on a busy server something is always just being committed. */
interface Progress {
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
function goAlong(progress: Progress, subscribers: Set<Subscriber>, { started, ...counted }: Counted): void {
  const [xmax, horizon] = [BigInt(counted.xmax), BigInt(counted.horizon)]
  const known = progress.started !== ''
  const moved = known && (started !== progress.started || xmax < progress.xmax)
  if (moved) Object.assign(progress, { horizon, movedAt: performance.now() })
  Object.assign(progress, { started, xmax })
  const now = { xid: horizon, id: 0n }
  for (const one of subscribers) {
    if (!moved && one.started === started) continue
    one.started = started
    if (before(now, one.next)) one.next = now
  }
}

/** One round of all subscribed merchants; true when a full batch says that there is more. */
async function poll(
  sql: Sql,
  subscribers: Set<Subscriber>,
  progress: Progress,
  onError: FeedOptions['onError'],
): Promise<boolean> {
  const asked = earliest(subscribers)
  const starts = [...asked.values()]
  const values = [[...asked.keys()], starts.map((at) => String(at.xid)), starts.map((at) => String(at.id)), BATCH]
  const rows = await sql.run<PolledRow>(POLL, values)
  const horizon = { xid: BigInt(rows[0]!.horizon), id: 0n }
  goAlong(progress, subscribers, rows[0]!)
  if (!rows[0]!.held || horizon.xid > progress.horizon) progress.at = performance.now()
  if (horizon.xid > progress.horizon) progress.horizon = horizon.xid
  let more = false
  for (const subscriber of subscribers) {
    const { merchantCode } = subscriber
    // one who subscribed meanwhile wasn't asked for, or only from a later place: its turn is the next poll
    const start = asked.get(merchantCode)
    if (!start || before(subscriber.next, start)) {
      more = true
      continue
    }
    const events = rows.filter((row) => row.merchant_code === merchantCode)
    for (const row of events) deliver(subscribers, subscriber, row, onError)
    if (events.length === BATCH) more = true
    else if (before(subscriber.next, horizon)) subscriber.next = horizon
  }
  return more
}

function deliver(subscribers: Set<Subscriber>, to: Subscriber, row: PolledRow, onError: FeedOptions['onError']) {
  const at = { xid: BigInt(row.xid), id: BigInt(row.id) }
  if (before(at, to.next) || !subscribers.has(to)) return
  to.next = { xid: at.xid, id: at.id + 1n }
  try {
    to.onEvent({ cursor: `${at.xid}-${at.id}`, orderNo: row.order_no })
  } catch (error) {
    onError?.(error)
  }
}

/** Each merchant's subscriber that is furthest behind. */
function earliest(subscribers: Iterable<Subscriber>): Map<string, Position> {
  const starts = new Map<string, Position>()
  for (const { merchantCode, next } of subscribers) {
    const start = starts.get(merchantCode)
    if (!start || before(next, start)) starts.set(merchantCode, next)
  }
  return starts
}

function before(a: Position, b: Position): boolean {
  return a.xid === b.xid ? a.id < b.id : a.xid < b.xid
}

const CURSOR = /^(\d{1,19})-(\d{1,18})$/

/** Nothing beyond `xmax` has begun: a cursor from there is of another database. */
function nextAfter(cursor: string | undefined, horizon: bigint, xmax: bigint): Position {
  const now = { xid: horizon, id: 0n }
  const [, xid, id] = CURSOR.exec(cursor ?? '') ?? []
  if (xid === undefined || id === undefined) return now
  const next = { xid: BigInt(xid), id: BigInt(id) + 1n }
  return next.xid < xmax ? next : now
}
