import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { startTestBank } from '../../harness/bank'
import { bankChannel } from '../../server/channel/bank'
import { refundOutcomeOf } from '../../server/channel/bank/refund'
import type { Order } from '../../server/domain/order'
import { NOTHING_REFUNDED, newRefundNo, type Refund, refundShares } from '../../server/domain/refund'
import type { Channel } from '../../server/flow/ports'
import { Bank } from '../../server/sandbox/bank/bank'
import { Books } from '../../server/sandbox/bank/books'
import type { Fact } from '../../server/sandbox/bank/facts'
import type { FaultInput } from '../../server/sandbox/bank/faults'
import type { RefundRequest } from '../../server/sandbox/bank/schema'
import { fakeChannel } from '../support/fake-channel'
import { orderOf } from './channel-contract'

type Mishap = 'lose-request' | 'lose-reply' | 'pending-once'

interface Subject {
  channel: Channel
  balance(account: string): Promise<number>
  setMerchantBalance(account: string, balanceFen: number): Promise<void>
  nextRefund(mishap: Mishap): Promise<void>
  stop(): Promise<void>
}

const DATE = '2026-11-22'
const SUCCEEDED = { kind: 'succeeded', channelTradeNo: expect.any(String) }

/** A refund of so much of the order after so much of it went back already. */
function refundOf(order: Order, payerFen: number, before = NOTHING_REFUNDED): Refund {
  return {
    refundNo: newRefundNo(DATE, randomBytes(12)),
    orderNo: order.orderNo,
    businessDate: DATE,
    shares: refundShares(order.figures, before, payerFen),
    reason: null,
    state: 'refunding',
    ...{ createdAt: 0, endedAt: null, channelRefundNo: null, failReason: null },
  }
}

/** What the flow of refunds relies on; the fake and the real pass it alike. */
function refundChannelContract(name: string, start: () => Promise<Subject>): void {
  describe(`refunds of ${name}`, () => {
    let on: Subject
    beforeAll(async () => {
      on = await start()
    }, 60_000)
    afterAll(() => on?.stop())

    const paid = async (discountFen = 1_000) => {
      const order = await orderOf(on.channel, `payer-${randomBytes(6).toString('hex')}`, discountFen)
      await on.channel.pay(order)
      return order
    }
    const ask = async (order: Order, refund: Refund) => (await on.channel.refunds!.refund(order, refund)).outcome
    const query = async (order: Order, refund: Refund) => (await on.channel.refunds!.queryRefund(order, refund)).outcome
    const balances = ({ accounts }: Order) =>
      Promise.all([accounts.payer, accounts.gl!, accounts.merchant].map((account) => on.balance(account)))

    it('give the worked example back: payer +9500, branch GL +1000, merchant −10500', async () => {
      const order = await paid()
      const reply = await on.channel.refunds!.refund(order, refundOf(order, 9_500))
      expect(reply).toMatchObject({ verb: 'refund', outcome: SUCCEEDED })
      expect(await balances(order)).toEqual([10_000_000, 0, 0])
    })

    it('of an order without a discount, and of a single fen, move no GL account', async () => {
      const plain = await paid(0)
      expect(await ask(plain, refundOf(plain, 10_000))).toEqual(SUCCEEDED)
      expect(await balances(plain)).toEqual([10_000_000, 0, 0])
      const order = await paid()
      expect(await ask(order, refundOf(order, 1))).toEqual(SUCCEEDED)
      expect(await balances(order)).toEqual([9_990_501, -1_000, 10_499])
    })

    it('in parts end where the order began', async () => {
      const order = await paid()
      let before = NOTHING_REFUNDED
      for (const payerFen of [3_333, 3_333, 2_834]) {
        const refund = refundOf(order, payerFen, before)
        expect(await ask(order, refund)).toEqual(SUCCEEDED)
        const { payerFen: payer, merchantFen: merchant, glFen: gl } = refund.shares
        before = {
          payerFen: before.payerFen + payer,
          merchantFen: before.merchantFen + merchant,
          glFen: before.glFen + gl,
        }
      }
      expect(await balances(order)).toEqual([10_000_000, 0, 0])
    })

    it('are booked once, however often they are asked for, with the same number each time', async () => {
      const order = await paid()
      const refund = refundOf(order, 5_000)
      const outcomes = await Promise.all([1, 2, 3].map(() => ask(order, refund)))
      outcomes.push(await query(order, refund))
      expect(outcomes[0]).toEqual(SUCCEEDED)
      for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0])
      expect(await on.balance(order.accounts.payer)).toBe(10_000_000 - 9_500 + 5_000)
    })

    it('under a number that was used for something else are refused and move nothing', async () => {
      const [order, other] = [await paid(), await paid()]
      const refund = refundOf(order, 5_000)
      await ask(order, refund)
      const before = [...(await balances(order)), ...(await balances(other))]
      const reused = { kind: 'unknown', code: 'refund-no-reused' }
      expect(await ask(order, { ...refundOf(order, 1), refundNo: refund.refundNo })).toEqual(reused)
      const elsewhere = { ...refundOf(other, 5_000), refundNo: refund.refundNo }
      expect(await ask(other, elsewhere)).toEqual(reused)
      expect(await query(other, elsewhere)).toEqual({ kind: 'unknown', code: 'not-found' })
      expect([...(await balances(order)), ...(await balances(other))]).toEqual(before)
    })

    it('that the merchant’s account can’t bear are declined, and stay so even when money comes', async () => {
      const order = await paid()
      const refund = refundOf(order, 9_500)
      await on.setMerchantBalance(order.accounts.merchant, 10_499)
      const declined = { kind: 'declined', code: 'insufficient-merchant-funds' }
      expect(await ask(order, refund)).toEqual(declined)
      await on.setMerchantBalance(order.accounts.merchant, 10_500)
      expect(await ask(order, refund)).toEqual(declined)
      expect(await query(order, refund)).toEqual(declined)
      expect(await ask(order, refundOf(order, 9_500))).toEqual(SUCCEEDED)
    })

    it('above what the order moved are declined, though the merchant has the money', async () => {
      const order = await paid()
      await on.setMerchantBalance(order.accounts.merchant, 1_000_000)
      expect(await ask(order, refundOf(order, 9_000))).toEqual(SUCCEEDED)
      const more = refundOf(order, 501)
      expect(await ask(order, more)).toEqual({ kind: 'declined', code: 'refund-above-paid' })
      // The payer's leg would fit, the branch's would not.
      const shares = { payerFen: 1, glFen: 54, merchantFen: 55 }
      expect(await ask(order, { ...refundOf(order, 1), shares })).toEqual({
        kind: 'declined',
        code: 'refund-above-paid',
      })
    })

    it('of an order that is not booked, or not known, say nothing definite', async () => {
      const order = await orderOf(on.channel, `payer-${randomBytes(6).toString('hex')}`)
      expect(await ask(order, refundOf(order, 1))).toEqual({ kind: 'unknown', code: 'not-found' })
      await on.channel.close(order)
      expect(await ask(order, refundOf(order, 1))).toEqual({ kind: 'unknown', code: 'order-not-booked' })
    })

    it('lost on their way are unknown to the bank, and are booked when asked for again', async () => {
      const order = await paid()
      const refund = refundOf(order, 9_500)
      await on.nextRefund('lose-request')
      expect((await ask(order, refund)).kind).toBe('unknown')
      expect(await query(order, refund)).toEqual({ kind: 'unknown', code: 'not-found' })
      expect(await ask(order, refund)).toEqual(SUCCEEDED)
      expect(await on.balance(order.accounts.merchant)).toBe(0)
    })

    it('whose reply was lost are found booked, and asking again changes nothing', async () => {
      const order = await paid()
      const refund = refundOf(order, 9_500)
      await on.nextRefund('lose-reply')
      expect((await ask(order, refund)).kind).toBe('unknown')
      expect(await query(order, refund)).toEqual(SUCCEEDED)
      expect(await ask(order, refund)).toEqual(await query(order, refund))
      expect(await on.balance(order.accounts.merchant)).toBe(0)
    })

    it('move nothing while they are pending, keep their amount from others, and are booked when they settle', async () => {
      const order = await paid()
      const refund = refundOf(order, 9_500)
      await on.nextRefund('pending-once')
      expect(await ask(order, refund)).toEqual({ kind: 'pending' })
      expect(await ask(order, refundOf(order, 1))).toEqual({ kind: 'declined', code: 'refund-above-paid' })
      expect(await query(order, refund)).toEqual({ kind: 'pending' })
      expect(await on.balance(order.accounts.merchant)).toBe(10_500)
      expect(await query(order, refund)).toEqual(SUCCEEDED)
      expect(await on.balance(order.accounts.merchant)).toBe(0)
    })
  })
}

refundChannelContract('the bank channel with the sandbox bank', async () => {
  const bank = await startTestBank()
  const channel = bankChannel({ ...bank.config, clock: { now: Date.now }, random: randomBytes })
  const faults: Record<Mishap, FaultInput> = {
    'lose-request': { mode: 'lose-request', times: 1, on: ['refund'] },
    'lose-reply': { mode: 'lose-reply', times: 1, on: ['refund'] },
    'pending-once': { mode: 'pending', pendingQueries: 1, times: 1, on: ['refund'] },
  }
  return {
    channel,
    balance: bank.admin.balance,
    setMerchantBalance: (account, balanceFen) => bank.admin.setBalance({ account, kind: 'merchant', balanceFen }),
    nextRefund: (mishap) => bank.admin.faults(faults[mishap]),
    async stop() {
      await channel.stop()
      await bank.stop()
    },
  }
})

refundChannelContract('the fake channel', async () => {
  const channel = fakeChannel()
  return {
    channel,
    balance: async (account) => channel.balance(account),
    setMerchantBalance: async (account, balanceFen) => channel.setBalance(account, 'merchant', balanceFen),
    nextRefund: async (mishap) =>
      channel.next('refund', mishap === 'pending-once' ? { kind: 'pending', pendingQueries: 1 } : { kind: mishap }),
    stop: async () => {},
  }
})

describe('the sandbox bank with refunds', () => {
  it('keeps them through kill -9, and shows them in the entries of an account', async () => {
    const first = await startTestBank()
    const open = (bank: typeof first) => bankChannel({ ...bank.config, clock: { now: Date.now }, random: randomBytes })
    const before = open(first)
    const order = await orderOf(before, 'payer-1')
    await before.pay(order)
    const refund = refundOf(order, 5_000)
    const said = (await before.refunds.refund(order, refund)).outcome
    await first.admin.faults({ mode: 'decline', code: 'account-frozen', on: ['refund'] })
    const refused = refundOf(order, 1)
    await before.refunds.refund(order, refused)
    await first.kill()
    await before.stop()

    const second = await startTestBank(first)
    const after = open(second)
    expect((await after.refunds.queryRefund(order, refund)).outcome).toEqual(said)
    expect((await after.refunds.queryRefund(order, refused)).outcome).toEqual({
      kind: 'declined',
      code: 'account-frozen',
    })
    expect(await second.admin.account(order.accounts.payer)).toMatchObject({
      openingFen: 10_000_000,
      balanceFen: 9_995_500,
      entries: [
        { orderNo: order.orderNo, amountFen: -9_500 },
        { orderNo: order.orderNo, refundNo: refund.refundNo, businessDate: DATE, amountFen: 5_000 },
      ],
    })
    await after.stop()
    await second.stop()
    await first.stop()
  }, 60_000)

  /** A bank with one booked order of the worked example. */
  function openBank() {
    const facts: Fact[] = []
    const bank = new Bank(new Books(), { append: (fact) => void facts.push(structuredClone(fact)) }, () => 0)
    const agreement = bank.agree('payer-1', '000000')
    if ('state' in agreement) throw new Error('refused')
    const legs: RefundRequest['legs'] = [
      { account: agreement.account, role: 'payer', amountFen: -9_500 },
      { account: 'g', role: 'gl', amountFen: -1_000 },
      { account: 'm', role: 'merchant', amountFen: 10_500 },
    ]
    bank.clear({ orderNo: 'F1', businessDate: DATE, agreementId: agreement.agreementId, legs })
    return { bank, facts, legs }
  }

  it('refuses legs that are not the order’s the other way round, and records nothing of them', () => {
    const { bank, facts, legs } = openBank()
    const [payer, gl, merchant] = legs.map((leg) => ({ ...leg, amountFen: -leg.amountFen }))
    const wrong: [RefundRequest['legs'], string][] = [
      [[], 'legs-invalid'],
      [legs, 'legs-invalid'],
      [[payer!, gl!, { ...merchant!, amountFen: -10_499 }], 'unbalanced'],
      [[payer!, { ...merchant!, amountFen: -9_500 }, { ...gl!, amountFen: 0 }], 'legs-invalid'],
      [[{ ...gl!, amountFen: 10_500 }, merchant!], 'legs-invalid'],
      [[payer!, gl!, { ...merchant!, account: 'another' }], 'legs-invalid'],
      [[{ ...payer!, account: 'g' }, { ...gl!, account: payer!.account }, merchant!], 'legs-invalid'],
      [[payer!, { ...gl!, account: payer!.account }, merchant!], 'legs-invalid'],
      [[payer!, { ...gl!, role: 'merchant' }, merchant!], 'legs-invalid'],
    ]
    const before = facts.length
    for (const [legs, code] of wrong)
      expect(bank.refund('F1', { refundNo: 'R1', businessDate: DATE, legs })).toEqual({ state: 'refused', code })
    expect(facts).toHaveLength(before)
    expect(bank.queryRefund('F1', 'R1')).toEqual({ state: 'refused', code: 'not-found' })
  })

  it('keeps its total, never gives back more than was taken, and its journal gives the same books', () => {
    const step = fc.record({
      refundNo: fc.nat(8).map((n) => `R${n}`),
      payerFen: fc.integer({ min: 1, max: 9_600 }),
      glFen: fc.nat(1_100),
      verb: fc.constantFrom('refund' as const, 'refund' as const, 'query' as const),
      pendingQueries: fc.option(fc.nat(1), { freq: 3 }),
    })
    let booked = 0
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { bank, facts, legs } = openBank()
        const total = () => [...bank.books.accounts.values()].reduce((sum, one) => sum + one.balanceFen, 0)
        const before = total()
        for (const { refundNo, payerFen, glFen, verb, pendingQueries } of steps) {
          const moved = [payerFen, glFen, -payerFen - glFen]
          const own = legs.map((leg, i) => ({ ...leg, amountFen: moved[i]! })).filter((leg) => leg.amountFen !== 0)
          const twist = pendingQueries === null ? undefined : ({ mode: 'pending', pendingQueries } as const)
          if (verb === 'query') bank.queryRefund('F1', refundNo)
          else bank.refund('F1', { refundNo, businessDate: DATE, legs: own }, twist)
          expect(total()).toBe(before)
          expect(bank.books.accounts.get(legs[0]!.account)!.balanceFen).toBeLessThanOrEqual(10_000_000)
          expect(bank.books.accounts.get('g')!.balanceFen).toBeLessThanOrEqual(0)
          expect(bank.books.accounts.get('m')!.balanceFen).toBeGreaterThanOrEqual(0)
        }
        const done = [...bank.books.refunds.values()].filter((one) => one.state === 'succeeded')
        expect(new Set(done.map((one) => one.channelRefundNo)).size).toBe(done.length)
        booked += done.length
        const again = new Books()
        for (const fact of facts) again.apply(fact)
        expect(again.accounts).toEqual(bank.books.accounts)
        expect([...again.refunds.keys()]).toEqual([...bank.books.refunds.keys()])
      }),
      // One seed: how many are booked must not depend on the day, or the check below is a gamble.
      { numRuns: 300, seed: 20_261_121 },
    )
    expect(booked).toBeGreaterThan(50)
  })
})

describe('what the channel makes of a bank’s word on a refund', () => {
  const refund = { orderNo: 'F1', refundNo: 'R1' } as Refund
  const said = (body: unknown, status = 200) =>
    refundOutcomeOf(refund, { kind: 'verified', status, body: JSON.stringify(body) })
  const names = { orderNo: 'F1', refundNo: 'R1' }
  const unknown = (code: string) => ({ kind: 'unknown', code })

  it('is definite only with status 200, by both numbers, and by a code it knows', () => {
    const seen = { amountFen: 1, currency: 'CNY', payee: 'm' }
    const done = { ...names, state: 'succeeded', channelRefundNo: 'B1', ...seen }
    expect(said({ ...done, payee: undefined })).toEqual(unknown('malformed-reply'))
    expect(said(done)).toEqual({ kind: 'succeeded', channelTradeNo: 'B1' })
    expect(said(done, 201)).toEqual(unknown('unmapped-refusal'))
    expect(said({ ...done, refundNo: 'R2' })).toEqual(unknown('other-refund'))
    expect(said({ ...done, orderNo: 'F2' })).toEqual(unknown('other-refund'))
    expect(said({ ...names, state: 'succeeded' })).toEqual(unknown('malformed-reply'))
    const declined = (code: string) => said({ ...names, state: 'declined', code })
    expect(declined('account-frozen')).toEqual({ kind: 'declined', code: 'account-frozen' })
    expect(declined('moon-phase')).toEqual(unknown('unmapped-decline'))
    // A decline of a payment is none of a refund.
    expect(declined('insufficient-funds')).toEqual(unknown('unmapped-decline'))
    expect(said({ ...names, state: 'pending' })).toEqual({ kind: 'pending' })
    expect(said({ code: 'legs-invalid' }, 422)).toEqual(unknown('legs-invalid'))
    expect(said({ code: 'insufficient-merchant-funds' }, 422)).toEqual(unknown('unmapped-refusal'))
  })

  it('keeps why an exchange failed', () => {
    const exchange = { kind: 'failed', code: 'not-sent', status: null, body: null } as const
    expect(refundOutcomeOf(refund, exchange)).toEqual(unknown('not-sent'))
  })
})
