import { DatabaseError } from 'pg'
import { LedgerBusy, LedgerUnavailable } from '../../flow/ports'

/** What node says when a host can't be reached or hangs up; `ENOENT` is a unix socket that isn't there. */
const SOCKET_CODES = new Set(
  'ECONNREFUSED ECONNRESET ECONNABORTED EPIPE ETIMEDOUT ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH ENOENT'.split(' '),
)

/**
 * What PostgreSQL says when it can't serve just now: connection exceptions (08), insufficient resources (53), operator
 * intervention (57: shutdown, crash, starting up, statement timeout), lock not available, read-only after a failover.
 */
const SQL_STATES = /^(08...|53...|57...|55P03|25006)$/

/** pg's own errors carry no code. A client whose query timed out is still busy with it, so it counts as lost too. */
const CLIENT_MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Cannot use a pool after calling end|Client was closed)/

/** True when the database couldn't be reached or couldn't serve; whether the statement took effect is then unknown. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof DatabaseError) return SQL_STATES.test(error.code ?? '')
  if (typeof error !== 'object' || error === null) return false
  // by shape and not `instanceof Error`: node's own errors may come from another realm, as they do under jest
  const { code = '', message = '', errors = [] } = error as { code?: string; message?: string; errors?: unknown[] }
  return SOCKET_CODES.has(code) || CLIENT_MESSAGES.test(message) || errors.some(isUnavailable) // one per address tried
}

/** The connection can't be used again, whatever happened to the statement. */
export function isBroken(error: unknown): boolean {
  return !(error instanceof DatabaseError) || /^(08|57P)/.test(error.code ?? '')
}

/** It was given up so that another could go on, a deadlock or a change it didn't see; nothing of it took effect. */
export function isVictim(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === '40P01' || error.code === '40001')
}

/** Every error of the driver passes here once: {@link LedgerUnavailable} with its cause, or the error itself. */
export function translated(error: unknown): unknown {
  if (error instanceof LedgerUnavailable || !isUnavailable(error)) return error
  const busy = busyWith(error)
  return busy
    ? new LedgerBusy(busy, { cause: error })
    : new LedgerUnavailable('the ledger cannot be reached', { cause: error })
}

/** A statement that the server or we gave up, or a pool whose connections were all lent out. */
function busyWith(error: unknown): LedgerBusy['why'] | undefined {
  const { code, message = '' } = error as { code?: string; message?: string }
  if (code === '57014' || message.startsWith('Query read timeout')) return 'too-long'
  return message.startsWith('timeout exceeded when trying to connect') ? 'too-many' : undefined
}

/** The constraint that refused the statement, when one of this kind did. */
export function violated(error: unknown, kind: keyof typeof VIOLATIONS): string | undefined {
  return error instanceof DatabaseError && error.code === VIOLATIONS[kind] ? error.constraint : undefined
}

const VIOLATIONS = { unique: '23505', check: '23514', 'foreign-key': '23503' }

/** Somebody has it for longer than one waits. */
export const LOCK_NOT_AVAILABLE = '55P03'

/** The server takes no writes, as a standby does; nothing of the transaction took effect. */
export const READ_ONLY = '25006'

/** What PostgreSQL said, also where it was translated. */
export function codeOf(error: unknown): string | undefined {
  if (error instanceof DatabaseError) return error.code
  const { cause } = (error ?? {}) as { cause?: unknown }
  return cause instanceof DatabaseError ? cause.code : undefined
}
