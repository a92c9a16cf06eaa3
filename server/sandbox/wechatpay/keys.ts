import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { certificateOf } from './certificate'

/** What both sides of the sandbox hold, made once. PEM. */
export interface WechatpayKeys {
  mchId: string
  /** of our API certificate, and its key */
  serial: string
  clientKey: string
  apiV3Key: string
  apiV2Key: string
  /** WeChat Pay's own: the key that is told by its id, and the one of its platform certificate */
  publicKeyId: string
  platformKey: string
  certificateSerial: string
  certificateKey: string
  certificate: string
}

const YEARS_MS = 5 * 365 * 86_400_000
const rsa = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2_048,
    privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
    publicKeyEncoding: { format: 'pem', type: 'spki' },
  }).privateKey
const serial = () => `5A${randomBytes(19).toString('hex').toUpperCase()}`

export function generateWechatpayKeys(): WechatpayKeys {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const [certificateSerial, now] = [serial(), Date.now()]
  return {
    mchId: '1900000109',
    serial: serial(),
    clientKey: rsa(),
    apiV3Key: randomBytes(16).toString('hex'),
    apiV2Key: randomBytes(16).toString('hex'),
    publicKeyId: `PUB_KEY_ID_0119000001092026${randomBytes(8).toString('hex')}`,
    platformKey: rsa(),
    certificateSerial,
    certificateKey: pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    certificate: certificateOf(pair, {
      serial: certificateSerial,
      name: 'Fapai sandbox of WeChat Pay',
      from: now - YEARS_MS,
      to: now + YEARS_MS,
    }),
  }
}

export const publicOf = (pem: string) => createPublicKey(pem).export({ format: 'pem', type: 'spki' }).toString()
