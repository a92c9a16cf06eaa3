import type { KeyObject } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { isSigned, isTimely, requestText, SCHEME } from '../../channel/wechatpay/sign'
import { type Refusal, refusal } from './wallet'

/** Longer than a timestamp passes, behind and ahead. */
const NONCE_MS = 11 * 60_000
const PARTS = /^(mchid|nonce_str|timestamp|serial_no|signature)="([^"]*)"$/

/** Checks who sent a request: undefined when it is the service provider's, now, and for the first time. */
export function guard(
  client: { mchId: string; serial: string; key: KeyObject; publicKeyId: string },
  now: () => number,
) {
  const seen = new Map<string, number>()
  return (request: {
    method: string
    path: string
    headers: IncomingHttpHeaders
    body: Uint8Array
  }): Refusal | undefined => {
    const { method, path, headers, body } = request
    if (!headers['user-agent'] || !/application\/json|\*\/\*/.test(headers.accept ?? '')) return refusal(403, 'NO_AUTH')
    if (body.length > 0 && !headers['content-type']?.startsWith('application/json')) return refusal(400, 'PARAM_ERROR')
    const named = headers['wechatpay-serial']
    if (named !== undefined && named !== client.publicKeyId) return refusal(400, 'PARAM_ERROR')
    const told = partsOf(headers.authorization)
    if (!told) return refusal(401, 'SIGN_ERROR')
    const { mchid, nonce_str: nonce = '', timestamp, serial_no, signature } = told
    if (mchid !== client.mchId || serial_no !== client.serial || !isTimely(timestamp, now()))
      return refusal(401, 'SIGN_ERROR')
    // The signature comes first: a stranger can't use up a nonce.
    if (
      !/^\w{1,32}$/.test(nonce) ||
      !isSigned(client.key, requestText({ method, path, timestamp, nonce, body }), signature)
    )
      return refusal(401, 'SIGN_ERROR')
    for (const [old, at] of seen) {
      if (at > now() - NONCE_MS) break
      seen.delete(old)
    }
    if (seen.has(nonce)) return refusal(401, 'SIGN_ERROR')
    seen.set(nonce, now())
    return undefined
  }
}

/** Its five parts, in any order, each once. */
function partsOf(header = ''): Record<string, string> | undefined {
  if (!header.startsWith(`${SCHEME} `)) return undefined
  const parts = header
    .slice(SCHEME.length + 1)
    .split(',')
    .map((part) => PARTS.exec(part.trim()))
  const told = Object.fromEntries(parts.flatMap((part) => (part ? [[part[1]!, part[2]!]] : [])))
  return parts.length === 5 && Object.keys(told).length === 5 ? told : undefined
}
