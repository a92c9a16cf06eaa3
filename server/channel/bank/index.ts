import { OWN_CHANNEL } from '../../domain/channel'
import type { Order } from '../../domain/order'
import { type Posting, postingsOf } from '../../domain/posting'
import type { Refund } from '../../domain/refund'
import {
  type AgreementDesk,
  type Channel,
  type ChannelLimits,
  type ChannelPayer,
  type ChannelReply,
  ChannelUnavailable,
  type Means,
  type Merchant,
  type RefundChannel,
  type StatementSource,
} from '../../flow/ports'
import type { TlsOptions } from '../tls'
import { bankAgreements, resentOf } from './agreements'
import { type ClientOptions, type Exchange, signedClient } from './client'
import { bankNotices } from './notify'
import { besidesOf, outcomeOf, seenOf } from './outcome'
import { refundOutcomeOf, refundRequest, refundRoute } from './refund'
import { type BankConfig, bankAccount } from './schema'
import { encrypter } from './sign'
import { bankStatements } from './statement'

export { type BankConfig, bankConfig } from './schema'
export { type BankStatements, bankStatements } from './statement'

/** One composite clearing (一笔清算): the body of `POST /v1/clearings`. */
export interface ClearingRequest {
  orderNo: string
  businessDate: string
  agreementId: string
  legs: Posting[]
}

export interface BankChannel extends Channel {
  readonly refunds: RefundChannel
  readonly agreements: AgreementDesk
  readonly statements: StatementSource
  payRequest(order: Order): ClearingRequest
  /** Waits for the calls in flight and closes the connections. */
  stop(): Promise<void>
}

/** Kept of a reply for the record; a real one has a few hundred characters. */
const MAX_RAW_CHARS = 4_096

export type BankChannelConfig = BankConfig &
  TlsOptions & {
    /** the most one payer may pay in a business day, fen */
    dailyPerPayerFen: number
    /** from when on yesterday is reconciled, ms after midnight in Shanghai; null or absent: never by itself */
    reconcileFromMs?: number | null
    /** true: the bank is a sandbox's that gives everybody an agreement */
    easy?: boolean
  }
/** `dir`: where statements are kept. */
type BankOptions = BankChannelConfig & ClientOptions & { dir: string }

/** The bank's own payment (docs/bank-channel.md). */
export function bankChannel(options: BankOptions): BankChannel {
  const { exchange, now, stop } = signedClient(options)
  const enclose = encrypter(options.bankPublicKey)
  const statements = bankStatements(options)
  const clearing = (order: Order) => `/v1/clearings/${encodeURIComponent(order.orderNo)}`
  const refunds = (order: Order, refund: Refund) => `${clearing(order)}/${refundRoute(refund)}`
  return {
    name: OWN_CHANNEL,
    needs: 'anywhere',
    carriesDiscount: true,
    limits: limitsOf(options),
    means: async (payer, merchant) => meansOf(payer, merchant),
    payRequest,
    pay: async (order) => toReply('pay', order, await exchange('POST', '/v1/clearings', payRequest(order))),
    query: async (order) => toReply('query', order, await exchange('GET', clearing(order))),
    async confirm(order, { challengeId, proof }) {
      const { payee, amountFen } = oursOf(order)
      const envelope = enclose(JSON.stringify({ orderNo: order.orderNo, challengeId, proof, payee, amountFen }))
      const reply = await exchange('POST', `${clearing(order)}/confirm`, { challengeId, envelope })
      return { ...toReply('confirm', order, reply), raw: withoutSecret(rawOf(reply), proof) }
    },
    async resend(order, challengeId) {
      const reply = await exchange('POST', `${clearing(order)}/resend`, { challengeId })
      return resentOf(reply, () => besidesOf(order.orderNo, reply).action)
    },
    close: async (order) => toReply('close', order, await exchange('POST', `${clearing(order)}/close`)),
    refunds: {
      takesBack: true,
      async refund(order, refund) {
        const reply = await exchange('POST', refunds(order, refund), refundRequest(order, refund))
        return { verb: 'refund', outcome: refundOutcomeOf(refund, reply), seen: seenOf(reply), raw: rawOf(reply) }
      },
      async queryRefund(order, refund) {
        const reply = await exchange('GET', `${refunds(order, refund)}/${encodeURIComponent(refund.refundNo)}`)
        return { verb: 'query-refund', outcome: refundOutcomeOf(refund, reply), seen: seenOf(reply), raw: rawOf(reply) }
      },
    },
    statements,
    notices: bankNotices({ ...options, clock: { now } }),
    takesAccount: (account) => bankAccount.safeParse(account).success,
    agreements: bankAgreements(exchange, enclose, options.easy ?? false),
    async ping() {
      const reply = await exchange('GET', '/v1/ping')
      if (reply.kind === 'failed') throw new ChannelUnavailable(`ping: ${reply.code}`)
      if (reply.status !== 200) throw new ChannelUnavailable(`ping: status ${reply.status}`)
    },
    stop: async () => void (await Promise.all([stop(), statements.stop()])),
  }
}

function limitsOf({ timeoutMs, dailyPerPayerFen }: BankOptions): ChannelLimits {
  return {
    // The sweeper's first question comes when the pay's own deadline has surely passed.
    firstQueryMs: timeoutMs + 1_000,
    // Twice the deadline: no pay of ours can still be on its way to the bank.
    closeAfterMs: 2 * timeoutMs,
    payWithinMs: null,
    dailyPerPayerFen,
  }
}

/** The payer pays from an agreement, the subsidy comes from the GL account of the merchant's branch. */
function meansOf({ agreements, agreementId }: ChannelPayer, merchant: Merchant): Means {
  const agreement = agreements.find((one) => agreementId === undefined || one.agreementId === agreementId)
  if (!agreement) return { kind: 'none', code: 'agreement-not-found' }
  const accounts = { payer: agreement.account, merchant: merchant.account, gl: merchant.glAccount }
  return { kind: 'means', payerRef: agreement.agreementId, accounts }
}

function payRequest(order: Order): ClearingRequest {
  const { orderNo, businessDate, payerRef } = order
  return { orderNo, businessDate, agreementId: payerRef, legs: postingsOf(order) }
}

/** What the payer saw and answers for. */
const oursOf = ({ accounts, figures }: Order) => ({ payee: accounts.merchant, amountFen: figures.payableFen })

function toReply(verb: ChannelReply['verb'], order: Order, exchange: Exchange): ChannelReply {
  const { orderNo } = order
  const outcome = outcomeOf(orderNo, exchange)
  return { verb, outcome, seen: seenOf(exchange), ...besidesOf(orderNo, exchange), raw: rawOf(exchange) }
}

/** A bank that repeats what it was told: what the payer typed is kept nowhere. */
function withoutSecret({ status, body }: ReturnType<typeof rawOf>, secret: string) {
  const literally = secret.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  // As a word of its own: a trade number may hold the same digits.
  const word = new RegExp(`(?<![0-9A-Za-z])${literally}(?![0-9A-Za-z])`, 'g')
  return { status, body: body?.replace(word, '…') ?? null }
}

function rawOf({ status, body }: Exchange) {
  return { status, body: body === null ? null : body.slice(0, MAX_RAW_CHARS) }
}
