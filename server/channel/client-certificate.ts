import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'

/** What we present to a counterpart whose TLS asks who we are (mutual TLS). */
export interface ClientCertificate {
  /** PEM: ours first, then what is between it and its authority */
  cert: string
  /** PEM, not encrypted */
  key: string
  /** ms since the epoch */
  validFrom: number
  /** ms since the epoch */
  expiresAt: number
}

/** Why a pair can't be presented, and which half of it is to blame. It quotes neither. */
export interface CertificateFault {
  of: 'cert' | 'key'
  fault: string
}

/** The pair, if it can be presented; whether its time is now is {@link notItsTime}'s. */
export function clientCertificateOf(cert: string, key: string): ClientCertificate | CertificateFault {
  const ours = certificateIn(cert)
  if (!ours) return { of: 'cert', fault: 'must be a file of certificates (PEM)' }
  if (/ENCRYPTED PRIVATE KEY|4,ENCRYPTED/.test(key))
    return { of: 'key', fault: 'is encrypted: must be a private key without a passphrase' }
  const secret = privateKeyIn(key)
  if (!secret) return { of: 'key', fault: 'must be a private key (PEM)' }
  if (!ours.checkPrivateKey(secret)) return { of: 'key', fault: 'is not the key of the first certificate' }
  try {
    createSecureContext({ cert, key })
  } catch (error) {
    // as of a key that is too short for this OpenSSL, or a broken certificate further down
    return { of: 'cert', fault: `TLS can't use it (${(error as NodeJS.ErrnoException).code})` }
  }
  return { cert, key, validFrom: Date.parse(ours.validFrom), expiresAt: Date.parse(ours.validTo) }
}

/** Why whoever asks for it will refuse it at `now` (ms since the epoch), as far as that hangs on the time. */
export function notItsTime({ validFrom, expiresAt }: ClientCertificate, now: number): CertificateFault | undefined {
  const at = (ms: number) => new Date(ms).toISOString()
  if (now < validFrom) return { of: 'cert', fault: `its certificate isn't valid before ${at(validFrom)}` }
  if (now > expiresAt) return { of: 'cert', fault: `its certificate expired at ${at(expiresAt)}` }
  return undefined
}

function certificateIn(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem)
  } catch {
    return null
  }
}

function privateKeyIn(pem: string) {
  try {
    return createPrivateKey(pem)
  } catch {
    return null
  }
}

/** What became of files that were changed: taken, or not and why. */
export type CertificateNews = { kind: 'taken'; expiresAt: number } | { kind: 'refused'; fault: string }

export interface ClientCertificates {
  /** As the files are now. Where they were changed to what can't be presented: as they were before. Never throws. */
  now(): ClientCertificate
  /** `tell` hears of each change of the files once. */
  onNews(tell: (news: CertificateNews) => void): void
}

/**
 * `stamp`: another text whenever the files are others; `read`: reads them. Both are asked for every new connection, so that a renewed
 * certificate needs no restart. `first` was read when `stamp` said `stampOfFirst`. Halves that don't belong together are met while they are being replaced: the next change mends that.
 */
export function clientCertificates(
  first: ClientCertificate,
  stampOfFirst: string,
  stamp: () => string,
  read: () => ClientCertificate | { fault: string },
): ClientCertificates {
  let inUse = first
  let seen = stampOfFirst
  let told: (news: CertificateNews) => void = () => {}
  return {
    now() {
      const is = stamp()
      if (is === seen) return inUse
      seen = is
      const next = read()
      if ('fault' in next) told({ kind: 'refused', fault: next.fault })
      else {
        inUse = next
        told({ kind: 'taken', expiresAt: next.expiresAt })
      }
      return inUse
    },
    onNews(tell) {
      told = tell
    },
  }
}
