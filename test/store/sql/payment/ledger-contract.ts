import { CHANNELS } from '../../../../server/domain/channel'
import type { Catalog, Ledger, OpenResult } from '../../../../server/flow/ports'
import type { FoodStreet } from '../../../../server/store/sql/seed'
import {
  closed,
  DATE,
  endEverything,
  NOON,
  newCampaign,
  newOrder,
  opened,
  opening,
  paid,
  SUCCEEDED,
  tally,
  UNKNOWN,
  unique,
} from './ledger-orders'

export interface LedgerUnderTest {
  ledger: Ledger
  catalog: Catalog
  seed(street: FoodStreet): Promise<void> | void
  close(): Promise<void>
}

/** What every implementation of {@link Ledger} does, whatever it is made of. */
export function ledgerContract(name: string, open: () => Promise<LedgerUnderTest>): void {
  describe(`the ledger on ${name}`, () => {
    let on: LedgerUnderTest
    let ledger: Ledger
    beforeAll(async () => {
      on = await open()
      ledger = on.ledger
    })
    afterAll(() => on?.close())

    const aCard = async () => {
      const campaign = newCampaign()
      await on.seed({ merchants: [], campaigns: [campaign] })
      return { merchantCode: unique('M'), card: { campaignId: campaign.campaignId, slot: 3 } }
    }

    describe('opening an order', () => {
      it('keeps the order as it was given', async () => {
        const order = newOrder(await aCard())
        expect(await ledger.openOrder(opening(order))).toEqual({ kind: 'opened' })
        expect(await ledger.order(order.orderNo)).toEqual(order)
      })

      it.each(CHANNELS)('keeps one of %s', async (channel) => {
        const order = { ...newOrder(), channel }
        expect(await ledger.openOrder(opening(order))).toEqual({ kind: 'opened' })
        expect(await ledger.order(order.orderNo)).toEqual(order)
      })

      it('replays the same key with the same input, showing the order as it stands now', async () => {
        const input = opening(newOrder(await aCard()))
        await ledger.openOrder(input)
        expect(await ledger.openOrder(input)).toEqual({ kind: 'replayed', order: input.order })
        await ledger.endOrder(input.order, paid(input.order), SUCCEEDED)
        const again = { ...input, order: { ...newOrder(), payerId: input.order.payerId } }
        const replayed = await ledger.openOrder(again)
        expect(replayed).toMatchObject({ kind: 'replayed', order: { orderNo: input.order.orderNo, state: 'paid' } })
      })

      it('replays even when the payer has reached the daily limit meanwhile', async () => {
        const input = opening(newOrder({ amountFen: 10_000 }), { dailyLimitFen: 10_000 })
        await ledger.openOrder(input)
        expect(await ledger.openOrder(input)).toMatchObject({ kind: 'replayed' })
      })

      it('refuses a key with other input and stores nothing of it', async () => {
        const first = opening(newOrder())
        await ledger.openOrder(first)
        const other = newOrder({ payerId: first.order.payerId })
        const idempotency = { key: first.idempotency.key, inputHash: 'hash-2' }
        expect(await ledger.openOrder(opening(other, { idempotency }))).toEqual({ kind: 'key-reused' })
        expect(await ledger.order(other.orderNo)).toBeUndefined()
      })

      it('lets two payers use the same key', async () => {
        const idempotency = { key: unique('key'), inputHash: 'hash-1' }
        expect(await ledger.openOrder(opening(newOrder(), { idempotency }))).toEqual({ kind: 'opened' })
        expect(await ledger.openOrder(opening(newOrder(), { idempotency }))).toEqual({ kind: 'opened' })
      })

      it('finds the order by its key, for its payer only', async () => {
        const input = opening(newOrder())
        await ledger.openOrder(input)
        const { payerId } = input.order
        const { key, inputHash } = input.idempotency
        expect(await ledger.orderByKey(payerId, key)).toEqual({ order: input.order, inputHash })
        expect(await ledger.orderByKey(unique('payer'), key)).toBeUndefined()
      })

      it('makes one order of a quote, whose slot is its own', async () => {
        const first = await opened(ledger, await aCard())
        const again = { ...newOrder(), ...first, orderNo: newOrder().orderNo }
        expect(await ledger.openOrder(opening(again))).toEqual({ kind: 'quote-used' })
      })

      it('tells which quotes have become orders, and how those stand', async () => {
        const [paying, over] = [await opened(ledger), await opened(ledger)]
        await ledger.endOrder(over, closed(), null)
        const nonces = [paying.quoteNonce, over.quoteNonce, unique('nonce')]
        const told = await ledger.ordersOfQuotes(nonces)
        expect(told).toHaveLength(2)
        expect(told).toEqual(
          expect.arrayContaining([
            { nonce: paying.quoteNonce, state: 'paying' },
            { nonce: over.quoteNonce, state: 'closed' },
          ]),
        )
        expect(await ledger.ordersOfQuotes([])).toEqual([])
      })

      it('refuses an order number that exists', async () => {
        const first = await opened(ledger)
        const other = { ...newOrder(), orderNo: first.orderNo }
        expect(await ledger.openOrder(opening(other))).toEqual({ kind: 'order-no-taken' })
        expect(await ledger.order(first.orderNo)).toEqual(first)
      })

      it('gives a slot to one of 50 at once, and names its holder to the others (I1)', async () => {
        const place = await aCard()
        const results = await Promise.all(Array.from({ length: 50 }, () => ledger.openOrder(opening(newOrder(place)))))
        expect(await tally(50, async (nth) => results[nth]!)).toEqual({ opened: 1, 'slot-taken': 49 })
        const holders = results.filter((result) => result.kind === 'slot-taken').map((result) => result.payerId)
        expect(new Set(holders).size).toBe(1)
        expect(holders[0]).toMatch(/^payer-/)
        const deck = { campaignId: place.card.campaignId, merchantCode: place.merchantCode, businessDate: DATE }
        expect(await ledger.usedSlots(deck)).toEqual([{ slot: 3, payerId: holders[0] }])
      })

      it('opens one of 20 requests with one key at once and replays the others', async () => {
        const place = { ...(await aCard()), payerId: unique('payer') }
        const idempotency = { key: unique('key'), inputHash: 'hash-1' }
        const quoteNonce = unique('quote')
        const request = () => ledger.openOrder(opening({ ...newOrder(place), quoteNonce }, { idempotency }))
        expect(await tally(20, request)).toEqual({ opened: 1, replayed: 19 })
      })
    })

    it('opens an order before its moment or never, however long it was on its way, and tells a replay from that', async () => {
      const input = opening(newOrder())
      // Any ledger's own clock is past the one and far from the other.
      expect(await ledger.openOrder({ ...input, openBy: 1 })).toEqual({ kind: 'too-late' })
      expect(await ledger.order(input.order.orderNo)).toBeUndefined()
      expect(await ledger.openOrder({ ...input, openBy: 8e15 })).toEqual({ kind: 'opened' })
      expect(await ledger.openOrder({ ...input, openBy: 1 })).toMatchObject({ kind: 'replayed' })
    })

    describe('the daily limit', () => {
      const limited = (payerId: string, amountFen: number): Promise<OpenResult> =>
        ledger.openOrder(opening(newOrder({ payerId, amountFen }), { dailyLimitFen: 50_000 }))

      it('lets exactly 5 of 20 payments of 100 yuan at once pass a limit of 500', async () => {
        const payerId = unique('payer')
        expect(await tally(20, () => limited(payerId, 10_000))).toEqual({ opened: 5, 'daily-limit': 15 })
      })

      it('refuses a first payment above it', async () => {
        expect(await limited(unique('payer'), 50_001)).toEqual({ kind: 'daily-limit' })
      })

      it('counts a closed order no longer, and a paid one still', async () => {
        const payerId = unique('payer')
        const one = await opened(ledger, { payerId, amountFen: 20_000 }, { dailyLimitFen: 50_000 })
        const other = await opened(ledger, { payerId, amountFen: 30_000 }, { dailyLimitFen: 50_000 })
        expect(await limited(payerId, 1)).toEqual({ kind: 'daily-limit' })
        await ledger.endOrder(one, paid(one), SUCCEEDED)
        expect(await limited(payerId, 1)).toEqual({ kind: 'daily-limit' })
        await ledger.endOrder(other, closed(), null)
        expect(await limited(payerId, 30_001)).toEqual({ kind: 'daily-limit' })
        expect(await limited(payerId, 30_000)).toEqual({ kind: 'opened' })
      })

      it('leaves no trace of an order that was refused for another reason', async () => {
        const place = await aCard()
        await opened(ledger, place)
        const payerId = unique('payer')
        const refused = newOrder({ ...place, payerId, amountFen: 50_000 })
        expect(await ledger.openOrder(opening(refused, { dailyLimitFen: 50_000 }))).toMatchObject({
          kind: 'slot-taken',
        })
        expect(await limited(payerId, 50_000)).toEqual({ kind: 'opened' })
      })
    })

    describe('ending an order', () => {
      it('ends it once under ten enders, as the first says (I5)', async () => {
        const order = await opened(ledger)
        const endings = [closed(NOON + 900), paid(order)]
        const end = (nth: number) => ledger.endOrder(order, endings[nth % 2]!, SUCCEEDED)
        expect(await tally(10, end)).toEqual({ ended: 1, 'already-ended': 9 })
        const stands = await ledger.order(order.orderNo)
        expect(await ledger.endOrder(order, stands!.state === 'paid' ? closed() : paid(order), null)).toBe(
          'already-ended',
        )
        expect(await ledger.order(order.orderNo)).toEqual(stands)
      })

      it('keeps what the ending says', async () => {
        const [one, other] = [await opened(ledger), await opened(ledger)]
        await ledger.endOrder(one, paid(one, NOON + 1), SUCCEEDED)
        await ledger.endOrder(other, closed(NOON + 2), null)
        const bankNo = `bank-${one.orderNo}`
        expect(await ledger.order(one.orderNo)).toEqual({
          ...one,
          state: 'paid',
          endedAt: NOON + 1,
          channelTradeNo: bankNo,
          verification: 'sms',
        })
        const closeReason = 'insufficient-funds'
        expect(await ledger.order(other.orderNo)).toEqual({ ...other, state: 'closed', endedAt: NOON + 2, closeReason })
      })

      it('frees the slot of a closed order and keeps that of a paid one', async () => {
        const place = await aCard()
        const deck = { campaignId: place.card.campaignId, merchantCode: place.merchantCode, businessDate: DATE }
        const first = await opened(ledger, place)
        await ledger.endOrder(first, closed(), null)
        expect(await ledger.usedSlots(deck)).toEqual([])
        const second = await opened(ledger, place)
        await ledger.endOrder(second, paid(second), SUCCEEDED)
        expect(await ledger.usedSlots(deck)).toEqual([{ slot: 3, payerId: second.payerId }])
        const third = await ledger.openOrder(opening(newOrder(place)))
        expect(third).toEqual({ kind: 'slot-taken', payerId: second.payerId })
      })

      it('refuses postings that do not balance and leaves the order as it was (I4)', async () => {
        const order = await opened(ledger)
        const postings = [{ account: 'acc-payer', role: 'payer' as const, amountFen: -1 }]
        await expect(ledger.endOrder(order, paid(order, NOON, postings), SUCCEEDED)).rejects.toThrow(/balance/)
        expect(await ledger.order(order.orderNo)).toEqual(order)
      })

      it('throws for an order nobody opened', async () => {
        await expect(ledger.endOrder(newOrder(), closed(), null)).rejects.toThrow(/no order/)
      })

      it('keeps replies that end nothing without touching the order', async () => {
        const order = await opened(ledger)
        await ledger.noteReply(order.orderNo, UNKNOWN, null, NOON)
        await ledger.noteReply(order.orderNo, SUCCEEDED, 'success-after-close', NOON)
        expect(await ledger.order(order.orderNo)).toEqual(order)
      })
    })

    describe('committing decks', () => {
      const aDeck = (campaignId: string) => ({
        campaignId,
        merchantCode: unique('M'),
        businessDate: DATE,
        version: 2,
        commitment: 'c0ffee',
        // three, sealed
        cards: Buffer.alloc(34, 7),
        dealtAt: NOON,
        keyId: 'c0ffee00',
      })
      const aCampaign = async (budgetFen: number) => {
        const campaign = newCampaign({ budgetFen })
        await on.seed({ merchants: [], campaigns: [campaign] })
        return campaign.campaignId
      }

      it('keeps the deck', async () => {
        const deck = aDeck(await aCampaign(2_500))
        expect(await ledger.deck(deck)).toBeUndefined()
        expect(await ledger.commitDeck(deck, 2_500)).toEqual({ kind: 'committed' })
        expect(await ledger.deck(deck)).toEqual(deck)
      })

      it('commits the exposure of a deck once, however many deal it at once (I7)', async () => {
        const campaignId = await aCampaign(5_000)
        const deck = aDeck(campaignId)
        expect(await tally(10, () => ledger.commitDeck(deck, 2_500))).toEqual({ committed: 1, 'already-committed': 9 })
        expect(await ledger.commitDeck(aDeck(campaignId), 2_500)).toEqual({ kind: 'committed' })
      })

      it('never commits more than the budget, and calls a deck that is there committed even then (I7)', async () => {
        const campaignId = await aCampaign(7_500)
        const decks = Array.from({ length: 8 }, () => aDeck(campaignId))
        const results = await tally(8, (nth) => ledger.commitDeck(decks[nth]!, 2_500))
        expect(results).toEqual({ committed: 3, 'budget-exhausted': 5 })
        const kept = await Promise.all(decks.map((deck) => ledger.deck(deck)))
        const dealt = decks.filter((_, nth) => kept[nth] !== undefined)
        expect(dealt).toHaveLength(3)
        expect(await ledger.commitDeck(dealt[0]!, 2_500)).toEqual({ kind: 'already-committed' })
      })
    })

    describe('claiming what is due', () => {
      const DAWN = Date.parse('2020-01-01T00:00:00Z')
      beforeAll(() => endEverything(ledger))

      it('hands each order to one of several claimers', async () => {
        const orders = await Promise.all(Array.from({ length: 12 }, () => opened(ledger, {}, { firstQueryAt: DAWN })))
        const claims = await Promise.all(Array.from({ length: 4 }, () => ledger.claimDue(CHANNELS, DAWN, 3)))
        const rest = await ledger.claimDue(CHANNELS, DAWN, 20)
        const numbers = [...claims.flat(), ...rest].map((claim) => claim.order.orderNo)
        expect(numbers.sort()).toEqual(orders.map((order) => order.orderNo).sort())
        for (const order of orders) await ledger.endOrder(order, closed(), null)
      })

      it('waits 1, 2, 4, … s and at most 16 s between claims, and never claims what has ended', async () => {
        const order = await opened(ledger, {}, { firstQueryAt: DAWN })
        expect(await ledger.claimDue(CHANNELS, DAWN - 1, 10)).toEqual([])
        let due = DAWN
        for (const [nth, seconds] of [1, 2, 4, 8, 16, 16, 16].entries()) {
          expect(await ledger.claimDue(CHANNELS, due, 10)).toEqual([{ order, attempt: nth + 1 }])
          due += seconds * 1_000
          expect(await ledger.claimDue(CHANNELS, due - 1, 10)).toEqual([])
        }
        await ledger.endOrder(order, closed(), null)
        expect(await ledger.claimDue(CHANNELS, due, 10)).toEqual([])
      })
    })
  })
}
