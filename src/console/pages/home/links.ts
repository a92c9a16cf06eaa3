import type { CampaignToday, HomeView } from '@contract'

/** To exactly the rows that make a figure of the first page. */

const orders = (which: Record<string, string>) => `orders?${new URLSearchParams(which)}`
const paidOn = (date: string) => ({ from: date, to: date, state: 'paid' })

/** Of a day's orders, as far as the reader sees. */
export function dayLinks({ businessDate }: Pick<HomeView['today'], 'businessDate'>) {
  const paid = paidOn(businessDate)
  return {
    orders: orders(paid),
    own: orders({ ...paid, channel: 'bank' }),
    discounts: orders({ ...paid, discounted: 'true' }),
  }
}

/** Of a campaign's day. */
export function campaignLinks({ campaignId }: Pick<CampaignToday, 'campaignId'>, date: string) {
  const around = { merchantsOf: campaignId, ...paidOn(date) }
  const place = `campaigns/${campaignId}`
  return {
    orders: orders(around),
    own: orders({ ...around, channel: 'bank' }),
    discounts: orders({ campaignId, ...paidOn(date) }),
    campaign: place,
    soldOut: `${place}?only=sold-out`,
    short: `${place}?only=short`,
  }
}

export const STUCK = orders({ stuck: 'true' })
