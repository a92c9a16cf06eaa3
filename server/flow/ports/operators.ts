import type { Operator, Role } from '../../domain/operator'

export interface OperatorRecord extends Operator {
  /** scrypt with its parameters and salt; null for single sign-on */
  passwordHash: string | null
  mustChangePassword: boolean
  oidcSubject: string | null
  disabledAt: number | null
  failedLogins: number
  lockedUntil: number | null
  createdAt: number
  lastLoginAt: number | null
}

/** What may change of an operator; an absent field stays. */
export type OperatorChange = Partial<{
  name: string
  roles: Role[]
  branchCode: string | null
  passwordHash: string
  mustChangePassword: boolean
  disabledAt: number | null
  failedLogins: number
  lockedUntil: number | null
}>

export type OperatorChanged =
  | { kind: 'changed'; operator: OperatorRecord }
  | { kind: 'not-found' | 'last-admin' | 'branch-not-found' }

/**
 * What an operator did, for the chained log; written in the same transaction as the deed. `before` and `after` are JSON,
 * without secrets and personal data.
 */
export interface Deed {
  at: number
  /** `system` for what starts or ends by its date */
  username: string
  /** `noun.verb`, e.g. `campaign.submit` */
  action: string
  /** `noun/id`, e.g. `campaign/food-street` */
  subject: string
  before?: unknown
  after?: unknown
}

export interface LoggedDeed extends Required<Deed> {
  actionId: number
  keyId: string
  mac: string
}

/** A key of ours and its name: HMACs and seeds say which key made them, so that keys can be rotated. */
export interface KeyRing {
  current: { id: string; key: Uint8Array }
  byId(id: string): Uint8Array | undefined
}

export interface Operators {
  operator(username: string): Promise<OperatorRecord | undefined>
  operatorBySubject(oidcSubject: string): Promise<OperatorRecord | undefined>
  /** By username. */
  list(): Promise<OperatorRecord[]>
  add(operator: OperatorRecord, deed: Deed): Promise<'added' | 'exists' | 'branch-not-found'>
  /**
   * `last-admin`: nobody would be left who could let anyone in. Changing roles, branch, password or disabling ends its
   * sessions. `deed` is told of the operator as it was when nobody else could change it any more.
   */
  change(username: string, to: OperatorChange, deed: (before: OperatorRecord) => Deed): Promise<OperatorChanged>
  /**
   * Counts a log-in before its password is looked at, so that no crowd of them at once gets more than `limit` guesses; the
   * last of them locks until `lockUntil`, and only a log-in that succeeds clears it. Returns until when it is locked, or null.
   */
  countAttempt(username: string, limit: number, now: number, lockUntil: number): Promise<number | null>

  /** Clears what failed attempts counted. `gone`: the operator is disabled, or a session of this id was opened before. */
  openSession(
    session: { sessionId: string; username: string; refreshHash: string; now: number; expiresAt: number },
    deed: Deed,
  ): Promise<'opened' | 'gone'>
  /**
   * Renews a session with the token that hashes to `refreshHash`, which the caller knows to be one of the session's.
   * `reused`: it was spent before; the session has been ended, since one of the two holders is a thief.
   */
  renewSession(
    sessionId: string,
    refreshHash: string,
    nextHash: string,
    now: number,
  ): Promise<{ kind: 'renewed'; username: string; expiresAt: number } | { kind: 'ended' | 'reused' }>
  /** Does nothing, and writes nothing, when it has ended before. */
  endSession(sessionId: string, now: number, deed: Deed): Promise<void>
  /** The operator of a session that is neither ended nor expired, if the operator isn't disabled. */
  session(sessionId: string, now: number): Promise<{ operator: Operator; mustChangePassword: boolean } | undefined>

  /** Newest first; `before` is an actionId. */
  deeds(filter: {
    username?: string | undefined
    subject?: string | undefined
    before?: number | undefined
    limit: number
  }): Promise<LoggedDeed[]>
  /** Writes a deed that changes nothing else, e.g. an export. */
  log(deed: Deed): Promise<void>
  /** Recomputes the whole chain. */
  checkChain(): Promise<Chain>
}

export interface ChainBreak {
  actionId: number
  /** `changed`: its mac isn't that of what it says after the one before. `foreign`: it is behind the end of the log. */
  fault: 'changed' | 'missing' | 'foreign' | 'key-unknown'
}

export interface Chain {
  /** the number of the last one */
  actions: number
  /** the first of them, in order; empty when the log is as it was written */
  breaks: ChainBreak[]
  /** of the last action: whoever noted it down can tell later that the end wasn't cut off */
  endMac: string
}
