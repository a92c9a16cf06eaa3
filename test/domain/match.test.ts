import fc from 'fast-check'
import { differenceId, isAcceptable, newDifference, propose, SUSPENSE_ACCOUNT } from '../../server/domain/difference'
import {
  addTotals,
  DIFFERENCE_CLASSES,
  dayName,
  judge,
  NO_TOTALS,
  type OwnEntry,
  type StatementLine,
  sameTotals,
  totalsOf,
} from '../../server/domain/match'
import { balanced, type Posting } from '../../server/domain/posting'

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
  lineNo: 7,
  kind: 'clearing',
  orderNo: 'F1',
  refundNo: null,
  channelTradeNo: 'B1',
  bookedAt: 1_763_640_000_000,
  payerFen: -9_500,
  glFen: -1_000,
  merchantFen: 10_500,
  glAccount: 'gl',
  merchantAccount: 'merchant',
  payerTail: null,
  currency: 'CNY',
}
const DAY = { channel: 'bank', date: '2026-11-20' } as const
const NEXT_DAY = { ...DAY, date: '2026-11-21' }
const ELSEWHERE = { ...DAY, channel: 'alipay' } as const
const FIRST = { before: false, archived: false, reversed: false, settled: false }
const verdictOf = (ours: Partial<OwnEntry> | null, theirs: Partial<StatementLine> = {}, seen = FIRST) => {
  const verdict = judge(ours && { ...own, ...ours }, { ...line, ...theirs }, seen)
  return verdict.kind === 'difference' ? `${verdict.class} ${verdict.detail}` : verdict.kind
}

describe('a line of the statement', () => {
  it('balances when it is the first of its number and everything of it is ours', () => {
    expect(verdictOf({})).toBe('balanced')
  })

  it('balances without a GL leg, whatever account our order would have had', () => {
    const plain = { payerFen: -500, glFen: 0, merchantFen: 500 }
    expect(verdictOf(plain, { ...plain, glAccount: null })).toBe('balanced')
  })

  it('of an order that isn’t here is called archived where its day is, and of one that is here never', () => {
    const archived = { ...FIRST, archived: true }
    expect(verdictOf(null, {}, archived)).toBe('long order-archived')
    expect(verdictOf(null, { kind: 'refund', refundNo: 'R1' }, archived)).toBe('long no-such-refund')
    expect(verdictOf({}, {}, archived)).toBe('balanced')
  })

  it.each<[string, Partial<OwnEntry> | null, Partial<StatementLine>]>([
    ['long no-such-order', null, {}],
    ['long no-such-refund', null, { kind: 'refund', refundNo: 'R1' }],
    ['stateMismatch booked-after-end', { state: 'void', channelTradeNo: null }, {}],
    ['stateMismatch still-open', { state: 'open', channelTradeNo: null }, {}],
    ['stateMismatch other-trade-no', {}, { channelTradeNo: 'B2' }],
    ['amountMismatch payer-amount', {}, { payerFen: -9_501, merchantFen: 10_501 }],
    ['amountMismatch currency', {}, { currency: 'USD' }],
    ['amountMismatch payer-amount', { state: 'open', channelTradeNo: null }, { payerFen: -9_501, merchantFen: 10_501 }],
    ['amountMismatch currency', { state: 'open', channelTradeNo: null }, { currency: 'HKD' }],
    ['glMismatch merchant-account', { state: 'open', channelTradeNo: null }, { merchantAccount: 'somebody' }],
    ['glMismatch gl-amount', {}, { glFen: 0, glAccount: null, merchantFen: 9_500 }],
    ['glMismatch gl-account', {}, { glAccount: 'gl-99' }],
    ['glMismatch merchant-account', {}, { merchantAccount: 'somebody' }],
  ])('is %s', (said, ours, theirs) => {
    expect(verdictOf(ours, theirs)).toBe(said)
  })

  it('is a duplicate when its number came before, however right it is otherwise', () => {
    expect(verdictOf({}, {}, { ...FIRST, before: true })).toBe('duplicate booked-twice')
    expect(verdictOf(null, {}, { ...FIRST, before: true })).toBe('duplicate booked-twice')
  })

  it('is settled when all lines of its number come to what we hold, whatever it says by itself', () => {
    expect(verdictOf({}, { payerFen: 9_500 }, { ...FIRST, before: true, settled: true })).toBe('settled')
  })

  it('is long when our booking was taken back as short', () => {
    expect(verdictOf({}, {}, { ...FIRST, reversed: true })).toBe('long reversed-as-short')
  })
})

describe('a proposal', () => {
  const fens = (postings: readonly Posting[]) =>
    Object.fromEntries(postings.map(({ account, amountFen }) => [account, amountFen]))

  it('of a short is the reversal of our booking (红冲)', () => {
    const { entries, refund } = propose('short', own, null)
    expect(entries.map((entry) => entry.what)).toEqual(['reversal'])
    expect(fens(entries[0]!.postings)).toEqual({ payer: 9_500, gl: 1_000, merchant: -10_500 })
    expect(refund).toBeNull()
  })

  it('of another amount reverses ours and books the bank’s', () => {
    const { entries } = propose('amountMismatch', own, { ...line, payerFen: -9_400, merchantFen: 10_400 })
    expect(entries.map((entry) => [entry.what, fens(entry.postings)])).toEqual([
      ['reversal', { payer: 9_500, gl: 1_000, merchant: -10_500 }],
      ['as-booked', { payer: -9_400, gl: -1_000, merchant: 10_400 }],
    ])
  })

  it('of another GL account moves the subsidy there', () => {
    const { entries } = propose('glMismatch', own, { ...line, glAccount: 'gl-99' })
    expect(fens(entries.flatMap((entry) => entry.postings))).toMatchObject({ gl: 1_000, 'gl-99': -1_000 })
  })

  it('of an order nobody knows books what the bank did, the payer’s leg in suspense', () => {
    const { entries, refund } = propose('long', null, line)
    expect(fens(entries[0]!.postings)).toEqual({ [SUSPENSE_ACCOUNT]: -9_500, gl: -1_000, merchant: 10_500 })
    expect(refund).toBeNull()
  })

  it('of a success for a closed order books it and gives all of it back', () => {
    const { entries, refund } = propose('stateMismatch', { ...own, state: 'void' }, line)
    expect(fens(entries[0]!.postings)).toEqual({ payer: -9_500, gl: -1_000, merchant: 10_500 })
    expect(refund).toEqual({ payerFen: 9_500, glFen: 1_000, merchantFen: 10_500 })
  })

  it('of a payment booked twice books the second and gives all of it back; a refund booked twice gives nobody anything', () => {
    const { entries, refund } = propose('duplicate', own, line)
    expect(fens(entries[0]!.postings)).toEqual({ payer: -9_500, gl: -1_000, merchant: 10_500 })
    expect(refund).toEqual({ payerFen: 9_500, glFen: 1_000, merchantFen: 10_500 })
    const back = { payerFen: 9_500, glFen: 1_000, merchantFen: -10_500, kind: 'refund' as const, refundNo: 'R1' }
    expect(propose('duplicate', { ...own, ...back }, { ...line, ...back }).refund).toBeNull()
    expect(propose('duplicate', null, line).refund).toBeNull()
    const reversal = { payerFen: 9_500, glFen: 1_000, merchantFen: -10_500 }
    expect(propose('duplicate', own, { ...line, ...reversal }).refund).toBeNull()
  })

  it('of a payer debited too much gives back what was too much, and with it the subsidy that was', () => {
    const refundOf = (theirs: Partial<StatementLine>) => propose('amountMismatch', own, { ...line, ...theirs }).refund
    const more = { payerFen: -9_600, merchantFen: 10_600 }
    expect(refundOf(more)).toEqual({ payerFen: 100, glFen: 0, merchantFen: 100 })
    const both = { payerFen: -9_600, glFen: -1_050, merchantFen: 10_650 }
    expect(refundOf(both)).toEqual({ payerFen: 100, glFen: 50, merchantFen: 150 })
    const less = { payerFen: -9_600, glFen: -900, merchantFen: 10_500 }
    expect(refundOf(less)).toEqual({ payerFen: 100, glFen: 0, merchantFen: 100 })
    expect(refundOf({ payerFen: -9_400, merchantFen: 10_400 })).toBeNull()
  })

  it('of another currency books nothing: only the channel can put it right, nor of an open order whose money went elsewhere', () => {
    expect(propose('amountMismatch', own, { ...line, currency: 'USD' })).toEqual({ entries: [], refund: null })
    const open = { ...own, state: 'open' as const }
    expect(isAcceptable({ detail: 'currency', own })).toBe(false)
    expect(isAcceptable({ detail: 'merchant-account', own: open })).toBe(false)
    expect(isAcceptable({ detail: 'merchant-account', own })).toBe(true)
    expect(isAcceptable({ detail: 'payer-amount', own: open })).toBe(true)
  })

  it('of a refund that failed here and was booked there refunds nothing once more', () => {
    const back = { payerFen: 9_500, glFen: 1_000, merchantFen: -10_500, kind: 'refund' as const, refundNo: 'R1' }
    const proposal = propose('stateMismatch', { ...own, ...back, state: 'void' }, { ...line, ...back })
    expect(proposal.entries).toHaveLength(1)
    expect(proposal.refund).toBeNull()
  })

  it('of another trade number for the same money posts nothing', () => {
    expect(propose('stateMismatch', own, { ...line, channelTradeNo: 'B2' })).toEqual({ entries: [], refund: null })
  })

  it('has only entries that sum to zero, and our books equal the bank’s when it is accepted (I4)', () => {
    const legs = fc.tuple(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 0, max: 1e6 }))
    const asLegs = ([payer, gl]: [number, number]) => ({ payerFen: -payer, glFen: -gl, merchantFen: payer + gl })
    fc.assert(
      fc.property(fc.constantFrom(...DIFFERENCE_CLASSES), legs, legs, (named, ours, theirs) => {
        const state = named === 'stateMismatch' ? 'void' : 'booked'
        const mine: OwnEntry = { ...own, ...asLegs(ours), state }
        const bank = { ...line, ...asLegs(theirs) }
        const { entries } = propose(named, named === 'long' ? null : mine, named === 'short' ? null : bank)
        expect(entries.every(({ postings }) => balanced(postings))).toBe(true)
        // A duplicate is a second booking, and so stands beside ours.
        const before = named === 'long' || state === 'void' || named === 'duplicate' ? 0 : mine.merchantFen
        const after = named === 'short' ? 0 : bank.merchantFen
        const merchant = entries.flatMap((entry) => entry.postings).filter((posting) => posting.role === 'merchant')
        expect(before + merchant.reduce((sum, posting) => sum + posting.amountFen, 0)).toBe(after)
      }),
    )
  })
})

describe('a difference', () => {
  it('has one id for one line of one statement, and for one missing booking', () => {
    const ids = [
      differenceId(DAY, line),
      differenceId(DAY, { ...line, lineNo: 8 }),
      differenceId(NEXT_DAY, line),
      differenceId(DAY, own),
      differenceId(DAY, { ...own, kind: 'refund', refundNo: 'R1' }),
      differenceId(ELSEWHERE, line),
      differenceId(ELSEWHERE, own),
    ]
    expect(new Set(ids).size).toBe(ids.length)
    expect(differenceId(DAY, { ...line, payerFen: -1 })).toBe(ids[0])
  })

  it('of our own channel is called as when there was no other, and so is its day', () => {
    expect([differenceId(DAY, line), dayName(DAY)]).toEqual(['D20261120-L7', '2026-11-20'])
    expect([differenceId(ELSEWHERE, line), dayName(ELSEWHERE)]).toEqual(['D20261120-alipay-L7', 'alipay/2026-11-20'])
  })

  it('begins open, with both sides and a proposal', () => {
    const verdict = { kind: 'difference', class: 'glMismatch', detail: 'gl-account' } as const
    const other = { ...line, glAccount: 'gl-99' }
    expect(newDifference(DAY, verdict, own, other, 5)).toMatchObject({
      differenceId: 'D20261120-L7',
      class: 'glMismatch',
      orderNo: 'F1',
      own,
      line: other,
      proposal: propose('glMismatch', own, other),
      state: 'open',
      foundAt: 5,
      resolvedAt: null,
    })
  })
})

describe('totals', () => {
  it('count and sum each kind by leg', () => {
    const back = { kind: 'refund' as const, payerFen: 95, glFen: 10, merchantFen: -105 }
    expect(totalsOf([own, own, back])).toEqual({
      clearing: { count: 2, payerFen: -19_000, glFen: -2_000, merchantFen: 21_000 },
      refund: { count: 1, payerFen: 95, glFen: 10, merchantFen: -105 },
    })
  })

  it.each(['count', 'payerFen', 'glFen', 'merchantFen'] as const)('differ when their %s does', (field) => {
    const one = totalsOf([own])
    expect(sameTotals(one, totalsOf([{ ...own }]))).toBe(true)
    expect(sameTotals(one, { ...one, refund: { ...one.refund, [field]: 1 } })).toBe(false)
    expect(sameTotals(one, { ...one, clearing: { ...one.clearing, [field]: one.clearing[field] + 1 } })).toBe(false)
  })

  it('refuse to be beyond what a number can count', () => {
    const most = { ...NO_TOTALS, clearing: { ...NO_TOTALS.clearing, payerFen: Number.MAX_SAFE_INTEGER } }
    expect(() => addTotals(most, totalsOf([{ ...own, payerFen: 1 }]))).toThrow(RangeError)
  })
})
