import { randomBytes } from 'node:crypto'
import type { Campaign } from '../../../../server/domain/campaign'
import { CHANNELS } from '../../../../server/domain/channel'
import { newOrderNo, type Order } from '../../../../server/domain/order'
import { type Posting, postingsOf } from '../../../../server/domain/posting'
import { figures } from '../../../../server/domain/quote'
import type { ChannelReply, Ledger, Merchant, OpenOrder } from '../../../../server/flow/ports'

export const DATE = '2026-11-21'
export const NOON = Date.parse('2026-11-21T12:00:00+08:00')

/** A name nobody else uses, so that tests share a database without meeting. */
export const unique = (prefix: string) => `${prefix}-${randomBytes(6).toString('hex')}`

export interface Wanted {
  payerId?: string
  channel?: Order['channel']
  merchantCode?: string
  amountFen?: number
  /** a card of this campaign's deck, with its discount */
  card?: { campaignId: string; slot: number; commitment?: string }
  /** of the card's deck; the order's own day unless told */
  deckDate?: string
  discountFen?: number
  createdAt?: number
  businessDate?: string
  /** with which agreement, and the bank's name of its account */
  payerRef?: string
  account?: string
  /** the account that is paid into */
  payee?: string
}

export function newOrder(wanted: Wanted = {}): Order {
  const { amountFen = 10_000, card = null, deckDate = DATE, discountFen = card ? 1_000 : 0 } = wanted
  return {
    orderNo: newOrderNo(DATE, randomBytes(12)),
    quoteNonce: unique('quote'),
    payerId: wanted.payerId ?? unique('payer'),
    payerRef: wanted.payerRef ?? 'agreement-1',
    merchantCode: wanted.merchantCode ?? unique('M'),
    channel: wanted.channel ?? 'bank',
    businessDate: wanted.businessDate ?? DATE,
    figures: figures(amountFen, discountFen, 50),
    card: card && { ...card, businessDate: deckDate },
    reason: card ? null : 'sold-out',
    accounts: { payer: wanted.account ?? 'acc-payer', merchant: wanted.payee ?? 'acc-merchant', gl: 'gl-east' },
    branchCode: 'B-East',
    state: 'paying',
    createdAt: wanted.createdAt ?? NOON,
    payBy: null,
    action: null,
    endedAt: null,
    channelTradeNo: null,
    verification: null,
    closeReason: null,
  }
}

/** How it is asked to be opened: a key of its own, a limit nobody reaches, a query that no test's sweeper comes to. */
export function opening(order: Order, changed: Partial<OpenOrder> = {}): OpenOrder {
  const idempotency = { key: unique('key'), inputHash: 'a1'.repeat(32) }
  const request = { orderNo: order.orderNo }
  return { order, idempotency, dailyLimitFen: 50_000_000, request, firstQueryAt: NOON + 3_000, ...changed }
}

export async function opened(ledger: Ledger, wanted: Wanted = {}, changed: Partial<OpenOrder> = {}): Promise<Order> {
  const order = newOrder(wanted)
  const result = await ledger.openOrder(opening(order, changed))
  if (result.kind !== 'opened') throw new Error(`not opened: ${result.kind}`)
  return order
}

export function paid(order: Order, endedAt = NOON + 800, postings: readonly Posting[] = postingsOf(order)) {
  const channelTradeNo = `bank-${order.orderNo}`
  return { state: 'paid' as const, channelTradeNo, verification: 'sms' as const, postings, endedAt }
}

export const closed = (endedAt = NOON + 800) => ({
  state: 'closed' as const,
  closeReason: 'insufficient-funds',
  endedAt,
})

/** Ends what other tests left open: at the time of the next one it would be planned too far ahead, and so be due. */
export async function endEverything(ledger: Ledger): Promise<void> {
  for (const { order } of await ledger.claimDue(CHANNELS, NOON + 1e9, 1_000))
    await ledger.endOrder(order, closed(), null)
  for (const order of await ledger.claimReturns(NOON + 1e9, 1_000)) await ledger.slotReturned(order.orderNo, true)
}

export const SUCCEEDED: ChannelReply = {
  verb: 'pay',
  outcome: { kind: 'succeeded', channelTradeNo: 'bank-1' },
  raw: { code: '0000', memo: 'a text with \u0000 in it' },
}

export const UNKNOWN: ChannelReply = { verb: 'query', outcome: { kind: 'unknown', code: 'timeout' }, raw: null }

export function newMerchant(): Merchant {
  const merchantCode = unique('M')
  const branch = { branchCode: 'B-East', branchName: '城东支行', glAccount: 'gl-east' }
  return { merchantCode, name: '老王面馆', account: `acc-${merchantCode}`, walletAccounts: {}, ...branch }
}

export function newCampaign(changed: Partial<Campaign> = {}): Campaign {
  return {
    campaignId: unique('campaign'),
    version: 1,
    name: '美食街扫码立减',
    organiser: '某银行',
    state: 'running',
    startDate: '2026-11-01',
    endDate: '2026-11-30',
    rule: {
      thresholdFen: 1_000,
      slots: 20,
      minFen: 1,
      maxFen: 1_000,
      bandMinFen: 700,
      bandMaxFen: 900,
      bandPercent: 80,
      payerPercent: 50,
    },
    budgetFen: 10_000_000,
    dailyBudgetFen: null,
    windows: [],
    maxPerPayerPerDay: 1,
    maxPerPayerPerCampaignDay: null,
    channels: ['bank'],
    ...changed,
  }
}

/** Runs it `count` times at once and gives how often each kind of result came. */
export async function tally(count: number, run: (nth: number) => Promise<{ kind: string } | string>) {
  const results = await Promise.all(Array.from({ length: count }, (_, nth) => run(nth)))
  const kinds = results.map((result) => (typeof result === 'string' ? result : result.kind))
  return Object.fromEntries([...new Set(kinds)].map((kind) => [kind, kinds.filter((one) => one === kind).length]))
}
