import type {
  BankView,
  MerchantOrderView,
  MerchantSummaryView,
  MerchantView,
  OrderView,
  QuoteView,
  RulesView,
} from '@contract'
import type { FakeAnswer, FakeRequest } from './taro'

/** Answers of the BFF in the contract's types, for tests of pages; each takes what a test wants different. */

const SESSION = { token: 'token-1', expiresAt: '2099-01-01T00:00:00.000Z' }

export const merchant: MerchantView = {
  code: 'M0001',
  name: '老街牛肉面',
  branchName: '城南支行',
  bankName: '南城银行',
  channels: [{ name: 'bank', label: '本行账户', needs: 'anywhere', jumps: false, carriesDiscount: true }],
  offer: {
    campaignId: 'c1',
    campaignName: '美食街随机立减',
    headline: '满10元最高减5元',
    thresholdFen: 1_000,
    maxPayerDiscountFen: 500,
    usual: { minFen: 350, maxFen: 450 },
    merchantPercent: 50,
    slotsToday: 20,
    remainingToday: 12,
    reason: null,
    availableAt: null,
    paused: false,
  },
}

export const bank: BankView = {
  name: '南城银行',
  phone: '021-9550 5555',
  complaints: '拨打上面的电话转 2，15 天内答复',
}

export const agreements = {
  items: [
    {
      agreementId: 'a1',
      bankName: '南城银行',
      accountTail: '6217',
      kind: 'debit',
      isDefault: true,
      small: null,
      createdAt: '2026-11-01T00:00:00.000Z',
    },
  ],
}

/** Figures of an order with a discount split in halves. */
export function figuresOf(amountFen: number, discountFen: number) {
  const payerDiscountFen = Math.ceil(discountFen / 2)
  const merchantRewardFen = discountFen - payerDiscountFen
  return {
    amountFen,
    discountFen,
    payerDiscountFen,
    merchantRewardFen,
    payableFen: amountFen - payerDiscountFen,
    merchantReceivesFen: amountFen + merchantRewardFen,
  }
}

/** What each page says of what can be given: once, since all three say the same. */
export const TODAYS: [string, Omit<RulesView['today'], 'slotsToday'>][] = [
  ['今日还剩 1 份', { remainingToday: 1, reason: null, availableAt: null }],
  ['优惠名额暂时被占用', { remainingToday: 3, reason: 'all-held', availableAt: null }],
  ['今日优惠已发完', { remainingToday: 0, reason: 'sold-out', availableAt: null }],
  ['活动暂停中', { remainingToday: 0, reason: 'campaign-paused', availableAt: null }],
  ['活动经费已用完', { remainingToday: 0, reason: 'budget-exhausted', availableAt: null }],
  ['优惠暂时不可用', { remainingToday: null, reason: 'discount-unavailable', availableAt: null }],
  ['活动尚未开始', { remainingToday: 0, reason: 'campaign-not-started', availableAt: null }],
  ['活动已结束', { remainingToday: 0, reason: 'campaign-ended', availableAt: null }],
]

let quotes = 0

/** A quote kept for two minutes from now. */
export function quoteOf(amountFen: number, discountFen = 1_000, more: Partial<QuoteView> = {}): QuoteView {
  const expiresAt = new Date(Date.now() + 120_000).toISOString()
  const rest = { reason: null, availableAt: null, discountRange: null, card: null }
  return { quoteId: `quote-${++quotes}`, ...figuresOf(amountFen, discountFen), expiresAt, ...rest, ...more }
}

export function orderOf(more: Partial<OrderView> = {}): OrderView {
  return {
    orderNo: 'F20261120-7K3M-92QX-4T8B',
    state: 'paid',
    merchantCode: 'M0001',
    merchantName: '老街牛肉面',
    branchName: '城南支行',
    channel: 'bank',
    bankName: '南城银行',
    accountTail: '6217',
    ...figuresOf(10_000, 1_000),
    refundedFen: 0,
    reason: null,
    slotNumber: 8,
    card: null,
    businessDate: '2026-11-20',
    createdAt: '2026-11-20T04:08:30.000Z',
    endedAt: '2026-11-20T04:08:31.000Z',
    closeReason: null,
    verification: 'sms',
    action: null,
    ...more,
  }
}

export function summaryOf(more: Partial<MerchantSummaryView> = {}): MerchantSummaryView {
  return {
    merchantCode: 'M0001',
    merchantName: '老街牛肉面',
    role: 'owner',
    accountTail: '6001',
    businessDate: '2026-11-20',
    orderCount: 37,
    amountFen: 281_500,
    rewardCount: 8,
    rewardFen: 3_135,
    refundCount: 0,
    refundedFen: 0,
    receivedFen: 284_635,
    settlements: [],
    slots: { total: 20, used: 8 },
    today: { slotsToday: 20, remainingToday: 12, reason: null, availableAt: null },
    campaign: { name: '美食街随机立减', startDate: '2026-11-01', endDate: '2026-12-31', paused: null },
    hold: null,
    accountChange: null,
    ...more,
  }
}

export function arrivalOf(orderNo: string, paidAt: string, more: Partial<MerchantOrderView> = {}): MerchantOrderView {
  return {
    orderNo,
    channel: 'bank',
    amountFen: 10_000,
    merchantRewardFen: 500,
    merchantReceivesFen: 10_500,
    refundedFen: 0,
    returnedFen: 0,
    paidAt,
    ...more,
  }
}

export function problem(status: number, code: string, header: Record<string, string> = {}): FakeAnswer {
  return { status, data: { type: 'about:blank', title: code, status, code }, header }
}

type Route = (request: FakeRequest) => FakeAnswer | Promise<FakeAnswer>

/** A BFF of these routes, keyed `POST /api/quotes`; logins, the merchant and the agreements are there already, and no order. */
export function bff(routes: Record<string, Route>): Route {
  const all: Record<string, Route> = {
    'POST /api/session': () => ({ data: SESSION }),
    'POST /api/merchant/session': () => ({ data: { ...SESSION, merchant: { code: 'M0001', name: '老街牛肉面' } } }),
    'GET /api/login-way': () => ({ data: { way: 'name' } }),
    'GET /api/merchants/M0001': () => ({ data: merchant }),
    'GET /api/agreements': () => ({ data: agreements }),
    'GET /api/bank': () => ({ data: bank }),
    'GET /api/orders': () => ({ data: { items: [] } }),
    ...routes,
  }
  return (request) => {
    const [path = ''] = request.path.split('?')
    return all[`${request.method} ${path}`]?.(request) ?? problem(404, 'not-found')
  }
}
