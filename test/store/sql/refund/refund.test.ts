import { CompiledQuery } from 'kysely'
import { sqlEngines, type TestSql } from '../../../../harness/sql'
import { refundPostings } from '../../../../server/domain/refund'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { sqlRefunds } from '../../../../server/store/sql/refund/refund-ledger'
import { fakeLedger } from '../../../support/fake-ledger'
import { NOON } from '../payment/ledger-orders'
import { asked, back, paidOrder, REFUNDED, refundContract, refunding } from './refund-contract'

for (const { name, start } of sqlEngines())
  refundContract(name, async () => {
    const engine = await start()
    const sql = await engine.fresh()
    return { ledger: sqlLedger(sql), refunds: sqlRefunds(sql), close: engine.stop }
  })

refundContract('the fake', async () => {
  const ledger = fakeLedger()
  return { ledger, refunds: ledger, close: async () => {} }
})

describe.each(sqlEngines())('the database with refunds, $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  beforeAll(async () => {
    engine = await start()
    sql = await engine.fresh()
  })
  afterAll(() => engine?.stop())

  const run = async (text: string, values: unknown[] = []) =>
    (await sql.db.executeQuery(CompiledQuery.raw(text, values))).rows
  const post = (orderNo: string, refundNo: string | null, ...amountsFen: number[]) =>
    run(
      `insert into postings (order_no, refund_no, account, role, amount_fen, posted_at)
       select $1, $2, 'acc', 'payer', fen, 0 from unnest($3::bigint[]) as fen`,
      [orderNo, refundNo, amountsFen],
    )

  it('refuses postings of a refund that do not sum to zero by themselves, whoever writes them (I4)', async () => {
    const order = await paidOrder(sqlLedger(sql))
    const [one, other] = [await refunding(sqlRefunds(sql), order, 1), await refunding(sqlRefunds(sql), order, 1)]
    await expect(post(order.orderNo, one.refundNo, 5, -4)).rejects.toThrow(`refund ${one.refundNo} sum to 1 fen`)
    const both = `
      insert into postings (order_no, refund_no, account, role, amount_fen, posted_at) values
        ($1, $2, 'acc', 'payer', 5, 0), ($1, $3, 'acc', 'merchant', -5, 0)`
    // The order would be in balance, and neither refund is.
    await expect(run(both, [order.orderNo, one.refundNo, other.refundNo])).rejects.toThrow(/sum to -?5 fen/)
    await expect(post(order.orderNo, null, 5)).rejects.toThrow(`order ${order.orderNo} sum to 5 fen`)
    await expect(post(order.orderNo, 'R-none', 5, -5)).rejects.toThrow(/foreign key/)
    await post(order.orderNo, one.refundNo, 5, -5)
  })

  it('keeps the postings, the replies and one outbox row of a refund', async () => {
    const refunds = sqlRefunds(sql)
    const order = await paidOrder(sqlLedger(sql))
    const refund = await refunding(refunds, order, 5_000)
    const unknown = { verb: 'refund', outcome: { kind: 'unknown', code: 'timeout' }, raw: 'a \u0000 b' } as const
    await refunds.noteRefundReply(refund.refundNo, unknown, null, NOON + 1)
    await refunds.endRefund(refund, back(order, refund, NOON + 2), REFUNDED)
    await refunds.noteRefundReply(refund.refundNo, unknown, 'other-refund-no', NOON + 3)
    const postings = await run(
      `select account, role, amount_fen as "amountFen" from postings where refund_no = $1 order by posting_id`,
      [refund.refundNo],
    )
    expect(postings).toEqual(refundPostings(order, refund.shares))
    const events = await run(
      'select kind, verb, raw, conflict, at from refund_events where refund_no = $1 order by event_id',
      [refund.refundNo],
    )
    expect(events).toEqual([
      { kind: 'opened', verb: null, raw: null, conflict: null, at: NOON },
      { kind: 'noted', verb: 'refund', raw: 'a \u0000 b', conflict: null, at: NOON + 1 },
      { kind: 'refunded', verb: 'refund', raw: REFUNDED.raw, conflict: null, at: NOON + 2 },
      { kind: 'noted', verb: 'refund', raw: 'a \u0000 b', conflict: 'other-refund-no', at: NOON + 3 },
    ])
    // One for the payment, one for the refund.
    expect(await run('select 1 from outbox where order_no = $1', [order.orderNo])).toHaveLength(2)
    for (const change of ['update refund_events set at = 0', 'delete from refund_events', 'truncate refund_events'])
      await expect(run(change)).rejects.toThrow(/append-only/)
  })

  it('refuses a refund whose shares do not add up, and one that ended in no way', async () => {
    const order = await paidOrder(sqlLedger(sql))
    const { refundNo } = await refunding(sqlRefunds(sql), order, 5_000)
    for (const wrong of ['merchant_fen = merchant_fen - 1', 'gl_fen = -1', "state = 'refunded'", 'payer_fen = 0'])
      await expect(run(`update refunds set ${wrong} where refund_no = $1`, [refundNo])).rejects.toThrow(/constraint/)
  })

  it('opens refunds of one order while others of it end, without a deadlock and without giving back more', async () => {
    const refunds = sqlRefunds(sql)
    const order = await paidOrder(sqlLedger(sql))
    const work = async () => {
      const result = await refunds.openRefund(asked(order, 300))
      if (result.kind !== 'opened') return result.kind
      return refunds.endRefund(result.refund, back(order, result.refund), REFUNDED)
    }
    const results = await Promise.all(Array.from({ length: 40 }, work))
    expect(results.filter((one) => one === 'ended')).toHaveLength(31)
    const sums = (await refunds.refundedOf([order.orderNo])).get(order.orderNo)
    expect(sums).toEqual({ payerFen: 9_300, merchantFen: 9_300 + 978, glFen: 978 })
    // What is under way counts as given back, and what failed doesn't.
    await refunding(refunds, order, 100)
    const failed = { state: 'failed' as const, failReason: 'account-frozen', endedAt: NOON }
    await refunds.endRefund(await refunding(refunds, order, 50), failed, REFUNDED)
    expect(await refunds.standingOf(order.orderNo)).toMatchObject({ count: 32, payerFen: 9_400 })
    const untouched = await paidOrder(sqlLedger(sql))
    expect(await refunds.standingOf(untouched.orderNo)).toEqual({ count: 0, payerFen: 0, merchantFen: 0, glFen: 0 })
    const total = await run('select sum(amount_fen)::int as fen from postings where order_no = $1', [order.orderNo])
    expect(total).toEqual([{ fen: 0 }])
  })
})
