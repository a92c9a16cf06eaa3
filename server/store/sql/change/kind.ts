import type { Transaction } from 'kysely'
import type { ChangeRequest } from '../../../domain/change'
import type { RequestFault } from '../../../flow/ports'
import type { Tables } from '../tables'

export type Tx = Transaction<Tables>

/** What a request is of, before it is written down as well. */
export type About = Pick<ChangeRequest, 'changeId' | 'kind' | 'subject' | 'branchCode' | 'after'>

/** How a kind of change is held against what is there, and done. Both run in the transaction of the step, behind its lock. */
export interface Kind {
  /**
   * Why it can't be done now, or null; asked before it is written down, approved and done. It locks what it looks at, so that
   * nothing changes until the end of the transaction.
   */
  check(tx: Tx, request: About): Promise<RequestFault | null>
  /** What is true of the subject now, as JSON. It must still be so when it is approved and done. Left out: `check` sees to it. */
  standing?(tx: Tx, request: About): Promise<unknown>
  /** Does it. `effect`: what approving brought along; `at` is the time it happens, ms since the epoch. */
  apply(tx: Tx, request: ChangeRequest, at: number, effect: unknown): Promise<void>
}
