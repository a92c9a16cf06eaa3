import { endOfBusinessDate } from '../../../server/domain/business-date'
import { dearestDeck } from '../../../server/domain/deck'
import { countOf } from '../../../server/domain/deck-seal'
import { closeDecks } from '../../../server/flow/deck/close-decks'
import { dealDay, loadDay } from '../../../server/flow/deck/deal-day'
import type { Merchant } from '../../../server/flow/ports'
import { CAMPAIGN, LIMITS, MERCHANT, startFlow, TODAY } from '../../support/flow'

/** A street of so many merchants, all of them in the campaign. */
function streetOf(count: number, budgetFen = 1_000_000_000) {
  const flow = startFlow({ campaign: null })
  const merchants: Merchant[] = Array.from({ length: count }, (_, i) => ({
    ...MERCHANT,
    merchantCode: `S${String(i).padStart(4, '0')}`,
    branchCode: i % 2 === 0 ? 'B01' : 'B02',
  }))
  const merchantCodes = merchants.map((merchant) => merchant.merchantCode)
  flow.ledger.seed({ merchants, campaigns: [{ ...CAMPAIGN, budgetFen, merchantCodes }] })
  const deckOf = (merchantCode: string) => ({ campaignId: 'street', merchantCode, businessDate: TODAY })
  const decks = async () => {
    const all = await Promise.all(merchantCodes.map((code) => flow.ledger.deck(deckOf(code))))
    return all.filter((deck) => deck !== undefined)
  }
  return { flow, merchantCodes, deckOf, decks }
}

describe('dealing a day', () => {
  it('deals and loads the deck of every merchant once, and nothing when it runs again', async () => {
    const { flow, merchantCodes, deckOf, decks } = streetOf(2_300)
    const seen: number[] = []
    const day = await dealDay({ ...flow.deps, onProgress: ({ dealt }) => seen.push(dealt) }, TODAY)
    expect(day).toEqual({
      businessDate: TODAY,
      total: 2_300,
      dealt: 2_300,
      short: 0,
      without: 0,
      waiting: 0,
      loaded: 2_300,
    })
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
    expect(seen.length).toBeGreaterThan(3)
    const sum = (await decks()).reduce(
      (total, deck) => total + dearestDeck({ ...CAMPAIGN.rule, slots: countOf(deck.cards) }),
      0,
    )
    expect(flow.ledger.committedFen('street')).toBe(sum)
    expect(await flow.slots.count(deckOf(merchantCodes[2_299]!))).toMatchObject({ free: 5, leased: 0, used: 0 })
    expect(await dealDay(flow.deps, TODAY)).toMatchObject({ total: 0, dealt: 0 })
  })

  it('has the ledger look at what it dealt when it is done, and not when there was nothing to deal', async () => {
    const { flow, decks } = streetOf(1_200)
    const looks: number[] = []
    const analyze = async () => void looks.push((await decks()).length)
    const deps = { ...flow.deps, decks: { ...flow.deps.decks, analyze } }
    await dealDay(deps, TODAY)
    await dealDay(deps, TODAY)
    expect(looks).toEqual([1_200])
  })

  it('goes on where it was left off', async () => {
    const { flow, decks } = streetOf(2_300)
    let batches = 0
    const stopped = () => ++batches > 1
    const first = await dealDay({ ...flow.deps, stopped }, TODAY)
    expect(first.dealt).toBeGreaterThan(0)
    expect(first.dealt).toBeLessThan(2_300)
    const second = await dealDay(flow.deps, TODAY)
    expect(first.dealt + second.dealt).toBe(2_300)
    expect(await decks()).toHaveLength(2_300)
  })

  it('is dealt once by three processes at once', async () => {
    const { flow, decks } = streetOf(2_300)
    const days = await Promise.all([1, 2, 3].map(() => dealDay(flow.deps, TODAY)))
    expect(days.reduce((sum, day) => sum + day.dealt, 0)).toBe(2_300)
    const sum = (await decks()).reduce(
      (total, deck) => total + dearestDeck({ ...CAMPAIGN.rule, slots: countOf(deck.cards) }),
      0,
    )
    expect(flow.ledger.committedFen('street')).toBe(sum)
  })

  it('never deals past the budget: whole decks, then one that is short, and the rest is recorded (I7)', async () => {
    const { flow, merchantCodes, deckOf, decks } = streetOf(40, 103_000)
    const day = await dealDay(flow.deps, TODAY)
    const dealt = await decks()
    expect(flow.ledger.committedFen('street')).toBe(
      dealt.reduce((sum, deck) => sum + dearestDeck({ ...CAMPAIGN.rule, slots: countOf(deck.cards) }), 0),
    )
    expect(flow.ledger.committedFen('street')).toBeLessThanOrEqual(103_000)
    expect(103_000 - flow.ledger.committedFen('street')).toBeLessThan(CAMPAIGN.rule.bandMaxFen)
    expect(day).toMatchObject({ total: 40, dealt: dealt.length, without: 40 - dealt.length })
    expect(day.short).toBeGreaterThan(0)
    const shortages = await Promise.all(merchantCodes.map((code) => flow.deps.decks.shortage(deckOf(code))))
    expect(shortages.filter((one) => one !== undefined)).toHaveLength(day.short + day.without)
    // Not again and again: only after a while, when a budget may have grown.
    expect(await dealDay(flow.deps, TODAY)).toMatchObject({ total: 0 })
    flow.ledger.setBudget('street', 1_000_000)
    flow.pass(11 * 60_000)
    expect(await dealDay(flow.deps, TODAY)).toMatchObject({ total: day.without, dealt: day.without, short: 0 })
  })

  it('leaves out campaigns that are not on, and merchants where another one applies', async () => {
    const flow = startFlow({ campaign: null })
    const campaign = (campaignId: string, changed: object) => ({
      ...CAMPAIGN,
      campaignId,
      merchantCodes: ['M0001', 'M0002'],
      ...changed,
    })
    flow.ledger.seed({
      merchants: [],
      campaigns: [
        campaign('all', { priority: 0 }),
        campaign('first', { priority: 1, merchantCodes: ['M0001'] }),
        campaign('over', { endDate: '2026-11-20', priority: 9 }),
        campaign('next', { startDate: '2026-11-22', state: 'approved', priority: 9 }),
        campaign('draft', { state: 'draft', priority: 9 }),
      ],
    })
    expect(await dealDay(flow.deps, TODAY)).toMatchObject({ dealt: 2 })
    const dealt = async (campaignId: string, merchantCode: string) =>
      (await flow.ledger.deck({ campaignId, merchantCode, businessDate: TODAY })) !== undefined
    expect([await dealt('first', 'M0001'), await dealt('all', 'M0002')]).toEqual([true, true])
    // One that was approved begins by itself.
    expect(await dealDay(flow.deps, '2026-11-22')).toMatchObject({ dealt: 2 })
    const tomorrow = { campaignId: 'next', merchantCode: 'M0001', businessDate: '2026-11-22' }
    expect(await flow.ledger.deck(tomorrow)).toBeDefined()
  })

  it('leaves out a campaign whose key is gone, and deals the others theirs', async () => {
    const { flow, merchantCodes } = streetOf(2)
    const [mine, other] = merchantCodes as [string, string]
    const lost = { ...CAMPAIGN, campaignId: 'a-lost-one', priority: 1, merchantCodes: [mine] }
    flow.ledger.seed({ merchants: [], campaigns: [lost] })
    await flow.deps.decks.publishSecret('a-lost-one', 1, { keyId: 'gone', commitment: 's1.0', at: 0 })
    await expect(dealDay(flow.deps, TODAY)).rejects.toThrow('a secret that is none of ours')
    const deckOf = (campaignId: string, merchantCode: string) =>
      flow.ledger.deck({ campaignId, merchantCode, businessDate: TODAY })
    expect(await deckOf('a-lost-one', mine)).toBeUndefined()
    expect(await deckOf('street', other)).toBeDefined()
  })

  it('deals nothing on a doubtful clock, and all of it when the clocks agree again', async () => {
    const { flow, decks } = streetOf(3)
    flow.clock.doubtful = true
    expect(await dealDay(flow.deps, TODAY)).toMatchObject({ total: 0, dealt: 0 })
    expect(await decks()).toEqual([])
    flow.clock.doubtful = false
    expect(await dealDay(flow.deps, TODAY)).toMatchObject({ dealt: 3 })
  })

  it('goes on while the slot store is away, and loads all of it once it is back', async () => {
    const { flow, merchantCodes, deckOf } = streetOf(1_200)
    flow.slots.up = false
    expect(await dealDay(flow.deps, TODAY)).toMatchObject({ dealt: 1_200, loaded: 0 })
    flow.slots.up = true
    expect(await loadDay(flow.deps, TODAY)).toBe(1_200)
    expect(await flow.slots.count(deckOf(merchantCodes[1_199]!))).toMatchObject({ free: 5, leased: 0, used: 0 })
  })

  it('loads a deck without the slots that orders hold, among others, and lays none again that is drawn from', async () => {
    const { flow, deckOf } = streetOf(3)
    await dealDay(flow.deps, TODAY)
    await flow.order(await flow.quote('p1', 10_000, 'S0001'))
    flow.slots.forget()
    expect(await loadDay(flow.deps, TODAY)).toBe(3)
    const count = (code: string) => flow.slots.count(deckOf(code))
    expect(await count('S0001')).toMatchObject({ free: 4, leased: 0, used: 1 })
    expect(await count('S0002')).toMatchObject({ free: 5, leased: 0, used: 0 })
    await flow.quote('p2', 10_000, 'S0002')
    expect(await loadDay(flow.deps, TODAY)).toBe(3)
    expect(await count('S0002')).toMatchObject({ free: 4, leased: 1, used: 0 })
  })
})

describe('a deck of a past day', () => {
  const past = endOfBusinessDate(TODAY) + LIMITS.leaseTtlMs

  it('stays open on a doubtful clock: it may be today’s, and drawn from', async () => {
    const flow = startFlow()
    await flow.quote('p1')
    flow.clock.at += 26 * 3_600_000
    flow.clock.doubtful = true
    const committed = flow.ledger.committedFen('street')
    expect(await closeDecks(flow.deps)).toBe('done')
    expect(flow.ledger.committedFen('street')).toBe(committed)
    flow.clock.doubtful = false
    await closeDecks(flow.deps)
    expect(flow.ledger.committedFen('street')).toBe(0)
  })

  it('closes a lease after it: what nobody drew goes back to the budget (I7)', async () => {
    const flow = startFlow()
    const order = await flow.order(await flow.quote('p1'))
    flow.clock.at = past - 1
    await closeDecks(flow.deps)
    expect(flow.ledger.committedFen('street')).toBeGreaterThan(order.figures.discountFen)
    flow.clock.at = past
    await closeDecks(flow.deps)
    expect(flow.ledger.committedFen('street')).toBe(order.figures.discountFen)
    expect((await flow.deps.decks.kept({ ...flow.deck(), businessDate: TODAY }))!.closedAt).toBe(past)
    await closeDecks(flow.deps)
    expect(flow.ledger.committedFen('street')).toBe(order.figures.discountFen)
  })

  it('lets a quote of its last second be paid, and none once it is closed, whoever still believes in one', async () => {
    const flow = startFlow({ campaign: { rule: { ...CAMPAIGN.rule, slots: 2 } } })
    flow.clock.at = endOfBusinessDate(TODAY) - 1
    const [late, later] = [await flow.quote('p1'), await flow.quote('p2')]
    flow.pass(100_000)
    expect(await flow.order(late)).toMatchObject({ state: 'paid', card: { businessDate: TODAY } })
    flow.clock.at = past
    await closeDecks(flow.deps)
    // The clock of another process, which is behind.
    flow.clock.at = past - 60_000
    expect(await flow.pay(later)).toEqual({ kind: 'refused', code: 'quote-expired' })
  })

  it('gives the card of an unknown order back when that closes', async () => {
    const flow = startFlow()
    flow.channel.next('pay', { kind: 'lose-request' })
    const order = await flow.order(await flow.quote('p1'))
    expect(order.state).toBe('paying')
    flow.clock.at = past
    await closeDecks(flow.deps)
    expect(flow.ledger.committedFen('street')).toBe(order.figures.discountFen)
    await flow.sweep()
    expect(await flow.ledger.order(order.orderNo)).toMatchObject({ state: 'closed' })
    await closeDecks(flow.deps)
    expect(flow.ledger.committedFen('street')).toBe(0)
  })

  it('gives the subsidy of a refund back, and not the card', async () => {
    const flow = startFlow({ campaign: { rule: { ...CAMPAIGN.rule, slots: 1 } } })
    const order = await flow.order(await flow.quote('p1'))
    await flow.refund(order, order.figures.payableFen)
    await closeDecks(flow.deps)
    expect(flow.ledger.committedFen('street')).toBe(CAMPAIGN.rule.bandMaxFen - order.figures.discountFen)
    expect((await flow.quote('p2')).reason).toBe('sold-out')
  })
})
