import fc from 'fast-check'
import type { Seen } from '../../server/domain/channel'
import type { Order, Outcome } from '../../server/domain/order'
import type { Refund } from '../../server/domain/refund'
import { finalize } from '../../server/flow/payment/finalize'
import { finalizeRefund } from '../../server/flow/refund/refund'
import { LIE } from './model-ok'
import type { Model } from './orders-model'

/** What the model of orders is told unasked: truth and lies about orders and refunds, at any time. */

export interface Deed {
  name: string
  begin(model: Model): unknown
}
export const deed = (name: string, begin: Deed['begin']): Deed => ({ name, begin })

export const process = fc.nat(1)
/** Counts back from the newest. */
export const back = fc.nat(3)

interface Told {
  outcome: Outcome
  seen?: Seen | undefined
  lie?: boolean
}
type News =
  | 'truth'
  | 'truth twice'
  | 'nonsense'
  | 'another amount'
  | 'another payee'
  | 'another currency'
  | 'contradiction'
const TOLD: News[] = [
  'truth',
  'truth',
  'truth twice',
  'nonsense',
  'another amount',
  'another payee',
  'another currency',
  'contradiction',
]
export const news = fc.tuple(process, fc.nat(5), fc.constantFrom(...TOLD)).map(([at, nth, kind]) =>
  deed(`news of -${nth}: ${kind} at ${at}`, (model) => {
    const order = [...model.orders.values()].at(-1 - nth)
    for (const { outcome, seen, lie } of order ? newsOf(model, order, kind) : [])
      model.world.start(at, async (deps) => {
        const current = (await deps.ledger.order(order!.orderNo))!
        await finalize(deps, current, { verb: 'notify', outcome, seen, raw: lie ? LIE : null })
        // Of one that had ended by then, nothing but a conflict can have come.
        if (kind === 'contradiction') model.lies++
      })
  }),
)

/** Contradictions are of orders that have ended alone: before, the channel may say what it wants of amounts, but not of the outcome. */
function newsOf(model: Model, order: Order, kind: News): Told[] {
  const word = model.world.counterpart.word(order.orderNo)
  const ours: Seen = { amountFen: order.figures.payableFen, currency: 'CNY', payee: order.accounts.merchant }
  const success: Outcome = { kind: 'succeeded', channelTradeNo: 'T-of-another' }
  switch (kind) {
    case 'nonsense':
      return [{ outcome: { kind: 'unknown', code: 'unmapped-refusal' } }]
    case 'another amount':
      return [{ outcome: success, seen: { ...ours, amountFen: ours.amountFen + 1 }, lie: true }]
    case 'another payee':
      return [{ outcome: success, seen: { ...ours, payee: 'acct-M0002' }, lie: true }]
    case 'another currency':
      return [{ outcome: success, seen: { ...ours, currency: 'USD' }, lie: true }]
    case 'contradiction':
      if (order.state === 'paying') return []
      return order.state === 'paid'
        ? [{ outcome: { kind: 'declined', code: 'account-frozen' }, lie: true }]
        : [{ outcome: success, seen: ours, lie: true }]
    case 'truth':
      return word ? [word] : []
    case 'truth twice':
      return word ? [word, word] : []
  }
}

const REFUND_NEWS = ['truth', 'truth', 'truth', 'nonsense', 'another amount', 'another payee', 'contradiction'] as const
export const refundNews = fc.tuple(process, fc.nat(5), fc.constantFrom(...REFUND_NEWS)).map(([at, nth, kind]) =>
  deed(`news of refund -${nth}: ${kind} at ${at}`, (model) => {
    const refund = [...model.refunds.refunds.values()].at(-1 - nth)
    const heard = refund && refundNewsOf(model, refund, kind)
    if (!heard) return
    model.world.start(at, async (deps) => {
      const current = (await deps.refunds.refund(refund.refundNo))!
      const order = model.orders.get(refund.orderNo)!
      const { outcome, seen, lie } = heard
      await finalizeRefund(deps, order, current, { verb: 'notify', outcome, seen, raw: lie ? LIE : null })
      if (kind === 'contradiction') model.refunds.lies++
    })
  }),
)

function refundNewsOf(model: Model, refund: Refund, kind: (typeof REFUND_NEWS)[number]): Told | undefined {
  const payee = model.orders.get(refund.orderNo)!.accounts.merchant
  const ours: Seen = { amountFen: refund.shares.payerFen, currency: 'CNY', payee }
  const success: Outcome = { kind: 'succeeded', channelTradeNo: 'R-of-another' }
  switch (kind) {
    case 'truth':
      return model.world.counterpart.refundWord(refund.refundNo)
    case 'nonsense':
      return { outcome: { kind: 'unknown', code: 'unmapped-refusal' } }
    case 'another amount':
      return { outcome: success, seen: { ...ours, amountFen: ours.amountFen + 1 }, lie: true }
    case 'another payee':
      return { outcome: success, seen: { ...ours, payee: 'acct-M0002' }, lie: true }
    case 'contradiction':
      if (refund.state === 'refunding') return undefined
      return refund.state === 'refunded'
        ? { outcome: { kind: 'declined', code: 'refund-refused' }, lie: true }
        : { outcome: success, seen: ours, lie: true }
  }
}
