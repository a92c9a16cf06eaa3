import { createHash, type KeyObject, X509Certificate } from 'node:crypto'

/**
 * Alipay's certificate mode (公钥证书方式): requests name the certificates that they go by, replies the one that they were signed with, and
 * that one must come from Alipay's root. Source: opendocs.alipay.com, "自行实现签名"; what the numbers are made of, alipay-sdk.
 */
export interface AlipayCertificates {
  /** named in requests */
  appCertSn: string
  rootCertSn: string
  /** Alipay's own: its number, and the key that its word is known by */
  alipayCertSn: string
  alipayKey: KeyObject
}

interface Files {
  /** PEM: ours (appCertPublicKey), Alipay's with what is between it and the root (alipayCertPublicKey_RSA2), its roots (alipayRootCert) */
  app: string
  alipay: string
  root: string
  privateKey: KeyObject
}

/** What they come to, or in English what is wrong with which. `at`: ms. */
export function certificatesOf(
  files: Files,
  at: number,
): AlipayCertificates | { of: 'app' | 'alipay' | 'root'; fault: string } {
  const [app, alipay, root] = [listOf(files.app), listOf(files.alipay), listOf(files.root)]
  const [own] = app
  const [theirs, ...between] = alipay
  const roots = root.filter((one) => isRsa(one) && isIssued(one, one))
  if (!own?.checkPrivateKey(files.privateKey)) return { of: 'app', fault: 'is not of ALIPAY_PRIVATE_KEY' }
  if (roots.length === 0) return { of: 'root', fault: 'holds no root of RSA' }
  if (!theirs || !isRsa(theirs)) return { of: 'alipay', fault: 'holds no certificate of RSA' }
  if (!comesFrom(theirs, between, roots, at))
    return { of: 'alipay', fault: 'does not come from Alipay’s root, or is over' }
  return {
    appCertSn: snOf(own),
    rootCertSn: root.filter(isRsa).map(snOf).join('_'),
    alipayCertSn: snOf(theirs),
    alipayKey: theirs.publicKey,
  }
}

/** By issuer and serial, as Alipay counts: the issuer's names from the last to the first, then the number in decimal. */
export function snOf({ issuer, serialNumber }: X509Certificate): string {
  const names = issuer.split('\n').reverse().join(',')
  return createHash('md5')
    .update(`${names}${BigInt(`0x${serialNumber}`)}`)
    .digest('hex')
}

function comesFrom(
  one: X509Certificate,
  between: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  at: number,
): boolean {
  if (Date.parse(one.validFrom) > at || Date.parse(one.validTo) < at) return false
  if (roots.some((root) => isIssued(one, root))) return true
  // each is left out once used, so that two that signed one another are no circle
  return between.some(
    (next) =>
      isIssued(one, next) &&
      comesFrom(
        next,
        between.filter((other) => other !== next),
        roots,
        at,
      ),
  )
}

const isIssued = (one: X509Certificate, by: X509Certificate) => one.checkIssued(by) && one.verify(by.publicKey)

/** Its roots are of SM2 as well, which nobody signs with here, and which may not be readable. */
function isRsa(one: X509Certificate): boolean {
  try {
    return one.publicKey.asymmetricKeyType === 'rsa'
  } catch {
    return false
  }
}

function listOf(pem: string): X509Certificate[] {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return found.flatMap((one) => {
    try {
      return [new X509Certificate(one)]
    } catch {
      return []
    }
  })
}
