import { type KeyObject, sign as signBytes, verify as verifyBytes } from 'node:crypto'

/**
 * Alipay's RSA2 signatures: what is signed, and how its word is told from anybody's. Source: opendocs.alipay.com, "自行实现签名" and
 * "自行实现验签". The log-in asks the same gateway.
 */

type Fields = Readonly<Record<string, string>>

/** Sorted by name, without what is empty; a request's holds its sign_type. */
export function signedText(fields: Fields): string {
  const names = Object.keys(fields).filter((name) => name !== 'sign' && fields[name] !== '')
  return names
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join('&')
}

/** Who asks. `besides`: what goes along with every request: whose certificates, for whom (`app_auth_token`). */
export interface Asker {
  appId: string
  privateKey: KeyObject
  besides?: Fields | undefined
}

/** By what Alipay's word is known. In certificate mode it has to name the certificate that it signed with. */
export interface Known {
  alipayKey: KeyObject
  alipayCertSn?: string | undefined
}

/** What every request of the gateway holds, with what is given, signed. `at`: ms. */
export function signedRequest(
  { appId, privateKey, besides, at }: Asker & { at: number },
  method: string,
  given: Fields,
): Record<string, string> {
  const common = { app_id: appId, method, format: 'JSON', charset: 'utf-8', sign_type: 'RSA2', version: '1.0' }
  const all: Record<string, string> = { ...common, timestamp: beijing(at), ...besides, ...given }
  return { ...all, sign: signBytes('sha256', Buffer.from(signedText(all)), privateKey).toString('base64') }
}

/** True when Alipay signed the text. Never throws, whatever the signature holds. */
export function isSigned(text: string, signature: unknown, alipayKey: KeyObject): boolean {
  // Of base64 that isn't just so, a decoder makes what it can: the same signature could be written in many ways.
  if (typeof signature !== 'string' || !/^[A-Za-z0-9+/]{4,}={0,2}$/.test(signature)) return false
  return verifyBytes('sha256', Buffer.from(text), alipayKey, Buffer.from(signature, 'base64'))
}

/** A notice's signature leaves its sign_type out. One that names a certificate names the one we know. */
export function isSignedNotice(fields: Fields, { alipayKey, alipayCertSn }: Known): boolean {
  const { sign, sign_type: type, ...rest } = fields
  const named = fields.alipay_cert_sn || alipayCertSn
  return type === 'RSA2' && named === alipayCertSn && isSigned(signedText(rest), sign, alipayKey)
}

/** What a reply holds: the very text of its value, white space, escapes and all, since that is what is signed. */
export type Members =
  | { kind: 'own' | 'error'; raw: string; signed: boolean }
  /** it isn't an answer to this method */
  | { kind: 'none' }

export function readReply(text: string, method: string, { alipayKey, alipayCertSn }: Known): Members {
  const members = membersOf(text)
  const own = members?.get(`${method.replaceAll('.', '_')}_response`)
  const raw = own ?? members?.get('error_response')
  if (raw === undefined) return { kind: 'none' }
  const sign = members!.get('sign')
  const certSn = members!.get('alipay_cert_sn')
  const isTheirs = alipayCertSn === undefined || (certSn !== undefined && JSON.parse(certSn) === alipayCertSn)
  const signed = isTheirs && sign !== undefined && isSigned(raw, JSON.parse(sign), alipayKey)
  return { kind: own === undefined ? 'error' : 'own', raw, signed }
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

/** `2026-11-28 12:00:00`, as it reads in Beijing, of ms since the epoch. */
export function beijing(at: number): string {
  return new Date(at + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')
}

/** The way back; NaN for what is no time. */
export function ofBeijing(text: string): number {
  return /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text) ? Date.parse(`${text.replace(' ', 'T')}+08:00`) : Number.NaN
}
