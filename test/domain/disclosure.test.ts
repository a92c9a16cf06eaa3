import fc from 'fast-check'
import type { Campaign } from '../../server/domain/campaign'
import { deal } from '../../server/domain/deck'
import { disclosure } from '../../server/domain/disclosure'
import { plainYuan, splitDiscount } from '../../server/domain/money'
import { bandCount } from '../../server/domain/rule'
import { CASE_RULE, seeds, validRules } from './arbitraries'

const campaign: Campaign = {
  campaignId: 'food-street',
  version: 1,
  name: '美食街',
  organiser: '示例银行',
  state: 'running',
  startDate: CASE_RULE.startDate,
  endDate: CASE_RULE.endDate,
  rule: CASE_RULE,
  budgetFen: 100_000_000,
  dailyBudgetFen: null,
  windows: [],
  maxPerPayerPerDay: null,
  maxPerPayerPerCampaignDay: null,
  channels: ['bank'],
}

const LUNCH = { weekdays: [1, 2, 3, 4, 5], from: '11:00', to: '14:00' }

it('tells when a payment may have a discount, and what a day may cost, where that is a term', () => {
  const text = textOf({ ...campaign, windows: [LUNCH], dailyBudgetFen: 1_000_000 })
  expect(text.some((line) => line.endsWith('，周一至周五 11:00–14:00（北京时间）'))).toBe(true)
  expect(text).toContain('其余时间付款不享受本活动优惠；份数按自然日计，零点以后是新一天的')
  expect(text.some((line) => /^所有商户每个活动日的份数合计以 10000 元为限/.test(line))).toBe(true)
  expect(text.some((line) => line.includes('每日 0:00–24:00'))).toBe(false)
  expect(textOf(campaign).some((line) => /活动日|为限（/.test(line))).toBe(false)
})

const textOf = (of: Campaign) => disclosure(of).flatMap((section) => [section.title, ...section.lines])

describe('the disclosure', () => {
  it('says who, when, on what conditions, how much and how many, as the promotion rules ask', () => {
    const text = textOf(campaign).join('\n')
    for (const part of ['示例银行', '2026-11-01 至 2026-11-30', '满 10 元', '每日 20 份', '至少 16 份', '7–9 元'])
      expect(text).toContain(part)
    expect(text).toContain('满10元最高减5元')
    expect(text).toContain('顾客每笔立减 0.01–5 元')
  })

  it('tells what a refund gives back, and what a pause stops', () => {
    const text = textOf(campaign).join('\n')
    for (const part of ['退款与暂停', '您实际付的钱按原路退回', '不再补发', '暂停前已为您保留的优惠'])
      expect(text).toContain(part)
  })

  it('tells the limit of a payer, or that there is none', () => {
    expect(textOf(campaign).join()).toContain('不限次数')
    expect(textOf({ ...campaign, maxPerPayerPerDay: 2 }).join()).toContain('最多享受 2 次')
  })

  it('names the ways of paying that carry the discount, and those that don’t', () => {
    const text = textOf({ ...campaign, channels: ['bank', 'unionpay'] }).join('\n')
    expect(text).toContain('选择本行账户、云闪付付款')
    expect(text).toContain('用微信支付、支付宝付款的，不享受')
  })

  it('promises of any rule what its decks hold', () => {
    fc.assert(
      fc.property(validRules, seeds, (rule, seed) => {
        const text = textOf({ ...campaign, rule })
        const inBand = deal(rule, seed).filter((fen) => fen >= rule.bandMinFen && fen <= rule.bandMaxFen).length
        expect(inBand).toBeGreaterThanOrEqual(bandCount(rule))
        expect(text.some((line) => line.includes(`至少 ${inBand} 份`))).toBe(true)
        const ends = inBand === rule.slots ? [rule.bandMinFen, rule.bandMaxFen] : [rule.minFen, rule.maxFen]
        const [least, most] = ends.map((fen) => plainYuan(splitDiscount(fen, rule.payerPercent).payerFen))
        expect(text.some((line) => line.includes(`立减 ${least}–${most} 元`))).toBe(true)
      }),
    )
  })

  it('leaves no section without a title or a line, and nothing undefined', () => {
    for (const { title, lines } of disclosure(campaign)) {
      expect(title).not.toBe('')
      expect(lines.length).toBeGreaterThan(0)
    }
    expect(textOf(campaign).join()).not.toMatch(/undefined|NaN|null/)
  })
})
