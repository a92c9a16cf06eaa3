import type { Order } from '../../server/domain/order'
import type { Refund } from '../../server/domain/refund'
import { refund as askFor } from '../../server/flow/refund/refund'
import { MERCHANT } from './flow'
import { LIE, ok } from './model-ok'
import type { Deps, World } from './orders-world'

/** Refunds beside the model of orders: how much of each order may go back, what was asked for at the channel, and how each ended. */
export class RefundsModel {
  /** by number, as last seen */
  readonly refunds = new Map<string, Refund>()
  /** lies about refunds that had ended, which were heard to the end */
  lies = 0
  private readonly ended = new Set<string>()

  constructor(private readonly world: World) {
    const { ledger } = world.flow
    const { endRefund } = ledger
    ledger.endRefund = async (refund, ending, reply) => {
      const result = await endRefund(refund, ending, reply)
      if (result === 'already-ended') return result
      ok('I5 a refund ends once', !this.ended.has(refund.refundNo), refund)
      this.ended.add(refund.refundNo)
      const definite = ending.state === 'refunded' ? 'succeeded' : 'declined'
      ok('I5 a refund ends by a definite word', reply?.outcome.kind === definite, { refund, reply })
      ok('I5 about this very refund', !reply?.seen || reply.seen.amountFen === refund.shares.payerFen, {
        refund,
        reply,
      })
      return result
    }
    const { refunds } = world.counterpart.channel
    const { refund: real } = refunds!
    refunds!.refund = async (order, refund) => {
      ok('I6 a refund is stored first', this.now().has(refund.refundNo), refund)
      return real(order, refund)
    }
  }

  /** Of a paid order, so much in a hundred of what is left; a double tap names the same key. */
  async ask(deps: Deps, { orderNo, figures }: Order, percent: number, key: string): Promise<void> {
    const payerFen = Math.max(1, Math.floor((figures.payableFen * percent) / 100))
    const { merchantCode } = MERCHANT
    await askFor(deps, { merchantCode, role: 'owner', orderNo, payerFen, idempotencyKey: key })
  }

  private now(): ReadonlyMap<string, Refund> {
    return this.world.flow.ledger.allRefunds()
  }

  check(orders: ReadonlyMap<string, Order>): void {
    const standing = new Map<string, { payerFen: number; glFen: number }>()
    for (const refund of this.now().values()) {
      const { refundNo, orderNo, shares, state } = refund
      const before = this.refunds.get(refundNo)
      if (before?.state !== state) {
        ok('I5 a refund stays as it ended', !before || before.state === 'refunding', refund)
        ok('I3', shares.merchantFen === shares.payerFen + shares.glFen, refund)
        const postings = this.world.flow.ledger.postings.filter((one) => one.refundNo === refundNo)
        ok('I4', postings.reduce((sum, one) => sum + one.amountFen, 0) === 0, refund)
        ok('I4', postings.length > 0 === (state === 'refunded'), refund)
        if (state === 'refunded') ok('gone back there', this.world.counterpart.refunded().has(refundNo), refund)
        this.refunds.set(refundNo, { ...refund })
      }
      if (state === 'failed') continue
      const sum = standing.get(orderNo) ?? { payerFen: 0, glFen: 0 }
      standing.set(orderNo, { payerFen: sum.payerFen + shares.payerFen, glFen: sum.glFen + shares.glFen })
    }
    for (const [orderNo, { payerFen, glFen }] of standing) {
      const { figures, state } = orders.get(orderNo)!
      ok('I3 no more goes back than was paid', payerFen <= figures.payableFen && glFen <= figures.discountFen, orderNo)
      ok('only what was paid goes back', state === 'paid', orderNo)
    }
    this.checkConflicts()
  }

  private checkConflicts(): void {
    const conflicts = this.world.flow.ledger.refundNotes.filter((note) => note.conflict !== null)
    const lies = conflicts.filter((note) => note.raw === LIE)
    ok('a refund contradicted in truth', conflicts.length === lies.length, conflicts)
    ok('every contradiction of a refund is kept', lies.length >= this.lies, lies)
  }

  isDone(): boolean {
    return [...this.now().values()].every(({ state }) => state !== 'refunding')
  }

  /** To the fen what went back there is what went back here, each once. */
  settled(): void {
    ok('no refund is left', this.isDone(), [...this.now().values()])
    const theirs = this.world.counterpart.refunded()
    for (const { refundNo, state, shares } of this.now().values())
      ok('gone back there = here', theirs.get(refundNo) === (state === 'refunded' ? shares.payerFen : undefined), {
        refundNo,
        state,
        theirs: theirs.get(refundNo),
      })
    for (const refundNo of theirs.keys()) ok('of ours', this.now().has(refundNo), refundNo)
  }
}
