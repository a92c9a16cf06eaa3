import fc from 'fast-check'
import type { CampaignState } from '../../server/domain/campaign'
import { changeDiff, termsDiff } from '../../server/domain/campaign-diff'
import {
  type AskedKind,
  amendmentFaults,
  ask,
  type CampaignTerms,
  CHANGE_KINDS,
  type ChangeKind,
  pull,
  review,
  withdraw,
} from '../../server/domain/campaign-life'
import { CASE_RULE } from './arbitraries'

const STATES: CampaignState[] = ['draft', 'submitted', 'approved', 'running', 'paused', 'ended']
const dates = { today: '2026-11-21', startDate: '2026-11-22' }
const said = (decision: ReturnType<typeof ask>) => (decision.kind === 'allowed' ? decision.state : decision.code)
const open = (kind: ChangeKind, madeBy = 'maker') => ({ kind, madeBy, inForce: kind === 'pause' })

describe('asking for a change', () => {
  const no = 'transition-refused'
  it.each<[AskedKind, ...string[]]>([
    // draft, submitted, approved, running, paused, ended
    ['launch', 'submitted', no, no, no, no, no],
    ['resume', no, no, no, no, 'paused', no],
    ['end', no, no, 'approved', 'running', 'paused', no],
    ['amend', no, no, 'approved', 'running', 'paused', no],
  ])('%s leads from each state as it should', (kind, ...expected) => {
    expect(STATES.map((state) => said(ask({ state, open: null }, kind, dates)))).toEqual(expected)
  })

  it('of any kind is refused from every state while another waits for review', () => {
    for (const state of STATES)
      for (const kind of ['launch', 'resume', 'end', 'amend'] as const)
        for (const waiting of CHANGE_KINDS)
          expect(said(ask({ state, open: open(waiting) }, kind, dates))).toBe('change-open')
  })

  it('for a launch whose start date is past is refused; today it is not', () => {
    const launch = (startDate: string) => said(ask({ state: 'draft', open: null }, 'launch', { ...dates, startDate }))
    expect(launch('2026-11-20')).toBe('start-passed')
    expect(launch('2026-11-21')).toBe('submitted')
  })
})

describe('pulling the brake', () => {
  it('is right in every state but the last, and pauses what gives discounts or is going to', () => {
    const expected = ['draft', 'submitted', 'paused', 'paused', 'paused', 'transition-refused']
    expect(STATES.map((state) => said(pull(state)))).toEqual(expected)
  })
})

describe('reviewing a change', () => {
  const judged = (state: CampaignState, kind: ChangeKind, verdict: 'approve' | 'reject', by = 'checker') =>
    said(review({ state, open: open(kind) }, verdict, by, dates))

  it.each<[CampaignState, ChangeKind, CampaignState, CampaignState]>([
    ['submitted', 'launch', 'approved', 'draft'],
    ['paused', 'pause', 'paused', 'running'],
    ['draft', 'pause', 'draft', 'draft'],
    ['submitted', 'pause', 'submitted', 'submitted'],
    ['paused', 'resume', 'running', 'paused'],
    ['approved', 'end', 'ended', 'approved'],
    ['running', 'end', 'ended', 'running'],
    ['paused', 'end', 'ended', 'paused'],
    ['approved', 'amend', 'approved', 'approved'],
    ['running', 'amend', 'running', 'running'],
    ['paused', 'amend', 'paused', 'paused'],
  ])('of a campaign that is %s: %s, approved, makes it %s; rejected, %s', (state, kind, approved, rejected) => {
    expect(judged(state, kind, 'approve')).toBe(approved)
    expect(judged(state, kind, 'reject')).toBe(rejected)
  })

  it('is refused to whoever asked for it, whatever it is', () => {
    for (const state of STATES)
      for (const kind of CHANGE_KINDS)
        for (const verdict of ['approve', 'reject'] as const)
          expect(judged(state, kind, verdict, 'maker')).toBe('own-change')
  })

  it('of terms is refused to whoever wrote any of them, and of anything else is not', () => {
    const by = (kind: ChangeKind, verdict: 'approve' | 'reject') =>
      said(review({ state: 'running', open: open(kind), authors: ['maker', 'author'] }, verdict, 'author', dates))
    for (const verdict of ['approve', 'reject'] as const)
      expect((['launch', 'amend'] as const).map((kind) => by(kind, verdict))).toEqual(['own-change', 'own-change'])
    expect((['pause', 'resume', 'end'] as const).map((kind) => by(kind, 'approve'))).not.toContain('own-change')
  })

  it('is refused where nothing waits', () => {
    for (const state of STATES)
      expect(said(review({ state, open: null }, 'approve', 'checker', dates))).toBe('no-open-change')
  })

  it('of a campaign that has ended meanwhile can only be a rejection, and it stays ended', () => {
    for (const kind of CHANGE_KINDS) {
      expect(judged('ended', kind, 'approve')).toBe('transition-refused')
      expect(judged('ended', kind, 'reject')).toBe('ended')
    }
  })

  it('refuses to approve a launch whose start is past, and lets it be rejected', () => {
    const late = { today: '2026-11-23', startDate: '2026-11-22' }
    const standing = { state: 'submitted' as const, open: open('launch') }
    expect(said(review(standing, 'approve', 'checker', late))).toBe('start-passed')
    expect(said(review(standing, 'reject', 'checker', late))).toBe('draft')
  })
})

describe('withdrawing a change', () => {
  it('is for whoever asked, gives a launch back as a draft, and leaves any other state as it is', () => {
    for (const state of STATES)
      for (const kind of CHANGE_KINDS) {
        const mine = said(withdraw({ state, open: open(kind) }, 'maker'))
        expect(mine).toBe(kind === 'pause' ? 'transition-refused' : kind === 'launch' ? 'draft' : state)
        expect(said(withdraw({ state, open: open(kind) }, 'another'))).toBe('transition-refused')
      }
    expect(said(withdraw({ state: 'running', open: null }, 'maker'))).toBe('no-open-change')
  })
})

describe('an amendment', () => {
  const campaign = {
    startDate: '2026-11-01',
    endDate: '2026-11-30',
    budgetFen: 1_000,
    dailyBudgetFen: null,
    windows: [],
  }
  const codes = (...args: Parameters<typeof amendmentFaults>) =>
    amendmentFaults(...args).map((one) => `${one.field} ${one.code}`)

  it('may move the end later, add merchants and raise the budget', () => {
    expect(codes(campaign, { endDate: '2026-12-01', budgetFen: 1_001, addMerchantCodes: ['M1'] })).toEqual([])
    expect(codes(campaign, { addMerchantCodes: ['M1', 'M2'] }, new Set(['M1']))).toEqual([])
  })

  it.each<[string, Parameters<typeof amendmentFaults>[1], string]>([
    ['an earlier end', { endDate: '2026-11-29' }, 'endDate not-favourable'],
    ['the same end', { endDate: '2026-11-30' }, 'endDate nothing-changes'],
    ['an end before the start', { endDate: '2026-10-31' }, 'endDate dates-reversed'],
    ['an end ten years on, as no campaign may have', { endDate: '2036-11-08' }, 'endDate too-long'],
    ['no date for an end', { endDate: '2026-02-30' }, 'endDate not-a-date'],
    ['a smaller budget', { budgetFen: 999 }, 'budgetFen not-favourable'],
    ['the same budget', { budgetFen: 1_000 }, 'budgetFen nothing-changes'],
    ['a budget of fractions', { budgetFen: 1_000.5 }, 'budgetFen out-of-range'],
    ['a budget beyond all money', { budgetFen: 1e15 }, 'budgetFen out-of-range'],
    ['only merchants it has', { addMerchantCodes: ['M1'] }, 'addMerchantCodes nothing-changes'],
    ['nothing', {}, 'endDate nothing-changes'],
  ])('with %s is refused', (_, amendment, fault) => {
    expect(codes(campaign, amendment, new Set(['M1']))).toEqual([fault])
  })

  const lunch = { weekdays: [1, 2, 3, 4, 5], from: '11:00', to: '14:00' }
  const bound = { ...campaign, dailyBudgetFen: 500, windows: [lunch] }

  it('may raise or lift the daily budget, and widen the windows', () => {
    for (const dailyBudgetFen of [501, null]) expect(codes(bound, { dailyBudgetFen })).toEqual([])
    const saturday = { weekdays: [6], from: '10:00', to: '11:00' }
    for (const windows of [[], [lunch, saturday], [{ ...lunch, to: '14:01' }]])
      expect(codes(bound, { windows })).toEqual([])
  })

  it.each<[string, Parameters<typeof amendmentFaults>[0], Parameters<typeof amendmentFaults>[1], string]>([
    ['a smaller daily budget', bound, { dailyBudgetFen: 499 }, 'dailyBudgetFen not-favourable'],
    ['the same daily budget', bound, { dailyBudgetFen: 500 }, 'dailyBudgetFen nothing-changes'],
    ['a daily budget of nothing', bound, { dailyBudgetFen: 0 }, 'dailyBudgetFen out-of-range'],
    ['a daily budget where there was none', campaign, { dailyBudgetFen: 500 }, 'dailyBudgetFen not-favourable'],
    ['no daily budget where there was none', campaign, { dailyBudgetFen: null }, 'dailyBudgetFen nothing-changes'],
    ['windows where there were none', campaign, { windows: [lunch] }, 'windows not-favourable'],
    ['an hour less', bound, { windows: [{ ...lunch, from: '12:00' }] }, 'windows not-favourable'],
    ['another day instead', bound, { windows: [{ ...lunch, weekdays: [1, 2, 3, 4, 6] }] }, 'windows not-favourable'],
    ['the same windows', bound, { windows: [lunch] }, 'windows nothing-changes'],
    ['no windows where there were none', campaign, { windows: [] }, 'windows nothing-changes'],
    [
      'a window past midnight',
      bound,
      { windows: [{ ...lunch, from: '22:00', to: '02:00' }] },
      'windows.0.to span-reversed',
    ],
  ])('with %s is refused', (_, of, amendment, fault) => {
    expect(codes(of, amendment)).toEqual([fault])
  })

  it('names every fault at once', () => {
    expect(codes(campaign, { endDate: '2026-11-01', budgetFen: 1 })).toHaveLength(2)
  })

  it('that is accepted never takes anything from a consumer', () => {
    const amendments = fc.record(
      {
        endDate: fc.constantFrom('2026-11-29', '2026-11-30', '2026-12-24'),
        budgetFen: fc.integer({ min: 1, max: 2_000 }),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(amendments, (amendment) => {
        if (amendmentFaults(campaign, amendment).length > 0) return
        expect((amendment.endDate ?? campaign.endDate) >= campaign.endDate).toBe(true)
        expect(amendment.budgetFen ?? campaign.budgetFen).toBeGreaterThanOrEqual(campaign.budgetFen)
      }),
    )
  })
})

describe('what a reviewer compares', () => {
  const { startDate, endDate, ...rule } = CASE_RULE
  const terms: CampaignTerms = {
    name: 'street',
    organiser: 'bank',
    startDate,
    endDate,
    rule,
    budgetFen: 5_000,
    dailyBudgetFen: null,
    windows: [],
    branchBudgets: [],
    maxPerPayerPerDay: null,
    maxPerPayerPerCampaignDay: null,
    channels: ['bank'],
    priority: 0,
    branchCode: null,
  }
  const counted = { ...terms, merchantCount: 3, controlCount: 1 }

  it('of a launch is every term, with the rule field by field', () => {
    const diff = changeDiff({ kind: 'launch', amendment: null, inForce: false }, counted)
    expect(diff).toContainEqual({ field: 'rule.maxFen', before: null, after: 1_000 })
    expect(diff).toContainEqual({ field: 'merchantCount', before: null, after: 3 })
    expect(diff.map((one) => one.field)).toEqual(expect.arrayContaining(['name', 'endDate', 'budgetFen', 'priority']))
  })

  it('of an amendment is what it changes and nothing else', () => {
    const amendment = { endDate: '2026-12-31', addMerchantCodes: ['M9'] }
    expect(changeDiff({ kind: 'amend', amendment, inForce: false }, counted)).toEqual([
      { field: 'endDate', before: endDate, after: '2026-12-31' },
      { field: 'addMerchantCodes', before: null, after: ['M9'] },
    ])
  })

  it('of an amendment of hours is what they were and become', () => {
    const amendment = { windows: [], dailyBudgetFen: null }
    const bound = { ...counted, dailyBudgetFen: 100, windows: [{ weekdays: [1], from: '11:00', to: '14:00' }] }
    expect(changeDiff({ kind: 'amend', amendment, inForce: false }, bound)).toEqual([
      { field: 'windows', before: bound.windows, after: [] },
      { field: 'dailyBudgetFen', before: 100, after: null },
    ])
  })

  it('of terms from before there were hours says nothing of them', () => {
    const { windows: _, dailyBudgetFen: __, ...old } = terms
    expect(termsDiff(old as CampaignTerms, { ...terms, budgetFen: 6_000 })).toEqual([
      { field: 'budgetFen', before: 5_000, after: 6_000 },
    ])
  })

  it('of the others is the state', () => {
    const states = (['pause', 'resume', 'end'] as const).map(
      (kind) => changeDiff({ kind, amendment: null, inForce: kind === 'pause' }, counted)[0]!.after,
    )
    expect(states).toEqual(['paused', 'running', 'ended'])
    const end = { kind: 'end' as const, amendment: null, inForce: false }
    expect(changeDiff(end, { ...counted, state: 'paused' })[0]).toEqual({
      field: 'state',
      before: 'paused',
      after: 'ended',
    })
  })

  it('of an edit is the fields that are really others', () => {
    expect(termsDiff(terms, { name: 'street', rule: { ...rule, slots: 21 }, budgetFen: 5_000 })).toEqual([
      { field: 'rule.slots', before: 20, after: 21 },
    ])
  })
})
