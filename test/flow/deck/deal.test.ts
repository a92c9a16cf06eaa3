import { commitment, deal, dearestDeck, deckSeed, exposure } from '../../../server/domain/deck'
import { commitTo, commitToSecret, type Pulse, seedOf } from '../../../server/domain/deck-proof'
import { countOf, sealCards } from '../../../server/domain/deck-seal'
import { deckKeys, masterKeys } from '../../../server/domain/key-ring'
import { closeDecks } from '../../../server/flow/deck/close-decks'
import { dealDeck } from '../../../server/flow/deck/deal'
import { pulseTime } from '../../../server/flow/deck/dealer'
import { merchantDay, shopfront } from '../../../server/flow/merchant/show'
import { LedgerUnavailable } from '../../../server/flow/ports'
import { CAMPAIGN, type Flow, startFlow } from '../../support/flow'

/** What today's whole deck costs. */
async function costOfDeck(): Promise<number> {
  const probe = startFlow()
  await probe.quote('p1')
  return probe.ledger.committedFen('street')
}

const secret = (flow: Flow) => flow.deps.campaignSecret(CAMPAIGN.campaignId)!
const termsOf = (flow: Flow, slots = CAMPAIGN.rule.slots, beacon: Pulse | null = null) => {
  return { ...flow.deck(), version: 1, rule: CAMPAIGN.rule, slots, beacon }
}

/** A deck that one process dealt and loaded, as another finds it that knows of nothing. */
async function restarted() {
  const flow = startFlow()
  await flow.quote('p1')
  const [stored, amountsFen] = [(await flow.ledger.deck(flow.deck()))!, await flow.cards()]
  flow.deps.ledger = { ...flow.ledger }
  return { flow, stored, amountsFen }
}

describe('a deck', () => {
  it('is dealt on first use: committed with its exposure and all that it is dealt by, then loaded', async () => {
    const flow = startFlow()
    await flow.quote('p1')
    const seed = seedOf(secret(flow), termsOf(flow))
    const dealt = await flow.ledger.deck(flow.deck())
    const committed = commitTo(termsOf(flow), seed)
    expect(dealt).toMatchObject({ commitment: committed, version: 1 })
    expect(await flow.cards()).toEqual(deal(CAMPAIGN.rule, seed))
    expect(flow.ledger.committedFen('street')).toBe(dearestDeck(CAMPAIGN.rule))
    expect(await flow.slots.count(flow.deck())).toMatchObject({ free: 4, leased: 1, used: 0 })
  })

  it('is dealt once for twenty payers who come first at once (I7)', async () => {
    const flow = startFlow()
    const quotes = await Promise.all(Array.from({ length: 20 }, (_, i) => flow.quote(`p${i}`)))
    const slots = quotes.flatMap((one) => (one.card ? [one.card.slot] : []))
    expect(slots.sort()).toEqual([0, 1, 2, 3, 4])
    expect(quotes.filter((one) => one.reason === 'all-held')).toHaveLength(15)
    expect(flow.ledger.committedFen('street')).toBe(dearestDeck(CAMPAIGN.rule))
  })

  it('that fits the budget exactly is dealt; the next day’s waits for what nobody drew of it (I7)', async () => {
    const exact = startFlow({ campaign: { budgetFen: await costOfDeck() } })
    expect((await exact.quote('p1')).reason).toBeNull()
    expect(await exact.deps.decks.shortage(exact.deck())).toBeUndefined()
    exact.pass(86_400_000)
    expect((await exact.quote('p1')).reason).toBe('all-held')
    expect(await exact.ledger.deck(exact.deck())).toBeUndefined()
    expect(await exact.deps.decks.shortage(exact.deck())).toBeUndefined()
    await closeDecks(exact.deps)
    exact.pass(1_001)
    expect((await exact.quote('p1')).reason).toBeNull()
  })

  it('isn’t dealt where the money is really gone, and that is recorded', async () => {
    const flow = startFlow({ campaign: { budgetFen: await costOfDeck() } })
    for (let i = 0; i < 5; i++) await flow.order(await flow.quote(`p${i}`))
    const usedFen = exposure(await flow.cards())
    flow.pass(86_400_000)
    await closeDecks(flow.deps)
    expect(flow.ledger.committedFen('street')).toBe(usedFen)
    flow.ledger.setBudget('street', usedFen + CAMPAIGN.rule.bandMaxFen - 1)
    expect((await flow.quote('p1')).reason).toBe('budget-exhausted')
    expect(await flow.ledger.deck(flow.deck())).toBeUndefined()
    expect(await flow.deps.decks.shortage(flow.deck())).toMatchObject({ wantedSlots: 5, dealtSlots: 0, by: 'campaign' })
  })

  it('is a new one each business date', async () => {
    const flow = startFlow()
    await flow.quote('p1')
    const first = await flow.cards()
    flow.pass(86_400_000)
    await flow.quote('p1')
    expect(await flow.cards()).not.toEqual(first)
  })
})

describe('where the budget ends', () => {
  it('the largest deck is dealt that it covers, from the same seed, and the band holds for it (I2, I7)', async () => {
    const flow = startFlow({ campaign: { budgetFen: (await costOfDeck()) - 1 } })
    expect((await flow.quote('p1')).reason).toBeNull()
    const deck = (await flow.ledger.deck(flow.deck()))!
    const seed = seedOf(secret(flow), termsOf(flow))
    const amountsFen = await flow.cards()
    expect(amountsFen).toEqual(deal({ ...CAMPAIGN.rule, slots: 4 }, seed))
    expect(deck.commitment).toBe(commitTo(termsOf(flow, 4), seed))
    expect(amountsFen.filter((fen) => fen >= 700 && fen <= 900)).toHaveLength(4)
    expect(flow.ledger.committedFen('street')).toBe(dearestDeck({ ...CAMPAIGN.rule, slots: 4 }))
    const shortage = { wantedSlots: 5, dealtSlots: 4, by: 'campaign' }
    expect(await flow.deps.decks.shortage(flow.deck())).toMatchObject(shortage)
    const shown = (await shopfront(flow.deps, 'M0001'))!.offer!
    expect([shown.slots, shown.remaining]).toEqual([4, 4])
    expect((await merchantDay(flow.deps, 'M0001'))!.slots).toEqual({ total: 4, used: 0 })
  })

  it('a short deck is the same again after the slot store lost it, also when the budget has grown', async () => {
    const budgetFen = (await costOfDeck()) - 1
    const flow = startFlow({ campaign: { budgetFen } })
    await flow.quote('p1')
    const before = await flow.ledger.deck(flow.deck())
    flow.slots.forget()
    flow.ledger.setBudget('street', 10 * budgetFen)
    const quotes = await Promise.all(Array.from({ length: 6 }, (_, i) => flow.quote(`p${i}`)))
    expect(quotes.filter((one) => one.card)).toHaveLength(4)
    expect(await flow.ledger.deck(flow.deck())).toEqual(before)
  })

  it('a merchant without a deck is shown to have no card left, and is dealt one when the budget grows', async () => {
    const flow = startFlow({ campaign: { budgetFen: 600 } })
    expect((await flow.quote('p1')).reason).toBe('budget-exhausted')
    expect((await shopfront(flow.deps, 'M0001'))!.offer).toMatchObject({ slots: 0, remaining: 0 })
    expect((await merchantDay(flow.deps, 'M0001'))!.slots).toEqual({ total: 0, used: 0 })
    flow.ledger.setBudget('street', 1_000_000)
    flow.pass(1_001)
    expect((await flow.quote('p1')).reason).toBeNull()
    expect(await flow.deps.decks.shortage(flow.deck())).toBeUndefined()
    expect(await flow.cards()).toHaveLength(5)
  })

  it('payers of a merchant without a deck cost the ledger no more than one a second does', async () => {
    const flow = startFlow({ campaign: { budgetFen: 600 } })
    const asked = jest.spyOn(flow.ledger, 'commitDeck')
    const everyone = () => Promise.all(Array.from({ length: 50 }, (_, i) => flow.quote(`p${i}`)))
    for (let i = 0; i < 2; i++) for (const one of await everyone()) expect(one.reason).toBe('budget-exhausted')
    // for a whole deck, and once more when it is known that nothing comes back
    expect(asked).toHaveBeenCalledTimes(2)
    flow.pass(1_001)
    await everyone()
    expect(asked).toHaveBeenCalledTimes(4)
  })

  it('twenty payers at once get what the budget covers and not a card more (I7)', async () => {
    const flow = startFlow({ campaign: { budgetFen: 2_000 } })
    const quotes = await Promise.all(Array.from({ length: 20 }, (_, i) => flow.quote(`p${i}`)))
    expect(quotes.filter((one) => one.card)).toHaveLength(2)
    expect(await flow.cards()).toHaveLength(2)
    expect(flow.ledger.committedFen('street')).toBe(2 * CAMPAIGN.rule.bandMaxFen)
  })
})

describe('after the master key was replaced', () => {
  const [old, next] = [Buffer.alloc(32, 7), Buffer.alloc(32, 8)]
  const replaced = async (previous: Buffer[]) => {
    const flow = startFlow()
    await flow.quote('p1')
    const before = (await flow.ledger.deck(flow.deck()))!
    flow.slots.forget()
    Object.assign(flow.deps, deckKeys(masterKeys(next, previous)))
    return { flow, before }
  }

  it('a deck stands that was dealt by the key before, and names it; the next day’s too, by the secret its version committed to', async () => {
    const { flow, before } = await replaced([old])
    expect((await flow.quote('p1')).reason).toBeNull()
    expect(before.keyId).toBe(masterKeys(old).current.id)
    flow.pass(86_400_000)
    await flow.quote('p1')
    const after = (await flow.ledger.deck(flow.deck()))!
    expect(after.keyId).toBe(masterKeys(old).current.id)
    const kept = flow.deps.campaignSecret('street', after.keyId)!
    expect(after.commitment).toBe(commitTo(termsOf(flow), seedOf(kept, termsOf(flow))))
  })

  it('no deck is dealt by a secret that its version didn’t commit to, nor while that one’s key is gone', async () => {
    const { flow } = await replaced([])
    flow.pass(86_400_000)
    expect((await flow.quote('p1')).reason).toBe('discount-unavailable')
    expect(String(flow.faults.at(-1))).toContain('committed to a secret that is none of ours')
    const chosen = startFlow()
    const commitment = commitToSecret('street', Buffer.alloc(32, 5))
    await chosen.deps.decks.publishSecret('street', 1, { keyId: chosen.deps.deckKeyId, commitment, at: 0 })
    expect((await chosen.quote('p1')).reason).toBe('discount-unavailable')
    expect(await chosen.ledger.deck(chosen.deck())).toBeUndefined()
  })

  it('nobody is paid from a deck whose key is gone', async () => {
    const { flow } = await replaced([])
    expect((await flow.quote('p1')).reason).toBe('discount-unavailable')
  })

  it('a deck from before keys had names is verified by the oldest', async () => {
    const { flow, before } = await replaced([Buffer.alloc(32, 9), old])
    flow.ledger.deck = async () => ({ ...before, keyId: null })
    expect((await flow.quote('p1')).reason).toBeNull()
  })
})

describe('an older deck', () => {
  it('whose commitment binds its seed alone is paid from as before', async () => {
    const flow = startFlow()
    const seed = deckSeed(secret(flow), flow.deck(), 1)
    const named = { ...flow.deck(), version: 1 }
    const cards = sealCards(secret(flow), named, deal(CAMPAIGN.rule, seed), Buffer.alloc(12))
    const old = { ...named, commitment: commitment(seed), cards, dealtAt: 0, keyId: null }
    await flow.ledger.commitDeck(old, dearestDeck(CAMPAIGN.rule))
    expect(await flow.quote('p1')).toMatchObject({ reason: null, card: { commitment: commitment(seed) } })
  })

  it('whose cards were never sealed is paid from as before', async () => {
    const { flow, stored, amountsFen } = await restarted()
    flow.deps.ledger.deck = async () => ({ ...stored, cards: amountsFen })
    expect(await flow.quote('p1')).toMatchObject({ reason: null, figures: { discountFen: amountsFen[0] } })
  })
})

describe('a public beacon', () => {
  const PULSE = { source: 'https://beacon.example/chain', round: 7, value: 'ab'.repeat(32) }
  const mixed = (pulseAt: () => Promise<Pulse>) => {
    const flow = startFlow()
    const beacon = { pulseAt: jest.fn(pulseAt) }
    const onBeaconFault = jest.fn()
    Object.assign(flow.deps, { beacon, onBeaconFault })
    return { flow, beacon, onBeaconFault }
  }

  it('is mixed into the seeds of a date: asked once, for the evening before, and committed to', async () => {
    const { flow, beacon } = mixed(async () => PULSE)
    await flow.quote('p1')
    flow.slots.forget()
    expect((await flow.quote('p2')).reason).toBeNull()
    expect(beacon.pulseAt.mock.calls).toEqual([[pulseTime('2026-11-21')]])
    expect(new Date(pulseTime('2026-11-21')).toISOString()).toBe('2026-11-20T14:59:00.000Z')
    const terms = termsOf(flow, 5, PULSE)
    const commitment = commitTo(terms, seedOf(secret(flow), terms))
    expect(await flow.ledger.deck(flow.deck())).toMatchObject({ commitment, beacon: PULSE })
  })

  it('that is away stops nothing: the date is dealt without it, which stays so, and is said', async () => {
    const { flow, beacon, onBeaconFault } = mixed(() => Promise.reject(new Error('away')))
    expect((await flow.quote('p1')).reason).toBeNull()
    beacon.pulseAt.mockResolvedValue(PULSE)
    expect(await flow.deps.decks.pulse('2026-11-21')).toBeNull()
    expect(await flow.deps.decks.notePulse('2026-11-21', PULSE, 0)).toBeNull()
    expect((await flow.ledger.deck(flow.deck()))!.beacon).toBeUndefined()
    await dealDeck(flow.deps, CAMPAIGN, { ...flow.deck(), merchantCode: 'M0002' })
    expect(beacon.pulseAt).toHaveBeenCalledTimes(1)
    expect(onBeaconFault).toHaveBeenCalledTimes(1)
    flow.pass(86_400_000)
    await flow.quote('p1')
    expect((await flow.ledger.deck(flow.deck()))!.beacon).toEqual(PULSE)
  })

  it('leaves nobody to deal before it has spoken', async () => {
    const { flow } = mixed(async () => PULSE)
    const tomorrow = { ...flow.deck(), businessDate: '2026-11-22' }
    await expect(dealDeck(flow.deps, CAMPAIGN, tomorrow)).rejects.toThrow('beacon')
    expect(await flow.ledger.deck(tomorrow)).toBeUndefined()
  })
})

describe('after the slot store lost everything', () => {
  it('the same deck is dealt again without the slots that orders hold, and costs nothing more', async () => {
    const flow = startFlow()
    const [paid, unknown] = [await flow.quote('p1'), await flow.quote('p2')]
    await flow.order(paid)
    flow.channel.next('pay', { kind: 'lose-reply' })
    await flow.order(unknown)
    const costFen = flow.ledger.committedFen('street')
    flow.slots.forget()
    const quotes = [await flow.quote('p3'), await flow.quote('p4'), await flow.quote('p5'), await flow.quote('p6')]
    expect(quotes.map((one) => one.card?.slot ?? one.reason)).toEqual([2, 3, 4, 'all-held'])
    const amountsFen = await flow.cards()
    for (const one of quotes.slice(0, 3)) expect(one.figures.discountFen).toBe(amountsFen[one.card!.slot])
    expect(flow.ledger.committedFen('street')).toBe(costFen)
  })

  it('a slot whose order closed is dealt again', async () => {
    const flow = startFlow()
    flow.channel.next('pay', { kind: 'decline', code: 'insufficient-funds' })
    const first = await flow.quote('p1')
    await flow.order(first)
    flow.slots.forget()
    expect((await flow.quote('p2')).card).toEqual(first.card)
  })

  it('two payers who hold a quote of one slot get it once (I1): the other is refused and quoted another', async () => {
    const flow = startFlow()
    const first = await flow.quote('p1')
    flow.slots.forget()
    const second = await flow.quote('p2')
    expect(second.card).toEqual(first.card)
    expect((await flow.order(first)).state).toBe('paid')
    expect(await flow.pay(second)).toEqual({ kind: 'refused', code: 'slot-taken' })
    expect((await flow.quote('p2')).card).not.toEqual(first.card)
  })
})

describe('a deck dealt under an earlier version', () => {
  it('stands as it was dealt', async () => {
    const flow = startFlow()
    await flow.quote('p1')
    const before = (await flow.ledger.deck(flow.deck()))!
    flow.slots.forget()
    const edited = { ...CAMPAIGN, version: 2, rule: { ...CAMPAIGN.rule, bandMinFen: 800 } }
    expect(await dealDeck(flow.deps, edited, flow.deck())).toBe('ready')
    expect(await flow.ledger.deck(flow.deck())).toEqual(before)
    expect((await flow.quote('p1')).figures.discountFen).toBe((await flow.cards())[0])
  })

  it('is held against the rule of its own version', async () => {
    const flow = startFlow()
    await flow.quote('p1')
    flow.slots.forget()
    const stored = (await flow.ledger.deck(flow.deck()))!
    const cards = (await flow.cards()).with(1, 900).with(2, 901)
    flow.ledger.deck = async () => ({ ...stored, cards })
    const edited = { ...CAMPAIGN, version: 2, rule: { ...CAMPAIGN.rule, bandMinFen: 800 } }
    await expect(dealDeck(flow.deps, edited, flow.deck())).rejects.toThrow("doesn't follow from its seed")
  })

  it('is what is loaded when another process committed it in the same instant', async () => {
    const flow = startFlow()
    const edited = { ...CAMPAIGN, version: 2, rule: { ...CAMPAIGN.rule, bandMinFen: 800 } }
    flow.deps.decks.ruleOf = async (_, version) => (version === 2 ? edited.rule : CAMPAIGN.rule)
    const { commitDeck } = flow.ledger
    flow.ledger.commitDeck = async (...args) => {
      flow.ledger.commitDeck = commitDeck
      await dealDeck(flow.deps, edited, flow.deck())
      flow.slots.forget()
      return commitDeck(...args)
    }
    await dealDeck(flow.deps, CAMPAIGN, flow.deck())
    const dealt = (await flow.ledger.deck(flow.deck()))!
    expect(dealt.version).toBe(2)
    expect((await flow.quote('p1')).figures.discountFen).toBe((await flow.cards())[0])
  })
})

describe('a stored deck that doesn’t follow from its seed', () => {
  const tampered = {
    'another commitment': { commitment: '0'.repeat(64) },
    'another version': { version: 3 },
    'other amounts': { cards: [1_000, 1_000, 1_000, 1_000, 1_000] },
    'a seal of nothing': { cards: Buffer.alloc(0) },
    'another seal': { cards: Buffer.alloc(38, 1) },
  }
  const REFUSED = /doesn't follow from its seed|seal doesn't open/
  it.each(Object.entries(tampered))('%s: is not dealt from; payments go on in full', async (_, change) => {
    const flow = startFlow()
    await flow.quote('p1')
    flow.slots.forget()
    const stored = (await flow.ledger.deck(flow.deck()))!
    flow.ledger.deck = async () => ({ ...stored, ...change })
    await expect(dealDeck(flow.deps, CAMPAIGN, flow.deck())).rejects.toThrow(REFUSED)
    expect(await flow.quote('p1')).toMatchObject({ reason: 'discount-unavailable', card: null })
    expect(flow.faults).toHaveLength(1)
    expect(await flow.slots.count(flow.deck())).toBeUndefined()
  })

  it.each(Object.entries(tampered))('%s: nobody takes a card of it either where it is loaded', async (_, change) => {
    const { flow, stored } = await restarted()
    flow.deps.ledger.deck = async () => ({ ...stored, ...change })
    expect(await flow.quote('p2')).toMatchObject({ reason: 'discount-unavailable', card: null })
    expect(String(flow.faults)).toMatch(REFUSED)
    expect(await flow.slots.count(flow.deck())).toMatchObject({ free: 4, leased: 1 })
  })

  it('the seals of two merchants that were exchanged open neither deck', async () => {
    const { flow, stored } = await restarted()
    await dealDeck(flow.deps, CAMPAIGN, { ...flow.deck(), merchantCode: 'M0002' })
    const other = (await flow.ledger.deck({ ...flow.deck(), merchantCode: 'M0002' }))!
    expect(countOf(other.cards)).toBe(countOf(stored.cards))
    flow.deps.ledger.deck = async () => ({ ...stored, cards: other.cards })
    expect(await flow.quote('p2')).toMatchObject({ reason: 'discount-unavailable', card: null })
    expect(String(flow.faults)).toContain("its seal doesn't open")
  })

  it('a ledger that is away takes no card from a deck that this process doesn’t know', async () => {
    const { flow } = await restarted()
    flow.deps.ledger.deck = () => Promise.reject(new LedgerUnavailable('away'))
    expect(await flow.quote('p2')).toMatchObject({ reason: 'discount-unavailable', card: null })
    expect(await flow.slots.count(flow.deck())).toMatchObject({ free: 4, leased: 1 })
  })
})
