import { codeAt, stepAt } from '../server/domain/totp'

/** What the app on a telephone does with a secret in base32: the code of a time. */
export function authenticator(secret: string): (now: number) => string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret].map((one) => letters.indexOf(one).toString(2).padStart(5, '0')).join('')
  const bytes = Buffer.from(bits.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2)))
  return (now) => codeAt(bytes, stepAt(now))
}
