import { CURRENCY, OWN_CHANNEL, type PayerAction, type Seen } from '../../server/domain/channel'
import type { Order, Outcome } from '../../server/domain/order'
import { type Posting, postingsOf } from '../../server/domain/posting'
import { refundPostings } from '../../server/domain/refund'
import {
  type AgreementDesk,
  type Channel,
  type ChannelLimits,
  type ChannelReply,
  ChannelUnavailable,
  type Notice,
  type RawRequest,
  type RefundChannel,
  type RefundReply,
} from '../../server/flow/ports'
import { Bank, type Refusal, type Twist } from '../../server/sandbox/bank/bank'
import { Books } from '../../server/sandbox/bank/books'
import type { BankRefund, Clearing } from '../../server/sandbox/bank/facts'
import { noJournal } from '../../server/sandbox/bank/journal'

type Verb = ChannelReply['verb'] | RefundReply['verb'] | 'agree' | 'ping'

/** What happens to one call, instead of what should. */
export type Mishap =
  | { kind: 'decline'; code: string }
  /** accepted; pending for so many queries, then booked */
  | { kind: 'pending'; pendingQueries: number }
  /** nothing reaches the bank; the outcome is unknown by this code (default `connection-lost`) */
  | { kind: 'lose-request'; code?: string }
  /** the bank does it and the reply is lost; unknown by this code (default `timeout`) */
  | { kind: 'lose-reply'; code?: string }
  /** the bank is left out of it, and this is what is heard */
  | { kind: 'say'; outcome: Outcome; seen?: Seen; action?: PayerAction }
  /** waits, then goes on as it should: to hold a payment in the middle */
  | { kind: 'wait'; until: Promise<unknown> }

export interface FakeChannel extends Channel {
  readonly refunds: RefundChannel
  readonly agreements: AgreementDesk
  /** every call, oldest first */
  readonly calls: { verb: Verb; orderNo: string | null }[]
  /** Queues mishaps for the next calls of a verb, one a call. */
  next(verb: Verb, ...mishaps: Mishap[]): void
  /** Drops the mishaps of a verb that no call has met yet. */
  forget(verb: Verb): void
  /** signed fen; 0 for an account nobody has opened */
  balance(account: string): number
  setBalance(account: string, kind: Posting['role'], balanceFen: number): void
  /** the sum of all balances, fen */
  total(): number
  clearings(): Clearing[]
  bookedRefunds(): BankRefund[]
}

/** A notice as the fake channel reads it. */
export function noticeOf(notice: Notice): RawRequest {
  return { method: 'POST', path: '/', headers: {}, body: Buffer.from(JSON.stringify(notice)) }
}

/** The channel's own word of an order of ours. */
export function orderNotice(order: Order, outcome: Outcome, seen = oursOf(order)): Notice {
  const reply = { verb: 'notify' as const, outcome, seen, raw: null }
  return { kind: 'verified', about: 'order', number: order.orderNo, reply }
}

/** A channel without a network: the sandbox bank's own books, called directly, and scripted mishaps. */
export function fakeChannel(now: () => number = Date.now, limits: Partial<ChannelLimits> = {}): FakeChannel {
  const bank = new Bank(new Books(), noJournal, now)
  const calls: FakeChannel['calls'] = []
  const script = new Map<Verb, Mishap[]>()

  async function happen(verb: Verb, orderNo: string | null): Promise<Mishap | undefined> {
    calls.push({ verb, orderNo })
    const mishap = script.get(verb)?.shift()
    if (mishap?.kind === 'wait') await mishap.until
    return mishap
  }

  async function send<V extends Verb>(verb: V, order: Order, run: (twist?: Twist) => Said) {
    const mishap = await happen(verb, order.orderNo)
    let said: Said | undefined
    const outcome = outcomeWith(mishap, (twist) => {
      said = run(twist)
      return said
    })
    // What the bank is made to say, it says of this very order.
    const seen = mishap?.kind === 'say' ? (mishap.seen ?? oursOf(order)) : said && seenOf(said)
    const action = mishap?.kind === 'say' ? mishap.action : undefined
    return { verb, outcome, seen, ...(action && { action }), raw: { fake: outcome } }
  }

  async function reach(verb: 'agree' | 'ping'): Promise<void> {
    const mishap = await happen(verb, null)
    if (mishap && mishap.kind !== 'wait') throw new ChannelUnavailable(`${verb}: ${mishap.kind}`)
  }

  const payRequest = ({ orderNo, businessDate, payerRef, ...order }: Order) => ({
    orderNo,
    businessDate,
    agreementId: payerRef,
    legs: postingsOf(order),
  })
  return {
    name: OWN_CHANNEL,
    needs: 'anywhere',
    carriesDiscount: true,
    limits: { firstQueryMs: 6_000, closeAfterMs: 10_000, payWithinMs: null, dailyPerPayerFen: 50_000, ...limits },
    means: async ({ agreements, agreementId }, merchant) => {
      const agreement = agreements.find((one) => agreementId === undefined || one.agreementId === agreementId)
      if (!agreement) return { kind: 'none', code: 'agreement-not-found' }
      const accounts = { payer: agreement.account, merchant: merchant.account, gl: merchant.glAccount }
      return { kind: 'means', payerRef: agreement.agreementId, accounts }
    },
    payRequest,
    pay: (order) => send('pay', order, (twist) => bank.clear(payRequest(order), twist)),
    query: (order) => send('query', order, () => bank.query(order.orderNo)),
    close: (order) => send('close', order, () => bank.close(order.orderNo)),
    refunds: {
      refund: (order, { refundNo, businessDate, shares }) =>
        send('refund', order, (twist) =>
          bank.refund(order.orderNo, { refundNo, businessDate, legs: refundPostings(order, shares) }, twist),
        ),
      queryRefund: (order, { refundNo }) =>
        send('query-refund', order, () => bank.queryRefund(order.orderNo, refundNo)),
    },
    agreements: {
      async agree(payerId, oneTimeCode) {
        await reach('agree')
        const agreement = bank.agree(payerId, oneTimeCode)
        return 'state' in agreement ? undefined : { ...agreement, accountTail: agreement.account.slice(-4) }
      },
    },
    ping: () => reach('ping'),
    takesAccount: (account) => /^[A-Za-z0-9_-]{1,64}$/.test(account),
    notices: {
      read: ({ body }) => JSON.parse(Buffer.from(body).toString()) as Notice,
      acknowledge: ({ kind }) => ({ status: kind === 'handled' ? 200 : 404, type: 'text/plain', body: kind }),
    },
    calls,
    next: (verb, ...mishaps) => void script.set(verb, [...(script.get(verb) ?? []), ...mishaps]),
    forget: (verb) => void script.delete(verb),
    balance: (account) => bank.books.accounts.get(account)?.balanceFen ?? 0,
    setBalance: (account, kind, balanceFen) => bank.setBalance({ account, kind, balanceFen }),
    total: () => [...bank.books.accounts.values()].reduce((sum, account) => sum + account.balanceFen, 0),
    clearings: () => [...bank.books.clearings.values()],
    bookedRefunds: () => [...bank.books.refunds.values()],
  }
}

type Said = Clearing | BankRefund | Refusal

/** An order as it was sent. */
const oursOf = ({ figures, accounts }: Order): Seen => ({
  amountFen: figures.payableFen,
  currency: CURRENCY,
  payee: accounts.merchant,
})

function seenOf(said: Said): Seen | undefined {
  if (said.state === 'refused' || !said.request) return undefined
  const leg = (role: Posting['role']) => said.request!.legs.find((one) => one.role === role)!
  return { amountFen: Math.abs(leg('payer').amountFen), currency: CURRENCY, payee: leg('merchant').account }
}

function outcomeWith(mishap: Mishap | undefined, run: (twist?: Twist) => Said): Outcome {
  switch (mishap?.kind) {
    case 'say':
      return mishap.outcome
    case 'lose-request':
      return { kind: 'unknown', code: mishap.code ?? 'connection-lost' }
    case 'lose-reply':
      run()
      return { kind: 'unknown', code: mishap.code ?? 'timeout' }
    case 'decline':
      return outcomeOf(run({ mode: 'decline', code: mishap.code }))
    case 'pending':
      return outcomeOf(run({ mode: 'pending', pendingQueries: mishap.pendingQueries }))
    case 'wait':
    case undefined:
      return outcomeOf(run())
  }
}

function outcomeOf(clearing: Said): Outcome {
  switch (clearing.state) {
    case 'succeeded': {
      const channelTradeNo = 'channelRefundNo' in clearing ? clearing.channelRefundNo : clearing.channelTradeNo
      return { kind: 'succeeded', channelTradeNo }
    }
    case 'declined':
      return { kind: 'declined', code: clearing.code }
    case 'pending':
      return { kind: 'pending' }
    case 'refused':
      return { kind: 'unknown', code: clearing.code }
  }
}
