import type { Merchant } from './catalog'
import type { Deed } from './operators'

export interface Branch {
  branchCode: string
  name: string
  glAccount: string
}

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
}

export interface ImportCount {
  added: number
  changed: number
  unchanged: number
}

/** The merchants and branches, as operators keep them. `branchCode` in a scope: only that branch's; null is all. */
export interface MerchantBook {
  branches(scope: { branchCode: string | null }): Promise<(Branch & { merchantCount: number })[]>
  addBranch(branch: Branch, deed: Deed): Promise<'added' | 'exists'>
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
  /** Adds or changes all of them, or none. The deed is completed with what was counted, and with what changed from what to what. */
  import(entries: readonly MerchantEntry[], deed: Deed): Promise<ImportCount>
}
