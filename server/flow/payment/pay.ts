import { createHash } from 'node:crypto'
import { businessDate } from '../../domain/business-date'
import { newOrderNo, type Order } from '../../domain/order'
import type { Quote } from '../../domain/quote'
import type { Origin, Trace } from '../../domain/trace'
import { noteCompared } from '../deck/cards'
import { teachHolder, teachUsed } from '../deck/teach'
import {
  type Channel,
  type ChannelReply,
  LedgerUnavailable,
  type MeansRefusal,
  NOT_SENT,
  type OpenOrder,
  type OpenResult,
  type Random,
} from '../ports'
import { type FinalizeDeps, finalize } from './finalize'
import { inPlace } from './in-place'
import { deckOf } from './slot-return'
import { type Through, type ThroughDeps, throughAsOf, throughOf } from './through'

/** How often what an order is made of is looked at anew, because it changed in the milliseconds since the look before. */
const MOST_LOOKS = 5

export interface PayDeps extends FinalizeDeps, ThroughDeps {
  openQuote(quoteId: string): Quote | undefined
  traceOf(origin: Origin | undefined, at: number): Trace
  /** an order was opened, for the metrics */
  onOpened?(order: Order): void
}

export type PayRefusal =
  | 'quote-invalid'
  | 'quote-foreign'
  | 'quote-expired'
  | 'quote-used'
  | 'key-reused'
  | 'slot-taken'
  | 'daily-limit-reached'
  | 'card-limit-reached'
  | 'merchant-not-found'
  | 'channel-not-available'
  | MeansRefusal
export type PayResult =
  | { kind: 'order'; order: Order }
  | { kind: 'refused'; code: PayRefusal }
  /** the channel takes no pays for now, or as many wait for it as may: nothing was stored or sent, slot and quote are still the payer's */
  | { kind: 'refused'; code: 'channel-unavailable' | 'channel-busy'; retryAfterMs: number }

export interface PayInput {
  payerId: string
  quoteId: string
  agreementId?: string | undefined
  /** by which app's log-in they are here */
  platform?: string | undefined
  idempotencyKey: string
  /** from where it is asked */
  origin?: Origin | undefined
}

/**
 * Pays a quote, once for each key: a retry gets the order that its key made, whatever would refuse it by now (the quote has
 * ended, the agreement too, the channel is away). So a refusal says for certain that the key has made none, as long as keys are kept
 * (keys.ts: longer than any quote is good, so that none is paid twice), and a
 * LedgerUnavailable that this attempt sent nothing.
 */
export async function pay(deps: PayDeps, input: PayInput): Promise<PayResult> {
  const result = await payOnce(deps, input)
  return result.kind === 'order' ? result : ((await replay(deps, input)) ?? result)
}

/**
 * (a) the order is stored with its slot before anything is sent (I1, I6), (b) the slot is confirmed,
 * (c) the channel is called outside any transaction, (d) finalize. The same key with the same input gives the same order.
 */
async function payOnce(deps: PayDeps, input: PayInput): Promise<PayResult> {
  const quote = deps.openQuote(input.quoteId)
  if (!quote) return refused('quote-invalid')
  if (quote.payerId !== input.payerId) return refused('quote-foreign')
  if (quote.expiresAt <= deps.clock.now()) return refused('quote-expired')
  const channel = deps.channels.get(quote.channel)
  if (!channel) return refused('channel-not-available')
  const through = await throughOf(deps, input, quote, channel)
  if (through.kind === 'none') return refused(through.code)
  const result = await inPlace(channel, () => openAndSend(deps, input, quote, through))
  return result.kind === 'busy' ? { kind: 'refused', code: 'channel-busy', retryAfterMs: result.retryAfterMs } : result
}

async function openAndSend(deps: PayDeps, input: PayInput, quote: Quote, through: Through): Promise<PayResult> {
  const { channel } = through
  const admission = channel.admit?.() ?? { kind: 'admitted' }
  if (admission.kind === 'paused')
    return { kind: 'refused', code: 'channel-unavailable', retryAfterMs: admission.retryAfterMs }

  deps.crashPoint?.('before-open')
  let opened = await open(deps, input, quote, through)
  for (let looked = 0; opened.result.kind === 'outdated' && looked < MOST_LOOKS; looked++) {
    const now = await throughAsOf('now', deps, input, quote, channel)
    if (now.kind === 'none') return refused(now.code)
    opened = await open(deps, input, quote, now)
  }
  const { order, result } = opened
  switch (result.kind) {
    case 'opened':
      deps.onOpened?.(order)
      return { kind: 'order', order: await send(deps, order, channel) }
    case 'replayed':
      return { kind: 'order', order: result.order }
    case 'key-reused':
    case 'quote-used':
      return refused(result.kind)
    case 'too-late':
    case 'deck-closed':
      return refused('quote-expired')
    case 'daily-limit':
      return refused('daily-limit-reached')
    case 'card-limit':
      await giveUp(deps, order)
      return refused('card-limit-reached')
    case 'slot-taken':
      await markTaken(deps, order, result.payerId)
      return refused('slot-taken')
    case 'outdated':
      throw new LedgerUnavailable('merchant or agreement changed at each look while one order was opened')
    case 'order-no-taken':
      throw new Error('three order numbers in a row exist already')
  }
}

/**
 * Steps (b) to (d) of an order just opened. From the call on the channel may have booked, so nothing that fails then is told
 * as a refusal: the order stays `paying` until the sweeper has asked.
 */
async function send(deps: PayDeps, order: Order, channel: Channel): Promise<Order> {
  deps.crashPoint?.('after-open')
  await confirmSlot(deps, order)
  deps.crashPoint?.('after-confirm')
  try {
    const reply = await channel.pay(order)
    deps.crashPoint?.('after-send')
    return await finalize(deps, order, definite(reply))
  } catch (error) {
    deps.onAlarm({ code: 'pay-not-finalized', orderNo: order.orderNo, error })
    return order
  }
}

/** A pay that never left can't be booked, now or later: that is as good as a refusal, and the payer needn't wait for it. */
function definite(reply: ChannelReply): ChannelReply {
  const { outcome } = reply
  if (outcome.kind !== 'unknown' || outcome.code !== NOT_SENT) return reply
  return { ...reply, outcome: { kind: 'declined', code: 'channel-unavailable' } }
}

/** The order that a key made before, or `key-reused` when that was for other input. */
async function replay(deps: PayDeps, input: PayInput): Promise<PayResult | undefined> {
  const made = await deps.ledger.orderByKey(input.payerId, input.idempotencyKey)
  if (!made) return undefined
  return made.inputHash === inputHash(input) ? { kind: 'order', order: made.order } : refused('key-reused')
}

async function open(
  deps: PayDeps,
  input: PayInput,
  quote: Quote,
  through: Through,
): Promise<{ order: Order; result: OpenResult }> {
  const now = deps.clock.now()
  const { limits } = through.channel
  // 60 random bits collide once in a blue moon; nothing has been sent, so another number is free to take.
  for (let attempt = 1; ; attempt++) {
    const order = newOrder(quote, through, deps.random, now)
    const opening: OpenOrder = {
      order,
      idempotency: { key: input.idempotencyKey, inputHash: inputHash(input) },
      trace: deps.traceOf(input.origin, now),
      dailyLimitFen: limits.dailyPerPayerFen,
      request: through.channel.payRequest(order),
      firstQueryAt: now + limits.firstQueryMs,
      openBy: deps.clock.byLedger?.(quote.expiresAt) ?? null,
      believed: through.believed,
    }
    const result = await deps.ledger.openOrder(opening)
    if (result.kind !== 'order-no-taken' || attempt === 3) return { order, result }
  }
}

function newOrder(quote: Quote, { channel, means, branchCode }: Through, random: Random, now: number): Order {
  const { payWithinMs } = channel.limits
  const date = businessDate(now)
  return {
    orderNo: newOrderNo(date, random(12)),
    quoteNonce: quote.nonce,
    payerId: quote.payerId,
    payerRef: means.payerRef,
    merchantCode: quote.merchantCode,
    channel: quote.channel,
    businessDate: date,
    figures: quote.figures,
    card: quote.card && { ...quote.card, businessDate: quote.businessDate },
    reason: quote.reason,
    accounts: means.accounts,
    branchCode,
    state: 'paying',
    createdAt: now,
    payBy: payWithinMs === null ? null : now + payWithinMs,
    action: null,
    endedAt: null,
    channelTradeNo: null,
    verification: null,
    closeReason: null,
  }
}

/** The ledger holds the slot already; a slot store that is away learns of it from the ledger before this process takes of the deck again. */
async function confirmSlot(deps: PayDeps, order: Order): Promise<void> {
  if (!order.card) return
  const deck = deckOf(order, order.card)
  await deps.slots.confirm(deck, order.card.slot, order.payerId).catch((error) => {
    noteCompared(deps.ledger, deck, undefined)
    deps.onAlarm({ code: 'slot-not-confirmed', orderNo: order.orderNo, error })
  })
}

/** The slot store handed out a slot that the ledger had given away (it forgot): teach it all of the deck, so nobody else is quoted such a card. */
async function markTaken(deps: PayDeps, order: Order, holder: string | null): Promise<void> {
  if (!holder || !order.card) return
  const deck = deckOf(order, order.card)
  try {
    await teachHolder(deps, deck, order.card.slot, holder)
    await teachUsed(deps, deck, await deps.ledger.usedSlots(deck))
  } catch (error) {
    deps.onAlarm({ code: 'slot-not-confirmed', orderNo: order.orderNo, error })
  }
}

/** A person who has used what one may came under another name: the card is for others, and they aren't quoted one here again. */
async function giveUp(deps: PayDeps, order: Order): Promise<void> {
  if (!order.card) return
  const deck = deckOf(order, order.card)
  await Promise.all([
    deps.slots.bar(deck, order.payerId),
    deps.slots.release(deck, order.card.slot, order.payerId, 0),
  ]).catch((error) => deps.onAlarm({ code: 'slot-not-released', orderNo: order.orderNo, error }))
}

function inputHash(input: PayInput): string {
  return createHash('sha256')
    .update(JSON.stringify([input.quoteId, input.agreementId ?? null]))
    .digest('hex')
}

function refused(code: PayRefusal): PayResult {
  return { kind: 'refused', code }
}
