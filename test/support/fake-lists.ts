import type { Order } from '../../server/domain/order'
import type { SeedCampaign } from '../../server/store/sql/seed'
import { copied } from './copied'

/** In which order the fake ledger tells things, and a page of it. */

export function pageOf(all: Order[], cursor: string | undefined, limit: number, cursorOf: (order: Order) => string) {
  const from = cursor === undefined ? 0 : all.findIndex((order) => cursorOf(order) === cursor) + 1
  if (cursor !== undefined && from === 0) return { items: [] }
  const items = copied(all.slice(from, from + limit))
  return all.length > from + limit ? { items, nextCursor: cursorOf(items.at(-1)!) } : { items }
}

/** On first (priority, then newest), then the next to start, then the last to end. */
export function rank(a: SeedCampaign, b: SeedCampaign, date: string): number {
  const phase = (one: SeedCampaign) => {
    const on = ['approved', 'running', 'paused'].includes(one.state) && one.startDate <= date && date <= one.endDate
    if (on) return 0
    return one.state !== 'ended' && one.endDate >= date ? 1 : 2
  }
  const newest = (b.createdAt ?? 0) - (a.createdAt ?? 0)
  if (phase(a) !== phase(b)) return phase(a) - phase(b)
  if (phase(a) === 0) return (b.priority ?? 0) - (a.priority ?? 0) || newest
  if (phase(a) === 1) return a.startDate.localeCompare(b.startDate) || newest
  return b.endDate.localeCompare(a.endDate) || newest
}
