import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Challenge } from './facts'

/** The bank's question to the payer (channels' word: challenge), as rules: 6 digits by text, 5 minutes, 3 tries, few texts. */

export const TRIES = 3
export const LIFE_MS = 5 * 60_000
/** However often the text is sent anew: the payer stands at a counter, and a card waits for them. */
const WHOLE_LIFE_MS = 15 * 60_000
const RESEND_MS = 60_000
const HOUR_MS = 3_600_000
const RESENDS_AN_HOUR = 5

/** What only the bank knows. Nothing of it is kept: after a restart the same questions have the same codes. */
export interface Secrets {
  challengeId(about: string): string
  /** the code of a challenge's nth text: six digits */
  code(challengeId: string, nth: number): string
  /** a fingerprint of what mustn't be kept as it is */
  print(text: string): string
  /** what the address of a page of the bank's own ends with: nobody can guess it */
  pageToken(challengeId: string): string
}

/** `fixedCode`: every text says it. */
export function secretsOf(key: string, fixedCode: string | null = null): Secrets {
  const print = (text: string) => createHmac('sha256', key).update(text).digest('hex')
  return {
    print,
    challengeId: (about) => `CH${print(`challenge|${about}`).slice(0, 20).toUpperCase()}`,
    code: (challengeId, nth) =>
      fixedCode ?? String(Number.parseInt(print(`code|${challengeId}|${nth}`).slice(0, 12), 16) % 1e6).padStart(6, '0'),
    pageToken: (challengeId) => print(`page|${challengeId}`).slice(0, 32),
  }
}

export function opened(asked: Pick<Challenge, 'challengeId' | 'about' | 'way' | 'holder'>, now: number): Challenge {
  return { ...asked, sentAt: [now], expiresAt: now + LIFE_MS, attemptsLeft: TRIES, wrong: [] }
}

export type Judged =
  | { kind: 'right' }
  /** as it is from now on; the same one when this proof was judged before, which costs no try */
  | { kind: 'wrong'; challenge: Challenge }

export function judged(challenge: Challenge, proof: string, secrets: Secrets): Judged {
  const { challengeId, sentAt, attemptsLeft, wrong } = challenge
  const [given, right] = [proof, secrets.code(challengeId, sentAt.length)].map((code) =>
    secrets.print(`${challengeId}|${sentAt.length}|${code}`),
  ) as [string, string]
  if (timingSafeEqual(Buffer.from(given), Buffer.from(right))) return { kind: 'right' }
  if (wrong.includes(given)) return { kind: 'wrong', challenge }
  return { kind: 'wrong', challenge: { ...challenge, attemptsLeft: attemptsLeft - 1, wrong: [...wrong, given] } }
}

/** When another text may be sent, ms; `others`: the same holder's other challenges. */
export function resendAt({ sentAt }: Challenge, others: readonly Challenge[], now: number): number {
  const again = [...others.map((one) => one.sentAt), sentAt].flatMap((texts) => texts.slice(1))
  const lately = again.filter((at) => at > now - HOUR_MS).sort((a, b) => b - a)
  const hourly = (lately[RESENDS_AN_HOUR - 1] ?? Number.NEGATIVE_INFINITY) + HOUR_MS
  return Math.max(sentAt.at(-1)! + RESEND_MS, hourly)
}

/** With one more text: a new code and new time. The tries stay as they were, or asking for texts would buy some. */
export function resent(challenge: Challenge, now: number): Challenge {
  const end = challenge.sentAt[0]! + WHOLE_LIFE_MS
  const expiresAt = Math.min(now + LIFE_MS, end)
  return { ...challenge, sentAt: [...challenge.sentAt, now], expiresAt, wrong: [] }
}
