import type { Clock, Random } from '../../flow/ports'
import type { TlsOptions } from '../tls'
import { type Method, openWire, type SendFailure } from '../wire'
import { type BankConfig, bankKeys } from './schema'
import { CLOCK_WINDOW_MS, HEADER, isTimely, isTimestamp, replyText, requestText, signer, verifierOfAny } from './sign'

/** What came of one request. Only a `verified` reply is the bank's word. */
export type Exchange =
  | { kind: 'verified'; status: number; body: string }
  | { kind: 'failed'; code: FailureCode; status: number | null; body: string | null }

/** After any but `not-sent` the bank may have booked. */
export type FailureCode = SendFailure | 'server-error' | 'bad-signature' | 'clock-skew'

export interface SignedClient {
  /** Sends once. Never throws for what the network or the bank does. */
  exchange(method: Method, path: string, body?: unknown): Promise<Exchange>
  /** what time it is to the bank, as far as it has told us; ms since the epoch */
  now(): number
  stop(): Promise<void>
}

export interface ClientOptions extends BankConfig, TlsOptions {
  clock: Clock
  random: Random
  /** the bank's clock just now, by what it signed: ms since the epoch */
  onTime?(at: number): void
  /** the number under which we log what is under way, for the bank's log */
  requestId?(): string | undefined
  onTheirs?(number: string): void
}

/** For people who look into both logs: not signed, and nothing hangs on it. */
const REQUEST_ID = 'x-request-id'

/** Further off than this the bank's time is gone by, not ours. Half of what either end takes, since messages take time as well. */
const OURS_MS = CLOCK_WINDOW_MS / 2

/**
 * HTTP to the bank's front end, signed both ways. Retries nothing (I6). When the two clocks are too far apart for our requests to be
 * taken, we sign and judge by the bank's, as its last answer told it; the books keep the ledger's.
 */
export function signedClient(config: ClientOptions): SignedClient {
  const { clock, random, keyId, onTime, requestId } = config
  const sign = signer(config.privateKey)
  const verify = verifierOfAny(bankKeys(config))
  const wire = openWire(config)
  /** how far the bank's clock is ahead of ours, 0 where that is little */
  let aheadMs = 0
  const now = () => clock.now() + aheadMs

  /** Takes over the time of an answer to this very request, which nobody can have kept from another. False: it isn't what we knew. */
  function heard(at: string): boolean {
    onTime?.(Number(at))
    const known = isTimely(at, now())
    const ahead = Number(at) - clock.now()
    aheadMs = Math.abs(ahead) > OURS_MS ? ahead : 0
    return known
  }

  async function exchange(method: Method, route: string, value?: unknown): Promise<Exchange> {
    const path = wire.prefix + route
    const body = value === undefined ? '' : JSON.stringify(value)
    const timestamp = String(now())
    const nonce = Buffer.from(random(16)).toString('hex')
    const ours = requestId?.()
    const headers = {
      'content-type': 'application/json',
      ...(ours !== undefined && { [REQUEST_ID]: ours }),
      [HEADER.keyId]: keyId,
      [HEADER.timestamp]: timestamp,
      [HEADER.nonce]: nonce,
      [HEADER.signature]: sign(requestText({ method, path, timestamp, nonce, body })),
    }
    const sent = await wire.send({ method, path, headers, body })
    if (sent.kind === 'failed') return { ...sent, body: null }
    const { status, body: bytes } = sent
    const text = bytes.toString('utf8')
    // A 5xx may come from a gateway that holds no key, and says nothing of the order either way.
    if (status >= 500) return { kind: 'failed', code: 'server-error', status, body: text }
    const at = sent.headers[HEADER.timestamp]
    const signature = sent.headers[HEADER.signature]
    const signed =
      isTimestamp(at) &&
      typeof signature === 'string' &&
      verify(
        sent.headers[HEADER.keyId],
        replyText({ method, path, status, timestamp: at, nonce, body: bytes }),
        signature,
      )
    if (!signed) return { kind: 'failed', code: 'bad-signature', status, body: text }
    // The nonce is ours, so that is no answer of another time, however far its clock is from ours.
    return heard(at)
      ? { kind: 'verified', status, body: text }
      : { kind: 'failed', code: 'clock-skew', status, body: text }
  }

  return { exchange, now, stop: wire.stop }
}
