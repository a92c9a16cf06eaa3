import fc from 'fast-check'
import { exposure } from '../../server/domain/deck'
import type { Order } from '../../server/domain/order'
import { balanced } from '../../server/domain/posting'
import type { Quote } from '../../server/domain/quote'
import type { PayResult } from '../../server/flow/pay'
import type { Mishap } from '../support/fake-channel'
import { CAMPAIGN, type Flow, LIMITS, startFlow } from '../support/flow'

/** Whatever a few payers do with one small deck, and whatever fails meanwhile, the invariants of the design hold after each step. */

const PAYERS = ['a', 'b', 'c', 'd']
const SLOTS = 3
const CONTRADICTIONS = ['success-after-close', 'decline-after-paid', 'other-trade-no']
const RULE = { ...CAMPAIGN.rule, slots: SLOTS, payerPercent: 37 }

type Step =
  | { kind: 'quote'; payer: string; amountFen: number }
  /** `nth` counts back from the newest quote; old ones have expired or were used */
  | { kind: 'pay'; nth: number; fate: Mishap | null; again: boolean }
  | { kind: 'rush' }
  | { kind: 'sweep'; fate: Mishap | null }
  | { kind: 'pass'; ms: number }
  | { kind: 'slots'; event: 'forget' | 'down' | 'up' }

const fate = fc.oneof(
  { weight: 4, arbitrary: fc.constant(null) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Mishap>(
      { kind: 'decline', code: 'insufficient-funds' },
      { kind: 'pending', pendingQueries: 2 },
      { kind: 'lose-request' },
      { kind: 'lose-reply' },
      { kind: 'say', outcome: { kind: 'unknown', code: 'bad-signature' } },
    ),
  },
)
const queryFate = fc.constantFrom<Mishap | null>(null, null, { kind: 'lose-reply' }, { kind: 'lose-request' })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('quote' as const),
      payer: fc.constantFrom(...PAYERS),
      amountFen: fc.integer({ min: 900, max: 3_000 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('pay' as const), nth: fc.nat(3), fate, again: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'rush' }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('sweep' as const), fate: queryFate }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(1_000, 1_000, 7_000, 7_000, LIMITS.closeAfterMs + 1, LIMITS.leaseTtlMs, 13 * 3_600_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('slots' as const),
      event: fc.constantFrom('forget' as const, 'down' as const, 'up' as const, 'up' as const),
    }),
  },
)

/** What the test keeps beside the system: who may expect which card, what was sent, what has ended. */
class Ledgerbook {
  readonly quotes: { quote: Quote; key: string }[] = []
  /** by order number, oldest first */
  readonly orders = new Set<string>()
  readonly ended = new Map<string, Order>()
  readonly sent: string[] = []
  readonly unstored: string[] = []
  /** live leases: `date|payer` → slot → end */
  readonly held = new Map<string, Map<number, number>>()

  readonly flow: Flow

  constructor(budgetFen: number) {
    this.flow = startFlow({
      campaign: { rule: RULE, budgetFen },
      limits: { dailyLimitFen: 1e9 },
      wrap: (channel, ledger) => ({
        ...channel,
        pay: async (order) => {
          const stored = await ledger.order(order.orderNo)
          if (stored?.state !== 'paying') this.unstored.push(order.orderNo)
          this.sent.push(order.orderNo)
          return channel.pay(order)
        },
      }),
    })
    const { slots } = this.flow
    const { confirm, release, forget } = slots
    slots.confirm = async (deck, slot, payerId) => {
      const result = await confirm(deck, slot, payerId)
      for (const [whose, leases] of this.held) if (whose.startsWith(deck.businessDate)) leases.delete(slot)
      return result
    }
    slots.release = async (deck, slot, payerId, keepMs) => {
      const result = await release(deck, slot, payerId, keepMs)
      if (result === 'released') this.lease(deck.businessDate, payerId, slot, keepMs)
      return result
    }
    slots.forget = () => {
      this.held.clear()
      forget()
    }
  }

  leases(date: string, payer: string): Map<number, number> {
    const whose = `${date}|${payer}`
    const leases = this.held.get(whose) ?? new Map<number, number>()
    this.held.set(whose, leases)
    return leases
  }

  lease(date: string, payer: string, slot: number, ms: number): void {
    // Whoever had it before has lost it.
    for (const [whose, leases] of this.held) if (whose.startsWith(date)) leases.delete(slot)
    this.leases(date, payer).set(slot, this.flow.clock.at + ms)
  }

  async quote(payer: string, amountFen: number): Promise<Quote> {
    const quote = await this.flow.quote(payer, amountFen)
    this.quotes.push({ quote, key: `key-${this.quotes.length}` })
    const { card, businessDate } = quote
    if (card) {
      const live = [...this.leases(businessDate, payer)].filter(([, until]) => until > this.flow.clock.at)
      // I8: who holds a card is quoted that one, whatever the amount.
      if (live.length > 0) expect(live.map(([slot]) => slot)).toContain(card.slot)
      this.lease(businessDate, payer, card.slot, LIMITS.leaseTtlMs)
    }
    return quote
  }

  note(result: PayResult): void {
    if (result.kind === 'order') this.orders.add(result.order.orderNo)
  }
}

async function run(book: Ledgerbook, one: Step): Promise<void> {
  const { flow } = book
  switch (one.kind) {
    case 'quote':
      await book.quote(one.payer, one.amountFen)
      return
    case 'pay': {
      const chosen = book.quotes.at(-1 - one.nth)
      if (!chosen) return
      if (one.fate) flow.channel.next('pay', one.fate)
      // Twice at once with the same key, as a double tap; or under another key, as a thief of one's own.
      const pays = one.again ? [chosen.key, chosen.key, `${chosen.key}-other`] : [chosen.key]
      for (const result of await Promise.all(pays.map((key) => flow.pay(chosen.quote, key)))) book.note(result)
      return
    }
    case 'rush':
      await Promise.all(
        PAYERS.map(async (payer) =>
          book.note(
            await flow.pay(await book.quote(payer, 1_000), `rush-${book.orders.size}-${payer}-${book.quotes.length}`),
          ),
        ),
      )
      return
    case 'sweep':
      if (one.fate) flow.channel.next('query', one.fate)
      await flow.sweep()
      return
    case 'pass':
      flow.pass(one.ms)
      return
    case 'slots':
      if (one.event === 'forget') flow.slots.forget()
      else flow.slots.up = one.event === 'up'
  }
}

async function expectInvariants(book: Ledgerbook, budgetFen: number): Promise<void> {
  const { flow } = book
  const orders = await Promise.all([...book.orders].map(async (no) => (await flow.ledger.order(no))!))
  const decks = new Map<string, number[]>()
  for (const order of orders) {
    const { figures } = order
    // I3
    expect(figures.payerDiscountFen + figures.merchantRewardFen).toBe(figures.discountFen)
    expect(figures.payableFen).toBe(figures.amountFen - figures.payerDiscountFen)
    expect(figures.payableFen).toBeGreaterThanOrEqual(1)
    // I4
    const postings = flow.ledger.postings.filter((posting) => posting.orderNo === order.orderNo)
    expect(balanced(postings)).toBe(true)
    expect(postings.length > 0).toBe(order.state === 'paid')
    // I5: an end is kept, to the letter
    const before = book.ended.get(order.orderNo)
    if (before) expect(order).toEqual(before)
    else if (order.state !== 'paying') book.ended.set(order.orderNo, order)
    if (order.card && order.state !== 'closed')
      decks.set(order.businessDate, [...(decks.get(order.businessDate) ?? []), order.card.slot])
    const dealt = order.card && (await flow.ledger.deck({ ...flow.deck(), businessDate: order.businessDate }))
    expect(figures.discountFen).toBe(dealt ? dealt.amountsFen[order.card!.slot] : 0)
  }
  // I1
  for (const slots of decks.values()) {
    expect(new Set(slots).size).toBe(slots.length)
    expect(slots.every((slot) => slot < SLOTS)).toBe(true)
  }
  // I6: stored first, sent once, and nothing is booked that isn't an order of ours
  expect(book.unstored).toEqual([])
  expect(new Set(book.sent).size).toBe(book.sent.length)
  for (const clearing of flow.channel.clearings()) expect(book.orders).toContain(clearing.orderNo)
  // I7
  const paid = orders.filter((order) => order.state === 'paid')
  const dates = [...new Set([...orders, ...book.quotes.map(({ quote }) => quote)].map((one) => one.businessDate))]
  const dealt = await Promise.all(dates.map((businessDate) => flow.ledger.deck({ ...flow.deck(), businessDate })))
  const committedFen = flow.ledger.committedFen(CAMPAIGN.campaignId)
  expect(committedFen).toBe(dealt.reduce((sum, deck) => sum + (deck ? exposure(deck.amountsFen) : 0), 0))
  expect(committedFen).toBeLessThanOrEqual(budgetFen)
  expect(paid.reduce((sum, order) => sum + order.figures.discountFen, 0)).toBeLessThanOrEqual(committedFen)
  // I5: no news ever contradicted an ending. Slots that were away, and replies nobody signed, want a person too, but are no such thing.
  expect(flow.alarms.filter(({ code }) => CONTRADICTIONS.includes(code))).toEqual([])
}

/** When all is well again, everything that is unknown ends, and the bank and we have booked the same. */
async function expectAllSettled({ flow, orders }: Ledgerbook): Promise<void> {
  flow.slots.up = true
  for (let i = 0; i < 12; i++) {
    flow.pass(61_000)
    await flow.sweep()
  }
  const all = await Promise.all([...orders].map(async (no) => (await flow.ledger.order(no))!))
  expect(all.filter((order) => order.state === 'paying')).toEqual([])
  const paid = all.filter((order) => order.state === 'paid')
  const booked = flow.channel.clearings().filter((clearing) => clearing.state === 'succeeded')
  expect(booked.map((clearing) => clearing.orderNo).sort()).toEqual(paid.map((order) => order.orderNo).sort())
  expect(flow.channel.balance('acct-M0001')).toBe(
    paid.reduce((sum, order) => sum + order.figures.merchantReceivesFen, 0),
  )
}

describe('random days of a small deck', () => {
  it('keep I1, I3, I4, I5, I6, I7 and I8 after every step, and settle in the end', async () => {
    // From nothing to about four decks, or plenty.
    const budget = fc.oneof(fc.nat(10_000), fc.constant(1_000_000))
    await fc.assert(
      fc.asyncProperty(budget, fc.array(step, { minLength: 5, maxLength: 40 }), async (budgetFen, steps) => {
        const book = new Ledgerbook(budgetFen)
        for (const one of steps) {
          await run(book, one)
          await expectInvariants(book, budgetFen)
        }
        await expectAllSettled(book)
      }),
      { numRuns: 500 },
    )
  }, 60_000)
})
