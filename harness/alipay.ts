import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { certificatesOf, snOf } from '../server/channel/alipay/certificates'
import type { AlipayConfig } from '../server/channel/alipay/schema'
import { type AlipayServer, startAlipayServer } from '../server/sandbox/alipay/server'
import { PASSWORD } from '../server/sandbox/alipay/trades'
import { type RsaKeys, rsaKeys } from '../server/sandbox/keys'
import { certificateOf } from '../server/sandbox/wechatpay/certificate'

/** The sandbox's Alipay with an app of ours, and a hand on it. */
export interface TestAlipay extends AlipayServer {
  /** ready for `alipayChannel`, but for where we are and how long a person may take */
  config: Omit<AlipayConfig, 'publicUrl' | 'payWithinMs'>
  /** ours, PEM */
  privateKey: string
  appPublicKey: string
}

export const APP_ID = '2021000000000001'
export const SELLER_ID = '2088102146225135'

/** Under a slow machine's load a healthy reply still comes in time. */
const TIMEOUT_MS = 10_000

/** The files of certificate mode, PEM. */
export interface TestCertificates {
  app: string
  alipay: string
  root: string
}

/** `certified`: in certificate mode, in which it answers and is asked by its certificates. */
export async function startTestAlipay(
  now: () => number = Date.now,
  certified = false,
): Promise<TestAlipay & { certificates: TestCertificates | undefined }> {
  const [keys, own] = [rsaKeys(), rsaKeys()]
  const authority = certified ? authorityOf(keys, own) : undefined
  const certificates = authority?.ours
  const app = {
    appId: APP_ID,
    publicKey: keys.publicKey,
    redirectHost: 'pay.bank.example',
    names: 'open_id',
    certificates,
  } as const
  const server = await startAlipayServer({
    apps: [app],
    production: false,
    sellerId: SELLER_ID,
    now,
    keys: own,
    certSn: authority?.certSn,
  })
  const files = authority?.files
  const read = files && certificatesOf({ ...files, privateKey: createPrivateKey(keys.privateKey) }, Date.now())
  if (read && 'fault' in read) throw new Error(read.fault)
  return {
    ...server,
    certificates: files,
    privateKey: keys.privateKey,
    appPublicKey: keys.publicKey,
    config: {
      gatewayUrl: `${server.url}/gateway.do`,
      appId: APP_ID,
      privateKey: createPrivateKey(keys.privateKey),
      alipayKey: createPublicKey(server.publicKey),
      ...(read && {
        alipayCertSn: read.alipayCertSn,
        besides: { app_cert_sn: read.appCertSn, alipay_root_cert_sn: read.rootCertSn },
      }),
      sellerId: SELLER_ID,
      timeoutMs: TIMEOUT_MS,
      clockToleranceMs: 30_000,
      dailyPerPayerFen: 50_000,
      reconcileFromMs: null,
    },
  }
}

/** What a person does at the cashier that an action leads to; answers what the page then says. */
export async function actAtCashier(
  url: string,
  act: 'confirm' | 'cancel' | 'wrong-password',
  person = 'somebody',
): Promise<string> {
  const password = act === 'wrong-password' ? '000000' : PASSWORD
  const form = new URLSearchParams({ act: act === 'cancel' ? 'cancel' : 'confirm', password })
  // The address of a page first leads to the cashier, as in a browser.
  const cashier = (await fetch(url)).url
  const reply = await fetch(cashier, { method: 'POST', body: form, headers: { cookie: `alipay=${person}` } })
  const said = /data-result="([a-z-]+)"/.exec(await reply.text())?.[1]
  if (!reply.ok || said === undefined) throw new Error(`the page answered ${reply.status}`)
  return said
}

/** An authority of the test's, what it certifies of both sides, and what is between. */
function authorityOf(ours: RsaKeys, theirs: RsaKeys) {
  const day = 86_400_000
  const dates = { from: Date.now() - day, to: Date.now() + day }
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const between = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const issuer = { name: 'Ant Financial Test CA R1', privateKey: pair.privateKey }
  const middle = { name: 'Ant Financial Test CA Class 2 R1', privateKey: between.privateKey }
  const serial = (digit: string) => `1${digit.repeat(39)}`
  const root = certificateOf(pair, { serial: serial('1'), name: issuer.name, ...dates })
  const class2 = certificateOf(between, { serial: serial('2'), name: middle.name, ...dates }, issuer)
  const of = (keys: RsaKeys, digit: string, name: string) => {
    const read = { privateKey: createPrivateKey(keys.privateKey), publicKey: createPublicKey(keys.publicKey) }
    return certificateOf(read, { serial: serial(digit), name, ...dates }, middle)
  }
  const [app, alipay] = [of(ours, '3', 'our app'), of(theirs, '4', 'Alipay')]
  const sn = (pem: string) => snOf(new X509Certificate(pem))
  const files: TestCertificates = { app: app + class2, alipay: alipay + class2, root }
  return { ours: { appCertSn: sn(app), rootCertSn: sn(root) }, certSn: sn(alipay), files }
}
