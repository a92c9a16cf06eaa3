import type { Scheduler } from 'fast-check'
import { misfitOf, type PayerAction } from '../../server/domain/channel'
import { dearestDeck } from '../../server/domain/deck'
import { countOf } from '../../server/domain/deck-seal'
import { type Order, openAction } from '../../server/domain/order'
import type { Quote } from '../../server/domain/quote'
import { isOpenAt, opensOn } from '../../server/domain/window'
import { closeOrder, confirmOrder, resendCode } from '../../server/flow/payment/confirm'
import { type PayResult, pay } from '../../server/flow/payment/pay'
import { quote } from '../../server/flow/payment/quote'
import type { ChannelReply } from '../../server/flow/ports'
import { CAMPAIGN, type Flow, MERCHANT } from './flow'
import { LIE, ok } from './model-ok'
import { boundsOf, type ChannelKind, type Deps, SLOTS, World } from './orders-world'
import { RefundsModel } from './refunds-model'
import { SlotsModel } from './slots-model'
import { sweepAll, sweepAllRefunds } from './sweep'

/**
 * A small model of orders, slots and the channel, kept beside the flow on its fakes. It knows which payer may expect which card,
 * what was sent and how each order ended, and holds the invariants of the design against both: some as things happen, the
 * rest by {@link Model.check}.
 */

export const PAYERS = ['a', 'b', 'c', 'd']

export type Answer = 'right' | 'wrong' | 'thief' | 'resend' | 'close'

const ENDING = ['state', 'endedAt', 'channelTradeNo', 'closeReason'] as const

export class Model {
  readonly world: World
  readonly flow: Flow
  readonly refunds: RefundsModel
  readonly quotes: { quote: Quote; key: string }[] = []
  /** by number, as last seen */
  readonly orders = new Map<string, Order>()
  /** all that a payer was ever asked to do, oldest first */
  readonly actions: PayerAction[] = []
  /** lies about orders that had ended, which were heard to the end: each is kept as a conflict */
  lies = 0
  private readonly sent = new Map<string, string>()
  private readonly ended = new Set<string>()
  /** for which the payer was about to bring what the bank asked for */
  private readonly proved = new Set<string>()
  private readonly keys: { payerId: string; key: string }[] = []

  constructor(
    private readonly kind: ChannelKind,
    private readonly budgetFen: number,
    scheduler: Scheduler,
  ) {
    this.world = new World(kind, budgetFen, scheduler)
    this.flow = this.world.flow
    this.refunds = new RefundsModel(this.world)
    new SlotsModel(this.flow, (order) => this.isDead(order))
    this.watchLedger()
    this.watchChannel()
  }

  async quote(deps: Deps, payerId: string, amountFen: number): Promise<{ quote: Quote; key: string }> {
    const { merchantCode } = MERCHANT
    const channel = this.world.counterpart.channel.name
    const { windows } = boundsOf(this.budgetFen)
    const open = () => isOpenAt(windows, this.flow.clock.at)
    const before = open()
    const result = await quote(deps, { payerId, merchantCode, amountFen, channel })
    if (result.kind === 'quoted') ok('a card within hours', !result.quote.card || before || open(), result.quote)
    if (result.kind !== 'quoted') throw new Error(`not quoted: ${result.kind}`)
    const kept = { quote: result.quote, key: `key-${this.quotes.length}` }
    this.quotes.push(kept)
    return kept
  }

  async pay(deps: Deps, { payerId, ...rest }: Quote, idempotencyKey: string): Promise<PayResult> {
    this.keys.push({ payerId, key: idempotencyKey })
    const result = await pay(deps, { payerId, quoteId: this.flow.sealed({ payerId, ...rest }), idempotencyKey })
    if (result.kind === 'order') this.checkAction(result.order)
    return result
  }

  /** What people do with an order that asks for something: its payer, or somebody else (`thief`) who saw the code. */
  async answer(deps: Deps, { orderNo, payerId }: Order, how: Answer): Promise<void> {
    if (how === 'resend') await resendCode(deps, { payerId, orderNo })
    else if (how === 'close') await closeOrder(deps, { payerId, orderNo })
    else {
      const proof = this.world.counterpart.proof?.(orderNo, how !== 'wrong')
      if (proof === undefined) return
      const challengeId = this.orderNow(orderNo).action?.params.challengeId ?? 'gone'
      if (how === 'right') this.proved.add(orderNo)
      const who = how === 'thief' ? `not ${payerId}` : payerId
      const result = await confirmOrder(deps, { payerId: who, orderNo, challengeId, proof })
      ok('another’s order', how !== 'thief' || result.kind === 'refused', result)
      if (result.kind === 'order') this.checkAction(result.order)
    }
  }

  // As things happen.

  /** The channel will never take money for it: it said so, or the order has never left here. */
  private isDead(order: Order): boolean {
    const fate = this.world.counterpart.fate(order)
    return fate === 'dead' || (fate === 'unseen' && order.closeReason === 'channel-unavailable')
  }

  private watchLedger(): void {
    const { ledger } = this.flow
    const { endOrder } = ledger
    ledger.endOrder = async (order, ending, reply) => {
      const { orderNo, figures, accounts } = order
      const result = await endOrder(order, ending, reply)
      if (result === 'already-ended') return result
      ok('I5 ends once', !this.ended.has(orderNo), order)
      this.ended.add(orderNo)
      const definite = ending.state === 'paid' ? 'succeeded' : 'declined'
      ok('I5 by a definite word', reply?.outcome.kind === definite, { order, reply })
      const misfit = reply?.seen && misfitOf(reply.seen, { amountFen: figures.payableFen, payee: accounts.merchant })
      ok('I5 about this very order', misfit === null || (!reply?.seen && ending.state === 'closed'), { order, reply })
      return result
    }
  }

  private watchChannel(): void {
    const { channel } = this.world.counterpart
    const { pay: real, query } = channel
    const asking = async (reply: Promise<ChannelReply>) => {
      const { action } = await reply
      if (action) this.actions.push(action)
      return reply
    }
    channel.query = (order) => asking(query(order))
    channel.pay = async (order) => {
      ok(
        'I6 stored first',
        this.all().some((one) => one.orderNo === order.orderNo),
        order,
      )
      ok('I6 sent once', !this.sent.has(order.orderNo), order)
      ok('I6 one order a quote', ![...this.sent.values()].includes(order.quoteNonce), order)
      this.sent.set(order.orderNo, order.quoteNonce)
      return asking(real(order))
    }
  }

  // At any moment.

  private all(): Order[] {
    return this.flow.ledger.all()
  }

  private orderNow(orderNo: string): Order {
    return this.all().find((one) => one.orderNo === orderNo)!
  }

  private checkAction(order: Order): void {
    ok('an action after the end', order.state === 'paying' || order.action === null, order)
    ok(
      'an action after its end',
      order.state !== 'paying' || !order.action || openAction(order, order.action.expiresAt) === null,
      order,
    )
  }

  check(): void {
    for (const failure of this.world.failures) throw failure
    const held = new Set<string>()
    for (const order of this.all()) {
      this.checkOrder(order)
      const { card, state } = order
      if (!card || state === 'closed') continue
      const seat = `${card.businessDate}|${card.slot}`
      ok('I1', !held.has(seat) && card.slot < SLOTS, order)
      held.add(seat)
    }
    for (const [orderNo, fen] of this.world.counterpart.paid())
      ok('I11', this.orderNow(orderNo)?.figures.payableFen === fen, orderNo)
    this.checkConflicts()
    this.refunds.check(this.orders)
  }

  private checkOrder(order: Order): void {
    const { figures, orderNo, state } = order
    const before = this.orders.get(orderNo)
    ok('I5', !before || before.state === 'paying' || ENDING.every((key) => before[key] === order[key]), order)
    this.checkAction(order)
    if (state === 'paid') ok('I5 paid there', this.world.counterpart.fate(order) === 'paid', order)
    ok('I11 no act', this.kind !== 'bank that asks' || state !== 'paid' || this.proved.has(orderNo), order)
    if (state === 'closed') ok('I5 never to be paid there', this.isDead(order), order)
    if (before?.state === state) return
    this.orders.set(orderNo, { ...order })
    ok('I3', figures.payerDiscountFen + figures.merchantRewardFen === figures.discountFen, order)
    ok('I3', figures.payableFen === figures.amountFen - figures.payerDiscountFen && figures.payableFen >= 1, order)
    const postings = this.flow.ledger.postings.filter((one) => one.orderNo === orderNo && !one.refundNo)
    ok('I4', postings.reduce((sum, one) => sum + one.amountFen, 0) === 0, order)
    ok('I4', postings.length > 0 === (state === 'paid'), order)
  }

  /** Unless it lies, the channel never contradicts us; and of what it lied about the end, every word is kept. */
  private checkConflicts(): void {
    const conflicts = this.flow.ledger.notes.filter((note) => note.conflict !== null)
    const lies = conflicts.filter((note) => note.raw === LIE)
    ok('contradicted in truth', conflicts.length === lies.length, conflicts)
    ok('every contradiction is kept', lies.length >= this.lies, lies)
  }

  // When all is well again.

  /** Everything ends, the books agree, and no slot stays used that no order uses. */
  async settle(): Promise<void> {
    const { world, flow } = this
    await world.quiet()
    flow.slots.up = true
    world.hiccups.clear()
    world.counterpart.calm()
    for (let i = 0; i < 12 && !(await this.isDone()); i++) {
      flow.pass(61_000)
      world.start(0, sweepAll)
      world.start(0, sweepAllRefunds)
      await world.quiet()
    }
    this.check()
    const orders = this.all()
    ok(
      'nothing is left paying',
      orders.every((order) => order.state !== 'paying'),
      orders,
    )
    const paid = orders.filter((order) => order.state === 'paid')
    ok('booked there = paid here', world.counterpart.paid().size === paid.length, paid)
    this.refunds.settled()
    for (const { payerId, key } of this.keys) {
      const made = await flow.ledger.orderByKey(payerId, key)
      ok('a retry finds the order', !made || made.order.payerId === payerId, key)
    }
    await this.checkDecks(orders)
    ok('nothing is left to do', (await flow.ledger.backlog()).slotsToReturn === 0, null)
  }

  private async isDone(): Promise<boolean> {
    const { slotsToReturn } = await this.flow.ledger.backlog()
    return slotsToReturn === 0 && this.refunds.isDone() && this.all().every((order) => order.state !== 'paying')
  }

  private async checkDecks(orders: readonly Order[]): Promise<void> {
    const { flow } = this
    let exposedFen = 0
    for (const businessDate of new Set(
      [...orders, ...this.quotes.map(({ quote }) => quote)].map((one) => one.businessDate),
    )) {
      const deck = { ...flow.deck(), businessDate }
      const dealt = await flow.ledger.deck(deck)
      const dayFen = dealt ? dearestDeck({ ...CAMPAIGN.rule, slots: countOf(dealt.cards) }) : 0
      const { dailyBudgetFen, windows } = boundsOf(this.budgetFen)
      ok('I7', dayFen <= (dailyBudgetFen ?? this.budgetFen) && (!dealt || opensOn(windows, businessDate)), dayFen)
      exposedFen += dayFen
      const cards = await flow.cards(deck)
      for (const { card, figures, businessDate: date } of orders)
        if ((card?.businessDate ?? date) === businessDate)
          ok('I2', figures.discountFen === (card ? cards[card.slot] : 0), { card, figures })
      const used = (await flow.slots.count(deck))?.used ?? 0
      const held = (await flow.ledger.usedSlots(deck)).length
      ok('no slot is lost', used <= held + this.world.orphans, { businessDate, used, held })
    }
    const paidFen = orders.reduce((sum, one) => sum + (one.state === 'paid' ? one.figures.discountFen : 0), 0)
    const committedFen = flow.ledger.committedFen(CAMPAIGN.campaignId)
    ok('I7', committedFen === exposedFen && committedFen <= this.budgetFen && paidFen <= committedFen, committedFen)
  }
}
