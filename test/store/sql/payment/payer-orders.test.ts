import { CompiledQuery } from 'kysely'
import { postgresMissing, startTestPostgres, type TestSql } from '../../../../harness/sql'
import type { Sql, Statement } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { payerOrders } from '../../../../server/store/sql/payment/payer-orders'
import { NOON, newOrder, opening, paid, SUCCEEDED } from './ledger-orders'

interface PlanNode {
  'Rows Removed by Filter'?: number
  'Actual Rows': number
  'Index Name'?: string
  Plans?: PlanNode[]
}

const missing = postgresMissing()
if (missing) console.warn(`the plan of a payer's own orders: ${missing}`)
const describeOnPostgres = missing ? describe.skip : describe

describeOnPostgres('the orders to be seen before paying again, as PostgreSQL finds them', () => {
  let engine: TestSql
  let sql: Sql
  beforeAll(async () => {
    engine = await startTestPostgres()
    sql = await engine.fresh()
  })
  afterAll(() => engine?.stop())

  const run = async (text: string, values: readonly unknown[] = []) =>
    (await sql.db.executeQuery(CompiledQuery.raw(text, values as unknown[]))).rows

  it('cost the same with three years of the payer’s orders behind them', async () => {
    const ledger = sqlLedger(sql)
    const order = newOrder({ payerId: 'regular' })
    await ledger.openOrder(opening(order))
    await ledger.endOrder(order, paid(order), SUCCEEDED)
    const columns = (await run(`select column_name from information_schema.columns where table_name = 'orders'`))
      .map((row) => (row as { column_name: string }).column_name)
      .filter((name) => !['order_no', 'quote_nonce', 'created_at', 'ended_at'].includes(name))
    // One order in six hours, back from the one there is; every other one of somebody else.
    await run(
      `insert into orders (order_no, quote_nonce, created_at, ended_at, ${columns.join(', ')})
       select 'old-' || n, 'old-' || n, created_at - n * 21600000::bigint, ended_at - n * 21600000::bigint,
         ${columns.map((name) => (name === 'payer_id' ? `case n % 2 when 0 then 'regular' else 'p' || n end` : name)).join(', ')}
       from orders, generate_series(1, 8760) n`,
    )
    await run('analyze orders')
    const asked: { statement: Statement; values: readonly unknown[] }[] = []
    const watched: Sql = {
      ...sql,
      run<Row>(statement: Statement, values: readonly unknown[]) {
        asked.push({ statement, values })
        return sql.run<Row>(statement, values)
      },
    }
    const recent = { openedFrom: NOON - 3 * 86_400_000, paidFrom: NOON }
    const { items } = await payerOrders(watched, 'regular', { recent }, undefined, 20)
    expect(items.map((one) => one.orderNo)).toEqual([order.orderNo])

    const { statement, values } = asked[0]!
    const [explained] = (await run(`explain (analyze, format json) ${statement.text}`, values)) as {
      'QUERY PLAN': { Plan: PlanNode }[]
    }[]
    const nodes = flat(explained!['QUERY PLAN'][0]!.Plan)
    // of each partition; in one that has nothing each way is as good
    const readBy = (scan: PlanNode) => scan['Actual Rows'] + (scan['Rows Removed by Filter'] ?? 0)
    const scans = nodes.filter((node) => node['Index Name'] && readBy(node) > 0)
    for (const scan of scans) expect(scan['Index Name']).toMatch(/orders_of_payer$|payer_id_created_at/)
    expect(scans.length).toBeGreaterThan(0)
    // Three days hold one of the payer's every twelve hours; 4,380 older ones were not looked at.
    expect(scans.reduce((sum, scan) => sum + readBy(scan), 0)).toBeLessThan(12)
  })
})

function flat(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(flat)]
}
