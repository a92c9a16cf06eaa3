import { type KeyObject, X509Certificate } from 'node:crypto'
import { jsonOf } from '../../domain/json'
import { certificatesReply, type WechatpayConfig } from './schema'
import { PUBLIC_KEY_PREFIX, unsealed } from './sign'

/** By which keys WeChat Pay signs: its public key, and platform certificates, of which several may be valid at once. */
export interface PlatformKeys {
  /** Undefined: none that we know, or one that isn't valid now. */
  of(serial: unknown): KeyObject | undefined
  /**
   * Takes the certificates of a reply, which only the holder of our API v3 key can have sealed. False: there is none in it. What it doesn't
   * name any more is forgotten, unless nothing in it is valid now.
   */
  learn(body: Uint8Array): boolean
  /** Whether one should ask for the certificates on account of this serial; of many who would at once, one does. */
  wants(serial: unknown): boolean
}

/** A stranger who signs with a serial of their own makes us ask no more often. */
const ASK_EVERY_MS = 60_000
const SERIAL = /^[0-9A-F]{8,64}$/

export function platformKeys(
  { publicKey, apiV3Key }: Pick<WechatpayConfig, 'publicKey' | 'apiV3Key'>,
  now: () => number,
): PlatformKeys {
  const certificates = new Map<string, X509Certificate>()
  let askedAt = Number.NEGATIVE_INFINITY
  const of = (serial: unknown): KeyObject | undefined => {
    if (typeof serial !== 'string') return undefined
    if (publicKey?.id === serial) return publicKey.key
    const certificate = certificates.get(serial)
    return certificate && isValid(certificate, now()) ? certificate.publicKey : undefined
  }
  return {
    of,
    wants(serial) {
      if (typeof serial !== 'string' || serial.startsWith(PUBLIC_KEY_PREFIX) || !SERIAL.test(serial)) return false
      if (of(serial) || Math.abs(now() - askedAt) < ASK_EVERY_MS) return false
      askedAt = now()
      return true
    },
    learn(body) {
      const told = certificatesReply.safeParse(jsonOf(body))
      if (!told.success) return false
      const sound = told.data.data.flatMap(({ serial_no, encrypt_certificate }) => {
        const pem = unsealed(apiV3Key, encrypt_certificate)
        const certificate = pem && certificateOf(pem)
        return certificate && certificate.serialNumber === serial_no ? [certificate] : []
      })
      if (sound.some((one) => isValid(one, now()))) {
        const named = new Set(told.data.data.map(({ serial_no }) => serial_no))
        for (const serial of certificates.keys()) if (!named.has(serial)) certificates.delete(serial)
      }
      for (const certificate of sound) certificates.set(certificate.serialNumber, certificate)
      return sound.length > 0
    },
  }
}

function certificateOf(pem: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}

function isValid({ validFrom, validTo }: X509Certificate, nowMs: number): boolean {
  return Date.parse(validFrom) <= nowMs && nowMs <= Date.parse(validTo)
}
