import { addDays, endOfBusinessDate } from '../../../server/domain/business-date'
import { dearestDeck, exposure } from '../../../server/domain/deck'
import { countOf } from '../../../server/domain/deck-seal'
import type { Order } from '../../../server/domain/order'
import { closeDecks } from '../../../server/flow/deck/close-decks'
import { dealDay } from '../../../server/flow/deck/deal-day'
import { CAMPAIGN, type Flow, LIMITS, MERCHANT, startFlow } from '../../support/flow'

const CODES = ['S1', 'S2', 'S3', 'S4', 'S5', 'S6']
const FIRST = '2026-11-01'
const DAYS = 30
const HOUR_MS = 3_600_000

/** A month by the jobs' own hours: tomorrow is dealt from 23:00, and yesterday closes a lease after midnight. */
describe.each([1, 2])('a month with a tight budget, the %s. way', (seed) => {
  /** A quarter of what all cards of the month would cost; and in most days half of them aren't drawn. */
  const budgetFen = Math.round((DAYS * CODES.length * dearestDeck(CAMPAIGN.rule)) / 4)

  it('is never overspent, goes short only where the money is gone, and leaves less than a day’s decks', async () => {
    const flow = startFlow({ campaign: null })
    const merchants = CODES.map((merchantCode) => ({ ...MERCHANT, merchantCode }))
    flow.ledger.seed({ merchants, campaigns: [{ ...CAMPAIGN, budgetFen, merchantCodes: CODES }] })
    const random = lcg(seed)
    let short = 0
    /** come to the merchant a day later, when the deck is closed */
    const complaints: Order[] = []
    for (let day = 0; day < DAYS; day++) {
      const date = addDays(FIRST, day)
      const begins = endOfBusinessDate(date) - 24 * HOUR_MS
      // Payers of the first minute, before anything of yesterday can have come back.
      await at(flow, begins + 1_000, () => buy(flow, random, date, 0.3, complaints))
      await at(flow, begins + LIMITS.leaseTtlMs, async () => {
        await jobs(flow, date)
        short += await shortDecks(flow, date, budgetFen)
      })
      for (const order of complaints.splice(0)) await flow.refund(order, order.figures.payableFen)
      await at(flow, begins + 12 * HOUR_MS, () => buy(flow, random, date, day % 7 === 0 ? 6 : 2.5, complaints))
      await at(flow, begins + 23 * HOUR_MS, () => jobs(flow, addDays(date, 1)))
      expect(flow.ledger.committedFen('street')).toBeLessThanOrEqual(budgetFen)
    }
    await at(flow, endOfBusinessDate(addDays(FIRST, DAYS - 1)) + LIMITS.leaseTtlMs, () =>
      jobs(flow, addDays(FIRST, DAYS)),
    )
    const unspentFen = budgetFen - flow.ledger.committedFen('street')
    expect(flow.ledger.committedFen('street')).toBe(spentFen(flow))
    expect(unspentFen).toBeGreaterThanOrEqual(0)
    expect(unspentFen).toBeLessThan(CODES.length * dearestDeck(CAMPAIGN.rule))
    // It did get tight: towards the end merchants went short, and rightly.
    expect(short).toBeGreaterThan(0)
  })
})

async function at(flow: Flow, ms: number, work: () => Promise<void>): Promise<void> {
  flow.clock.at = ms
  await work()
}

/** What a process does by itself each minute. */
async function jobs(flow: Flow, date: string): Promise<void> {
  await closeDecks(flow.deps)
  await dealDay(flow.deps, date)
}

async function buy(flow: Flow, random: () => number, date: string, mean: number, complaints: Order[]): Promise<void> {
  for (const code of CODES)
    for (let n = Math.round(2 * mean * random()); n > 0; n--) {
      if (random() < 0.1) flow.channel.next('pay', { kind: 'decline', code: 'insufficient-funds' })
      flow.pass(1)
      const order = await flow.order(await flow.quote(`p${date}-${random()}`, 10_000, code))
      if (order.state !== 'paid' || random() > 0.2) continue
      if (random() < 0.5) await flow.refund(order, order.figures.payableFen)
      else complaints.push(order)
    }
}

/** How many decks of the date are short or missing; none of them while money was left for its whole one. */
async function shortDecks(flow: Flow, date: string, budgetFen: number): Promise<number> {
  const ids = CODES.map((merchantCode) => ({ campaignId: 'street', merchantCode, businessDate: date }))
  const decks = await Promise.all(ids.map((id) => flow.ledger.deck(id)))
  const costs = decks.map((deck) => dearestDeck({ ...CAMPAIGN.rule, slots: deck ? countOf(deck.cards) : 0 }))
  const wholeFen = dearestDeck(CAMPAIGN.rule)
  const roomFen = budgetFen - spentFen(flow, date) - exposure(costs)
  const short = costs.filter((fen) => fen < wholeFen)
  for (const fen of short) expect(roomFen + fen).toBeLessThan(wholeFen)
  return short.length
}

/** What paid orders cost net of refunds, of decks before the date. */
function spentFen(flow: Flow, before = '9999-12-31'): number {
  const of = new Set(
    flow.ledger.all().flatMap((order) => (order.card && order.card.businessDate < before ? [order.orderNo] : [])),
  )
  return flow.ledger.postings.reduce(
    (sum, { orderNo, role, amountFen }) => sum - (role === 'gl' && of.has(orderNo) ? amountFen : 0),
    0,
  )
}

/** The same numbers each time. */
function lcg(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}
