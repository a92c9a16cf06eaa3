import type { Limit, Limiter } from '../../server/flow/ports'

/** A limiter with what a test does around it. */
export interface LimiterSubject {
  limiter: Limiter
  /** when all that the limiter does beside requests is done */
  settled(): Promise<void>
  /** so many ms later, wherever time is kept */
  pass(ms: number): Promise<void>
}

let names = 0
/** A limit that no other test counts by. */
export const limitOf = (points: number, seconds = 10): Limit => ({ name: `limit-${++names}`, points, seconds })

/** What every limiter does, whatever it shares with others. */
export function limiterContract(open: () => LimiterSubject): void {
  async function spend({ limiter, settled }: LimiterSubject, limit: Limit, times: number, who = 'p1') {
    const allowed: boolean[] = []
    for (let i = 0; i < times; i++) {
      allowed.push(limiter.spend(limit, who).allowed)
      await settled()
    }
    return allowed
  }
  const so = (yes: number, no: number) => [...Array(yes).fill(true), ...Array(no).fill(false)]

  it.each([1, 2, 3, 7, 20])('allows so many in a window and no more: %s', async (points) => {
    expect(await spend(open(), limitOf(points), points + 3)).toEqual(so(points, 3))
  })

  it('says what is left, and for how long', async () => {
    const { limiter, settled, pass } = open()
    const limit = limitOf(8)
    const told: [boolean, number, boolean][] = []
    for (let i = 0; i < 9; i++) {
      const { allowed, left, resetMs } = limiter.spend(limit, 'p1')
      told.push([allowed, left, resetMs > 0 && resetMs <= 10_000])
      await settled()
    }
    expect(told).toEqual([...[7, 6, 5, 4, 3, 2, 1, 0].map((left) => [true, left, true]), [false, 0, true]])
    const before = limiter.look(limit, 'p1').resetMs
    await pass(4_000)
    expect(before - limiter.look(limit, 'p1').resetMs).toBeGreaterThanOrEqual(3_999)
  })

  it('counts everybody apart, and every limit', async () => {
    const subject = open()
    const [one, other] = [limitOf(3), limitOf(3)]
    expect(await spend(subject, one, 4, 'p1')).toEqual(so(3, 1))
    expect(await spend(subject, one, 4, 'p2')).toEqual(so(3, 1))
    expect(await spend(subject, other, 4, 'p1')).toEqual(so(3, 1))
  })

  it('begins anew when the window has ended, which no refusal makes longer', async () => {
    const subject = open()
    const limit = limitOf(4)
    expect(await spend(subject, limit, 5)).toEqual(so(4, 1))
    await subject.pass(9_000)
    expect(await spend(subject, limit, 3)).toEqual(so(0, 3))
    await subject.pass(1_001)
    expect(await spend(subject, limit, 5)).toEqual(so(4, 1))
  })

  it('is looked at without being counted', async () => {
    const { limiter, settled } = open()
    const limit = limitOf(2)
    expect(limiter.look(limit, 'p1')).toEqual({ allowed: true, left: 2, resetMs: 0 })
    for (let i = 0; i < 5; i++) limiter.look(limit, 'p1')
    limiter.spend(limit, 'p1')
    await settled()
    expect(limiter.look(limit, 'p1')).toMatchObject({ allowed: true, left: 1 })
    limiter.spend(limit, 'p1')
    await settled()
    expect(limiter.look(limit, 'p1')).toMatchObject({ allowed: false, left: 0 })
  })

  it('answers who comes in one moment as it answers who come one after another', async () => {
    const { limiter, settled } = open()
    const limit = limitOf(12)
    const allowed = Array.from({ length: 30 }, () => limiter.spend(limit, 'p1').allowed)
    expect(allowed).toEqual(so(12, 18))
    await settled()
    expect(limiter.spend(limit, 'p1').allowed).toBe(false)
  })
}
