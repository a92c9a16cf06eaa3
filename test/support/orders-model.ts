import { exposure } from '../../server/domain/deck'
import type { Order } from '../../server/domain/order'
import type { Quote } from '../../server/domain/quote'
import type { PayResult } from '../../server/flow/payment/pay'
import { LedgerUnavailable } from '../../server/flow/ports'
import { CAMPAIGN, type Flow, LIMITS, startFlow } from './flow'

/**
 * A small model of orders, slots and the bank, kept beside the flow on its fakes. It knows which payer may expect which card,
 * what was sent, and how each order ended; {@link Model.check} holds the invariants of the design against both.
 */

export const PAYERS = ['a', 'b', 'c', 'd']
export const SLOTS = 3
const RULE = { ...CAMPAIGN.rule, slots: SLOTS, payerPercent: 37 }
const MERCHANT_ACCOUNT = 'acct-M0001'

/** Writes of the ledger that can be made to fail. */
export const HICCUPS = ['openOrder', 'endOrder', 'noteReply', 'slotReturned'] as const
export type Hiccup = (typeof HICCUPS)[number]

export class Model {
  readonly quotes: { quote: Quote; key: string }[] = []
  /** by order number, as last seen */
  readonly orders = new Map<string, Order>()
  /** contradictions that the bank was made to tell of orders that had ended */
  lies = 0
  /** what fails the next time, before it took effect or after */
  readonly hiccups = new Map<Hiccup, 'before' | 'after'>()
  readonly flow: Flow
  private readonly sent: string[] = []
  private readonly unstored: string[] = []
  /** live leases: `date|payer` → slot → end */
  private readonly held = new Map<string, Map<number, number>>()
  private readonly keys: { payerId: string; key: string }[] = []

  constructor(readonly budgetFen: number) {
    this.flow = startFlow({
      campaign: { rule: RULE, budgetFen },
      limits: { dailyPerPayerFen: 1e9 },
      wrap: (channel, ledger) => ({
        ...channel,
        pay: async (order) => {
          const stored = await ledger.order(order.orderNo)
          if (stored?.state !== 'paying') this.unstored.push(order.orderNo)
          this.sent.push(order.orderNo)
          return channel.pay(order)
        },
      }),
    })
    this.watchSlots()
    this.watchLedger()
  }

  private watchSlots(): void {
    const { slots } = this.flow
    const { confirm, release, forget } = slots
    slots.confirm = async (deck, slot, payerId) => {
      const result = await confirm(deck, slot, payerId)
      for (const [whose, leases] of this.held) if (whose.startsWith(deck.businessDate)) leases.delete(slot)
      return result
    }
    slots.release = async (deck, slot, payerId, keepMs) => {
      const result = await release(deck, slot, payerId, keepMs)
      if (result === 'released') this.lease(deck.businessDate, payerId, slot, keepMs)
      return result
    }
    slots.forget = () => {
      this.held.clear()
      forget()
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

  async quote(payer: string, amountFen: number): Promise<{ quote: Quote; key: string }> {
    const quote = await this.flow.quote(payer, amountFen)
    const kept = { quote, key: `key-${this.quotes.length}` }
    this.quotes.push(kept)
    const { card, businessDate } = quote
    if (card) {
      const live = [...this.leases(businessDate, payer)].filter(([, until]) => until > this.flow.clock.at)
      // I8: who holds a card is quoted that one, whatever the amount.
      if (live.length > 0 && !live.some(([slot]) => slot === card.slot))
        throw new Error(`I8: ${payer} holds ${live.map(([slot]) => slot)} and was quoted ${card.slot}`)
      this.lease(businessDate, payer, card.slot, LIMITS.leaseTtlMs)
    }
    return kept
  }

  /** Undefined when the ledger failed in the middle, or the process died there. */
  async attempt(payerId: string, key: string, run: () => Promise<PayResult>): Promise<PayResult | undefined> {
    this.keys.push({ payerId, key })
    try {
      return await run()
    } catch (error) {
      if (error instanceof LedgerUnavailable || (error as Error).message === 'died') return undefined
      throw error
    }
  }

  private watchLedger(): void {
    const ledger = this.flow.ledger as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
    for (const verb of HICCUPS) {
      const real = ledger[verb]!
      ledger[verb] = async (...args) => {
        const when = this.hiccups.get(verb)
        this.hiccups.delete(verb)
        if (when !== 'before') {
          const result = await real(...args)
          if (when === undefined) return result
        }
        throw new LedgerUnavailable('a hiccup')
      }
    }
  }

  conflicts(): number {
    return this.flow.ledger.notes.filter((note) => note.conflict !== null).length
  }

  /** Every order that any attempt made, found again by its key, as a payer's retry would. */
  private async seen(): Promise<Order[]> {
    const found = await Promise.all(this.keys.map(({ payerId, key }) => this.flow.ledger.orderByKey(payerId, key)))
    return [...new Map(found.flatMap((one) => (one ? [[one.order.orderNo, one.order] as const] : []))).values()]
  }

  async check(): Promise<void> {
    const { flow } = this
    const orders = await this.seen()
    const clearings = new Map(flow.channel.clearings().map((one) => [one.orderNo, one]))
    const held = new Set<string>()
    for (const order of orders) {
      const { figures, card, orderNo, state, businessDate } = order
      ok('I3', figures.payerDiscountFen + figures.merchantRewardFen === figures.discountFen, order)
      ok('I3', figures.payableFen === figures.amountFen - figures.payerDiscountFen && figures.payableFen >= 1, order)
      const postings = flow.ledger.postings.filter((one) => one.orderNo === orderNo)
      ok('I4', postings.reduce((sum, one) => sum + one.amountFen, 0) === 0, order)
      ok('I4', postings.length > 0 === (state === 'paid'), order)
      const before = this.orders.get(orderNo)
      ok('I5', !before || before.state === 'paying' || JSON.stringify(before) === JSON.stringify(order), order)
      this.orders.set(orderNo, order)
      // The order and the bank: paid is booked there; closed is refused there, or has never left here.
      const clearing = clearings.get(orderNo)
      if (state === 'paid') ok('I5', clearing?.state === 'succeeded', order)
      if (state === 'closed')
        ok('I5', clearing?.state === 'declined' || (!clearing && order.closeReason === 'channel-unavailable'), order)
      if (card && state !== 'closed') {
        ok('I1', !held.has(`${businessDate}|${card.slot}`) && card.slot < SLOTS, order)
        held.add(`${businessDate}|${card.slot}`)
      }
    }
    ok('I6 stored first', this.unstored.length === 0, this.unstored)
    ok('I6 sent once', new Set(this.sent).size === this.sent.length, this.sent)
    for (const orderNo of clearings.keys()) ok('I6', this.orders.has(orderNo), orderNo)
    await this.checkMoney(orders)
  }

  private async checkMoney(orders: readonly Order[]): Promise<void> {
    const { flow } = this
    const dates = new Set([...orders, ...this.quotes.map(({ quote }) => quote)].map((one) => one.businessDate))
    let exposedFen = 0
    for (const businessDate of dates) {
      const dealt = await flow.ledger.deck({ ...flow.deck(), businessDate })
      exposedFen += dealt ? exposure(dealt.amountsFen) : 0
      for (const { card, figures, businessDate: date } of orders)
        if (date === businessDate)
          ok('I2', figures.discountFen === (card ? dealt!.amountsFen[card.slot] : 0), { card, figures })
    }
    const paidFen = orders.reduce((sum, one) => sum + (one.state === 'paid' ? one.figures.discountFen : 0), 0)
    const committedFen = flow.ledger.committedFen(CAMPAIGN.campaignId)
    ok('I7', committedFen === exposedFen && committedFen <= this.budgetFen && paidFen <= committedFen, committedFen)
    const booked = flow.channel.clearings().filter((one) => one.state === 'succeeded')
    const creditedFen = booked.reduce((sum, one) => sum + this.orders.get(one.orderNo)!.figures.merchantReceivesFen, 0)
    ok('I10', flow.channel.balance(MERCHANT_ACCOUNT) === creditedFen, creditedFen)
    ok('every contradiction is kept', this.conflicts() === this.lies, this.lies)
  }

  /** When all is well again, everything ends, the books agree, and no slot stays used that no order uses. */
  async settle(): Promise<void> {
    const { flow } = this
    flow.slots.up = true
    this.hiccups.clear()
    for (let i = 0; i < 12; i++) {
      flow.pass(61_000)
      await flow.sweep()
    }
    await this.check()
    const orders = [...this.orders.values()]
    ok('all have ended', !orders.some((order) => order.state === 'paying'), orders)
    const booked = flow.channel.clearings().filter((one) => one.state === 'succeeded')
    ok('booked = paid', booked.length === orders.filter((order) => order.state === 'paid').length, booked)
    for (const businessDate of new Set(orders.map((order) => order.businessDate))) {
      const deck = { ...flow.deck(), businessDate }
      const count = await flow.slots.count(deck)
      const used = await flow.ledger.usedSlots(deck)
      ok('no slot is lost', (count?.used ?? 0) <= used.length, { count, used })
    }
    ok('nothing is left to do', (await flow.ledger.backlog()).slotsToReturn === 0, null)
  }
}

/** A hundred times as fast as `expect`, of which a run would make thousands. */
function ok(what: string, holds: boolean, about: unknown): void {
  if (!holds) throw new Error(`${what}: ${JSON.stringify(about)}`)
}
