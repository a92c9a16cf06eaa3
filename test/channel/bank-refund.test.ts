import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { startTestBank } from '../../harness/bank'
import { bankChannel } from '../../server/channel/bank'
import { refundOutcomeOf } from '../../server/channel/bank/refund'
import type { Refund } from '../../server/domain/refund'
import { Bank } from '../../server/sandbox/bank/bank'
import { Books } from '../../server/sandbox/bank/books'
import type { Fact } from '../../server/sandbox/bank/facts'
import type { RefundRequest } from '../../server/sandbox/bank/schema'
import { DATE, orderOf } from './channel-contract'
import { refundOf } from './refund-contract'

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
  })

  /** A bank with one booked order of the worked example. */
  function openBank() {
    const facts: Fact[] = []
    const bank = new Bank(new Books(), { append: (fact) => void facts.push(structuredClone(fact)) }, () => 0)
    const agreement = bank.signings.easy('payer-1')
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

  it('is definite only with status 200 and by both numbers, declined by whatever code', () => {
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
    const theirs = (code: string) => ({ kind: 'declined', code: `channel-code:${code}` })
    expect(declined('moon-phase')).toEqual(theirs('moon-phase'))
    // A code of payments is none that we know of refunds.
    expect(declined('insufficient-funds')).toEqual(theirs('insufficient-funds'))
    expect(declined('<script>\n')).toEqual(theirs('_script__'))
    expect(declined('x'.repeat(1_000))).toEqual(theirs('x'.repeat(48)))
    expect(said({ ...names, state: 'pending' })).toEqual({ kind: 'pending' })
    expect(said({ code: 'legs-invalid' }, 422)).toEqual(unknown('legs-invalid'))
    expect(said({ code: 'insufficient-merchant-funds' }, 422)).toEqual(unknown('unmapped-refusal'))
  })

  it('keeps why an exchange failed', () => {
    const exchange = { kind: 'failed', code: 'not-sent', status: null, body: null } as const
    expect(refundOutcomeOf(refund, exchange)).toEqual(unknown('not-sent'))
  })
})
