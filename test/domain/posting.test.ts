import fc from 'fast-check'
import { balanced, postingsOf } from '../../server/domain/posting'
import { figures } from '../../server/domain/quote'

const accounts = { payer: 'payer-account', merchant: 'merchant-account', gl: 'branch-gl' }

describe('the postings of a paid order', () => {
  it('of the worked example: payer −95.00, branch GL −10.00, merchant +105.00', () => {
    expect(postingsOf({ figures: figures(10_000, 1_000, 50), accounts })).toEqual([
      { account: 'payer-account', role: 'payer', amountFen: -9_500 },
      { account: 'branch-gl', role: 'gl', amountFen: -1_000 },
      { account: 'merchant-account', role: 'merchant', amountFen: 10_500 },
    ])
  })

  it('without a discount leave the branch alone', () => {
    expect(postingsOf({ figures: figures(10_000, 0, 50), accounts })).toEqual([
      { account: 'payer-account', role: 'payer', amountFen: -10_000 },
      { account: 'merchant-account', role: 'merchant', amountFen: 10_000 },
    ])
  })

  it('sum to zero for every order, hold no empty leg, and debit everyone but the merchant (I4)', () => {
    const cards = fc.integer({ min: 0, max: 65_535 })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000_000 }),
        cards,
        fc.integer({ min: 0, max: 100 }),
        (above, card, pct) => {
          const postings = postingsOf({ figures: figures(card + above, card, pct), accounts })
          expect(balanced(postings)).toBe(true)
          expect(postings.reduce((sum, p) => sum + BigInt(p.amountFen), 0n)).toBe(0n)
          for (const { role, amountFen } of postings) expect(Math.sign(amountFen)).toBe(role === 'merchant' ? 1 : -1)
        },
      ),
    )
  })

  it('are out of balance as soon as one leg is a fen off', () => {
    const postings = postingsOf({ figures: figures(10_000, 1_000, 50), accounts })
    for (const posting of postings) {
      const off = postings.map((p) => (p === posting ? { ...p, amountFen: p.amountFen + 1 } : p))
      expect(balanced(off)).toBe(false)
    }
  })
})
