import type { Selectable } from 'kysely'
import type { Campaign } from '../../domain/campaign'
import { ENCLOSING_BYTES } from '../../domain/enclose'
import type { Order } from '../../domain/order'
import type { DealtDeck } from '../../flow/ports'
import type { CampaignRow, DeckRow, OrderRow } from './tables'

/** Rows and domain objects, both ways. Numbers arrive as numbers (open-sql.ts). */

/**
 * Columns are named in statements and never `*`: a migration may add one while processes of the version before still run,
 * and a prepared `select *` would fail in them.
 */
const ORDER_COLUMNS = Object.keys({
  order_no: 0,
  quote_nonce: 0,
  payer_id: 0,
  payer_ref: 0,
  merchant_code: 0,
  channel: 0,
  business_date: 0,
  amount_fen: 0,
  discount_fen: 0,
  payer_discount_fen: 0,
  merchant_reward_fen: 0,
  payable_fen: 0,
  merchant_receives_fen: 0,
  campaign_id: 0,
  deck_date: 0,
  slot: 0,
  deck_commitment: 0,
  reason: 0,
  payer_account: 0,
  merchant_account: 0,
  gl_account: 0,
  branch_code: 0,
  state: 0,
  created_at: 0,
  pay_by: 0,
  action: 0,
  ended_at: 0,
  channel_trade_no: 0,
  verification: 0,
  close_reason: 0,
  attempts: 0,
  next_query_at: 0,
} satisfies Record<keyof OrderRow, 0>)

/** The columns of {@link OrderRow}, each of the table or alias when one is given. */
export function orderColumns(of?: string): string {
  return ORDER_COLUMNS.map((column) => (of ? `${of}.${column}` : column)).join(', ')
}

export function orderOf(row: OrderRow): Order {
  return {
    orderNo: row.order_no,
    quoteNonce: row.quote_nonce,
    payerId: row.payer_id,
    payerRef: row.payer_ref,
    merchantCode: row.merchant_code,
    channel: row.channel,
    businessDate: row.business_date,
    figures: {
      amountFen: row.amount_fen,
      discountFen: row.discount_fen,
      payerDiscountFen: row.payer_discount_fen,
      merchantRewardFen: row.merchant_reward_fen,
      payableFen: row.payable_fen,
      merchantReceivesFen: row.merchant_receives_fen,
    },
    card: cardOf(row),
    reason: row.reason,
    accounts: { payer: row.payer_account, merchant: row.merchant_account, gl: row.gl_account },
    branchCode: row.branch_code,
    state: row.state,
    createdAt: row.created_at,
    payBy: row.pay_by,
    action: row.action,
    endedAt: row.ended_at,
    channelTradeNo: row.channel_trade_no,
    verification: row.verification,
    closeReason: row.close_reason,
  }
}

function cardOf(row: OrderRow): Order['card'] {
  const { campaign_id: campaignId, deck_date: businessDate, slot, deck_commitment: commitment } = row
  if (campaignId === null || businessDate === null || slot === null) return null
  return { campaignId, businessDate, slot, ...(commitment && { commitment }) }
}

/** `firstQueryAt`: when the sweeper may first ask, ms. */
export function orderRow(order: Order, firstQueryAt: number): OrderRow {
  return {
    order_no: order.orderNo,
    quote_nonce: order.quoteNonce,
    payer_id: order.payerId,
    payer_ref: order.payerRef,
    merchant_code: order.merchantCode,
    channel: order.channel,
    business_date: order.businessDate,
    amount_fen: order.figures.amountFen,
    discount_fen: order.figures.discountFen,
    payer_discount_fen: order.figures.payerDiscountFen,
    merchant_reward_fen: order.figures.merchantRewardFen,
    payable_fen: order.figures.payableFen,
    merchant_receives_fen: order.figures.merchantReceivesFen,
    campaign_id: order.card?.campaignId ?? null,
    deck_date: order.card?.businessDate ?? null,
    slot: order.card?.slot ?? null,
    deck_commitment: order.card?.commitment ?? null,
    reason: order.reason,
    payer_account: order.accounts.payer,
    merchant_account: order.accounts.merchant,
    gl_account: order.accounts.gl,
    branch_code: order.branchCode,
    state: order.state,
    created_at: order.createdAt,
    pay_by: order.payBy,
    action: order.action,
    ended_at: order.endedAt,
    channel_trade_no: order.channelTradeNo,
    verification: order.verification,
    close_reason: order.closeReason,
    attempts: 0,
    next_query_at: firstQueryAt,
  }
}

export function campaignOf(row: Selectable<CampaignRow>): Campaign {
  return {
    campaignId: row.campaign_id,
    version: row.version,
    name: row.name,
    organiser: row.organiser,
    state: row.state,
    startDate: row.start_date,
    endDate: row.end_date,
    rule: row.rule,
    budgetFen: row.budget_fen,
    dailyBudgetFen: row.daily_budget_fen,
    windows: row.windows,
    maxPerPayerPerDay: row.max_per_payer_per_day,
    maxPerPayerPerCampaignDay: row.max_per_payer_per_campaign_day,
    channels: row.channels,
  }
}

/** Of a deck, named or aliased so: how many cards lie in it, also while they are sealed (deck-seal.ts). */
export function cardsIn(deck: string): string {
  return `coalesce(cardinality(${deck}.amounts_fen), (octet_length(${deck}.sealed) - ${ENCLOSING_BYTES}) / 2)`
}

export function deckOf(row: Omit<DeckRow, 'exposure_fen' | 'closed_at' | 'branch_code' | 'gl_account'>): DealtDeck {
  return {
    campaignId: row.campaign_id,
    merchantCode: row.merchant_code,
    businessDate: row.business_date,
    version: row.version,
    commitment: row.commitment,
    cards: row.sealed ?? row.amounts_fen!,
    dealtAt: row.dealt_at,
    keyId: row.key_id,
    ...(row.beacon && { beacon: row.beacon }),
  }
}
