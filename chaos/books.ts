/** What a channel has of an order or a refund, in its own books. */
export interface Booked {
  state: 'done' | 'dead' | 'open'
  /** the channel's number of it, once it is done */
  tradeNo: string | null
  /** how often money moved for it */
  times: number
  /** of an order what its payer paid, of a refund what they got back, fen */
  amountFen: number
  /** the merchant's account there */
  merchant: string
  /** every leg of it, `role account fen` in order, where the channel has more of them than payer and merchant */
  legs?: string[]
}

/** A channel's side of everything, by our numbers. */
export interface Books {
  orders: Map<string, Booked>
  refunds: Map<string, Booked>
  /** accounts that moved there: what each has, and what it began with, fen */
  accounts: Map<string, { balanceFen: number; openingFen: number }>
  /** false: it knows payers by other names than we do, so only merchants' accounts can be held against ours */
  namesPayers: boolean
}

/** `role account fen` of each, in order. */
export function legsOf(postings: readonly { account: string; role: string; amountFen: number }[]): string[] {
  return postings.map(({ account, role, amountFen }) => `${role} ${account} ${amountFen}`).sort()
}
