import { soundPaid } from '../../server/domain/channel'

describe('a wallet’s own discount', () => {
  it('is kept as the wallet tells it', () => {
    const paid = { payerFen: 900, coupons: [{ name: '满减', fen: 100 }] }
    expect(soundPaid(paid, 1_000)).toEqual(paid)
    expect(soundPaid({ payerFen: 0, coupons: [] }, 1_000)).toEqual({ payerFen: 0, coupons: [] })
    expect(soundPaid(undefined, 1_000)).toBeNull()
  })

  it.each([
    ['more than is paid', { payerFen: 1_001, coupons: [] }],
    ['a debt', { payerFen: -1, coupons: [] }],
    ['parts of a fen', { payerFen: 900.5, coupons: [] }],
    ['no number', { payerFen: Number.NaN, coupons: [] }],
    ['a coupon worth more than the order', { payerFen: 900, coupons: [{ name: 'x', fen: 1_001 }] }],
  ])('that is %s is none that can be kept', (_, paid) => {
    expect(soundPaid(paid, 1_000)).toBeNull()
  })

  it('is bounded, however much the wallet says', () => {
    const coupons = Array.from({ length: 50 }, () => ({ name: '券'.repeat(200), fen: 1 }))
    const kept = soundPaid({ payerFen: 950, coupons }, 1_000)!
    expect([kept.coupons.length, kept.coupons[0]!.name.length]).toEqual([20, 64])
  })
})
