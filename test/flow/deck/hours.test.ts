import { addDays } from '../../../server/domain/business-date'
import type { Campaign } from '../../../server/domain/campaign'
import { dearestDeck } from '../../../server/domain/deck'
import { countOf } from '../../../server/domain/deck-seal'
import { closeDecks } from '../../../server/flow/deck/close-decks'
import { dealDay } from '../../../server/flow/deck/deal-day'
import { rules, shopfront } from '../../../server/flow/merchant/show'
import { quote } from '../../../server/flow/payment/quote'
import type { Merchant } from '../../../server/flow/ports'
import { CAMPAIGN, MERCHANT, NOON, startFlow, TODAY } from '../../support/flow'

/** Campaigns with hours and with a budget for each day; it is a Saturday's noon. */

const HOUR_MS = 3_600_000
const deckFen = dearestDeck(CAMPAIGN.rule)
const oneFen = dearestDeck({ ...CAMPAIGN.rule, slots: 1 })
const SATURDAY_NIGHT = [
  { weekdays: [6], from: '22:00', to: '24:00' },
  { weekdays: [7], from: '00:00', to: '02:00' },
]
const said = (flow: ReturnType<typeof startFlow>, payerId = 'p1') =>
  quote(flow.deps, { payerId, merchantCode: 'M0001', amountFen: 10_000, channel: 'bank' })

/** As many merchants as said, none of a branch with a budget of its own. */
function streetOf(count: number, change: Partial<Campaign>) {
  const flow = startFlow({ campaign: null })
  const merchants: Merchant[] = Array.from({ length: count }, (_, i) => ({ ...MERCHANT, merchantCode: `S${i}` }))
  const merchantCodes = merchants.map((merchant) => merchant.merchantCode)
  flow.ledger.seed({ merchants, campaigns: [{ ...CAMPAIGN, ...change, merchantCodes }] })
  const decksOf = async (businessDate: string) => {
    const all = merchantCodes.map((merchantCode) =>
      flow.ledger.deck({ campaignId: 'street', merchantCode, businessDate }),
    )
    return (await Promise.all(all)).flatMap((deck) => (deck ? [countOf(deck.cards)] : []))
  }
  const shortage = (merchantCode: string) =>
    flow.deps.decks.shortage({ campaignId: 'street', merchantCode, businessDate: TODAY })
  return { flow, merchantCodes, decksOf, shortage }
}

describe('a campaign with hours', () => {
  it('gives cards within them alone, says when else, and has a deck for each of a night’s two dates', async () => {
    const flow = startFlow({ campaign: { windows: SATURDAY_NIGHT } })
    const opens = NOON + 10 * HOUR_MS
    const words = '优惠时段是周六 22:00–24:00；周日 0:00–2:00'
    expect(await said(flow)).toMatchObject({ quote: { reason: 'outside-window' }, availableAt: opens, words })
    const { offer } = (await shopfront(flow.deps, 'M0001'))!
    expect(offer).toMatchObject({ reason: 'outside-window', remaining: 0, availableAt: opens, words })
    expect((await rules(flow.deps, 'M0001'))!.today).toMatchObject({ reason: 'outside-window', words })
    flow.pass(10 * HOUR_MS)
    const night = await said(flow)
    expect(night).toMatchObject({ quote: { reason: null, card: { slot: 0 }, businessDate: TODAY } })
    flow.pass(2 * HOUR_MS)
    expect(await said(flow, 'p2')).toMatchObject({ quote: { reason: null, businessDate: '2026-11-22' } })
    flow.pass(2 * HOUR_MS)
    // The next is six days and twenty hours on.
    expect(await said(flow, 'p3')).toMatchObject({
      quote: { reason: 'outside-window' },
      availableAt: NOON + 10 * HOUR_MS + 7 * 24 * HOUR_MS,
    })
  })

  it('pays what was quoted within them after they are over, as long as the quote says', async () => {
    const flow = startFlow({ campaign: { windows: [{ weekdays: [6], from: '12:00', to: '12:01' }] } })
    const one = await flow.quote('p1', 10_000)
    expect(one.reason).toBeNull()
    flow.pass(61_000)
    expect((await flow.quote('p2', 10_000)).reason).toBe('outside-window')
    expect(await flow.order(one)).toMatchObject({ state: 'paid', card: { slot: 0 }, businessDate: TODAY })
  })

  it('is dealt for the dates they open on, and for no other', async () => {
    const { flow, decksOf } = streetOf(3, { windows: [{ weekdays: [7], from: '11:00', to: '14:00' }] })
    expect(await dealDay(flow.deps, TODAY)).toMatchObject({ total: 0, dealt: 0 })
    expect(await decksOf(TODAY)).toEqual([])
    const sunday = addDays(TODAY, 1)
    expect(await dealDay(flow.deps, sunday)).toMatchObject({ total: 3, dealt: 3 })
    expect(await decksOf(sunday)).toEqual([5, 5, 5])
  })

  it('promises no cards of tomorrow where they don’t open at midnight', async () => {
    const soldOut = async (windows: Campaign['windows']) => {
      const flow = startFlow({ campaign: { windows } })
      for (const payer of ['p1', 'p2', 'p3', 'p4', 'p5']) await flow.order(await flow.quote(payer, 1_000))
      const { quote: one, availableAt } = (await said(flow, 'p6')) as Extract<
        Awaited<ReturnType<typeof said>>,
        { kind: 'quoted' }
      >
      expect(one.reason).toBe('sold-out')
      return availableAt
    }
    const saturday = { weekdays: [6], from: '00:00', to: '24:00' }
    expect(await soldOut([saturday])).toBeNull()
    expect(await soldOut([saturday, { weekdays: [7], from: '11:00', to: '14:00' }])).toBeNull()
    expect(await soldOut([{ ...saturday, weekdays: [6, 7] }])).toBe(NOON + 12 * HOUR_MS)
  })
})

describe('a budget for each day', () => {
  it('is never dealt beyond, from whichever end a day begins, and what is left is a shorter deck', async () => {
    const { flow, decksOf, merchantCodes, shortage } = streetOf(6, { dailyBudgetFen: 3 * deckFen + 2 * oneFen + 1 })
    const day = await dealDay(flow.deps, TODAY)
    expect(day).toMatchObject({ total: 6, dealt: 4, short: 1, without: 2, waiting: 0 })
    expect((await decksOf(TODAY)).sort()).toEqual([2, 5, 5, 5])
    expect(flow.ledger.committedFen('street')).toBe(3 * deckFen + dearestDeck({ ...CAMPAIGN.rule, slots: 2 }))
    const by = (await Promise.all(merchantCodes.map(shortage))).flatMap((one) =>
      one ? [`${one.by} ${one.dealtSlots}`] : [],
    )
    expect(by.sort()).toEqual(['day 0', 'day 0', 'day 2'])
  })

  it('isn’t waited for though money of other days comes back, since none of its own does', async () => {
    const { flow, decksOf } = streetOf(4, { dailyBudgetFen: 2 * deckFen })
    const yesterday = addDays(TODAY, -1)
    await dealDay(flow.deps, yesterday)
    expect(await flow.deps.decks.returning('street', TODAY)).toBe(true)
    expect(await dealDay(flow.deps, TODAY)).toMatchObject({ dealt: 2, without: 2, waiting: 0 })
    expect(await decksOf(TODAY)).toEqual([5, 5])
  })

  it('is bound by what is left of the whole, which is waited for', async () => {
    const { flow, decksOf } = streetOf(4, { dailyBudgetFen: 2 * deckFen, budgetFen: 3 * deckFen })
    await dealDay(flow.deps, addDays(TODAY, -1))
    expect(await dealDay(flow.deps, TODAY)).toMatchObject({ dealt: 1, without: 0, waiting: 3 })
    await closeDecks(flow.deps)
    flow.pass(11 * 60_000)
    expect(await dealDay(flow.deps, TODAY)).toMatchObject({ dealt: 1, without: 2, waiting: 0 })
    expect(await decksOf(TODAY)).toEqual([5, 5])
  })

  it('is each day’s anew, and its payers are told that it is today’s', async () => {
    const flow = startFlow({ campaign: { dailyBudgetFen: oneFen } })
    await flow.order(await flow.quote('p1', 1_000))
    expect(await said(flow, 'p2')).toMatchObject({ quote: { reason: 'sold-out' }, availableAt: NOON + 12 * HOUR_MS })
    flow.pass(12 * HOUR_MS)
    expect(await said(flow, 'p2')).toMatchObject({ quote: { reason: null } })
    const none = startFlow({ campaign: { dailyBudgetFen: oneFen - 1 } })
    expect(await said(none)).toMatchObject({ quote: { reason: 'budget-exhausted' }, words: '今天的活动经费已用完' })
  })
})
