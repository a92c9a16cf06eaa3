import type { Operator } from '../../domain/operator'
import type { Deed } from './deed'

/** What an operator's log-in leaves behind: guesses that are counted, browsers that are known, sessions. */

export interface Attempts {
  /**
   * Counts a guess at `name` from `place` before it is looked at (domain/attempts.ts), so that no crowd of them at once gets more than
   * `limit`. Until when none may be made, or null: this one may.
   */
  countAttempt(name: string, place: string, limit: number, now: number): Promise<number | null>
  /** The guess was right: what these places counted is forgotten. */
  clearAttempts(name: string, places: readonly string[]): Promise<void>
}

export interface Devices {
  /** The number of a browser that the operator logged in with, by the hash of what it keeps; undefined: it is a stranger's. */
  deviceOf(username: string, deviceHash: string, now: number): Promise<number | undefined>
}

export interface NewSession {
  sessionId: string
  username: string
  refreshHash: string
  now: number
  expiresAt: number
  /** the hash of what its browser keeps from now on, and of what it brought, if it brought any */
  device: { hash: string; before: string | null }
  /** whether the second factor was passed */
  secondFactor: boolean
}

export interface KnownSession {
  operator: Operator
  mustChangePassword: boolean
  /** whether the second factor was passed */
  secondFactor: boolean
}

export interface Sessions {
  /**
   * Makes its browser a known one, for all who were known by what it brought. `gone`: the operator is disabled, or a session of this
   * id was opened before.
   */
  openSession(session: NewSession, deed: Deed): Promise<'opened' | 'gone'>
  /**
   * Renews a session with the token that hashes to `refreshHash`, which the caller knows to be one of the session's.
   * `reused`: it was spent before; the session has been ended, since one of the two holders is a thief.
   */
  renewSession(
    sessionId: string,
    refreshHash: string,
    nextHash: string,
    now: number,
  ): Promise<
    { kind: 'renewed'; username: string; expiresAt: number; secondFactor: boolean } | { kind: 'ended' | 'reused' }
  >
  /** Does nothing, and writes nothing, when it has ended before. */
  endSession(sessionId: string, now: number, deed: Deed): Promise<void>
  /** The operator of a session that is neither ended nor expired, if the operator isn't disabled. */
  session(sessionId: string, now: number): Promise<KnownSession | undefined>
}
