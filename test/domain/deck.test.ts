import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { cardsWithin, commitment, deal, dearestDeck, deckSeed, exposure } from '../../server/domain/deck'
import { MAX_AMOUNT_FEN, MAX_SLOTS, type Rule } from '../../server/domain/rule'
import { CASE_RULE, seedOf, seeds, validRules } from './arbitraries'
import { referenceDeck } from './reference-deck'

const inBand = (rule: Rule, fen: number) => fen >= rule.bandMinFen && fen <= rule.bandMaxFen
const countInBand = (rule: Rule, deck: number[]) => deck.filter((fen) => inBand(rule, fen)).length

/**
 * Frozen. Computed once by a Python program (hmac, hashlib, struct) written from the description of `deal`, for the rule
 * of the case, the secret 0x01 × 32 and the first version: if this changes, seeds already published no longer prove
 * their decks.
 */
const VECTOR = {
  seed: '3ec641a68f5202bfb35f833e7f4e9c6f5321156b96c1506fde38343e5a3d8ba2',
  commitment: '7a9e998de2927f65be52988b8d2e22d824ef4275551b04f19f4a8c7402ce5651',
  amounts: [887, 813, 857, 849, 763, 658, 822, 798, 713, 812, 854, 183, 711, 878, 848, 447, 841, 863, 365, 894],
}

const DECK = { campaignId: 'food-street', merchantCode: 'M0001', businessDate: '2026-11-21' }

describe('a deck', () => {
  it('of the case has 16 cards in the band and 4 outside it, whatever the seed', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const deck = deal(CASE_RULE, seed)
        expect(deck).toHaveLength(20)
        expect(countInBand(CASE_RULE, deck)).toBe(16)
      }),
    )
  })

  it('meets its band and its bounds, on 10,000 decks of any valid rule (I2)', () => {
    fc.assert(
      fc.property(validRules, seeds, (rule, seed) => {
        const deck = deal(rule, seed)
        const ok =
          deck.length === rule.slots &&
          deck.every((fen) => Number.isInteger(fen) && fen >= rule.minFen && fen <= rule.maxFen) &&
          countInBand(rule, deck) * 100 >= rule.bandPercent * rule.slots
        // One boolean a deck: an expect for each of its cards would take most of the time.
        if (!ok) throw new Error(`not a deck of its rule: ${deck}`)
      }),
      { numRuns: 10_000 },
    )
  })

  it('has exactly ⌈percent × slots⌉ cards in the band when there is room outside it', () => {
    fc.assert(
      fc.property(validRules, seeds, (rule, seed) => {
        fc.pre(rule.minFen < rule.bandMinFen || rule.bandMaxFen < rule.maxFen)
        const promised = Number((BigInt(rule.bandPercent * rule.slots) + 99n) / 100n)
        expect(countInBand(rule, deal(rule, seed))).toBe(promised)
      }),
      { numRuns: 1_000 },
    )
  })

  it.each<[string, Partial<Rule>]>([
    ['no room outside the band', { minFen: 700, maxFen: 900 }],
    ['room below it only', { maxFen: 900 }],
    ['room above it only', { minFen: 700 }],
    ['one card', { slots: 1 }],
    ['one amount', { minFen: 800, bandMinFen: 800, bandMaxFen: 800, maxFen: 800 }],
    ['no promise', { bandPercent: 0 }],
    ['nothing but the band', { bandPercent: 100 }],
    ['the largest deck of the largest range', { slots: MAX_SLOTS, maxFen: MAX_AMOUNT_FEN }],
  ])('can be dealt with %s', (_, change) => {
    const rule = { ...CASE_RULE, ...change }
    const deck = deal(rule, seedOf(1))
    expect(deck).toHaveLength(rule.slots)
    expect(deck).toEqual(referenceDeck(rule, seedOf(1)).amounts)
    expect(countInBand(rule, deck)).toBeGreaterThanOrEqual((rule.bandPercent * rule.slots) / 100)
  })

  it('costs no more than it is counted with while it is open (I7)', () => {
    expect(exposure([])).toBe(0)
    expect(exposure([701, 999, 1])).toBe(1_701)
    fc.assert(
      fc.property(validRules, seeds, (rule, seed) => {
        expect(exposure(deal(rule, seed))).toBeLessThanOrEqual(dearestDeck(rule))
      }),
    )
  })

  it('is as short as the rule and the money make it, whatever its cards', () => {
    fc.assert(
      fc.property(validRules, seeds, fc.integer({ min: 0, max: 2_000_000 }), (rule, seed, roomFen) => {
        const slots = cardsWithin(rule, roomFen)
        const costs = (count: number) => dearestDeck({ ...rule, slots: count })
        expect(slots === 0 || costs(slots) <= roomFen).toBe(true)
        expect(slots === rule.slots || costs(slots + 1) > roomFen).toBe(true)
        if (slots > 0) expect(exposure(deal({ ...rule, slots }, seed))).toBeLessThanOrEqual(roomFen)
      }),
    )
  })
})

describe('dealing', () => {
  it('depends on the rule and the seed alone', () => {
    fc.assert(
      fc.property(validRules, seeds, (rule, seed) => {
        expect(deal({ ...rule }, Uint8Array.from(seed))).toEqual(deal(rule, seed))
      }),
    )
  })

  it('gives another deck for another seed', () => {
    const decks = Array.from({ length: 500 }, (_, n) => deal(CASE_RULE, seedOf(n)).join())
    expect(new Set(decks).size).toBe(500)
  })

  it('agrees with a dealer written apart from it, for any valid rule and seed', () => {
    fc.assert(
      fc.property(validRules, seeds, (rule, seed) => {
        expect(deal(rule, seed)).toEqual(referenceDeck(rule, seed).amounts)
      }),
      { numRuns: 300 },
    )
  })

  it('throws a word of the incomplete run away, where a plain remainder would be biased', () => {
    // 2^32 mod 65,175 = 65,146 is the longest incomplete run of any rule: 1 word in 66,000 is in it. Seed 42 is the first
    // whose 1,000 cards meet one (the reference counts them).
    const rule: Rule = { ...CASE_RULE, slots: MAX_SLOTS, bandMinFen: 1, bandMaxFen: 65_175, maxFen: 65_175 }
    const reference = referenceDeck(rule, seedOf(42))
    expect(reference.rejected).toBe(1)
    expect(deal(rule, seedOf(42))).toEqual(reference.amounts)
  })

  it('deals the decks it has always dealt: a published commitment stays checkable', () => {
    const seed = deckSeed(Buffer.alloc(32, 1), DECK, 1)
    expect(seed.toString('hex')).toBe(VECTOR.seed)
    expect(commitment(seed)).toBe(VECTOR.commitment)
    expect(deal(CASE_RULE, seed)).toEqual(VECTOR.amounts)
  })
})

describe('the seed of a deck', () => {
  const secret = Buffer.alloc(32, 1)

  it('is HMAC-SHA256 of the deck’s name under the campaign secret, and its commitment is the hash of it', () => {
    const seed = deckSeed(secret, DECK, 7)
    const name = 'food-street|7|M0001|2026-11-21'
    expect(seed).toEqual(createHmac('sha256', secret).update(name).digest())
    expect(commitment(seed)).toBe(createHash('sha256').update(seed).digest('hex'))
  })

  it('is another for another secret, campaign, version, merchant or date', () => {
    const others = [
      deckSeed(secret, DECK, 1),
      deckSeed(Buffer.alloc(32, 2), DECK, 1),
      deckSeed(secret, DECK, 2),
      deckSeed(secret, { ...DECK, campaignId: 'night-market' }, 1),
      deckSeed(secret, { ...DECK, merchantCode: 'M0002' }, 1),
      deckSeed(secret, { ...DECK, businessDate: '2026-11-22' }, 1),
    ]
    expect(new Set(others.map((seed) => seed.toString('hex'))).size).toBe(others.length)
  })
})
