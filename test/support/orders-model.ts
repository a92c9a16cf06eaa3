import type { Scheduler } from 'fast-check'
import { misfitOf, type PayerAction } from '../../server/domain/channel'
import { exposure } from '../../server/domain/deck'
import { type Order, openAction } from '../../server/domain/order'
import type { Quote } from '../../server/domain/quote'
import { closeOrder, confirmOrder, resendCode } from '../../server/flow/payment/confirm'
import { type PayResult, pay } from '../../server/flow/payment/pay'
import { quote } from '../../server/flow/payment/quote'
import type { ChannelReply } from '../../server/flow/ports'
import { CAMPAIGN, type Flow, MERCHANT } from './flow'
import { type ChannelKind, type Deps, SLOTS, World } from './orders-world'
import { sweepAll } from './sweep'

/**
 * A small model of orders, slots and the channel, kept beside the flow on its fakes. It knows which payer may expect which card,
 * what was sent and how each order ended, and holds the invariants of the design against both: some as things happen, the
 * rest by {@link Model.check}.
 */

export const PAYERS = ['a', 'b', 'c', 'd']

export type Answer = 'right' | 'wrong' | 'thief' | 'resend' | 'close'

const ENDING = ['state', 'endedAt', 'channelTradeNo', 'closeReason'] as const

/** Marks what the channel was made to say that isn't so. */
export const LIE = { lie: true }

export class Model {
  readonly world: World
  readonly flow: Flow
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
  /** live leases: `date|payer` → slot → end */
  private readonly held = new Map<string, Map<number, number>>()

  constructor(
    private readonly kind: ChannelKind,
    private readonly budgetFen: number,
    scheduler: Scheduler,
  ) {
    this.world = new World(kind, budgetFen, scheduler)
    this.flow = this.world.flow
    this.watchSlots()
    this.watchLedger()
    this.watchChannel()
  }

  async quote(deps: Deps, payerId: string, amountFen: number): Promise<{ quote: Quote; key: string }> {
    const { merchantCode } = MERCHANT
    const channel = this.world.counterpart.channel.name
    const result = await quote(deps, { payerId, merchantCode, amountFen, channel })
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

  private watchSlots(): void {
    const { slots } = this.flow
    const { take, confirm, release, forget } = slots
    slots.take = async (deck, payerId, terms) => {
      const live = [...this.leases(deck.businessDate, payerId)].filter(([, until]) => until > this.flow.clock.at)
      const result = await take(deck, payerId, terms)
      if (result.kind === 'taken') {
        // Whoever holds a card is quoted that one, whatever the amount.
        ok('I8', live.length === 0 || live.some(([slot]) => slot === result.slot), { payerId, live, result })
        this.lease(deck.businessDate, payerId, result.slot, result.leaseMs)
      }
      return result
    }
    slots.confirm = async (deck, slot, payerId) => {
      const result = await confirm(deck, slot, payerId)
      for (const [whose, leases] of this.held) if (whose.startsWith(deck.businessDate)) leases.delete(slot)
      return result
    }
    slots.release = async (deck, slot, payerId, keepMs) => {
      const orders = this.all().filter((one) => one.card?.slot === slot && one.payerId === payerId)
      const closed = orders.filter((one) => one.card?.businessDate === deck.businessDate && one.state === 'closed')
      ok('a card back, and no order of it has ended', closed.length > 0, { slot, payerId })
      for (const { orderNo } of closed) ok('a card back while it may still be paid', this.isDead(orderNo), orderNo)
      const result = await release(deck, slot, payerId, keepMs)
      if (result === 'released') this.lease(deck.businessDate, payerId, slot, keepMs)
      return result
    }
    slots.forget = () => {
      this.held.clear()
      forget()
    }
  }

  /** The channel will never take money for it: it said so, or the order has never left here. */
  private isDead(orderNo: string): boolean {
    const fate = this.world.counterpart.fate(orderNo)
    const { closeReason } = this.orderNow(orderNo)
    return fate === 'dead' || (fate === 'unseen' && closeReason === 'channel-unavailable')
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

  private leases(date: string, payer: string): Map<number, number> {
    const whose = `${date}|${payer}`
    const leases = this.held.get(whose) ?? new Map<number, number>()
    this.held.set(whose, leases)
    return leases
  }

  private lease(date: string, payer: string, slot: number, ms: number): void {
    // Whoever had it before has lost it.
    for (const [whose, leases] of this.held) if (whose.startsWith(date)) leases.delete(slot)
    this.leases(date, payer).set(slot, this.flow.clock.at + ms)
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
  }

  private checkOrder(order: Order): void {
    const { figures, orderNo, state } = order
    const before = this.orders.get(orderNo)
    ok('I5', !before || before.state === 'paying' || ENDING.every((key) => before[key] === order[key]), order)
    this.checkAction(order)
    if (state === 'paid') ok('I5 paid there', this.world.counterpart.fate(orderNo) === 'paid', order)
    ok('I11 no act', this.kind !== 'bank that asks' || state !== 'paid' || this.proved.has(orderNo), order)
    if (state === 'closed') ok('I5 never to be paid there', this.isDead(orderNo), order)
    if (before?.state === state) return
    this.orders.set(orderNo, { ...order })
    ok('I3', figures.payerDiscountFen + figures.merchantRewardFen === figures.discountFen, order)
    ok('I3', figures.payableFen === figures.amountFen - figures.payerDiscountFen && figures.payableFen >= 1, order)
    const postings = this.flow.ledger.postings.filter((one) => one.orderNo === orderNo)
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
    for (const { payerId, key } of this.keys) {
      const made = await flow.ledger.orderByKey(payerId, key)
      ok('a retry finds the order', !made || made.order.payerId === payerId, key)
    }
    await this.checkDecks(orders)
    ok('nothing is left to do', (await flow.ledger.backlog()).slotsToReturn === 0, null)
  }

  private async isDone(): Promise<boolean> {
    const { slotsToReturn } = await this.flow.ledger.backlog()
    return slotsToReturn === 0 && this.all().every((order) => order.state !== 'paying')
  }

  private async checkDecks(orders: readonly Order[]): Promise<void> {
    const { flow } = this
    let exposedFen = 0
    for (const businessDate of new Set(
      [...orders, ...this.quotes.map(({ quote }) => quote)].map((one) => one.businessDate),
    )) {
      const deck = { ...flow.deck(), businessDate }
      const dealt = await flow.ledger.deck(deck)
      exposedFen += dealt ? exposure(dealt.amountsFen) : 0
      for (const { card, figures, businessDate: date } of orders)
        if ((card?.businessDate ?? date) === businessDate)
          ok('I2', figures.discountFen === (card ? dealt!.amountsFen[card.slot] : 0), { card, figures })
      const used = (await flow.slots.count(deck))?.used ?? 0
      const held = (await flow.ledger.usedSlots(deck)).length
      ok('no slot is lost', used <= held + this.world.orphans, { businessDate, used, held })
    }
    const paidFen = orders.reduce((sum, one) => sum + (one.state === 'paid' ? one.figures.discountFen : 0), 0)
    const committedFen = flow.ledger.committedFen(CAMPAIGN.campaignId)
    ok('I7', committedFen === exposedFen && committedFen <= this.budgetFen && paidFen <= committedFen, committedFen)
  }
}

/** A hundred times as fast as `expect`, of which a run would make thousands. */
function ok(what: string, holds: boolean, about: unknown): void {
  if (!holds) throw new Error(`${what}: ${JSON.stringify(about)}`)
}
