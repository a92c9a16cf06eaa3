import type { Bank, Refusal, RefusalCode } from './bank'
import type { Agreement, BankRefund, Challenge, Clearing, Signing } from './facts'
import type { Resending } from './questions'
import type { ClearingRequest, Role } from './schema'
import type { NoSigning } from './signings'

/** What the bank says, as docs/bank-channel.md has it. */
export interface Answer {
  status: number
  body: unknown
}

const STATUS: Record<RefusalCode, number> = {
  'not-found': 404,
  'order-no-reused': 409,
  'refund-no-reused': 409,
  'order-not-booked': 409,
  unbalanced: 422,
  'legs-invalid': 422,
  'wrong-role': 422,
  'envelope-invalid': 422,
}

/** Of another order, challenge, payee or amount than it came with, or not for this bank: nothing of it was judged. */
export const ENVELOPE_INVALID: Answer = { status: 422, body: { code: 'envelope-invalid' } }

const refusal = ({ code }: Refusal): Answer => ({ status: STATUS[code], body: { code } })

export function clearingAnswer(bank: Bank, clearing: Clearing | Refusal): Answer {
  if (clearing.state === 'refused') return refusal(clearing)
  const { orderNo, state, request } = clearing
  const names = { orderNo, state, ...named(request) }
  switch (clearing.state) {
    case 'succeeded': {
      const { channelTradeNo, bookedAt, verification } = clearing
      return { status: 200, body: { ...names, channelTradeNo, bookedAt, ...(verification && { verification }) } }
    }
    case 'declined':
      return { status: 200, body: { ...names, code: clearing.code } }
    case 'pending':
      return { status: 200, body: names }
    case 'challenge':
      return { status: 200, body: { ...names, ...challengeView(bank, bank.questions.get(clearing.challengeId)) } }
  }
}

/** What the payer has to answer, and how often still. */
function challengeView(bank: Bank, challenge: Challenge) {
  const { challengeId, way, holder, expiresAt, attemptsLeft, wrong } = challenge
  return {
    challengeId,
    kinds: [way],
    maskedPhone: holder.maskedPhone,
    ...(way === 'redirect' && { url: bank.ways.pageUrl(bank.ways.secrets.pageToken(challengeId)) }),
    expiresAt,
    attemptsLeft,
    resendAt: bank.questions.resendAt(challenge),
    ...(wrong.length > 0 && { lastProof: 'wrong' }),
  }
}

/** What the payer pays or gets back (of a claw-back: what the merchant returns), and the merchant's account; nothing of an order that the bank never saw. */
function named(request: Pick<ClearingRequest, 'legs'> | null) {
  const leg = (role: Role) => request?.legs.find((one) => one.role === role)
  const merchant = leg('merchant')
  const moved = leg('payer') ?? merchant
  return moved && merchant && { amountFen: Math.abs(moved.amountFen), currency: 'CNY', payee: merchant.account }
}

export function refundAnswer(refund: BankRefund | Refusal): Answer {
  if (refund.state === 'refused') return refusal(refund)
  const { orderNo, request, ...rest } = refund
  const names = { orderNo, refundNo: request.refundNo, ...named(request) }
  if (rest.state === 'pending') return { status: 200, body: { ...names, state: 'pending' } }
  return { status: 200, body: { ...names, ...rest } }
}

const SIGN_STATUS: Partial<Record<string, number>> = {
  'sign-not-found': 404,
  'agreement-not-found': 404,
  'sign-no-reused': 409,
}

export function signingAnswer(bank: Bank, signing: Signing | NoSigning): Answer {
  const { signNo, state } = signing
  switch (state.kind) {
    case 'refused':
      return { status: SIGN_STATUS[state.code] ?? 422, body: { code: state.code } }
    case 'signed': {
      const agreement = bank.books.agreements.get(state.agreementId)!
      return { status: 200, body: { signNo, state: 'signed', ...agreementView(bank, agreement) } }
    }
    case 'open': {
      const challenge = bank.questions.get((signing as Signing).challengeId)
      return { status: 200, body: { signNo, state: 'challenge', ...challengeView(bank, challenge) } }
    }
  }
}

/** A credit card's number has sixteen digits, a debit card's nineteen. */
export function agreementView(bank: Bank, { agreementId, account, small }: Agreement) {
  const kind = account.length === 16 ? ('credit' as const) : ('debit' as const)
  return { agreementId, account, accountTail: account.slice(-4), bankName: bank.ways.name, kind, small }
}

/** `now`: how it stands after a text was sent. */
export function resendAnswer(resending: Resending, now: () => Answer): Answer {
  switch (resending.kind) {
    case 'sent':
      return now()
    case 'too-soon':
      return { status: 429, body: { code: 'too-soon', retryAfterMs: resending.retryAfterMs } }
    case 'gone':
      return { status: 409, body: { code: 'challenge-gone' } }
  }
}
