import { randomBytes } from 'node:crypto'
import { newOrderNo, type Order } from '../../server/domain/order'
import { figures } from '../../server/domain/quote'
import type { Channel } from '../../server/flow/ports'

/** What a channel's counterpart can be told, whatever it is made of. */
export interface ChannelUnderTest {
  channel: Channel
  /** the account's balance in the counterpart's own books, fen */
  balance(account: string): Promise<number>
  setPayerBalance(account: string, balanceFen: number): Promise<void>
  /** the sum of all balances, fen */
  total(): Promise<number>
  /** what befalls the next pay */
  nextPay(mishap: 'lose-request' | 'lose-reply' | 'decline' | 'pending-once'): Promise<void>
  stop(): Promise<void>
}

const DATE = '2026-11-21'

/** An order of a payer who has agreed: ¥100.00 with the given discount, split in halves, at a merchant of its own. */
export async function orderOf(channel: Channel, payerId: string, discountFen = 1_000): Promise<Order> {
  const agreement = await channel.agreements!.agree(payerId, '000000')
  if (!agreement) throw new Error('the agreement was refused')
  const own = randomBytes(6).toString('hex')
  return {
    orderNo: newOrderNo(DATE, randomBytes(12)),
    quoteNonce: own,
    payerId,
    payerRef: agreement.agreementId,
    merchantCode: 'M0001',
    channel: channel.name,
    businessDate: DATE,
    figures: figures(10_000, discountFen, 50),
    card: discountFen > 0 ? { campaignId: 'C1', slot: 0 } : null,
    reason: null,
    accounts: { payer: agreement.account, merchant: `merchant-${own}`, gl: `gl-${own}` },
    state: 'paying',
    createdAt: 0,
    payBy: null,
    action: null,
    endedAt: null,
    channelTradeNo: null,
    closeReason: null,
  }
}

/** What the flow relies on; every channel passes it, the fake and the real alike. */
export function channelContract(name: string, start: () => Promise<ChannelUnderTest>): void {
  describe(`${name} as a channel`, () => {
    let subject: ChannelUnderTest
    const payer = () => `payer-${randomBytes(6).toString('hex')}`
    const balances = (order: Order) =>
      Promise.all([order.accounts.payer, order.accounts.gl!, order.accounts.merchant].map((a) => subject.balance(a)))
    beforeAll(async () => {
      subject = await start()
    })
    afterAll(() => subject.stop())

    it('books the worked example: payer −9500, branch GL −1000, merchant +10500', async () => {
      const order = await orderOf(subject.channel, payer())
      const before = await balances(order)
      const reply = await subject.channel.pay(order)
      expect(reply).toMatchObject({ verb: 'pay', outcome: { kind: 'succeeded' } })
      const after = await balances(order)
      expect(after.map((fen, i) => fen - before[i]!)).toEqual([-9_500, -1_000, 10_500])
    })

    it('books an order without a discount with no GL leg', async () => {
      const order = await orderOf(subject.channel, payer(), 0)
      const before = await balances(order)
      expect((await subject.channel.pay(order)).outcome.kind).toBe('succeeded')
      const after = await balances(order)
      expect(after.map((fen, i) => fen - before[i]!)).toEqual([-10_000, 0, 10_000])
    })

    it('books an order once, however often it is told, and gives the same trade number each time', async () => {
      const order = await orderOf(subject.channel, payer())
      const replies = await Promise.all([1, 2, 3, 4].map(() => subject.channel.pay(order)))
      replies.push(await subject.channel.query(order), await subject.channel.close(order))
      expect(replies[0]!.outcome.kind).toBe('succeeded')
      for (const { outcome } of replies) expect(outcome).toEqual(replies[0]!.outcome)
      expect(await subject.balance(order.accounts.merchant)).toBe(10_500)
    })

    it('declines for want of money, moves nothing, and stays with that even when money comes', async () => {
      const order = await orderOf(subject.channel, payer())
      await subject.setPayerBalance(order.accounts.payer, 9_499)
      expect((await subject.channel.pay(order)).outcome).toEqual({ kind: 'declined', code: 'insufficient-funds' })
      expect(await balances(order)).toEqual([9_499, 0, 0])
      await subject.setPayerBalance(order.accounts.payer, 9_500)
      expect((await subject.channel.pay(order)).outcome).toEqual({ kind: 'declined', code: 'insufficient-funds' })
      expect((await subject.channel.query(order)).outcome).toEqual({ kind: 'declined', code: 'insufficient-funds' })
    })

    it('lets a payer spend the last fen', async () => {
      const order = await orderOf(subject.channel, payer())
      await subject.setPayerBalance(order.accounts.payer, 9_500)
      expect((await subject.channel.pay(order)).outcome.kind).toBe('succeeded')
      expect(await subject.balance(order.accounts.payer)).toBe(0)
    })

    it('declines an order under an agreement it does not know', async () => {
      const order = { ...(await orderOf(subject.channel, payer())), payerRef: 'AG-of-nobody' }
      expect((await subject.channel.pay(order)).outcome).toEqual({ kind: 'declined', code: 'agreement-not-active' })
    })

    it('does not know what it has never seen, and says so without ending the order', async () => {
      const order = await orderOf(subject.channel, payer())
      expect((await subject.channel.query(order)).outcome).toEqual({ kind: 'unknown', code: 'not-found' })
    })

    it('leaves a lost request unknown, and the order not booked', async () => {
      const order = await orderOf(subject.channel, payer())
      await subject.nextPay('lose-request')
      expect((await subject.channel.pay(order)).outcome.kind).toBe('unknown')
      expect((await subject.channel.query(order)).outcome).toEqual({ kind: 'unknown', code: 'not-found' })
      expect(await subject.balance(order.accounts.merchant)).toBe(0)
    })

    it('leaves a lost reply unknown, and a query finds it booked', async () => {
      const order = await orderOf(subject.channel, payer())
      await subject.nextPay('lose-reply')
      expect((await subject.channel.pay(order)).outcome.kind).toBe('unknown')
      expect((await subject.channel.query(order)).outcome.kind).toBe('succeeded')
      expect(await subject.balance(order.accounts.merchant)).toBe(10_500)
    })

    it('declines by the code it is given', async () => {
      const order = await orderOf(subject.channel, payer())
      await subject.nextPay('decline')
      const declined = { kind: 'declined', code: 'account-frozen' }
      expect((await subject.channel.pay(order)).outcome).toEqual(declined)
      expect((await subject.channel.query(order)).outcome).toEqual(declined)
    })

    it('moves nothing while it is pending, and books it when it settles', async () => {
      const order = await orderOf(subject.channel, payer())
      await subject.nextPay('pending-once')
      expect((await subject.channel.pay(order)).outcome).toEqual({ kind: 'pending' })
      expect((await subject.channel.query(order)).outcome).toEqual({ kind: 'pending' })
      expect(await subject.balance(order.accounts.merchant)).toBe(0)
      expect((await subject.channel.query(order)).outcome.kind).toBe('succeeded')
      expect(await subject.balance(order.accounts.merchant)).toBe(10_500)
    })

    it('refuses a late pay of a number closed before it was seen', async () => {
      const order = await orderOf(subject.channel, payer())
      const closed = { kind: 'declined', code: 'order-closed' }
      expect((await subject.channel.close(order)).outcome).toEqual(closed)
      expect((await subject.channel.pay(order)).outcome).toEqual(closed)
      expect((await subject.channel.query(order)).outcome).toEqual(closed)
      expect(await subject.balance(order.accounts.merchant)).toBe(0)
    })

    it('closes what is pending: it never settles', async () => {
      const order = await orderOf(subject.channel, payer())
      await subject.nextPay('pending-once')
      await subject.channel.pay(order)
      const closed = { kind: 'declined', code: 'order-closed' }
      expect((await subject.channel.close(order)).outcome).toEqual(closed)
      for (let asked = 0; asked < 3; asked++) expect((await subject.channel.query(order)).outcome).toEqual(closed)
      expect(await subject.balance(order.accounts.merchant)).toBe(0)
    })

    it('makes one agreement for a payer, however often it is asked', async () => {
      const payerId = payer()
      const first = await subject.channel.agreements!.agree(payerId, '000000')
      expect(first).toMatchObject({ payerId, accountTail: first!.account.slice(-4) })
      expect(await subject.channel.agreements!.agree(payerId, '000000')).toEqual(first)
      expect(await subject.balance(first!.account)).toBe(10_000_000)
    })

    it('makes no agreement by a wrong one-time code', async () => {
      expect(await subject.channel.agreements!.agree(payer(), '123456')).toBeUndefined()
    })

    it('keeps the sum of all balances through every pay', async () => {
      const order = await orderOf(subject.channel, payer())
      const before = await subject.total()
      await subject.channel.pay(order)
      expect(await subject.total()).toBe(before)
    })

    it('answers a ping', async () => {
      await expect(subject.channel.ping()).resolves.toBeUndefined()
    })
  })
}
