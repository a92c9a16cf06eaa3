import type { Report } from '@contract'

type Row = Report['rows'][number]

/** To exactly the orders and refunds that make a figure: of all of the report, or of one of its rows. */
export interface Links {
  /** paid, with or without a discount */
  orders: string
  /** paid with a card; the discounts are theirs */
  discounts: string
  /** what was given back of these discounts, whenever it was */
  refunds: string
  /** put right by accepted differences */
  corrected: string
  /** that use a card, paid for or not yet */
  used: string
}

export function linksOf(
  id: string,
  { by, from, to }: Pick<Report, 'by' | 'from' | 'to'>,
  row?: Pick<Row, 'key'>,
): Links {
  const of = row && by !== 'day' ? { [KEYS[by]]: row.key } : {}
  const [first, last] = row && by === 'day' ? [row.key, row.key] : [from, to]
  const place = (list: string, which: Record<string, string>) =>
    `${list}?${new URLSearchParams({ ...which, ...of } as Record<string, string>)}`
  const days = { from: first, to: last, state: 'paid' }
  return {
    orders: place('orders', { merchantsOf: id, ...days }),
    discounts: place('orders', { campaignId: id, ...days }),
    refunds: place('refunds', { campaignId: id, orderFrom: first, orderTo: last, state: 'refunded', asked: 'true' }),
    corrected: place('orders', { campaignId: id, from: first, to: last, corrected: 'true' }),
    used: place('orders', { campaignId: id, deckFrom: first, deckTo: last }),
  }
}

const KEYS = { branch: 'branchCode', merchant: 'merchantCode', account: 'glAccount' } as const
