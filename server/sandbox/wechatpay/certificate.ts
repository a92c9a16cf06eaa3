import { type KeyObject, sign } from 'node:crypto'

/** An X.509 certificate of a key: node reads certificates and makes none. DER as RFC 5280 has it, as little of it as does. */

const tlv = (tag: number, ...parts: Uint8Array[]) => {
  const body = Buffer.concat(parts)
  const long = body.length < 256 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 255]
  return Buffer.concat([Buffer.from([tag, ...(body.length < 128 ? [body.length] : long)]), body])
}
const sequence = (...parts: Uint8Array[]) => tlv(0x30, ...parts)
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

/** sha256WithRSAEncryption, with its empty parameters */
const RSA_SHA256 = sequence(hex('06 09 2a 86 48 86 f7 0d 01 01 0b'), hex('05 00'))
const commonName = (name: string) => sequence(tlv(0x31, sequence(hex('06 03 55 04 03'), tlv(0x0c, Buffer.from(name)))))
const utcTime = (at: number) => tlv(0x17, Buffer.from(`${new Date(at).toISOString().replace(/\D/g, '').slice(2, 14)}Z`))

/** `issuer`: who signs it, itself unless told. `serial`: 40 hex digits in upper case, the first below 8 and not 0. */
export function certificateOf(
  keys: { privateKey: KeyObject; publicKey: KeyObject },
  { serial, name, from, to }: { serial: string; name: string; from: number; to: number },
  issuer: { name: string; privateKey: KeyObject } = { name, privateKey: keys.privateKey },
): string {
  const content = sequence(
    hex('a0 03 02 01 02'),
    tlv(0x02, hex(serial)),
    RSA_SHA256,
    commonName(issuer.name),
    sequence(utcTime(from), utcTime(to)),
    commonName(name),
    keys.publicKey.export({ format: 'der', type: 'spki' }),
  )
  const signature = sign('RSA-SHA256', content, issuer.privateKey)
  const der = sequence(content, RSA_SHA256, tlv(0x03, hex('00'), signature))
  const lines = der.toString('base64').replace(/.{64}/g, '$&\n').trimEnd()
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}
