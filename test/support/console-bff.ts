import type {
  BranchList,
  CampaignDetail,
  CampaignHistory,
  CampaignMerchant,
  CampaignSummary,
  ChangeView,
  OperatorDeckView,
  OperatorSession,
  OperatorView,
  PreviewView,
  ReviewComparison,
  ReviewItem,
  ReviewPreview,
  TemplateView,
} from '@contract'
import { homeOf } from './console-home'
import { effectOf, reportOf } from './console-report'

/** Answers of the operators' endpoints in the contract's types, for tests of the console; each takes what differs. */

export function operatorOf(more: Partial<OperatorView> = {}): OperatorView {
  return {
    username: 'maker',
    name: '王经办',
    roles: ['maker'],
    branchCode: null,
    disabled: false,
    locked: false,
    mustChangePassword: false,
    singleSignOn: false,
    secondFactor: false,
    createdAt: '2026-10-01T00:00:00.000Z',
    lastLoginAt: null,
    ...more,
  }
}

export function sessionOf(operator: Partial<OperatorView> = {}, more: Partial<OperatorSession> = {}): OperatorSession {
  return {
    token: 'token-1',
    expiresAt: '2099-01-01T00:00:00.000Z',
    refreshToken: 'refresh-1',
    refreshExpiresAt: '2099-01-01T00:00:00.000Z',
    secondFactorDue: false,
    operator: operatorOf(operator),
    ...more,
  }
}

const RULE: CampaignDetail['rule'] = {
  thresholdFen: 1_000,
  slots: 20,
  minFen: 100,
  maxFen: 1_000,
  bandMinFen: 700,
  bandMaxFen: 900,
  bandPercent: 80,
  payerPercent: 50,
}

export function changeOf(more: Partial<ChangeView> = {}): ChangeView {
  return {
    changeId: 'ch-1',
    campaignId: 'food-street',
    campaignName: '美食街扫码立减',
    kind: 'launch',
    amendment: null,
    inForce: false,
    note: null,
    madeBy: 'maker',
    madeAt: '2026-11-19T02:00:00.000Z',
    state: 'open',
    reviewedBy: null,
    reviewedAt: null,
    reviewNote: null,
    ...more,
  }
}

export function campaignSummary(more: Partial<CampaignSummary> = {}): CampaignSummary {
  return {
    campaignId: 'food-street',
    revision: 7,
    name: '美食街扫码立减',
    state: 'running',
    startDate: '2026-11-01',
    endDate: '2026-12-31',
    branchCode: null,
    headline: '满10元最高减5元',
    budgetFen: 15_000_000,
    committedFen: 3_159_380,
    merchantCount: 20,
    priority: 0,
    openChange: null,
    behind: null,
    brake: null,
    updatedAt: '2026-11-20T04:00:00.000Z',
    ...more,
  }
}

export function campaignOf(more: Partial<CampaignDetail> = {}): CampaignDetail {
  return {
    ...campaignSummary(),
    organiser: '发牌示范银行',
    version: 3,
    rule: RULE,
    branchBudgets: [{ branchCode: 'B01', branchName: '城南支行', budgetFen: 8_000_000, committedFen: 1_720_000 }],
    maxPerPayerPerDay: 1,
    maxPerPayerPerCampaignDay: null,
    dailyBudgetFen: null,
    windows: [],
    windowsWords: null,
    openToday: true,
    channels: ['bank'],
    controlCount: 4,
    maxPayerDiscountFen: 500,
    disclosure: [
      { title: '活动对象', lines: ['用本行账户付款的顾客。'] },
      { title: '优惠内容', lines: ['订单满 10 元随机立减，付款方最多得 5 元。'] },
    ],
    overlaps: [],
    madeBy: '王工',
    approvedBy: '李工',
    today: {
      businessDate: '2026-11-20',
      slots: 400,
      used: 231,
      merchants: 20,
      short: 0,
      costFen: 181_240,
      leftFen: null,
      mostFen: 320_480,
    },
    daysLeft: 36.4,
    ...more,
  }
}

export function merchantOf(more: Partial<CampaignMerchant> = {}): CampaignMerchant {
  return {
    code: 'M0001',
    name: '老街牛肉面',
    branchCode: 'B01',
    branchName: '城南支行',
    glAccount: '6421-03',
    control: false,
    deck: { total: 20, used: 8, leased: 1 },
    shortage: null,
    costFen: 6_270,
    orderCount: 37,
    soldOutAt: null,
    overruledBy: null,
    ...more,
  }
}

export const BRANCHES: BranchList = {
  items: [
    { code: 'B01', name: '城南支行', glAccount: '6421-03', revision: 1, merchantCount: 10 },
    { code: 'B02', name: '城北支行', glAccount: '6421-07', revision: 1, merchantCount: 10 },
  ],
}

export const HISTORY: CampaignHistory = {
  items: [
    { at: '2026-10-20T01:00:00.000Z', username: 'maker', action: 'campaign.create', note: null, state: 'draft' },
    {
      at: '2026-10-25T01:00:00.000Z',
      username: 'maker',
      action: 'campaign.submit',
      note: '预算已批',
      state: 'submitted',
    },
    { at: '2026-10-26T01:00:00.000Z', username: 'checker', action: 'campaign.approve', note: null, state: 'approved' },
    { at: '2026-10-31T16:00:00.000Z', username: 'system', action: 'campaign.start', note: null, state: 'running' },
  ],
}

export function reviewOf(more: Partial<ReviewItem> = {}): ReviewItem {
  return {
    ...changeOf({
      kind: 'amend',
      amendment: { endDate: '2027-01-31', budgetFen: 20_000_000 },
      note: '商户反应好，延长一个月',
    }),
    revision: 7,
    mayReview: true,
    diff: [
      { field: 'endDate', before: '2026-12-31', after: '2027-01-31' },
      { field: 'budgetFen', before: 15_000_000, after: 20_000_000 },
    ],
    ...more,
  }
}

export function comparisonOf(more: Partial<ReviewComparison> = {}): ReviewComparison {
  const counts = { compared: false, merchants: 2, controls: 0, added: 2, removed: 0, turned: 0 }
  return { since: null, counts, items: [], ...more }
}

export function deckOf(more: Partial<OperatorDeckView> = {}): OperatorDeckView {
  return {
    campaignId: 'food-street',
    merchantCode: 'M0001',
    merchantName: '老街牛肉面',
    businessDate: '2026-11-20',
    version: 3,
    rule: RULE,
    commitment: '9f3a'.repeat(16),
    dealtAt: '2026-11-19T16:00:04.000Z',
    closedAt: null,
    wantedSlots: 20,
    beacon: null,
    seed: null,
    usedCount: 8,
    archived: null,
    slots: Array.from({ length: 20 }, (_, slot) => ({
      slot,
      state: slot < 8 ? ('used' as const) : slot === 8 ? ('held' as const) : ('free' as const),
      amountFen: slot < 8 ? 700 + slot * 23 : null,
      orderNo: slot < 9 ? `F20261120-7K3M-92QX-${String(1_000 + slot)}` : null,
    })),
    ...more,
  }
}

export function previewOf(more: Partial<PreviewView> = {}): PreviewView {
  const amountsFen = Array.from({ length: 20 }, (_, i) => (i % 5 === 0 ? 150 + i * 24 : 700 + ((i * 67) % 200)))
  return {
    faults: [],
    sample: { amountsFen, inBand: 16 },
    forecast: {
      mostPerDayFen: 320_000,
      mostFen: 15_000_000,
      expectedPerDayFen: 228_000,
      expectedFen: 13_908_000,
      p05Fen: 13_611_000,
      p95Fen: 14_204_000,
      runs: 1_000,
      days: 52,
      merchantsADay: 20,
      budgetLastsDays: 65.8,
      sellOutShare: 0.12,
    },
    headline: '满10元最高减5元',
    disclosure: campaignOf().disclosure,
    ...more,
  }
}

/** What the amendment that waits would be: a month longer. */
export function outlookOf(more: Partial<ReviewPreview> = {}): ReviewPreview {
  const { disclosure } = campaignOf()
  const longer = [{ title: '活动时间', lines: ['2026-11-10 至 2027-02-07，每日 0:00–24:00（北京时间）'] }]
  return {
    ...previewOf({ disclosure: [...longer, ...disclosure] }),
    rule: RULE,
    basis: { from: '2026-11-20', to: '2027-02-07', days: 80, merchantCount: 20, budgetFen: 12_000_000 },
    published: disclosure,
    ...more,
  }
}

export function templateOf(more: Partial<TemplateView> = {}): TemplateView {
  return {
    templateId: 'T0011223344556677',
    name: '午市立减',
    branchCode: null,
    terms: {
      ...{ organiser: '发牌示范银行', rule: RULE, budgetFen: 15_000_000, dailyBudgetFen: 400_000 },
      windows: [{ weekdays: [1, 2, 3, 4, 5], from: '11:00', to: '14:00' }],
      branchBudgets: [{ branchCode: 'B01', budgetFen: 8_000_000 }],
      ...{ maxPerPayerPerDay: 1, maxPerPayerPerCampaignDay: 3, channels: ['bank'], priority: 2 },
    },
    madeBy: 'maker2',
    madeAt: '2026-11-18T02:00:00.000Z',
    mayDelete: true,
    ...more,
  }
}

/** A refusal as the server writes it. */
export const refusal = (status: number, code: string, field?: string, reason?: string, detail?: string) => ({
  status,
  data: { type: `urn:fapai:problem:${code}`, title: code, status, code, field, reason, detail },
})

export interface Asked {
  method: string
  /** without its query */
  path: string
  query: URLSearchParams
  body: unknown
  headers: ReadonlyMap<string, string>
}
export type Given =
  | {
      status?: number
      data?: unknown
      headers?: Record<string, string>
      /** of a file that comes piece by piece; undefined: it is whole */
      pieces?: Promise<string | undefined>[]
    }
  | 'offline'
export type Routes = Record<string, (asked: Asked) => Given | Promise<Given>>

/** What the console reads on most pages. */
export const ROUTES: Routes = {
  'GET /admin/notifications/unread': () => ({ data: { unread: 0, more: false } }),
  'GET /admin/home': () => ({ data: homeOf() }),
  'GET /admin/session/ways': () => ({ data: { password: true, singleSignOn: null } }),
  'GET /admin/campaigns/food-street/review': () => ({ data: comparisonOf() }),
  'GET /admin/campaigns/food-street/review/preview': () => ({ data: outlookOf() }),
  'GET /admin/reviews': () => ({ data: { items: [] } }),
  'GET /admin/changes': () => ({ data: { items: [] } }),
  'GET /admin/brake': () => ({ data: { all: null, merchants: [] } }),
  'GET /admin/branches': () => ({ data: BRANCHES }),
  'GET /admin/templates': () => ({ data: { items: [templateOf()] } }),
  'GET /admin/sketches': () => ({ data: { items: [] } }),
  'GET /admin/sketches/campaign%3Anew': () => ({ data: { sketch: null } }),
  'GET /admin/sketches/campaign%3Afood-street': () => ({ data: { sketch: null } }),
  'PUT /admin/sketches/campaign%3Anew': () => ({ data: { revision: 1 } }),
  'PUT /admin/sketches/campaign%3Afood-street': () => ({ data: { revision: 1 } }),
  'GET /admin/campaigns': () => ({ data: { items: [campaignSummary()] } }),
  'GET /admin/campaigns/food-street': () => ({ data: campaignOf() }),
  'GET /admin/campaigns/food-street/history': () => ({ data: HISTORY }),
  'GET /admin/campaigns/food-street/merchants': () => ({ data: { items: [merchantOf()] } }),
  'GET /admin/campaigns/food-street/report': () => ({ data: reportOf() }),
  'GET /admin/campaigns/food-street/effect': () => ({ data: effectOf() }),
  'GET /admin/campaigns/food-street/decks/M0001/2026-11-20': () => ({ data: deckOf() }),
  'POST /admin/campaigns/preview': () => ({ data: previewOf() }),
}
