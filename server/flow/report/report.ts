import { businessDate, daysFrom } from '../../domain/business-date'
import { type CardBin, cardBins } from '../../domain/card-bins'
import type { Operator } from '../../domain/operator'
import { pageOf } from '../../domain/page'
import { type LogDeps, logExport } from '../operator/log'
import type { Clock, Dates, Desk, ReportBooks, ReportedCampaign, ReportFigures, ReportKey, ReportScope } from '../ports'
import { type ColumnsOf, columnsOf, pagesOf, type Sheet } from './sheet'

/** What a campaign did and cost. All of it from the books (I10). */

export interface ReportDeps {
  desk: Pick<Desk, 'reports'>
  clock: Clock
  limits: { leaseTtlMs: number }
}

export interface ReportInput extends ReportScope {
  /** business dates; the campaign's first day, and its last that has orders or today, unless given */
  from?: string | undefined
  to?: string | undefined
  by: ReportKey
}

export interface CampaignReport extends Dates, Pick<ReportBooks, 'rows'> {
  campaign: ReportedCampaign
  campaignId: string
  by: ReportKey
  total: Costed
  channels: ReportBooks['channels']
  cards: (CardBin & { count: number })[]
  /** the last row's key, where there are more */
  nextCursor?: string
}
export type Costed = ReportFigures & { costFen: number }

/** `campaign-not-found` for the operator; `to-before-from`: nothing can lie in that period. */
export type ReportRefusal = 'campaign-not-found' | 'to-before-from'

/** At first; the rows after them are read on, a page at a time. */
const MAX_ROWS = 1_000
/** Rows of merchants are read anew from each of their days: so many days of merchants in one page are some 100 ms of the database. */
const MERCHANT_DAYS = 10_000
const LEAST_ROWS = 100

function mostRows(by: ReportKey, { from, to }: Dates, most: number): number {
  return by === 'merchant'
    ? Math.max(LEAST_ROWS, Math.min(most, Math.floor(MERCHANT_DAYS / (daysFrom(from, to) + 1))))
    : most
}

/** The report of a campaign over its dates. */
export async function campaignReport(deps: ReportDeps, input: ReportInput): Promise<CampaignReport | ReportRefusal> {
  const found = await framed(deps, input)
  if (typeof found === 'string') return found
  const { campaign, dates } = found
  const bins = cardBins(campaign.rule)
  const most = mostRows(input.by, dates, MAX_ROWS)
  const books = await deps.desk.reports.read(input, {
    dates,
    by: input.by,
    limit: most + 1,
    bins,
    // what is quoted before midnight can be paid a lease after it
    today: businessDate(deps.clock.now() - deps.limits.leaseTtlMs),
  })
  return {
    campaign,
    campaignId: campaign.campaignId,
    ...dates,
    by: input.by,
    total: costed(books.total),
    ...rowPage(books.rows, most),
    channels: books.channels,
    cards: bins.map((bin, i) => ({ ...bin, count: books.cards[i]! })),
  }
}

/** The rows of it after the one that the cursor names. */
export async function reportRows(
  deps: ReportDeps,
  { cursor, ...input }: ReportInput & { cursor: string },
): Promise<Pick<CampaignReport, 'rows' | 'nextCursor'> | ReportRefusal> {
  const found = await framed(deps, input)
  if (typeof found === 'string') return found
  const most = mostRows(input.by, found.dates, PAGE)
  const page = { dates: found.dates, by: input.by, after: cursor, limit: most + 1 }
  return rowPage(await deps.desk.reports.rows(input, page), most)
}

const PAGE = 500

function rowPage(found: ReportBooks['rows'], most: number): Pick<CampaignReport, 'rows' | 'nextCursor'> {
  const { items, nextCursor } = pageOf(found, most, (row) => row.key)
  return { rows: items, ...(nextCursor !== undefined && { nextCursor }) }
}

async function framed(
  deps: ReportDeps,
  { from, to, ...scope }: ReportInput,
): Promise<{ campaign: ReportedCampaign; dates: Dates } | ReportRefusal> {
  const campaign = await deps.desk.reports.campaign(scope)
  if (!campaign) return 'campaign-not-found'
  const today = businessDate(deps.clock.now())
  const first = from ?? campaign.startDate
  // A campaign yet to start has an empty report, not a refused one.
  const last = to ?? laterOf(first, earlierOf(today, campaign.lastDate))
  return last < first ? 'to-before-from' : { campaign, dates: { from: first, to: last } }
}

const earlierOf = (a: string, b: string) => (a < b ? a : b)
const laterOf = (a: string, b: string) => (a > b ? a : b)

/** What the GL accounts bore: the discounts, less what refunds brought back, and what corrections made of it. */
export function costed<F extends ReportFigures>(figures: F): F & { costFen: number } {
  return { ...figures, costFen: figures.discountFen - figures.refundedSubsidyFen + figures.correctedFen }
}

const KEY_HEAD: Record<ReportKey, string> = { day: '日期', branch: '网点', merchant: '商户号', account: '科目号' }
type Row = ReturnType<typeof costed<ReportBooks['rows'][number]>>
const FIGURES: ColumnsOf<Row> = [
  ['名称', 24, (row) => row.label],
  ['订单笔数', 10, (row) => row.orderCount],
  ['优惠笔数', 10, (row) => row.discountCount],
  ['优惠金额', 14, (row) => ({ fen: row.discountFen })],
  ['付款方立减', 14, (row) => ({ fen: row.payerDiscountFen })],
  ['商户奖励', 14, (row) => ({ fen: row.merchantRewardFen })],
  ['退款退回补贴', 14, (row) => ({ fen: row.refundedSubsidyFen })],
  ['差错更正', 12, (row) => ({ fen: row.correctedFen })],
  ['科目支出', 14, (row) => ({ fen: row.costFen })],
  ['发出名额', 10, (row) => row.slotsDealt],
  ['剩余名额', 10, (row) => row.slotsLeft],
]

/**
 * The same figures as the report's rows, all of them, in yuan, a page at a time: merchants may be many. Who took the file
 * stands in the log before it is given.
 */
export async function exportReport(
  deps: ReportDeps & LogDeps,
  by: Operator,
  input: ReportInput,
  format: 'csv' | 'xlsx',
): Promise<Sheet | ReportRefusal> {
  const found = await framed(deps, input)
  if (typeof found === 'string') return found
  const { dates } = found
  const { campaignId, by: key } = input
  const columns: ColumnsOf<Row> = [
    [KEY_HEAD[key], 16, (row) => (key === 'day' ? { date: row.key } : row.key)],
    ...FIGURES,
  ]
  const read = async (after: string | undefined, limit: number) =>
    (await deps.desk.reports.rows(input, { dates, by: key, after, limit })).map((row) => costed(row))
  const fileName = `${campaignId}-${key}-${dates.from}-${dates.to}.${format}`
  await logExport(deps, by, 'report.export', `campaign/${campaignId}`, fileName)
  const pages = () => pagesOf(columns, read, (row) => row.key)
  return { title: '活动报表', fileName, columns: columnsOf(columns), total: null, pages }
}
