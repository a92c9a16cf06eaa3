import { endOfBusinessDate } from '../../server/domain/business-date'
import type { Campaign } from '../../server/domain/campaign'
import type { Merchant } from '../../server/flow/ports'
import type { Sql } from '../../server/store/sql/open-sql'
import { orderRow } from '../../server/store/sql/rows'
import { newOrder } from '../store/sql/payment/ledger-orders'
import { CAMPAIGN, MERCHANT } from './flow'

/** A street of ten merchants with decks of twenty, of which one is farmed, laid into a ledger as if it had been paid. */

export const STREET: Merchant[] = Array.from({ length: 10 }, (_, i) => {
  const merchantCode = `M${String(i + 1).padStart(4, '0')}`
  return { ...MERCHANT, merchantCode, name: `老街 ${i + 1} 号`, account: `acct-${merchantCode}` }
})
export const FARMED = 'M0003'
export const STREET_CAMPAIGN: Campaign = { ...CAMPAIGN, rule: { ...CAMPAIGN.rule, slots: 20 } }

export interface Paid {
  payerId: string
  amountFen: number
  minute: number
}

/** One person took nineteen of the twenty cards, with ¥10 each. */
export const farmed: Paid[] = Array.from({ length: 20 }, (_, i) => ({
  payerId: i < 19 ? 'the-farmer' : 'a-passer',
  amountFen: i < 19 ? 1_000 : 2_340,
  minute: 540 + i,
}))

export const honest = (code: string, date: string): Paid[] =>
  Array.from({ length: 12 }, (_, i) => ({
    payerId: i < 6 ? `regular-${code}-${i}` : `passer-${code}-${date}-${i}`,
    amountFen: 1_250 + 175 * i,
    minute: 480 + 40 * i,
  }))

/** Decks of the date for all of the street, and paid orders with their cards; each order's number by merchant. */
export async function layDay(
  sql: Sql,
  date: string,
  paidAt: (merchantCode: string) => Paid[] = (code) => (code === FARMED ? farmed : honest(code, date)),
): Promise<Map<string, string[]>> {
  const midnight = endOfBusinessDate(date) - 86_400_000
  const numbers = new Map<string, string[]>()
  const { campaignId, rule } = STREET_CAMPAIGN
  for (const { merchantCode, account, branchCode, glAccount } of STREET) {
    await sql.db
      .insertInto('decks')
      .values({
        campaign_id: campaignId,
        merchant_code: merchantCode,
        business_date: date,
        version: 1,
        commitment: 'none',
        amounts_fen: new Array(rule.slots).fill(800),
        exposure_fen: 800 * rule.slots,
        dealt_at: midnight,
        key_id: null,
        closed_at: null,
        branch_code: branchCode,
        gl_account: glAccount,
      })
      .execute()
    const rows = paidAt(merchantCode).map(({ payerId, amountFen, minute }, slot) => {
      const createdAt = midnight + minute * 60_000
      const card = { campaignId, slot }
      const made = newOrder({
        payerId,
        merchantCode,
        amountFen,
        card,
        discountFen: 800,
        deckDate: date,
        businessDate: date,
        createdAt,
      })
      const order = { ...made, branchCode, accounts: { payer: 'acct-payer', merchant: account, gl: glAccount } }
      const ended = { state: 'paid' as const, ended_at: createdAt + 800, channel_trade_no: `b-${order.orderNo}` }
      return { ...orderRow(order, 0), ...ended, next_query_at: null }
    })
    if (rows.length > 0)
      await sql.db
        .insertInto('orders')
        .values(rows as never)
        .execute()
    numbers.set(
      merchantCode,
      rows.map((row) => row.order_no),
    )
  }
  return numbers
}
