import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { deal } from '../../server/domain/deck'
import { countOf, isSealed, openCards, sealCards } from '../../server/domain/deck-seal'
import { CASE_RULE, seedOf, seeds, validRules } from './arbitraries'

const SECRET = Buffer.alloc(32, 7)
const DECK = { campaignId: 'street', version: 1, merchantCode: 'M0001', businessDate: '2026-11-21' }
const sealed = (amountsFen: readonly number[]) => sealCards(SECRET, DECK, amountsFen, randomBytes(12))

describe('a sealed deck', () => {
  it('opens to what was dealt, and tells without a key only how many cards it has', () => {
    fc.assert(
      fc.property(validRules, seeds, (rule, seed) => {
        const amountsFen = deal(rule, seed)
        const cards = sealed(amountsFen)
        expect(openCards(SECRET, DECK, cards)).toEqual(amountsFen)
        expect(countOf(cards)).toBe(rule.slots)
        expect(cards).toHaveLength(sealed(amountsFen.map(() => 1)).length)
      }),
      { numRuns: 50 },
    )
  })

  it('is another each time', () => {
    expect(sealed([700, 800])).not.toEqual(sealed([700, 800]))
  })

  it('opens in no other place, under no other secret, and not when a bit of it is another', () => {
    const cards = sealed(deal(CASE_RULE, seedOf(1)))
    const others = { campaignId: 'Street', version: 2, merchantCode: 'M0002', businessDate: '2026-11-22' }
    for (const [name, value] of Object.entries(others))
      expect([name, openCards(SECRET, { ...DECK, [name]: value }, cards)]).toEqual([name, undefined])
    expect(openCards(Buffer.alloc(32, 8), DECK, cards)).toBeUndefined()
    expect(openCards(undefined, DECK, cards)).toBeUndefined()
    for (const at of cards.keys()) {
      const changed = Buffer.from(cards)
      changed[at]! ^= 1
      expect(openCards(SECRET, DECK, changed)).toBeUndefined()
    }
    for (const short of [Buffer.alloc(0), cards.subarray(0, 27), cards.subarray(0, -2)])
      expect(openCards(SECRET, DECK, short)).toBeUndefined()
  })

  it('is its own campaign’s in turns with another’s, and after the buffer of a secret was used for the other', () => {
    const other = Buffer.alloc(32, 8)
    const nonce = Buffer.alloc(12)
    const alone = [SECRET, other].map((secret) => sealCards(secret, DECK, [700], nonce))
    const shared = Buffer.alloc(32)
    const inTurns = [SECRET, other, SECRET, other].map((secret) => {
      shared.set(secret)
      return sealCards(shared, DECK, [700], nonce)
    })
    expect(inTurns).toEqual([...alone, ...alone])
    expect(alone[0]).not.toEqual(alone[1])
    expect(openCards(SECRET, DECK, alone[1]!)).toBeUndefined()
    expect(openCards(other, DECK, alone[1]!)).toEqual([700])
  })

  it('of a day that is closed is what it is, without a key', () => {
    expect(openCards(undefined, DECK, [700, 800])).toEqual([700, 800])
    expect([countOf([700, 800]), isSealed([700, 800]), isSealed(sealed([700]))]).toEqual([2, false, true])
  })
})
