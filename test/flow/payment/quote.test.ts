import type { Campaign } from '../../../server/domain/campaign'
import { CHANNELS } from '../../../server/domain/channel'
import { balanced } from '../../../server/domain/posting'
import { quote } from '../../../server/flow/payment/quote'
import { LedgerUnavailable, SlotsUnavailable } from '../../../server/flow/ports'
import { presentQuote } from '../../../server/http/present/payer'
import { CAMPAIGN, LIMITS, NOON, OUTSIDER, startFlow } from '../../support/flow'

describe('a quote', () => {
  it('carries a card, its figures and no reason when the order qualifies', async () => {
    const flow = startFlow()
    const one = await flow.quote('p1', 10_000)
    const { figures } = one
    expect(one).toMatchObject({ reason: null, card: { campaignId: 'street', slot: 0 }, businessDate: '2026-11-21' })
    expect(figures.discountFen).toBe((await flow.cards())[0])
    expect(figures.payerDiscountFen + figures.merchantRewardFen).toBe(figures.discountFen)
    expect(figures.payableFen).toBe(10_000 - figures.payerDiscountFen)
    expect(figures.merchantReceivesFen).toBe(10_000 + figures.merchantRewardFen)
  })

  it('writes nothing to the ledger but the deck it dealt', async () => {
    const flow = startFlow()
    await flow.quote('p1')
    expect(await flow.ledger.usedSlots(flow.deck())).toEqual([])
    expect(await flow.ledger.claimDue(CHANNELS, Number.MAX_SAFE_INTEGER, 10)).toEqual([])
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
    ['budget-exhausted', { dailyBudgetFen: 499 }, 10_000],
    ['outside-window', { windows: [{ weekdays: [6], from: '12:01', to: '24:00' }] }, 10_000],
    ['outside-window', { windows: [{ weekdays: [5, 7], from: '00:00', to: '24:00' }] }, 10_000],
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

describe('unpaid holding', () => {
  const hold = async (flow: ReturnType<typeof startFlow>, ms: number) => {
    const quotes = []
    for (let held = 0; held < ms; held += 60_000) {
      quotes.push(await flow.quote('slow', 1_000 + held / 60))
      flow.pass(60_000)
    }
    return quotes
  }

  it('an honest payer who sees, hesitates and changes the amount pays within ten minutes', async () => {
    const flow = startFlow()
    const quotes = await hold(flow, 600_000)
    expect(new Set(quotes.map(({ card }) => card?.slot))).toEqual(new Set([0]))
    expect(await flow.order(quotes.at(-1)!)).toMatchObject({ state: 'paid', card: { slot: 0 } })
    expect((await flow.quote('slow')).reason).toBeNull()
  })

  it('what is leased when the ten minutes are over is kept to its end, as it was quoted, and not renewed', async () => {
    const flow = startFlow()
    const last = (await hold(flow, 600_000)).at(-1)!
    const again = await flow.quote('slow')
    expect(again.card).toEqual(last.card)
    expect(again.expiresAt).toBe(last.expiresAt)
    expect(await flow.order(again)).toMatchObject({ state: 'paid' })
  })

  it('when it is spent the card is the next payer’s, and the same payer gets nothing more that day, neither it nor another', async () => {
    const flow = startFlow()
    await hold(flow, 720_000)
    flow.pass(LIMITS.leaseTtlMs)
    expect(await flow.quote('slow')).toMatchObject({
      reason: 'holding-limit',
      card: null,
      figures: { payableFen: 10_000 },
    })
    expect((await flow.quote('next')).card).toMatchObject({ slot: 0 })
    expect((await flow.quote('slow')).reason).toBe('holding-limit')
    expect(await flow.order(await flow.quote('slow'))).toMatchObject({ state: 'paid', reason: 'holding-limit' })
    flow.pass(24 * 3_600_000)
    expect((await flow.quote('slow')).reason).toBeNull()
  })

  it('orders that are opened and let go are holding too, however often', async () => {
    const flow = startFlow()
    for (let i = 0; i < 30 && (await flow.quote('slow')).card; i++) {
      flow.channel.next('pay', { kind: 'decline', code: 'authentication-expired' })
      await flow.order(await flow.quote('slow'))
      flow.pass(60_000)
    }
    expect((await flow.quote('slow')).reason).toBe('holding-limit')
    expect(flow.clock.at - NOON).toBeLessThanOrEqual(600_000 + LIMITS.leaseTtlMs)
  })

  it('a store that lost everything remembers nothing against anybody', async () => {
    const flow = startFlow()
    await hold(flow, 900_000)
    expect((await flow.quote('slow')).reason).toBe('holding-limit')
    flow.slots.forget()
    expect((await flow.quote('slow')).card).not.toBeNull()
  })
})

describe('while unusually much is held unpaid', () => {
  const unusual = { limits: { merchantUnusual: { percent: 50, least: 2 } } }
  async function crowded() {
    const flow = startFlow(unusual)
    for (const payer of ['h1', 'h2', 'h3']) await flow.quote(payer)
    return flow
  }

  it('a stranger is told the range that all cards lie in, and nothing of it can be read from the quote', async () => {
    const flow = await crowded()
    const one = await flow.quote('stranger')
    expect(one.discountRange).toEqual({ minFen: 50, maxFen: 500 })
    const shown = presentQuote({ quote: one, availableAt: null }, flow.sealed(one))
    expect(shown).toMatchObject({ amountFen: 10_000, payableFen: null, discountFen: null, payerDiscountFen: null })
    expect(flow.deps.openQuote(shown.quoteId)).toEqual(one)
    expect(Buffer.from(shown.quoteId, 'base64url').toString('latin1')).not.toContain('discountFen')
    expect(flow.hoarding).toContainEqual(expect.objectContaining({ merchantCode: 'M0001', held: 3, untaken: 5 }))
  })

  it('its payment debits the amount less the card, never more than was shown', async () => {
    const flow = await crowded()
    const { figures } = await flow.order(await flow.quote('stranger'))
    expect(figures.payableFen).toBe(10_000 - figures.payerDiscountFen)
    expect(figures.payerDiscountFen).toBeGreaterThanOrEqual(50)
    expect(figures.payerDiscountFen).toBeLessThanOrEqual(500)
  })

  it('whoever has paid before is told, and so is whoever has an agreement', async () => {
    const flow = startFlow(unusual)
    await flow.order(await flow.quote('regular'))
    const signed = {
      agreementId: 'a1',
      account: 'x',
      accountTail: '1',
      bankName: '某银行',
      kind: 'debit',
      small: null,
    } as const
    await flow.ledger.agreementBook.keep('signer', signed, NOON)
    for (const payer of ['h1', 'h2']) await flow.quote(payer)
    expect((await flow.quote('stranger')).discountRange).toBeDefined()
    expect((await flow.quote('regular')).discountRange).toBeUndefined()
    expect((await flow.quote('signer')).discountRange).toBeUndefined()
  })

  it('in calm nobody is asked who they are', async () => {
    const flow = startFlow({ limits: { merchantUnusual: { percent: 50, least: 4 } } })
    const agreements = jest.spyOn(flow.deps.catalog, 'agreements')
    for (const payer of ['h1', 'h2', 'h3']) expect((await flow.quote(payer)).discountRange).toBeUndefined()
    expect(agreements).not.toHaveBeenCalled()
    expect((await flow.quote('h4')).discountRange).toBeDefined()
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
