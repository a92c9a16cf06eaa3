import { readFileSync, statSync } from 'node:fs'
import { z } from 'zod'
import { bankConfig } from '../channel/bank/schema'
import {
  type CertificateFault,
  type ClientCertificate,
  clientCertificateOf,
  clientCertificates,
  notItsTime,
} from '../channel/client-certificate'
import { certificatesOf } from './certificates'
import { contentOf } from './secret-file'

/** What the bank's own channel needs to be told. */
export const bankEnvironment = {
  BANK_URL: bankConfig.shape.baseUrl,
  BANK_KEY_ID: bankConfig.shape.keyId,
  /** our SM2 private key and the bank's SM2 public key, hex */
  BANK_PRIVATE_KEY: bankConfig.shape.privateKey,
  BANK_PUBLIC_KEY: bankConfig.shape.bankPublicKey,
  /** PEM: the only authorities that the bank's certificate may be of; without it node's own */
  BANK_CA_FILE: z.string().transform(certificatesOf).optional(),
  /** PEM: our certificate for the bank's TLS, with what is between it and its authority; both or neither */
  BANK_CLIENT_CERT_FILE: z.string().optional(),
  /** its key (PEM); a secret like every other, so a program may give it as well (secrets.ts) */
  BANK_CLIENT_KEY: z.string().optional(),
  BANK_CLIENT_KEY_FILE: z.string().optional(),
  /** the bank's next one, while it changes: replies may be signed with either */
  BANK_PUBLIC_KEY_NEXT: bankConfig.shape.bankPublicKeyNext,
  BANK_TIMEOUT_MS: bankConfig.shape.timeoutMs.default(5_000),
}

type Env = Readonly<Record<string, unknown>>
type Given = z.output<z.ZodObject<typeof bankEnvironment>>

/** What is wrong with our certificate for the bank. `env`: with the secrets of files in their places. */
export function bankFaults(env: Env): string[] {
  const { BANK_CLIENT_CERT_FILE: cert, BANK_CLIENT_KEY: key, BANK_URL: url } = env
  if (cert === undefined && key === undefined) return []
  if (cert === undefined) return [`BANK_CLIENT_CERT_FILE: goes with ${keyName(env)}`]
  if (key === undefined) return ['BANK_CLIENT_KEY_FILE: goes with BANK_CLIENT_CERT_FILE']
  if (!/^https:/i.test(String(url))) return ['BANK_CLIENT_CERT_FILE: goes with a BANK_URL of https']
  const pair = pairOf(String(cert), String(key))
  if (!('fault' in pair)) return []
  return [`${pair.of === 'cert' ? 'BANK_CLIENT_CERT_FILE' : keyName(env)}: ${pair.fault}`]
}

/** Whose word the key is, for whoever has to mend it. */
function keyName(env: Env): string {
  const from = ['_FILE', '_COMMAND'].find((suffix) => env[`BANK_CLIENT_KEY${suffix}`] !== undefined)
  return `BANK_CLIENT_KEY${from ?? ''}`
}

function pairOf(certFile: string, key: string): ClientCertificate | CertificateFault {
  try {
    return clientCertificateOf(readFileSync(certFile, 'utf8'), key)
  } catch (error) {
    return { of: 'cert', fault: `can't be read (${(error as NodeJS.ErrnoException).code})` }
  }
}

/** Once `bankFaults` has found none. A key that no file holds is read once, at the start. */
function clientCertificatesOf(env: Given) {
  const { BANK_CLIENT_CERT_FILE: certFile, BANK_CLIENT_KEY: key, BANK_CLIENT_KEY_FILE: keyFile } = env
  if (certFile === undefined || key === undefined) return undefined
  const files = [certFile, ...(keyFile === undefined ? [] : [keyFile])]
  const stamp = () => files.map(stampOf).join(' ')
  const read = () => {
    const next = keyFile === undefined ? key : contentOf(keyFile)
    return typeof next === 'string' ? pairOf(certFile, next) : { of: 'key' as const, ...next }
  }
  /** One whose time is not now is no better than the one before. */
  const renewed = () => {
    const pair = read()
    return named('fault' in pair ? pair : (notItsTime(pair, Date.now()) ?? pair))
  }
  const stampOfFirst = stamp()
  const first = named(read())
  // It was whole a moment ago, and is being replaced: the next start reads it again.
  if ('fault' in first) throw new Error(first.fault)
  return clientCertificates(first, stampOfFirst, stamp, renewed)
}

function named(pair: ClientCertificate | CertificateFault): ClientCertificate | { fault: string } {
  if (!('fault' in pair)) return pair
  return { fault: `${pair.of === 'cert' ? 'BANK_CLIENT_CERT_FILE' : 'BANK_CLIENT_KEY_FILE'}: ${pair.fault}` }
}

/** Also of a file that a link leads to, as orchestrators replace secrets. */
function stampOf(path: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(path)
    return `${ino}:${size}:${mtimeMs}`
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
}

export function bankOf(env: Given) {
  return {
    baseUrl: env.BANK_URL,
    keyId: env.BANK_KEY_ID,
    privateKey: env.BANK_PRIVATE_KEY,
    bankPublicKey: env.BANK_PUBLIC_KEY,
    ca: env.BANK_CA_FILE,
    clientCertificate: clientCertificatesOf(env),
    bankPublicKeyNext: env.BANK_PUBLIC_KEY_NEXT,
    timeoutMs: env.BANK_TIMEOUT_MS,
  }
}
