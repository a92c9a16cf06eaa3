import { createPublicKey, type KeyObject } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type BillRefused, billLines } from '../../server/channel/alipay/bill'
import { notices } from '../../server/channel/alipay/notices'
import type { AlipayConfig } from '../../server/channel/alipay/schema'
import { ofBeijing, readReply } from '../../server/channel/alipay/sign'
import { unzip } from '../../server/channel/zip'
import { totalsOf } from '../../server/domain/match'
import type { Notice } from '../../server/flow/ports'

/** What Alipay itself wrote, and published: read as it is, or refused. */

const VECTORS = process.env.FAPAI_VECTORS ?? resolve(__dirname, '../../../shared/vectors')
const FOLDER = `${VECTORS}/alipay`
const there = existsSync(FOLDER)
if (!there) console.warn(`skipped: there is no folder ${FOLDER} (FAPAI_VECTORS) with what Alipay wrote`)
const given = there ? describe : describe.skip

const read = new Set<string>()
const file = (name: string) => {
  read.add(name)
  return readFileSync(`${FOLDER}/${name}`)
}
const text = (name: string) => file(name).toString('utf8')
const keyOf = (name: string): KeyObject => createPublicKey(text(name))

given('what Alipay wrote', () => {
  afterAll(() => expect([...read].sort()).toEqual(readdirSync(FOLDER).sort()))

  const AT = ofBeijing('2019-08-15 15:56:25')
  const config = { appId: '2019073166072302', sellerId: '2088531891668739', clock: { now: () => AT } }
  const said = (form: string, more: object = {}): Notice => {
    const alipayKey = keyOf('notify-trade-success.public-key.pem')
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
    const request = { method: 'POST', path: '/channel/alipay/notify', headers, body: Buffer.from(form) }
    return notices({ ...config, alipayKey, ...more } as AlipayConfig & typeof config).read(request)
  }

  it('a notice of a payment says so, and without the payee that we send along it could end no order', () => {
    const fields = JSON.parse(text('notify-trade-success.fields.json'))
    expect(said(text('notify-trade-success.form').trim())).toMatchObject({
      kind: 'verified',
      about: 'order',
      number: fields.out_trade_no,
      reply: { verb: 'notify', outcome: { kind: 'succeeded', channelTradeNo: fields.trade_no }, raw: { body: fields } },
    })
    expect(said(String(new URLSearchParams(fields)))).toMatchObject({ kind: 'verified' })
    expect(said(text('notify-trade-success.form').trim())).not.toHaveProperty('reply.seen')
  })

  it('any change of it, in any field, is refused, and so is it itself elsewhere or at another time', () => {
    const fields: Record<string, string> = JSON.parse(text('notify-trade-success.fields.json'))
    for (const name of Object.keys(fields)) {
      const { [name]: value = '', ...without } = fields
      for (const other of [without, { ...fields, [name]: `${value}0` }, { ...fields, [name]: value.slice(1) }])
        expect([name, said(String(new URLSearchParams(other as Record<string, string>))).kind]).toEqual([
          name,
          'refused',
        ])
    }
    const form = text('notify-trade-success.form').trim()
    expect(said(form, { appId: '2019073166072303' })).toEqual({ kind: 'refused', code: 'other-app' })
    expect(said(form, { sellerId: '2088531891668730' })).toEqual({ kind: 'refused', code: 'other-seller' })
    for (const off of [600_000, -600_000])
      expect(said(form, { clock: { now: () => AT + off } })).toEqual({ kind: 'refused', code: 'clock-skew' })
  })

  it('a notice that another’s key signed is refused', () => {
    expect(said(text('notify-not-ours.form').trim())).toEqual({ kind: 'refused', code: 'signature-invalid' })
  })

  it('an answer of the gateway is signed over its very text: any other writing of the same is not', () => {
    const answer = text('response-file-upload.json').trim()
    const key = keyOf('response-file-upload.public-key.pem')
    const signed = (written: string) => {
      const reply = readReply(written, 'alipay.open.file.upload', { alipayKey: key })
      return reply.kind === 'own' && reply.signed
    }
    expect(signed(answer)).toBe(true)
    for (const other of [
      answer.replace('"code":"10000"', '"code": "10000"'),
      answer.replace('CAxAToWB1JsAAAAAAAAAAAAADgSLAQBr', 'CAxAToWB1JsAAAAAAAAAAAAADgSLAQBs'),
      answer.replace('"msg":"Success","file_id"', '"file_id"'),
      answer.replace('_upload_response', '_download_response'),
      answer.replace('"sign":"F', '"sign":"G'),
      answer.replace(/,"sign":"[^"]*"/, ''),
    ])
      expect([other, signed(other)]).toEqual([other, false])
  })

  it('a day’s bill, in its zip and in both encodings, has ten lines that come to its sums', async () => {
    const [entry, ...more] = await unzip(file('20880211096256330156_20190916.csv.zip'), { entries: 2, bytes: 1e6 })
    const gbk = new TextDecoder('gbk', { fatal: true })
    expect(more).toEqual([])
    expect(gbk.decode(entry!.name)).toBe('20880211096256330156_20190916_业务明细.csv')
    expect(entry!.data).toEqual(file('bill-detail-2019-09-16.gbk.csv'))
    const bill = gbk.decode(entry!.data)
    expect(bill).toBe(text('bill-detail-2019-09-16.utf8.csv'))
    const of = { sellerId: '2088021109625633', date: '2019-09-16' }
    const lines = billLines(bill, of)
    const side = (payerFen: number, count: number) => ({ count, payerFen, glFen: 0, merchantFen: 0 - payerFen })
    expect(totalsOf(lines)).toEqual({ clearing: side(-6, 6), refund: side(4, 4) })
    expect(lines[1]).toEqual({
      lineNo: 2,
      kind: 'refund',
      orderNo: 'service_1568601259302',
      refundNo: 're_test_1568602607356',
      channelTradeNo: '2019091622001458860515315453',
      bookedAt: Date.parse('2019-09-16T10:56:48+08:00'),
      ...{ payerFen: 1, glFen: 0, merchantFen: -1, glAccount: null, payerTail: null },
      merchantAccount: of.sellerId,
      currency: 'CNY',
    })
    const refusal = (written: string, asked = of) => {
      try {
        return billLines(written, asked)
      } catch (error) {
        return (error as BillRefused).code
      }
    }
    expect(refusal(bill, { ...of, date: '2019-09-17' })).toBe('statement-wrong-date')
    expect(refusal(bill, { ...of, sellerId: '2088021109625634' })).toBe('statement-malformed')
    expect(refusal(bill.replace(',0.01,0.01,', ',0.02,0.02,'))).toBe('statement-wrong-totals')
    expect(refusal(bill.slice(0, bill.indexOf('#交易合计')))).toBe('statement-truncated')
    expect(refusal(bill.replace('订单金额（元）', '订单金额'))).toBe('statement-malformed')
    expect(refusal(bill.replace('下单测试', '下单,测试'))).toBe('statement-malformed')
  })
})
