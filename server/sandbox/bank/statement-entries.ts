import type { Books } from './books'
import type { Role } from './schema'

/** The bank's bookings as lines of its statement. Written apart from the channel's reader: the two ends share the document only. */

export interface Entry {
  kind: 'clearing' | 'refund'
  orderNo: string
  /** empty for a clearing */
  refundNo: string
  channelTradeNo: string
  bookedAt: number
  payerFen: number
  glFen: number
  merchantFen: number
  /** empty when there is no GL leg */
  glAccount: string
  merchantAccount: string
  /** the last four digits of the payer's account; empty where they are in none of it */
  payerTail: string
}

interface Sum {
  count: number
  payerFen: number
  glFen: number
  merchantFen: number
}
export type Sums = Record<Entry['kind'], Sum>

const NO_SUM: Sum = { count: 0, payerFen: 0, glFen: 0, merchantFen: 0 }
export const NO_SUMS: Sums = { clearing: NO_SUM, refund: NO_SUM }

/** What was booked in the chosen time, in the order it was. */
export function entriesOf(books: Books, chosen: (bookedAt: number) => boolean): Entry[] {
  const entries: Entry[] = []
  for (const one of books.clearings.values())
    if (one.state === 'succeeded' && one.request && chosen(one.bookedAt)) {
      const { orderNo, channelTradeNo, bookedAt } = one
      entries.push({ kind: 'clearing', orderNo, refundNo: '', channelTradeNo, bookedAt, ...legs(one.request.legs) })
    }
  for (const one of books.refunds.values())
    if (one.state === 'succeeded' && chosen(one.bookedAt)) {
      const { orderNo, channelRefundNo: channelTradeNo, bookedAt } = one
      const { refundNo } = one.request
      entries.push({ kind: 'refund', orderNo, refundNo, channelTradeNo, bookedAt, ...legs(one.request.legs) })
    }
  return entries.sort((a, b) => a.bookedAt - b.bookedAt)
}

function legs(all: readonly { role: Role; account: string; amountFen: number }[]) {
  const of = (role: Role) => all.find((leg) => leg.role === role)
  return {
    payerFen: of('payer')?.amountFen ?? 0,
    glFen: of('gl')?.amountFen ?? 0,
    merchantFen: of('merchant')?.amountFen ?? 0,
    glAccount: of('gl')?.account ?? '',
    merchantAccount: of('merchant')?.account ?? '',
    payerTail: of('payer')?.account.slice(-4) ?? '',
  }
}

export function sumsOf(entries: readonly Entry[]): Sums {
  const of = (kind: Entry['kind']) =>
    entries
      .filter((entry) => entry.kind === kind)
      .reduce<Sum>(
        (sum, entry) => ({
          count: sum.count + 1,
          payerFen: sum.payerFen + entry.payerFen,
          glFen: sum.glFen + entry.glFen,
          merchantFen: sum.merchantFen + entry.merchantFen,
        }),
        NO_SUM,
      )
  return { clearing: of('clearing'), refund: of('refund') }
}

export function trailerOf({ clearing, refund }: Sums): string {
  const fields = (sum: Sum) => [sum.count, sum.payerFen, sum.glFen, sum.merchantFen]
  return `END|${[clearing.count + refund.count, ...fields(clearing), ...fields(refund)].join('|')}\n`
}
