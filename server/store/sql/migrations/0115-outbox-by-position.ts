import type { Step } from '../step'

/**
 * What is new for all merchants at once, by where it stands in the feed: one look into an index for however many pages are open, where each
 * merchant's took one of its own (payment/outbox-feed.ts).
 */
export const outboxByPosition: Step = {
  indexes: [{ name: 'outbox_by_position', on: 'outbox (xid, id)' }],
  async up() {},
}
