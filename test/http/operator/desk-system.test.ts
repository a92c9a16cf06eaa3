import type { CallOptions } from '../../../harness/ask'
import { eventually, startTestSystem, type TestSystem } from '../../../harness/system'
import { TODAY } from '../../../harness/today'
import { addDays } from '../../../server/domain/business-date'
import type { BindingCode, ReconciliationList, Report } from '../../../server/http/contract'

/** The operators' desk of the product as it runs: log in, look up, reconcile, bind. What each does in detail has its own test. */
describe('the desk of a running system', () => {
  const yesterday = addDays(TODAY, -1)
  let system: TestSystem
  const tokens: Record<string, string> = {}
  beforeAll(async () => {
    system = await startTestSystem({ RECONCILE_AT: '00:00' }, { daysAgo: 1 })
    const first = await system.payer('payer-of-yesterday')
    await first.ended((await first.pay((await first.quote(10_000, 'M0002')).body.quoteId)).body.orderNo)
    await system.travel(0)
    for (const username of ['maker', 'auditor']) tokens[username] = (await system.operator(username)).token
  })
  afterAll(() => system?.stop())

  const as = async <T>(username: string, method: string, path: string, options: CallOptions = {}) => {
    const { status, body } = await system.call(method, path, { ...options, token: tokens[username]! })
    return { status, body: body as T & { code?: string } }
  }

  it('reconciles yesterday, its first day, by itself', async () => {
    const day = await eventually(async () => {
      const { body } = await as<ReconciliationList>('auditor', 'GET', '/admin/reconciliations?days=1')
      return body.items[0]?.state === 'balanced' ? body.items[0] : undefined
    })
    expect(day).toMatchObject({ date: yesterday, lines: 1, openCount: 0 })
    const again = await as('maker', 'POST', `/admin/reconciliations/${yesterday}`)
    expect(again).toMatchObject({ status: 200, body: { date: yesterday, proven: true } })
    const early = await as('maker', 'POST', `/admin/reconciliations/${addDays(yesterday, 1)}`)
    expect(early).toMatchObject({ status: 409, body: { code: 'reconciliation-refused' } })
  })

  it('shows the order a payer made, in the list and in the report, as its merchant sees it', async () => {
    const payer = await system.payer('payer-1')
    const { body: quote } = await payer.quote(10_000)
    const { body: order } = await payer.pay(quote.quoteId)
    await payer.ended(order.orderNo)
    const found = await as<{ items: unknown[] }>('auditor', 'GET', `/admin/orders?orderNo=${order.orderNo}`)
    expect(found.body.items).toMatchObject([{ state: 'paid', discountFen: quote.discountFen }])
    const day = `from=${addDays(yesterday, 1)}&to=${addDays(yesterday, 1)}`
    const report = await as<Report>('auditor', 'GET', `/admin/campaigns/food-street/report?by=merchant&${day}`)
    const summary = await (await system.merchant('M0001')).summary()
    const row = report.body.rows.find((one) => one.key === 'M0001')!
    expect([row.orderCount, row.merchantRewardFen]).toEqual([summary.orderCount, summary.rewardFen])
    expect({ total: row.slotsDealt, used: row.slotsDealt - row.slotsLeft }).toEqual(summary.slots)
  })

  it('binds a merchant’s user by the code it hands out', async () => {
    const body = { role: 'cashier' }
    const issued = await as<BindingCode>('maker', 'POST', '/admin/merchants/M0003/binding-codes', { body })
    const bound = await system.call('POST', '/api/merchant/binding', {
      body: { platform: 'weapp', code: 'somebody', bindingCode: issued.body.code },
    })
    expect(bound).toMatchObject({ status: 200, body: { merchant: { code: 'M0003' } } })
    const again = await system.call('POST', '/api/merchant/session', { body: { platform: 'weapp', code: 'somebody' } })
    expect(again).toMatchObject({ status: 200, body: { merchant: { code: 'M0003' } } })
  })
})
