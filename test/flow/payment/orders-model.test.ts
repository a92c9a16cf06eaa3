import fc from 'fast-check'
import { OWN_CHANNEL } from '../../../server/domain/channel'
import type { Outcome } from '../../../server/domain/order'
import { CRASH_POINTS, type CrashPoint } from '../../../server/flow/payment/crash-point'
import { takeNotice } from '../../../server/flow/payment/notify'
import { pay } from '../../../server/flow/payment/pay'
import { LedgerUnavailable } from '../../../server/flow/ports'
import { type Mishap, noticeOf, orderNotice } from '../../support/fake-channel'
import { LIMITS } from '../../support/flow'
import { HICCUPS, Model, PAYERS } from '../../support/orders-model'

/** Whatever payers, the bank, the stores and the processes do, in any order: the invariants hold after each step. */

type Step = (model: Model) => Promise<unknown>
type Command = fc.AsyncCommand<object, Model>

/** A command that can always run; afterwards everything is held against the model. */
const command = (name: string, step: Step): Command => ({
  check: () => true,
  async run(_, model) {
    await step(model)
    await model.check()
  },
  toString: () => name,
})

/** What the order is after a pay that met this. */
const AFTER: [Mishap | null, 'paid' | 'closed' | 'paying'][] = [
  [null, 'paid'],
  [null, 'paid'],
  [{ kind: 'decline', code: 'insufficient-funds' }, 'closed'],
  [{ kind: 'lose-request', code: 'not-sent' }, 'closed'],
  [{ kind: 'lose-request' }, 'paying'],
  [{ kind: 'lose-reply' }, 'paying'],
  [{ kind: 'pending', pendingQueries: 2 }, 'paying'],
  [{ kind: 'say', outcome: { kind: 'unknown', code: 'bad-signature' } }, 'paying'],
  [{ kind: 'decline', code: 'insufficient-funds' }, 'closed'],
]
const fate = fc.constantFrom(...AFTER)

const quoting = fc
  .tuple(fc.constantFrom(...PAYERS), fc.integer({ min: 900, max: 3_000 }))
  .map(([payer, amountFen]) => command(`quote ${payer} ${amountFen}`, (model) => model.quote(payer, amountFen)))

/** `nth` counts back from the newest quote; old ones have expired or were used. */
const paying = fc.tuple(fc.nat(3), fate, fc.boolean()).map(([nth, [mishap, after], again]) =>
  command(`pay -${nth} ${JSON.stringify(mishap)} ${again ? 'twice and as a thief' : ''}`, async (model) => {
    const chosen = model.quotes.at(-1 - nth)
    if (!chosen) return
    const { quote, key } = chosen
    const pays = model.flow.pays().length
    if (mishap) model.flow.channel.next('pay', mishap)
    // Twice at once with the same key, as a double tap; or under another key, as a thief of one's own.
    const keys = again ? [key, key, `${key}-other`] : [key]
    const results = await Promise.all(
      keys.map((one) => model.attempt(quote.payerId, one, () => model.flow.pay(quote, one))),
    )
    const sent = model.flow.pays().length - pays
    if (sent > 1) throw new Error(`one quote was paid ${sent} times`)
    if (sent === 0) model.flow.channel.forget('pay')
    const order = results[0]?.kind === 'order' ? results[0].order : undefined
    // Who can't write down what the bank said doesn't know it, and says so.
    const lost = model.flow.alarms.some((one) => one.code === 'pay-not-finalized' && one.orderNo === order?.orderNo)
    if (sent === 1 && !again && order && order.state !== (lost ? 'paying' : after))
      throw new Error(`${JSON.stringify(mishap)} left it ${order.state}`)
  }),
)

/** The process dies in the middle of a payment. */
const dying = fc.tuple(fc.nat(2), fate, fc.constantFrom<CrashPoint>(...CRASH_POINTS)).map(([nth, [mishap], at]) =>
  command(`pay -${nth} ${JSON.stringify(mishap)}, die ${at}`, async (model) => {
    const chosen = model.quotes.at(-1 - nth)
    if (!chosen) return
    const { quote, key } = chosen
    const crashPoint = (point: CrashPoint) => {
      if (point === at) throw new Error('died')
    }
    if (mishap) model.flow.channel.next('pay', mishap)
    const input = { payerId: quote.payerId, quoteId: model.flow.sealed(quote), idempotencyKey: key }
    await model.attempt(quote.payerId, key, () => pay({ ...model.flow.deps, crashPoint }, input))
    model.flow.channel.forget('pay')
  }),
)

const rushing = fc.constant(
  command('all quote and pay at once', (model) =>
    Promise.all(
      PAYERS.map(async (payer) => {
        const { quote, key } = await model.quote(payer, 1_000)
        await model.attempt(payer, key, () => model.flow.pay(quote, key))
      }),
    ),
  ),
)

/** Nothing else may fail. */
function expectHiccup(error: unknown): void {
  if (error instanceof AggregateError) for (const one of error.errors) expectHiccup(one)
  else if (!(error instanceof LedgerUnavailable)) throw error
}

const MISHAPS: (Mishap | null)[] = [null, null, { kind: 'lose-reply' }, { kind: 'lose-request' }]
const sweeping = fc.tuple(fc.constantFrom(...MISHAPS), fc.integer({ min: 1, max: 2 })).map(([mishap, sweepers]) =>
  command(`sweep ×${sweepers} ${JSON.stringify(mishap)}`, async (model) => {
    if (mishap) model.flow.channel.next('query', mishap)
    const sweeps = Array.from({ length: sweepers }, () => model.flow.sweep())
    for (const swept of await Promise.allSettled(sweeps)) if (swept.status === 'rejected') expectHiccup(swept.reason)
    model.flow.channel.forget('query')
  }),
)

type News = 'truth' | 'truth twice' | 'pending' | 'nonsense' | 'contradiction'
const news = fc
  .tuple(fc.nat(5), fc.constantFrom<News>('truth', 'truth twice', 'pending', 'nonsense', 'contradiction'))
  .map(([nth, kind]) =>
    command(`news of -${nth}: ${kind}`, async (model) => {
      const orderNo = [...model.orders.keys()].at(-1 - nth)
      if (orderNo === undefined) return
      const outcomes = outcomesOf(model, orderNo, kind)
      const kept = model.conflicts()
      const told = outcomes.map((outcome) =>
        takeNotice(model.flow.deps, OWN_CHANNEL, noticeOf(orderNotice(model.orders.get(orderNo)!, outcome))),
      )
      const heard = await Promise.allSettled(told)
      for (const one of heard) if (one.status === 'rejected') expectHiccup(one.reason)
      // Whoever hears of no success tells it again: only what was heard must have been kept.
      const heardAll = heard.every((one) => one.status === 'fulfilled')
      if (kind === 'contradiction') model.lies += heardAll ? outcomes.length : model.conflicts() - kept
    }),
  )

/** What the bank says of the order; contradictions only of one that has ended, since the bank doesn't lie before. */
function outcomesOf(model: Model, orderNo: string, kind: News): Outcome[] {
  const order = model.orders.get(orderNo)!
  const clearing = model.flow.channel.clearings().find((one) => one.orderNo === orderNo)
  switch (kind) {
    case 'pending':
      return [{ kind: 'pending' }]
    case 'nonsense':
      return [{ kind: 'unknown', code: 'unmapped-decline' }]
    case 'contradiction':
      if (order.state === 'paying') return []
      return order.state === 'paid'
        ? [{ kind: 'declined', code: 'account-frozen' }]
        : [{ kind: 'succeeded', channelTradeNo: 'B-late' }]
    default: {
      if (!clearing || clearing.state === 'pending') return []
      const truth: Outcome =
        clearing.state === 'succeeded'
          ? { kind: 'succeeded', channelTradeNo: clearing.channelTradeNo }
          : { kind: 'declined', code: clearing.code }
      return kind === 'truth' ? [truth] : [truth, truth]
    }
  }
}

const HOURS_13 = 13 * 3_600_000
const passing = fc
  .constantFrom(1_000, 1_000, 7_000, 7_000, LIMITS.closeAfterMs + 1, LIMITS.leaseTtlMs, HOURS_13)
  .map((ms) => command(`pass ${ms} ms`, async (model) => model.flow.pass(ms)))

const slots = fc.constantFrom('forget', 'down', 'up', 'up').map((event) =>
  command(`slots ${event}`, async (model) => {
    if (event === 'forget') model.flow.slots.forget()
    else model.flow.slots.up = event === 'up'
  }),
)

const hiccups = fc
  .tuple(fc.constantFrom(...HICCUPS), fc.constantFrom('before' as const, 'after' as const))
  .map(([verb, when]) =>
    command(`the next ${verb} fails ${when} it took effect`, async (model) => model.hiccups.set(verb, when)),
  )

describe('orders, slots and the bank against a model', () => {
  it('keep I1–I8 after every step, and settle in the end with no slot lost', async () => {
    const steps = fc.commands(
      [
        quoting,
        quoting,
        quoting,
        paying,
        paying,
        paying,
        dying,
        rushing,
        sweeping,
        sweeping,
        news,
        passing,
        passing,
        slots,
        hiccups,
      ],
      { maxCommands: 40, size: 'max' },
    )
    // From nothing to about four decks, or plenty.
    const budget = fc.oneof(fc.nat(10_000), fc.constant(1_000_000))
    await fc.assert(
      fc.asyncProperty(budget, steps, async (budgetFen, commands) => {
        const model = new Model(budgetFen)
        await fc.asyncModelRun(() => ({ model: {}, real: model }), commands)
        await model.settle()
      }),
      // 5 ms each; MODEL_RUNS=20000 for a long look.
      { numRuns: Number(process.env.MODEL_RUNS ?? 2_500) },
    )
  }, 120_000)
})
