import { CHANNELS } from '../../../../server/domain/channel'
import type { ChannelReply, Ledger } from '../../../../server/flow/ports'
import { closed, NOON, opened, paid, UNKNOWN, unique } from './ledger-orders'

/** How far from an ending its slot is left to whoever ended the order. */
const GRACE_MS = 5_000

/** What the sweeper relies on: claims, waits, half-done endings, and what is still to do. */
export function ledgerSweepContract(name: string, open: () => Promise<{ ledger: Ledger; close(): Promise<unknown> }>) {
  describe(`${name}: what a sweeper takes up`, () => {
    let ledger: Ledger
    let close: () => Promise<unknown>
    beforeAll(async () => {
      ;({ ledger, close } = await open())
    })
    afterAll(() => close())

    const card = (campaignId = unique('campaign')) => ({ card: { campaignId, slot: 3 }, merchantCode: unique('M') })
    const reply = (verb: ChannelReply['verb']): ChannelReply => ({ ...UNKNOWN, verb })
    let dawn = Date.parse('2020-01-01T00:00:00Z')
    beforeEach(() => {
      dawn += 86_400_000
    })

    it('is nobody else’s for as long as the claim says, and is due again after its wait once its answer is kept', async () => {
      const order = await opened(ledger, {}, { firstQueryAt: dawn })
      let at = dawn
      for (const seconds of [1, 2, 4, 8, 16, 16, 16]) {
        expect(await ledger.claimDue(CHANNELS, at, 10, 100_000)).toMatchObject([{ order: { orderNo: order.orderNo } }])
        expect(await ledger.claimDue(CHANNELS, at + 99_999, 10, 100_000)).toEqual([])
        at += 7_000
        expect(await ledger.noteReply(order.orderNo, reply('query'), null, at)).toBe('paying')
        at += seconds * 1_000
        expect(await ledger.claimDue(CHANNELS, at - 1, 10, 100_000)).toEqual([])
      }
      await ledger.endOrder(order, closed(), null)
    })

    it('is a claimer’s of its own channel alone, however many of another’s are due before it', async () => {
      const theirs = await Promise.all(
        [1, 2, 3].map(() => opened(ledger, { channel: 'alipay' }, { firstQueryAt: dawn })),
      )
      const ours = await opened(ledger, {}, { firstQueryAt: dawn + 1 })
      const numbers = async (channel: 'bank' | 'alipay' | 'wechatpay') =>
        (await ledger.claimDue([channel], dawn + 1, 2, 100_000)).map(({ order }) => order.orderNo)
      expect(await numbers('wechatpay')).toEqual([])
      expect(await numbers('bank')).toEqual([ours.orderNo])
      const rest = [...(await numbers('alipay')), ...(await numbers('alipay'))]
      expect(rest.sort()).toEqual(theirs.map((order) => order.orderNo).sort())
      for (const order of [...theirs, ours]) await ledger.endOrder(order, closed(), null)
    })

    it('stays claimed when anybody but a sweeper has news that ends nothing', async () => {
      const order = await opened(ledger, {}, { firstQueryAt: dawn })
      await ledger.claimDue(CHANNELS, dawn, 10, 100_000)
      await ledger.noteReply(order.orderNo, reply('notify'), null, dawn)
      await ledger.noteReply(order.orderNo, reply('pay'), null, dawn)
      expect(await ledger.claimDue(CHANNELS, dawn + 99_999, 10, 100_000)).toEqual([])
      expect(await ledger.claimDue(CHANNELS, dawn + 100_000, 10)).toHaveLength(1)
      await ledger.endOrder(order, closed(), null)
    })

    it('keeps its first question where it is when its own pay came to nothing', async () => {
      const order = await opened(ledger, {}, { firstQueryAt: dawn + 6_000 })
      await ledger.noteReply(order.orderNo, reply('query'), null, dawn)
      expect(await ledger.claimDue(CHANNELS, dawn + 5_999, 10)).toEqual([])
      expect(await ledger.claimDue(CHANNELS, dawn + 6_000, 10)).toHaveLength(1)
      await ledger.endOrder(order, closed(), null)
    })

    it('that waits for a proof is due after the longest wait, and at once when the answer to one was lost', async () => {
      const order = await opened(ledger, {}, { firstQueryAt: dawn + 6_000 })
      const action = { kind: 'challenge' as const, params: { challengeId: 'C1' }, expiresAt: dawn + 180_000 }
      const due = async (at: number) => (await ledger.claimDue(CHANNELS, at, 10)).length
      await ledger.noteReply(order.orderNo, { ...reply('pay'), outcome: { kind: 'pending' }, action }, null, dawn)
      expect([await due(dawn + 15_999), await due(dawn + 16_000)]).toEqual([0, 1])
      // The sweeper hears of the same challenge; a wrong proof begins the wait anew.
      await ledger.noteReply(order.orderNo, { ...reply('query'), outcome: { kind: 'pending' }, action }, null, dawn)
      expect([await due(dawn + 15_999), await due(dawn + 16_000)]).toEqual([0, 1])
      await ledger.noteReply(order.orderNo, reply('confirm'), null, dawn)
      expect([await due(dawn + 999), await due(dawn + 1_000)]).toEqual([0, 1])
      expect(await ledger.order(order.orderNo)).toMatchObject({ action })
      await ledger.endOrder(order, closed(), null)
    })

    it('doesn’t sleep on when a clock that was ahead has planned its next question', async () => {
      for (const aheadMs of [6 * 60_000, 3_600_000, 61 * 86_400_000]) {
        const order = await opened(ledger, {}, { firstQueryAt: dawn + aheadMs })
        expect(await ledger.claimDue(CHANNELS, dawn, 10, 11_000)).toMatchObject([{ order: { orderNo: order.orderNo } }])
        await ledger.noteReply(order.orderNo, reply('query'), null, dawn + aheadMs)
        expect(await ledger.claimDue(CHANNELS, dawn, 10, 11_000)).toHaveLength(1)
        expect(await ledger.claimDue(CHANNELS, dawn + 10_999, 10, 11_000)).toEqual([])
        await ledger.endOrder(order, closed(), null)
      }
    })

    it('is left to a claimer whose clock is a little ahead', async () => {
      const order = await opened(ledger, {}, { firstQueryAt: dawn })
      await ledger.claimDue(CHANNELS, dawn + 500, 10, 121_000)
      expect(await ledger.claimDue(CHANNELS, dawn, 10, 121_000)).toEqual([])
      await ledger.endOrder(order, closed(), null)
    })

    it('tells whoever keeps a reply how the order stands', async () => {
      const [one, two] = [await opened(ledger), await opened(ledger)]
      expect(await ledger.noteReply(one.orderNo, UNKNOWN, null, NOON)).toBe('paying')
      await ledger.endOrder(one, paid(one), null)
      await ledger.endOrder(two, closed(), null)
      expect(await ledger.noteReply(one.orderNo, UNKNOWN, null, NOON)).toBe('paid')
      expect(await ledger.noteReply(two.orderNo, UNKNOWN, null, NOON)).toBe('closed')
    })

    it('counts what was asked about and is still unknown, and how long for', async () => {
      expect(await ledger.backlog()).toEqual({ unknown: 0, oldestUnknownAt: null, slotsToReturn: 0 })
      const order = await opened(ledger, {}, { firstQueryAt: dawn })
      expect((await ledger.backlog()).unknown).toBe(0)
      await ledger.claimDue(CHANNELS, dawn, 10)
      expect(await ledger.backlog()).toEqual({ unknown: 1, oldestUnknownAt: order.createdAt, slotsToReturn: 0 })
      await ledger.endOrder(order, closed(), null)
      expect((await ledger.backlog()).unknown).toBe(0)
    })

    describe('the slot of a closed order', () => {
      const closing = async () => {
        const order = await opened(ledger, card())
        await ledger.endOrder(order, closed(dawn), null)
        return order
      }

      it('is taken up by one of several when nobody has given it back for a while, again and again until somebody has', async () => {
        const orders = [await closing(), await closing(), await closing()]
        expect(await ledger.claimReturns(dawn + GRACE_MS - 1, 10)).toEqual([])
        expect((await ledger.backlog()).slotsToReturn).toBe(3)
        const at = dawn + GRACE_MS
        const claims = await Promise.all([1, 2, 3].map(() => ledger.claimReturns(at, 2)))
        const rest = await ledger.claimReturns(at, 10)
        const numbers = [...claims.flat(), ...rest].map((order) => order.orderNo)
        expect(numbers.sort()).toEqual(orders.map((order) => order.orderNo).sort())
        expect(await ledger.claimReturns(at + 9_999, 10)).toEqual([])
        expect(await ledger.claimReturns(at + 10_000, 10)).toHaveLength(3)
        for (const order of orders) expect(await ledger.slotReturned(order.orderNo, true)).toBeNull()
        expect(await ledger.claimReturns(at + 1e9, 10)).toEqual([])
        expect((await ledger.backlog()).slotsToReturn).toBe(0)
      })

      it('doesn’t wait for a clock that was ahead when the order closed', async () => {
        const order = await opened(ledger, card())
        await ledger.endOrder(order, closed(dawn + 3_600_000), null)
        expect(await ledger.claimReturns(dawn, 10)).toMatchObject([{ orderNo: order.orderNo }])
        expect(await ledger.claimReturns(dawn + 9_999, 10)).toEqual([])
        await ledger.slotReturned(order.orderNo, true)
      })

      it('is told to be another order’s when it has become that', async () => {
        const first = await closing()
        const taken = { card: first.card!, merchantCode: first.merchantCode, payerId: unique('payer') }
        const second = await opened(ledger, taken)
        expect(await ledger.slotReturned(first.orderNo, true)).toBe(second.payerId)
        await ledger.endOrder(second, closed(dawn), null)
        expect(await ledger.slotReturned(first.orderNo, true)).toBeNull()
        await ledger.slotReturned(second.orderNo, true)
      })

      it('waits for a claim of minutes, of a channel that takes its time', async () => {
        const order = await opened(ledger, card())
        const [claimedAt, claimMs] = [dawn + 60_000, 200_000]
        await ledger.claimDue(CHANNELS, claimedAt, 1_000, claimMs)
        await ledger.endOrder(order, closed(claimedAt + 1_000), null)
        expect(await ledger.claimReturns(claimedAt + 2_000, 10, claimMs)).toEqual([])
        expect(await ledger.claimReturns(claimedAt + claimMs, 10, claimMs)).toMatchObject([{ orderNo: order.orderNo }])
        await ledger.slotReturned(order.orderNo, true)
      })

      it('is given back once more when the claim of a sweeper that had the order is over', async () => {
        const order = await opened(ledger, card())
        const claimedAt = dawn + 60_000
        const claimed = await ledger.claimDue(CHANNELS, claimedAt, 1_000, 20_000)
        expect(claimed.map((one) => one.order.orderNo)).toContain(order.orderNo)
        await ledger.endOrder(order, closed(claimedAt + 1_000), null)
        await ledger.slotReturned(order.orderNo, false)
        expect(await ledger.claimReturns(claimedAt + 19_999, 10)).toEqual([])
        expect(await ledger.claimReturns(claimedAt + 20_000, 10)).toMatchObject([{ orderNo: order.orderNo }])
        await ledger.slotReturned(order.orderNo, true)
        expect((await ledger.backlog()).slotsToReturn).toBe(0)
      })

      it('isn’t looked for when there is none, or when the order is paid', async () => {
        const plain = await opened(ledger)
        await ledger.endOrder(plain, closed(dawn), null)
        const order = await opened(ledger, card())
        await ledger.endOrder(order, paid(order, dawn), null)
        expect(await ledger.claimReturns(dawn + 1e9, 10)).toEqual([])
      })
    })
  })
}
