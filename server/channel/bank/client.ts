import type { Clock, Random } from '../../flow/ports'
import type { TlsOptions } from '../tls'
import { type Method, openWire, type SendFailure } from '../wire'
import { type BankConfig, bankKeys } from './schema'
import { HEADER, isTimely, isTimestamp, replyText, requestText, signer, verifierOfAny } from './sign'

/** What came of one request. Only a `verified` reply is the bank's word. */
export type Exchange =
  | { kind: 'verified'; status: number; body: string }
  | { kind: 'failed'; code: FailureCode; status: number | null; body: string | null }

/** After any but `not-sent` the bank may have booked. */
export type FailureCode = SendFailure | 'server-error' | 'bad-signature'

export interface SignedClient {
  /** Sends once. Never throws for what the network or the bank does. */
  exchange(method: Method, path: string, body?: unknown): Promise<Exchange>
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

/** HTTP to the bank's front end, signed both ways. Retries nothing (I6). */
export function signedClient(config: ClientOptions): SignedClient {
  const { clock, random, keyId, onTime, requestId } = config
  const sign = signer(config.privateKey)
  const verify = verifierOfAny(bankKeys(config))
  const wire = openWire(config)

  async function exchange(method: Method, route: string, value?: unknown): Promise<Exchange> {
    const path = wire.prefix + route
    const body = value === undefined ? '' : JSON.stringify(value)
    const timestamp = String(clock.now())
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
    // The nonce is ours, so that is no answer of another time, however far its clock is from ours.
    if (signed) onTime?.(Number(at))
    if (!signed || !isTimely(at, clock.now())) return { kind: 'failed', code: 'bad-signature', status, body: text }
    return { kind: 'verified', status, body: text }
  }

  return { exchange, stop: wire.stop }
}
