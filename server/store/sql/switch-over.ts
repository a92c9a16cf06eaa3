import { type ClientBase, DatabaseError, type Pool, type PoolClient } from 'pg'
import { LedgerUnavailable } from '../../flow/ports'
import { isBroken } from './errors'

/**
 * Another server takes the place of the ledger's: a standby is promoted, an address moves. Connections that are open then lead to the one
 * before for as long as they live, which answers each write with 25006 and reads as of then, or hangs. So the first that meets it ends
 * all that were made before it, idle ones and, as soon as they are given back, busy ones; the next are made anew, to whoever is there now.
 */

/** The server at DATABASE_URL reads and doesn't write. */
export class TakesNoWrites extends LedgerUnavailable {
  override name = 'TakesNoWrites'
  constructor(why: 'standby' | 'read-only') {
    super(
      why === 'standby'
        ? 'DATABASE_URL leads to a standby, which takes no writes (docs/OPERATIONS.md#a-standby-takes-over)'
        : 'DATABASE_URL leads to a database whose transactions are read-only (docs/OPERATIONS.md#a-standby-takes-over)',
    )
  }
}

/** What a server says of itself when a connection is made, as columns. */
export interface Said {
  standby: boolean
  readOnly: boolean
  started: string
}

/** When the server began, which tells one from another. */
export const STARTED = 'extract(epoch from pg_postmaster_start_time())::text'

/** SQL for {@link Said}. */
export const SAID = `pg_is_in_recovery() as standby, current_setting('transaction_read_only') = 'on' as "readOnly", ${STARTED} as started`

/** The server was told to end, or crashed; or it takes no writes any more. What is only slow is none of it. */
const OVER = /^(25006|57P01|57P02|08...)$/
/** As node and pg say that a connection was cut. */
const CUT = /^(ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/
const ENDED = /^(Connection terminated|Client has encountered a connection error)/

/** Of all pools of a process on one ledger. */
export interface SwitchOver {
  /** A connection was made. `reads`: it is asked for nothing else. @throws TakesNoWrites unless it may be used */
  made(client: ClientBase, said: Said, reads?: boolean): void
  /** A statement says at which server it ran; behind a pooler no connection of ours need end for it to be another. */
  seen(started: string): void
  /** A connection met an error. */
  met(client: ClientBase, error: unknown): void
  /** Whether it leads to what was there before. */
  isOver(client: ClientBase): boolean
  /** How often it may have become another server, from 0: what was known of the one before is to be held against this one. */
  doubts(): number
}

/** `onOver` is told once of each time, not of each connection. */
export function switchOver(onOver: (why: 'refused' | 'another') => void = () => {}): SwitchOver {
  /** of a connection, after how many ends it was made */
  const madeAfter = new WeakMap<ClientBase, number>()
  let [ends, known] = [0, '']
  function seen(started: string): void {
    const another = known !== '' && started !== known
    known = started
    if (!another) return
    ends++
    onOver('another')
  }
  return {
    made(client, { standby, readOnly, started }, reads = false) {
      if (!reads && (standby || readOnly)) throw new TakesNoWrites(standby ? 'standby' : 'read-only')
      seen(started)
      madeAfter.set(client, ends)
    },
    seen,
    met(client, error) {
      if (madeAfter.get(client) !== ends || !isOverBy(error)) return
      ends++
      onOver('refused')
    },
    isOver: (client) => madeAfter.get(client) !== ends,
    doubts: () => ends,
  }
}

function isOverBy(error: unknown): boolean {
  if (error instanceof DatabaseError) return OVER.test(error.code ?? '')
  const { code = '', message = '' } = (error ?? {}) as { code?: string; message?: string }
  return CUT.test(code) || ENDED.test(message)
}

/** Who lends connections: the pool, or whoever stands in front of it. */
export interface Lender {
  connect(): Promise<PoolClient>
  /** A statement failed on it. True: it can't be used again. */
  failed(client: PoolClient, error: unknown): boolean
  end(): Promise<void>
}

/** Lends the pool's, but none that is over: those are ended when they are met, or given back. */
export function lenderOf(pool: Pool, over: SwitchOver): Lender {
  return {
    async connect() {
      for (;;) {
        const client = await pool.connect()
        const release = client.release
        client.release = (error) => release.call(client, error || over.isOver(client))
        if (!over.isOver(client)) return client
        client.release()
      }
    },
    failed(client, error) {
      over.met(client, error)
      return isBroken(error)
    },
    end: () => pool.end(),
  }
}
