import { createHash, randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { Answer } from './answer'
import { inShanghai } from './views'
import type { Movement, Prepay, Wallet, WalletRefund } from './wallet'

/** How a bill may be wrong. */
export const BILL_FAULTS = [
  'none',
  /** of the first row: left out, a fen more, twice, another sub-merchant's; totals and hash fit */
  'leave-out',
  'wrong-amount',
  'twice',
  'wrong-payee',
  /** a payment that was never made; totals and hash fit */
  'phantom',
  /** the rows don't add up to the totals */
  'wrong-totals',
  /** the file isn't the one that the hash was made of */
  'tamper',
  'truncate',
  /** its address is another host's */
  'elsewhere',
] as const
export type BillFault = (typeof BILL_FAULTS)[number]

const DAY_MS = 86_400_000
const dateOf = (at: number) => inShanghai(at).slice(0, 10)
const dayAfter = (date: string) => dateOf(Date.parse(date) + DAY_MS)

/** An address is good for so long. */
const LIVES_MS = 30_000
const COLUMNS =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注'
const TOTALS = '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额'

/** A row of the bill, before it is written. */
interface Row {
  prepay: Prepay
  /** null: it was paid */
  refund: WalletRefund | null
  at: number
  paidFen: number
  backFen: number
  number: string
  subMchId: string
}

/** A day's bill (交易账单): what was paid and what went back on it, ready when the day is over or was cut by hand. */
export class Bills {
  /** days that were ended early, in turn, and how many movements there were by then */
  readonly cuts: { date: string; movements: number }[] = []
  private readonly files = new Map<string, { text: string; until: number }>()
  fault: BillFault = 'none'
  /** the day's is being made still */
  creating = false

  constructor(
    private readonly wallet: Wallet,
    private readonly now: () => number,
    private readonly url: (token: string) => string,
  ) {}

  /** Ends the present day now, or the one it has got to: what moves from now on belongs to the next. Answers the date. */
  cut(): string {
    const last = this.cuts.at(-1)?.date ?? ''
    const today = dateOf(this.now())
    const date = last >= today ? dayAfter(last) : today
    this.cuts.push({ date, movements: this.wallet.movements.length })
    return date
  }

  /** `GET /v3/bill/tradebill` */
  place(query: URLSearchParams): Answer {
    const date = query.get('bill_date') ?? ''
    const refused = (code: string) => ({ status: 400, body: { code, message: code } })
    const asked = [query.get('bill_type') ?? 'ALL', query.get('tar_type') ?? '']
    if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || asked.join() !== 'ALL,GZIP') return refused('PARAM_ERROR')
    const over = date < dateOf(this.now()) || this.cuts.some((cut) => cut.date >= date)
    if (!over || this.creating) return refused('STATEMENT_CREATING')
    const text = this.text(date)
    if (text === null) return refused('NO_STATEMENT_EXIST')
    const token = randomBytes(24).toString('base64url')
    this.files.set(token, { text, until: this.now() + LIVES_MS })
    const hash_value = createHash('sha1').update(text).digest('hex')
    const download_url =
      this.fault === 'elsewhere' ? 'http://127.0.0.2:9/v3/billdownload/file?token=x' : this.url(token)
    return { status: 200, body: { hash_type: 'SHA1', hash_value, download_url } }
  }

  /** The file of an address, zipped; undefined when it is none's, or no more. */
  file(path: string): Buffer | undefined {
    const token = /^\/v3\/billdownload\/file\?token=([\w-]+)$/.exec(path)?.[1] ?? ''
    const found = this.files.get(token)
    if (!found || found.until < this.now()) return undefined
    const { text } = found
    if (this.fault === 'tamper')
      return gzipSync(text.replace(/`0\.(\d)/, (_, digit) => `\`0.${(Number(digit) + 1) % 10}`))
    const zipped = gzipSync(text)
    return this.fault === 'truncate' ? zipped.subarray(0, zipped.length >> 1) : zipped
  }

  /** As WeChat writes it: a mark of its encoding, CRLF, a backtick before each cell. Null: nothing moved. */
  private text(date: string): string | null {
    const rows = this.rowsOf(date)
    if (rows.length === 0) return null
    const cells = rows.map((row) => `\`${cellsOf(row).join(',`')}`)
    const sum = (of: (row: Row) => number) => rows.reduce((all, row) => all + of(row), 0)
    const [paid, back, fee] = [sum((row) => row.paidFen), sum((row) => row.backFen), sum(feeOf)]
    const off = this.fault === 'wrong-totals' ? 1 : 0
    const fees = yuan(Math.round(fee / 1_000))
    const totals = [`${rows.length}.0`, yuan(paid + off), yuan(back), '0.0', fees, yuan(paid + off), yuan(back)]
    return [`\uFEFF${COLUMNS}`, ...cells, TOTALS, `\`${totals.join(',`')}`, ''].join('\r\n')
  }

  private rowsOf(date: string): Row[] {
    const all = this.wallet.movements.filter(({ at }, i) => this.dayOf(at, i) === date).map((one) => this.rowOf(one))
    const [first, ...rest] = all
    if (!first) return all
    switch (this.fault) {
      case 'leave-out':
        return rest
      case 'twice':
        return [first, ...all]
      case 'wrong-amount':
        return [{ ...first, paidFen: first.paidFen + 1 }, ...rest]
      case 'wrong-payee':
        return [{ ...first, subMchId: '1900009999' }, ...rest]
      case 'phantom':
        return [...all, { ...first, number: 'F20260101AAAAAAAAAAAA' }]
      default:
        return all
    }
  }

  private rowOf({ number, refundNo, at }: Movement): Row {
    const prepay = this.wallet.prepays.get(number)!
    const refund = refundNo === null ? null : this.wallet.refunds.get(refundNo)!
    const backFen = refund?.request.amount.refund ?? 0
    const { sub_mchid: subMchId, amount } = prepay.request
    return { prepay, refund, at, number, subMchId, paidFen: refund ? 0 : amount.total, backFen }
  }

  private dayOf(at: number, index: number): string {
    return this.cuts.reduce(
      (date, cut) => (cut.movements <= index && cut.date >= date ? dayAfter(cut.date) : date),
      dateOf(at),
    )
  }
}

/** 0.38 %, in hundred-thousandths of a yuan. */
const feeOf = ({ paidFen, backFen }: Row) => Math.floor((paidFen * 38) / 10) - Math.floor((backFen * 38) / 10)

function cellsOf(row: Row): string[] {
  const { prepay, refund, at, paidFen, backFen, number, subMchId } = row
  const { request, transactionId } = prepay
  const fee = feeOf(row)
  const units = String(Math.abs(fee)).padStart(6, '0')
  return [
    inShanghai(at).slice(0, 19).replace('T', ' '),
    ...[request.sp_appid, request.sp_mchid, subMchId, '', transactionId, number, request.payer.sp_openid, 'JSAPI'],
    ...[refund ? 'REFUND' : 'SUCCESS', 'OTHERS', 'CNY', yuan(paidFen), '0.00'],
    ...(refund ? [refund.refundId, refund.request.out_refund_no] : ['0', '0']),
    ...[yuan(backFen), '0.00', refund ? 'ORIGINAL' : '', refund ? 'SUCCESS' : '', request.description, ''],
    ...[`${fee < 0 ? '-' : ''}${units.slice(0, -5)}.${units.slice(-5)}`, '0.38%', yuan(paidFen), yuan(backFen), ''],
  ]
}

function yuan(fen: number): string {
  const digits = String(Math.abs(fen)).padStart(3, '0')
  return `${fen < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}
