import fc from 'fast-check'
import {
  type Campaign,
  type CampaignState,
  disqualify,
  headline,
  maxPayerDiscountFen,
  NO_DISCOUNT_REASONS,
  type NoDiscountReason,
  reasonWords,
  stateOn,
  usualPayerRange,
} from '../../server/domain/campaign'
import type { ChannelName } from '../../server/domain/channel'
import { deal } from '../../server/domain/deck'
import { figures } from '../../server/domain/quote'
import { CASE_RULE, seeds, validRules } from './arbitraries'

const { startDate, endDate, ...rule } = CASE_RULE
const running: Campaign = {
  campaignId: 'food-street',
  version: 1,
  name: 'Food street',
  organiser: 'The bank',
  state: 'running',
  startDate,
  endDate,
  rule,
  budgetFen: 100_000_000,
  dailyBudgetFen: null,
  windows: [],
  maxPerPayerPerDay: null,
  maxPerPayerPerCampaignDay: null,
  channels: ['bank'],
}
const qualified = { channel: 'bank' as ChannelName, amountFen: 1_000, businessDate: '2026-11-21', at: 0 }

describe('qualification', () => {
  it.each<[string, Partial<typeof qualified>]>([
    ['exactly at the threshold', {}],
    ['far above it', { amountFen: 5_000_000 }],
    ['on the first day', { businessDate: startDate }],
    ['on the last day', { businessDate: endDate }],
  ])('lets an order take a card %s', (_, change) => {
    expect(disqualify(running, { ...qualified, ...change })).toBeNull()
  })

  it('lets an order take a card within its windows alone, whenever it was quoted', () => {
    const lunch = { ...running, windows: [{ weekdays: [6], from: '11:00', to: '14:00' }] }
    const ask = (clock: string) => disqualify(lunch, { ...qualified, at: Date.parse(`2026-11-21T${clock}+08:00`) })
    expect(['10:59:59.999', '11:00', '13:59:59.999', '14:00'].map(ask)).toEqual([
      ...['outside-window', null, null, 'outside-window'],
    ])
    expect(reasonWords(lunch, 'outside-window')).toBe('优惠时段是周六 11:00–14:00')
    expect(disqualify({ ...lunch, state: 'paused' }, qualified)).toBe('campaign-paused')
    expect(reasonWords({ ...running, dailyBudgetFen: 1 }, 'budget-exhausted')).toBe('今天的活动经费已用完')
    expect(reasonWords(running, 'budget-exhausted')).toBeNull()
  })

  it.each<[NoDiscountReason, string, Partial<Campaign> | undefined, Partial<typeof qualified>]>([
    ['not-in-campaign', 'at a merchant of no campaign', undefined, {}],
    ['campaign-not-started', 'while it is a draft', { state: 'draft' }, {}],
    ['campaign-not-started', 'while it awaits its review', { state: 'submitted' }, {}],
    [
      'campaign-not-started',
      'before the start of what is approved',
      { state: 'approved' },
      { businessDate: '2026-10-31' },
    ],
    ['campaign-ended', 'after the end of what was approved', { state: 'approved' }, { businessDate: '2026-12-01' }],
    ['campaign-not-started', 'the day before it begins', {}, { businessDate: '2026-10-31' }],
    ['campaign-paused', 'while it is paused', { state: 'paused' }, {}],
    ['campaign-ended', 'after it was ended', { state: 'ended' }, {}],
    ['campaign-ended', 'the day after its last', {}, { businessDate: '2026-12-01' }],
    [
      'campaign-ended',
      'after its last day, though it was left paused',
      { state: 'paused' },
      { businessDate: '2026-12-01' },
    ],
    ['channel-not-eligible', 'paid through WeChat', {}, { channel: 'wechatpay' }],
    ['channel-not-eligible', 'paid through the bank where another channel carries it', { channels: ['alipay'] }, {}],
    ['channel-not-eligible', 'paid through Alipay', {}, { channel: 'alipay' }],
    ['below-threshold', 'one fen below the threshold', {}, { amountFen: 999 }],
  ])('refuses as %s an order %s', (reason, _, campaign, order) => {
    expect(disqualify(campaign && { ...running, ...campaign }, { ...qualified, ...order })).toBe(reason)
  })

  it('lets an order in from the start date of what is approved, though no job has said that it runs', () => {
    expect(disqualify({ ...running, state: 'approved' }, { ...qualified, businessDate: startDate })).toBeNull()
  })

  it('lets an order in only while running, on its days, through the bank, at the threshold', () => {
    const states: CampaignState[] = ['draft', 'submitted', 'approved', 'running', 'paused', 'ended']
    const orders = fc.record({
      channel: fc.constantFrom<ChannelName>('bank', 'wechatpay', 'alipay'),
      amountFen: fc.integer({ min: 990, max: 1_010 }),
      businessDate: fc.constantFrom('2026-10-31', '2026-11-01', '2026-11-30', '2026-12-01'),
    })
    fc.assert(
      fc.property(fc.constantFrom(...states), orders, (state, order) => {
        const reason = disqualify({ ...running, state }, { ...order, at: 0 })
        const day = order.businessDate >= startDate && order.businessDate <= endDate
        const may =
          (state === 'running' || state === 'approved') && day && order.channel === 'bank' && order.amountFen >= 1_000
        expect(reason === null).toBe(may)
        if (reason !== null) expect(NO_DISCOUNT_REASONS).toContain(reason)
      }),
      { numRuns: 500 },
    )
  })
})

describe('the headline', () => {
  it('of the case promises the payer half of the largest card', () => {
    expect(headline(rule)).toBe('满10元最高减5元')
  })

  it.each([
    [{ thresholdFen: 1_050, maxFen: 999 }, '满10.5元最高减5元'],
    [{ payerPercent: 100, thresholdFen: 2_000 }, '满20元最高减10元'],
    [{ payerPercent: 33 }, '满10元最高减3.3元'],
    [{ thresholdFen: 100_000 }, '满1000元最高减5元'],
  ])('follows the rule: %j', (change, text) => {
    expect(headline({ ...rule, ...change })).toBe(text)
  })

  it('is honest: no card gives the payer more, and the largest that a deck can hold gives exactly that', () => {
    fc.assert(
      fc.property(validRules, seeds, (any, seed) => {
        const promised = maxPayerDiscountFen(any)
        const payerGets = (card: number) => figures(any.thresholdFen, card, any.payerPercent).payerDiscountFen
        const deck = deal(any, seed)
        for (const card of deck) expect(payerGets(card)).toBeLessThanOrEqual(promised)
        const inBand = deck.every((card) => card >= any.bandMinFen && card <= any.bandMaxFen)
        expect(payerGets(inBand ? any.bandMaxFen : any.maxFen)).toBe(promised)
      }),
    )
  })
})

describe('what most payers get', () => {
  it.each([
    [{}, { minFen: 350, maxFen: 450 }],
    [{ payerPercent: 33 }, { minFen: 231, maxFen: 297 }],
    [{ bandPercent: 50 }, null],
    [{ bandMinFen: rule.minFen, bandMaxFen: rule.maxFen }, null],
    [{ payerPercent: 0 }, null],
  ])('follows the rule: %j', (change, usual) => {
    expect(usualPayerRange({ ...rule, ...change })).toEqual(usual)
  })

  it('is honest: more than half of every deck lies in it', () => {
    fc.assert(
      fc.property(validRules, seeds, (any, seed) => {
        const usual = usualPayerRange(any)
        fc.pre(usual !== null)
        const payerGets = (card: number) => figures(any.thresholdFen, card, any.payerPercent).payerDiscountFen
        const within = deal(any, seed).filter(
          (card) => payerGets(card) >= usual!.minFen && payerGets(card) <= usual!.maxFen,
        )
        expect(within.length * 2).toBeGreaterThan(any.slots)
      }),
    )
  })
})

describe('the state of a campaign on a date', () => {
  const period = { startDate: '2026-11-10', endDate: '2026-11-20' }
  const [before, first, last, after] = ['2026-11-09', '2026-11-10', '2026-11-20', '2026-11-21']
  it.each<[CampaignState, ...CampaignState[]]>([
    ['draft', 'draft', 'draft', 'draft', 'draft'],
    ['submitted', 'submitted', 'submitted', 'submitted', 'submitted'],
    ['approved', 'approved', 'running', 'running', 'ended'],
    ['running', 'running', 'running', 'running', 'ended'],
    ['paused', 'paused', 'paused', 'paused', 'ended'],
    ['ended', 'ended', 'ended', 'ended', 'ended'],
  ])('%s is by date: before %s, on the first day %s, on the last %s, after %s', (state, ...expected) => {
    expect([before, first, last, after].map((date) => stateOn({ state, ...period }, date!))).toEqual(expected)
  })
})
