import { createHash, randomBytes } from 'node:crypto'
import type { PayerAction } from '../../server/domain/channel'
import { decide, newOrderNo, type Order } from '../../server/domain/order'
import { figures } from '../../server/domain/quote'
import {
  type Channel,
  type ChannelReply,
  NOT_FOUND,
  type Provider,
  type SignedAgreement,
} from '../../server/flow/ports'

/** What befalls one call of the channel. */
export type Mishap =
  | 'lose-request'
  | 'lose-reply'
  /** done, and the answer is signed by somebody else */
  | 'bad-signature'
  /** of a pay or a refund: done, but only when it is asked about for the second time */
  | 'pending-once'

/** A channel and a hand on its counterpart, whatever that is made of. */
export interface ChannelUnderTest {
  channel: Channel
  /** the payer's part, where the channel wants one: they confirm; nothing happens when they can't any more */
  confirm(action: PayerAction): Promise<void>
  /** the account's balance in the counterpart's own books, fen */
  balance(account: string): Promise<number>
  setBalance(account: string, role: 'payer' | 'merchant', balanceFen: number): Promise<void>
  /** the sum of all balances, fen */
  total(): Promise<number>
  /** what befalls the next call of a verb */
  next(verb: 'pay' | 'query' | 'close' | 'refund', mishap: Mishap): Promise<void>
  /** nothing befalls anybody any more */
  calm(): Promise<void>
  stop(): Promise<void>
  /** a failed attempt isn't kept: the payment stays open to another until it is closed, a refused refund was never asked for */
  readonly forgetsFailures?: true
  /** where a number that was never seen can't be fenced: lets the time pass after which no pay of it is taken any more */
  pass?(order: Order): Promise<void>
  /** from now on its counterpart says of a payment that fails this code, which no document has; absent: it never says so of one */
  readonly decline?: (code: string) => Promise<void>
  /** a code as its counterpart would write one */
  readonly strangeCode?: string
  /** it says once what the payer must do: a question about the order doesn't bring it again, so the order keeps it */
  readonly saysOnce?: true
}

export const DATE = '2026-11-21'

/**
 * An order of a payer with enough money, ¥100.00 unless told, at a merchant of its own, with the given discount split in halves;
 * under the agreement given, else an easy one.
 */
export async function orderOf(
  channel: Channel,
  payerId: string,
  {
    discountFen = channel.carriesDiscount ? 1_000 : 0,
    agreement,
    amountFen = 10_000,
  }: { discountFen?: number | undefined; agreement?: SignedAgreement | undefined; amountFen?: number | undefined } = {},
): Promise<Order> {
  const own = randomBytes(6).toString('hex')
  const digits = `${BigInt(`0x${own}`) % 10n ** 12n}`
  const walletAccounts = {
    [channel.name]: `merchant-${own}`,
    alipay: `2088${digits}`.padEnd(16, '0'),
    unionpay: `777${digits}`.padEnd(15, '0'),
    wechatpay: `19${digits.padEnd(8, '0').slice(0, 8)}`,
  }
  const merchant = { ...NOBODY, account: `merchant-${own}`, glAccount: `gl-${own}`, walletAccounts }
  const used = agreement ?? (await channel.agreements?.easy?.(payerId))
  const agreements = used ? [{ ...used, payerId, createdAt: 0, chosen: false, endedAt: null }] : []
  const subject = `o${createHash('sha256').update(payerId).digest('base64url').slice(0, 27)}`
  const identity = async (provider: Provider) => [{ appId: APPS[provider] ?? '', subject }]
  const means = await channel.means({ payerId, agreements, identity }, merchant)
  if (means.kind === 'none') throw new Error(means.code)
  const { payWithinMs } = channel.limits
  return {
    orderNo: newOrderNo(DATE, randomBytes(12)),
    branchCode: 'B01',
    quoteNonce: `quote-${own}`,
    payerId,
    payerRef: means.payerRef,
    merchantCode: 'M0001',
    channel: channel.name,
    businessDate: DATE,
    figures: figures(amountFen, discountFen, 50),
    card: discountFen > 0 ? { campaignId: 'C1', businessDate: DATE, slot: 0 } : null,
    reason: null,
    accounts: means.accounts,
    state: 'paying',
    createdAt: Date.now(),
    payBy: payWithinMs === null ? null : Date.now() + payWithinMs,
    action: null,
    endedAt: null,
    channelTradeNo: null,
    verification: null,
    closeReason: null,
  }
}

/** The apps in which payers of wallets are known. */
export const APPS: Partial<Record<Provider, string>> = { wechat: 'wx00000000fa9a1001', alipay: '2021000000000001' }

const NOBODY = { merchantCode: 'M0001', name: '老街牛肉面', branchCode: 'B01', branchName: '城南支行' }
export const somebody = () => `payer-${randomBytes(6).toString('hex')}`

/** Pays, the payer's part included, and asks how it stands. */
export async function payThrough({ channel, confirm }: ChannelUnderTest, order: Order): Promise<ChannelReply> {
  const reply = await channel.pay(order)
  if (!reply.action) return reply
  await confirm(reply.action)
  return channel.query(order)
}

const CLOSED = { kind: 'declined', code: 'order-closed' }
const SUCCEEDED = { kind: 'succeeded', channelTradeNo: expect.any(String) }
const UNSEEN = { kind: 'unknown', code: NOT_FOUND }

/** What the flow relies on, and every channel holds. */
export function channelContract(name: string, start: () => Promise<ChannelUnderTest>): void {
  describe(`${name} as a channel`, () => {
    let on: ChannelUnderTest
    let channel: Channel
    beforeAll(async () => {
      on = await start()
      channel = on.channel
    })
    afterEach(() => on.calm())
    afterAll(() => on?.stop())

    const order = () => orderOf(channel, somebody())
    const outcomeOf = async (reply: Promise<ChannelReply>) => (await reply).outcome
    const credited = ({ accounts }: Order) => on.balance(accounts.merchant)
    const untouched = async (one: Order) => expect(await credited(one)).toBe(0)

    it('moves what the payer pays, to the fen, and no money comes or goes', async () => {
      const one = await order()
      const { payer, merchant } = one.accounts
      await on.setBalance(payer, 'payer', 1_000_000)
      const before = await on.total()
      expect(await payThrough(on, one)).toMatchObject({ outcome: SUCCEEDED })
      expect(await on.balance(payer)).toBe(1_000_000 - one.figures.payableFen)
      expect(await on.balance(merchant)).toBe(one.figures.merchantReceivesFen)
      expect(await on.total()).toBe(before)
    })

    it('books an order once, however often it is told, and gives the same trade number each time', async () => {
      const one = await order()
      const replies = await Promise.all([1, 2, 3, 4].map(() => channel.pay(one)))
      const action = replies.find((reply) => reply.action)?.action
      if (action) await Promise.all([on.confirm(action), on.confirm(action)])
      const later = [await channel.query(one), await channel.pay(one), await channel.close(one)]
      expect(later[0]!.outcome).toEqual(SUCCEEDED)
      for (const { outcome } of later) expect(outcome).toEqual(later[0]!.outcome)
      expect(await credited(one)).toBe(one.figures.merchantReceivesFen)
    })

    it('gives what the payer must do again while it can be done, moves nothing before, and never gives it after', async () => {
      const one = await order()
      const first = await channel.pay(one)
      if (channel.limits.payWithinMs === null) return expect(first).toMatchObject({ outcome: SUCCEEDED })
      expect(first).toMatchObject({ outcome: { kind: 'pending' }, action: { expiresAt: one.payBy } })
      for (const reply of [await channel.pay(one), await channel.query(one)])
        expect(reply).toMatchObject({ outcome: { kind: 'pending' }, ...(!on.saysOnce && { action: first.action }) })
      await untouched(one)
      await on.confirm(first.action!)
      for (const reply of [await channel.query(one), await channel.pay(one)]) {
        expect(reply.outcome).toEqual(SUCCEEDED)
        expect(reply.action).toBeUndefined()
      }
    })

    it('declines for want of money, moves nothing, and stays with that even when money comes', async () => {
      const one = await order()
      if (on.forgetsFailures) return staysOpen(one)
      const declined = { kind: 'declined', code: 'insufficient-funds' }
      await on.setBalance(one.accounts.payer, 'payer', one.figures.payableFen - 1)
      expect(await outcomeOf(payThrough(on, one))).toEqual(declined)
      await on.setBalance(one.accounts.payer, 'payer', one.figures.payableFen)
      expect(await outcomeOf(payThrough(on, one))).toEqual(declined)
      expect(await outcomeOf(channel.query(one))).toEqual(declined)
      await untouched(one)
    })

    async function staysOpen(one: Order) {
      await on.setBalance(one.accounts.payer, 'payer', one.figures.payableFen - 1)
      expect(await outcomeOf(payThrough(on, one))).toEqual({ kind: 'pending' })
      expect(await outcomeOf(channel.close(one))).toEqual(CLOSED)
      await on.setBalance(one.accounts.payer, 'payer', one.figures.payableFen)
      expect(await outcomeOf(payThrough(on, one))).toEqual(CLOSED)
      await untouched(one)
    }

    it('lets a payer spend the last fen', async () => {
      const one = await order()
      await on.setBalance(one.accounts.payer, 'payer', one.figures.payableFen)
      expect(await outcomeOf(payThrough(on, one))).toEqual(SUCCEEDED)
      expect(await on.balance(one.accounts.payer)).toBe(0)
    })

    it('names amount, currency and payee of what it did, and what isn’t ours to the fen ends nothing', async () => {
      const one = await order()
      const { outcome, seen } = await payThrough(on, one)
      const judged = (ours: Partial<Order>) => decide({ ...one, ...ours }, outcome, seen)
      expect(seen).toEqual({ amountFen: one.figures.payableFen, currency: 'CNY', payee: one.accounts.merchant })
      expect(judged({})).toMatchObject({ kind: 'end', state: 'paid' })
      expect(judged({ figures: figures(10_001, 0, 50) })).toEqual({ kind: 'conflict', code: 'other-amount' })
      const accounts = { ...one.accounts, merchant: 'another' }
      expect(judged({ accounts })).toEqual({ kind: 'conflict', code: 'other-payee' })
    })

    it('does not know what it has never seen, and says so without ending the order', async () => {
      expect(await outcomeOf(channel.query(await order()))).toEqual(UNSEEN)
    })

    it('ends what its counterpart has declined, by whatever code, and keeps the code as it was said', async () => {
      if (!on.decline) return
      const one = await order()
      const code = on.strangeCode ?? 'X-99'
      await on.setBalance(one.accounts.payer, 'payer', one.figures.payableFen - 1)
      await on.decline(code)
      const { outcome, seen } = await payThrough(on, one)
      expect(outcome).toEqual({ kind: 'declined', code: `channel-code:${code}` })
      expect(decide(one, outcome, seen)).toMatchObject({ kind: 'end', state: 'closed' })
      expect(await outcomeOf(channel.query(one))).toEqual(outcome)
      await untouched(one)
    })

    it('leaves a lost request unknown, and the order not booked', async () => {
      const one = await order()
      await on.next('pay', 'lose-request')
      expect((await channel.pay(one)).outcome.kind).toBe('unknown')
      expect(await outcomeOf(channel.query(one))).toEqual(UNSEEN)
      await untouched(one)
    })

    it('leaves a lost reply unknown, and a query finds what was done and what is to be done', async () => {
      const one = await order()
      await on.next('pay', 'lose-reply')
      expect((await channel.pay(one)).outcome.kind).toBe('unknown')
      const { outcome, action } = await channel.query(one)
      if (on.saysOnce) {
        // Nobody was ever told where to pay, so nobody can.
        expect(outcome).toEqual({ kind: 'pending' })
        return expect(await outcomeOf(channel.close(one))).toEqual(CLOSED)
      }
      if (action) await on.confirm(action)
      expect(await outcomeOf(channel.query(one))).toEqual(SUCCEEDED)
      expect(await credited(one)).toBe(one.figures.merchantReceivesFen)
    })

    it('believes nobody but its counterpart: an answer that another signed says nothing, whatever was done', async () => {
      const one = await order()
      const forged = { kind: 'unknown', code: 'bad-signature' }
      await on.next('pay', 'bad-signature')
      const reply = await channel.pay(one)
      expect(reply.outcome).toEqual(forged)
      expect(reply.action).toBeUndefined()
      await on.next('query', 'bad-signature')
      expect(await outcomeOf(channel.query(one))).toEqual(forged)
      const { action } = await channel.query(one)
      if (action) await on.confirm(action)
      await on.next('close', 'bad-signature')
      expect(await outcomeOf(channel.close(one))).toEqual(forged)
      expect(await outcomeOf(channel.close(one))).toEqual(on.saysOnce ? CLOSED : SUCCEEDED)
    })

    it('moves nothing while it is pending, and books it when it settles', async () => {
      const one = await order()
      await on.next('pay', 'pending-once')
      const { outcome, action } = await channel.pay(one)
      expect(outcome).toEqual({ kind: 'pending' })
      if (action) await on.confirm(action)
      expect(await outcomeOf(channel.query(one))).toEqual({ kind: 'pending' })
      await untouched(one)
      expect(await outcomeOf(channel.query(one))).toEqual(SUCCEEDED)
      expect(await credited(one)).toBe(one.figures.merchantReceivesFen)
    })

    it('closes a number it has never seen, and refuses a late pay of it', async () => {
      const one = await order()
      if (on.pass) {
        // No proof yet: a pay of it could be on its way.
        expect(await outcomeOf(channel.close(one))).toEqual(UNSEEN)
        await on.pass(one)
      }
      expect(await outcomeOf(channel.close(one))).toEqual(CLOSED)
      const late = await channel.pay(one)
      expect(late.outcome).toEqual(CLOSED)
      expect(late.action).toBeUndefined()
      expect(await outcomeOf(channel.query(one))).toEqual(CLOSED)
      await untouched(one)
    })

    it('closes what nobody has paid: it never will be, whatever the payer still does', async () => {
      const one = await order()
      // Where nobody has to act, what pends is what nobody has paid.
      if (channel.limits.payWithinMs === null) await on.next('pay', 'pending-once')
      const { action } = await channel.pay(one)
      expect(await outcomeOf(channel.close(one))).toEqual(CLOSED)
      if (action) await on.confirm(action)
      for (let asked = 0; asked < 3; asked++) expect(await outcomeOf(channel.query(one))).toEqual(CLOSED)
      expect(await outcomeOf(channel.close(one))).toEqual(CLOSED)
      await untouched(one)
    })

    it('does not close what was paid, and says as what: a close that comes too late is news of a payment', async () => {
      const one = await order()
      await payThrough(on, one)
      const { outcome, seen } = await channel.close(one)
      expect(decide(one, outcome, seen)).toMatchObject({ kind: 'end', state: 'paid' })
      expect(await credited(one)).toBe(one.figures.merchantReceivesFen)
    })

    it('leaves a lost close unknown, and done', async () => {
      const one = await order()
      // Where somebody has to act there is something to close; elsewhere the number is fenced.
      if (channel.limits.payWithinMs !== null) await channel.pay(one)
      await on.next('close', 'lose-reply')
      expect((await channel.close(one)).outcome.kind).toBe('unknown')
      expect(await outcomeOf(channel.query(one))).toEqual(CLOSED)
    })

    it('stores what it sends: the same for the same order each time, and nothing that is ours alone', async () => {
      const one = await order()
      const stored = JSON.stringify(channel.payRequest(one))
      expect(JSON.stringify(channel.payRequest(structuredClone(one)))).toBe(stored)
      for (const secret of [one.payerId, one.quoteNonce].filter((own) => own !== one.payerRef))
        expect(stored).not.toContain(secret)
    })

    it('answers a ping', async () => {
      await expect(channel.ping()).resolves.toBeUndefined()
    })
  })
}
