import type { ChannelName } from '../../../server/domain/channel'
import { type FiguresDeps, figures } from '../../../server/flow/report/figures'

/** What those who run the house watch of the books. */

const HOUR_MS = 3_600_000
const at = (text: string) => Date.parse(`${text}+08:00`)

function deps(
  now: number,
  changed: Partial<FiguresDeps['reconciliations']> = {},
  fromMs: number | null = HOUR_MS,
): FiguresDeps {
  const source = {
    reconcileFromMs: fromMs,
    cutBeforeMs: 0,
    fetchStatement: async () => Promise.reject(new Error('no')),
  }
  return {
    clock: { now: () => now },
    statements: new Map<ChannelName, typeof source>([['bank', source]]),
    campaigns: { budgets: async () => [] },
    reconciliations: {
      lastMatched: async () => '2026-11-20',
      firstDay: async () => '2026-11-01',
      unsettled: async () => [],
      ...changed,
    },
  }
}
const due = async (...args: Parameters<typeof deps>) => (await figures(deps(...args))).reconciliation[0]!.daysDue

describe('days to reconcile', () => {
  it('are none until the hour at which their statement is due, and one from then on', async () => {
    expect(await due(at('2026-11-21T23:59:59.999'))).toBe(0)
    expect(await due(at('2026-11-22T00:59:59.999'))).toBe(0)
    expect(await due(at('2026-11-22T01:00:00.000'))).toBe(1)
    expect(await due(at('2026-11-25T12:00:00.000'))).toBe(4)
  })

  it('reconciled by hand alone are due a day later', async () => {
    expect(await due(at('2026-11-22T23:59:59.999'), {}, null)).toBe(0)
    expect(await due(at('2026-11-23T00:00:00.000'), {}, null)).toBe(1)
  })

  it('are counted from the first that has orders, and are none where there was never one', async () => {
    const never = { lastMatched: async () => undefined }
    expect(await due(at('2026-11-03T01:00:00.000'), never)).toBe(2)
    expect(await due(at('2026-11-03T01:00:00.000'), { ...never, firstDay: async () => undefined })).toBe(0)
  })

  it('done ahead of their hour are none', async () => {
    expect(await due(at('2026-11-21T00:30:00.000'))).toBe(0)
  })
})

describe('budgets', () => {
  it('are told as the part that is left, and of nothing nothing is left', async () => {
    const budgets = async (_: string, limit: number) =>
      [
        { campaignId: 'none', budgetFen: 0, committedFen: 0 },
        { campaignId: 'over', budgetFen: 100, committedFen: 120 },
        { campaignId: 'half', budgetFen: 1_000, committedFen: 500 },
      ].slice(0, limit)
    const { budgets: seen } = await figures({ ...deps(at('2026-11-21T12:00:00')), campaigns: { budgets } })
    expect(seen).toEqual([
      { campaignId: 'none', leftRatio: 0 },
      { campaignId: 'over', leftRatio: 0 },
      { campaignId: 'half', leftRatio: 0.5 },
    ])
  })
})
