import fc from 'fast-check'
import { sqlEngines, type TestSql } from '../../../../harness/sql'
import { addTotals, NO_TOTALS } from '../../../../server/domain/match'
import type { Order } from '../../../../server/domain/order'
import type { OwnCursor } from '../../../../server/flow/ports'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { D, type Desk, dayOf, lineOf, NEXT, startDesk } from '../../../support/reconcile'

/** Whatever is absent is short: after all days here. */
const LATER = Date.parse('2027-01-01')

/** What becomes of an order, here and in the bank's file. */
const FATES = {
  right: null,
  twice: 'duplicate',
  gone: 'short',
  amount: 'amountMismatch',
  gl: 'glMismatch',
  phantom: 'long',
  closed: 'stateMismatch',
  paying: null,
  'paying-and-gone': null,
  refunded: null,
  'refund-gone': 'short',
} as const
type Fate = keyof typeof FATES

describe.each(sqlEngines())('the books of reconciliation on $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  let desk: Desk
  const fresh = async () => {
    sql = await engine.fresh()
    desk = startDesk(sql)
    await desk.live()
  }
  beforeAll(async () => {
    engine = await start()
    await fresh()
  })
  afterAll(() => engine?.stop())

  /** The lines that the bank's file has of an order with this fate. */
  async function suffer(fate: Fate) {
    const order = await (fate === 'closed' ? desk.closed() : fate.startsWith('paying') ? desk.open() : desk.paid())
    const line = lineOf(order)
    const lines = {
      right: () => [line],
      twice: () => [line, line],
      gone: () => [],
      amount: () => [{ ...line, payerFen: line.payerFen - 1, merchantFen: line.merchantFen + 1 }],
      gl: () => [{ ...line, glAccount: '6421-99' }],
      phantom: () => [line, { ...line, orderNo: `PHANTOM-${order.orderNo}` }],
      closed: () => [line],
      paying: () => [line],
      'paying-and-gone': () => [],
      refunded: async () => [line, lineOf(order, await desk.refunded(order))],
      'refund-gone': async () => {
        await desk.refunded(order)
        return [line]
      },
    }
    return { order, lines: await lines[fate]() }
  }

  it('finds whatever the bank did to its statement, names it rightly, and nothing else', async () => {
    const fates = fc.array(fc.constantFrom(...(Object.keys(FATES) as Fate[])), { minLength: 1, maxLength: 25 })
    await fc.assert(
      fc.asyncProperty(fates, fc.infiniteStream(fc.nat()), async (chosen, shuffle) => {
        await fresh()
        const suffered: Awaited<ReturnType<typeof suffer>>[] = []
        for (const fate of chosen) suffered.push(await suffer(fate))
        const lines = suffered
          .flatMap((one) => one.lines)
          .map((line) => ({ line, at: shuffle.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ line }) => line)
        const results = [await desk.reconcile(D, lines), await desk.reconcile(NEXT, [])]
        for (const result of results)
          expect(result).toMatchObject({ kind: 'reconciled', reconciliation: { result: { proven: true } } })
        const all = [...(await desk.differences(D)), ...(await desk.differences(NEXT))]
        const expected = chosen.flatMap((fate, i) => {
          const orderNo = suffered[i]!.order.orderNo
          const named = FATES[fate]
          return named ? [`${named} ${fate === 'phantom' ? `PHANTOM-${orderNo}` : orderNo}`] : []
        })
        expect(all.map((one) => `${one.class} ${one.orderNo}`).sort()).toEqual(expected.sort())
        for (const [i, fate] of chosen.entries()) {
          const { state } = (await desk.ledger.order(suffered[i]!.order.orderNo))!
          expect(state).toBe(fate === 'closed' || fate === 'paying-and-gone' ? 'closed' : 'paid')
        }
      }),
      { numRuns: 6 },
    )
  })

  describe('read in pieces', () => {
    let orders: Order[]
    beforeAll(async () => {
      await fresh()
      orders = []
      for (let i = 0; i < 7; i++) orders.push(await desk.paid())
      const lines = orders.slice(1).map((order, i) => ({ ...lineOf(order), lineNo: i + 1 }))
      await desk.reconciliations.stage(await desk.hold(D, lines), lines)
      await desk.reconciliations.stage(await desk.hold(NEXT, [], 0), [{ ...lineOf(orders[0]!), lineNo: 9 }])
    })

    it('a statement is matched the same in one stretch and in many', async () => {
      const whole = await desk.reconciliations.matchLines(dayOf(D), 1, 6)
      let [bank, balanced, ownToday] = [NO_TOTALS, NO_TOTALS, NO_TOTALS]
      for (let from = 1; from <= 6; from += 2) {
        const part = await desk.reconciliations.matchLines(dayOf(D), from, from + 1)
        bank = addTotals(bank, part.bank)
        balanced = addTotals(balanced, part.balanced)
        ownToday = addTotals(ownToday, part.ownToday)
      }
      expect(whole).toEqual({ bank, balanced, ownToday, ownOtherDays: NO_TOTALS, misfits: [] })
      expect(bank.clearing.count).toBe(6)
      expect(await desk.reconciliations.staged(dayOf(D), 6)).toEqual(bank)
    })

    it('our bookings come each once, also within one millisecond', async () => {
      const seen: OwnCursor[] = []
      const absent: string[] = []
      let booked = NO_TOTALS
      let after: OwnCursor | undefined
      do {
        const input = { day: dayOf(D), kind: 'clearing' as const, ownDate: D, after, limit: 3, shortBefore: LATER }
        const page = await desk.reconciliations.ownPage(input)
        booked = addTotals(booked, page.booked)
        absent.push(...page.shortEntries.map((own) => own.orderNo))
        after = page.next
        if (after) seen.push(after)
      } while (after)
      expect(booked.clearing.count).toBe(7)
      expect(absent).toEqual([orders[0]!.orderNo])
      // As many as a page has were looked through for the last one, so a page is asked for that finds none.
      expect(seen).toHaveLength(3)
    })

    it('orders and refunds of another channel are for another statement to prove', async () => {
      const elsewhere = await desk.paid(D, 'payer-9', 'wechatpay')
      await desk.refunded(elsewhere)
      await desk.open(D, 'payer-9', 'wechatpay')
      const page = { day: dayOf(D), ownDate: D, after: undefined, limit: 100, shortBefore: LATER }
      const own = await desk.reconciliations.ownPage({ ...page, kind: 'clearing' })
      expect(own.booked.clearing.count).toBe(7)
      expect(own.shortEntries.map(({ orderNo }) => orderNo)).toEqual([orders[0]!.orderNo])
      const refunded = await desk.reconciliations.ownPage({ ...page, kind: 'refund' })
      expect(refunded.booked.refund.count).toBe(0)
      expect(await desk.reconciliations.absentPaying(dayOf(D), Date.parse(`${NEXT}T00:00:00+08:00`), '', 100)).toEqual(
        [],
      )
    })

    it('open orders with a line come each once', async () => {
      const open: Order[] = []
      for (let i = 0; i < 3; i++) open.push(await desk.open(NEXT))
      await desk.reconciliations.stage(
        await desk.hold(NEXT, [], 0),
        open.map((order, i) => ({ ...lineOf(order), lineNo: i + 1 })),
      )
      const numbers: string[] = []
      for (let after = ''; ; after = numbers.at(-1)!) {
        const page = await desk.reconciliations.openMatches('clearing', dayOf(NEXT), after, 2)
        numbers.push(...page.map((match) => match.number))
        if (page.length < 2) break
      }
      expect(numbers).toEqual(open.map((order) => order.orderNo).sort())
    })

    it('differences come in the order they were found', async () => {
      const lines = [3, 1, 2].map((n) => ({ ...lineOf(orders[0]!), orderNo: `PHANTOM-${n}` }))
      await fresh()
      await desk.reconcile(D, lines)
      const first = await desk.reconciliations.differences(dayOf(D), undefined, 2)
      const second = await desk.reconciliations.differences(dayOf(D), first.at(-1)!.differenceId, 2)
      expect([...first, ...second].map((one) => one.orderNo)).toEqual(['PHANTOM-3', 'PHANTOM-1', 'PHANTOM-2'])
    })
  })

  it('counts our bookings of a day from its first to its last millisecond, and no other', async () => {
    await fresh()
    const midnight = Date.parse(`${D}T00:00:00+08:00`)
    const ends = [midnight - 1, midnight, midnight + 86_400_000 - 1, midnight + 86_400_000]
    for (const at of ends) {
      const order = await desk.open()
      const ending = { state: 'paid' as const, channelTradeNo: 'B', verification: null, postings: [], endedAt: at }
      await desk.ledger.endOrder(order, ending, null)
    }
    const input = {
      day: dayOf(D),
      kind: 'clearing' as const,
      ownDate: D,
      after: undefined,
      limit: 10,
      shortBefore: LATER,
    }
    expect((await desk.reconciliations.ownPage(input)).booked.clearing.count).toBe(2)
  })

  it('keeps a line that is staged twice once', async () => {
    await fresh()
    const line = { ...lineOf(await desk.paid()), lineNo: 1 }
    const hold = await desk.hold(D, [line])
    await desk.reconciliations.stage(hold, [line])
    await desk.reconciliations.stage(hold, [line, { ...line, lineNo: 2 }])
    expect(await desk.reconciliations.staged(dayOf(D), 2)).toMatchObject({ clearing: { count: 2 } })
  })

  it('refuses an entry of a correction that does not balance, whoever writes it (I4)', async () => {
    await fresh()
    const post = (id: string, ...amountsFen: number[]) =>
      desk.rows(
        `insert into postings (correction_id, account, role, amount_fen, posted_at)
         select $1, 'acc', 'payer', fen, 0 from unnest($2::bigint[]) as fen`,
        [id, amountsFen],
      )
    await expect(post('c/1', -5, 4)).rejects.toThrow(/sum to -1 fen/)
    await post('c/1', -5, 5)
    await expect(post('c/1', 1)).rejects.toThrow(/sum to 1 fen/)
    await expect(
      desk.rows(`insert into postings (account, role, amount_fen, posted_at) values ('a', 'gl', 1, 0)`),
    ).rejects.toThrow(/postings_of/)
  })

  it('takes a decision back when the database refuses its entries', async () => {
    await fresh()
    const order = await desk.paid()
    await desk.reconcile(D, [])
    const hold = await desk.hold(D, [])
    const own = { ...lineOf(order), state: 'booked' as const, payerAccount: 'p', glAccount: 'g', channelTradeNo: null }
    await desk.reconciliations.addDifferences(hold, [
      {
        differenceId: 'D-bent',
        channel: 'bank',
        statementDate: D,
        class: 'short',
        detail: 'not-in-statement',
        kind: 'clearing',
        orderNo: order.orderNo,
        refundNo: null,
        own,
        line: null,
        proposal: {
          entries: [{ what: 'reversal', postings: [{ account: 'a', role: 'gl', amountFen: 1 }] }],
          refund: null,
        },
        state: 'open',
        foundAt: 0,
        resolvedAt: null,
        resolvedBy: null,
        note: null,
        proposedBy: null,
        proposedAt: null,
        mendedBy: null,
        mendedAt: null,
        owedFen: 0,
        refund: null,
        returnedBy: null,
        payment: null,
        revision: 1,
      },
    ])
    await desk.propose('D-bent')
    await expect(desk.resolve('D-bent', 'accept')).rejects.toThrow(/sum to 1 fen/)
    expect(await desk.reconciliations.difference('D-bent')).toMatchObject({ state: 'open' })
  })
})
