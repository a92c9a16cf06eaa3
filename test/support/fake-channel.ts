import { actionOf, challengeReply } from '../../server/channel/bank/action'
import { declineOf } from '../../server/channel/bank/outcome'
import { refundDeclineOf } from '../../server/channel/bank/refund'
import {
  CURRENCY,
  OWN_CHANNEL,
  type PayerAction,
  type Proof,
  type Seen,
  type Verification,
} from '../../server/domain/channel'
import type { Order, Outcome } from '../../server/domain/order'
import { type Posting, postingsOf } from '../../server/domain/posting'
import { isClawBack, refundPostings } from '../../server/domain/refund'
import {
  type AgreementDesk,
  type Channel,
  type ChannelLimits,
  type ChannelPayer,
  type ChannelReply,
  ChannelUnavailable,
  type Means,
  type Merchant,
  type Notice,
  type RawRequest,
  type RefundChannel,
  type RefundReply,
} from '../../server/flow/ports'
import { Bank, type Refusal, type Twist } from '../../server/sandbox/bank/bank'
import { Books } from '../../server/sandbox/bank/books'
import { secretsOf } from '../../server/sandbox/bank/challenges'
import type { BankRefund, Clearing, Way } from '../../server/sandbox/bank/facts'
import { agreementView, clearingAnswer, resendAnswer } from '../../server/sandbox/bank/views'
import { noJournal } from '../../server/sandbox/journal'
import { codeOf, fakeDesk, resentOf, type SignVerb } from './fake-desk'

/** `confirm` and `resend` are those of orders and of signings. */
type Verb = ChannelReply['verb'] | RefundReply['verb'] | SignVerb | 'ping'

/** What happens to one call, instead of what should. */
export type Mishap =
  | { kind: 'decline'; code: string }
  /** accepted; pending for so many queries, then booked */
  | { kind: 'pending'; pendingQueries: number }
  /** nothing reaches the bank; the outcome is unknown by this code (default `connection-lost`) */
  | { kind: 'lose-request'; code?: string }
  /** the bank does it and the reply is lost; unknown by this code (default `timeout`) */
  | { kind: 'lose-reply'; code?: string }
  /** of a pay or a signing: the bank asks the payer all the same; `redirect`: on its own page */
  | { kind: 'ask'; way?: Way }
  /** the bank is left out of it, and this is what is heard */
  | { kind: 'say'; outcome: Outcome; seen?: Seen; action?: PayerAction }
  /** waits, then goes on as it should: to hold a payment in the middle */
  | { kind: 'wait'; until: Promise<unknown> }

export interface FakeChannel extends Channel {
  readonly refunds: RefundChannel
  readonly agreements: AgreementDesk
  /**
   * true, as it begins: everybody has an agreement and is never asked. false: payers sign, and confirm each payment that no
   * small amount covers.
   */
  easy: boolean
  /** the code in the last text about an order or a signing; undefined when none was sent */
  code(number: string): string | undefined
  /** a code that is not that one */
  wrongCode(number: string): string
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
  const ways = {
    easy: true,
    secrets: secretsOf('fake'),
    name: '发牌示范银行',
    payee: (account: string) => account,
    pageUrl: (token: string) => `https://bank.example/cashier/${token}`,
  }
  const bank = new Bank(new Books(), noJournal, now, ways)
  const { calls, script, send, reach } = stageOf(bank)
  const desk = fakeDesk(bank, reach)
  const easy: AgreementDesk['easy'] = (payerId) => reach('easy', () => agreementView(bank, bank.signings.easy(payerId)))
  const code = (number: string) => codeOf(bank, number)
  return {
    name: OWN_CHANNEL,
    needs: 'anywhere',
    carriesDiscount: true,
    limits: { firstQueryMs: 6_000, closeAfterMs: 10_000, payWithinMs: null, dailyPerPayerFen: 50_000, ...limits },
    means: async (payer, merchant) => meansOf(payer, merchant),
    payRequest,
    pay: (order) => send('pay', order, (twist) => bank.clear(payRequest(order), twist)),
    confirm: (order, { challengeId, proof }: Proof) =>
      send('confirm', order, (twist) => {
        const { payee, amountFen } = oursOf(order)
        return bank.confirm(order.orderNo, { challengeId, proof, payee, amountFen, at: 'sms' }, twist)
      }),
    resend: ({ orderNo }, challengeId) =>
      reach('resend', () =>
        resentOf(resendAnswer(bank.resend(orderNo, challengeId), () => clearingAnswer(bank, bank.query(orderNo)))),
      ),
    query: (order) => send('query', order, () => bank.query(order.orderNo)),
    close: (order) => send('close', order, () => bank.close(order.orderNo)),
    refunds: {
      takesBack: true,
      refund: (order, { refundNo, businessDate, shares }) =>
        send('refund', order, (twist) => {
          const request = { refundNo, businessDate, legs: refundPostings(order, shares) }
          return isClawBack(shares)
            ? bank.clawBack(order.orderNo, request, twist)
            : bank.refund(order.orderNo, request, twist)
        }),
      queryRefund: (order, { refundNo }) =>
        send('query-refund', order, () => bank.queryRefund(order.orderNo, refundNo)),
    },
    get agreements() {
      return ways.easy ? { ...desk, easy } : desk
    },
    get easy() {
      return ways.easy
    },
    set easy(is) {
      ways.easy = is
    },
    code,
    wrongCode: (number) => (code(number) === '111111' ? '222222' : '111111'),
    ping: () => reach('ping', () => undefined),
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

function meansOf({ agreements, agreementId }: ChannelPayer, merchant: Merchant): Means {
  const agreement = agreements.find((one) => agreementId === undefined || one.agreementId === agreementId)
  if (!agreement) return { kind: 'none', code: 'agreement-not-found' }
  const accounts = { payer: agreement.account, merchant: merchant.account, gl: merchant.glAccount }
  return { kind: 'means', payerRef: agreement.agreementId, accounts }
}

/** Where calls meet what the script has for them, and then the bank. */
function stageOf(bank: Bank) {
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
    // What the bank is made to say, it says of this very order; what is lost on its way is not heard.
    const heard = mishap?.kind === 'lose-reply' ? undefined : said
    const seen = mishap?.kind === 'say' ? (mishap.seen ?? oursOf(order)) : said && seenOf(said)
    const action = mishap?.kind === 'say' ? mishap.action : heard && asked(bank, heard)
    const verification = heard && verificationOf(heard)
    return {
      verb,
      outcome,
      seen,
      ...(action && { action }),
      ...(verification && { verification }),
      raw: { fake: outcome },
    }
  }

  /** The bank does it, unless nothing reaches it; what is lost is unavailable. */
  async function reach<T>(verb: SignVerb | 'ping', run: (mishap?: Mishap) => T): Promise<T> {
    const mishap = await happen(verb, null)
    const lost = mishap && !['wait', 'ask', 'lose-reply'].includes(mishap.kind)
    if (lost) throw new ChannelUnavailable(`${verb}: ${mishap.kind}`)
    const answer = run(mishap)
    if (mishap?.kind === 'lose-reply') throw new ChannelUnavailable(`${verb}: ${mishap.kind}`)
    return answer
  }
  return { calls, script, send, reach }
}

const payRequest = ({ orderNo, businessDate, payerRef, ...order }: Order) => ({
  orderNo,
  businessDate,
  agreementId: payerRef,
  legs: postingsOf(order),
})

/** What the bank's words come to, as the bank channel reads them (its contract is held against both). */
function asked(bank: Bank, said: Said): PayerAction | undefined {
  if (said.state !== 'challenge') return undefined
  return actionOf(challengeReply.parse(clearingAnswer(bank, said).body))
}

function verificationOf(said: Said): Verification | undefined {
  return said.state === 'succeeded' && 'verification' in said ? said.verification : undefined
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
  const leg = (role: Posting['role']) => said.request!.legs.find((one) => one.role === role)
  const merchant = leg('merchant')!
  return {
    amountFen: Math.abs((leg('payer') ?? merchant).amountFen),
    currency: CURRENCY,
    payee: merchant.account,
  }
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
    case 'ask':
      return outcomeOf(run({ mode: mishap.way === 'redirect' ? 'redirect' : 'challenge' }))
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
      return clearing.request && 'refundNo' in clearing.request
        ? refundDeclineOf(clearing.code)
        : declineOf(clearing.code)
    case 'pending':
    case 'challenge':
      return { kind: 'pending' }
    case 'refused':
      return { kind: 'unknown', code: clearing.code }
  }
}
