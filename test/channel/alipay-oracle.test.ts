import { createPublicKey } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AlipaySdk } from 'alipay-sdk'
import { APP_ID, startTestAlipay, type TestAlipay } from '../../harness/alipay'
import { alipayClient } from '../../server/channel/alipay/client'
import { notices } from '../../server/channel/alipay/notices'
import { isSigned, readReply, signedText } from '../../server/channel/alipay/sign'
import { isRefusal, type Trade } from '../../server/sandbox/alipay/trades'

// Its HTTP library listens to every client of the process, and changes the sockets of tests that come after this one.
jest.mock('../../node_modules/urllib/dist/commonjs/diagnosticsChannel.js', () => ({ initDiagnosticsChannel() {} }))

/** Alipay's own client for Node as an oracle: what ours signs it accepts, what it signs ours accepts, and both refuse every forgery. */

describe('Alipay’s own client', () => {
  let theirs: TestAlipay
  let sdk: AlipaySdk
  // It writes the time of its own machine, wherever that is, where Alipay reads Beijing's: so everybody's clock here is off by that.
  const now = () => Date.now() - (8 * 60 + new Date().getTimezoneOffset()) * 60_000
  const clock = { now }
  const config = () => ({ ...theirs.config, publicUrl: 'https://pay.bank.example', payWithinMs: 300_000, clock })
  beforeAll(async () => {
    theirs = await startTestAlipay(now)
    sdk = sdkOf(theirs.publicKey)
  })
  afterAll(() => theirs.stop())

  function sdkOf(alipayPublicKey: string, gateway = theirs.config.gatewayUrl): AlipaySdk {
    const keys = { privateKey: theirs.privateKey, keyType: 'PKCS8' as const, alipayPublicKey }
    return new AlipaySdk({ appId: APP_ID, gateway, timeout: 20_000, ...keys })
  }

  const bizOf = (outTradeNo: string) => ({
    out_trade_no: outTradeNo,
    total_amount: '12.34',
    subject: '老街牛肉面 100%',
    product_code: 'JSAPI_PAY',
    buyer_open_id: 'somebody',
    sub_merchant: { merchant_id: '2088000000000001' },
    passback_params: '2088000000000001',
    time_expire: new Date(now() + 8 * 3_600_000 + 60_000).toISOString().slice(0, 19).replace('T', ' '),
  })
  async function traded(outTradeNo: string): Promise<Trade> {
    await alipayClient(config()).exchange('alipay.trade.create', bizOf(outTradeNo), {
      notify_url: 'https://pay.bank.example/channel/alipay/notify',
    })
    const trade = theirs.trades.query(outTradeNo)
    if (isRefusal(trade)) throw new Error(trade.refused)
    theirs.trades.confirm(outTradeNo, 'somebody', '246810')
    return trade
  }

  it('finds our requests signed, and none that was changed', async () => {
    const caught: Record<string, string>[] = []
    const server = createServer(async (request, response) => {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part)
      caught.push(Object.fromEntries(new URLSearchParams(Buffer.concat(parts).toString())))
      response.end()
    })
    await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
    const gatewayUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/gateway.do`
    const client = alipayClient({ ...config(), gatewayUrl })
    await client.exchange('alipay.trade.create', bizOf('A0000001'), { notify_url: 'https://pay.bank.example/n' })
    await client.stop()
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
    const [request] = caught as [Record<string, string>]
    const ours = sdkOf(theirs.appPublicKey)
    expect(ours.checkNotifySignV2(request)).toBe(true)
    const forged = forgeries(request)
    expect(forged.length).toBeGreaterThanOrEqual(20)
    for (const [what, fields] of forged) expect([what, ours.checkNotifySignV2(fields)]).toEqual([what, false])
  })

  it('signs as we do: its requests are ours to read, by their very text, and the sandbox serves them', async () => {
    const fields = Object.fromEntries(
      new URLSearchParams(sdk.sdkExecute('alipay.trade.create', { biz_content: bizOf('A0000002') })),
    )
    const key = theirs.config.alipayKey
    const ours = alipayClient(config())
    const { sign, ...rest } = fields
    const appKey = createPublicKey(theirs.appPublicKey)
    expect(isSigned(signedText(rest), sign, appKey)).toBe(true)
    for (const [what, { sign: forged, ...changed }] of forgeries(fields))
      expect([what, isSigned(signedText(changed), forged, appKey)]).toEqual([what, false])
    expect(isSigned(signedText(rest), sign, key)).toBe(false)
    const reply = await sdk.exec('alipay.trade.create', { biz_content: bizOf('A0000002') }, { validateSign: true })
    expect(reply).toMatchObject({ code: '10000', outTradeNo: 'A0000002' })
    const asked = await ours.exchange('alipay.trade.query', { out_trade_no: 'A0000002' })
    expect(asked).toMatchObject({ kind: 'answered', said: { trade_status: 'WAIT_BUYER_PAY', total_amount: '12.34' } })
    await ours.stop()
  })

  it('believes the sandbox’s answers, and no forged one; neither do we', async () => {
    await traded('A0000003')
    const method = 'alipay.trade.query'
    const answer = await raw(method, { out_trade_no: 'A0000003' })
    const name = 'alipay_trade_query_response'
    const theyBelieve = (text: string) => {
      try {
        const reply = JSON.parse(text)
        if (!reply[name] || !reply.sign) return false
        sdk.checkResponseSign(text, name, reply.sign, '')
        return true
      } catch {
        return false
      }
    }
    const weBelieve = (text: string) => {
      const reply = readReply(text, method, theirs.config)
      return reply.kind === 'own' && reply.signed
    }
    expect([theyBelieve(answer), weBelieve(answer)]).toEqual([true, true])
    const other = await raw(method, { out_trade_no: 'A0009999' })
    const forged = [
      answer.replace('TRADE_SUCCESS', 'TRADE_CLOSED'),
      answer.replace('TRADE_SUCCESS', 'TRADE_FINISHED'),
      answer.replace('"12.34"', '"12.35"'),
      answer.replace('"12.34"', '12.34'),
      answer.replace('A0000003', 'A0000004'),
      answer.replace('"10000"', '"10003"'),
      answer.replace('"code"', '"cod"'),
      answer.replace(/\n/g, ''),
      answer.replace(/": /g, '":'),
      answer.replace('5620', '5621'),
      answer.replace('Success', 'success'),
      answer.replace('Success', '\\u0053uccess'),
      answer.replace('"msg"', '"extra":"","msg"'),
      answer.replace(/"send_pay_date": "[^"]*"/, '"send_pay_date": ""'),
      answer.replace(/"trade_no": "\d/, (found) => `${found.slice(0, -1)}9`),
      answer.replace(/"sign":"./, '"sign":"!'),
      answer.replace(/"sign":"[^"]*"/, '"sign":""'),
      answer.replace(/"sign":"[^"]*"/, /"sign":"[^"]*"/.exec(other)![0]),
      answer.replace(/"sign":"[^"]{8}/, '"sign":"AAAAAAAA'),
      answer.replace(/"sign":"([^"]*)"/, (_, sign: string) => `"sign":"${sign.slice(0, -8)}"`),
      answer.replace(/,"sign":"[^"]*"/, ''),
      answer.replace(name, 'alipay_trade_close_response'),
      answer.replace(name, 'error_response'),
      answer.slice(0, -1),
      '',
    ]
    expect(new Set(forged).size).toBeGreaterThanOrEqual(20)
    for (const text of forged) {
      if (text === answer) throw new Error('a forgery that is none')
      expect([text, theyBelieve(text), weBelieve(text)]).toEqual([text, false, false])
    }
  })

  it('believes the sandbox’s notices, and no forged one; neither do we', async () => {
    const trade = await traded('A0000005')
    const form = Object.fromEntries(theirs.notices.form(theirs.trades, trade, undefined, 'none'))
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const ours = notices(config())
    const weBelieve = (fields: Record<string, string>) =>
      ours.read({ method: 'POST', path: '/n', headers, body: Buffer.from(String(new URLSearchParams(fields))) })
        .kind === 'verified'
    expect([sdk.checkNotifySignV2(form), weBelieve(form)]).toEqual([true, true])
    const forged = forgeries(form)
    expect(forged.length).toBeGreaterThanOrEqual(20)
    for (const [what, fields] of forged)
      expect([what, sdk.checkNotifySignV2(fields), weBelieve(fields)]).toEqual([what, false, false])
  })

  async function raw(method: string, biz: object): Promise<string> {
    const query = sdk.sdkExecute(method, { biz_content: biz })
    return (await fetch(`${theirs.config.gatewayUrl}?${query}`, { method: 'POST' })).text()
  }
})

/** Of a signed form: each field changed, left out or emptied, and its signature in every way that is none. */
function forgeries(fields: Record<string, string>): [string, Record<string, string>][] {
  const { sign = '', ...signed } = fields
  const names = Object.keys(signed).filter((name) => name !== 'sign_type' && signed[name] !== '')
  const flipped = Buffer.from(sign, 'base64')
  flipped[7]! ^= 1
  const signs = ['', sign.slice(4), `AAAA${sign.slice(4)}`, flipped.toString('base64'), 'sign', sign.slice(0, 340)]
  return [
    ...names.map((name): [string, Record<string, string>] => [
      `${name} changed`,
      { ...fields, [name]: `${signed[name]}1` },
    ]),
    ...names.map((name): [string, Record<string, string>] => {
      const { [name]: _, ...without } = fields
      return [`${name} left out`, without]
    }),
    ...signs.map((forged): [string, Record<string, string>] => [
      `sign ${forged.slice(0, 8)}`,
      { ...fields, sign: forged },
    ]),
    ['one more', { ...fields, zzz: '1' }],
    ['two names changed', { ...fields, [names[0]!]: signed[names[1]!]!, [names[1]!]: signed[names[0]!]! }],
  ]
}
