import { createHash, type KeyObject, sign as signBytes, verify as verifyBytes, X509Certificate } from 'node:crypto'
import { isRoot } from './schema'

/**
 * Signatures of ACP 5.1.0 (`signMethod` 01): RSA-SHA256 over the hex SHA-256 of the fields, sorted, as `name=value&…`. Answers and
 * notices bring the certificate that they are signed by, which counts for its chain, its owner and its dates.
 */

export type Fields = Readonly<Record<string, string>>

/** Without the signature; an empty value isn't sent, so it isn't signed. */
export function signedText(fields: Fields): string {
  return Object.keys(fields)
    .filter((name) => name !== 'signature' && fields[name] !== '')
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join('&')
}

const digestOf = (fields: Fields) => Buffer.from(createHash('sha256').update(signedText(fields)).digest('hex'))

/** The fields with their signature. */
export function signer(key: KeyObject): (fields: Fields) => Fields {
  return (fields) => ({ ...fields, signature: signBytes('sha256', digestOf(fields), key).toString('base64') })
}

export interface Trust {
  /** the root among them, and what lies between it and the signers */
  authorities: readonly X509Certificate[]
  owner: string
}

/** Each is looked at once; UnionPay signs with one, or two while it changes. */
const MOST_KNOWN = 16

/** True when UnionPay signed the fields, by a certificate that holds at `now`. Never throws, whatever they hold. */
export function verifier({ authorities, owner }: Trust): (fields: Fields, now: number) => boolean {
  const known = new Map<string, X509Certificate[] | null>()

  function chainOf(pem: string): X509Certificate[] | null {
    const before = known.get(pem)
    if (before !== undefined) return before
    const certificate = read(pem)
    const chain = certificate && ownerOf(certificate) === owner ? upToRoot(certificate, authorities) : null
    if (known.size >= MOST_KNOWN) known.clear()
    known.set(pem, chain)
    return chain
  }

  return (fields, now) => {
    const { version, signMethod, signPubKeyCert, signature } = fields
    if (version !== '5.1.0' || signMethod !== '01' || !signPubKeyCert || !signature) return false
    const chain = chainOf(signPubKeyCert)
    if (!chain?.every((certificate) => holdsAt(certificate, now))) return false
    const bytes = Buffer.from(signature, 'base64')
    // Other characters that stand for the same bytes are none that UnionPay sent.
    if (bytes.toString('base64') !== signature) return false
    try {
      return verifyBytes('sha256', digestOf(fields), chain[0]!.publicKey, bytes)
    } catch {
      return false
    }
  }
}

/** Of CFCA's chains the signer has two above it. */
const MOST_LINKS = 4

/** The certificate and what issued it, up to the root, by names and signatures; null where the authorities don't lead there. */
function upToRoot(certificate: X509Certificate, authorities: readonly X509Certificate[]): X509Certificate[] | null {
  const chain = [certificate]
  for (let at = certificate; chain.length <= MOST_LINKS; ) {
    const issuer = authorities.find((one) => one.ca && at.checkIssued(one) && at.verify(one.publicKey))
    if (!issuer) return null
    chain.push(issuer)
    if (isRoot(issuer)) return chain
    at = issuer
  }
  return null
}

/** `041@8310000000083040@中国银联股份有限公司@00016495`: its third part. */
export function ownerOf({ subject }: X509Certificate): string | undefined {
  const name = /^CN=(.*)$/m.exec(subject)?.[1]
  return name?.split('@')[2]
}

function holdsAt({ validFrom, validTo }: X509Certificate, now: number): boolean {
  return Date.parse(validFrom) <= now && now <= Date.parse(validTo)
}

function read(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem)
  } catch {
    return null
  }
}
