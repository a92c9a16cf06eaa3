import fc from 'fast-check'
import { canonical } from '../../server/domain/canonical'
import { commitment, deal, deckSeed } from '../../server/domain/deck'
import {
  commitTo,
  commitToSecret,
  type DeckTerms,
  opens,
  proverOf,
  seedBy,
  seedOf,
} from '../../server/domain/deck-proof'
import type { Rule } from '../../server/domain/rule'
import { proveDeck, type RevealedDeck } from '../../server/domain/verify-deck'
import type { DeckView } from '../../server/http/contract'
import { hexOf } from '../../src/pages/verify/deal'
import { commitmentOf, secretCommitment, seedFrom } from '../../src/pages/verify/opening'
import { CASE_RULE, seeds, validRules } from './arbitraries'

/**
 * Frozen. Computed once by a Python program (hmac, hashlib, json with sorted keys) written from docs/PROOF.md, for the rule of the case and
 * the secret 0x01 × 32: if this changes, commitments that payers hold no longer open.
 */
const VECTORS = {
  alone: {
    seed: 'fa0b04649d5c61ca744e2a3db3288614ee8d342843961e4c8bc80f5fe4975f0f',
    commitment: 'v2.4d29848f31594dedb7a2a0b5c06ebf5a437df8974744857e359681e732a99d02',
  },
  mixed: {
    seed: '37eddccc6cbe506792f59b2480db0534dd93df131df0fd99e5c4b5fe538e16cb',
    commitment: 'v2.43d8e9069e83050eadbfeeb5ca32e3b4d4b8ed5368ca6eafad8fbf8081ee3165',
  },
  secret: 's1.a28a86a62481fcf44573524514fd7e9be867149266601cbdc828e36f9db4ba0c',
}
const SECRET = Buffer.alloc(32, 1)
const { startDate: _, endDate: __, ...RULE } = CASE_RULE
const TERMS: DeckTerms = {
  campaignId: 'food-street',
  version: 1,
  merchantCode: 'M0001',
  businessDate: '2026-11-21',
  rule: RULE,
  slots: 20,
  beacon: null,
}
const PULSE = { source: 'https://beacon.example/chain', round: 7, value: 'ab'.repeat(32) }

/** As it is published, dealt honestly. */
function revealed(terms: DeckTerms, secret = SECRET): RevealedDeck {
  const seed = seedOf(secret, terms)
  const rule = { ...terms.rule, slots: terms.slots }
  const { slots: ___, ...named } = terms
  const wantedSlots = terms.rule.slots
  return { ...named, rule, wantedSlots, seed, commitment: commitTo(terms, seed), amountsFen: deal(rule, seed) }
}
/** The same as the API tells it. */
const told = ({ seed, amountsFen, ...deck }: RevealedDeck) =>
  ({ ...deck, seed: hexOf(seed), amountsFen: [...amountsFen] }) as unknown as DeckView

describe('canonical JSON', () => {
  it('is one text of a value, as RFC 8785 has it', () => {
    const value = { b: [1, 'é"\n', null, true], a: { z: -1, A: '€', '\ud83d\ude00': 0, '\ufb33': 2 } }
    expect(canonical(value)).toBe('{"a":{"A":"€","z":-1,"😀":0,"\ufb33":2},"b":[1,"é\\"\\n",null,true]}')
  })

  it('has none of a number that languages write differently', () => {
    for (const value of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) expect(() => canonical([value])).toThrow()
  })
})

describe('a commitment to a deck', () => {
  it('is frozen, with a beacon and without', () => {
    for (const [beacon, { seed, commitment: expected }] of [
      [null, VECTORS.alone],
      [PULSE, VECTORS.mixed],
    ] as const) {
      const terms = { ...TERMS, beacon }
      expect(seedOf(SECRET, terms).toString('hex')).toBe(seed)
      expect(commitTo(terms, Buffer.from(seed, 'hex'))).toBe(expected)
    }
    expect(commitToSecret('food-street', SECRET)).toBe(VECTORS.secret)
  })

  it('opens to one deck: no part of it can be another', () => {
    const seed = seedOf(SECRET, TERMS)
    const commitment = commitTo(TERMS, seed)
    expect(opens(commitment, TERMS, seed)).toBe(true)
    const others: DeckTerms[] = [
      { ...TERMS, campaignId: 'food-street-2' },
      { ...TERMS, version: 2 },
      { ...TERMS, merchantCode: 'M0002' },
      { ...TERMS, businessDate: '2026-11-22' },
      { ...TERMS, slots: 19 },
      { ...TERMS, beacon: PULSE },
      ...(Object.keys(RULE) as (keyof Rule)[]).map((field) => ({
        ...TERMS,
        rule: { ...RULE, [field]: RULE[field] + 1 },
      })),
    ]
    for (const other of others) expect(opens(commitment, other, seed)).toBe(false)
    expect(opens(commitment, TERMS, Buffer.alloc(32, 2))).toBe(false)
    expect(opens(commitment, { ...TERMS, rule: null }, seed)).toBe(false)
    expect(opens(commitment.slice(3), TERMS, seed)).toBe(false)
  })

  it('opens to no other of 300 random decks, and no two parts can trade places', () => {
    const decks = new Map<string, string>()
    const code = fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/)
    fc.assert(
      fc.property(validRules, seeds, code, code, fc.integer({ min: 1, max: 3 }), (rule, seed, a, b, version) => {
        const terms = { ...TERMS, campaignId: a, merchantCode: b, version, rule, slots: rule.slots }
        const name = canonical([a, b, version, Object.values(rule), Buffer.from(seed).toString('hex')])
        const found = commitTo(terms, seed)
        expect(decks.get(found) ?? name).toBe(name)
        decks.set(found, name)
      }),
      { numRuns: 300 },
    )
  })

  it('is the same made a day at a time, whatever the merchants are called', () => {
    const code = fc.string({ unit: 'grapheme', maxLength: 8 })
    fc.assert(
      fc.property(validRules, seeds, code, code, fc.boolean(), (rule, secret, campaignId, merchantCode, mixed) => {
        const terms = { ...TERMS, campaignId, merchantCode, rule, slots: rule.slots, beacon: mixed ? PULSE : null }
        const prover = proverOf(secret, terms)
        const seed = prover.seed(merchantCode)
        expect(seed).toEqual(seedOf(secret, terms))
        for (const slots of [rule.slots, 1])
          expect(prover.commitment(merchantCode, slots, seed)).toBe(commitTo({ ...terms, slots }, seed))
      }),
      { numRuns: 200 },
    )
  })

  it('from before there were tags binds its seed, as it did', () => {
    const seed = deckSeed(SECRET, TERMS, 1)
    expect(seedBy(commitment(seed), SECRET, TERMS)).toEqual(seed)
    expect(opens(commitment(seed), { ...TERMS, rule: null }, seed)).toBe(true)
    expect(seedBy(commitTo(TERMS, seed), SECRET, TERMS)).toEqual(seedOf(SECRET, TERMS))
  })
})

describe('the proof of a deck', () => {
  const honest = revealed(TERMS)
  const cheaper = { ...RULE, bandMinFen: 600, bandMaxFen: 800 }
  const forgeries: [string, RevealedDeck][] = [
    ['19 other cards of the same seed', { ...revealed({ ...TERMS, slots: 19 }), commitment: honest.commitment }],
    ['a deck of another rule', { ...revealed({ ...TERMS, rule: cheaper }), commitment: honest.commitment }],
    ['a deck of another merchant', { ...revealed({ ...TERMS, merchantCode: 'M2' }), commitment: honest.commitment }],
  ]

  it('holds for what was dealt, short decks and such with a beacon too', () => {
    for (const terms of [TERMS, { ...TERMS, slots: 9 }, { ...TERMS, beacon: PULSE }])
      expect(proveDeck(revealed(terms))).toMatchObject({ holds: true, committed: true, differing: [], derived: null })
  })

  it.each(forgeries)('refuses %s under the same commitment', (_, forged) => {
    expect(proveDeck(forged)).toMatchObject({ holds: false, committed: false, differing: [], withinBounds: true })
  })

  it('refuses more cards than the rule promises', () => {
    const more = revealed({ ...TERMS, slots: 21 })
    expect(proveDeck(more)).toMatchObject({ holds: false, committed: true, withinBounds: false })
  })

  it('proves a payer’s card by what they were told, and refuses another deck’s, another card and another amount', () => {
    const { commitment: known, amountsFen } = honest
    const receipt = { commitment: known, slot: 3, discountFen: amountsFen[3]! }
    const of = (changed: Partial<typeof receipt>) => proveDeck(honest, { receipt: { ...receipt, ...changed } })
    expect(of({})).toMatchObject({ holds: true, receipt: { sameDeck: true, sameCard: true } })
    expect(of({ commitment: VECTORS.mixed.commitment })).toMatchObject({ holds: false, receipt: { sameDeck: false } })
    expect(of({ discountFen: amountsFen[3]! + 1 })).toMatchObject({ holds: false, receipt: { sameCard: false } })
    expect(of({ slot: 20 })).toMatchObject({ holds: false, receipt: { sameCard: false } })
  })

  it('shows a seed that was chosen, once the campaign’s secret is known', () => {
    const secret = { commitment: commitToSecret('food-street', SECRET), secret: SECRET }
    expect(proveDeck(honest, { secret })).toMatchObject({ holds: true, derived: true })
    const ground = revealed(TERMS, Buffer.alloc(32, 9))
    expect(proveDeck(ground, { secret })).toMatchObject({ holds: false, committed: true, derived: false })
    const later = { commitment: secret.commitment, secret: Buffer.alloc(32, 9) }
    expect(proveDeck(ground, { secret: later })).toMatchObject({ holds: false, derived: false })
  })
})

describe('the reader’s browser', () => {
  it('makes the same commitments and seeds as the server, of hundreds of decks, old ones too', () => {
    fc.assert(
      fc.property(validRules, seeds, fc.boolean(), fc.boolean(), (rule, secret, mixed, old) => {
        const terms = { ...TERMS, rule, slots: Math.ceil(rule.slots / 2), beacon: mixed ? PULSE : null }
        const deck = revealed(terms, Buffer.from(secret))
        if (old) deck.commitment = commitment(deck.seed)
        expect(commitmentOf(told(deck), new Uint8Array(deck.seed))).toBe(deck.commitment)
        const seed = seedBy(deck.commitment, secret, deck).toString('hex')
        expect(seedFrom(new Uint8Array(secret), told(deck))).toBe(seed)
        expect(secretCommitment(terms, new Uint8Array(secret))).toBe(commitToSecret(terms.campaignId, secret))
      }),
      { numRuns: 200 },
    )
  })
})
