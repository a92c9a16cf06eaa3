import type { IncomingHttpHeaders } from 'node:http'
import { Pool } from 'undici'
import { NOT_SENT } from '../flow/ports'
import { connector, type TlsOptions } from './tls'

/** HTTP to a channel's counterpart: what every channel needs of it, whatever it signs. */

/** `not-sent`: no connection was made, so nobody can have seen it. After any other it may have been done. */
export type SendFailure = typeof NOT_SENT | 'timeout' | 'connection-lost' | 'reply-too-large'

export type Sent =
  /** not yet believed: whether it is the counterpart's word is the channel's to say */
  | { kind: 'answered'; status: number; headers: IncomingHttpHeaders; body: Buffer }
  | { kind: 'failed'; code: SendFailure; status: number | null }

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

export interface Wire {
  /** what a path begins with, as it stands on the wire and is signed: the base URL's own */
  prefix: string
  /** Sends once. Never throws for what the network or the other side does. */
  send(request: {
    method: Method
    /** with its prefix */
    path: string
    headers: Record<string, string>
    /** empty: none */
    body: string
  }): Promise<Sent>
  /** Waits for the calls in flight and closes the connections. */
  stop(): Promise<void>
}

/** Calls in flight at once; the next ones wait, inside their own deadline. A counterpart asks for a bound. */
const CONNECTIONS = 128
/** A reply has a few hundred bytes; more is not from a channel. */
const MAX_REPLY_BYTES = 64 * 1024

/**
 * The most that an idle connection is kept; less where the other side says it keeps one for less (two seconds before that), 4 s
 * where it says nothing. Far below what servers usually say, since undici counts ticks of half a second, which come late on a busy
 * machine. A pay that meets a closing connection all the same is unknown, and never sent again.
 */
const IDLE_MS = 10_000

export interface WireOptions extends TlsOptions {
  baseUrl: string
  /** one call in all */
  timeoutMs: number
  /** the number under which the other side says that it logs a call: what its people ask for */
  onTheirs?: ((number: string) => void) | undefined
}

/** WeChat Pay's; Alipay's; and the bank's, or of what stands before any of them. */
const THEIRS = ['request-id', 'trace_id', 'alipay-trace-id', 'x-request-id']

function theirsOf(headers: IncomingHttpHeaders): string | undefined {
  const found = THEIRS.map((name) => headers[name]).find((value) => typeof value === 'string')
  return typeof found === 'string' && /^[\x21-\x7e]{1,100}$/.test(found) ? found : undefined
}

/** Keeps connections alive and retries nothing (I6). */
export function openWire({ baseUrl, timeoutMs, onTheirs, ...tls }: WireOptions): Wire {
  const base = new URL(baseUrl)
  const pool = new Pool(base.origin, {
    connections: CONNECTIONS,
    connect: connector(tls, timeoutMs),
    keepAliveMaxTimeout: IDLE_MS,
    maxResponseSize: MAX_REPLY_BYTES,
    // The deadline is the signal's: undici's own timers tick so coarsely that 300 ms fired at 947.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  return {
    prefix: base.pathname.replace(/\/$/, ''),
    async send({ body, ...request }) {
      let status: number | null = null
      try {
        const signal = AbortSignal.timeout(timeoutMs)
        const reply = await pool.request({ ...request, body: body === '' ? null : body, signal })
        status = reply.statusCode
        const theirs = onTheirs && theirsOf(reply.headers)
        if (theirs !== undefined) onTheirs?.(theirs)
        return { kind: 'answered', status, headers: reply.headers, body: Buffer.from(await reply.body.arrayBuffer()) }
      } catch (error) {
        return { kind: 'failed', code: failureOf(error), status }
      }
    },
    stop: () => pool.close(),
  }
}

/** What node and undici put into their errors. Read by shape: under jest they come from another realm. */
interface NetworkError {
  name?: unknown
  code?: unknown
  /** the system call that failed */
  syscall?: unknown
  /** one for each address of the host that was tried */
  errors?: unknown[]
}

function failureOf(error: unknown): SendFailure {
  const { name, code } = error as NetworkError
  if (name === 'TimeoutError') return 'timeout'
  if (neverSent(error as NetworkError)) return NOT_SENT
  return code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE' ? 'reply-too-large' : 'connection-lost'
}

/**
 * True only when the connection itself could not be made: undici writes a request to a socket that is connected, and one that
 * was written before its socket broke fails with that, never with the next connection's error. The error code alone would
 * not do: EHOSTUNREACH and ETIMEDOUT also break connections that carried the request already.
 */
function neverSent({ code, syscall, errors }: NetworkError): boolean {
  if (errors && errors.length > 0) return errors.every((one) => neverSent(one as NetworkError))
  return syscall === 'connect' || syscall === 'getaddrinfo' || code === 'UND_ERR_CONNECT_TIMEOUT'
}
