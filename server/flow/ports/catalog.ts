import type { Campaign } from '../../domain/campaign'

export interface Merchant {
  merchantCode: string
  name: string
  branchCode: string
  branchName: string
  /** the merchant's settlement account and the branch's expense GL account at the bank */
  account: string
  glAccount: string
}

export interface Agreement {
  agreementId: string
  payerId: string
  /** the payer's account at the bank, as the bank names it in agreements */
  account: string
  /** last four digits, for the payer to recognise it */
  accountTail: string
  createdAt: number
}

export interface Catalog {
  merchant(merchantCode: string): Promise<Merchant | undefined>
  /**
   * The campaign that applies to the merchant: of all that name it, a running or paused one whose period holds the date
   * first, then the highest priority, then the newest; else the last to end or the next to start. Undefined when none names it.
   */
  campaignFor(merchantCode: string, businessDate: string): Promise<Campaign | undefined>
  agreements(payerId: string): Promise<Agreement[]>
  /** Keeps a new agreement; one already kept (same id) is left as it is. */
  addAgreement(agreement: Agreement): Promise<void>
}
