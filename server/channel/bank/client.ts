import { Pool } from 'undici'
import { type Clock, NOT_SENT, type Random } from '../../flow/ports'
import type { BankConfig } from './schema'
import { HEADER, isTimely, replyText, requestText, signer, verifier } from './sign'

/** What came of one request. Only a `verified` reply is the bank's word. */
export type Exchange =
  | { kind: 'verified'; status: number; body: string }
  | { kind: 'failed'; code: FailureCode; status: number | null; body: string | null }

/** `not-sent`: no connection was made, so the bank can't have seen it. After any other it may have booked. */
export type FailureCode =
  | typeof NOT_SENT
  | 'timeout'
  | 'connection-lost'
  | 'reply-too-large'
  | 'server-error'
  | 'bad-signature'

export interface SignedClient {
  /** Sends once. Never throws for what the network or the bank does. */
  exchange(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Exchange>
  stop(): Promise<void>
}

/** Calls in flight at once; the next ones wait, inside their own deadline. A bank's front end asks for a bound. */
const CONNECTIONS = 128
/** A reply has a few hundred bytes; more is not from the bank. */
const MAX_REPLY_BYTES = 64 * 1024

/** HTTP to the bank's front end, signed both ways. Keeps connections alive and retries nothing (I6). */
export function signedClient(config: BankConfig & { clock: Clock; random: Random }): SignedClient {
  const { clock, random, keyId, timeoutMs } = config
  const base = new URL(config.baseUrl)
  const prefix = base.pathname.replace(/\/$/, '')
  const sign = signer(config.privateKey)
  const verify = verifier(config.bankPublicKey)
  const pool = new Pool(base.origin, {
    connections: CONNECTIONS,
    connect: { timeout: timeoutMs },
    maxResponseSize: MAX_REPLY_BYTES,
    // The deadline is the signal's: undici's own timers tick so coarsely that 300 ms fired at 947.
    headersTimeout: 0,
    bodyTimeout: 0,
  })

  async function exchange(method: 'GET' | 'POST', route: string, value?: unknown): Promise<Exchange> {
    const path = prefix + route
    const body = value === undefined ? '' : JSON.stringify(value)
    const timestamp = String(clock.now())
    const nonce = Buffer.from(random(16)).toString('hex')
    const headers = {
      'content-type': 'application/json',
      [HEADER.keyId]: keyId,
      [HEADER.timestamp]: timestamp,
      [HEADER.nonce]: nonce,
      [HEADER.signature]: sign(requestText({ method, path, timestamp, nonce, body })),
    }
    let status: number | null = null
    try {
      const signal = AbortSignal.timeout(timeoutMs)
      const reply = await pool.request({ method, path, headers, body: body === '' ? null : body, signal })
      status = reply.statusCode
      const bytes = Buffer.from(await reply.body.arrayBuffer())
      const text = bytes.toString('utf8')
      // A 5xx may come from a gateway that holds no key, and says nothing of the order either way.
      if (status >= 500) return { kind: 'failed', code: 'server-error', status, body: text }
      const at = reply.headers[HEADER.timestamp]
      const signature = reply.headers[HEADER.signature]
      const verified =
        isTimely(at, clock.now()) &&
        typeof signature === 'string' &&
        verify(replyText({ method, path, status, timestamp: at, nonce, body: bytes }), signature)
      if (!verified) return { kind: 'failed', code: 'bad-signature', status, body: text }
      return { kind: 'verified', status, body: text }
    } catch (error) {
      return { kind: 'failed', code: failureCode(error), status, body: null }
    }
  }

  return { exchange, stop: () => pool.close() }
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

function failureCode(error: unknown): FailureCode {
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
