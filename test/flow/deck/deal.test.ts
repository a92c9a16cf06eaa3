import { commitment, deal, deckSeed, exposure } from '../../../server/domain/deck'
import { deckKeys, masterKeys } from '../../../server/domain/key-ring'
import { dealDeck } from '../../../server/flow/deck/deal'
import { merchantDay, shopfront } from '../../../server/flow/merchant/show'
import { CAMPAIGN, type Flow, LIMITS, startFlow } from '../../support/flow'
import { untold } from '../../support/untold'

/** What today's whole deck costs. */
async function costOfDeck(): Promise<number> {
  const probe = startFlow()
  await probe.quote('p1')
  return probe.ledger.committedFen('street')
}

const secret = (flow: Flow) => flow.deps.campaignSecret(CAMPAIGN.campaignId)!

describe('a deck', () => {
  it('is dealt on first use: committed with its exposure and the hash of its seed, then loaded', async () => {
    const flow = startFlow()
    await flow.quote('p1')
    const seed = deckSeed(secret(flow), flow.deck(), 1)
    const dealt = await flow.ledger.deck(flow.deck())
    expect(dealt).toMatchObject({ commitment: commitment(seed), amountsFen: deal(CAMPAIGN.rule, seed), version: 1 })
    expect(flow.ledger.committedFen('street')).toBe(exposure(dealt!.amountsFen))
    expect(await flow.slots.count(flow.deck())).toMatchObject({ free: 4, leased: 1, used: 0 })
  })

  it('is dealt once for twenty payers who come first at once (I7)', async () => {
    const flow = startFlow()
    const quotes = await Promise.all(Array.from({ length: 20 }, (_, i) => flow.quote(`p${i}`)))
    const slots = quotes.flatMap((one) => (one.card ? [one.card.slot] : []))
    expect(slots.sort()).toEqual([0, 1, 2, 3, 4])
    expect(quotes.filter((one) => one.reason === 'all-held')).toHaveLength(15)
    const { amountsFen } = (await flow.ledger.deck(flow.deck()))!
    expect(flow.ledger.committedFen('street')).toBe(exposure(amountsFen))
  })

  it('that fits the budget exactly is dealt; of the next day’s, which costs something too, nothing is (I7)', async () => {
    const exact = startFlow({ campaign: { budgetFen: await costOfDeck() } })
    expect((await exact.quote('p1')).reason).toBeNull()
    expect(await exact.deps.decks.shortage(exact.deck())).toBeUndefined()
    exact.pass(86_400_000)
    expect((await exact.quote('p1')).reason).toBe('budget-exhausted')
    expect(await exact.ledger.deck(exact.deck())).toBeUndefined()
    expect(await exact.deps.decks.shortage(exact.deck())).toMatchObject({
      wantedSlots: 5,
      dealtSlots: 0,
      by: 'campaign',
    })
  })

  it('is a new one each business date', async () => {
    const flow = startFlow()
    await flow.quote('p1')
    const first = (await flow.ledger.deck(flow.deck()))!
    flow.pass(86_400_000)
    await flow.quote('p1')
    expect((await flow.ledger.deck(flow.deck()))!.amountsFen).not.toEqual(first.amountsFen)
  })
})

describe('where the budget ends', () => {
  it('the largest deck is dealt that it covers, from the same seed, and the band holds for it (I2, I7)', async () => {
    const flow = startFlow({ campaign: { budgetFen: (await costOfDeck()) - 1 } })
    expect((await flow.quote('p1')).reason).toBeNull()
    const deck = (await flow.ledger.deck(flow.deck()))!
    const seed = deckSeed(secret(flow), flow.deck(), 1)
    expect(deck.amountsFen).toEqual(deal({ ...CAMPAIGN.rule, slots: 4 }, seed))
    expect(deck.amountsFen.filter((fen) => fen >= 700 && fen <= 900)).toHaveLength(4)
    expect(flow.ledger.committedFen('street')).toBe(exposure(deck.amountsFen))
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
    expect((await flow.ledger.deck(flow.deck()))!.amountsFen).toHaveLength(5)
  })

  it('payers of a merchant without a deck cost the ledger one question a second', async () => {
    const flow = startFlow({ campaign: { budgetFen: 600 } })
    const asked = jest.spyOn(flow.ledger, 'commitDeck')
    const everyone = () => Promise.all(Array.from({ length: 50 }, (_, i) => flow.quote(`p${i}`)))
    for (let i = 0; i < 2; i++) for (const one of await everyone()) expect(one.reason).toBe('budget-exhausted')
    expect(asked).toHaveBeenCalledTimes(1)
    flow.pass(1_001)
    await everyone()
    expect(asked).toHaveBeenCalledTimes(2)
  })

  it('twenty payers at once get what the budget covers and not a card more (I7)', async () => {
    const flow = startFlow({ campaign: { budgetFen: 2_000 } })
    const quotes = await Promise.all(Array.from({ length: 20 }, (_, i) => flow.quote(`p${i}`)))
    const { amountsFen } = (await flow.ledger.deck(flow.deck()))!
    expect(quotes.filter((one) => one.card)).toHaveLength(amountsFen.length)
    expect(flow.ledger.committedFen('street')).toBe(exposure(amountsFen))
    expect(exposure(amountsFen)).toBeLessThanOrEqual(2_000)
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

  it('a deck stands that was dealt by the key before, and names it; the next day’s is dealt by the new one', async () => {
    const { flow, before } = await replaced([old])
    expect((await flow.quote('p1')).reason).toBeNull()
    expect(before.keyId).toBe(masterKeys(old).current.id)
    flow.pass(86_400_000)
    await flow.quote('p1')
    const after = (await flow.ledger.deck(flow.deck()))!
    expect(after.keyId).toBe(masterKeys(next).current.id)
    expect(after.commitment).toBe(commitment(deckSeed(secret(flow), flow.deck(), 1)))
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
    const { amountsFen } = (await flow.ledger.deck(flow.deck()))!
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
    expect((await flow.quote('p1')).figures.discountFen).toBe(before.amountsFen[0])
  })

  it('is held against the rule of its own version', async () => {
    const flow = startFlow()
    await flow.quote('p1')
    flow.slots.forget()
    const stored = (await flow.ledger.deck(flow.deck()))!
    flow.ledger.deck = async () => ({ ...stored, amountsFen: stored.amountsFen.with(1, 900).with(2, 901) })
    const edited = { ...CAMPAIGN, version: 2, rule: { ...CAMPAIGN.rule, bandMinFen: 800 } }
    await expect(dealDeck(flow.deps, edited, flow.deck())).rejects.toThrow("doesn't follow from its seed")
  })

  it('is what is loaded when another process committed it in the same instant', async () => {
    const flow = startFlow()
    const edited = { ...CAMPAIGN, version: 2, rule: { ...CAMPAIGN.rule, bandMinFen: 800 } }
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
    const taken = await flow.slots.take(flow.deck(), 'p1', untold(LIMITS.leaseTtlMs))
    expect(taken).toMatchObject({ discountFen: dealt.amountsFen[0] })
  })
})

describe('a stored deck that doesn’t follow from its seed', () => {
  const tampered = {
    'another commitment': { commitment: '0'.repeat(64) },
    'another version': { version: 3 },
    'other amounts': { amountsFen: [1_000, 1_000, 1_000, 1_000, 1_000] },
  }
  it.each(Object.entries(tampered))('%s: is not dealt from; payments go on in full', async (_, change) => {
    const flow = startFlow()
    await flow.quote('p1')
    flow.slots.forget()
    const stored = (await flow.ledger.deck(flow.deck()))!
    flow.ledger.deck = async () => ({ ...stored, ...change })
    await expect(dealDeck(flow.deps, CAMPAIGN, flow.deck())).rejects.toThrow("doesn't follow from its seed")
    expect(await flow.quote('p1')).toMatchObject({ reason: 'discount-unavailable', card: null })
    expect(flow.faults).toHaveLength(1)
    expect(await flow.slots.count(flow.deck())).toBeUndefined()
  })
})
