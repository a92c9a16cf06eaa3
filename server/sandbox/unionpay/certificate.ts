import { type KeyObject, sign as signBytes } from 'node:crypto'

/** Certificates for what a sandbox signs: just enough of X.509 in DER. */

export interface Name {
  organisation: string
  commonName: string
}

export interface Issued {
  serial: bigint
  subject: Name
  publicKey: KeyObject
  issuer: Name
  /** EC, P-256 */
  issuerKey: KeyObject
  ca: boolean
  from?: Date
  to?: Date
}

/** PEM; lines end as `lineEnd` says, since some of those who send one sign its text. */
export function issueCertificate(issued: Issued, lineEnd = '\n'): string {
  const { serial, subject, publicKey, issuer, issuerKey, ca } = issued
  const { from = new Date('2020-01-01'), to = new Date('2049-12-31') } = issued
  const constraints = sequence(oid('551d13'), octets(sequence(...(ca ? [TRUE] : []))))
  const body = sequence(
    tagged(0xa0, integer(2n)),
    integer(serial),
    ECDSA_SHA256,
    nameOf(issuer),
    sequence(time(from), time(to)),
    nameOf(subject),
    publicKey.export({ format: 'der', type: 'spki' }),
    tagged(0xa3, sequence(constraints)),
  )
  const der = sequence(body, ECDSA_SHA256, tagged(0x03, Buffer.of(0), signBytes('sha256', body, issuerKey)))
  const lines = der.toString('base64').match(/.{1,64}/g)!
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join(lineEnd)
}

const sequence = (...parts: Buffer[]) => tagged(0x30, ...parts)
const oid = (hex: string) => tagged(0x06, Buffer.from(hex, 'hex'))
const octets = (content: Buffer) => tagged(0x04, content)
const text = (value: string) => tagged(0x0c, Buffer.from(value))
const TRUE = tagged(0x01, Buffer.of(0xff))
const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'))

const nameOf = ({ organisation, commonName }: Name) =>
  sequence(
    tagged(0x31, sequence(oid('550406'), tagged(0x13, Buffer.from('CN')))),
    tagged(0x31, sequence(oid('55040a'), text(organisation))),
    tagged(0x31, sequence(oid('550403'), text(commonName))),
  )

/** Two digits for the year: until 2049. */
const time = (at: Date) => tagged(0x17, Buffer.from(`${at.toISOString().slice(2, 19).replace(/\D/g, '')}Z`))

function integer(value: bigint): Buffer {
  const hex = value.toString(16)
  const even = hex.length % 2 === 1 ? `0${hex}` : hex
  return tagged(0x02, Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, 'hex'))
}

function tagged(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content])
  return length < 0x100
    ? Buffer.concat([Buffer.of(tag, 0x81, length), content])
    : Buffer.concat([Buffer.of(tag, 0x82, length >> 8, length & 0xff), content])
}
