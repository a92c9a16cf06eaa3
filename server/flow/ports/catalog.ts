import type { Campaign } from '../../domain/campaign'
import type { WalletAccounts } from '../../domain/channel'
import type { DeckId } from '../../domain/deck'
import type { Held } from '../../domain/held'
import type { Agreement } from './agreements'

export interface Merchant {
  merchantCode: string
  name: string
  branchCode: string
  branchName: string
  /** the merchant's settlement account and the branch's expense GL account at the bank */
  account: string
  glAccount: string
  /** its own number at each wallet that pays it */
  walletAccounts: WalletAccounts
  /** it has left the house: nobody can pay there, and what was paid stays as it is */
  disabled?: boolean
}

/** Whose budget a deck counts in, and the expense GL account that its cards are paid from. */
export type Purse = Pick<Merchant, 'branchCode' | 'glAccount'>

/** What a quote asks about a merchant, all of it as of one moment. */
export interface Shop {
  merchant: Merchant
  /** as {@link Catalog.campaignFor} */
  campaign: Campaign | undefined
  /** the persons who see the merchant's orders now, owners and cashiers: the discount isn't for them */
  staff: readonly string[]
}

/**
 * How fresh an answer has to be. `now`: asked after the call. `believed`: as it was heard last, some time ago perhaps, for who has it looked
 * at again before anything comes of it ({@link Believed}). Left out: of the last second.
 */
export type Freshness = 'now' | 'believed' | undefined

export interface Catalog {
  merchant(merchantCode: string, fresh?: Freshness): Promise<Merchant | undefined>
  /** In one question; undefined: there is no such merchant. */
  shop(merchantCode: string, businessDate: string): Promise<Shop | undefined>
  /**
   * The campaign that applies to the merchant: of all that name it, a running or paused one whose period holds the date
   * first, then the highest priority, then the newest; else the last to end or the next to start. Undefined when none names it.
   * A brake on it, on the merchant or on the whole house makes it paused.
   */
  campaignFor(merchantCode: string, businessDate: string): Promise<Campaign | undefined>
  /** Whether a brake is on the merchant itself. */
  braked(merchantCode: string): Promise<boolean>
  /**
   * A committed deck's, as it was when that was done, whatever became of merchant and branch; so it never changes. Null for one from
   * before it was kept; undefined where no such deck is committed, as in a ledger that lost it.
   */
  purse(deck: DeckId, fresh?: Freshness): Promise<Purse | null | undefined>
  /** Further discounts that are held back on the date, of whatever campaign. */
  held(businessDate: string): Promise<Held>
  /**
   * The payer's, oldest first, those that have ended too. What they can be told by (bank, tail) never changes; whether one is in
   * force does, so whoever goes by that asks `now`, or has it looked at again.
   */
  agreements(payerId: string, fresh?: Freshness): Promise<Agreement[]>
  /** Of one that remembers: which campaigns apply, and what is braked, is asked anew from now on. Whoever pulls a brake says so. */
  forgetCampaigns?(): void
}
