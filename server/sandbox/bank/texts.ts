import type { Bank } from './bank'
import { shownOf } from './bank'
import type { Challenge } from './facts'

/** A text message as the sandbox's telephone shows it. */
export interface Text {
  /** masked */
  to: string
  /** the order or the signing it is about */
  number: string
  code: string
  /** what the payer does with it, and what it costs them */
  words: string
  sentAt: number
  expiresAt: number
  state: 'live' | 'used' | 'over'
}

/** As many as somebody scrolls through. */
const MOST = 50

/** What was sent, the newest first; made anew from the challenges, since no code is kept. */
export function textsOf(bank: Bank, now: number): Text[] {
  return [...bank.books.challenges.values()]
    .flatMap((challenge) => challenge.sentAt.map((_, i) => textOf(bank, challenge, i + 1, now)))
    .reverse()
    .sort((a, b) => b.sentAt - a.sentAt)
    .slice(0, MOST)
}

function textOf(bank: Bank, challenge: Challenge, nth: number, now: number): Text {
  const { challengeId, about, holder, sentAt, expiresAt } = challenge
  const latest = nth === sentAt.length
  return {
    to: holder.maskedPhone,
    number: 'orderNo' in about ? about.orderNo : about.signNo,
    code: bank.ways.secrets.code(challengeId, nth),
    words: wordsOf(bank, challenge),
    sentAt: sentAt[nth - 1]!,
    expiresAt: latest ? expiresAt : (sentAt[nth] ?? expiresAt),
    state: latest ? stateOf(bank, challenge, now) : 'over',
  }
}

function stateOf({ books }: Bank, { about, expiresAt, attemptsLeft }: Challenge, now: number): Text['state'] {
  const state =
    'orderNo' in about ? books.clearings.get(about.orderNo)?.state : books.signings.get(about.signNo)?.state.kind
  if (state === 'succeeded' || state === 'pending' || state === 'signed') return 'used'
  const stands = state === 'challenge' || state === 'open'
  return stands && attemptsLeft > 0 && now < expiresAt ? 'live' : 'over'
}

export const yuan = (fen: number) => `¥${(fen / 100).toFixed(2)}`

/** What it is for, in the words of the text and of the bank's own page; names payee and amount. */
export function wordsOf({ books, ways }: Bank, { about }: Challenge): string {
  if ('orderNo' in about) {
    const { payee, amountFen, payer } = shownOf(books.clearings.get(about.orderNo)!.request!)
    return `您正在向“${ways.payee(payee)}”付款 ${yuan(amountFen)}，付款账户尾号 ${payer.slice(-4)}`
  }
  const { want } = books.signings.get(about.signNo)!
  if (want.kind === 'account') return `您正在将尾号 ${want.account.slice(-4)} 的账户签约用于扫码付款`
  const tail = books.agreements.get(want.agreementId)!.account.slice(-4)
  const { maxFen, perDay } = want.small
  return `您正在为尾号 ${tail} 的账户开通免密付款，单笔不超过 ${yuan(maxFen)}，每天不超过 ${perDay} 笔`
}
