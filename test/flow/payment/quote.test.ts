import type { Campaign } from '../../../server/domain/campaign'
import { balanced } from '../../../server/domain/posting'
import { quote } from '../../../server/flow/payment/quote'
import { LedgerUnavailable, SlotsUnavailable } from '../../../server/flow/ports'
import { CAMPAIGN, LIMITS, NOON, OUTSIDER, startFlow } from '../../support/flow'

describe('a quote', () => {
  it('carries a card, its figures and no reason when the order qualifies', async () => {
    const flow = startFlow()
    const one = await flow.quote('p1', 10_000)
    const { figures } = one
    expect(one).toMatchObject({ reason: null, card: { campaignId: 'street', slot: 0 }, businessDate: '2026-11-21' })
    expect(figures.discountFen).toBe((await flow.ledger.deck(flow.deck()))!.amountsFen[0])
    expect(figures.payerDiscountFen + figures.merchantRewardFen).toBe(figures.discountFen)
    expect(figures.payableFen).toBe(10_000 - figures.payerDiscountFen)
    expect(figures.merchantReceivesFen).toBe(10_000 + figures.merchantRewardFen)
  })

  it('writes nothing to the ledger but the deck it dealt', async () => {
    const flow = startFlow()
    await flow.quote('p1')
    expect(await flow.ledger.usedSlots(flow.deck())).toEqual([])
    expect(await flow.ledger.claimDue(Number.MAX_SAFE_INTEGER, 10)).toEqual([])
  })

  it('expires its margin before the lease of its slot', async () => {
    const flow = startFlow()
    const one = await flow.quote('p1')
    expect(one.expiresAt).toBe(NOON + LIMITS.leaseTtlMs - LIMITS.leaseMarginMs)
    flow.pass(one.expiresAt - NOON)
    expect((await flow.pay(one)).kind).toBe('refused')
    // Nobody else has it yet, so it comes to no harm.
    expect((await flow.quote('p2')).card).not.toEqual(one.card)
  })

  it('of a channel that was slow to draw expires by the time before it was asked', async () => {
    const flow = startFlow()
    const take = flow.slots.take
    flow.slots.take = async (...args) => {
      const taken = await take(...args)
      flow.pass(5_000)
      return taken
    }
    expect((await flow.quote('p1')).expiresAt).toBe(NOON + LIMITS.leaseTtlMs - LIMITS.leaseMarginMs)
  })
})

describe('a quote without discount says why', () => {
  const refused: [string, Partial<Campaign> | null, number][] = [
    ['not-in-campaign', null, 10_000],
    ['campaign-not-started', { startDate: '2026-11-22' }, 10_000],
    ['campaign-not-started', { state: 'approved', startDate: '2026-11-22' }, 10_000],
    ['campaign-paused', { state: 'paused' }, 10_000],
    ['campaign-ended', { endDate: '2026-11-20' }, 10_000],
    ['campaign-ended', { state: 'ended' }, 10_000],
    ['below-threshold', {}, CAMPAIGN.rule.thresholdFen - 1],
    ['budget-exhausted', { budgetFen: 499 }, 10_000],
  ]
  it.each(refused)('%s (%j)', async (reason, campaign, amountFen) => {
    const flow = startFlow({ campaign })
    expect(await flow.quote('p1', amountFen)).toMatchObject({
      reason,
      card: null,
      figures: { discountFen: 0, payableFen: amountFen, merchantReceivesFen: amountFen },
    })
    expect(await flow.slots.count(flow.deck())).toBeUndefined()
    expect(flow.faults).toEqual([])
  })

  it('channel-not-eligible for a payment through WeChat', async () => {
    const flow = startFlow()
    const asked = { payerId: 'p1', merchantCode: 'M0001', amountFen: 10_000, channel: 'wechatpay' } as const
    expect(await quote(flow.deps, asked)).toMatchObject({ quote: { reason: 'channel-not-eligible', card: null } })
  })

  it('not-in-campaign at a merchant that no campaign names', async () => {
    expect(await startFlow().quote('p1', 10_000, OUTSIDER.merchantCode)).toMatchObject({ reason: 'not-in-campaign' })
  })

  it('all-held while others hold what is left, sold-out once every card is a paid order’s', async () => {
    const flow = startFlow()
    const held = []
    for (const payer of ['p1', 'p2', 'p3', 'p4', 'p5']) held.push(await flow.quote(payer, 1_000))
    expect(await flow.quote('p6')).toMatchObject({ reason: 'all-held', card: null })
    for (const one of held) await flow.order(one)
    expect(await flow.quote('p6')).toMatchObject({ reason: 'sold-out', card: null })
  })

  it('all-held while a card’s order is under way, since it may close; one who holds them all sells nothing out', async () => {
    const flow = startFlow({ limits: { maxHeld: 5 } })
    for (let i = 0; i < 5; i++) {
      flow.channel.next('pay', { kind: 'lose-request' })
      await flow.order(await flow.quote('hoarder', 1_000))
    }
    expect(await flow.quote('p6')).toMatchObject({ reason: 'all-held', card: null })
    flow.pass(LIMITS.closeAfterMs + 1)
    while ((await flow.sweep()) > 0) flow.pass(1_000)
    flow.pass(LIMITS.leaseTtlMs)
    expect(await flow.quote('p6')).toMatchObject({ reason: null, card: { slot: 0 } })
  })

  it('limit-reached when the payer has used what a payer may', async () => {
    const flow = startFlow({ campaign: { maxPerPayerPerDay: 1 } })
    await flow.order(await flow.quote('p1', 1_000))
    expect(await flow.quote('p1', 1_000)).toMatchObject({ reason: 'limit-reached' })
    expect(await flow.quote('p2', 1_000)).toMatchObject({ reason: null })
  })

  it('limit-reached too when the slot store has lost the deck meanwhile', async () => {
    const flow = startFlow({ campaign: { maxPerPayerPerDay: 1 } })
    await flow.order(await flow.quote('p1', 1_000))
    flow.slots.forget()
    expect(await flow.quote('p1', 1_000)).toMatchObject({ reason: 'limit-reached' })
  })

  it('and payment in full works for each of them', async () => {
    const flow = startFlow({ campaign: { state: 'paused' } })
    const order = await flow.order(await flow.quote('p1', 10_000))
    expect(order).toMatchObject({ state: 'paid', card: null, reason: 'campaign-paused' })
    expect(flow.ledger.postings.map((one) => one.amountFen)).toEqual([-10_000, 10_000])
  })
})

describe('what is no quote at all', () => {
  const ask = (flow: ReturnType<typeof startFlow>, amountFen: number, merchantCode = 'M0001') =>
    quote(flow.deps, { payerId: 'p1', merchantCode, amountFen, channel: 'bank' })

  it('a merchant nobody knows', async () => {
    expect(await ask(startFlow(), 1_000, 'M9999')).toEqual({ kind: 'merchant-not-found' })
  })

  it('more than a static code takes in a day; the limit itself is quoted', async () => {
    const flow = startFlow()
    expect(await ask(flow, LIMITS.dailyPerPayerFen + 1)).toEqual({
      kind: 'amount-above-limit',
      limitFen: LIMITS.dailyPerPayerFen,
    })
    expect(await ask(flow, LIMITS.dailyPerPayerFen)).toMatchObject({ kind: 'quoted' })
  })
})

describe('no fishing (I8)', () => {
  it('asking again, and for other amounts, draws the same card and begins its lease anew', async () => {
    const flow = startFlow()
    const first = await flow.quote('p1', 10_000)
    for (const amountFen of [10_000, 1_000, 49_999, 10_001]) {
      flow.pass(100_000)
      const again = await flow.quote('p1', amountFen)
      expect(again.card).toEqual(first.card)
      expect(again.figures.discountFen).toBe(first.figures.discountFen)
      expect(again.expiresAt).toBe(flow.clock.at + LIMITS.leaseTtlMs - LIMITS.leaseMarginMs)
    }
  })

  it('an amount below the threshold in between does not put the card back', async () => {
    const flow = startFlow()
    const first = await flow.quote('p1')
    expect((await flow.quote('p1', 999)).reason).toBe('below-threshold')
    await flow.quote('p2')
    expect((await flow.quote('p1')).card).toEqual(first.card)
  })

  it('a payment that the bank refuses gives the payer the same card again', async () => {
    const flow = startFlow()
    const first = await flow.quote('p1')
    for (let i = 0; i < 4; i++) {
      flow.channel.next('pay', { kind: 'decline', code: 'insufficient-funds' })
      expect(await flow.order(await flow.quote('p1'))).toMatchObject({ state: 'closed', card: first.card })
    }
    expect((await flow.quote('p1')).card).toEqual(first.card)
    expect((await flow.quote('p2')).card).not.toEqual(first.card)
  })

  it('a lease that ended goes to the front: the next payer gets it, and who let it go gets the next card', async () => {
    const flow = startFlow()
    const first = await flow.quote('p1')
    await flow.quote('p2')
    flow.pass(LIMITS.leaseTtlMs)
    expect((await flow.quote('p3')).card).toEqual(first.card)
    expect((await flow.quote('p1')).card).not.toEqual(first.card)
  })

  it('a lease that ended is still its payer’s when nobody came in between', async () => {
    const flow = startFlow()
    const first = await flow.quote('p2')
    flow.pass(10 * LIMITS.leaseTtlMs)
    expect((await flow.quote('p2')).card).toEqual(first.card)
  })
})

describe('marketing never blocks payment (I9)', () => {
  it('without the slot store the quote says discount-unavailable and is paid in full', async () => {
    const flow = startFlow()
    flow.slots.up = false
    const one = await flow.quote('p1', 10_000)
    expect(one).toMatchObject({ reason: 'discount-unavailable', card: null, figures: { payableFen: 10_000 } })
    expect(flow.faults).toEqual([expect.any(SlotsUnavailable)])
    expect(await flow.order(one)).toMatchObject({ state: 'paid', figures: { discountFen: 0 } })
    expect(flow.channel.balance('acct-M0001')).toBe(10_000)
    expect(balanced(flow.ledger.postings)).toBe(true)
  })

  it('the discount is back by itself when the slot store is', async () => {
    const flow = startFlow()
    flow.slots.up = false
    await flow.quote('p1')
    flow.slots.up = true
    expect((await flow.quote('p1')).reason).toBeNull()
  })

  it('on a doubtful clock a deck that is dealt is drawn from, and none is dealt', async () => {
    const flow = startFlow()
    flow.clock.doubtful = true
    expect(await flow.quote('p1')).toMatchObject({ reason: 'discount-unavailable', figures: { payableFen: 10_000 } })
    expect(await flow.ledger.deck(flow.deck())).toBeUndefined()
    flow.clock.doubtful = false
    expect((await flow.quote('p1')).card).not.toBeNull()
    flow.clock.doubtful = true
    expect((await flow.quote('p2')).card).not.toBeNull()
  })

  it('a ledger that fails while the deck is dealt is discount-unavailable', async () => {
    for (const verb of ['deck', 'commitDeck', 'usedSlots'] as const) {
      const flow = startFlow()
      flow.ledger[verb] = async () => {
        throw new LedgerUnavailable(verb)
      }
      expect(await flow.quote('p1')).toMatchObject({ reason: 'discount-unavailable' })
      expect(flow.faults).toEqual([expect.objectContaining({ message: verb })])
    }
  })

  it('a deck that vanishes between load and take is discount-unavailable, and dealt again for the next quote', async () => {
    const flow = startFlow()
    const load = flow.slots.load
    flow.slots.load = async (...args) => {
      const loaded = await load(...args)
      flow.slots.forget()
      flow.slots.load = load
      return loaded
    }
    expect(await flow.quote('p1')).toMatchObject({ reason: 'discount-unavailable' })
    expect(await flow.quote('p1')).toMatchObject({ reason: null })
  })

  it('whatever else fails while drawing is reported and costs the discount, not the payment', async () => {
    const flow = startFlow()
    flow.slots.take = async () => {
      throw new Error('a script answered rubbish')
    }
    const one = await flow.quote('p1')
    expect(one).toMatchObject({ reason: 'discount-unavailable' })
    expect(flow.faults).toEqual([expect.objectContaining({ message: 'a script answered rubbish' })])
    expect((await flow.order(one)).state).toBe('paid')
  })

  it('a ledger that is away altogether can quote nothing: even the merchant is unknown', async () => {
    const flow = startFlow()
    flow.ledger.down = true
    await expect(flow.quote('p1')).rejects.toThrow(LedgerUnavailable)
  })
})
