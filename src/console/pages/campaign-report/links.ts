import type { Report } from '@contract'

type Row = Report['rows'][number]

/** To exactly the orders that a count counts: of all of the report, or of one of its rows. */
export function linksOf(
  id: string,
  { by, from, to }: Pick<Report, 'by' | 'from' | 'to'>,
  row?: Pick<Row, 'key'>,
): { orders: string; discounts: string } {
  const of = row && by !== 'day' ? { [KEYS[by]]: row.key } : {}
  const days = row && by === 'day' ? { from: row.key, to: row.key } : { from, to }
  const place = (which: object) => `orders?${new URLSearchParams({ ...which, ...of, ...days, state: 'paid' })}`
  return { orders: place({ merchantsOf: id }), discounts: place({ campaignId: id }) }
}

const KEYS = { branch: 'branchCode', merchant: 'merchantCode', account: 'glAccount' } as const
