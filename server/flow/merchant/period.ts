import { addDays, businessDate, daysFrom } from '../../domain/business-date'
import { CHANNEL_LABELS } from '../../domain/channel'
import { type DaySums, type MerchantDaySums, sumsOf } from '../../domain/settlement'
import { TAIL } from '../change/show'
import type { Clock, Ledger, RefundLedger } from '../ports'
import { allWithRefunds, type RefundedOrder } from '../refund/refunded'
import { BYTE_ORDER_MARK, csvLine } from '../report/csv'

/** More days than one at a time: what a merchant's week and month came to, and the file of their orders. */

interface PeriodDeps {
  ledger: Pick<Ledger, 'merchantDays' | 'merchantOrders'>
  refunds: Pick<RefundLedger, 'refundedOf'>
}

/** Both included; a month and no more, so that nobody's question is dear. */
export interface Period {
  from: string
  to: string
}
const MOST_DAYS = 31

/** The period that was asked for, of one day and up to today unless told; a text says why it is none. */
export function periodOf(clock: Clock, { from, to = businessDate(clock.now()) }: Partial<Period>): Period | string {
  const period = { from: from ?? to, to }
  if (to < period.from) return 'to lies before from'
  return daysFrom(period.from, to) >= MOST_DAYS ? `at most ${MOST_DAYS} days` : period
}

/** What each day of the period came to, and all of them. */
export async function merchantPeriod(
  { ledger }: PeriodDeps,
  merchantCode: string,
  { from, to }: Period,
): Promise<{ days: MerchantDaySums[]; total: DaySums }> {
  const days = await ledger.merchantDays(merchantCode, from, to)
  return { days, total: sumsOf(days) }
}

/** Of a page of the file: some 20 ms of the database. */
const PAGE = 200

const HEADS = [
  '账期日',
  '到账时间',
  '单号',
  '付款方式',
  '订单金额',
  '奖励',
  '到账',
  '已退顾客',
  '已退合计',
  '到账账户尾号',
]

/** Every paid order of the period, oldest day first, in yuan, as a spreadsheet opens it; refunds are those made so far. */
export function merchantFile(
  deps: PeriodDeps,
  merchantCode: string,
  { from, to }: Period,
): { fileName: string; pieces: AsyncGenerator<string> } {
  async function* pieces() {
    yield BYTE_ORDER_MARK + csvLine(HEADS)
    for (let date = from; date <= to; date = addDays(date, 1))
      for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
        const page = await allWithRefunds(deps, await deps.ledger.merchantOrders(merchantCode, date, cursor, PAGE))
        yield page.items.map(orderLine).join('')
        cursor = page.nextCursor
      }
  }
  return { fileName: `${merchantCode}-${from}-${to}.csv`, pieces: pieces() }
}

function orderLine({
  orderNo,
  businessDate,
  channel,
  figures,
  refunded,
  accounts,
  endedAt,
  createdAt,
}: RefundedOrder): string {
  return csvLine([
    businessDate,
    shanghaiTime(endedAt ?? createdAt),
    orderNo,
    CHANNEL_LABELS[channel],
    { fen: figures.amountFen },
    { fen: figures.merchantRewardFen },
    { fen: figures.merchantReceivesFen },
    { fen: refunded.payerFen },
    { fen: refunded.merchantFen },
    accounts.merchant.slice(-TAIL),
  ])
}

/** `12:08:31`; an order paid after midnight belongs to the day on which it was opened, so its own date is said too. */
const shanghaiTime = (atMs: number) =>
  `${businessDate(atMs)} ${new Date(atMs + 8 * 3_600_000).toISOString().slice(11, 19)}`
