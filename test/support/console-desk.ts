import type {
  ActionView,
  AdminMerchant,
  AdminOrderDetail,
  AdminRefund,
  ChangeRequestView,
  DifferenceView,
  MerchantUser,
  ReconciliationDay,
  ReconciliationView,
} from '@contract'

/** Answers of the desk's endpoints (merchants, orders, books, log) in the contract's types; each takes what differs. */

/** A change request that waits; of a merchant's settlement account unless said. */
export function requestOf(more: Partial<ChangeRequestView> = {}): ChangeRequestView {
  return {
    changeId: 'R1',
    kind: 'merchant.account',
    subject: 'merchant/M0001',
    branchCode: 'B01',
    before: { name: '老街牛肉面', branchCode: 'B01', account: 'acct-M0001' },
    after: { name: '老街牛肉面', branchCode: 'B01', account: 'acct-5678' },
    lineCount: 1,
    delayed: true,
    note: '换了银行卡',
    askedBy: 'maker',
    askedAt: '2026-11-20T01:00:00.000Z',
    state: 'open',
    reviewedBy: null,
    reviewedAt: null,
    reviewNote: null,
    effectiveAt: null,
    reason: null,
    revision: 1,
    mayApprove: true,
    mayReject: true,
    mayWithdraw: false,
    ...more,
  }
}

export function adminMerchant(more: Partial<AdminMerchant> = {}): AdminMerchant {
  return {
    code: 'M0001',
    name: '老街牛肉面',
    branchCode: 'B01',
    branchName: '城南支行',
    glAccount: '6421-03',
    account: 'acct-M0001',
    walletAccounts: { wechatpay: '1900000001' },
    disabled: false,
    userCount: 1,
    campaign: { campaignId: 'food-street', name: '美食街扫码立减' },
    today: { date: '2026-11-20', orders: 12, discounted: 5 },
    ...more,
  }
}

export function merchantUser(more: Partial<MerchantUser> = {}): MerchantUser {
  return {
    bindingId: '7',
    userTail: 'yH8o',
    role: 'cashier',
    boundAt: '2026-11-20T02:00:00.000Z',
    unboundAt: null,
    ...more,
  }
}

export function adminOrder(more: Partial<AdminOrderDetail> = {}): AdminOrderDetail {
  return {
    orderNo: 'F20261120-7K3M-92QX-4T8B',
    state: 'paid',
    merchantCode: 'M0001',
    merchantName: '老街牛肉面',
    businessDate: '2026-11-20',
    channel: 'bank',
    channelTradeNo: 'B1',
    amountFen: 10_000,
    discountFen: 1_000,
    payerDiscountFen: 500,
    merchantRewardFen: 500,
    payableFen: 9_500,
    merchantReceivesFen: 10_500,
    campaignId: 'food-street',
    slot: 7,
    glAccount: '6421-03',
    createdAt: '2026-11-20T04:08:30.000Z',
    endedAt: '2026-11-20T04:08:31.000Z',
    closeReason: null,
    reason: null,
    verification: 'sms',
    payerRefundedFen: 0,
    walletPaid: null,
    events: [
      { at: '2026-11-20T04:08:30.000Z', kind: 'opened', verb: null, code: null, conflict: null },
      { at: '2026-11-20T04:08:31.000Z', kind: 'paid', verb: 'pay', code: null, conflict: null },
    ],
    postings: [
      { role: 'payer', account: null, amountFen: -9_500, refundNo: null, correctionId: null },
      { role: 'gl', account: '6421-03', amountFen: -1_000, refundNo: null, correctionId: null },
      { role: 'merchant', account: 'acct-M0001', amountFen: 10_500, refundNo: null, correctionId: null },
    ],
    ...more,
  }
}

export function adminRefund(more: Partial<AdminRefund> = {}): AdminRefund {
  return {
    refundNo: 'R20261120-1111-2222-3333',
    orderNo: 'F20261120-7K3M-92QX-4T8B',
    merchantCode: 'M0001',
    merchantName: '老街牛肉面',
    state: 'refunded',
    payerFen: 3_000,
    merchantFen: 3_315,
    glFen: 315,
    reason: '少上了一份',
    businessDate: '2026-11-20',
    createdAt: '2026-11-20T05:00:00.000Z',
    endedAt: '2026-11-20T05:00:01.000Z',
    failReason: null,
    channel: 'bank',
    lastCode: null,
    ...more,
  }
}

const NOTHING = { count: 0, fen: 0 }
const SAYS = {
  matched: { count: 7, fen: 40_890 },
  carried: { count: 1, fen: 8_434 },
  waiting: { count: 1, fen: 19_571 },
  short: NOTHING,
}

export function dayOf(more: Partial<ReconciliationDay> = {}): ReconciliationDay {
  return {
    channel: 'bank',
    date: '2026-11-20',
    state: 'differences',
    lines: 11,
    openCount: 1,
    waitingCount: 0,
    says: SAYS,
    matchedAt: '2026-11-20T17:00:20.000Z',
    ...more,
  }
}

const NONE = { count: 0, payerFen: 0, glFen: 0, merchantFen: 0 }

export function reconciliation(more: Partial<ReconciliationView> = {}): ReconciliationView {
  return {
    channel: 'bank',
    date: '2026-11-20',
    sha256: 'ab'.repeat(32),
    lines: 11,
    bank: {
      clearing: { count: 10, payerFen: -60_669, glFen: -4_788, merchantFen: 65_457 },
      refund: { count: 1, payerFen: 3_000, glFen: 104, merchantFen: -3_104 },
    },
    startedAt: '2026-11-20T17:00:00.000Z',
    matchedAt: '2026-11-20T17:00:20.000Z',
    balanced: {
      clearing: { count: 6, payerFen: -37_890, glFen: -3_077, merchantFen: 40_967 },
      refund: { count: 1, payerFen: 3_000, glFen: 104, merchantFen: -3_104 },
    },
    own: {
      clearing: { count: 9, payerFen: -66_968, glFen: -5_519, merchantFen: 72_487 },
      refund: { count: 1, payerFen: 3_000, glFen: 104, merchantFen: -3_104 },
    },
    carried: { clearing: { count: 1, payerFen: -8_434, glFen: -731, merchantFen: 9_165 }, refund: NONE },
    short: { clearing: NONE, refund: NONE },
    ownOtherDays: { clearing: NONE, refund: NONE },
    ended: 0,
    closed: 0,
    unanswered: 0,
    proven: true,
    settled: false,
    says: SAYS,
    stillOpen: NOTHING,
    openCount: 1,
    waitingCount: 0,
    differences: [{ class: 'amountMismatch', state: 'open', count: 1 }],
    reissued: null,
    ...more,
  }
}

const SIDE = {
  payerFen: -19_570,
  glFen: -859,
  merchantFen: 20_429,
  glAccount: '6421-07',
  merchantAccount: 'acct-M0002',
  currency: 'CNY',
  channelTradeNo: 'B6',
}

export function difference(more: Partial<DifferenceView> = {}): DifferenceView {
  return {
    differenceId: 'D20261120-L6',
    channel: 'bank',
    date: '2026-11-20',
    class: 'amountMismatch',
    detail: 'payer-amount',
    kind: 'clearing',
    orderNo: 'F20261120-H701-9E8P-3481',
    refundNo: null,
    own: { ...SIDE, state: 'booked' },
    bank: {
      ...SIDE,
      payerFen: -19_571,
      merchantFen: 20_430,
      payerTail: null,
      lineNo: 6,
      bookedAt: '2026-11-20T08:04:56.000Z',
    },
    proposal: {
      entries: [
        {
          what: 'reversal',
          postings: [
            { role: 'payer', account: null, amountFen: 19_570 },
            { role: 'gl', account: '6421-07', amountFen: 859 },
            { role: 'merchant', account: 'acct-M0002', amountFen: -20_429 },
          ],
        },
        {
          what: 'as-booked',
          postings: [
            { role: 'payer', account: null, amountFen: -19_571 },
            { role: 'gl', account: '6421-07', amountFen: -859 },
            { role: 'merchant', account: 'acct-M0002', amountFen: 20_430 },
          ],
        },
      ],
      refund: null,
    },
    acceptable: true,
    state: 'open',
    foundAt: '2026-11-20T17:00:10.000Z',
    resolvedAt: null,
    resolvedBy: null,
    note: null,
    proposedBy: null,
    proposedAt: null,
    revision: 1,
    mendedBy: null,
    mendedAt: null,
    next: 'propose',
    owedFen: 0,
    refund: null,
    payment: null,
    ...more,
  }
}

export function actionOf(more: Partial<ActionView> = {}): ActionView {
  return {
    actionId: 12,
    at: '2026-11-20T08:00:00.000Z',
    username: 'admin',
    action: 'operator.change',
    subject: 'operator/wang',
    before: { roles: ['maker'], branchCode: null, disabled: false },
    after: { roles: ['maker', 'checker'], branchCode: null, disabled: false },
    mac: 'c0ffee'.repeat(10),
    ...more,
  }
}
