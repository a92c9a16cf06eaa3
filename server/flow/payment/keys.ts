/**
 * So long after an order was opened its Idempotency-Key is good at the least, ms: a retry gets the order. A day, for which payers' pages ask
 * again (src/pages/pay/intents.ts), and an hour, the longest that a quote may be good (LEASE_TTL_MS), so that no key ends before its quote.
 * Afterwards the quote has ended by every clock that is right, and is known as used by all others: there is never a second payment.
 */
export const KEYS_KEPT_MS = 25 * 3_600_000
