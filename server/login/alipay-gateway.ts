import { type Asker, type Known, readReply, signedRequest } from '../channel/alipay/sign'
import type { Clock } from '../flow/ports'

/**
 * Alipay's gateway, asked over HTTPS with RSA2 signatures both ways. Source: opendocs.alipay.com, "自行实现签名" and "自行实现验签".
 */

export interface GatewayOptions extends Asker, Known {
  /** https://openapi.alipay.com/gateway.do */
  url: string
  timeoutMs: number
  clock: Clock
}

/** What it said, if it did: only what it signed is its word. */
export type GatewayAnswer =
  | { kind: 'answered'; value: Record<string, unknown> }
  | { kind: 'refused'; subCode: string }
  | { kind: 'nothing'; reason: string }

/** Asks once; never throws for what the network or the other side does. */
export async function askGateway(
  options: GatewayOptions,
  method: string,
  given: Record<string, string>,
): Promise<GatewayAnswer> {
  const { url, timeoutMs } = options
  const fields = signedRequest({ ...options, at: options.clock.now() }, method, given)
  try {
    const reply = await fetch(`${url}?charset=utf-8`, {
      method: 'POST',
      body: new URLSearchParams(fields),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    return reply.status === 200
      ? answerOf(await reply.text(), method, options)
      : { kind: 'nothing', reason: `status ${reply.status}` }
  } catch {
    // An error of fetch may hold what was sent.
    return { kind: 'nothing', reason: 'no answer' }
  }
}

/** What a reply says, by the signature over the very text of its value: white space, escapes and all. */
export function answerOf(text: string, method: string, known: Known): GatewayAnswer {
  const reply = readReply(text, method, known)
  if (reply.kind === 'none') return { kind: 'nothing', reason: 'an answer that is none' }
  if (!reply.signed) return { kind: 'nothing', reason: 'an answer that Alipay did not sign' }
  const value = JSON.parse(reply.raw) as Record<string, unknown>
  const { code = '10000', sub_code: subCode = code } = value
  return reply.kind === 'own' && code === '10000'
    ? { kind: 'answered', value }
    : { kind: 'refused', subCode: String(subCode) }
}
