import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { AlipaySdk } from 'alipay-sdk'
import { APP_ID, startTestAlipay } from '../../harness/alipay'
import { certificatesOf, snOf } from '../../server/channel/alipay/certificates'
import { alipayClient } from '../../server/channel/alipay/client'
import { isSignedNotice, readReply } from '../../server/channel/alipay/sign'
import { certificateOf } from '../../server/sandbox/wechatpay/certificate'

// Its HTTP library listens to every client of the process, and changes the sockets of tests that come after this one.
jest.mock('../../node_modules/urllib/dist/commonjs/diagnosticsChannel.js', () => ({ initDiagnosticsChannel() {} }))

const VECTORS = process.env.FAPAI_VECTORS ?? resolve(__dirname, '../../../shared/vectors')

/** Certificate mode, beside Alipay's own client: both name the same certificates, and believe no answer of another one. */
describe('Alipay in certificate mode', () => {
  let theirs: Awaited<ReturnType<typeof startTestAlipay>>
  // The foreign client writes its own machine's time, where Alipay reads Beijing's.
  const now = () => Date.now() - (8 * 60 + new Date().getTimezoneOffset()) * 60_000
  beforeAll(async () => {
    theirs = await startTestAlipay(now, true)
  })
  afterAll(() => theirs?.stop())

  const privateKey = () => createPrivateKey(theirs.privateKey)
  const files = () => theirs.certificates!
  const ours = (more: object = {}) =>
    alipayClient({
      ...{ ...theirs.config, publicUrl: 'https://pay.bank.example', payWithinMs: 300_000, clock: { now } },
      ...more,
    })
  const sdk = () =>
    new AlipaySdk({
      appId: APP_ID,
      gateway: theirs.config.gatewayUrl,
      keyType: 'PKCS8',
      privateKey: theirs.privateKey,
      appCertContent: files().app,
      alipayPublicCertContent: files().alipay,
      alipayRootCertContent: files().root,
    })
  const QUERY = 'alipay.trade.query'
  const asked = async (client: ReturnType<typeof ours>) => {
    const reply = await client.exchange(QUERY, { out_trade_no: 'A0009999' })
    await client.stop()
    return reply
  }

  it('names the certificates by the numbers that Alipay’s own client names', () => {
    const read = certificatesOf({ ...files(), privateKey: privateKey() }, Date.now())
    const { appCertSn, alipayCertSn, alipayRootCertSn: rootCertSn } = sdk().config
    expect(read).toMatchObject({ appCertSn, alipayCertSn, rootCertSn })
    const real = `${VECTORS}/wechatpay/java-merchant-certificate.pem`
    if (!existsSync(real)) return console.warn(`skipped: there is no ${real} (FAPAI_VECTORS)`)
    const pem = readFileSync(real, 'utf8')
    const theirsOf = new AlipaySdk({
      appId: APP_ID,
      privateKey: theirs.privateKey,
      appCertContent: pem,
      alipayPublicCertContent: files().alipay,
      alipayRootCertContent: `${pem}\n${files().root}`,
    }).config
    // an issuer of many names
    expect(snOf(new X509Certificate(pem))).toBe(theirsOf.appCertSn)
    expect(`${snOf(new X509Certificate(pem))}_${rootCertSn}`).toBe(theirsOf.alipayRootCertSn)
  })

  it('is asked and answers, ours and Alipay’s own client alike; without the certificates nobody is answered', async () => {
    expect(await asked(ours())).toMatchObject({ kind: 'refused', subCode: 'ACQ.TRADE_NOT_EXIST' })
    const foreign = await sdk().exec(QUERY, { bizContent: { out_trade_no: 'A0009999' } }, { validateSign: true })
    expect(foreign).toMatchObject({ subCode: 'ACQ.TRADE_NOT_EXIST' })
    for (const besides of [undefined, { ...theirs.config.besides, app_cert_sn: '0'.repeat(32) }])
      expect(await asked(ours({ besides }))).toMatchObject({ kind: 'refused', subCode: 'isv.invalid-app-cert-sn' })
    const [other] = ['f'.repeat(32)]
    const rootless = { ...theirs.config.besides, alipay_root_cert_sn: other }
    expect(await asked(ours({ besides: rootless }))).toMatchObject({ subCode: 'isv.invalid-root-cert-sn' })
  })

  it('believes no answer that names another certificate, or none', async () => {
    expect(await asked(ours({ alipayCertSn: 'f'.repeat(32) }))).toMatchObject({ kind: 'failed', code: 'bad-signature' })
    const client = sdk().sdkExecute(QUERY, { biz_content: { out_trade_no: 'A0009999' } })
    const text = await (await fetch(`${theirs.config.gatewayUrl}?${client}`, { method: 'POST' })).text()
    const signed = (said: string) => {
      const reply = readReply(said, QUERY, theirs.config)
      return reply.kind === 'own' && reply.signed
    }
    expect(signed(text)).toBe(true)
    const named = /"alipay_cert_sn":"[0-9a-f]{32}",/
    for (const changed of [text.replace(named, ''), text.replace(named, '"alipay_cert_sn":null,')])
      expect([changed === text, signed(changed)]).toEqual([false, false])
  })

  it('believes a notice that names no certificate or the known one, and none that names another', () => {
    const known = theirs.config
    const form = { sign_type: 'RSA2', sign: '' }
    expect(isSignedNotice({ ...form, alipay_cert_sn: 'f'.repeat(32) }, known)).toBe(false)
  })

  it('takes no files that don’t fit one another', () => {
    const day = 86_400_000
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const dates = { from: Date.now() - day, to: Date.now() + day }
    const stranger = certificateOf(pair, { serial: `1${'5'.repeat(39)}`, name: 'somebody', ...dates })
    const read = (changed: object, at = Date.now()) =>
      certificatesOf({ ...files(), privateKey: privateKey(), ...changed }, at)
    const [alipay] = files().alipay.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----\n/g)!
    expect(read({ app: stranger })).toMatchObject({ of: 'app' })
    expect(read({ privateKey: pair.privateKey })).toMatchObject({ of: 'app' })
    expect(read({ alipay: stranger })).toMatchObject({ of: 'alipay' })
    // without what is between it and the root
    expect(read({ alipay: alipay! })).toMatchObject({ of: 'alipay' })
    expect(read({ root: stranger })).toMatchObject({ of: 'alipay' })
    expect(read({}, Date.now() + 2 * day)).toMatchObject({ of: 'alipay' })
    expect(read({ root: alipay! })).toMatchObject({ of: 'root' })
    for (const nothing of ['', 'x']) {
      expect(read({ root: nothing })).toMatchObject({ of: 'root' })
      expect(read({ alipay: nothing })).toMatchObject({ of: 'alipay' })
      expect(read({ app: nothing })).toMatchObject({ of: 'app' })
    }
  })
})
