import { createSign, createVerify, type KeyObject } from 'node:crypto'
import type { Clock } from '../flow/ports'

/**
 * Alipay's gateway, asked over HTTPS with RSA2 signatures both ways. Source: opendocs.alipay.com, "自行实现签名" and "自行实现验签".
 */

export interface GatewayOptions {
  /** https://openapi.alipay.com/gateway.do */
  url: string
  appId: string
  /** ours, RSA */
  privateKey: KeyObject
  /** Alipay's, RSA */
  alipayKey: KeyObject
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
  const all: Record<string, string> = {
    app_id: options.appId,
    method,
    format: 'JSON',
    charset: 'utf-8',
    sign_type: 'RSA2',
    timestamp: beijing(options.clock.now()),
    version: '1.0',
    ...given,
  }
  const sign = createSign('RSA-SHA256').update(signedText(all)).sign(options.privateKey, 'base64')
  try {
    const reply = await fetch(`${url}?charset=utf-8`, {
      method: 'POST',
      body: new URLSearchParams({ ...all, sign }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    return reply.status === 200
      ? answerOf(await reply.text(), method, options.alipayKey)
      : { kind: 'nothing', reason: `status ${reply.status}` }
  } catch {
    // An error of fetch may hold what was sent.
    return { kind: 'nothing', reason: 'no answer' }
  }
}

/** Sorted by name, without what is empty; a request's holds its sign_type. */
export function signedText(params: Record<string, string>): string {
  const names = Object.keys(params).filter((name) => name !== 'sign' && params[name] !== '')
  return names
    .sort()
    .map((name) => `${name}=${params[name]}`)
    .join('&')
}

/** What a reply says, by the signature over the very text of its value: white space, escapes and all. */
export function answerOf(text: string, method: string, alipayKey: KeyObject): GatewayAnswer {
  const members = membersOf(text)
  if (!members) return { kind: 'nothing', reason: 'an answer that is none' }
  const own = members.get(`${method.replaceAll('.', '_')}_response`)
  const raw = own ?? members.get('error_response')
  const sign = members.get('sign')
  if (raw === undefined || sign === undefined) return { kind: 'nothing', reason: 'an answer that nobody signed' }
  const signature = Buffer.from(String(JSON.parse(sign)), 'base64')
  if (!createVerify('RSA-SHA256').update(raw).verify(alipayKey, signature))
    return { kind: 'nothing', reason: 'an answer that Alipay did not sign' }
  const value = JSON.parse(raw) as Record<string, unknown>
  const { code = '10000', sub_code: subCode = code } = value
  return own !== undefined && code === '10000'
    ? { kind: 'answered', value }
    : { kind: 'refused', subCode: String(subCode) }
}

const TOKEN = /\s*("(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+)/y

/** The members of a JSON object, each as it is written; undefined: it is none, or names one twice. */
function membersOf(text: string): Map<string, string> | undefined {
  try {
    if (Object.getPrototypeOf(JSON.parse(text)) !== Object.prototype) return undefined
  } catch {
    return undefined
  }
  // Valid JSON from here on, so it is enough to count brackets.
  const members = new Map<string, string>()
  let [depth, name, from] = [0, '', 0]
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const token = match[1]!
    const at = TOKEN.lastIndex - token.length
    if (depth === 1 && name === '' && token.startsWith('"')) name = String(JSON.parse(token))
    else if (depth === 1 && token === ':') from = TOKEN.lastIndex
    else if (depth === 1 && (token === ',' || token === '}') && name !== '') {
      if (members.has(name)) return undefined
      members.set(name, text.slice(from, at).trim())
      name = ''
    }
    if (token === '{' || token === '[') depth++
    if (token === '}' || token === ']') depth--
  }
  return members
}

/** `2026-11-28 12:00:00`, as it reads in Beijing. */
function beijing(at: number): string {
  return new Date(at + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')
}
