import { createPrivateKey, createPublicKey, privateDecrypt, X509Certificate } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { linesOf } from '../../server/channel/wechatpay/bill-file'
import { isTheirs } from '../../server/channel/wechatpay/client'
import { platformKeys } from '../../server/channel/wechatpay/keys'
import { notices } from '../../server/channel/wechatpay/notices'
import { isSigned, payText, unsealed } from '../../server/channel/wechatpay/sign'
import { totalsOf } from '../../server/domain/match'

/** What WeChat Pay and its own libraries wrote: real notices, certificates and bills. */

const VECTORS = process.env.FAPAI_VECTORS ?? resolve(__dirname, '../../../shared/vectors')
const FOLDER = join(VECTORS, 'wechatpay')
const there = existsSync(FOLDER)
if (!there) console.warn(`skipped: there is no folder ${FOLDER} (FAPAI_VECTORS) with what WeChat Pay wrote`)

const text = (name: string) => readFileSync(join(FOLDER, name), 'utf8')
const json = (name: string) => JSON.parse(text(name))
const flipped = (bytes: Buffer, at: number) => Buffer.from(bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)))

;(there ? describe : describe.skip)('what WeChat Pay wrote', () => {
  describe('a notice of 2021', () => {
    const body = () => readFileSync(join(FOLDER, 'notify-payscore.body.json'))
    const headers = () =>
      Object.fromEntries(
        Object.entries<string>(json('notify-payscore.headers.json')).map(([k, v]) => [k.toLowerCase(), v]),
      )
    const then = () => Number(headers()['wechatpay-timestamp']) * 1_000
    const keys = (apiV3Key: string, at: number) => {
      const certificate = new X509Certificate(text('notify-payscore.platform-cert.pem'))
      // As if it had been fetched: the key alone, since its time is over.
      const publicKey = { id: headers()['wechatpay-serial']!, key: certificate.publicKey }
      return platformKeys({ publicKey, apiV3Key: Buffer.from(apiV3Key) }, () => at)
    }

    it('is by its certificate, at its time, to the byte', () => {
      const believed = (bytes: Buffer, at = then()) => isTheirs(keys('x'.repeat(32), at), headers(), bytes, at)
      expect(believed(body())).toBe(true)
      for (let at = 0; at < body().length; at += 7) expect(believed(flipped(body(), at))).toBe(false)
      expect(believed(body(), then() + 301_000)).toBe(false)
      expect(believed(body(), Date.now())).toBe(false)
    })

    it('sealed with sixteen bytes is opened by nobody: a real key has 32', () => {
      const apiV3Key = text('notify-payscore.apiv3key.txt').trim()
      expect(apiV3Key).toHaveLength(16)
      expect(unsealed(Buffer.from(apiV3Key), json('notify-payscore.body.json').resource)).toBeUndefined()
      const own = { keys: keys(apiV3Key, then()), refresh: async () => {} }
      const options = { mchId: '1', appIds: [], apiV3Key: Buffer.from(apiV3Key), clock: { now: then } }
      const request = { method: 'POST', path: '/channel/wechatpay/notify', headers: headers(), body: body() }
      const seen = notices(own, options).read(request)
      expect(seen).toEqual({ kind: 'refused', code: 'seal-invalid' })
    })
  })

  it('opens what is sealed with 32 bytes, and nothing else', () => {
    const {
      MESSAGE,
      ASSOCIATED_DATA: associated_data,
      NONCE: nonce,
      CIPHERTEXT: ciphertext,
      API_V3_KEY,
    } = json('aead-aes-256-gcm.json')
    const key = Buffer.from(API_V3_KEY)
    expect(unsealed(key, { ciphertext, associated_data, nonce })?.toString()).toBe(MESSAGE)
    for (const other of [{ nonce: 'uluk4a9R25RX' }, { associated_data: 'x' }, { associated_data: undefined }])
      expect(unsealed(key, { ciphertext, associated_data, nonce, ...other })).toBeUndefined()
  })

  it('takes the certificates of a reply by their own serials, sealed for us', () => {
    const body = readFileSync(join(FOLDER, 'certificates.response.json'))
    const apiV3Key = Buffer.from(text('certificates.apiv3key.txt').trim())
    const [{ serial_no }] = json('certificates.response.json').data
    const at = Date.parse('2024-01-01')
    const keys = platformKeys({ publicKey: null, apiV3Key }, () => at)
    expect(keys.of(serial_no)).toBeUndefined()
    expect(keys.wants(serial_no)).toBe(true)
    expect(keys.wants(serial_no)).toBe(false)
    expect(keys.learn(body)).toBe(true)
    expect(keys.of(serial_no)?.asymmetricKeyType).toBe('rsa')
    const renamed = Buffer.from(body.toString().replace(serial_no, `${serial_no.slice(0, -1)}0`))
    const strict = platformKeys({ publicKey: null, apiV3Key }, () => at)
    expect([strict.learn(renamed), strict.learn(flipped(body, 400))]).toEqual([false, false])
    expect(platformKeys({ publicKey: null, apiV3Key: Buffer.alloc(32) }, () => at).learn(body)).toBe(false)
    const late = platformKeys({ publicKey: null, apiV3Key }, () => Date.parse('2099-01-01'))
    late.learn(body)
    expect(late.of(serial_no)).toBeUndefined()
  })

  it('verifies by the key that signed, and by no other', () => {
    const told = json('java-rsa.json')
    const message = Buffer.from(told['signed message'])
    const signature = told['signature (SHA256withRSA, merchant certificate)']
    const by = (name: string) => isSigned(new X509Certificate(text(name)).publicKey, message, signature)
    expect([by('java-merchant-certificate.pem'), by('java-wechat-pay-certificate.pem')]).toEqual([true, false])
    expect(isSigned(createPublicKey(text('java-wechat-pay-public-key.pem')), message, signature)).toBe(false)
    const key = createPrivateKey(text('java-merchant-private-key.pem'))
    const plain = privateDecrypt(
      { key, oaepHash: 'sha1' },
      Buffer.from(told['OAEP-SHA1 ciphertext for the merchant key'], 'base64'),
    )
    expect(plain.toString()).toBe(told['OAEP plaintext'])
  })

  it('shows that an app’s text is not the page’s', () => {
    const { appId, timeStamp, nonceStr, package: packed } = json('pay-sign.official-doc.json')
    const page = payText({ appId, timeStamp, nonceStr, packed })
    expect(page.toString()).toBe(
      `${appId}\n${timeStamp}\n${nonceStr}\nprepay_id=wx201410272009395522657a690389285100\n`,
    )
    expect(page.toString().split('\n')).toHaveLength(5)
  })

  describe('the bill of 2019-02-19', () => {
    const dir = mkdtempSync(join(tmpdir(), 'fapai-bill-'))
    afterAll(() => rmSync(dir, { recursive: true }))
    const MCH = '1921000401'
    async function read(content: string) {
      const file = join(dir, 'bill.csv')
      writeFileSync(file, content)
      const lines = []
      for await (const batch of linesOf(file, MCH)) lines.push(...batch)
      return lines
    }
    const bill = () => text('tradebill.ALL.2019-02-19.csv')

    it('is 45 rows that add up to its totals, each to the fen', async () => {
      const lines = await read(bill())
      expect(lines).toHaveLength(45)
      const { clearing, refund } = totalsOf(lines)
      expect([clearing.payerFen, refund.payerFen]).toEqual([-47, 14])
      expect(lines[0]).toMatchObject({
        kind: 'refund',
        refundNo: 'REF4200000263201902167700963919',
        channelTradeNo: '50000709672019011908420787722',
        bookedAt: Date.parse('2019-02-18T21:01:46Z'),
        currency: 'CNY',
      })
    })

    it('is read by the names of its columns, with or without marks and returns', async () => {
      const sound = await read(bill())
      expect(await read(bill().replace('\uFEFF', '').replaceAll('\r\n', '\n'))).toEqual(sound)
      const [header = '', ...rows] = bill().replace('\uFEFF', '').split('\r\n')
      const turned = rows.slice(0, 45).map((row) => `\`${row.slice(1).split(',`').reverse().join(',`')}`)
      const back = [header.split(',').reverse().join(), ...turned, ...rows.slice(45)].join('\n')
      expect(await read(back)).toEqual(sound)
    })

    it.each<[string, (sound: string) => string]>([
      ['a fen more in a row', (sound) => sound.replace('`0.03,`0.00,`0,`0', '`0.04,`0.00,`0,`0')],
      ['a row less', (sound) => sound.split('\r\n').toSpliced(7, 1).join('\r\n')],
      ['a row twice', (sound) => sound.split('\r\n').toSpliced(7, 0, sound.split('\r\n')[7]!).join('\r\n')],
      ['other totals', (sound) => sound.replace('`45.0,`0.47', '`45.0,`0.48')],
      ['no totals', (sound) => sound.slice(0, sound.indexOf('总交易单数'))],
      ['half of it', (sound) => sound.slice(0, sound.length >> 1)],
      ['another’s rows', (sound) => sound.replaceAll(MCH, '1921000402')],
      ['a state that nobody knows', (sound) => sound.replace('`SUCCESS,`OTHERS', '`MOON,`OTHERS')],
      ['no column for the number', (sound) => sound.replace('商户订单号', '订单')],
      ['a cell too many', (sound) => sound.replace('`autotest,', '`auto,`test,')],
      ['an amount that is none', (sound) => sound.replace('`0.03,`0.00,`0,`0', '`1e3,`0.00,`0,`0')],
      ['a page of somebody else', () => '<html>502</html>'],
      ['nothing', () => ''],
    ])('with %s is refused', async (_, change) => {
      const changed = change(bill())
      expect(changed).not.toBe(bill())
      await expect(read(changed)).rejects.toMatchObject({ name: 'BillRefused' })
    })
  })
})
