import { z } from 'zod'
import { gbkOf } from './gbk'
import { beijing, yuanOf } from './methods'
import type { Movement, Refusal, Trades } from './trades'
import { zipOf } from './zip'

/** What a day's bill may be told to have wrong: mistakes of its rows, which its sums fit, and faults of the file. */
export const billPlan = z.strictObject({
  /** which of Alipay's forms: for merchants, or for service providers and banks */
  columns: z.union([z.literal(25), z.literal(27)]).default(27),
  /** by out_trade_no: rows left out, of one fen more, twice, of another sub-merchant */
  leaveOut: z.array(z.string()).default([]),
  oneMore: z.array(z.string()).default([]),
  twice: z.array(z.string()).default([]),
  otherMerchant: z.array(z.string()).default([]),
  /** a trade of nobody's is in it */
  phantom: z.boolean().default(false),
  file: z
    .enum(['sound', 'wrong-sums', 'no-end', 'truncated', 'other-date', 'other-account', 'two-details', 'upwards'])
    .default('sound'),
})
export type BillPlan = z.input<typeof billPlan>

interface Row extends Movement {
  tradeNo: string
  subject: string
  createdAt: number
  merchantId: string
}

const BEGIN = '#-----------------------------------------业务明细列表----------------------------------------'
const END = '#-----------------------------------------业务明细列表结束------------------------------------'
const COLUMNS_25 =
  '支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注'
const COLUMNS_27 = COLUMNS_25.replace('分润（元）,备注', '实收净额（元）,商户识别号,交易方式,备注')

/** Alipay's bills: a day's trades and refunds, from ten in the morning after it. A day without any has none. */
export class Bills {
  plan = billPlan.parse({})

  constructor(
    private readonly trades: Trades,
    private readonly sellerId: string,
    private readonly now: () => number,
    private readonly url: () => string,
  ) {}

  address(date: string): string | Refusal {
    const ready = Date.parse(`${date}T00:00:00+08:00`) + 34 * 3_600_000
    if (!(this.now() >= ready) || this.rows(date).length === 0) return { refused: 'isv.bill-not-exist' }
    return `${this.url()}/bill?date=${date}`
  }

  /** The file as it goes out. */
  file(date: string): Buffer {
    const { file } = this.plan
    const day = date.replaceAll('-', '')
    const data = gbkOf(this.text(date))
    const name = (folder: string) => gbkOf(`${folder}${this.sellerId}0156_${day}_业务明细.csv`)
    const summary = {
      name: gbkOf(`${this.sellerId}0156_${day}_业务明细(汇总).csv`),
      data: gbkOf('#支付宝业务汇总查询\n'),
    }
    const detail = { name: name(file === 'upwards' ? '../' : ''), data }
    const zip = zipOf(file === 'two-details' ? [detail, detail] : [detail, summary])
    return file === 'truncated' ? zip.subarray(0, zip.length >> 1) : zip
  }

  private rows(date: string): Row[] {
    const { plan } = this
    const all: Row[] = this.trades.movements
      .filter(({ at }) => beijing(at).startsWith(date))
      .map((moved) => {
        const { request, tradeNo, createdAt } = this.trades.trades.get(moved.outTradeNo)!
        return { ...moved, tradeNo, createdAt, subject: request.subject, merchantId: request.merchantId }
      })
    const rows = all.flatMap((row) => {
      const { outTradeNo: of } = row
      if (plan.leaveOut.includes(of)) return []
      const amountFen = row.amountFen + Number(plan.oneMore.includes(of))
      const merchantId = plan.otherMerchant.includes(of) ? '2088999999999999' : row.merchantId
      const changed = { ...row, amountFen, merchantId }
      return plan.twice.includes(of) ? [changed, changed] : [changed]
    })
    return plan.phantom && rows[0]
      ? [
          ...rows,
          {
            ...rows[0],
            kind: '交易',
            outRequestNo: '',
            outTradeNo: 'service_1568601259302',
            tradeNo: '2026112022001458860515315453',
          },
        ]
      : rows
  }

  private text(date: string): string {
    const { plan } = this
    const rows = this.rows(date)
    const sum = (kind: Movement['kind']) => rows.reduce((fen, row) => fen + (row.kind === kind ? row.amountFen : 0), 0)
    const count = (kind: Movement['kind']) => rows.filter((row) => row.kind === kind).length
    const of = chinese(plan.file === 'other-date' ? '2026-01-01' : date)
    const account = plan.file === 'other-account' ? '2088999999999999' : this.sellerId
    const paid = sum('交易') + Number(plan.file === 'wrong-sums')
    return [
      '#支付宝业务明细查询',
      `#账号：[${account}0156]`,
      `#起始日期：[${of} 00:00:00]   终止日期：[${of} 24:00:00]`,
      BEGIN,
      plan.columns === 25 ? COLUMNS_25 : COLUMNS_27,
      ...rows.map((row) => rowText(row, plan.columns)),
      ...(plan.file === 'no-end'
        ? []
        : [
            END,
            `#交易合计：${count('交易')}笔，商家实收共${yuanOf(paid)}元，商家优惠共0.00元`,
            `#退款合计：${count('退款')}笔，商家实收退款共${yuanOf(0 - sum('退款'))}元，商家优惠退款共0.00元`,
            `#导出时间：[${chinese(beijing(this.now()).slice(0, 10))} ${beijing(this.now()).slice(11)}]`,
          ]),
      '',
    ].join('\n')
  }
}

function rowText(row: Row, columns: 25 | 27): string {
  const amount = yuanOf(row.kind === '交易' ? row.amountFen : 0 - row.amountFen)
  const nothing = ['0.00', '0.00', '0.00', '0.00', '0.00', '', '0.00\t', '0.00']
  const last = columns === 25 ? ['0.00'] : [amount, `${row.merchantId}\t`, '扫码支付']
  return [
    `${row.tradeNo}\t`,
    `${row.outTradeNo}\t`,
    `${row.kind}\t`,
    row.subject,
    beijing(row.createdAt),
    beijing(row.at),
    ...['\t', '\t', '\t', '\t', '**(159****5620)\t'],
    ...[amount, amount, ...nothing],
    `${row.outRequestNo}\t`,
    ...['0.00', ...last, row.subject],
  ].join(',')
}

/** `2026-11-28` → `2026年11月28日` */
function chinese(date: string): string {
  const [year, month, day] = date.split('-')
  return `${year}年${month}月${day}日`
}
