import type { WalletAccounts } from '../../domain/channel'
import type { Merchant } from './catalog'
import type { NewRequest } from './changes'
import type { Deed } from './deed'

export interface Branch {
  branchCode: string
  name: string
  glAccount: string
  /** grows with every correction, and guards the next */
  revision: number
}

export interface BookedBranch extends Branch {
  merchantCount: number
}

export type BranchRefusal = 'branch-not-found' | 'revision-changed'

export interface BookedMerchant extends Merchant {
  /** bound now */
  userCount: number
  /** the campaign that applies on the date asked for */
  campaign: { campaignId: string; name: string } | null
}

/** What a merchant is imported as. */
export interface MerchantEntry {
  merchantCode: string
  name: string
  branchCode: string
  account: string
  walletAccounts: WalletAccounts
}

export interface ImportCount {
  added: number
  changed: number
  unchanged: number
}

/** Of a table's import: what of it waits for another operator's review. */
export interface Imported extends ImportCount {
  review: { changeId: string; lines: number } | null
}

/**
 * `overtaken`: another's change, made since they were judged, makes an account a GL account or a code like another.
 * `change-open`: the same is asked for already.
 */
export type ImportRefusal = 'overtaken' | 'change-open'

/** The request into which go the lines that move money. */
export type ReviewedImport = Pick<NewRequest, 'changeId' | 'note' | 'askedBy' | 'askedAt'> & {
  /** of a request of many lines; one of a single line is about its merchant */
  subject: string
  sha256: string
}

/** The merchants and branches, as operators keep them. `branchCode` in a scope: only that branch's; null is all. */
export interface MerchantBook {
  branches(scope: { branchCode: string | null }): Promise<BookedBranch[]>
  /** At once; its GL account, and a new branch, take a second operator. The deed is completed with what it was called before. */
  renameBranch(input: {
    branchCode: string
    /** undefined: whatever it is now */
    revision: number | undefined
    name: string
    deed: Deed
  }): Promise<BookedBranch | BranchRefusal>
  /** By code, after the code `after`. `q` is part of a name or code. */
  list(input: {
    branchCode: string | null
    q: string | undefined
    date: string
    after: string | undefined
    limit: number
  }): Promise<BookedMerchant[]>
  merchant(merchantCode: string, date: string, branchCode: string | null): Promise<BookedMerchant | undefined>
  /** Of these codes those that are known, with what is in the book. */
  known(merchantCodes: readonly string[]): Promise<MerchantEntry[]>
  /** Of those that are not known: a code in the book that differs only by case, or by noughts at its front. */
  alike(merchantCodes: readonly string[]): Promise<{ merchantCode: string; alike: string }[]>
  /**
   * Takes all of them, or none: names at once, and what moves money — new merchants, other accounts and branches — as one change
   * request. The deed is completed with what was counted, and with what changed from what to what.
   */
  import(entries: readonly MerchantEntry[], deed: Deed, review: ReviewedImport): Promise<Imported | ImportRefusal>
}
