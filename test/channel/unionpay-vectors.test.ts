import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { meaningOfQuery, meaningOfTrade } from '../../server/channel/unionpay/outcome'
import { authoritiesOf } from '../../server/channel/unionpay/schema'
import { verifier } from '../../server/channel/unionpay/sign'
import { reportOf, rowsOf, sameSums, sumsOf } from '../../server/channel/unionpay/statement-file'
import { OWNER } from '../../server/sandbox/unionpay/keys'

/** What UnionPay's own test gateway and files said, where that public data lies beside the repository (FAPAI_VECTORS). */

const DIR = join(process.env.FAPAI_VECTORS ?? resolve(__dirname, '../../../shared/vectors'), 'unionpay')
const there = existsSync(DIR)
if (!there) console.warn(`skipped: there is no folder ${DIR} (FAPAI_VECTORS) with what UnionPay wrote`)
const onVectors = there ? describe : describe.skip

interface Reply {
  name: string
  fields: Record<string, string>
}

onVectors('answers of UnionPay’s test gateway', () => {
  const file = (name: string) => readFileSync(join(DIR, name))
  const replies = (): Reply[] => JSON.parse(file('gateway-replies.json').toString())
  const authorities = () => authoritiesOf(`${file('acp_test_root.cer')}${file('acp_test_middle.cer')}`)!
  const IN_2024 = Date.parse('2024-01-06T00:00:00Z')
  const IN_2018 = Date.parse('2018-06-15T00:00:00Z')
  /** as a test gateway's of 2018 was called */
  const OLD_OWNER = '00040000:SIGN'

  it('are believed by chain, owner and date together: a payment, a refund, and a question of 2018 by its owner of then', () => {
    const judged = (owner: string, now: number) => {
      const verify = verifier({ authorities: authorities(), owner })
      return replies().map(({ fields }) => verify(fields, now))
    }
    expect(judged(OWNER, IN_2024)).toEqual([true, true, false])
    expect(judged(OLD_OWNER, IN_2018)).toEqual([false, false, true])
    for (const now of [IN_2018, Date.parse('2025-08-01T00:00:00Z')])
      expect(judged(OWNER, now)).toEqual([false, false, false])
    const rootAlone = authoritiesOf(file('cfca-test-root.cer').toString())!
    const short = verifier({ authorities: rootAlone, owner: OWNER })
    expect(replies().map(({ fields }) => short(fields, IN_2024))).toEqual([false, false, false])
    expect(authoritiesOf(file('cfca-test-intermediate.cer').toString())).toBeUndefined()
  })

  it('are not believed with any one character changed, left out or added, wherever it is', () => {
    const verify = verifier({ authorities: authorities(), owner: OWNER })
    const { fields } = replies()[0]!
    let tried = 0
    // Of the long ones every seventh is enough.
    for (const [name, value] of Object.entries(fields))
      for (let at = 0; at < value.length; at += value.length > 200 ? 7 : 1) {
        const other = value[at] === 'A' ? 'B' : 'A'
        for (const changed of [
          value.slice(0, at) + other + value.slice(at + 1),
          value.slice(0, at) + value.slice(at + 1),
        ])
          if (changed !== value) {
            tried++
            if (verify({ ...fields, [name]: changed }, IN_2024)) throw new Error(`${name} at ${at}: ${changed}`)
          }
      }
    expect(tried).toBeGreaterThan(500)
    expect(verify({ ...fields, more: '1' }, IN_2024)).toBe(false)
    expect(verify({ ...fields, signPubKeyCert: fields.signPubKeyCert!.replaceAll('\r\n', '\n') }, IN_2024)).toBe(false)
  })

  it('are refused under another’s signature, and as another version or method', () => {
    const verify = verifier({ authorities: authorities(), owner: OWNER })
    const [payment, refund] = replies() as [Reply, Reply]
    const { signature } = refund.fields
    expect(verify({ ...payment.fields, signature: signature! }, IN_2024)).toBe(false)
    const changes: Record<string, string>[] = [
      { version: '5.0.0' },
      { signMethod: '11' },
      { signature: '' },
      { signPubKeyCert: '' },
    ]
    for (const change of changes) expect(verify({ ...payment.fields, ...change }, IN_2024)).toBe(false)
  })

  it('mean what they say: paid, given back, and nobody knows yet', () => {
    const [payment, refund, pending] = replies().map(({ fields }) => fields) as [Fields, Fields, Fields]
    type Fields = Record<string, string>
    const tradeOf = ({ orderId, txnTime }: Fields) => ({ orderId: orderId!, txnTime: txnTime! })
    const asked = (said: Fields) =>
      meaningOfQuery('order', tradeOf(said), { kind: 'verified', respCode: said.respCode!, said, raw: null })
    expect(asked(payment)).toEqual({
      outcome: { kind: 'succeeded', channelTradeNo: '442401051450467846498' },
      seen: { amountFen: 1, currency: 'CNY', payee: '777290058167151' },
    })
    expect(asked(pending)).toEqual({ outcome: { kind: 'pending' }, seen: undefined })
    expect(meaningOfTrade('refund', tradeOf(refund), refund, refund.respCode!)).toEqual({
      outcome: { kind: 'succeeded', channelTradeNo: '052401051658427863998' },
      seen: { amountFen: 1, currency: 'CNY', payee: '777290058167151' },
    })
  })
})

onVectors('a statement of UnionPay’s', () => {
  const read = (name: string) => readFileSync(join(DIR, 'statement', name))
  const rows = () => read('INN15090588ZM_802310048993424').toString('latin1')
  const report = () => new TextDecoder('gbk').decode(read('RD201015090501_802310048993424'))
  const DATE = '2015-09-05'

  it('has eight payments, which come to the totals of its report', () => {
    const found = rowsOf(rows(), DATE)!
    expect(reportOf(report())).toEqual({
      ...{ merId: '802310048993424', date: DATE },
      sums: { count: 8, paidFen: 1_322_700, backFen: 0, feeFen: -7_936, netFen: 1_314_764 },
    })
    expect(sameSums(sumsOf(found), reportOf(report())!.sums)).toBe(true)
    expect(found[0]!.line).toMatchObject({
      ...{ kind: 'clearing', orderNo: '10078087', refundNo: null, channelTradeNo: '201509061122031906248' },
      ...{ payerFen: -476_800, merchantFen: 476_800, merchantAccount: '802310048993424', currency: 'CNY' },
      bookedAt: Date.parse('2015-09-06T11:22:03+08:00'),
    })
  })

  it.each([
    ['an amount that isn’t what it comes to', (text: string) => text.replace('000000476800', '000000476801')],
    ['a type that nobody knows', (text: string) => text.replace(' 01    000201', ' 99    000201')],
    ['a column that is longer', (text: string) => text.replace('190624', '1906240')],
    ['a side that is none', (text: string) => text.replace('D000000002861', 'X000000002861')],
    ['a line that is cut', (text: string) => text.slice(0, -200)],
    ['a character that is no ASCII', (text: string) => text.replace('S56', 'S5\u00e9')],
  ])('is none with %s', (_, change) => {
    expect(change(rows())).not.toBe(rows())
    expect(rowsOf(change(rows()), DATE)).toBeUndefined()
  })

  it('whose totals by card are others than by trade has no report', () => {
    const twice = report().replace(/总计([\s\S]*)13147\.64\s*$/, '总计$113147.65')
    expect(twice).not.toBe(report())
    expect(reportOf(twice)).toBeUndefined()
  })
})
