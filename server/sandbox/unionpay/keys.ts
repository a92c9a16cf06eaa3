import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
} from 'node:crypto'
import { issueCertificate } from './certificate'

/** UnionPay's part of the keys: the authorities that its certificates are of, and what it signs with. */

export type Fields = Record<string, string>

const ROOT = { organisation: 'Sandbox Certification Authority', commonName: 'SANDBOX CS CA' }
const MIDDLE = { organisation: 'Sandbox Certification Authority', commonName: 'SANDBOX OCA1' }
export const OWNER = '中国银联股份有限公司'

/** How an answer may be signed: well; by nobody; by a certificate that is another's, or was until yesterday, or of no authority. */
export const SIGNERS = ['own', 'nobody', 'other-owner', 'expired', 'self-made'] as const
export type Signer = (typeof SIGNERS)[number]

export interface UnionPayKeys {
  /** PEM, root and what is below it */
  authorities: string
  /** for QRA, PEM */
  publicKey: string
  sign(fields: Fields, by?: Signer): Fields
  signText(text: string, by?: Signer): string
}

/** What is made once. PEM. */
export interface KeptUnionPayKeys {
  authorities: string
  privateKey: string
  /** its certificate as each signer shows it; nobody shows the good one */
  certificates: Record<Exclude<Signer, 'nobody'>, string>
}

export function generateUnionPayKeys(): KeptUnionPayKeys {
  const [root, middle, selfMade] = [1, 2, 3].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' })) as [
    Pair,
    Pair,
    Pair,
  ]
  const own = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const rootPem = issueCertificate({
    ...{ serial: 1n, subject: ROOT, publicKey: root.publicKey, issuer: ROOT, issuerKey: root.privateKey, ca: true },
  })
  const middlePem = issueCertificate({
    ...{ serial: 2n, subject: MIDDLE, publicKey: middle.publicKey, issuer: ROOT, issuerKey: root.privateKey, ca: true },
  })
  const signerPem = (serial: bigint, owner: string, issuerKey: KeyObject, to?: Date) =>
    issueCertificate(
      {
        subject: { organisation: 'SANDBOX OCA1', commonName: `041@8310000000083040@${owner}@0001649${serial}` },
        ...{ serial, publicKey: own.publicKey, issuer: MIDDLE, issuerKey, ca: false, ...(to && { to }) },
      },
      // As UnionPay sends its own: the line ends are signed, too.
      '\r\n',
    )
  const certificates = {
    own: signerPem(3n, OWNER, middle.privateKey),
    'other-owner': signerPem(4n, '某商户', middle.privateKey),
    expired: signerPem(5n, OWNER, middle.privateKey, new Date('2020-12-31')),
    'self-made': signerPem(6n, OWNER, selfMade.privateKey),
  }
  const privateKey = own.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  return { authorities: rootPem + middlePem, privateKey, certificates }
}

export function unionPayKeys({ authorities, privateKey, certificates }: KeptUnionPayKeys): UnionPayKeys {
  const own = createPrivateKey(privateKey)
  let nobody: KeyObject | undefined
  const keyOf = (by: Signer) => {
    if (by !== 'nobody') return own
    nobody ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    return nobody
  }
  const signText = (text: string, by: Signer = 'own') =>
    signBytes('sha256', Buffer.from(text), keyOf(by)).toString('base64')
  return {
    authorities,
    publicKey: createPublicKey(own).export({ format: 'pem', type: 'spki' }).toString(),
    signText,
    sign(fields, by = 'own') {
      const all: Fields = { ...fields, signPubKeyCert: certificates[by === 'nobody' ? 'own' : by] }
      return { ...all, signature: signText(digestOf(all), by) }
    },
  }
}

type Pair = { publicKey: KeyObject; privateKey: KeyObject }

/** What is signed of some fields: the hex SHA-256 of those that have a value, sorted, as `name=value&…`. */
export function digestOf({ signature: _, ...fields }: Fields): string {
  const pairs = Object.entries(fields).filter(([, value]) => value !== '')
  const text = pairs
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.join('='))
    .join('&')
  return createHash('sha256').update(text).digest('hex')
}
