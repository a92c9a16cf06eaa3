import type { Order } from '../../server/domain/order'
import type { Flow } from './flow'
import { ok } from './model-ok'

/** Which card each payer holds, and until when, beside the slot store (I8); and that none comes back while its order may be paid. */
export class SlotsModel {
  /** live leases: `date|payer` → slot → end */
  private readonly held = new Map<string, Map<number, number>>()

  constructor(
    private readonly flow: Flow,
    private readonly isDead: (order: Order) => boolean,
  ) {
    const { slots } = flow
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
      const orders = this.flow.ledger.all().filter((one) => one.card?.slot === slot && one.payerId === payerId)
      const closed = orders.filter((one) => one.card?.businessDate === deck.businessDate && one.state === 'closed')
      ok('a card back, and no order of it has ended', closed.length > 0, { slot, payerId })
      for (const order of closed) ok('a card back while it may still be paid', this.isDead(order), order)
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
}
