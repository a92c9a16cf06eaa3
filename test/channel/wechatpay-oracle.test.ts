import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto'
import { Aes, Formatter, Rsa, Wechatpay } from 'wechatpay-axios-plugin'
import { startTestWechatpay, type TestWechatpay } from '../../harness/wechatpay'
import { isTheirs } from '../../server/channel/wechatpay/client'
import { platformKeys } from '../../server/channel/wechatpay/keys'
import { payRequest } from '../../server/channel/wechatpay/payments'
import { HEADER, payText, replyText, seal, signed, unsealed } from '../../server/channel/wechatpay/sign'
import { guard } from '../../server/sandbox/wechatpay/guard'
import { publicOf } from '../../server/sandbox/wechatpay/keys'
import { orderOf } from './channel-contract'
import { wechatpay } from './wechatpay-subject'

/** A client that others wrote, from nothing but WeChat Pay's documents: what one side signs the other accepts, and nothing near it. */

type Change<T> = [what: string, changed: (sound: T) => T]

const flip = (text: string, at: number) => text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)

describe('beside a foreign client of WeChat Pay', () => {
  let theirs: TestWechatpay
  beforeAll(async () => {
    theirs = await startTestWechatpay()
  })
  afterAll(() => theirs?.stop())

  const foreign = (adapter?: (config: object) => Promise<object>) => {
    const { keys, url } = theirs
    const certs = { [keys.publicKeyId]: publicOf(keys.platformKey), [keys.certificateSerial]: keys.certificate }
    const own = { mchid: keys.mchId, serial: keys.serial, privateKey: keys.clientKey, certs, baseURL: url }
    return new Wechatpay({ ...own, ...(adapter && { adapter }) } as never).client.v3!
  }

  it('the sandbox serves it: prepay, query, close, certificates; and a refusal is the refusal that it is', async () => {
    const subject = await wechatpay()
    const order = await orderOf(subject.channel, 'somebody')
    await subject.stop()
    const body = payRequest({ mchId: theirs.keys.mchId, notifyUrl: 'https://pay.example/n' }, order)
    const client = foreign()
    const made = await client.post('/v3/pay/partner/transactions/jsapi', body)
    expect(made).toMatchObject({ status: 200, data: { prepay_id: expect.any(String) } })
    const at = `/v3/pay/partner/transactions/out-trade-no/${body.out_trade_no}`
    const params = { sp_mchid: body.sp_mchid, sub_mchid: body.sub_mchid }
    expect(await client.get(at, { params })).toMatchObject({
      data: { trade_state: 'NOTPAY', sub_mchid: body.sub_mchid },
    })
    expect(await client.post(`${at}/close`, params)).toMatchObject({ status: 204 })
    await expect(client.post('/v3/pay/partner/transactions/jsapi', body)).rejects.toMatchObject({
      response: { status: 400, data: { code: 'ORDER_CLOSED' } },
    })
    for (const [name, value] of [
      ['extra', 1],
      ['description', ''],
      ['time_expire', '2020-01-01T00:00:00+08:00'],
      ['sp_appid', 'wx0000000000000000'],
    ] as const)
      await expect(
        client.post('/v3/pay/partner/transactions/jsapi', {
          ...body,
          out_trade_no: 'F20261121AAAAAAAAAAAB',
          [name]: value,
        }),
      ).rejects.toMatchObject({ response: { status: 400 } })
    const [told] = (await client.get('/v3/certificates')).data.data
    const { ciphertext, nonce, associated_data } = told.encrypt_certificate
    const opened = Aes.AesGcm.decrypt(ciphertext, theirs.keys.apiV3Key, nonce, associated_data)
    expect(opened).toBe(theirs.keys.certificate)
  })

  describe('a reply or notice', () => {
    interface Word {
      headers: Record<string, string>
      body: string
    }
    const BODY = '{"trade_state":"SUCCESS","amount":{"total":100}}'
    const now = Date.now()
    const timestamp = String(Math.floor(now / 1_000))
    const word = (signature: string, nonce: string): Word => ({
      headers: {
        [HEADER.timestamp]: timestamp,
        [HEADER.nonce]: nonce,
        [HEADER.serial]: theirs.keys.publicKeyId,
        [HEADER.signature]: signature,
      },
      body: BODY,
    })
    const bySide = {
      ours: () => {
        const nonce = randomBytes(16).toString('hex')
        return word(
          signed(createPrivateKey(theirs.keys.platformKey), replyText({ timestamp, nonce, body: BODY })),
          nonce,
        )
      },
      theirs: () => {
        const nonce = Formatter.nonce()
        return word(Rsa.sign(Formatter.response(timestamp, nonce, BODY), theirs.keys.platformKey), nonce)
      },
    }
    const headed = (name: string, change: (value: string) => string | undefined) => (sound: Word) => {
      const { [name]: value, ...rest } = sound.headers
      const changed = change(value!)
      return { ...sound, headers: { ...rest, ...(changed !== undefined && { [name]: changed }) } }
    }
    const FORGERIES: Change<Word>[] = [
      ['another amount', (w) => ({ ...w, body: w.body.replace('100', '101') })],
      ['a blank more', (w) => ({ ...w, body: `${w.body} ` })],
      ['a line end more', (w) => ({ ...w, body: `${w.body}\n` })],
      ['a blank in front', (w) => ({ ...w, body: ` ${w.body}` })],
      ['its fields in another order', (w) => ({ ...w, body: '{"amount":{"total":100},"trade_state":"SUCCESS"}' })],
      ['half of it', (w) => ({ ...w, body: w.body.slice(0, 20) })],
      ['a second later', headed(HEADER.timestamp, (at) => String(Number(at) + 1))],
      ['ten minutes ago', headed(HEADER.timestamp, (at) => String(Number(at) - 600))],
      ['in ten minutes', headed(HEADER.timestamp, (at) => String(Number(at) + 600))],
      ['no time', headed(HEADER.timestamp, () => undefined)],
      ['a time that is none', headed(HEADER.timestamp, () => 'yesterday')],
      ['another nonce', headed(HEADER.nonce, (nonce) => flip(nonce, 3))],
      ['no nonce', headed(HEADER.nonce, () => undefined)],
      ['no serial', headed(HEADER.serial, () => undefined)],
      ['a serial of nobody', headed(HEADER.serial, (serial) => flip(serial, serial.length - 1))],
      ['the serial of the other key', headed(HEADER.serial, () => theirs.keys.certificateSerial)],
      ['no signature', headed(HEADER.signature, () => undefined)],
      ['the start of the signature changed', headed(HEADER.signature, (signature) => flip(signature, 0))],
      ['the middle of the signature changed', headed(HEADER.signature, (signature) => flip(signature, 170))],
      ['a probe', headed(HEADER.signature, (signature) => `WECHATPAY/SIGNTEST/${signature.slice(19)}`)],
      [
        'a signature by the merchant',
        (w) => ({
          ...w,
          headers: {
            ...w.headers,
            [HEADER.signature]: Rsa.sign(
              Formatter.response(timestamp, w.headers[HEADER.nonce]!, w.body),
              theirs.keys.clientKey,
            ),
          },
        }),
      ],
      ['a signature of another text', headed(HEADER.signature, () => Rsa.sign('x', theirs.keys.platformKey))],
    ]
    const weBelieve = ({ headers, body }: Word) => isTheirs(platformKeysOf(theirs), headers, Buffer.from(body), now)
    async function theyBelieve({ headers, body }: Word): Promise<boolean> {
      const adapter = async (config: object) => ({
        status: 200,
        statusText: 'OK',
        headers,
        config,
        request: {},
        data: body,
      })
      return foreign(adapter)
        .get('/v3/x')
        .then(
          () => true,
          () => false,
        )
    }

    it.each(['ours', 'theirs'] as const)(
      'signed by %s is believed by both, and no forgery of it by anybody',
      async (side) => {
        const sound = bySide[side]()
        expect([weBelieve(sound), await theyBelieve(sound)]).toEqual([true, true])
        expect(FORGERIES.length).toBeGreaterThanOrEqual(20)
        for (const [what, change] of FORGERIES) {
          const forged = change(sound)
          expect([what, weBelieve(forged)]).toEqual([what, false])
          expect([what, await theyBelieve(forged)]).toEqual([what, false])
        }
      },
    )

    it('whose signature is the same bytes written otherwise is refused by us', () => {
      const sound = bySide.theirs()
      for (const written of [(s: string) => `${s}=`, (s: string) => ` ${s}`, (s: string) => s.replaceAll('=', '')])
        expect(weBelieve(headed(HEADER.signature, written)(sound))).toBe(false)
    })
  })

  it('a request that it signs is served, and none that was changed', () => {
    const { keys } = theirs
    const client = {
      mchId: keys.mchId,
      serial: keys.serial,
      publicKeyId: keys.publicKeyId,
      key: createPublicKey(publicOf(keys.clientKey)),
    }
    const body = '{"a":1}'
    const path = '/v3/x?y=1'
    const told = () => {
      const [nonce, timestamp] = [Formatter.nonce(), String(Formatter.timestamp())]
      const signature = Rsa.sign(Formatter.request('POST', path, timestamp, nonce, body), keys.clientKey)
      return {
        method: 'POST',
        path,
        body,
        mchid: keys.mchId,
        nonce,
        signature,
        timestamp,
        serial: keys.serial,
        more: {} as Record<string, string>,
      }
    }
    type Told = ReturnType<typeof told>
    const check = guard(client, Date.now)
    const code = ({ method, path: at, body: sent, mchid, nonce, signature, timestamp, serial, more }: Told) => {
      const authorization = Formatter.authorization(mchid, nonce, signature, timestamp, serial)
      const common = { 'user-agent': 'x', accept: 'application/json', 'content-type': 'application/json' }
      return check({ method, path: at, headers: { ...common, authorization, ...more }, body: Buffer.from(sent) })?.code
    }
    const FORGERIES: Change<Told>[] = [
      ['method', (t) => ({ ...t, method: 'PUT' })],
      ['path', (t) => ({ ...t, path: '/v3/z?y=1' })],
      ['query', (t) => ({ ...t, path: '/v3/x?y=2' })],
      ['no query', (t) => ({ ...t, path: '/v3/x' })],
      ['encoded', (t) => ({ ...t, path: '/v3/%78?y=1' })],
      ['body', (t) => ({ ...t, body: '{"a":2}' })],
      ['blank', (t) => ({ ...t, body: '{"a": 1}' })],
      ['no body', (t) => ({ ...t, body: '' })],
      ['mchid', (t) => ({ ...t, mchid: flip(t.mchid, 2) })],
      ['nonce', (t) => ({ ...t, nonce: flip(t.nonce, 2) })],
      ['no nonce', (t) => ({ ...t, nonce: '' })],
      ['later', (t) => ({ ...t, timestamp: String(Number(t.timestamp) + 1) })],
      ['long ago', (t) => ({ ...t, timestamp: String(Number(t.timestamp) - 400) })],
      ['far ahead', (t) => ({ ...t, timestamp: String(Number(t.timestamp) + 400) })],
      ['no time', (t) => ({ ...t, timestamp: '' })],
      ['serial', (t) => ({ ...t, serial: flip(t.serial, 9) })],
      ['signature', (t) => ({ ...t, signature: flip(t.signature, 0) })],
      ['its end', (t) => ({ ...t, signature: `${t.signature}=` })],
      ['no signature', (t) => ({ ...t, signature: '' })],
      ['platform’s key', (t) => ({ ...t, signature: Rsa.sign('x', keys.platformKey) })],
      ['no agent', (t) => ({ ...t, more: { 'user-agent': '' } })],
      ['a type of its own', (t) => ({ ...t, more: { 'content-type': 'text/plain' } })],
      ['another public key', (t) => ({ ...t, more: { 'wechatpay-serial': 'PUB_KEY_ID_1' } })],
      ['another scheme', (t) => ({ ...t, more: { authorization: 'WECHATPAY2-SM2-WITH-SM3 x="y"' } })],
    ]
    for (const [what, change] of FORGERIES) expect([what, code(change(told()))]).not.toEqual([what, undefined])
    const once = told()
    expect(code(once)).toBeUndefined()
    expect(code(once)).toBe('SIGN_ERROR')
  })

  it('what we sign for the app it verifies, and what either seals the other opens; nothing changed of it', () => {
    const { clientKey, apiV3Key } = theirs.keys
    const parts = { appId: 'wx00000000fa9a1001', timeStamp: '1795851600', nonceStr: 'abc', packed: 'prepay_id=wx1' }
    const sign = signed(createPrivateKey(clientKey), payText(parts))
    const text = Formatter.joinedByLineFeed(parts.appId, parts.timeStamp, parts.nonceStr, parts.packed)
    expect(Rsa.verify(text, sign, publicOf(clientKey))).toBe(true)
    expect(Rsa.verify(text.replace('wx1', 'wx2'), sign, publicOf(clientKey))).toBe(false)
    const key = Buffer.from(apiV3Key)
    const nonce = 'abcdefghijkl'
    const ours = seal(key, 'a text', 'transaction', nonce)
    expect(Aes.AesGcm.decrypt(ours.ciphertext, apiV3Key, nonce, 'transaction')).toBe('a text')
    const ciphertext = Aes.AesGcm.encrypt('a text', apiV3Key, nonce, 'transaction')
    const sound = { ciphertext, associated_data: 'transaction', nonce }
    expect(unsealed(key, sound)?.toString()).toBe('a text')
    for (const changed of [
      { ...sound, nonce: 'abcdefghijkm' },
      { ...sound, nonce: '' },
      { ...sound, associated_data: 'refund' },
      { ...sound, associated_data: undefined },
      { ...sound, ciphertext: flip(ciphertext, 0) },
      { ...sound, ciphertext: ciphertext.slice(4) },
      { ...sound, ciphertext: '' },
    ])
      expect(unsealed(key, changed)).toBeUndefined()
    expect(unsealed(Buffer.from(apiV3Key.slice(16)), sound)).toBeUndefined()
  })
})

const platformKeysOf = ({ config }: TestWechatpay) => platformKeys(config, Date.now)
