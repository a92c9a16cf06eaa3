import { commitment, deal, deckSeed, exposure } from '../../server/domain/deck'
import { dealDeck } from '../../server/flow/deal'
import { CAMPAIGN, type Flow, LIMITS, startFlow } from '../support/flow'

const secret = (flow: Flow) => flow.deps.campaignSecret(CAMPAIGN.campaignId)

describe('a deck', () => {
  it('is dealt on first use: committed with its exposure and the hash of its seed, then loaded', async () => {
    const flow = startFlow()
    await flow.quote('p1')
    const seed = deckSeed(secret(flow), flow.deck(), 1)
    const dealt = await flow.ledger.deck(flow.deck())
    expect(dealt).toMatchObject({ commitment: commitment(seed), amountsFen: deal(CAMPAIGN.rule, seed), version: 1 })
    expect(flow.ledger.committedFen('street')).toBe(exposure(dealt!.amountsFen))
    expect(await flow.slots.count(flow.deck())).toEqual({ free: 4, leased: 1, used: 0 })
  })

  it('is dealt once for twenty payers who come first at once (I7)', async () => {
    const flow = startFlow()
    const quotes = await Promise.all(Array.from({ length: 20 }, (_, i) => flow.quote(`p${i}`)))
    const slots = quotes.flatMap((one) => (one.card ? [one.card.slot] : []))
    expect(slots.sort()).toEqual([0, 1, 2, 3, 4])
    expect(quotes.filter((one) => one.reason === 'sold-out')).toHaveLength(15)
    const { amountsFen } = (await flow.ledger.deck(flow.deck()))!
    expect(flow.ledger.committedFen('street')).toBe(exposure(amountsFen))
  })

  it('is not dealt past the budget, nor is anything of it committed; one that fits exactly is dealt (I7)', async () => {
    const probe = startFlow()
    await probe.quote('p1')
    const costFen = probe.ledger.committedFen('street')
    const poor = startFlow({ campaign: { budgetFen: costFen - 1 } })
    expect((await poor.quote('p1')).reason).toBe('budget-exhausted')
    expect(poor.ledger.committedFen('street')).toBe(0)
    expect(await poor.ledger.deck(poor.deck())).toBeUndefined()
    const exact = startFlow({ campaign: { budgetFen: costFen } })
    expect((await exact.quote('p1')).reason).toBeNull()
    // The next day's deck costs something too.
    exact.pass(86_400_000)
    expect((await exact.quote('p1')).reason).toBe('budget-exhausted')
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
    expect(quotes.map((one) => one.card?.slot ?? one.reason)).toEqual([2, 3, 4, 'sold-out'])
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
    const taken = await flow.slots.take(flow.deck(), 'p1', LIMITS.leaseTtlMs, null)
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
