import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import { newDifference } from '../../../server/domain/difference'
import type { StatementLine } from '../../../server/domain/match'
import type { Order } from '../../../server/domain/order'
import { postingsOf } from '../../../server/domain/posting'
import type { StatementSource } from '../../../server/flow/ports'
import { reconcileDay } from '../../../server/flow/reconcile/reconcile'
import { AFTER, D, type Desk, dayOf, done, lineOf, NEXT, phantom, startDesk, written } from '../../support/reconcile'

type Tuple7<T> = [T, T, T, T, T, T, T]
const only = (fetchStatement: StatementSource['fetchStatement']) =>
  new Map([['bank' as const, { reconcileFromMs: null, cutBeforeMs: 0, fetchStatement }]])

describe.each(oneSqlEngine())('reconciliation on $name', ({ start }) => {
  let engine: TestSql
  let desk: Desk
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    desk = startDesk(await engine.fresh())
    await desk.live()
  })
  afterAll(() => engine?.stop())

  const found = async (date: string) =>
    (await desk.differences(date)).map(({ class: named, detail, orderNo }) => [named, detail, orderNo])

  describe('a day', () => {
    it('balances when the statement holds what we booked, orders and refunds, and nothing else (平账)', async () => {
      const [one, two] = [await desk.paid(), await desk.paid()]
      const refund = await desk.refunded(one)
      await desk.closed()
      const result = done(await desk.reconcile(D, [lineOf(one), lineOf(two), lineOf(one, refund)]))
      const both = { count: 2, payerFen: -19_000, glFen: -2_000, merchantFen: 21_000 }
      const back = { count: 1, payerFen: 4_750, glFen: 500, merchantFen: -5_250 }
      expect(result).toMatchObject({ found: 0, again: false, reconciliation: { differences: [] } })
      expect(result.reconciliation.result).toMatchObject({
        balanced: { clearing: both, refund: back },
        own: { clearing: both, refund: back },
        carried: { clearing: { count: 0 }, refund: { count: 0 } },
        proven: true,
      })
    })

    it('names every kind of difference, each once', async () => {
      const orders: Order[] = []
      for (let i = 0; i < 7; i++) orders.push(await desk.paid())
      const [right, twice, amount, glAccount, glLeg, trade, merchant] = orders as Tuple7<Order>
      const closed = await desk.closed()
      const result = done(
        await desk.reconcile(D, [
          lineOf(right),
          lineOf(twice),
          phantom,
          { ...lineOf(amount), payerFen: -9_400, merchantFen: 10_400 },
          { ...lineOf(glAccount), glAccount: '6421-99' },
          { ...lineOf(glLeg), glFen: 0, glAccount: null, merchantFen: 9_500 },
          { ...lineOf(trade), channelTradeNo: 'another' },
          { ...lineOf(merchant), merchantAccount: 'somebody' },
          lineOf(closed),
          lineOf(twice),
          { ...lineOf(right, { ...(await desk.refunding(right)), refundNo: 'R-unknown' }) },
        ]),
      )
      expect(await found(D)).toEqual([
        ['long', 'no-such-order', 'PHANTOM-1'],
        ['amountMismatch', 'payer-amount', amount.orderNo],
        ['glMismatch', 'gl-account', glAccount.orderNo],
        ['glMismatch', 'gl-amount', glLeg.orderNo],
        ['stateMismatch', 'other-trade-no', trade.orderNo],
        ['glMismatch', 'merchant-account', merchant.orderNo],
        ['stateMismatch', 'booked-after-end', closed.orderNo],
        ['duplicate', 'booked-twice', twice.orderNo],
        ['long', 'no-such-refund', right.orderNo],
      ])
      expect(result.found).toBe(9)
      expect(result.reconciliation.result).toMatchObject({ proven: true, balanced: { clearing: { count: 2 } } })
    })

    it('changes nothing when it is run again, before or after decisions', async () => {
      desk.late()
      const [right, twice, late] = [await desk.paid(), await desk.paid(), await desk.paid()]
      const paying = await desk.open()
      const lines = [lineOf(right), lineOf(twice), lineOf(twice), phantom, lineOf(paying)]
      const first = done(await desk.reconcile(D, lines))
      const next = [lineOf(right)]
      done(await desk.reconcile(NEXT, next))
      const before = await desk.dump()
      const again = done(await desk.reconcile(D, lines))
      expect(again).toMatchObject({ found: 0, again: true })
      expect(again.reconciliation).toEqual(first.reconciliation)
      expect(await desk.dump()).toBe(before)

      expect(await found(NEXT)).toEqual([
        ['duplicate', 'booked-twice', right.orderNo],
        ['short', 'not-in-statement', late.orderNo],
      ])
      for (const one of [...(await desk.differences(D)), ...(await desk.differences(NEXT))])
        await desk.accept(one.differenceId)
      const decided = await desk.dump()
      expect(done(await desk.reconcile(D, lines)).found).toBe(0)
      expect(done(await desk.reconcile(NEXT, next)).found).toBe(0)
      expect(await desk.dump()).toBe(decided)
    })

    it('is finished by a second attempt when the first died in the middle of staging or of matching', async () => {
      const orders = [await desk.paid(), await desk.paid(), await desk.paid(), await desk.paid(), await desk.paid()]
      const lines = [...orders.map((order) => lineOf(order)), phantom].map((line, i) => ({ ...line, lineNo: i + 1 }))
      const whole = written(D, lines)
      async function* broken() {
        yield lines.slice(0, 3)
        throw new Error('the process died')
      }
      const statements = only(async () => ({ ...whole, batches: broken }))
      await expect(reconcileDay({ ...desk.deps, statements }, dayOf(D))).rejects.toThrow('the process died')
      const dies = {
        ...desk.reconciliations,
        finish: () => Promise.reject(new Error('it died again')),
      }
      const second = { ...desk.deps, statements: only(async () => whole), reconciliations: dies }
      await expect(reconcileDay(second, dayOf(D))).rejects.toThrow('it died again')
      expect(await desk.reconciliations.reconciliation(dayOf(D))).toBeUndefined()

      const result = done(await desk.reconcile(D, lines))
      expect(result.reconciliation).toMatchObject({
        result: { balanced: { clearing: { count: 5 } }, proven: true },
        differences: [{ class: 'long', state: 'open', count: 1 }],
      })
    })

    it('is not believed when what was staged is not what the manifest said', async () => {
      const lines = [{ ...lineOf(await desk.paid()), lineNo: 1 }]
      const { batches: _, ...rest } = written(D, lines)
      async function* less() {
        yield []
      }
      const statements = only(async () => ({ ...rest, batches: less }))
      await expect(reconcileDay({ ...desk.deps, statements }, dayOf(D))).rejects.toThrow(
        /isn't the one that was fetched/,
      )
    })

    it('is refused when its file is, and nothing is stored', async () => {
      const before = await desk.dump()
      const refused = { kind: 'refused' as const, code: 'statement-tampered' as const, detail: '' }
      const statements = only(async () => refused)
      expect(await reconcileDay({ ...desk.deps, statements }, dayOf(D))).toEqual(refused)
      expect(await desk.dump()).toBe(before)
    })
  })

  describe('days', () => {
    it('are not reconciled anew with another file', async () => {
      done(await desk.reconcile(D, []))
      expect(await desk.reconcile(D, [phantom])).toMatchObject({ kind: 'refused', code: 'statement-changed' })
      expect(await found(D)).toEqual([])
    })

    it('are one process’s at a time, and another’s when that one died', async () => {
      const hold = await desk.hold(D, [])
      const refused = { kind: 'refused', code: 'reconciliation-running' }
      expect(await reconcileDay(desk.deps, dayOf(D))).toMatchObject(refused)
      // A process's own clock says nothing about who lives.
      desk.clock.at += 3_600_000
      expect(await reconcileDay(desk.deps, dayOf(D))).toMatchObject(refused)
      await desk.reconciliations.keep(hold, 0)
      expect(done(await reconcileDay(desk.deps, dayOf(D))).found).toBe(0)
    })

    it('forget the lines of a file that was replaced before its day was done', async () => {
      const order = await desk.paid()
      const lines = [{ ...phantom, lineNo: 1 }]
      const hold = await desk.hold(D, lines, 0)
      await desk.reconciliations.stage(hold, lines)
      const verdict = { kind: 'difference', class: 'long', detail: 'no-such-order' } as const
      await desk.reconciliations.addDifferences(hold, [newDifference(hold, verdict, null, lines[0]!, 0)])
      done(await desk.reconcile(D, [lineOf(order)]))
      expect(await found(D)).toEqual([])
    })
  })

  describe('what the statement does not hold', () => {
    it('waits for the next day’s file: an order of the last minute is in that (日切)', async () => {
      desk.late()
      const [early, late] = [await desk.paid(), await desk.paid()]
      const day = done(await desk.reconcile(D, [lineOf(early)]))
      expect(day.found).toBe(0)
      expect(day.reconciliation.result).toMatchObject({ proven: true, carried: { clearing: { count: 1 } } })
      const next = done(await desk.reconcile(NEXT, [lineOf(late)]))
      expect(next.found).toBe(0)
      expect(next.reconciliation.result).toMatchObject({
        proven: true,
        own: { clearing: { count: 0 } },
        ownOtherDays: { clearing: { count: 1, payerFen: -9_500 } },
      })
    })

    it('is short at once when it ended before the cut’s window: an empty statement is no 日切', async () => {
      const orders = [await desk.paid(), await desk.paid(), await desk.paid()]
      const refund = await desk.refunded(orders[0]!)
      desk.late()
      const late = await desk.paid()
      const day = done(await desk.reconcile(D, []))
      expect(day.found).toBe(4)
      expect(day.reconciliation.result).toMatchObject({
        proven: true,
        carried: { clearing: { count: 1, payerFen: -9_500 }, refund: { count: 0 } },
        short: { clearing: { count: 3, payerFen: -28_500 }, refund: { count: 1, payerFen: 4_750 } },
      })
      expect(day.reconciliation.left).toMatchObject({ short: { count: 4, fen: 33_250 }, others: { count: 0 } })
      const ids = (await desk.differences(D)).map((one) => [one.class, one.refundNo ?? one.orderNo])
      expect(ids.sort()).toEqual(
        [...orders.map(({ orderNo }) => orderNo), refund.refundNo].map((no) => ['short', no]).sort(),
      )
      // Told once: the next statement, which holds none of them either, finds the late one alone.
      expect(done(await desk.reconcile(NEXT, [])).found).toBe(1)
      expect(await found(NEXT)).toEqual([['short', 'not-in-statement', late.orderNo]])
      done(await desk.reconcile(AFTER, [lineOf(orders[0]!), lineOf(late)]))
      expect(
        (await desk.differences(D)).find((one) => one.orderNo === orders[0]!.orderNo && !one.refundNo),
      ).toMatchObject({
        state: 'cleared',
      })
      expect(done(await desk.reconcile(D, [])).found).toBe(0)
    })

    it.each([
      ['midnight', 0, 1_800_000],
      ['an hour before midnight, as UnionPay’s', 3_600_000, 1_800_000],
      ['an hour before midnight, with no window', 3_600_000, 0],
    ])('the window begins so long before the cut, to the millisecond: at %s', async (_, cutBeforeMs, carryOverMs) => {
      const begins = Date.parse('2026-11-21T00:00:00+08:00') - cutBeforeMs - carryOverMs
      const [before, within] = [await desk.open(), await desk.open()]
      for (const [order, endedAt] of [
        [before, begins - 1],
        [within, begins],
      ] as const) {
        const ending = {
          state: 'paid' as const,
          channelTradeNo: `B${order.orderNo}`,
          verification: null,
          postings: postingsOf(order),
          endedAt,
        }
        await desk.ledger.endOrder(order, ending, null)
      }
      const fetchStatement = async () => written(D, [])
      const statements = new Map([['bank' as const, { reconcileFromMs: null, cutBeforeMs, fetchStatement }]])
      done(await reconcileDay({ ...desk.deps, statements, carryOverMs }, dayOf(D)))
      expect(await found(D)).toEqual([['short', 'not-in-statement', before.orderNo]])
    })

    it('is short when that does not hold it either, orders and refunds (短款)', async () => {
      desk.late()
      const order = await desk.paid()
      const refund = await desk.refunded(order)
      const other = await desk.refunded(order)
      done(await desk.reconcile(D, [lineOf(order, other)]))
      expect(done(await desk.reconcile(NEXT, [])).found).toBe(2)
      const shorts = await desk.differences(NEXT)
      expect(shorts.map((one) => [one.class, one.orderNo, one.refundNo, one.own?.payerFen])).toEqual([
        ['short', order.orderNo, null, -9_500],
        ['short', order.orderNo, refund.refundNo, 4_750],
      ])
    })

    it('clears its difference when a later file holds it, if nobody has decided', async () => {
      desk.late()
      const order = await desk.paid()
      done(await desk.reconcile(D, []))
      done(await desk.reconcile(NEXT, []))
      expect(done(await desk.reconcile(AFTER, [lineOf(order)])).found).toBe(0)
      const [short] = await desk.differences(NEXT)
      expect(short).toMatchObject({ class: 'short', state: 'cleared', resolvedBy: `statement of ${AFTER}` })
    })

    it('is long when a later file holds it and it was taken back', async () => {
      desk.late()
      const order = await desk.paid()
      done(await desk.reconcile(D, []))
      done(await desk.reconcile(NEXT, []))
      await desk.accept((await desk.differences(NEXT))[0]!.differenceId)
      expect(await desk.balance('acct-M0001')).toBe(0)
      done(await desk.reconcile(AFTER, [lineOf(order)]))
      expect(await found(AFTER)).toEqual([['long', 'reversed-as-short', order.orderNo]])
      expect((await desk.differences(NEXT))[0]).toMatchObject({ state: 'accepted', resolvedBy: 'checker' })
      await desk.accept((await desk.differences(AFTER))[0]!.differenceId)
      expect(await desk.balance('acct-M0001')).toBe(10_500)
    })

    it('is a duplicate when two days’ files hold it', async () => {
      const order = await desk.paid()
      done(await desk.reconcile(D, [lineOf(order)]))
      done(await desk.reconcile(NEXT, [lineOf(order)]))
      expect(await found(NEXT)).toEqual([['duplicate', 'booked-twice', order.orderNo]])
    })
  })

  describe('what is still open', () => {
    it('ends by the usual door when the statement holds it, and then balances', async () => {
      const order = await desk.open()
      const paid = await desk.paid()
      const refund = await desk.refunding(paid)
      const result = done(await desk.reconcile(D, [lineOf(order), lineOf(paid), lineOf(paid, refund)]))
      expect(result).toMatchObject({ found: 0, reconciliation: { result: { ended: 2, proven: true } } })
      expect(await desk.ledger.order(order.orderNo)).toMatchObject({
        state: 'paid',
        channelTradeNo: `B${order.orderNo}`,
      })
      expect(await desk.refunds.refund(refund.refundNo)).toMatchObject({ state: 'refunded' })
      expect(await desk.balance('acct-M0001')).toBe(10_500 * 2 - 5_250)
      const [event] = await desk.rows("select verb from order_events where order_no = $1 and kind = 'paid'", [
        order.orderNo,
      ])
      expect(event).toEqual({ verb: 'statement' })
    })

    it.each<[string, Partial<StatementLine>, string, string]>([
      ['amount', { payerFen: -9_400, merchantFen: 10_400 }, 'amountMismatch', 'payer-amount'],
      ['currency', { currency: 'USD' }, 'amountMismatch', 'currency'],
      ['payee', { merchantAccount: 'somebody' }, 'glMismatch', 'merchant-account'],
    ])('ends nothing when the %s is another: it is a difference and an alarm', async (_, wrong, named, detail) => {
      const [order, paid] = [await desk.open(), await desk.paid()]
      const refund = await desk.refunding(paid)
      const back = lineOf(paid, refund)
      const sign = wrong.payerFen === undefined ? {} : { payerFen: 4_700, merchantFen: -5_200 }
      const lines = [{ ...lineOf(order), ...wrong }, lineOf(paid), { ...back, ...wrong, ...sign }]
      const result = done(await desk.reconcile(D, lines))
      expect(result.reconciliation.result).toMatchObject({ ended: 0, proven: true })
      expect(await desk.ledger.order(order.orderNo)).toMatchObject({ state: 'paying' })
      expect(await desk.refunds.refund(refund.refundNo)).toMatchObject({ state: 'refunding' })
      expect(await found(D)).toEqual([
        [named, detail, order.orderNo],
        [named, detail, paid.orderNo],
      ])
      expect(desk.alarms).toHaveLength(2)
      expect(await desk.rows('select 1 from postings where order_no = $1', [order.orderNo])).toEqual([])
    })

    it('ends by the line that fits, when a wrong one of its number stands before it', async () => {
      const order = await desk.open()
      const wrong = { ...lineOf(order), payerFen: -9_400, merchantFen: 10_400, channelTradeNo: 'wrong' }
      done(await desk.reconcile(D, [wrong, lineOf(order)]))
      expect(await desk.ledger.order(order.orderNo)).toMatchObject({
        state: 'paid',
        channelTradeNo: `B${order.orderNo}`,
      })
      expect((await found(D)).map(([named]) => named)).toEqual(['amountMismatch', 'duplicate'])
    })

    it('is left alone on its own day, and closed at the bank when the next file does not hold it either', async () => {
      const order = await desk.open()
      done(await desk.reconcile(D, []))
      expect(await desk.ledger.order(order.orderNo)).toMatchObject({ state: 'paying' })
      const next = done(await desk.reconcile(NEXT, []))
      expect(next.reconciliation.result).toMatchObject({ closed: 1, unanswered: 0 })
      expect(desk.channel.calls.filter(({ orderNo }) => orderNo).map(({ verb }) => verb)).toEqual(['query', 'close'])
      expect(await desk.ledger.order(order.orderNo)).toMatchObject({ state: 'closed', closeReason: 'order-closed' })
      expect((await desk.channel.pay(order)).outcome).toEqual({ kind: 'declined', code: 'order-closed' })
    })

    it('is not closed when the bank says that it has booked it: then its line is awaited', async () => {
      const order = await desk.open()
      await desk.channel.pay(order)
      done(await desk.reconcile(D, []))
      done(await desk.reconcile(NEXT, []))
      expect(await desk.ledger.order(order.orderNo)).toMatchObject({ state: 'paid' })
      expect(desk.channel.calls.filter(({ orderNo }) => orderNo).map(({ verb }) => verb)).toEqual(['pay', 'query'])
      expect(await found(NEXT)).toEqual([])
    })

    it('stays open and is counted when the bank does not answer', async () => {
      const order = await desk.open()
      done(await desk.reconcile(D, []))
      desk.channel.next('query', { kind: 'lose-request' })
      desk.channel.next('close', { kind: 'lose-reply' })
      const next = done(await desk.reconcile(NEXT, []))
      expect(next.reconciliation.result).toMatchObject({ closed: 0, unanswered: 1 })
      expect(await desk.ledger.order(order.orderNo)).toMatchObject({ state: 'paying' })
    })
  })
})
