import fc from 'fast-check'
import { headline, maxPayerDiscountFen } from '../../server/domain/campaign'
import type { ChannelName } from '../../server/domain/channel'
import { deal, dearestDeck, exposure } from '../../server/domain/deck'
import { splitDiscount } from '../../server/domain/money'
import { amendedFaults, type House, type Promised, termsFaults } from '../../server/domain/promise'
import type { Rule } from '../../server/domain/rule'
import { CASE_RULE, seeds, validRules } from './arbitraries'

const { startDate, endDate, ...rule } = CASE_RULE
const open = (dailyPerPayerFen: number, carriesDiscount = true) => ({ carriesDiscount, limits: { dailyPerPayerFen } })
const HOUSE: House = { discountMaxPercent: 100, channels: new Map([['bank', open(50_000)]]) }
const TERMS: Promised = {
  rule,
  startDate,
  endDate,
  budgetFen: 1_000_000,
  dailyBudgetFen: null,
  windows: [],
  branchBudgets: [],
  maxPerPayerPerDay: null,
  maxPerPayerPerCampaignDay: null,
  channels: ['bank'],
}
type Change = Partial<Omit<Promised, 'rule'>> & { rule?: Partial<Rule> }
const terms = (change: Change): Promised => ({ ...TERMS, ...change, rule: { ...rule, ...change.rule } })
const faults = (change: Change, house: Partial<House> = {}, merchants?: number) =>
  termsFaults(terms(change), { ...HOUSE, ...house }, merchants).map(({ field, code }) => `${field} ${code}`)
const deckFen = dearestDeck(rule)

describe('terms that can be kept', () => {
  it('are those of the case: its largest discount is all of the threshold, half of it the payer’s', () => {
    expect(faults({})).toEqual([])
  })

  it('are judged by every fault at once, each with its field', () => {
    const all = {
      rule: { payerPercent: 0, thresholdFen: 999 },
      maxPerPayerPerDay: 21,
      budgetFen: 1,
      endDate: '2026-10-01',
    }
    expect(faults(all)).toEqual([
      'endDate dates-reversed',
      'rule.payerPercent payer-gets-nothing',
      'rule.maxFen discount-above-share',
      'maxPerPayerPerDay limit-above-slots',
      'budgetFen budget-below-one-deck',
    ])
  })

  it('say of a rule that no decks can be dealt from just that', () => {
    expect(faults({ rule: { bandMaxFen: 2_000, payerPercent: 0 }, budgetFen: 1 })).toEqual([
      'rule.bandMaxFen band-outside-range',
    ])
  })
})

describe('a threshold', () => {
  it('may be all that a payer may pay in a day, and not a fen more', () => {
    expect(faults({ rule: { thresholdFen: 50_000 } })).toEqual([])
    expect(faults({ rule: { thresholdFen: 50_001 } })).toEqual(['rule.thresholdFen threshold-above-limit'])
  })

  it('is held against every channel that carries the discount, not only the most generous', () => {
    const channels = new Map<ChannelName, ReturnType<typeof open>>([
      ['bank', open(50_000)],
      ['unionpay', open(2_000)],
    ])
    const dear = { channels: ['bank', 'unionpay'] as const, rule: { thresholdFen: 2_001 } }
    expect(faults(dear, { channels })).toEqual(['rule.thresholdFen threshold-above-limit'])
    expect(faults({ ...dear, channels: ['bank'] }, { channels })).toEqual([])
  })

  it('isn’t asked of a channel that carries no discount or isn’t open: that is the fault', () => {
    const channels = new Map<ChannelName, ReturnType<typeof open>>([['alipay', open(1, false)]])
    for (const name of ['alipay', 'wechatpay'] as const)
      expect(faults({ channels: [name] }, { channels })).toEqual(['channels no-discount-channel'])
  })
})

describe('a discount', () => {
  it('is at most the house’s share of the threshold, both shares of it', () => {
    expect(faults({ rule: { thresholdFen: 1_000, maxFen: 1_000 } })).toEqual([])
    expect(faults({ rule: { thresholdFen: 999 } })).toEqual(['rule.maxFen discount-above-share'])
    expect(faults({}, { discountMaxPercent: 99 })).toEqual(['rule.maxFen discount-above-share'])
    expect(faults({ rule: { thresholdFen: 10_000 } }, { discountMaxPercent: 10 })).toEqual([])
  })

  it('leaves at least a fen to pay, whatever the house allows', () => {
    expect(faults({ rule: { payerPercent: 100 } })).toEqual(['rule.thresholdFen payable-below-one-fen'])
    expect(faults({ rule: { payerPercent: 100, thresholdFen: 1_001 } })).toEqual([])
  })

  it('gives the payer something: of one fen, and of one percent, the odd fen is the payer’s', () => {
    expect(faults({ rule: { payerPercent: 0 } })).toEqual(['rule.payerPercent payer-gets-nothing'])
    const smallest = { minFen: 1, maxFen: 1, bandMinFen: 1, bandMaxFen: 1, payerPercent: 1 }
    expect(faults({ rule: { ...smallest, thresholdFen: 2 } })).toEqual([])
    expect(headline({ ...rule, ...smallest, thresholdFen: 2 })).toBe('满0.02元最高减0.01元')
  })

  it('can’t be had more often in a day than there are cards', () => {
    expect(faults({ maxPerPayerPerDay: 20 })).toEqual([])
    expect(faults({ maxPerPayerPerDay: 21 })).toEqual(['maxPerPayerPerDay limit-above-slots'])
  })
})

describe('a daily budget', () => {
  it('covers one deck at its dearest, and is at most the budget', () => {
    expect(faults({ dailyBudgetFen: deckFen })).toEqual([])
    expect(faults({ dailyBudgetFen: deckFen - 1 })).toEqual(['dailyBudgetFen budget-below-one-deck'])
    expect(faults({ dailyBudgetFen: 1_000_001 })).toEqual(['dailyBudgetFen daily-above-budget'])
  })

  it('is what a first day costs at the most, however many merchants there are', () => {
    const bound = { ...TERMS, budgetFen: 3 * deckFen, dailyBudgetFen: 2 * deckFen }
    expect(termsFaults(bound, HOUSE, 100)).toEqual([])
    expect(termsFaults({ ...bound, dailyBudgetFen: null }, HOUSE, 100).map(({ code }) => code)).toEqual([
      'budget-below-one-day',
    ])
  })
})

describe('windows', () => {
  const lunch = { weekdays: [1, 2, 3, 4, 5], from: '11:00', to: '14:00' }
  it('are judged with the period that they are of', () => {
    expect(faults({ windows: [lunch] })).toEqual([])
    expect(faults({ windows: [lunch], startDate: '2026-11-21', endDate: '2026-11-22' })).toEqual([
      'windows no-open-day',
    ])
    expect(faults({ windows: [{ ...lunch, to: '10:00' }] })).toEqual(['windows.0.to span-reversed'])
  })

  it('that widen are a promise of their own, which what is committed can’t pay for', () => {
    const campaign = { ...TERMS, windows: [lunch], budgetFen: 10 * deckFen, committedFen: 9 * deckFen + 1 }
    const wider = { windows: [] }
    const said = (amendment: object) =>
      amendedFaults(campaign, amendment, 0, HOUSE).map(({ field, code }) => `${field} ${code}`)
    expect(said(wider)).toEqual(['windows budget-below-one-deck'])
    expect(said({ ...wider, budgetFen: 11 * deckFen })).toEqual([])
  })
})

describe('a budget', () => {
  it('covers one deck at its dearest', () => {
    expect(faults({ budgetFen: deckFen })).toEqual([])
    expect(faults({ budgetFen: deckFen - 1 })).toEqual(['budgetFen budget-below-one-deck'])
  })

  it('covers the first day of all merchants, once it is known who they are', () => {
    expect(faults({ budgetFen: 3 * deckFen }, {}, 3)).toEqual([])
    expect(faults({ budgetFen: 3 * deckFen - 1 }, {}, 3)).toEqual(['budgetFen budget-below-one-day'])
    expect(faults({ budgetFen: deckFen - 1 }, {}, 0)).toEqual(['budgetFen budget-below-one-deck'])
  })

  it('of a branch covers one deck too', () => {
    const branchBudgets = [deckFen, deckFen - 1, 0].map((budgetFen, i) => ({ branchCode: `B0${i}`, budgetFen }))
    expect(faults({ branchBudgets })).toEqual([
      'branchBudgets.1.budgetFen budget-below-one-deck',
      'branchBudgets.2.budgetFen budget-below-one-deck',
    ])
  })
})

describe('an amendment of what is approved', () => {
  const amended = (
    amendment: Parameters<typeof amendedFaults>[1],
    { added = 0, committedFen = 1_000_000 - deckFen, house = HOUSE } = {},
  ) => amendedFaults({ ...TERMS, committedFen }, amendment, added, house).map(({ field, code }) => `${field} ${code}`)

  it('promises a later end only with a deck left in the budget', () => {
    expect(amended({ endDate: '2026-12-24' })).toEqual([])
    const spent = { committedFen: 1_000_001 - deckFen }
    expect(amended({ endDate: '2026-12-24' }, spent)).toEqual(['endDate budget-below-one-deck'])
    expect(amended({ endDate: '2026-12-24', budgetFen: 1_000_001 }, spent)).toEqual([])
  })

  it('adds merchants only with a deck left for each of them', () => {
    expect(amended({ addMerchantCodes: ['M8'] }, { added: 1 })).toEqual([])
    expect(amended({ addMerchantCodes: ['M8', 'M9'] }, { added: 2 })).toEqual([
      'addMerchantCodes budget-below-one-deck',
    ])
    const raised = { addMerchantCodes: ['M8', 'M9'], budgetFen: 1_000_000 + deckFen }
    expect(amended(raised, { added: 2 })).toEqual([])
    expect(amended({ ...raised, budgetFen: raised.budgetFen - 1 }, { added: 2 })).toEqual([
      'budgetFen budget-below-one-deck',
    ])
  })

  it('may always raise the budget, also where all of it is committed', () => {
    expect(amended({ budgetFen: 1_000_001 }, { committedFen: 1_000_000 })).toEqual([])
  })

  it('is refused where the house allows less by now than what was approved', () => {
    const house = { ...HOUSE, discountMaxPercent: 50 }
    expect(amended({ budgetFen: 2_000_000 }, { house })).toEqual(['rule.maxFen discount-above-share'])
    const channels = new Map([['bank' as const, open(999)]])
    expect(amended({ endDate: '2026-12-24' }, { house: { ...HOUSE, channels } })).toEqual([
      'rule.thresholdFen threshold-above-limit',
    ])
  })
})

describe('the headline', () => {
  it('says what a deck can hold, not what the rule names: where the band takes every card, its top', () => {
    expect(headline({ ...rule, bandPercent: 100 })).toBe('满10元最高减4.5元')
    // four fifths of three, rounded up, are three
    expect(headline({ ...rule, slots: 3 })).toBe('满10元最高减4.5元')
    expect(headline({ ...rule, slots: 5 })).toBe('满10元最高减5元')
  })

  it('of a deck that a budget cut short is that deck’s, and without one the campaign’s', () => {
    expect(headline(rule, 4)).toBe('满10元最高减4.5元')
    expect(headline(rule, 0)).toBe('满10元最高减5元')
  })

  it('promises no discount where the payer’s share is nothing', () => {
    expect(headline({ ...rule, payerPercent: 0 })).toBe('满10元奖励商户')
  })

  it('of whatever terms pass is above nothing, reached by some deck and never exceeded by one', () => {
    const house = { ...HOUSE, channels: new Map([['bank' as const, open(1e9)]]) }
    fc.assert(
      fc.property(validRules, seeds, fc.nat(40), ({ startDate: _, endDate: __, ...any }, seed, fewer) => {
        fc.pre(termsFaults(terms({ rule: any, budgetFen: 1e12 }), house).length === 0)
        const slots = Math.max(1, any.slots - fewer)
        const promised = maxPayerDiscountFen(any, slots)
        expect(promised).toBeGreaterThan(0)
        const shares = deal({ ...any, slots }, seed).map((card) => splitDiscount(card, any.payerPercent).payerFen)
        expect(Math.max(...shares)).toBeLessThanOrEqual(promised)
        expect(promised).toBeLessThan(any.thresholdFen)
        expect(exposure(deal(any, seed))).toBeLessThanOrEqual(dearestDeck(any))
      }),
    )
  })
})
