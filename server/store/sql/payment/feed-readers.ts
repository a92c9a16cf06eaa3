import type { FeedEvent } from '../../../flow/ports'

/** The first outbox row not yet delivered: those of earlier transactions, and lower ids of this one, are done. */
export interface Position {
  xid: bigint
  id: bigint
}

export interface Reader {
  merchantCode: string
  next: Position
  /** of which server `next` is, by when it began */
  started: string
  /** it was told all that lies before where everybody is, and is told with the others from there; `next` is then where its own last event was */
  live: boolean
  onEvent(event: FeedEvent): void
}

/** A row of the outbox. xid8 stays text: it is 64 bits, unsigned. */
export interface OutboxRow {
  merchant_code: string
  xid: string
  id: number
  order_no: string
}

export const positionOf = ({ xid, id }: OutboxRow): Position => ({ xid: BigInt(xid), id: BigInt(id) })

/**
 * Who reads, by merchant, so that a row finds its readers however many there are. One who comes is told what lies behind it first, and then
 * goes along with the others.
 */
export function readersOf(onError: ((error: unknown) => void) | undefined) {
  const ofMerchant = new Map<string, Set<Reader>>()
  const behind = new Set<Reader>()
  let count = 0
  let live = 0

  function deliver(to: Reader, row: OutboxRow, at: Position) {
    if (isBefore(at, to.next) || !ofMerchant.get(to.merchantCode)?.has(to)) return
    to.next = { xid: at.xid, id: at.id + 1n }
    try {
      to.onEvent({ cursor: `${at.xid}-${at.id}`, orderNo: row.order_no })
    } catch (error) {
      onError?.(error)
    }
  }

  return {
    count: () => count,
    anyLive: () => live > 0,
    /** those who aren't live yet */
    behind: behind as ReadonlySet<Reader>,
    merchants: () => [...ofMerchant.keys()],
    merchantCount: () => ofMerchant.size,
    deliver,
    add(reader: Reader) {
      const beside = ofMerchant.get(reader.merchantCode)
      if (beside) beside.add(reader)
      else ofMerchant.set(reader.merchantCode, new Set([reader]))
      behind.add(reader)
      count++
    },
    remove(reader: Reader) {
      const beside = ofMerchant.get(reader.merchantCode)
      if (!beside?.delete(reader)) return
      if (beside.size === 0) ofMerchant.delete(reader.merchantCode)
      behind.delete(reader)
      count--
      if (reader.live) live--
    },
    goLive(reader: Reader) {
      if (!behind.delete(reader)) return
      reader.live = true
      live++
    },
    /** A row to all of its merchant's who are live. */
    tell(row: OutboxRow) {
      const at = positionOf(row)
      for (const reader of ofMerchant.get(row.merchant_code) ?? []) if (reader.live) deliver(reader, row, at)
    },
    each(work: (reader: Reader) => void) {
      for (const readers of ofMerchant.values()) for (const reader of readers) work(reader)
    },
    clear() {
      ofMerchant.clear()
      behind.clear()
      count = 0
      live = 0
    },
  }
}

export type Readers = ReturnType<typeof readersOf>

/** Where the reader of each merchant is that is furthest behind, of so many merchants. */
export function earliest(readers: Iterable<Reader>, most: number): Map<string, Position> {
  const starts = new Map<string, Position>()
  for (const { merchantCode, next } of readers) {
    const start = starts.get(merchantCode)
    if (start ? isBefore(next, start) : starts.size < most) starts.set(merchantCode, next)
  }
  return starts
}

export function isBefore(a: Position, b: Position): boolean {
  return a.xid === b.xid ? a.id < b.id : a.xid < b.xid
}

const CURSOR = /^(\d{1,19})-(\d{1,18})$/

/** Nothing beyond `xmax` has begun: a cursor from there is of another database. */
export function nextAfter(cursor: string | undefined, horizon: bigint, xmax: bigint): Position {
  const now = { xid: horizon, id: 0n }
  const [, xid, id] = CURSOR.exec(cursor ?? '') ?? []
  if (xid === undefined || id === undefined) return now
  const next = { xid: BigInt(xid), id: BigInt(id) + 1n }
  return next.xid < xmax ? next : now
}
