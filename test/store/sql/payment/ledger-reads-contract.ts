import type { Campaign } from '../../../../server/domain/campaign'
import type { Order } from '../../../../server/domain/order'
import { sumsOf } from '../../../../server/domain/settlement'
import type { Catalog, Ledger, WhichOrders } from '../../../../server/flow/ports'
import type { SeedCampaign } from '../../../../server/store/sql/seed'
import type { LedgerUnderTest } from './ledger-contract'
import {
  closed,
  DATE,
  NOON,
  newCampaign,
  newMerchant,
  opened,
  paid,
  SUCCEEDED,
  unique,
  type Wanted,
} from './ledger-orders'

/** What a merchant's day and the catalogue look like, whatever the store is made of. */
export function ledgerReadsContract(name: string, open: () => Promise<LedgerUnderTest>): void {
  describe(`the books on ${name}`, () => {
    let on: LedgerUnderTest
    let ledger: Ledger
    let catalog: Catalog
    beforeAll(async () => {
      on = await open()
      ;({ ledger, catalog } = on)
    })
    afterAll(() => on?.close())

    describe("a merchant's day", () => {
      const pay = async (order: Order, endedAt: number) => {
        await ledger.endOrder(order, paid(order, endedAt), SUCCEEDED)
        return ledger.order(order.orderNo)
      }

      it('sums what was paid, and nothing that is open, closed or of another merchant', async () => {
        const merchantCode = unique('M')
        const card = { campaignId: unique('campaign'), slot: 0 }
        await pay(await opened(ledger, { merchantCode, amountFen: 10_000, card, discountFen: 801 }), NOON)
        await pay(await opened(ledger, { merchantCode, amountFen: 2_550 }), NOON)
        await opened(ledger, { merchantCode })
        await ledger.endOrder(await opened(ledger, { merchantCode }), closed(), null)
        await pay(await opened(ledger), NOON)
        expect(sumsOf(await ledger.merchantSettlements(merchantCode, DATE))).toEqual({
          orderCount: 2,
          amountFen: 12_550,
          rewardCount: 1,
          rewardFen: 400,
          refundCount: 0,
          refundedFen: 0,
          receivedFen: 12_950,
        })
      })

      it('tells by channel and account what came in, as each order was opened', async () => {
        const merchantCode = unique('M')
        await pay(await opened(ledger, { merchantCode, amountFen: 1_000 }), NOON)
        for (const payee of ['1900000001', '1900000001', '1900000002'])
          await pay(await opened(ledger, { merchantCode, channel: 'wechatpay', payee, amountFen: 500 }), NOON)
        const settled = await ledger.merchantSettlements(merchantCode, DATE)
        expect(settled.map(({ channel, account, receivedFen }) => [channel, account, receivedFen])).toEqual([
          ['bank', 'acc-merchant', 1_000],
          ['wechatpay', '1900000001', 1_000],
          ['wechatpay', '1900000002', 500],
        ])
      })

      it('sums each day of a period as the day itself does, and leaves out those of nothing', async () => {
        const merchantCode = unique('M')
        const days = ['2026-11-20', '2026-11-22', '2026-11-23']
        for (const businessDate of days) await pay(await opened(ledger, { merchantCode, businessDate }), NOON)
        const of = (from: string, to: string) => ledger.merchantDays(merchantCode, from, to)
        const period = await of('2026-11-20', '2026-11-22')
        expect(period.map(({ businessDate }) => businessDate)).toEqual(['2026-11-20', '2026-11-22'])
        for (const { businessDate, ...sums } of period)
          expect(sums).toEqual(sumsOf(await ledger.merchantSettlements(merchantCode, businessDate)))
        expect(await of('2026-11-24', '2026-11-25')).toEqual([])
      })

      it('is all zeros before the first order', async () => {
        const nothing = { orderCount: 0, amountFen: 0, rewardCount: 0, rewardFen: 0 }
        const noRefunds = { refundCount: 0, refundedFen: 0, receivedFen: 0 }
        expect(sumsOf(await ledger.merchantSettlements(unique('M'), DATE))).toEqual({ ...nothing, ...noRefunds })
      })

      it('pages through paid orders, the last paid first, each once, also within one millisecond', async () => {
        const merchantCode = unique('M')
        const orders: Order[] = []
        for (const endedAt of [NOON, NOON + 1, NOON + 1, NOON + 1, NOON + 2])
          orders.push((await pay(await opened(ledger, { merchantCode }), endedAt))!)
        await opened(ledger, { merchantCode })
        const first = await ledger.merchantOrders(merchantCode, DATE, undefined, 2)
        const second = await ledger.merchantOrders(merchantCode, DATE, first.nextCursor, 2)
        const third = await ledger.merchantOrders(merchantCode, DATE, second.nextCursor, 2)
        expect(third.nextCursor).toBeUndefined()
        const items = [...first.items, ...second.items, ...third.items]
        expect(items.map((order) => order.endedAt)).toEqual([2, 1, 1, 1, 0].map((ms) => NOON + ms))
        const byNumber = (a: Order, b: Order) => a.orderNo.localeCompare(b.orderNo)
        expect(items.sort(byNumber)).toEqual(orders.sort(byNumber))
      })

      it('has no next page after a last page that is full', async () => {
        const merchantCode = unique('M')
        const order = await pay(await opened(ledger, { merchantCode }), NOON)
        expect(await ledger.merchantOrders(merchantCode, DATE, undefined, 1)).toEqual({ items: [order] })
      })

      it('has nothing after a cursor that is none', async () => {
        const merchantCode = unique('M')
        await pay(await opened(ledger, { merchantCode }), NOON)
        for (const cursor of ['', 'rubbish', "1.'; drop table orders", '99999999999999999999.F'])
          expect(await ledger.merchantOrders(merchantCode, DATE, cursor, 5)).toEqual({ items: [] })
      })
    })

    describe("a payer's own orders", () => {
      const openedAt = (createdAt: number, wanted: Wanted) => opened(ledger, { ...wanted, createdAt })
      const list = async (payerId: string, which: WhichOrders = {}) =>
        (await ledger.payerOrders(payerId, which, undefined, 20)).items.map((order) => order.orderNo)

      it('are theirs alone, the newest first, each as it stands now', async () => {
        const payerId = unique('payer')
        const first = await openedAt(NOON, { payerId })
        const second = await openedAt(NOON + 1, { payerId })
        await opened(ledger)
        await ledger.endOrder(first, paid(first), SUCCEEDED)
        const { items } = await ledger.payerOrders(payerId, {}, undefined, 20)
        expect(items).toEqual([second, await ledger.order(first.orderNo)])
        expect(await list(unique('payer'))).toEqual([])
      })

      it('can be those of one merchant, of one state, or both', async () => {
        const [payerId, merchantCode] = [unique('payer'), unique('M')]
        const here = await openedAt(NOON, { payerId, merchantCode })
        const paidHere = await openedAt(NOON + 1, { payerId, merchantCode })
        const elsewhere = await openedAt(NOON + 2, { payerId })
        await ledger.endOrder(paidHere, paid(paidHere), SUCCEEDED)
        const numbers = (...orders: Order[]) => orders.map((order) => order.orderNo)
        expect(await list(payerId, { merchantCode })).toEqual(numbers(paidHere, here))
        expect(await list(payerId, { state: 'paying' })).toEqual(numbers(elsewhere, here))
        expect(await list(payerId, { merchantCode, state: 'paid' })).toEqual(numbers(paidHere))
        expect(await list(payerId, { merchantCode, state: 'closed' })).toEqual([])
      })

      it('can be the recent ones: unfinished, or paid not long ago, never closed', async () => {
        const payerId = unique('payer')
        const [openedFrom, paidFrom] = [NOON, NOON + 600_000]
        const ended = async (createdAt: number, endedAt: number) => {
          const order = await openedAt(createdAt, { payerId })
          await ledger.endOrder(order, paid(order, endedAt), SUCCEEDED)
          return order.orderNo
        }
        await openedAt(openedFrom - 1, { payerId })
        const unfinished = (await openedAt(openedFrom, { payerId })).orderNo
        await ended(openedFrom + 1, paidFrom - 1)
        const justPaid = await ended(openedFrom + 2, paidFrom)
        await ended(openedFrom - 1, paidFrom)
        await ledger.endOrder(await openedAt(openedFrom + 3, { payerId }), closed(paidFrom + 1), null)
        expect(await list(payerId, { recent: { openedFrom, paidFrom } })).toEqual([justPaid, unfinished])
      })

      it('come in pages, each once, also within one millisecond and while others are opened', async () => {
        const payerId = unique('payer')
        const orders: Order[] = []
        for (const at of [0, 1, 1, 1, 2]) orders.push(await openedAt(NOON + at, { payerId }))
        const items: Order[] = []
        let cursor: string | undefined
        do {
          const page = await ledger.payerOrders(payerId, {}, cursor, 2)
          items.push(...page.items)
          cursor = page.nextCursor
          await openedAt(NOON + 3, { payerId })
        } while (cursor)
        expect(items.map((order) => order.createdAt - NOON)).toEqual([2, 1, 1, 1, 0])
        expect(new Set(items.map((order) => order.orderNo))).toEqual(new Set(orders.map((order) => order.orderNo)))
      })

      it('have no next page after a last page that is full, and nothing after a cursor that is none', async () => {
        const payerId = unique('payer')
        const order = await openedAt(NOON, { payerId })
        expect(await ledger.payerOrders(payerId, {}, undefined, 1)).toEqual({ items: [order] })
        for (const cursor of ['', 'rubbish', "1.'; drop table orders", '99999999999999999999.F'])
          expect(await ledger.payerOrders(payerId, {}, cursor, 5)).toEqual({ items: [] })
      })
    })

    describe("a payer's day", () => {
      it('counts by channel what was ordered and not closed, on that day alone', async () => {
        const payerId = unique('payer')
        await ledger.endOrder(await opened(ledger, { payerId, amountFen: 1_000 }), closed(), null)
        const order = await opened(ledger, { payerId, amountFen: 2_000, card: { campaignId: unique('c'), slot: 0 } })
        await ledger.endOrder(order, paid(order), SUCCEEDED)
        await opened(ledger, { payerId, amountFen: 300 })
        await opened(ledger, { payerId, amountFen: 4, channel: 'wechatpay' })
        await opened(ledger, { payerId, amountFen: 50_000, businessDate: '2026-11-22' })
        await opened(ledger, { amountFen: 60_000 })
        const spent = await ledger.spentOn(payerId, DATE)
        expect([spent.get('bank'), spent.get('wechatpay'), spent.get('alipay') ?? 0]).toEqual([2_300, 4, 0])
        expect((await ledger.spentOn(unique('payer'), DATE)).get('bank') ?? 0).toBe(0)
      })

      it('what was saved in all is of their paid orders alone', async () => {
        const payerId = unique('payer')
        const card = () => ({ campaignId: unique('c'), slot: 0 })
        const pay = async (order: Order) => ledger.endOrder(order, paid(order), SUCCEEDED)
        await pay(await opened(ledger, { payerId, card: card(), discountFen: 801 }))
        await pay(await opened(ledger, { payerId, card: card(), discountFen: 1_000 }))
        await pay(await opened(ledger, { payerId }))
        await pay(await opened(ledger, { card: card() }))
        await opened(ledger, { payerId, card: card() })
        await ledger.endOrder(await opened(ledger, { payerId, card: card() }), closed(), null)
        expect(await ledger.savings(payerId)).toEqual({ orderCount: 2, savedFen: 901 })
        expect(await ledger.savings(unique('payer'))).toEqual({ orderCount: 0, savedFen: 0 })
      })
    })

    describe('the catalogue', () => {
      const on21 = (campaign: Partial<Campaign>, extra: Partial<SeedCampaign> = {}): SeedCampaign => ({
        ...newCampaign(campaign),
        ...extra,
      })
      const applies = async (campaigns: SeedCampaign[]) => {
        const merchant = newMerchant()
        await on.seed({ merchants: [merchant], campaigns })
        return (await catalog.campaignFor(merchant.merchantCode, DATE))?.name
      }

      it('knows a merchant with its branch, and no other', async () => {
        const merchant = newMerchant()
        await on.seed({ merchants: [merchant], campaigns: [] })
        expect(await catalog.merchant(merchant.merchantCode)).toEqual({ ...merchant, disabled: false })
        expect(await catalog.merchant(unique('M'))).toBeUndefined()
      })

      it('gives the campaign as it was seeded, and seeding again changes nothing', async () => {
        const [merchant, campaign] = [newMerchant(), newCampaign({ maxPerPayerPerDay: null })]
        await on.seed({ merchants: [merchant], campaigns: [campaign] })
        await on.seed({ merchants: [merchant], campaigns: [{ ...campaign, name: 'other' }] })
        expect(await catalog.campaignFor(merchant.merchantCode, DATE)).toEqual(campaign)
        expect(await catalog.campaignFor(unique('M'), DATE)).toBeUndefined()
      })

      const past = on21({ name: 'past', startDate: '2026-10-01', endDate: '2026-10-31' }, { priority: 9 })
      const next = on21({ name: 'next', startDate: '2026-11-22' }, { priority: 9 })

      it('prefers what is on, paused or not, to any other, then the priority, then the newest', async () => {
        const low = on21({ name: 'low' }, { createdAt: 1 })
        const paused = on21({ name: 'paused', state: 'paused' }, { priority: 1, createdAt: 2 })
        const newest = on21({ name: 'newest' }, { priority: 1, createdAt: 3 })
        expect(await applies([fresh(past), low, fresh(next)])).toBe('low')
        expect(await applies([fresh(low), paused])).toBe('paused')
        expect(await applies([fresh(paused), newest, fresh(low)])).toBe('newest')
      })

      it('counts the first and the last day as on', async () => {
        expect(await applies([fresh(next), on21({ name: 'one day', startDate: DATE, endDate: DATE })])).toBe('one day')
      })

      it('counts what is approved as on from its start date, though nobody has said that it runs', async () => {
        const approved = on21({ name: 'approved', state: 'approved' }, { priority: 1 })
        const tomorrow = on21({ name: 'tomorrow', state: 'approved', startDate: '2026-11-22' }, { priority: 9 })
        expect(await applies([on21({ name: 'low' }), approved, tomorrow])).toBe('approved')
      })

      it('has, when nothing is on, the next to start, else the last to end', async () => {
        const later = on21({ name: 'later', state: 'approved', startDate: '2026-11-25' })
        const older = on21({ name: 'older', startDate: '2026-09-01', endDate: '2026-09-30' })
        const ended = on21({ name: 'ended early', state: 'ended' })
        expect(await applies([later, fresh(next), fresh(past)])).toBe('next')
        expect(await applies([older, fresh(past)])).toBe('past')
        expect(await applies([fresh(past), ended])).toBe('ended early')
      })

      it('shows nobody a draft', async () => {
        const drafts = [on21({ state: 'draft' }), on21({ state: 'submitted' })]
        expect(await applies(drafts)).toBeUndefined()
      })
    })
  })
}

/** The same campaign under an id of its own. */
function fresh(campaign: SeedCampaign): SeedCampaign {
  return { ...campaign, campaignId: unique('campaign') }
}
