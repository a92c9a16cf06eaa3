import { OWN_CHANNEL, ourNo, type PayerAction, type Seen } from '../../server/domain/channel'
import type { Outcome } from '../../server/domain/order'
import type { Channel, Clock } from '../../server/flow/ports'
import type { FakeChannel } from './fake-channel'
import { fakeWallet } from './fake-wallet'

/** What the model of orders needs of a channel's other side: what it did, and a hand on it. */
export interface Counterpart {
  channel: Channel
  /** What became of an order there. `dead`: it will never be paid. */
  fate(orderNo: string): Fate
  /** what it would say of the order, asked or unasked; undefined when it has never seen it */
  word(orderNo: string): { outcome: Outcome; seen?: Seen | undefined } | undefined
  /** the person does what they were asked to; nothing where nobody is asked */
  act(action: PayerAction, how: Act): void
  /** what the person brings against the challenge about an order, right or wrong; nothing where nobody was asked for it */
  proof?(orderNo: string, right: boolean): string | undefined
  /** what befalls the next call of a verb */
  next(verb: ChannelVerb, mishap: ChannelMishap): void
  /** nothing befalls anybody any more, and what is on its way arrives */
  calm(): void
  /** all orders that were paid there, by our number, each with what it took from its payer, fen */
  paid(): Map<string, number>
}

export type Fate = 'unseen' | 'open' | 'paid' | 'dead'
export type ChannelVerb = 'pay' | 'confirm' | 'resend' | 'query' | 'close'
/** `slow`: of a pay, or of a payment that its person confirms: done only when it was asked about for a while */
export type ChannelMishap = 'never-sent' | 'lose-request' | 'lose-reply' | 'forged-reply' | 'decline' | 'slow'
export type Act = 'confirm' | 'confirm-slowly' | 'wrong-password'

/** The bank, where a signed agreement is enough and nobody is asked. */
export function bankCounterpart(bank: FakeChannel): Counterpart {
  const find = (orderNo: string) => bank.clearings().find((one) => one.orderNo === orderNo)
  const fate = (orderNo: string): Fate => {
    const state = find(orderNo)?.state
    if (state === undefined) return 'unseen'
    return state === 'succeeded' ? 'paid' : state === 'declined' ? 'dead' : 'open'
  }
  return {
    channel: bank,
    fate,
    word(orderNo) {
      const clearing = find(orderNo)
      if (!clearing) return undefined
      if (clearing.state === 'pending' || clearing.state === 'challenge') return { outcome: { kind: 'pending' } }
      if (clearing.state === 'declined') return { outcome: { kind: 'declined', code: clearing.code } }
      const leg = (role: string) => clearing.request!.legs.find((one) => one.role === role)!
      const seen = { amountFen: -leg('payer').amountFen, currency: 'CNY', payee: leg('merchant').account }
      return { outcome: { kind: 'succeeded', channelTradeNo: clearing.channelTradeNo }, seen }
    },
    act() {},
    next(verb, mishap) {
      switch (mishap) {
        case 'never-sent':
          return bank.next(verb, { kind: 'lose-request', code: verb === 'pay' ? 'not-sent' : 'timeout' })
        case 'forged-reply':
          return bank.next(verb, { kind: 'lose-reply', code: 'bad-signature' })
        case 'decline':
          return verb === 'pay' ? bank.next(verb, { kind: 'decline', code: 'account-frozen' }) : undefined
        case 'slow':
          return verb === 'pay' ? bank.next(verb, { kind: 'pending', pendingQueries: 2 }) : undefined
        default:
          return bank.next(verb, { kind: mishap })
      }
    },
    calm() {
      for (const verb of ['pay', 'confirm', 'resend', 'query', 'close'] as const) bank.forget(verb)
    },
    paid() {
      const booked = bank.clearings().flatMap((one) => (one.state === 'succeeded' ? [one.request!] : []))
      return new Map(booked.map(({ orderNo, legs }) => [orderNo, -legs.find((leg) => leg.role === 'payer')!.amountFen]))
    },
  }
}

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

/**
 * The toy wallet, where the person is asked on a page. Its orders carry a card here, and the branch's part is booked beside it:
 * so do those of a bank that asks for a password.
 */
export function walletCounterpart(clock: Clock, payWithinMs: number): Counterpart {
  const fake = fakeWallet(clock, OWN_CHANNEL, { payWithinMs, dailyPerPayerFen: 1e9 })
  const { wallet } = fake
  const at = (orderNo: string) => fake.prepay(orderNo)
  const verbs = { pay: 'prepare', query: 'query', close: 'close' } as const
  return {
    channel: {
      ...fake.channel,
      carriesDiscount: true,
      means: async ({ payerId }, { account, glAccount }) => ({
        kind: 'means',
        payerRef: payerId,
        accounts: { payer: payerId, merchant: account, gl: glAccount },
      }),
    },
    fate(orderNo) {
      switch (at(orderNo)?.state) {
        case undefined:
          return 'unseen'
        case 'paid':
          return 'paid'
        case 'open':
        case 'processing':
          return 'open'
        default:
          return 'dead'
      }
    },
    word(orderNo) {
      const prepay = at(orderNo)
      if (!prepay) return undefined
      const { request, state, tradeNo, code } = prepay
      const seen = request && { amountFen: request.amountFen, currency: request.currency, payee: request.payee }
      if (state === 'paid') return { outcome: { kind: 'succeeded', channelTradeNo: tradeNo! }, seen: seen! }
      if (state === 'open' || state === 'processing') return { outcome: { kind: 'pending' } }
      return { outcome: { kind: 'declined', code: code ?? 'order-closed' } }
    },
    act(action, how) {
      wallet.slowness.payment = how === 'confirm-slowly' ? 2 : 0
      fake.confirm(action, how === 'wrong-password' ? 'wrong' : undefined)
    },
    next(verb, mishap) {
      if (verb === 'confirm' || verb === 'resend') return
      switch (mishap) {
        case 'never-sent':
          return fake.next(verbs[verb], { kind: 'lose-request', code: 'not-sent' })
        case 'lose-request':
          return fake.next(verbs[verb], { kind: 'lose-request', code: 'connection-lost' })
        case 'lose-reply':
          return fake.next(verbs[verb], { kind: 'lose-reply', code: 'timeout' })
        case 'forged-reply':
          return fake.next(verbs[verb], { kind: 'lose-reply', code: 'bad-signature' })
        default:
          return
      }
    },
    calm: fake.forget,
    paid() {
      const paid = [...wallet.prepays.values()].filter((one) => one.state === 'paid')
      return new Map(paid.map(({ number, request }) => [ourNo(number)!, request!.amountFen]))
    },
  }
}
