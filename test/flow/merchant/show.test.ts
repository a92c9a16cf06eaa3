import fc from 'fast-check'
import { headline } from '../../../server/domain/campaign'
import { heldKey, NOTHING_HELD } from '../../../server/domain/held'
import type { Order } from '../../../server/domain/order'
import { NOTHING_REFUNDED } from '../../../server/domain/refund'
import { merchantDay, merchantOrders, rules, shopfront } from '../../../server/flow/merchant/show'
import { presentMerchantDay, presentMerchantOrder, presentOrder } from '../../../server/http/present/payer'
import { CAMPAIGN, type Flow, LIMITS, OUTSIDER, startFlow, TODAY } from '../../support/flow'

const remaining = async (flow: Flow) => (await shopfront(flow.deps, 'M0001'))!.offer!.remaining

describe('a merchant as a payer finds it', () => {
  it('offers the headline that follows from the rule', async () => {
    const shop = await shopfront(startFlow().deps, 'M0001')
    expect(shop).toMatchObject({ offer: { headline: headline(CAMPAIGN.rule), maxPayerDiscountFen: 500, remaining: 5 } })
  })

  it('names the ways to pay, the one that carries what is offered first', async () => {
    const flow = startFlow({ campaign: { channels: ['bank', 'alipay'] } })
    const own = flow.deps.channels.get('bank')!
    const wallet = { ...own, name: 'alipay', needs: 'alipay', jumps: true, carriesDiscount: false } as const
    const { merchant: known } = flow.deps.catalog
    const walletAccounts = { alipay: '2088100000000001' }
    flow.deps.catalog.merchant = async (code) => {
      const found = await known(code)
      return found && { ...found, ...(code === 'M0001' && { walletAccounts }) }
    }
    const channelsOf = async (code: string) => (await shopfront(flow.deps, code))!.channels
    flow.deps.channels = new Map([
      ['alipay', wallet],
      ['bank', own],
    ])
    const alipay = { name: 'alipay', needs: 'alipay', jumps: true, carriesDiscount: false }
    // The campaign's terms may name a wallet; its clearing has no leg for a discount all the same.
    expect(await channelsOf('M0001')).toEqual([
      { name: 'bank', needs: 'anywhere', jumps: false, carriesDiscount: true },
      alipay,
    ])
    // Who has no number at the wallet isn't paid by it; without a campaign nothing is offered.
    const alone = { name: 'bank', needs: 'anywhere', jumps: false, carriesDiscount: false }
    expect(await channelsOf(OUTSIDER.merchantCode)).toEqual([alone])
  })

  it('counts down with each card that an order has; one that is only held can still be given', async () => {
    const flow = startFlow()
    await flow.order(await flow.quote('p1'))
    await flow.quote('p2')
    expect(await remaining(flow)).toBe(4)
  })

  it('counts from the ledger when the slot store lost the deck, and says null when nobody knows', async () => {
    const flow = startFlow()
    await flow.order(await flow.quote('p1'))
    flow.slots.forget()
    expect(await remaining(flow)).toBe(4)
    flow.slots.up = false
    expect(await remaining(flow)).toBeNull()
  })

  it.each([
    [{ state: 'ended' }],
    [{ state: 'approved', startDate: '2026-11-22' }],
    [{ startDate: '2026-11-22' }],
    [{ endDate: '2026-11-20' }],
  ] as const)('offers nothing when the campaign is %j', async (campaign) => {
    expect(await shopfront(startFlow({ campaign }).deps, 'M0001')).toMatchObject({ offer: null })
  })

  it('shows a paused campaign as paused; a merchant outside of it offers nothing; an unknown one isn’t there', async () => {
    const { deps } = startFlow({ campaign: { state: 'paused' } })
    expect(await shopfront(deps, 'M0001')).toMatchObject({ offer: { campaign: { state: 'paused' } } })
    expect(await shopfront(deps, OUTSIDER.merchantCode)).toMatchObject({ offer: null })
    expect(await shopfront(deps, 'M9999')).toBeUndefined()
  })
})

describe('the rules of a campaign', () => {
  it('show the commitment of today’s deck once it is dealt, and no merchant outside of it has any', async () => {
    const flow = startFlow()
    expect(await rules(flow.deps, 'M0001')).toMatchObject({ deckToday: undefined, headline: headline(CAMPAIGN.rule) })
    await flow.quote('p1')
    const { deckToday } = (await rules(flow.deps, 'M0001'))!
    expect(deckToday).toEqual(await flow.ledger.deck(flow.deck()))
    expect(await rules(flow.deps, OUTSIDER.merchantCode)).toBeUndefined()
  })
})

describe('a merchant’s day', () => {
  it('counts paid orders only, and the slots that orders hold', async () => {
    const flow = startFlow()
    const paid = await flow.order(await flow.quote('p1'))
    flow.channel.next('pay', { kind: 'decline', code: 'insufficient-funds' }, { kind: 'lose-reply' })
    await flow.order(await flow.quote('p2'))
    await flow.order(await flow.quote('p3'))
    expect(await merchantDay(flow.deps, 'M0001')).toMatchObject({
      businessDate: TODAY,
      summary: { orderCount: 1, rewardFen: paid.figures.merchantRewardFen },
      slots: { total: 5, used: 2 },
    })
  })

  it('before its deck is dealt shows what payers are promised, and another day nothing of today', async () => {
    const flow = startFlow()
    const promised = (await shopfront(flow.deps, 'M0001'))!.offer!.remaining
    expect((await merchantDay(flow.deps, 'M0001'))!.slots).toEqual({ total: promised, used: 0 })
    await flow.order(await flow.quote('p1'))
    expect(await merchantDay(flow.deps, 'M0001', '2026-11-20')).toMatchObject({
      summary: { orderCount: 0, receivedFen: 0 },
      slots: null,
    })
    expect(await merchantDay(flow.deps, 'M9999')).toBeUndefined()
  })
})

describe('the same truth for every reader (I10)', () => {
  const payments = fc.array(
    fc.record({
      payer: fc.constantFrom('a', 'b', 'c', 'd'),
      amountFen: fc.integer({ min: 1, max: 9_000 }),
      fate: fc.constantFrom('pay', 'pay', 'pay', 'decline', 'lose-reply', 'lose-request'),
    }),
    { maxLength: 30 },
  )
  const campaign = fc.record({
    payerPercent: fc.integer({ min: 0, max: 100 }),
    slots: fc.integer({ min: 1, max: 12 }),
  })

  it('payer, merchant, ledger and bank say the same of random orders', async () => {
    await fc.assert(
      fc.asyncProperty(campaign, payments, async (rule, list) => {
        const flow = startFlow({ campaign: { rule: { ...CAMPAIGN.rule, ...rule } }, limits: { dailyPerPayerFen: 1e9 } })
        const orderNos: string[] = []
        for (const { payer, amountFen, fate } of list) {
          const quote = await flow.quote(payer, amountFen)
          if (fate === 'decline') flow.channel.next('pay', { kind: fate, code: 'account-frozen' })
          else if (fate !== 'pay') flow.channel.next('pay', { kind: fate })
          orderNos.push((await flow.order(quote)).orderNo)
        }
        flow.pass(LIMITS.closeAfterMs + 1)
        while ((await flow.sweep()) > 0) flow.pass(1_000)
        const orders = await Promise.all(orderNos.map(async (no) => (await flow.ledger.order(no))!))
        for (const order of orders) expectOneTruth(flow, order)
        await expectSameSums(flow, orders)
      }),
      { numRuns: 100 },
    )
  })

  function expectOneTruth(flow: Flow, order: Order) {
    expect(order.state).not.toBe('paying')
    const shown = { ...order, refunded: NOTHING_REFUNDED }
    const payer = presentOrder({ order: shown, merchant: undefined, agreement: undefined }, flow.clock.at)
    const merchant = presentMerchantOrder(shown)
    expect(payer.payerDiscountFen + payer.merchantRewardFen).toBe(payer.discountFen)
    expect([payer.amountFen, payer.merchantRewardFen, payer.merchantReceivesFen]).toEqual([
      merchant.amountFen,
      merchant.merchantRewardFen,
      merchant.merchantReceivesFen,
    ])
    const postings = flow.ledger.postings.filter((one) => one.orderNo === order.orderNo)
    const booked = flow.channel.clearings().find((one) => one.orderNo === order.orderNo)!
    if (order.state === 'closed') {
      expect(postings).toEqual([])
      expect(booked.state).toBe('declined')
      return
    }
    const role = (name: string) => postings.find((one) => one.role === name)?.amountFen ?? 0
    expect([role('payer'), role('gl'), role('merchant')]).toEqual([
      0 - payer.payableFen,
      0 - payer.discountFen,
      merchant.merchantReceivesFen,
    ])
    expect(booked.request!.legs).toEqual(postings.map(({ orderNo: _, ...leg }) => leg))
  }

  async function expectSameSums(flow: Flow, orders: Order[]) {
    const paid = orders.filter((order) => order.state === 'paid')
    const sum = (of: (order: Order) => number) => paid.reduce((total, order) => total + of(order), 0)
    const { summary } = (await merchantDay(flow.deps, 'M0001'))!
    expect(summary).toEqual({
      orderCount: paid.length,
      amountFen: sum((order) => order.figures.amountFen),
      rewardCount: paid.filter((order) => order.figures.merchantRewardFen > 0).length,
      rewardFen: sum((order) => order.figures.merchantRewardFen),
      refundCount: 0,
      refundedFen: 0,
      receivedFen: flow.channel.balance('acct-M0001'),
    })
    expect(flow.channel.balance('6421-03')).toBe(0 - sum((order) => order.figures.discountFen))
    const listed: Order[] = []
    let cursor: string | undefined
    do {
      const page = await merchantOrders(flow.deps, 'M0001', undefined, cursor)
      listed.push(...page.items)
      cursor = page.nextCursor
    } while (cursor)
    const byNo = (a: Order, b: Order) => a.orderNo.localeCompare(b.orderNo)
    const shown = paid.map((order) => ({ ...order, refunded: NOTHING_REFUNDED }))
    expect(listed.sort(byNo)).toEqual(shown.sort(byNo))
  }
})

describe('of its campaign a shop', () => {
  const { name, startDate, endDate } = CAMPAIGN
  const seen = async (flow: Flow, role: 'owner' | 'cashier') =>
    presentMerchantDay((await merchantDay(flow.deps, 'M0001'))!, role, null)

  it('reads the last day, and what can still be given, in numbers alone', async () => {
    const flow = startFlow()
    await flow.order(await flow.quote('p1'))
    const { campaign, today, slots } = await seen(flow, 'cashier')
    expect(campaign).toEqual({ name, startDate, endDate, paused: null })
    expect({ today, slots }).toMatchObject({
      today: { remainingToday: 4, slotsToday: 5 },
      slots: { total: 5, used: 1 },
    })
  })

  it('hears that it is paused, and its owner alone whether everywhere or at this shop', async () => {
    const flow = startFlow({ campaign: { state: 'paused' } })
    for (const [braked, paused] of [
      [false, 'campaign'],
      [true, 'shop'],
    ] as const) {
      flow.deps.catalog.braked = async () => braked
      expect((await seen(flow, 'owner')).campaign).toMatchObject({ paused })
      expect(await seen(flow, 'cashier')).toMatchObject({
        campaign: { paused: null },
        today: { reason: 'campaign-paused', remainingToday: 0 },
      })
    }
  })

  it('is told by the bank until when its discounts are held back: the owner, who may know', async () => {
    const flow = startFlow()
    const merchants = new Map([[heldKey(CAMPAIGN.campaignId, 'M0001'), '2026-11-30']])
    flow.deps.catalog.held = async () => ({ ...NOTHING_HELD, merchants })
    expect((await seen(flow, 'owner')).hold).toMatchObject({ until: '2026-11-30' })
    expect(await seen(flow, 'cashier')).toMatchObject({ hold: null, today: { reason: 'not-eligible' } })
  })

  it('reads nothing of it on another day', async () => {
    const flow = startFlow()
    const day = (await merchantDay(flow.deps, 'M0001', '2026-11-20'))!
    expect(presentMerchantDay(day, 'owner', null)).toMatchObject({ campaign: null, today: null })
  })
})
