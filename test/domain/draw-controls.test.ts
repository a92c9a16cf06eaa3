import { type Candidate, drawControls, drawSeed, listHash } from '../../server/domain/draw-controls'

const SECRET = Buffer.alloc(32, 3)
const street = (count: number): Candidate[] =>
  Array.from({ length: count }, (_, i) => ({
    merchantCode: `M${String(i).padStart(4, '0')}`,
    branchCode: i % 4 === 0 ? 'B02' : 'B01',
    orders: (i * 7_919) % 1_000,
  }))
const draw = (all: Candidate[], percent: number, campaignId = 'c1') =>
  drawControls(all, percent, drawSeed(SECRET, campaignId, listHash(all), percent))

describe('the draw of control merchants', () => {
  it('is as large as asked, of every branch and of busy and quiet merchants alike', () => {
    const all = street(240)
    const drawn = draw(all, 25)
    expect(new Set(drawn).size).toBe(60)
    const of = (branch: string, from: number, to: number) => {
      const ranked = all.filter((one) => one.branchCode === branch).sort((a, b) => a.orders - b.orders)
      return ranked.slice(from * ranked.length, to * ranked.length).filter((one) => drawn.includes(one.merchantCode))
        .length
    }
    for (const [branch, third] of [
      ['B01', 15],
      ['B02', 5],
    ] as const)
      for (const nth of [0, 1, 2]) expect(Math.abs(of(branch, nth / 3, (nth + 1) / 3) - third)).toBeLessThanOrEqual(1)
  })

  it('is the same however often and in whatever order it is asked for: nobody draws until it pleases', () => {
    const all = street(50)
    expect(draw([...all].reverse(), 20)).toEqual(draw(all, 20))
    expect(draw(all, 20, 'c2')).not.toEqual(draw(all, 20))
  })

  it('draws each merchant as often as any other', () => {
    const all = street(12)
    const times = new Map<string, number>()
    for (let i = 0; i < 3_000; i++)
      for (const code of draw(all, 25, `c${i}`)) times.set(code, (times.get(code) ?? 0) + 1)
    // 750 each, with a deviation of 24
    for (const { merchantCode } of all) expect(Math.abs(times.get(merchantCode)! - 750)).toBeLessThan(110)
  })

  it('draws nobody of nobody, and nobody where a share of few is none', () => {
    expect(draw([], 20)).toEqual([])
    expect(draw(street(2), 20)).toEqual([])
  })
})
