import type { Books } from './books'
import { judged, opened, resendAt, resent, type Secrets } from './challenges'
import type { Challenge, Fact, Holder, Way } from './facts'

export type Resending =
  | { kind: 'sent' }
  | { kind: 'too-soon'; retryAfterMs: number }
  /** there is no such challenge now */
  | { kind: 'gone' }

const DAY_MS = 86_400_000
/** So many questions that all three tries were wrong for: fifteen guesses at a million. */
const FAILED_A_DAY = 5

/** What the bank asks payers, kept in its books: the same for a clearing and for an agreement. */
export class Questions {
  constructor(
    private readonly books: Books,
    private readonly record: (fact: Fact) => void,
    private readonly now: () => number,
    readonly secrets: Secrets,
  ) {}

  /** A new one, about what was not asked about before; whoever asks records it. */
  about(about: Challenge['about'], way: Way, holder: Holder): Challenge {
    const challengeId = this.secrets.challengeId(Object.entries(about).join('|'))
    return opened({ challengeId, about, way, holder }, this.now())
  }

  get(challengeId: string): Challenge {
    return this.books.challenges.get(challengeId)!
  }

  /** Why it can't be answered any more; null while it can. */
  over(challengeId: string): 'authentication-failed' | 'authentication-expired' | null {
    const { attemptsLeft, expiresAt } = this.get(challengeId)
    // With no try left and not declined: the bank died between the two.
    if (attemptsLeft <= 0) return 'authentication-failed'
    return this.now() >= expiresAt ? 'authentication-expired' : null
  }

  /** `failed`: that was the last try. */
  judge(challengeId: string, proof: string): 'right' | 'wrong' | 'failed' {
    const answer = judged(this.get(challengeId), proof, this.secrets)
    if (answer.kind === 'right') return 'right'
    this.keep(answer.challenge)
    return answer.challenge.attemptsLeft > 0 ? 'wrong' : 'failed'
  }

  /** Whether somebody was guessing this holder's codes in the last day. */
  isSuspect(holder: Holder): boolean {
    const since = this.now() - DAY_MS
    const failed = this.ofHolder(holder).filter((one) => one.attemptsLeft <= 0 && one.sentAt[0]! > since)
    return failed.length >= FAILED_A_DAY
  }

  /** When the next text may be sent, ms. */
  resendAt(challenge: Challenge): number {
    const others = this.ofHolder(challenge.holder).filter((one) => one.challengeId !== challenge.challengeId)
    return resendAt(challenge, others, this.now())
  }

  resend(challengeId: string): Resending {
    const challenge = this.get(challengeId)
    const retryAfterMs = this.resendAt(challenge) - this.now()
    if (retryAfterMs > 0) return { kind: 'too-soon', retryAfterMs }
    this.keep(resent(challenge, this.now()))
    return { kind: 'sent' }
  }

  private ofHolder({ id }: Holder): Challenge[] {
    return [...this.books.challenges.values()].filter((one) => one.holder.id === id)
  }

  private keep(challenge: Challenge): void {
    if (challenge !== this.get(challenge.challengeId)) this.record({ type: 'challenge', challenge })
  }
}
