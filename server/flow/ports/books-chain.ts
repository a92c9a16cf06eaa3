/** A day of the books as it is given out: who has noted it down can tell later that nothing before it was changed or cut off. */
export interface DaySeal {
  /** the business date that it seals, and everything before it */
  date: string
  /** the link of the books' chain that it is */
  link: number
  /** when it was made, ms */
  at: number
  /** the link's mac: it follows from everything that was chained before */
  mac: string
}

/**
 * The books' chain follows the ledger: what was written of orders, refunds, corrections and decks is chained a little later, in links
 * of a bounded size, under a key that isn't in the database. Several processes may extend it at once.
 */
export interface BooksChain {
  /**
   * Adds one link of what was written since the last one, or none. `at`: now. Where all of it is in, the link seals the day that comes after the
   * last sealed one, if that is no later than `lastOver`; none where that is null. `unsettled`: somebody is still writing what would come before; ask again.
   */
  extend(at: number, lastOver: string | null): Promise<Extended>
  /** Sealed days from a date on, the first of all when null, in the order of their dates. */
  sealsFrom(date: string | null, limit: number): Promise<DaySeal[]>
  /** The last sealed days, the latest first. */
  lastSeals(limit: number): Promise<DaySeal[]>
}

export type Extended =
  /** `more`: a link couldn't take all of it, or another day may be over */
  | { kind: 'linked'; seal: DaySeal | null; more: boolean }
  /** nothing was written, and no day is to be sealed */
  | { kind: 'nothing' }
  | { kind: 'unsettled' }

/** Where sealed days are given out to, beside the ledger: only ever added to. */
export interface GivenSeals {
  /** As they were given out, the oldest first. */
  all(): Promise<DaySeal[]>
  add(seals: readonly DaySeal[]): Promise<void>
}

/** The books' chain, checked against the keys that aren't in the database. */
export interface CheckedChain {
  links: number
  /** the first of them, in order; empty when each link is as it was made */
  breaks: LinkBreak[]
  seals: DaySeal[]
}

export interface LinkBreak {
  link: number
  /** `changed`: its mac isn't that of what it says after the one before */
  fault: 'changed' | 'missing' | 'key-unknown'
}
