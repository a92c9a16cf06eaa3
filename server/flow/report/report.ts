import { addDays, businessDate, daysFrom } from '../../domain/business-date'
import { type CardBin, cardBins } from '../../domain/card-bins'
import { type Lift, lift, type MerchantUse, shareOf, type Use } from '../../domain/lift'
import type { Operator } from '../../domain/operator'
import { type LogDeps, logExport } from '../operator/log'
import type {
  Clock,
  Dates,
  Desk,
  Phases,
  ReportBooks,
  ReportedCampaign,
  ReportFigures,
  ReportKey,
  ReportScope,
} from '../ports'
import { BYTE_ORDER_MARK, csvLine } from './csv'

/** What a campaign did and cost, and whether it moved payers to the bank's own channel. All of it from the books (I10). */

export interface ReportDeps {
  desk: Pick<Desk, 'reports'>
  clock: Clock
}

export interface ReportInput extends ReportScope {
  /** business dates; the campaign's first day, and its last that has orders or today, unless given */
  from?: string | undefined
  to?: string | undefined
  by: ReportKey
}

export interface Arm {
  merchants: number
  before: SharedUse
  during: SharedUse
  after: SharedUse
}
type SharedUse = Use & { share: number | null }

export interface CampaignReport extends Dates, Pick<ReportBooks, 'rows'> {
  campaignId: string
  by: ReportKey
  total: Costed
  share: {
    points: { businessDate: string; treated: number | null; control: number | null }[]
    channels: ReportBooks['channels']
    treated: Arm
    control: Arm
    lift: Lift | null
  }
  cards: (CardBin & { count: number })[]
}
export type Costed = ReportFigures & { costFen: number }

/** `campaign-not-found` for the operator; `to-before-from`: nothing can lie in that period. */
export type ReportRefusal = 'campaign-not-found' | 'to-before-from'

/** A page of people, not of machines: the CSV has all. */
const MAX_ROWS = 1_000
/** Shares before and after the campaign are of at most this many days: longer ago compares seasons, not campaigns. */
const MAX_SIDE_DAYS = 30

/**
 * The report of a campaign over its dates. Shares before, during and after are of the whole campaign, whatever the dates; the
 * points of its chart are the days asked for, and those of the three phases where none are.
 */
export async function campaignReport(deps: ReportDeps, input: ReportInput): Promise<CampaignReport | ReportRefusal> {
  const found = await framed(deps, input)
  if (typeof found === 'string') return found
  const { campaign, dates, today } = found
  const bins = cardBins(campaign.rule)
  const phases = phasesOf(campaign, today)
  const points = input.from || input.to ? dates : { from: phases.before.from, to: phases.after.to }
  const books = await deps.desk.reports.read(input, {
    dates,
    by: input.by,
    limit: MAX_ROWS,
    phases,
    points,
    bins,
    today,
  })
  return {
    campaignId: campaign.campaignId,
    ...dates,
    by: input.by,
    total: costed(books.total),
    rows: books.rows,
    share: {
      points: pointsOf(books.days),
      channels: books.channels,
      treated: armOf(books.treated),
      control: armOf(books.control),
      lift: lift(books.treated, books.control),
    },
    cards: bins.map((bin, i) => ({ ...bin, count: books.cards[i]! })),
  }
}

async function framed(
  deps: ReportDeps,
  { from, to, ...scope }: ReportInput,
): Promise<{ campaign: ReportedCampaign; dates: Dates; today: string } | ReportRefusal> {
  const campaign = await deps.desk.reports.campaign(scope)
  if (!campaign) return 'campaign-not-found'
  const today = businessDate(deps.clock.now())
  const first = from ?? campaign.startDate
  // A campaign yet to start has an empty report, not a refused one.
  const last = to ?? laterOf(first, earlierOf(today, campaign.lastDate))
  return last < first ? 'to-before-from' : { campaign, dates: { from: first, to: last }, today }
}

/** Before and after are as long as the campaign has lasted, at most 30 days. */
export function phasesOf(
  { startDate, endDate }: Pick<ReportedCampaign, 'startDate' | 'endDate'>,
  today: string,
): Phases {
  const last = earlierOf(today, endDate)
  const sideDays = Math.min(MAX_SIDE_DAYS, Math.max(0, daysFrom(startDate, last) + 1))
  return {
    before: { from: addDays(startDate, -sideDays), to: addDays(startDate, -1) },
    during: { from: startDate, to: last },
    after: { from: addDays(last, 1), to: laterOf(last, earlierOf(today, addDays(endDate, sideDays))) },
  }
}

const earlierOf = (a: string, b: string) => (a < b ? a : b)
const laterOf = (a: string, b: string) => (a > b ? a : b)

function armOf(merchants: readonly MerchantUse[]): Arm {
  const sum = (phase: keyof MerchantUse): SharedUse => {
    const use = merchants.reduce(
      (total, one) => ({ orders: total.orders + one[phase].orders, own: total.own + one[phase].own }),
      { orders: 0, own: 0 },
    )
    return { ...use, share: shareOf(use) }
  }
  return { merchants: merchants.length, before: sum('before'), during: sum('during'), after: sum('after') }
}

function pointsOf(days: ReportBooks['days']): CampaignReport['share']['points'] {
  return days.map(({ businessDate, treated, control }) => ({
    businessDate,
    treated: shareOf(treated),
    control: shareOf(control),
  }))
}

/** What the GL accounts bore. */
export function costed<F extends ReportFigures>(figures: F): F & { costFen: number } {
  return { ...figures, costFen: figures.discountFen - figures.refundedSubsidyFen }
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
