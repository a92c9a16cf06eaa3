import { progressBar } from '../../../scripts/progress-bar'
import { newDifference } from '../../../server/domain/difference'
import { type BookDay, NO_TOTALS, type OwnEntry, type StatementLine } from '../../../server/domain/match'
import type { Reconciliation } from '../../../server/flow/ports'
import { isSigned, reportCsv, reportJson, reportMarkdown } from '../../../server/flow/reconcile/report'

const own: OwnEntry = {
  kind: 'clearing',
  orderNo: 'F1',
  refundNo: null,
  state: 'booked',
  channelTradeNo: 'B1',
  payerFen: -9_500,
  glFen: -1_000,
  merchantFen: 10_500,
  payerAccount: 'payer',
  glAccount: 'gl',
  merchantAccount: 'merchant',
}
const line: StatementLine = {
  ...own,
  lineNo: 1,
  channelTradeNo: 'B1',
  bookedAt: 0,
  payerTail: '4321',
  currency: 'CNY',
  payerFen: -9_400,
  merchantFen: 10_400,
}
const verdict = { kind: 'difference', class: 'amountMismatch', detail: 'payer-amount' } as const
const difference = newDifference({ channel: 'bank', date: '2026-11-20' }, verdict, own, line, 0)
const resolved = { ...difference, state: 'rejected' as const, resolvedAt: 1, resolvedBy: 'checker', note: '=1|"2"\nno' }

const result = {
  balanced: NO_TOTALS,
  own: NO_TOTALS,
  carried: NO_TOTALS,
  short: NO_TOTALS,
  ownOtherDays: NO_TOTALS,
  ended: 0,
  closed: 0,
  unanswered: 0,
  proven: true,
}
const none = { count: 0, fen: 0 }
const day = (
  differences: Reconciliation['differences'],
  changed: Partial<typeof result> = {},
  left: Partial<Reconciliation['left']> = {},
): Reconciliation => ({
  left: { short: none, others: none, open: none, ...left },
  channel: 'bank',
  manifest: { date: '2026-11-20', sha256: 'ab', bytes: 1, lines: 1, totals: NO_TOTALS },
  reissued: null,
  startedAt: 0,
  matchedAt: 0,
  result: { ...result, ...changed },
  differences,
})
const open = { class: 'amountMismatch', state: 'open', count: 1 } as const
const textOf = async (pieces: AsyncIterable<string>) => {
  let text = ''
  for await (const piece of pieces) text += piece
  return text
}
const books = { differences: async () => [resolved] }

describe('the report of a reconciliation', () => {
  it('may be signed when nothing is left of it now, and the sums are proven', () => {
    expect(isSigned(day([]))).toBe(true)
    expect(isSigned(day([{ ...open, state: 'mended' }]))).toBe(true)
    expect(isSigned(day([], { unanswered: 1 }))).toBe(true)
    for (const part of ['short', 'others', 'open'] as const)
      expect(isSigned(day([], {}, { [part]: { count: 1, fen: 100 } }))).toBe(false)
    expect(isSigned(day([], { proven: false }))).toBe(false)
  })

  it.each([
    ['平账', day([])],
    ['平账（差错均已处理）', day([{ ...open, state: 'accepted' }])],
    ['不平，1 笔差错待处理', day([open], {}, { others: { count: 1, fen: 9_400 } })],
    [
      '不平，1 笔差错待银行更正或退回付款人',
      day([{ ...open, state: 'accepted' }], {}, { others: { count: 1, fen: 9_400 } }),
    ],
    ['2 笔支付或退款还没有结果，不可签字', day([], {}, { open: { count: 2, fen: 1 } })],
    ['总额不符，不可签字', day([], { proven: false })],
  ])('says %s first', async (said, of) => {
    expect(await textOf(reportMarkdown(of, { differences: async () => [] }))).toContain(`**结论：${said}**`)
  })

  it('says what the day is made of, in number and in yuan', async () => {
    const one = { count: 1, payerFen: -9_500, glFen: 0, merchantFen: 9_500 }
    const totals = { ...NO_TOTALS, clearing: one }
    const of = day(
      [],
      { balanced: totals, carried: totals },
      { short: { count: 2, fen: 100 }, open: { count: 1, fen: 1 } },
    )
    expect(await textOf(reportMarkdown(of, { differences: async () => [] }))).toContain(
      '- 本日：平账 1 笔 95.00 元；结转次日 1 笔 95.00 元；待处理 1 笔 0.01 元；短款 2 笔 1.00 元',
    )
  })

  it('shows a difference in yuan, with both sides, the proposal and what was decided, in one row of its table', async () => {
    const text = await textOf(reportMarkdown(day([open], {}, { others: { count: 1, fen: 9_400 } }), books))
    const row = text.split('\n').find((one) => one.startsWith('| D20261120-L1'))!
    expect(row).toContain('| -95.00 / -10.00 / 105.00 | -94.00 / -10.00 / 104.00 |')
    expect(row).toContain('红冲：付款方账户 95.00，gl 10.00，merchant -105.00；补记：付款方账户 -94.00')
    expect(row).toContain('已驳回，待银行更正（checker：=1\\|"2" no）')
  })

  it('is a table that a spreadsheet reads as text, and runs nothing of', async () => {
    const [head, row] = (await textOf(reportCsv(day([open]), books))).split('\r\n') as [string, string]
    expect(head.startsWith('\ufeff"编号"')).toBe(true)
    expect(row).toContain('"-95.00","-10.00","105.00","-94.00","-10.00","104.00"')
    expect(row).toContain(`"'=1|""2""\nno"`)
  })

  it('is one JSON value, with every difference', async () => {
    const value = JSON.parse(
      await textOf(
        reportJson(day([open], {}, { others: { count: 1, fen: 9_400 } }), {
          differences: async () => [resolved, difference],
        }),
      ),
    )
    expect(value).toMatchObject({ settled: false, counts: [open], result, differences: [resolved, difference] })
  })

  it('reads differences page by page to the last', async () => {
    const all = Array.from({ length: 1_001 }, (_, i) => ({ ...difference, differenceId: `D${i}` }))
    const differences = async (_: BookDay, after: string | undefined, limit: number) => {
      const from = all.findIndex((one) => one.differenceId === after) + 1
      return all.slice(from, from + limit)
    }
    const value = JSON.parse(await textOf(reportJson(day([open]), { differences })))
    expect(value.differences).toEqual(all)
  })
})

describe('the progress bar', () => {
  beforeEach(() => void jest.useFakeTimers())
  afterEach(() => void jest.useRealTimers())

  const drawn = (isTTY: boolean) => {
    const texts: string[] = []
    const bar = progressBar({ isTTY, write: (text: string) => texts.push(text) })
    bar.show('match', 500, 1_000)
    jest.advanceTimersByTime(99)
    bar.show('match', 501, 1_000)
    jest.advanceTimersByTime(1)
    bar.show('match', 502, 1_000)
    bar.show('match', 1_000, 1_000)
    bar.show('books', 7, 0)
    bar.end()
    return texts
  }

  it('draws phases on a terminal, not more often than an eye can follow, and always the end of one', () => {
    const texts = drawn(true)
    expect(texts).toHaveLength(5)
    expect(texts[0]).toContain(`[${'█'.repeat(15)}${'░'.repeat(15)}] 500 / 1,000`)
    expect(texts[1]).toContain('502 / 1,000')
    expect(texts[2]).toContain('1,000 / 1,000')
    expect(texts[3]).toMatch(/books {2}7$/)
  })

  it('is silent elsewhere', () => {
    expect(drawn(false)).toEqual([])
  })
})
