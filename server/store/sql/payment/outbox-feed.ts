import type { Feed, FeedEvent } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'

export interface FeedOptions {
  /** How often to look for what other processes committed, ms. */
  pollMs: number
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
  onEvent(event: FeedEvent): void
}

const HORIZON: Statement = { name: 'feed-horizon', text: 'select pg_snapshot_xmin(pg_current_snapshot()) as horizon' }

/**
 * $1–$3 merchants and where each is, $4 rows a merchant. Only rows of transactions below the horizon: every transaction
 * below it has ended and shows, so nothing can appear behind a row that was delivered, in whatever order ids were given out
 * and transactions committed. (A long transaction that writes, in any database of the server, holds the horizon back.)
 */
const POLL: Statement = {
  name: 'feed-poll',
  text: `
    select h.horizon, o.merchant_code, o.xid, o.id, o.order_no
    from (select pg_snapshot_xmin(pg_current_snapshot()) as horizon) h
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

/** A row of the outbox, or of nulls beside the horizon when there is none. xid8 stays text: it is 64 bits, unsigned. */
interface PolledRow {
  horizon: string
  merchant_code: string | null
  xid: string
  id: number
  order_no: string
}

const BATCH = 200

/**
 * The {@link Feed} from the outbox. Events of a merchant come in one order that is the same for every reader, none lost and
 * none twice; their cursor is `<xid>-<id>`. One poll serves all merchants that have subscribers, and nobody polls for none.
 * "From now" may begin with what committed in the instant before. A cursor that isn't one of this database's counts as none.
 * `subscribe` throws LedgerUnavailable; later failures only delay.
 */
export function outboxFeed(sql: Sql, { pollMs, onError }: FeedOptions): Feed & { stop(): Promise<void> } {
  const subscribers = new Set<Subscriber>()
  let timer: NodeJS.Timeout | undefined
  let polling: Promise<void> | undefined
  let again = false
  let stopped = false

  function nudge() {
    clearTimeout(timer)
    if (polling) {
      again = true
      return
    }
    if (stopped || subscribers.size === 0) return
    again = false
    polling = poll(sql, subscribers, onError)
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
    async subscribe(merchantCode, after, onEvent) {
      const [row] = await sql.run<{ horizon: string }>(HORIZON, [])
      const now = { xid: BigInt(row!.horizon), id: 0n }
      const subscriber = { merchantCode, next: nextAfter(after, now), onEvent }
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

/** One round of all subscribed merchants; true when a full batch says that there is more. */
async function poll(sql: Sql, subscribers: Set<Subscriber>, onError: FeedOptions['onError']): Promise<boolean> {
  const asked = earliest(subscribers)
  const starts = [...asked.values()]
  const values = [[...asked.keys()], starts.map((at) => String(at.xid)), starts.map((at) => String(at.id)), BATCH]
  const rows = await sql.run<PolledRow>(POLL, values)
  const horizon = { xid: BigInt(rows[0]!.horizon), id: 0n }
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

/** A row was delivered once it lay below the horizon, which never falls: a cursor beyond it is of another database. */
function nextAfter(cursor: string | undefined, now: Position): Position {
  const [, xid, id] = CURSOR.exec(cursor ?? '') ?? []
  if (xid === undefined || id === undefined) return now
  const next = { xid: BigInt(xid), id: BigInt(id) + 1n }
  return next.xid < now.xid ? next : now
}
