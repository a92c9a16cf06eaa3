import type { Operator, Role } from '../../domain/operator'
import type { Deed, LoggedDeed } from './deed'
import type { Attempts, Devices, Sessions } from './operator-login'
import type { SecondFactors } from './second-factor'

export interface OperatorRecord extends Operator {
  /** scrypt with its parameters and salt; null for single sign-on */
  passwordHash: string | null
  mustChangePassword: boolean
  oidcSubject: string | null
  disabledAt: number | null
  /** strangers can't log in by its name until then; kept with the attempts, so never written here */
  lockedUntil: number | null
  /** since when it has a second factor; kept with that, so never written here */
  secondFactorSince: number | null
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
}>

export type OperatorChanged =
  | { kind: 'changed'; operator: OperatorRecord }
  | { kind: 'not-found' | 'last-admin' | 'branch-not-found' }

/** A key of ours and its name: HMACs and seeds say which key made them, so that keys can be rotated. */
export interface KeyRing {
  current: { id: string; key: Uint8Array }
  byId(id: string): Uint8Array | undefined
}

export interface Operators extends Attempts, Devices, Sessions, SecondFactors {
  operator(username: string): Promise<OperatorRecord | undefined>
  operatorBySubject(oidcSubject: string): Promise<OperatorRecord | undefined>
  /** By username. */
  list(): Promise<OperatorRecord[]>
  add(operator: OperatorRecord, deed: Deed): Promise<'added' | 'exists' | 'branch-not-found'>
  /**
   * `last-admin`: nobody would be left who could let anyone in. Changing roles, branch, password or disabling ends its
   * sessions; another password or disabling makes all its browsers strangers, and ends its locks, but those of codes. `deed` is told of the operator as it was when nobody else could change it any more.
   */
  change(username: string, to: OperatorChange, deed: (before: OperatorRecord) => Deed): Promise<OperatorChanged>
  /** Ends the locks at its log-in's password. Not those of codes, nor of guesses within a session: they end by time, or with the second factor. */
  unlock(username: string, deed: Deed): Promise<OperatorChanged>

  /** Newest first; `before` is an actionId. */
  deeds(filter: {
    username?: string | undefined
    subject?: string | undefined
    /** what subjects begin with, before their slash */
    noun?: string | undefined
    /** ms, the second left out */
    from?: number | undefined
    until?: number | undefined
    before?: number | undefined
    limit: number
  }): Promise<LoggedDeed[]>
  /** How many {@link deeds} would give, counted up to `most`. */
  countDeeds(filter: Omit<Parameters<Operators['deeds']>[0], 'before' | 'limit'>, most: number): Promise<number>
  /** Writes a deed that changes nothing else, e.g. an export. */
  log(deed: Deed): Promise<void>
  /** Writes what an operator tried and may not: of one and of a kind ten in a minute. The others are counted, and told by the next (`after.unwritten`). */
  logRefusal(deed: Deed): Promise<void>
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
