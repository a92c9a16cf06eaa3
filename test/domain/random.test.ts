import { pooledRandom } from '../../server/domain/random'

describe('bytes drawn ahead', () => {
  /** 1, 2, 3 … over and over: no eight in a row come twice within a pool. */
  const counting = () => {
    let next = 0
    const drawn: number[] = []
    const random = pooledRandom((pool) => {
      drawn.push(pool.length)
      for (let i = 0; i < pool.length; i += 4) new DataView(pool.buffer).setUint32(i, next++)
    })
    return { random, drawn }
  }
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

  it('none is handed out twice, over many pools and lengths', () => {
    const { random, drawn } = counting()
    const lengths = [12, 16, 32, 8, 4, 20]
    const seen = new Set<string>()
    for (let i = 0; i < 3_000; i++) {
      const bytes = random(lengths[i % lengths.length]!)
      expect(bytes).toHaveLength(lengths[i % lengths.length]!)
      for (let at = 0; at < bytes.length; at += 4) {
        const word = hex(bytes.subarray(at, at + 4))
        expect(seen.has(word)).toBe(false)
        seen.add(word)
      }
    }
    expect(drawn.length).toBeGreaterThan(10)
  })

  it('what was handed out is the caller’s: later ones don’t change it, and it doesn’t change them', () => {
    const { random } = counting()
    const first = random(8)
    const kept = hex(first)
    const second = random(8)
    expect(hex(first)).toBe(kept)
    first.fill(0xff)
    expect(hex(second)).not.toContain('ff')
    expect(hex(second)).toBe('0000000200000003')
  })

  it('keeps none of what it handed out', () => {
    let kept: Uint8Array = new Uint8Array()
    const random = pooledRandom((pool) => {
      kept = pool.fill(7)
    })
    expect(hex(random(16))).toBe('07'.repeat(16))
    expect(hex(kept.subarray(0, 17))).toBe(`${'00'.repeat(16)}07`)
  })

  it('refuses more than it can draw at once', () => {
    expect(() => counting().random(4_097)).toThrow(RangeError)
    expect(counting().random(4_096)).toHaveLength(4_096)
  })
})
