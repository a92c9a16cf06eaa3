import type { Step } from '../step'

/**
 * A merchant's paid orders by their day and no time: so both are kept once for all orders of a day, a quarter of the bytes. Which of a day was
 * paid last is sorted when it is read; the settlement beside it reads the whole day anyway. The next step takes away what it stands in for.
 */
export const paidOfDay: Step = {
  async up() {},
  indexes: [{ name: 'orders_paid_of_day', on: `orders (merchant_code, business_date) where state = 'paid'` }],
}
