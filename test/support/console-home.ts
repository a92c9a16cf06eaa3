import type { HomeView } from '@contract'

/** A noon at which two payments hang. */
export function homeOf(more: Partial<HomeView> = {}): HomeView {
  const orders = { orderCount: 1_284, ownCount: 642, discountCount: 231, amountFen: 4_321_000, discountFen: 181_240 }
  const cards = { merchants: 20, slots: 400, used: 231, soldOut: 3, mostFen: 320_480 }
  return {
    at: '2026-11-20T04:08:30.000Z',
    today: { businessDate: '2026-11-20', ...orders },
    yesterday: { businessDate: '2026-11-19', ...orders },
    stuck: { count: 2, fen: 19_050, since: '2026-11-20T03:03:00.000Z' },
    cards,
    campaigns: [
      {
        campaignId: 'food-street',
        name: '美食街扫码立减',
        state: 'running',
        endDate: '2026-12-31',
        budgetFen: 15_000_000,
        daysLeft: 36.4,
        runsShort: false,
        orderCount: 1_280,
        ownCount: 640,
        discountCount: 231,
        discountFen: 181_240,
        short: 0,
        ...cards,
      },
    ],
    more: false,
    books: null,
    ...more,
  }
}
