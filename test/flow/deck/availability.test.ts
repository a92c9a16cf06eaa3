import { headline } from '../../../server/domain/campaign'
import { dearestDeck } from '../../../server/domain/deck'
import { merchantDay, rules, shopfront } from '../../../server/flow/merchant/show'
import { quote } from '../../../server/flow/payment/quote'
import { CAMPAIGN, type Flow, type FlowOptions, LIMITS, NOON, startFlow, TODAY } from '../../support/flow'

const FIVE = ['p1', 'p2', 'p3', 'p4', 'p5']

/** What the three pages say; that it is the same thing, and what a payer who comes now is quoted. */
async function said(flow: Flow) {
  const [shop, law, day] = await Promise.all([
    shopfront(flow.deps, 'M0001'),
    rules(flow.deps, 'M0001'),
    merchantDay(flow.deps, 'M0001'),
  ])
  const { slots, remaining, reason, availableAt, words } = law!.today
  expect(day!.today).toEqual({ slots, remaining, reason, availableAt, words })
  if (shop!.offer) expect(shop!.offer).toMatchObject({ slots, remaining, reason, availableAt, headline: law!.headline })
  return { slots, remaining, reason }
}

/** The pages first: a quote may deal the deck or take the card. */
async function saidAndQuoted(flow: Flow) {
  const today = await said(flow)
  const { reason } = await flow.quote('newcomer', 1_000)
  return { ...today, quoted: reason }
}

async function held(flow: Flow) {
  const quotes = []
  for (const payer of FIVE) quotes.push(await flow.quote(payer, 1_000))
  return quotes
}

describe('what can be given now is said alike by pay, rules and merchant page, and by the quote', () => {
  const states: [string, FlowOptions, (flow: Flow) => unknown, object][] = [
    ['a deck nobody has dealt yet is promised whole', {}, () => {}, { slots: 5, remaining: 5, reason: null }],
    [
      'cards that others hold can still be given, though not now',
      {},
      held,
      { slots: 5, remaining: 5, reason: 'all-held' },
    ],
    [
      'the last free card can be given, whoever holds the others',
      {},
      async (flow) => {
        for (const payer of FIVE.slice(1)) await flow.quote(payer, 1_000)
      },
      { slots: 5, remaining: 5, reason: null },
    ],
    [
      'one payer with many orders under way holds cards, and sells nothing out',
      { limits: { maxHeld: 5 } },
      async (flow) => {
        for (const _ of FIVE) {
          flow.channel.next('pay', { kind: 'lose-reply' })
          await flow.order(await flow.quote('hoarder', 1_000))
        }
      },
      { slots: 5, remaining: 0, reason: 'all-held' },
    ],
    [
      'cards that orders were paid with are gone',
      {},
      async (flow) => {
        for (const one of await held(flow)) await flow.order(one)
      },
      { slots: 5, remaining: 0, reason: 'sold-out' },
    ],
    [
      'the same, counted from the ledger where the slot store lost the deck',
      {},
      async (flow) => {
        for (const one of await held(flow)) await flow.order(one)
        flow.slots.forget()
      },
      { slots: 5, remaining: 0, reason: 'sold-out' },
    ],
    [
      'a pause gives nobody anything',
      { campaign: { state: 'paused' } },
      () => {},
      { slots: 5, remaining: 0, reason: 'campaign-paused' },
    ],
    [
      'a pause is a pause, also with the slot store away',
      { campaign: { state: 'paused' } },
      (flow) => {
        flow.slots.up = false
      },
      { slots: 5, remaining: 0, reason: 'campaign-paused' },
    ],
    [
      'a budget that covers no card has nothing, before anybody tried',
      { campaign: { budgetFen: 99 } },
      () => {},
      { slots: 0, remaining: 0, reason: 'budget-exhausted' },
    ],
    [
      'with the slot store away nobody knows how many, and nobody gets one',
      {},
      async (flow) => {
        await flow.quote('p1')
        flow.slots.up = false
      },
      { slots: 5, remaining: null, reason: 'discount-unavailable' },
    ],
    [
      'a campaign of another day gives nothing yet',
      { campaign: { startDate: '2026-11-22' } },
      () => {},
      { slots: 5, remaining: 0, reason: 'campaign-not-started' },
    ],
    [
      'one that is over gives nothing any more',
      { campaign: { endDate: '2026-11-20' } },
      () => {},
      { slots: 5, remaining: 0, reason: 'campaign-ended' },
    ],
  ]
  it.each(states)('%s', async (_, options, prepare, expected) => {
    const flow = startFlow(options)
    await prepare(flow)
    const { quoted, ...today } = await saidAndQuoted(flow)
    expect(today).toEqual(expected)
    expect(quoted).toBe(today.reason)
  })

  it('held cards are free again when their lease ends', async () => {
    const flow = startFlow()
    await held(flow)
    flow.pass(LIMITS.leaseTtlMs)
    expect(await saidAndQuoted(flow)).toEqual({ slots: 5, remaining: 5, reason: null, quoted: null })
  })

  it('of held cards it is said when the first comes back, on the pages and by the quote, and never of cards that are gone', async () => {
    const flow = startFlow()
    const quotes = []
    for (const [i, payer] of FIVE.entries()) {
      flow.pass(i * 10_000)
      quotes.push(await flow.quote(payer, 1_000))
    }
    const first = NOON + LIMITS.leaseTtlMs
    const ask = { payerId: 'late', merchantCode: 'M0001', amountFen: 1_000, channel: 'bank' } as const
    expect(await quote(flow.deps, ask)).toMatchObject({ quote: { reason: 'all-held' }, availableAt: first })
    expect((await shopfront(flow.deps, 'M0001'))!.offer).toMatchObject({ reason: 'all-held', availableAt: first })
    await flow.order(quotes[0]!)
    expect((await rules(flow.deps, 'M0001'))!.today).toMatchObject({ availableAt: first + 10_000 })
    for (const one of quotes.slice(1)) await flow.order(one)
    const midnight = NOON + 12 * 3_600_000
    expect(await quote(flow.deps, ask)).toMatchObject({ quote: { reason: 'sold-out' }, availableAt: midnight })
    expect((await shopfront(flow.deps, 'M0001'))!.offer).toMatchObject({ reason: 'sold-out', availableAt: midnight })
  })

  it.each([
    ['on the campaign’s last day', { endDate: TODAY }, 1_000_000],
    ['where the budget may not cover another card', {}, 899],
  ])('no other day’s cards are promised %s', async (_, campaign, roomFen) => {
    const flow = startFlow({ campaign })
    for (const one of await held(flow)) await flow.order(one)
    flow.deps.decks = { ...flow.deps.decks, room: async () => ({ fen: roomFen, by: 'campaign' }) }
    const ask = { payerId: 'late', merchantCode: 'M0001', amountFen: 1_000, channel: 'bank' } as const
    expect(await quote(flow.deps, ask)).toMatchObject({ quote: { reason: 'sold-out' }, availableAt: null })
    expect((await shopfront(flow.deps, 'M0001'))!.offer).toMatchObject({ reason: 'sold-out', availableAt: null })
  })

  it('at midnight the next day’s deck counts, until the campaign’s last day is over', async () => {
    const flow = startFlow({ campaign: { endDate: '2026-11-22' } })
    for (const one of await held(flow)) await flow.order(one)
    expect(await said(flow)).toMatchObject({ reason: 'sold-out' })
    flow.pass(12 * 3_600_000)
    expect(await said(flow)).toEqual({ slots: 5, remaining: 5, reason: null })
    flow.pass(24 * 3_600_000)
    expect(await saidAndQuoted(flow)).toMatchObject({ reason: 'campaign-ended', quoted: 'campaign-ended' })
    expect((await merchantDay(flow.deps, 'M0001', '2026-11-22'))!.today).toBeNull()
  })

  it('a budget raised meanwhile is promised at once, before anybody has dealt from it', async () => {
    const flow = startFlow({ campaign: { budgetFen: 99 } })
    expect(await saidAndQuoted(flow)).toMatchObject({ reason: 'budget-exhausted', quoted: 'budget-exhausted' })
    flow.deps.decks = { ...flow.deps.decks, room: async () => ({ fen: 1_000_000, by: 'campaign' }) }
    expect(await said(flow)).toEqual({ slots: 5, remaining: 5, reason: null })
  })

  it('before it is dealt, so many cards are promised as the budget covers whatever they are', async () => {
    const three = { ...CAMPAIGN.rule, slots: 3 }
    const flow = startFlow({ campaign: { budgetFen: dearestDeck(three) } })
    const promised = await said(flow)
    expect(promised).toEqual({ slots: 3, remaining: 3, reason: null })
    await flow.quote('p1', 1_000)
    expect((await said(flow)).slots).toBe(3)
    const lean = startFlow({ campaign: { budgetFen: dearestDeck({ ...CAMPAIGN.rule, slots: 1 }) - 1 } })
    expect(await said(lean)).toMatchObject({ slots: 0, reason: 'budget-exhausted' })
  })

  it('the headline is the short deck’s where the budget made it one', async () => {
    const flow = startFlow({ campaign: { budgetFen: dearestDeck({ ...CAMPAIGN.rule, slots: 3 }) } })
    const { offer } = (await shopfront(flow.deps, 'M0001'))!
    expect([offer!.headline, offer!.maxPayerDiscountFen]).toEqual(['满10元最高减4.5元', 450])
    expect(headline(CAMPAIGN.rule)).toBe('满10元最高减5元')
  })

  it('a crowd that finds a deck used up asks the ledger about it once in a second', async () => {
    const flow = startFlow()
    for (const one of await held(flow)) await flow.order(one)
    const orders = jest.fn(flow.deps.decks.orders)
    flow.deps.decks = { ...flow.deps.decks, orders }
    await Promise.all(Array.from({ length: 50 }, (_, i) => flow.quote(`late-${i}`, 1_000)))
    expect(orders).toHaveBeenCalledTimes(1)
    flow.pass(1_000)
    await flow.quote('later', 1_000)
    expect(orders).toHaveBeenCalledTimes(2)
  })
})
