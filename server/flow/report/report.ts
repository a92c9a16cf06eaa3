import { businessDate } from '../../domain/business-date'
import { type CardBin, cardBins } from '../../domain/card-bins'
import type { Operator } from '../../domain/operator'
import { type LogDeps, logExport } from '../operator/log'
import type { Clock, Dates, Desk, ReportBooks, ReportedCampaign, ReportFigures, ReportKey, ReportScope } from '../ports'
import { BYTE_ORDER_MARK, csvLine } from './csv'

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
  campaignId: string
  by: ReportKey
  total: Costed
  channels: ReportBooks['channels']
  cards: (CardBin & { count: number })[]
}
export type Costed = ReportFigures & { costFen: number }

/** `campaign-not-found` for the operator; `to-before-from`: nothing can lie in that period. */
export type ReportRefusal = 'campaign-not-found' | 'to-before-from'

/** A page of people, not of machines: the CSV has all. */
const MAX_ROWS = 1_000
/** The report of a campaign over its dates. */
export async function campaignReport(deps: ReportDeps, input: ReportInput): Promise<CampaignReport | ReportRefusal> {
  const found = await framed(deps, input)
  if (typeof found === 'string') return found
  const { campaign, dates } = found
  const bins = cardBins(campaign.rule)
  const books = await deps.desk.reports.read(input, {
    dates,
    by: input.by,
    limit: MAX_ROWS,
    bins,
    // what is quoted before midnight can be paid a lease after it
    today: businessDate(deps.clock.now() - deps.limits.leaseTtlMs),
  })
  return {
    campaignId: campaign.campaignId,
    ...dates,
    by: input.by,
    total: costed(books.total),
    rows: books.rows,
    channels: books.channels,
    cards: bins.map((bin, i) => ({ ...bin, count: books.cards[i]! })),
  }
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
const HEADS = [
  '名称',
  '订单笔数',
  '优惠笔数',
  '优惠金额',
  '付款方立减',
  '商户奖励',
  '退款退回补贴',
  '差错更正',
  '科目支出',
  '发出名额',
  '剩余名额',
]
/** Merchants of a page: each is looked up by its index, and a page is some 50 ms of the database. */
const PAGE = 500

/**
 * The same figures as the report's rows, all of them, in yuan, a page at a time: merchants may be many. Who took the file
 * stands in the log before it is given.
 */
export async function exportReport(
  deps: ReportDeps & LogDeps,
  by: Operator,
  input: ReportInput,
): Promise<{ fileName: string; pieces: AsyncGenerator<string> } | ReportRefusal> {
  const found = await framed(deps, input)
  if (typeof found === 'string') return found
  const { dates } = found
  const { campaignId, by: key } = input
  async function* pieces() {
    yield BYTE_ORDER_MARK + csvLine([KEY_HEAD[key], ...HEADS])
    for (let after: string | undefined; ; ) {
      const page = await deps.desk.reports.rows(input, { dates, by: key, after, limit: PAGE })
      yield page.map(csvRow).join('')
      if (page.length < PAGE) return
      after = page.at(-1)!.key
    }
  }
  const fileName = `${campaignId}-${key}-${dates.from}-${dates.to}.csv`
  await logExport(deps, by, 'report.export', `campaign/${campaignId}`, fileName)
  return { fileName, pieces: pieces() }
}

function csvRow(row: ReportBooks['rows'][number]): string {
  const { key, label, costFen, ...figures } = costed(row)
  const fen = [
    figures.discountFen,
    figures.payerDiscountFen,
    figures.merchantRewardFen,
    figures.refundedSubsidyFen,
    figures.correctedFen,
    costFen,
  ]
  const counts = [figures.slotsDealt, figures.slotsLeft]
  return csvLine([
    key,
    label,
    figures.orderCount,
    figures.discountCount,
    ...fen.map((one) => ({ fen: one })),
    ...counts,
  ])
}
