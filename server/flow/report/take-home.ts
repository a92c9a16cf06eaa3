import { timeText } from '../../domain/business-date'
import { CHANNEL_LABELS } from '../../domain/channel'
import type { Operator } from '../../domain/operator'
import { type MerchantQuery, merchantFilter } from '../merchant/book'
import { type LogDeps, type LogQuery, logExport, logScope } from '../operator/log'
import type { Asked } from '../payment/desk'
import { stuckOnly } from '../payment/stuck'
import type {
  BookedMerchant,
  Clock,
  Desk,
  DeskCursor,
  DeskOrder,
  DeskRefund,
  LoggedDeed,
  MerchantPlace,
  RefundFilter,
} from '../ports'
import type { ColumnsOf, Sheet } from './sheet'
import { columnsOf, pagesOf } from './sheet'
import { ORDER_WORDS, REASON_WORDS, REFUND_WORDS } from './words'

/**
 * Lists as files: exactly the rows that the list shows by the same filters. Who took which rows stands in the log before they are
 * given.
 */
export type TakeHomeDeps = LogDeps & { desk: Pick<Desk, 'orders' | 'merchantBook'>; clock: Clock }

/** What may be taken at once: a quarter of what a spreadsheet holds. More is asked for by day. */
export const MOST_ROWS = 200_000

export type TakeHome = Sheet | 'export-too-large'

type Format = 'csv' | 'xlsx'

interface Whole<T, After> {
  /** in the log and in the file's name, e.g. `order` */
  noun: string
  title: string
  columns: ColumnsOf<T>
  filter: object
  count(most: number): Promise<number>
  read(after: After | undefined, limit: number): Promise<T[]>
  afterOf(row: T): After
}

async function taken<T, After>(
  deps: TakeHomeDeps,
  by: Operator,
  format: Format,
  what: Whole<T, After>,
): Promise<TakeHome> {
  const total = await what.count(MOST_ROWS + 1)
  if (total > MOST_ROWS) return 'export-too-large'
  const fileName = `${what.title}-${timeText(deps.clock.now()).replace(/\D/g, '').slice(0, 12)}.${format}`
  const given = Object.fromEntries(Object.entries(what.filter).filter(([, value]) => value))
  const said = { rows: total, ...(Object.keys(given).length > 0 && { filter: given }) }
  await logExport(deps, by, `${what.noun}.export`, `${what.noun}/export`, fileName, said)
  const { title, columns, read, afterOf } = what
  return { title, fileName, columns: columnsOf(columns), total, pages: () => pagesOf(columns, read, afterOf) }
}

export function takeOrders(
  deps: TakeHomeDeps,
  by: Operator,
  { stuck, ...wanted }: Asked,
  format: Format,
): Promise<TakeHome> {
  const scope = { ...wanted, ...stuckOnly(stuck, deps.clock), branchCode: by.branchCode }
  return taken(deps, by, format, {
    noun: 'order',
    title: '订单',
    columns: ORDER_COLUMNS,
    filter: { ...wanted, stuck },
    count: (most) => deps.desk.orders.countOrders(scope, most),
    read: (after: DeskCursor | undefined, limit) => deps.desk.orders.orders({ ...scope, after, limit }),
    afterOf: ({ orderNo: number, businessDate, createdAt }) => ({ businessDate, createdAt, number }),
  })
}

export function takeRefunds(
  deps: TakeHomeDeps,
  by: Operator,
  filter: Omit<RefundFilter, 'branchCode'>,
  format: Format,
): Promise<TakeHome> {
  const scope = { ...filter, branchCode: by.branchCode }
  return taken(deps, by, format, {
    noun: 'refund',
    title: '退款',
    columns: REFUND_COLUMNS,
    filter,
    count: (most) => deps.desk.orders.countRefunds(scope, most),
    read: (after: DeskCursor | undefined, limit) => deps.desk.orders.refunds({ ...scope, after, limit }),
    afterOf: ({ refundNo: number, businessDate, createdAt }) => ({ businessDate, createdAt, number }),
  })
}

export function takeMerchants(
  deps: TakeHomeDeps,
  by: Operator,
  { sort = 'code', descending = false, ...wanted }: Omit<MerchantQuery, 'cursor' | 'limit'>,
  format: Format,
): Promise<TakeHome> {
  const { merchantBook } = deps.desk
  const scope = merchantFilter(deps, by, wanted)
  return taken(deps, by, format, {
    noun: 'merchant',
    title: '商户',
    columns: MERCHANT_COLUMNS,
    filter: wanted,
    count: async () => (await merchantBook.totals(scope)).merchants,
    read: (after: MerchantPlace | undefined, limit) => merchantBook.list({ ...scope, sort, descending, after, limit }),
    afterOf: ({ key, merchantCode }) => ({ key, merchantCode }),
  })
}

export function takeLog(deps: TakeHomeDeps, by: Operator, filter: LogQuery, format: Format): Promise<TakeHome> {
  const scope = logScope(filter)
  return taken(deps, by, format, {
    noun: 'log',
    title: '审计日志',
    columns: LOG_COLUMNS,
    filter,
    count: (most) => deps.operators.countDeeds(scope, most),
    read: (before: number | undefined, limit) => deps.operators.deeds({ ...scope, before, limit }),
    afterOf: ({ actionId }) => actionId,
  })
}

const at = (ms: number | null) => (ms === null ? null : { at: ms })
const fen = (amountFen: number) => ({ fen: amountFen })

const ORDER_COLUMNS: ColumnsOf<DeskOrder> = [
  ['订单号', 30, (row) => row.orderNo],
  ['状态', 10, (row) => ORDER_WORDS[row.state]],
  ['清算日期', 16, (row) => ({ date: row.businessDate })],
  ['下单时间', 24, (row) => at(row.createdAt)],
  ['完结时间', 24, (row) => at(row.endedAt)],
  ['商户号', 12, (row) => row.merchantCode],
  ['商户名称', 20, (row) => row.merchantName],
  ['付款方式', 12, (row) => CHANNEL_LABELS[row.channel]],
  ['渠道流水', 30, (row) => row.channelTradeNo],
  ['订单金额（元）', 14, (row) => fen(row.amountFen)],
  ['优惠（元）', 12, (row) => fen(row.discountFen)],
  ['付款方立减（元）', 16, (row) => fen(row.payerDiscountFen)],
  ['商户奖励（元）', 14, (row) => fen(row.merchantRewardFen)],
  ['实付（元）', 12, (row) => fen(row.payableFen)],
  ['商户应收（元）', 14, (row) => fen(row.merchantReceivesFen)],
  ['已退付款方（元）', 16, (row) => fen(row.payerRefundedFen)],
  ['补贴科目', 14, (row) => row.glAccount],
  ['活动编号', 20, (row) => row.campaignId],
  ['没有优惠的原因', 24, (row) => row.reason && REASON_WORDS[row.reason]],
  ['关闭原因', 24, (row) => row.closeReason],
]

const REFUND_COLUMNS: ColumnsOf<DeskRefund> = [
  ['退款号', 30, (row) => row.refundNo],
  ['订单号', 30, (row) => row.orderNo],
  ['状态', 10, (row) => REFUND_WORDS[row.state]],
  ['清算日期', 16, (row) => ({ date: row.businessDate })],
  ['发起时间', 24, (row) => at(row.createdAt)],
  ['完结时间', 24, (row) => at(row.endedAt)],
  ['商户号', 12, (row) => row.merchantCode],
  ['商户名称', 20, (row) => row.merchantName],
  ['付款方式', 12, (row) => CHANNEL_LABELS[row.channel]],
  ['退付款方（元）', 14, (row) => fen(row.payerFen)],
  ['商户退出（元）', 14, (row) => fen(row.merchantFen)],
  ['收回补贴（元）', 14, (row) => fen(row.glFen)],
  ['原因', 30, (row) => row.reason],
  ['失败原因', 24, (row) => row.failReason],
]

const MERCHANT_COLUMNS: ColumnsOf<BookedMerchant> = [
  ['商户号', 12, (row) => row.merchantCode],
  ['商户名称', 24, (row) => row.name],
  ['网点号', 10, (row) => row.branchCode],
  ['网点名称', 16, (row) => row.branchName],
  ['补贴科目', 14, (row) => row.glAccount],
  ['结算账户', 24, (row) => row.account],
  ['微信支付商户号', 20, (row) => row.walletAccounts.wechatpay ?? null],
  ['支付宝商户号', 20, (row) => row.walletAccounts.alipay ?? null],
  ['云闪付商户号', 20, (row) => row.walletAccounts.unionpay ?? null],
  ['停用', 8, (row) => (row.disabled ? '已停用' : null)],
  ['绑定用户', 10, (row) => row.userCount],
  ['今日已付（笔）', 14, (row) => row.today.orders],
  ['今日有优惠（笔）', 14, (row) => row.today.discounted],
  ['今日生效的活动', 24, (row) => row.campaign?.name ?? null],
]

const json = (value: unknown) => (value === null || value === undefined ? null : JSON.stringify(value))
const LOG_COLUMNS: ColumnsOf<LoggedDeed> = [
  ['序号', 10, (row) => row.actionId],
  ['时间', 24, (row) => at(row.at)],
  ['操作员', 16, (row) => row.username],
  ['操作', 24, (row) => row.action],
  ['对象', 30, (row) => row.subject],
  ['之前', 40, (row) => json(row.before)],
  ['之后', 60, (row) => json(row.after)],
]
