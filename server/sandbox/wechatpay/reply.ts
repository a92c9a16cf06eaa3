import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { HEADER, replyText, signed } from '../../channel/wechatpay/sign'
import type { WechatpayKeys } from './keys'

/** By which of its keys WeChat Pay signs: a house that moves from one to the other hears both. */
export type Signing = 'public-key' | 'certificate'

export interface By {
  serial: string
  key: KeyObject
}

/** How a signature may be wrong. */
export type Wrong = 'bad-signature' | 'stale' | 'unknown-serial' | undefined

export class Signer {
  signing: Signing = 'public-key'
  private readonly own: Record<Signing, By>
  private nobodys: KeyObject | undefined

  constructor(keys: WechatpayKeys) {
    this.own = {
      'public-key': { serial: keys.publicKeyId, key: createPrivateKey(keys.platformKey) },
      certificate: { serial: keys.certificateSerial, key: createPrivateKey(keys.certificateKey) },
    }
  }

  /** The headers of a reply or a notice with that body. */
  headers(body: string, now: number, wrong?: Wrong): Record<string, string> {
    const { serial, key } = this.own[this.signing]
    const timestamp = String(Math.floor(now / 1_000) - (wrong === 'stale' ? 600 : 0))
    const nonce = randomBytes(16).toString('hex')
    const text = replyText({ timestamp, nonce, body })
    return {
      [HEADER.timestamp]: timestamp,
      [HEADER.nonce]: nonce,
      [HEADER.serial]: wrong === 'unknown-serial' ? `5A${randomBytes(19).toString('hex').toUpperCase()}` : serial,
      [HEADER.signature]: signed(wrong === 'bad-signature' ? this.nobody() : key, text),
      'wechatpay-signature-type': 'WECHATPAY2-SHA256-RSA2048',
    }
  }

  private nobody(): KeyObject {
    this.nobodys ??= generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey
    return this.nobodys
  }
}
