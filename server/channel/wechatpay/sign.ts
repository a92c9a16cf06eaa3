import {
  createCipheriv,
  createDecipheriv,
  createHash,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto'

/** Signatures and secrets of WeChat Pay's API v3 ("签名与验签规则"): both ends use this file. */

export const SCHEME = 'WECHATPAY2-SHA256-RSA2048'

/** Of replies and notices, in lower case as node has them. */
export const HEADER = {
  timestamp: 'wechatpay-timestamp',
  nonce: 'wechatpay-nonce',
  signature: 'wechatpay-signature',
  serial: 'wechatpay-serial',
} as const

/** Names WeChat Pay's public key, where it isn't the serial of a platform certificate. */
export const PUBLIC_KEY_PREFIX = 'PUB_KEY_ID_'

/** How far the other side's clock may be off, s. */
const CLOCK_WINDOW_S = 300

export interface Requested {
  method: string
  /** path and query, as they stand on the wire */
  path: string
  /** seconds since the epoch */
  timestamp: string
  nonce: string
  body: Uint8Array | string
}

/** Five lines, each with its end; of a GET the body's is empty. */
export function requestText({ method, path, timestamp, nonce, body }: Requested): Buffer {
  return lines(method, path, timestamp, nonce, body)
}

/** Of a reply and of a notice: neither path nor status is signed. */
export function replyText({ timestamp, nonce, body }: Pick<Requested, 'timestamp' | 'nonce' | 'body'>): Buffer {
  return lines(timestamp, nonce, body)
}

/** What the app hands to WeChat; `appId` is the app's that does so. */
export function payText({
  appId,
  timeStamp,
  nonceStr,
  packed,
}: Record<'appId' | 'timeStamp' | 'nonceStr' | 'packed', string>) {
  return lines(appId, timeStamp, nonceStr, packed)
}

export function signed(key: KeyObject, text: Uint8Array): string {
  return signBytes('RSA-SHA256', text, key).toString('base64')
}

/** True when the text was signed by the holder of the key, and the signature is written as base64 is: no byte of it is left aside. */
export function isSigned(key: KeyObject, text: Uint8Array, signature: unknown): boolean {
  if (typeof signature !== 'string') return false
  const bytes = Buffer.from(signature, 'base64')
  return bytes.toString('base64') === signature && verifyBytes('RSA-SHA256', text, key, bytes)
}

/** True for a timestamp, as a header holds it, within the clock window. */
export function isTimely(value: unknown, nowMs: number): value is string {
  return (
    typeof value === 'string' &&
    /^\d{10}$/.test(value) &&
    Math.abs(Math.floor(nowMs / 1_000) - Number(value)) <= CLOCK_WINDOW_S
  )
}

/** The header of a request. */
export function authorization(
  who: { mchId: string; serial: string; privateKey: KeyObject },
  request: Requested,
): string {
  const { timestamp, nonce } = request
  const signature = signed(who.privateKey, requestText(request))
  return `${SCHEME} mchid="${who.mchId}",nonce_str="${nonce}",timestamp="${timestamp}",serial_no="${who.serial}",signature="${signature}"`
}

/**
 * By which the address of a receipt's frame (商家小票, `check_code`) is known to be WeChat Pay's: the signature of its older interfaces
 * ("签名算法": names in order, the API v2 key at the end, MD5 in upper case) over both numbers.
 */
export function checkCode(
  apiV2Key: string,
  { outTradeNo, subMchId }: { outTradeNo: string; subMchId: string },
): string {
  const text = `out_trade_no=${outTradeNo}&sub_mch_id=${subMchId}&key=${apiV2Key}`
  return createHash('md5').update(text).digest('hex').toUpperCase()
}

export interface Sealed {
  ciphertext: string
  associated_data?: string | undefined
  nonce: string
}

const TAG_BYTES = 16

/** What was sealed with the API v3 key (AEAD_AES_256_GCM); undefined when it wasn't, or was changed. */
export function unsealed(key: Uint8Array, { ciphertext, associated_data = '', nonce }: Sealed): Buffer | undefined {
  const bytes = Buffer.from(ciphertext, 'base64')
  if (bytes.length < TAG_BYTES || Buffer.byteLength(nonce) !== 12) return undefined
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce), { authTagLength: TAG_BYTES })
    decipher.setAAD(Buffer.from(associated_data)).setAuthTag(bytes.subarray(-TAG_BYTES))
    return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()])
  } catch {
    // another key, or another text; a key that has not 32 bytes fits nothing
    return undefined
  }
}

/** `nonce`: twelve characters, never the same twice. */
export function seal(
  key: Uint8Array,
  text: Uint8Array | string,
  associated_data: string,
  nonce: string,
): Required<Sealed> {
  const cipher = createCipheriv('aes-256-gcm', key, Buffer.from(nonce), { authTagLength: TAG_BYTES })
  cipher.setAAD(Buffer.from(associated_data))
  const bytes = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()])
  return { ciphertext: bytes.toString('base64'), associated_data, nonce }
}

function lines(...parts: (string | Uint8Array)[]): Buffer {
  return Buffer.concat(parts.flatMap((part) => [Buffer.from(part as string), Buffer.from('\n')]))
}
