import fc from 'fast-check'
import { commitment, deal } from '../../server/domain/deck'
import { bandCount } from '../../server/domain/rule'
import { dealFrom, promisedInBand, seedBytes, sha256Hex } from '../../src/pages/verify/deal'
import { seeds, validRules } from './arbitraries'

/** The reader's browser deals by code of its own: were the two to differ, honest decks would be called rigged. */
describe('the dealer in the reader’s browser', () => {
  it('deals the same decks as the server, for hundreds of rules and seeds', () => {
    fc.assert(
      fc.property(validRules, seeds, (rule, seed) => {
        expect(dealFrom(rule, new Uint8Array(seed))).toEqual(deal(rule, seed))
        expect(promisedInBand(rule)).toBe(bandCount(rule))
        expect(sha256Hex(new Uint8Array(seed))).toBe(commitment(seed))
      }),
      { numRuns: 250 },
    )
  })

  it('takes a seed of 32 bytes in hex, and nothing else', () => {
    expect(seedBytes('0aff'.repeat(16))).toEqual(Uint8Array.from(Array(16).fill([10, 255]).flat()))
    for (const text of ['', '0a', 'zz'.repeat(32), '0A'.repeat(32), '0a'.repeat(33)])
      expect(seedBytes(text)).toBeUndefined()
  })
})
