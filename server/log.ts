import pino, { type DestinationStream, type Logger, type LoggerOptions } from 'pino'
import { seenInLog } from './sight/context'

/**
 * The one log (JSON lines), each line with the number of the request, or of the job's run, that it was written for. Of an error it keeps what
 * says what happened: drivers hang their connection on theirs, with its secret key and whatever it was about to send.
 */
export function openLog(level: LoggerOptions['level'], to: DestinationStream | 'later' | 'at-once'): Logger {
  const destination = typeof to === 'string' ? pino.destination({ fd: 2, sync: to === 'at-once' }) : to
  return pino({ level, mixin: seenInLog, serializers: { err: (error: unknown) => told(error) } }, destination)
}

/** Deep enough for an outage that a retry wrapped, and for the many errors of one sweep. */
const DEPTH = 4

/** Something that we need is away: where in our code that was noticed says nothing, and there is one for each who asks. By name: an error of another realm is one, too. */
const OUTAGES = /^(Slots|Ledger|Channel|Login|SignOn)Unavailable$|^LedgerBusy$|^WorkRefused$/

function told(error: unknown, depth = DEPTH, outage = false): unknown {
  // By shape: an error of another realm is none of ours.
  const { name, message, stack, code, errno, syscall, status, cause, errors } = (error ?? {}) as Record<string, unknown>
  if (typeof message !== 'string') return typeof error === 'object' ? String(error) : error
  const away = outage || (typeof name === 'string' && OUTAGES.test(name))
  return {
    type: name,
    message,
    ...(!away && { stack }),
    ...(code !== undefined && { code }),
    ...(errno !== undefined && { errno }),
    ...(syscall !== undefined && { syscall }),
    ...(status !== undefined && { status }),
    ...(cause !== undefined && depth > 0 && { cause: told(cause, depth - 1, away) }),
    ...(Array.isArray(errors) && depth > 0 && { errors: errors.slice(0, 10).map((one) => told(one, depth - 1, away)) }),
  }
}
