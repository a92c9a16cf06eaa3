import type { PayerAction, Seen } from '../../server/domain/channel'
import type { Order, Outcome } from '../../server/domain/order'
import type { Channel } from '../../server/flow/ports'
import type { FakeChannel } from './fake-channel'

/** What the model of orders needs of a channel's other side: what it did, and a hand on it. */
export interface Counterpart {
  channel: Channel
  /** What became of an order there. `dead`: it will never be paid. */
  fate(order: Order): Fate
  /** what it would say of an order, or of a refund, unasked; undefined while it would say nothing */
  word(orderNo: string): Word | undefined
  refundWord(refundNo: string): Word | undefined
  /** the person does what they were asked to; nothing where nobody is asked */
  act(action: PayerAction, how: Act): void
  /** what the person brings against the challenge about an order, right or wrong; nothing where nobody was asked for it */
  proof?(orderNo: string, right: boolean): string | undefined
  /** what befalls the next call of a verb */
  next(verb: ChannelVerb, mishap: ChannelMishap): void
  /** nothing befalls anybody any more, and what is on its way arrives */
  calm(): void
  /** all orders that were paid there, by our number, each with what it took from its payer, fen; all refunds that went back to one */
  paid(): Map<string, number>
  refunded(): Map<string, number>
}

export interface Word {
  outcome: Outcome
  seen?: Seen | undefined
}

export type Fate = 'unseen' | 'open' | 'paid' | 'dead'
export type ChannelVerb = 'pay' | 'confirm' | 'resend' | 'query' | 'close' | 'refund' | 'query-refund'
/** `slow`: of a pay, of a payment that its person confirms, or of a refund: done only when it was asked about for a while */
export type ChannelMishap = 'never-sent' | 'lose-request' | 'lose-reply' | 'forged-reply' | 'decline' | 'slow'
export type Act = 'confirm' | 'confirm-slowly' | 'wrong-password'

/** The bank, where a signed agreement is enough and nobody is asked. */
export function bankCounterpart(bank: FakeChannel): Counterpart {
  const find = (orderNo: string) => bank.clearings().find((one) => one.orderNo === orderNo)
  return {
    channel: bank,
    fate({ orderNo }) {
      const state = find(orderNo)?.state
      if (state === undefined) return 'unseen'
      return state === 'succeeded' ? 'paid' : state === 'declined' ? 'dead' : 'open'
    },
    word(orderNo) {
      const clearing = find(orderNo)
      if (!clearing) return undefined
      if (clearing.state === 'pending' || clearing.state === 'challenge') return { outcome: { kind: 'pending' } }
      if (clearing.state === 'declined') return { outcome: { kind: 'declined', code: clearing.code } }
      const leg = (role: string) => clearing.request!.legs.find((one) => one.role === role)!
      const seen = { amountFen: -leg('payer').amountFen, currency: 'CNY', payee: leg('merchant').account }
      return { outcome: { kind: 'succeeded', channelTradeNo: clearing.channelTradeNo }, seen }
    },
    refundWord(refundNo) {
      const refund = bank.bookedRefunds().find((one) => one.request.refundNo === refundNo)
      if (refund?.state !== 'succeeded') return undefined
      const fen = (role: string) => Math.abs(refund.request.legs.find((leg) => leg.role === role)!.amountFen)
      const payee = refund.request.legs.find((leg) => leg.role === 'merchant')!.account
      const seen = { amountFen: fen('payer'), currency: 'CNY', payee }
      return { outcome: { kind: 'succeeded', channelTradeNo: refund.channelRefundNo }, seen }
    },
    act() {},
    next(verb, mishap) {
      const moves = verb === 'pay' || verb === 'refund'
      switch (mishap) {
        case 'never-sent':
          return bank.next(verb, { kind: 'lose-request', code: verb === 'pay' ? 'not-sent' : 'timeout' })
        case 'forged-reply':
          return bank.next(verb, { kind: 'lose-reply', code: 'bad-signature' })
        case 'decline':
          return moves ? bank.next(verb, { kind: 'decline', code: 'account-frozen' }) : undefined
        case 'slow':
          return moves ? bank.next(verb, { kind: 'pending', pendingQueries: 2 }) : undefined
        default:
          return bank.next(verb, { kind: mishap })
      }
    },
    calm() {
      for (const verb of VERBS) bank.forget(verb)
    },
    paid() {
      const booked = bank.clearings().flatMap((one) => (one.state === 'succeeded' ? [one.request!] : []))
      return new Map(booked.map(({ orderNo, legs }) => [orderNo, -legs.find((leg) => leg.role === 'payer')!.amountFen]))
    },
    refunded() {
      const booked = bank.bookedRefunds().filter((one) => one.state === 'succeeded')
      return new Map(
        booked.map(({ request: { refundNo, legs } }) => [
          refundNo,
          legs.find((leg) => leg.role === 'payer')!.amountFen,
        ]),
      )
    },
  }
}

const VERBS = ['pay', 'confirm', 'resend', 'query', 'close', 'refund', 'query-refund'] as const

/** The same, where each payment is asked about: payers have signed, and none has allowed small amounts. */
export function askingCounterpart(bank: FakeChannel): Counterpart {
  const counterpart = bankCounterpart(bank)
  return {
    ...counterpart,
    proof: (orderNo, right) => (right ? bank.code(orderNo) : bank.code(orderNo) && bank.wrongCode(orderNo)),
    // One that it books in its own time it asks nobody about.
    next: (verb, mishap) => (mishap === 'slow' ? undefined : counterpart.next(verb, mishap)),
  }
}
