import type { Figures } from './quote'

/** What a clearing books. */
export interface Accounts {
  payer: string
  merchant: string
  /** the expense GL account (科目) of the merchant's branch; null where the channel has no leg for a subsidy */
  gl: string | null
}

/** A posting (分录): a signed change of one account in fen; a debit of the payer is negative. */
export interface Posting {
  account: string
  role: 'payer' | 'gl' | 'merchant'
  amountFen: number
}

/**
 * The postings of a paid order, which are also the legs of its one clearing instruction (一笔清算).
 * Case: order ¥100.00, discount ¥10.00 → payer −95.00, branch GL −10.00, merchant +105.00. They sum to zero (I4).
 */
export function postingsOf(order: { figures: Figures; accounts: Accounts }): Posting[] {
  const { payableFen, discountFen, merchantReceivesFen } = order.figures
  const postings: Posting[] = [
    { account: order.accounts.payer, role: 'payer', amountFen: -payableFen },
    ...glPosting(order.accounts, -discountFen),
    { account: order.accounts.merchant, role: 'merchant', amountFen: merchantReceivesFen },
  ]
  return postings.filter((posting) => posting.amountFen !== 0)
}

/** The subsidy's part; none where the channel has no leg for it. */
export function glPosting({ gl }: Accounts, amountFen: number): Posting[] {
  return gl === null ? [] : [{ account: gl, role: 'gl', amountFen }]
}

/** True when the postings sum to zero. */
export function balanced(postings: readonly Posting[]): boolean {
  return postings.reduce((sum, posting) => sum + posting.amountFen, 0) === 0
}
