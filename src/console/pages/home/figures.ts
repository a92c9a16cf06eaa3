import type { CampaignToday } from '@contract'

/** Of the orders that came through us; what other channels' files say isn't in it. */
export const shareOf = ({ orderCount, ownCount }: { orderCount: number; ownCount: number }) =>
  orderCount > 0 ? ownCount / orderCount : null

const DAY_MS = 86_400_000
/** Whoever plans a prolongation, or more budget, needs so many days for both to be reviewed. */
const SOON_DAYS = 3

/** 0: today is its last day. */
export const daysTo = (endDate: string, today: string) => (Date.parse(endDate) - Date.parse(today)) / DAY_MS

export const endWords = (days: number) => (days === 0 ? '今天结束' : `还有 ${days} 天`)

export const endsSoon = ({ endDate }: Pick<CampaignToday, 'endDate'>, today: string) =>
  daysTo(endDate, today) <= SOON_DAYS
