import type { Step } from '../step'

/**
 * The first day of a channel (reconcile/run.ts) in one look: of one that is open and was never paid through, all orders of all channels were read
 * for each question. Equal entries lie together in it, a few bytes an order, and no ending changes it.
 */
export const firstOfChannel: Step = {
  indexes: [{ name: 'orders_of_channel_day', on: 'orders (channel, business_date)' }],
  async up() {},
}
