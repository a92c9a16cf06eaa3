import { openWire, type SendFailure } from '../../../server/channel/wire'
import { jsonOf } from '../../../server/domain/json'
import type { Clock, Random } from '../../../server/flow/ports'
import type { ToyConfig } from './schema'
import { HEADER, isTimely, replyText, requestText, signer, verifier } from './sign'

/** What came of one request. Only a `verified` reply is the wallet's word; `raw` is kept for the record. */
export type Exchange =
  | { kind: 'verified'; status: number; said: unknown; raw: unknown }
  | { kind: 'failed'; code: SendFailure | 'server-error' | 'bad-signature'; raw: unknown }

export interface ToyClient {
  /** Sends once (I6). Never throws for what the network or the wallet does. */
  exchange(method: 'GET' | 'POST', route: string, value?: unknown): Promise<Exchange>
  /** What a request is signed with, and its nonce. */
  sign(method: string, path: string, body: string): { nonce: string; headers: Record<string, string> }
  stop(): Promise<void>
}

/** Kept of a reply for the record; a real one has a few hundred characters. */
const MAX_RAW_CHARS = 4_096

export function toyClient(config: ToyConfig & { clock: Clock; random: Random }): ToyClient {
  const { clock, random } = config
  const signature = signer(config.privateKey)
  const verify = verifier(config.walletPublicKey)
  const wire = openWire(config)

  function sign(method: string, path: string, body: string) {
    const timestamp = String(clock.now())
    const nonce = Buffer.from(random(16)).toString('hex')
    const text = requestText({ method, path, timestamp, nonce, body })
    return {
      nonce,
      headers: { [HEADER.timestamp]: timestamp, [HEADER.nonce]: nonce, [HEADER.signature]: signature(text) },
    }
  }

  async function exchange(method: 'GET' | 'POST', route: string, value?: unknown): Promise<Exchange> {
    const path = wire.prefix + route
    const body = value === undefined ? '' : JSON.stringify(value)
    const { nonce, headers } = sign(method, path, body)
    const sent = await wire.send({ method, path, headers, body })
    if (sent.kind === 'failed') return { ...sent, raw: { status: sent.status } }
    const { status, body: bytes } = sent
    const raw = { status, body: bytes.toString('utf8').slice(0, MAX_RAW_CHARS) }
    // A 5xx may come from a gateway that holds no key, and says nothing of the order either way.
    if (status >= 500) return { kind: 'failed', code: 'server-error', raw }
    const timestamp = sent.headers[HEADER.timestamp]
    const verified =
      isTimely(timestamp, clock.now()) &&
      verify(replyText({ method, path, status, timestamp, nonce, body: bytes }), sent.headers[HEADER.signature])
    return verified
      ? { kind: 'verified', status, said: jsonOf(bytes), raw }
      : { kind: 'failed', code: 'bad-signature', raw }
  }

  return { exchange, sign, stop: wire.stop }
}
