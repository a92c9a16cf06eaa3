import { jsonOf } from '../../domain/json'
import { type Clock, isTrusted, type Random } from '../../flow/ports'
import { openWire, type SendFailure } from '../wire'
import { type PlatformKeys, platformKeys } from './keys'
import { refusalReply, type WechatpayConfig } from './schema'
import { authorization, HEADER, isSigned, isTimely, replyText } from './sign'

/** What came of one request. Only a `verified` reply is WeChat Pay's word, a refusal too; `raw` is kept for the record. */
export type Exchange =
  | { kind: 'verified'; status: number; said: unknown; raw: unknown }
  | { kind: 'failed'; code: SendFailure | 'server-error' | 'bad-signature' | 'clock-skew'; raw: unknown }

export interface WechatpayClient {
  /** Sends once (I6). Never throws for what the network or WeChat Pay does. */
  exchange(method: 'GET' | 'POST', route: string, value?: unknown): Promise<Exchange>
  /** What a request is sent with, signed. */
  headers(method: string, path: string, body: string): Record<string, string>
  keys: PlatformKeys
  /** Asks for the platform certificates, where one has signed by a serial that we don't know. */
  refresh(serial: unknown): Promise<void>
  stop(): Promise<void>
}

/** Kept of a reply for the record; one has some thousand characters with its promotions. */
const MAX_RAW_CHARS = 4_096
/** Required: requests without one are refused. */
const USER_AGENT = 'fapai'

export function wechatpayClient(config: WechatpayConfig & { clock: Clock; random: Random }): WechatpayClient {
  const { clock, random, publicKey } = config
  const keys = platformKeys(config, clock.now)
  const wire = openWire(config)

  function headers(method: string, path: string, body: string): Record<string, string> {
    const timestamp = String(Math.floor(clock.now() / 1_000))
    const nonce = Buffer.from(random(16)).toString('hex').toUpperCase()
    return {
      authorization: authorization(config, { method, path, timestamp, nonce, body }),
      accept: 'application/json',
      'content-type': 'application/json',
      'user-agent': USER_AGENT,
      ...(publicKey && { 'wechatpay-serial': publicKey.id }),
    }
  }

  const send = (method: 'GET' | 'POST', route: string, body: string) => {
    const path = wire.prefix + route
    return wire.send({ method, path, headers: headers(method, path, body), body })
  }

  /** Vouched for by what sealed them; its own signature may be by one of them. */
  async function refresh(serial: unknown): Promise<void> {
    if (!keys.wants(serial)) return
    const sent = await send('GET', '/v3/certificates', '')
    if (sent.kind === 'answered' && sent.status === 200) keys.learn(sent.body)
  }

  async function exchange(method: 'GET' | 'POST', route: string, value?: unknown): Promise<Exchange> {
    const sent = await send(method, route, value === undefined ? '' : JSON.stringify(value))
    if (sent.kind === 'failed') return { ...sent, raw: { status: sent.status } }
    const { status, body } = sent
    const requestId = sent.headers['request-id']
    const raw = { status, requestId, body: body.toString('utf8').slice(0, MAX_RAW_CHARS) }
    // A gateway's own holds no signature, and one of theirs says nothing of the order either way.
    if (status >= 500) return { kind: 'failed', code: 'server-error', raw }
    const serial = sent.headers[HEADER.serial]
    if (!keys.of(serial)) await refresh(serial)
    if (isTheirs(keys, sent.headers, body, clock.now())) return { kind: 'verified', status, said: jsonOf(body), raw }
    // It is bound to no request of ours, so its time can't be gone by: somebody may play an old one. But who is off may well be we.
    const skewed = !isTrusted(clock) && isSignedByThem(keys, sent.headers, body)
    return { kind: 'failed', code: skewed ? 'clock-skew' : 'bad-signature', raw }
  }

  return { exchange, headers, keys, refresh, stop: wire.stop }
}

type Headers = Readonly<Record<string, string | string[] | undefined>>

/** Whether WeChat Pay signed that, now. */
export function isTheirs(keys: PlatformKeys, headers: Headers, body: Uint8Array, nowMs: number): boolean {
  return isTimely(headers[HEADER.timestamp], nowMs) && isSignedByThem(keys, headers, body)
}

/** At whatever time. */
function isSignedByThem(keys: PlatformKeys, headers: Headers, body: Uint8Array): boolean {
  const { [HEADER.timestamp]: timestamp, [HEADER.nonce]: nonce, [HEADER.signature]: signature } = headers
  const key = keys.of(headers[HEADER.serial])
  if (!key || typeof timestamp !== 'string' || typeof nonce !== 'string') return false
  return isSigned(key, replyText({ timestamp, nonce, body }), signature)
}

/** The code of a verified refusal, if it is one. */
export function refusalOf(exchange: Exchange): string | undefined {
  if (exchange.kind !== 'verified' || exchange.status < 400) return undefined
  return refusalReply.safeParse(exchange.said).data?.code
}
