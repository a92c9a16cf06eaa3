import pino, { type DestinationStream, type Logger, type LoggerOptions } from 'pino'

/**
 * The one log (JSON lines). Of an error it keeps what says what happened: drivers hang their connection on theirs, with its
 * secret key and whatever it was about to send.
 */
export function openLog(level: LoggerOptions['level'], to: DestinationStream | 'later' | 'at-once'): Logger {
  const destination = typeof to === 'string' ? pino.destination({ fd: 2, sync: to === 'at-once' }) : to
  return pino({ level, serializers: { err: told } }, destination)
}

/** Deep enough for an outage that a retry wrapped, and for the many errors of one sweep. */
const DEPTH = 4

function told(error: unknown, depth = DEPTH): unknown {
  // By shape: an error of another realm is none of ours.
  const { name, message, stack, code, errno, syscall, status, cause, errors } = (error ?? {}) as Record<string, unknown>
  if (typeof message !== 'string') return typeof error === 'object' ? String(error) : error
  return {
    type: name,
    message,
    stack,
    ...(code !== undefined && { code }),
    ...(errno !== undefined && { errno }),
    ...(syscall !== undefined && { syscall }),
    ...(status !== undefined && { status }),
    ...(cause !== undefined && depth > 0 && { cause: told(cause, depth - 1) }),
    ...(Array.isArray(errors) && depth > 0 && { errors: errors.slice(0, 10).map((one) => told(one, depth - 1)) }),
  }
}
