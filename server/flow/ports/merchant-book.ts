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
  disabled: boolean
  /** bound now */
  userCount: number
  /** the campaign that applies on the date asked for */
  campaign: { campaignId: string; name: string } | null
  /** paid orders of that date, in the operator's sight, and those of them with a discount */
  today: { date: string; orders: number; discounted: number }
}

/** What merchants are sorted by; the code decides between equals. */
export const MERCHANT_SORTS = ['code', 'branch', 'users', 'orders'] as const
export type MerchantSort = (typeof MERCHANT_SORTS)[number]

/** Where a page ends: what its last is sorted by, as text, and which it is. */
export interface MerchantPlace {
  key: string
  merchantCode: string
}

export interface MerchantFilter {
  /** of the operator: what they see; null is all */
  scope: string | null
  branchCode: string | null
  /** part of a name or code */
  q: string | undefined
  /** true: some user is; false: none is */
  bound: boolean | undefined
  disabled: boolean | undefined
  /** the date of `today` */
  date: string
}

/** Of all merchants that a filter finds. */
export interface MerchantTotals {
  merchants: number
  /** nobody is bound to them */
  unbound: number
  orders: number
  discounted: number
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

/** A business date of a merchant, in an operator's sight; figures of paid orders, as in the reports. */
export interface BookedDay {
  date: string
  /** made that day, whatever became of them */
  orders: number
  paid: number
  /** of the paid ones, through the bank's own channel */
  own: number
  /** paid through channels of others, as they were imported; null: nobody knows */
  others: number | null
  discounted: number
  amountFen: number
  discountFen: number
  rewardFen: number
  /** what went back of those discounts, whenever it did */
  returnedFen: number
  correctedFen: number
  /** of each campaign that dealt one; `left`: neither used nor held by an open order */
  decks: { campaignId: string; cards: number; left: number }[]
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
  /** `key`: what each is sorted by. After a place, whether or not its merchant still stands there. */
  list(
    input: MerchantFilter & {
      sort: MerchantSort
      descending: boolean
      after: MerchantPlace | undefined
      limit: number
    },
  ): Promise<(BookedMerchant & Pick<MerchantPlace, 'key'>)[]>
  /** From the counts that are kept of each merchant's day: no order is read. */
  totals(filter: MerchantFilter): Promise<MerchantTotals>
  merchant(merchantCode: string, date: string, branchCode: string | null): Promise<BookedMerchant | undefined>
  /** Each day from `from` to `to`, the newest first, those too on which nothing happened. */
  days(merchantCode: string, dates: { from: string; to: string }, scope: string | null): Promise<BookedDay[]>
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
