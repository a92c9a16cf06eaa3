import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import { CHANNELS } from '../../../server/domain/channel'
import { sumsOf } from '../../../server/domain/settlement'
import { resolveDifference } from '../../../server/flow/reconcile/resolve'
import { D, type Desk, done, lineOf, NEXT, phantom, startDesk } from '../../support/reconcile'

describe.each(oneSqlEngine())('an operator decides on a difference, on $name', ({ start }) => {
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
  const only = async (date = D) => (await desk.differences(date))[0]!.differenceId
  const ofOrder = (orderNo: string) =>
    desk.rows('select correction_id, account, amount_fen from postings where order_no = $1 order by posting_id', [
      orderNo,
    ])

  it('accepts: the proposal is appended in entries that each sum to zero, and our books are the bank’s (红冲)', async () => {
    const order = await desk.paid()
    await desk.reconcile(D, [{ ...lineOf(order), payerFen: -9_400, merchantFen: 10_400, glAccount: '6421-99' }])
    const id = await only()
    await desk.propose(id)
    expect(await desk.resolve(id, 'accept', 'the bank is right')).toMatchObject({
      kind: 'resolved',
      difference: { state: 'accepted', resolvedBy: 'checker', note: 'the bank is right' },
    })
    const { payer } = order.accounts
    expect(await ofOrder(order.orderNo)).toEqual(
      [
        [null, payer, -9_500],
        [null, '6421-03', -1_000],
        [null, 'acct-M0001', 10_500],
        [`${id}/1`, payer, 9_500],
        [`${id}/1`, '6421-03', 1_000],
        [`${id}/1`, 'acct-M0001', -10_500],
        [`${id}/2`, payer, -9_400],
        [`${id}/2`, '6421-99', -1_000],
        [`${id}/2`, 'acct-M0001', 10_400],
      ].map(([correction_id, account, amount_fen]) => ({ correction_id, account, amount_fen })),
    )
  })

  it('accepts a booking of no order of ours: its entry names none', async () => {
    await desk.reconcile(D, [phantom])
    await desk.accept(await only())
    expect(await desk.balance('acct-PHANTOM')).toBe(1_234)
    expect(await desk.balance('suspense-payer')).toBe(-1_234)
  })

  it('accepts a success for a closed order: it is booked, and a refund of all of it is due for the sweeper', async () => {
    const order = await desk.closed()
    await desk.reconcile(D, [lineOf(order)])
    await desk.accept(await only())
    expect(await desk.balance('acct-M0001')).toBe(10_500)
    const [due] = await desk.refunds.claimDueRefunds(CHANNELS, desk.clock.now(), 10)
    expect(due).toMatchObject({
      order: { orderNo: order.orderNo, state: 'closed' },
      refund: { state: 'refunding', shares: { payerFen: 9_500, glFen: 1_000, merchantFen: 10_500 } },
    })
    const events = await desk.rows('select refund_no, kind from refund_events')
    expect(events).toEqual([{ refund_no: due!.refund.refundNo, kind: 'opened' }])
    const booked = await desk.endRefund(due!.refund, order)
    expect(await desk.balance('acct-M0001')).toBe(0)
    done(await desk.reconcile(NEXT, [lineOf(order, booked)]))
    expect(await found(NEXT)).toEqual([])
  })

  it('rejects with a note: the books stay', async () => {
    const order = await desk.paid()
    await desk.reconcile(D, [lineOf(order), lineOf(order)])
    expect(await desk.resolve(await only(), 'reject', ' ')).toEqual({ kind: 'refused', code: 'note-missing' })
    expect(await desk.resolve(await only(), 'reject', 'the bank reverses it')).toMatchObject({
      difference: { state: 'rejected' },
    })
    expect(await ofOrder(order.orderNo)).toHaveLength(3)
  })

  it('decides once, and of two at once one decides', async () => {
    await desk.reconcile(D, [phantom])
    const id = await only()
    await desk.propose(id)
    const results = await Promise.all([desk.resolve(id, 'accept'), desk.resolve(id, 'reject')])
    expect(results.map((one) => one.kind).sort()).toEqual(['refused', 'resolved'])
    expect(results).toContainEqual(expect.objectContaining({ kind: 'refused', code: 'already-resolved' }))
    expect(await desk.resolve('D20261120-L99', 'accept')).toEqual({ kind: 'refused', code: 'difference-not-found' })
  })

  describe('when a payer’s money goes back', () => {
    it('one proposes and another accepts: nobody alone, and not before', async () => {
      const order = await desk.paid()
      await desk.reconcile(D, [lineOf(order), lineOf(order)])
      const id = await only()
      expect(await desk.resolve(id, 'accept')).toEqual({ kind: 'refused', code: 'not-proposed' })
      expect(await desk.propose(id, 'checker')).toMatchObject({
        kind: 'proposed',
        difference: { state: 'open', proposedBy: 'checker' },
      })
      expect(await desk.resolve(id, 'accept')).toEqual({ kind: 'refused', code: 'own-proposal' })
      expect(desk.refused).toMatchObject([
        {
          username: 'checker',
          action: 'difference.refuse',
          subject: `difference/${id}`,
          after: { code: 'own-proposal' },
        },
      ])
      expect(await desk.propose(id, 'maker')).toMatchObject({ kind: 'refused', code: 'already-proposed' })
      expect(await desk.rows('select 1 from refunds')).toEqual([])
      expect(await ofOrder(order.orderNo)).toHaveLength(3)
      expect(await desk.resolve(id, 'accept', '', 'another')).toMatchObject({
        kind: 'resolved',
        difference: { state: 'accepted', proposedBy: 'checker', resolvedBy: 'another' },
      })
      expect(await desk.propose(id, 'maker')).toMatchObject({ kind: 'refused', code: 'already-resolved' })
    })

    it('the database holds it too, whoever asks it', async () => {
      const order = await desk.paid()
      await desk.reconcile(D, [lineOf(order), lineOf(order)])
      const id = await only()
      const at = desk.clock.at
      const deed = { at, username: 'checker', action: 'difference.accept' as const, subject: '' }
      const accept = () =>
        desk.reconciliations.resolve({
          differenceId: id,
          decision: 'accepted',
          operator: 'checker',
          note: '',
          now: at,
          revision: 1,
          refundNo: 'R1',
          businessDate: D,
          deed,
        })
      expect(await accept()).toEqual({ kind: 'not-proposed' })
      await desk.propose(id, 'checker')
      expect(await accept()).toEqual({ kind: 'own-proposal' })
      expect(await desk.rows('select 1 from postings where correction_id is not null')).toEqual([])
    })

    it('whoever proposed it may still reject it, for stopping takes one', async () => {
      const order = await desk.paid()
      await desk.reconcile(D, [lineOf(order), lineOf(order)])
      await desk.propose(await only(), 'checker')
      expect(await desk.resolve(await only(), 'reject')).toMatchObject({ kind: 'resolved' })
      expect(await desk.rows('select 1 from refunds')).toEqual([])
    })

    it('what gives none back takes two as well: it changes the books all the same', async () => {
      await desk.reconcile(D, [phantom])
      const id = await only()
      expect(await desk.resolve(id, 'accept')).toEqual({ kind: 'refused', code: 'not-proposed' })
      expect(await desk.propose('D20261120-L99')).toEqual({ kind: 'refused', code: 'difference-not-found' })
      await desk.propose(id, 'checker')
      expect(await desk.resolve(id, 'accept')).toEqual({ kind: 'refused', code: 'own-proposal' })
      expect(await desk.rows('select 1 from postings')).toEqual([])
      expect(await desk.resolve(id, 'accept', '', 'another')).toMatchObject({ kind: 'resolved' })
    })

    it('is decided as it was seen: what somebody else did meanwhile is looked at first', async () => {
      await desk.reconcile(D, [phantom])
      const id = await only()
      const decide = (decision: 'accept' | 'reject', revision: number) =>
        resolveDifference(desk.deps, id, decision, { operator: 'checker', revision, note: 'seen' })
      await desk.propose(id)
      for (const decision of ['accept', 'reject'] as const)
        expect(await decide(decision, 1)).toEqual({ kind: 'refused', code: 'revision-changed' })
      expect(await decide('accept', 2)).toMatchObject({ kind: 'resolved', difference: { revision: 3 } })
    })

    it('a second debit is booked and given back: the order stays paid, and can still be refunded itself', async () => {
      const order = await desk.paid()
      await desk.reconcile(D, [lineOf(order), { ...lineOf(order), channelTradeNo: 'B-twice' }])
      await desk.accept(await only())
      expect(await desk.balance('acct-M0001')).toBe(21_000)
      const [due] = await desk.refunds.claimDueRefunds(CHANNELS, desk.clock.now(), 10)
      const shares = { payerFen: 9_500, glFen: 1_000, merchantFen: 10_500 }
      expect(due).toMatchObject({ order: { state: 'paid' }, refund: { shares } })
      await desk.endRefund(due!.refund, order)
      expect(await desk.balance('acct-M0001')).toBe(10_500)
      expect(await desk.balance(order.accounts.payer)).toBe(-9_500)
      // What the payer and the merchant see of the order is the order, and nothing of what was beside it.
      expect(await desk.refunds.refundedOf([order.orderNo])).toEqual(new Map())
      expect(await desk.refunds.refundsOf(order.orderNo, 10)).toEqual([])
      const own = await desk.refunded(order)
      expect(own.shares.payerFen).toBe(4_750)
      const summary = sumsOf(await desk.ledger.merchantSettlements('M0001', D))
      expect(summary).toMatchObject({ refundCount: 1, receivedFen: 10_500 - 5_250 })
      done(await desk.reconcile(NEXT, [lineOf(order, due!.refund), lineOf(order, own)]))
      expect(await found(NEXT)).toEqual([])
    })

    it('a payer debited too much gets back what was too much', async () => {
      const order = await desk.paid()
      await desk.reconcile(D, [{ ...lineOf(order), payerFen: -9_600, merchantFen: 10_600 }])
      await desk.accept(await only())
      const [due] = await desk.refunds.claimDueRefunds(CHANNELS, desk.clock.now(), 10)
      expect(due!.refund.shares).toEqual({ payerFen: 100, glFen: 0, merchantFen: 100 })
      await desk.endRefund(due!.refund, order)
      expect(await desk.balance(order.accounts.payer)).toBe(-9_500)
      expect(await desk.balance('acct-M0001')).toBe(10_500)
    })
  })

  describe('when it is open here and booked otherwise there', () => {
    const wrong = { payerFen: -9_600, merchantFen: 10_600 }

    it('accepting ends it as booked, corrects what was booked, and gives back what was too much', async () => {
      const order = await desk.open()
      await desk.reconcile(D, [{ ...lineOf(order), ...wrong }])
      const id = await only()
      await desk.propose(id)
      expect(await desk.ledger.order(order.orderNo)).toMatchObject({ state: 'paying' })
      await desk.resolve(id, 'accept')
      expect(await desk.ledger.order(order.orderNo)).toMatchObject({ state: 'paid' })
      expect(await desk.balance(order.accounts.payer)).toBe(-9_600)
      const [due] = await desk.refunds.claimDueRefunds(CHANNELS, desk.clock.now(), 10)
      expect(due!.refund.shares).toEqual({ payerFen: 100, glFen: 0, merchantFen: 100 })
    })

    it('an accept that died in the middle is made whole by the next', async () => {
      const order = await desk.open()
      await desk.reconcile(D, [{ ...lineOf(order), payerFen: -9_400, merchantFen: 10_400 }])
      const id = await only()
      await desk.propose(id)
      const dies = { ...desk.reconciliations, resolve: () => Promise.reject(new Error('it died')) }
      const dying = resolveDifference({ ...desk.deps, reconciliations: dies }, id, 'accept', {
        operator: 'checker',
        revision: 2,
        note: '',
      })
      await expect(dying).rejects.toThrow('it died')
      expect(await desk.ledger.order(order.orderNo)).toMatchObject({ state: 'paid' })
      expect(await desk.resolve(id, 'accept')).toMatchObject({ kind: 'resolved' })
      expect(await desk.balance(order.accounts.payer)).toBe(-9_400)
    })

    it('accepting is refused when it has ended otherwise since, and when the money went to somebody else', async () => {
      const [order, other] = [await desk.open(), await desk.open()]
      await desk.reconcile(D, [
        { ...lineOf(order), payerFen: -9_400, merchantFen: 10_400 },
        { ...lineOf(other), merchantAccount: 'somebody' },
      ])
      const [first, second] = (await desk.differences(D)).map((one) => one.differenceId)
      const closed = { state: 'closed' as const, closeReason: 'order-closed', endedAt: desk.clock.at }
      await desk.ledger.endOrder(order, closed, null)
      await desk.propose(first!)
      expect(await desk.propose(second!)).toEqual({ kind: 'refused', code: 'not-acceptable' })
      expect(await desk.resolve(first!, 'accept')).toEqual({ kind: 'refused', code: 'ended-otherwise' })
      expect(await desk.resolve(second!, 'accept')).toEqual({ kind: 'refused', code: 'not-acceptable' })
      expect(await desk.rows('select 1 from postings')).toEqual([])
      expect(await desk.resolve(second!, 'reject')).toMatchObject({ kind: 'resolved' })
      expect(await desk.ledger.order(other.orderNo)).toMatchObject({ state: 'paying' })
    })
  })
})
