import type { OrderView, QuoteView, RefundView } from '../server/http/contract'
import type { Verdict } from './verdict'

/** An order as payers were told of it. */
export interface ToldOrder {
  view: OrderView
  payer: string
  /** one wish to pay, however many keys and quotes it took */
  intent: number
}

/** Two quotes of one payer at one merchant within a lease, that are of different cards (I8). */
export interface Switched {
  payer: string
  merchantCode: string
  /** when the first was asked for and the second answered, ms */
  from: number
  to: number
  heldSlot: number
  /** null: no card, for this reason */
  nowSlot: number | null
  reason: string | null
}

/** A card that a quote showed; between the two times it was looked for, ms. */
export interface ShownCard {
  merchantCode: string
  slot: number
  sentAt: number
  at: number
}

const FIGURES = [
  'amountFen',
  'discountFen',
  'payerDiscountFen',
  'merchantRewardFen',
  'payableFen',
  'merchantReceivesFen',
] as const

/** What payers and merchants were told, which must still be so when everything has settled. */
export class Told {
  readonly orders = new Map<string, ToldOrder>()
  readonly refunds = new Map<string, RefundView>()
  readonly switched: Switched[] = []
  readonly shown: ShownCard[] = []
  /** intent → the order numbers that it was told of */
  readonly intents = new Map<number, Set<string>>()
  readonly counts = new Map<string, number>()
  paid = 0

  constructor(private readonly verdict: Verdict) {}

  count(what: string, by = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + by)
  }

  /** Any answer that shows an order; `quote` is what the payer saw before paying it. */
  order(view: OrderView, payer: string, intent: number, quote?: QuoteView): void {
    const { orderNo } = view
    const before = this.orders.get(orderNo)
    this.verdict.look('I5', 'an order, once told to have ended, stays as it ended', this.changed(before?.view, view))
    if (quote) this.verdict.look('I10', 'the order shows the figures of its quote', differing(orderNo, quote, view))
    if (view.state === 'paid' && before?.view.state !== 'paid') {
      this.paid++
      this.count(`payers told that they paid by ${view.channel}`)
    }
    if (!before || view.state !== 'paying') this.orders.set(orderNo, { view, payer, intent })
    const numbers = this.intents.get(intent) ?? new Set()
    this.intents.set(intent, numbers.add(orderNo))
  }

  refund(view: RefundView): void {
    const before = this.refunds.get(view.refundNo)
    const late = view.state === 'refunding'
    const stays = !before || late || before.state === 'refunding' || before.state === view.state
    const sample = stays ? undefined : `${view.refundNo} was ${before.state}, then ${view.state}`
    this.verdict.look('I5', 'a refund, once told to have ended, stays as it ended', sample)
    if (!before || !late) this.refunds.set(view.refundNo, view)
  }

  private changed(before: OrderView | undefined, view: OrderView): string | undefined {
    if (!before || before.state === 'paying') return undefined
    // Answers to two taps may arrive the other way round.
    if (before.state === view.state || view.state === 'paying') return undefined
    return `${view.orderNo} was ${before.state}, then ${view.state}`
  }
}

function differing(orderNo: string, quote: QuoteView, view: OrderView): string | undefined {
  const field = FIGURES.find((name) => quote[name] !== view[name])
  return field && `${orderNo}: ${field} was ${quote[field]} in the quote and is ${view[field]}`
}
