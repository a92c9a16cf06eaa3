import { randomBytes } from 'node:crypto'
import { startTestBank, type TestBank } from '../../../harness/bank'
import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import { type StatementAdmin, statementAdmin, TEST_ADMIN_TOKEN } from '../../../harness/statements'
import { TODAY } from '../../../harness/today'
import { bankChannel } from '../../../server/channel/bank'
import { addDays } from '../../../server/domain/business-date'
import { newOrderNo, type Order } from '../../../server/domain/order'
import { finalize } from '../../../server/flow/payment/finalize'
import type { Channel } from '../../../server/flow/ports'
import { statementsOf } from '../../../server/flow/reconcile/source'
import { sweepRefunds } from '../../../server/flow/refund/sweep'
import type { DifferenceView, JudgedChange, ReconciliationView, TodoList } from '../../../server/http/contract'
import { orderOf, somebody } from '../../channel/channel-contract'
import { type Office, startOffice } from '../../support/office'

const HOUR_MS = 3_600_000
const SILENT = ['pay', 'query', 'close', 'refund', 'query-refund'] as const

/** The operators' desk over HTTP, on real books, with the sandbox bank as a process of its own: until nobody is short. */
describe.each(oneSqlEngine())('nobody is left short, on $name', ({ start }) => {
  let engine: TestSql
  let bank: TestBank
  let days: StatementAdmin
  let channel: ReturnType<typeof bankChannel>
  let office: Office
  /** the bank's open day; each test begins with a new one */
  let day = addDays(TODAY, -1)
  beforeAll(async () => {
    engine = await start()
    bank = await startTestBank()
    days = statementAdmin(bank.baseUrl, TEST_ADMIN_TOKEN)
    channel = bankChannel({ ...bank.config, clock: { now: Date.now }, random: randomBytes })
  })
  beforeEach(async () => {
    office = await startOffice(await engine.fresh())
    const channels = new Map<'bank', Channel>([['bank', channel]])
    Object.assign(office.deps, { channels, statements: statementsOf(channels) })
    await nextDay()
  })
  afterEach(async () => {
    await days.faults()
    await bank.admin.clearFaults()
    await office?.stop()
  })
  afterAll(async () => {
    await channel?.stop()
    await bank?.stop()
    await engine?.stop()
  })

  const at = (date: string, time: string) => {
    office.clock.at = Date.parse(`${date}T${time}+08:00`)
  }
  async function nextDay(): Promise<void> {
    await days.cut(day)
    day = addDays(day, 1)
    at(day, '12:00:00')
  }
  const run = async (date: string): Promise<ReconciliationView> => {
    const { status, body } = await office.as('maker').post(`/admin/reconciliations/${date}`)
    expect([date, status]).toEqual([date, 200])
    return body
  }
  /** The day is over, and its statement held against the books. */
  const close = async (): Promise<ReconciliationView> => {
    const over = day
    await nextDay()
    at(day, '02:00:00')
    return run(over)
  }
  const read = async (date: string) =>
    (await office.as('auditor').get<ReconciliationView>(`/admin/reconciliations/${date}`)).body
  const differences = async (date: string) =>
    (await office.as('auditor').get(`/admin/reconciliations/${date}/differences`)).body.items as DifferenceView[]
  const difference = async (id: string) =>
    (await office.as('auditor').get<DifferenceView>(`/admin/differences/${id}`)).body
  const todo = async () => (await office.as('auditor').get<TodoList>('/admin/todo')).body
  const nexts = async () => (await todo()).items.map(({ kind, id, next }) => [kind, id, next])

  /** An order that is stored and not sent. */
  async function opened(): Promise<Order> {
    const made = await orderOf(channel, somebody(), { discountFen: 0 })
    const order = { ...made, orderNo: newOrderNo(day, randomBytes(12)), businessDate: day, createdAt: office.clock.at }
    const opening = { order, idempotency: { key: order.orderNo, inputHash: '' }, dailyLimitFen: 1e9, request: {} }
    const { kind } = await office.deps.ledger.openOrder({ ...opening, firstQueryAt: office.clock.at * 2 })
    expect(kind).toBe('opened')
    return order
  }
  const pay = async (order: Order) => finalize(office.deps, order, await channel.pay(order))
  const paid = async () => {
    const order = await pay(await opened())
    expect(order.state).toBe('paid')
    return order
  }
  const stateOf = async ({ orderNo }: Order) => (await office.deps.ledger.order(orderNo))!
  const sweep = () => sweepRefunds({ ...office.deps, clock: { now: () => office.clock.at } }, ['bank'])

  const twoAccept = async (id: string) => {
    await office.as('maker').decide(`/admin/differences/${id}/propose`)
    expect(await office.as('checker').decide(`/admin/differences/${id}/accept`, {})).toMatchObject({ status: 200 })
  }
  const asked = async (path: string, body: object, by = 'maker'): Promise<string> => {
    const { status, body: said } = await office.as(by).post(path, { note: '已向银行核实', ...body })
    expect([path, status]).toEqual([path, 202])
    return said.change.changeId
  }
  const judge = (changeId: string, verdict: string, by: string, revision = 1) =>
    office
      .as(by)
      .post<JudgedChange & { code?: string }>(`/admin/changes/${changeId}/${verdict}`, undefined, { ifMatch: revision })
  const approved = async (changeId: string) => {
    expect(await judge(changeId, 'approve', 'checker')).toMatchObject({
      status: 200,
      body: { change: { state: 'applied' } },
    })
  }

  it('what the bank never answers is ended by two people, once no statement holds it, and its days may be signed then', async () => {
    const refundedOf = await paid()
    const { refund } = await silentRefund(refundedOf)
    const order = await opened()
    await bank.admin.faults({ mode: 'error-before', on: [...SILENT] })
    expect((await pay(order)).state).toBe('paying')
    const first = day
    expect(await close()).toMatchObject({ settled: false, stillOpen: { count: 2, fen: 10_000 + 5_000 } })
    const end = (what: string, number: string, by = 'maker') =>
      office.as(by).post(`/admin/${what}/${number}/end`, { note: '银行查无此笔' })
    expect(await end('orders', order.orderNo)).toMatchObject({ status: 409, body: { code: 'statement-awaited' } })
    const second = day
    expect(await close()).toMatchObject({ settled: false })
    expect(await nexts()).toEqual([
      ['order', order.orderNo, 'end'],
      ['refund', refund.refundNo, 'end'],
    ])
    expect((await todo()).totals).toEqual({ count: 2, fen: 15_000 })

    expect(await end('orders', order.orderNo, 'viewer')).toMatchObject({ status: 403 })
    expect(await end('orders', 'F-unknown')).toMatchObject({ status: 404 })
    office.staff.push({ username: 'both', name: 'both', roles: ['maker', 'checker'], branchCode: null })
    const changeId = await asked(`/admin/orders/${order.orderNo}/end`, {}, 'both')
    expect(await nexts()).toContainEqual(['order', order.orderNo, 'review'])
    expect(await end('orders', order.orderNo)).toMatchObject({ status: 409, body: { code: 'change-open' } })
    expect(await judge(changeId, 'approve', 'both')).toMatchObject({ status: 403, body: { code: 'own-change' } })
    expect(await judge(changeId, 'approve', 'maker')).toMatchObject({ status: 403, body: { code: 'role-refused' } })
    expect((await stateOf(order)).state).toBe('paying')
    await approved(changeId)
    expect(await judge(changeId, 'approve', 'checker2', 3)).toMatchObject({ status: 409 })
    expect(await stateOf(order)).toMatchObject({ state: 'closed', closeReason: 'not-booked' })
    expect(await end('orders', order.orderNo)).toMatchObject({ status: 409, body: { code: 'already-ended' } })
    await approved(await asked(`/admin/refunds/${refund.refundNo}/end`, {}))
    expect(await office.deps.refunds.refund(refund.refundNo)).toMatchObject({
      state: 'failed',
      failReason: 'not-booked',
    })
    expect((await todo()).items).toEqual([])
    expect([await read(first), await read(second)]).toMatchObject([{ settled: true }, { settled: true }])
    expect(await office.chain()).toMatchObject({ breaks: [] })
  })

  async function silentRefund(order: Order) {
    const opened = await office.deps.refunds.openRefund({
      refundNo: `R${newOrderNo(day, randomBytes(12)).slice(1)}`,
      orderNo: order.orderNo,
      merchantCode: order.merchantCode,
      payerFen: 5_000,
      reason: null,
      businessDate: day,
      createdAt: office.clock.at,
      idempotency: { key: `refund ${order.orderNo}`, inputHash: '' },
      firstQueryAt: () => office.clock.at,
    })
    if (opened.kind !== 'opened') throw new Error(opened.kind)
    return opened
  }

  it('a payment that the bank did book wins over the decision, however late it says so, and nobody loses', async () => {
    const order = await opened()
    await bank.admin.faults({ mode: 'error-after', on: [...SILENT] })
    await days.faults({ mode: 'leave-out', orderNo: order.orderNo })
    expect((await pay(order)).state).toBe('paying')
    await close()
    await close()
    const changeId = await asked(`/admin/orders/${order.orderNo}/end`, {})
    // It can be asked again: before anything is ended, it is.
    await bank.admin.clearFaults()
    expect(await judge(changeId, 'approve', 'checker')).toMatchObject({
      status: 200,
      body: { change: { state: 'overtaken', reason: 'already-ended' } },
    })
    expect(await stateOf(order)).toMatchObject({ state: 'paid', closeReason: null })
  })

  it('a booking of a closed order goes back, though its refund fails first: the day is settled when the money is', async () => {
    const order = await opened()
    await bank.admin.faults({ mode: 'pending', pendingQueries: 1_000, on: ['pay'] })
    expect((await pay(order)).state).toBe('paying')
    await bank.admin.clearFaults()
    expect(await finalize(office.deps, order, await channel.close(order))).toMatchObject({ state: 'closed' })
    await bank.admin.setBalance({ account: order.accounts.payer, kind: 'payer', balanceFen: 1_000_000 })
    await bank.admin.bookAnyway(order.orderNo)
    const date = day
    expect(await close()).toMatchObject({ settled: false, says: { waiting: { count: 1, fen: 10_000 } } })
    const [{ differenceId: id }] = (await differences(date)) as [DifferenceView]
    expect(await difference(id)).toMatchObject({ class: 'stateMismatch', detail: 'booked-after-end', next: 'propose' })
    await twoAccept(id)
    expect(await difference(id)).toMatchObject({ state: 'accepted', next: 'refunding', owedFen: 10_000 })
    expect(await read(date)).toMatchObject({ settled: false, openCount: 0, waitingCount: 1 })

    await bank.admin.faults({ mode: 'decline', code: 'insufficient-merchant-funds', on: ['refund'] })
    await sweep()
    const failed = await difference(id)
    expect(failed).toMatchObject({
      next: 'retry',
      refund: { state: 'failed', failReason: 'insufficient-merchant-funds' },
    })
    expect(await read(date)).toMatchObject({ settled: false, waitingCount: 1 })
    office.clock.at += 25 * HOUR_MS
    expect(await todo()).toMatchObject({ items: [{ kind: 'difference', id, next: 'retry', fen: 10_000 }], more: false })

    await bank.admin.clearFaults()
    const changeId = await asked(`/admin/differences/${id}/refund`, {})
    expect(await judge(changeId, 'approve', 'maker')).toMatchObject({ status: 403 })
    expect(await difference(id)).toEqual(failed)
    await approved(changeId)
    expect(await office.as('maker').post(`/admin/differences/${id}/refund`, { note: '再退' })).toMatchObject({
      status: 422,
      body: { code: 'nothing-changes' },
    })
    await sweep()
    const back = await difference(id)
    expect(back).toMatchObject({ next: 'settled', refund: { state: 'refunded' } })
    expect(back.refund!.refundNo).not.toBe(failed.refund!.refundNo)
    expect(await bank.admin.balance(order.accounts.payer)).toBe(1_000_000)
    expect(await read(date)).toMatchObject({ settled: true })
    expect((await todo()).items).toEqual([])
    expect((await stateOf(order)).state).toBe('closed')
  })

  it('whom nobody knows is found by the tail of their account, and paid from a GL account by a voucher that two saw', async () => {
    await paid()
    await days.faults({ mode: 'phantom' })
    const date = day
    await close()
    const [{ differenceId: id }] = (await differences(date)) as [DifferenceView]
    expect(await difference(id)).toMatchObject({ class: 'long', bank: { payerTail: '4321' } })
    await twoAccept(id)
    expect(await difference(id)).toMatchObject({ next: 'pay', owedFen: 1_234, refund: null })
    expect(await read(date)).toMatchObject({ settled: false, waitingCount: 1 })
    const path = `/admin/differences/${id}/pay`
    const wish = { glAccount: '6421-03', voucherNo: 'PZ-20261121-7' }
    for (const [wrong, status, field] of [
      [{ ...wish, glAccount: '9999' }, 404, 'glAccount'],
      [{ ...wish, voucherNo: '=1' }, 400, 'voucherNo'],
      [{ glAccount: '6421-03' }, 400, 'voucherNo'],
    ] as const)
      expect(await office.as('maker').post(path, { note: '已付', ...wrong })).toMatchObject({ status, body: { field } })
    expect(await office.as('maker').post(`/admin/differences/${id}/refund`, { note: '再退' })).toMatchObject({
      status: 422,
      body: { code: 'nothing-changes' },
    })
    const changeId = await asked(path, wish, 'checker')
    expect(await judge(changeId, 'approve', 'checker')).toMatchObject({ status: 403, body: { code: 'own-change' } })
    expect(await read(date)).toMatchObject({ settled: false })
    expect(await judge(changeId, 'approve', 'checker2')).toMatchObject({ status: 200 })
    expect(await difference(id)).toMatchObject({
      next: 'settled',
      payment: { ...wish, by: 'checker', reviewedBy: 'checker2' },
    })
    expect(await balanceOf('suspense-payer')).toBe(0)
    expect(await read(date)).toMatchObject({ settled: true })
    expect(await office.as('maker').post(path, { note: '已付', ...wish })).toMatchObject({
      status: 409,
      body: { code: 'already-ended' },
    })
    const report = await office.as('auditor').get(`/admin/reconciliations/${date}/report.md`)
    expect(report.body).toContain('已由 6421-03 垫付（凭证 PZ-20261121-7）')
  })

  const balanceOf = async (account: string) => {
    const postings = await office.sql.db
      .selectFrom('postings')
      .select('amount_fen')
      .where('account', '=', account)
      .execute()
    return postings.reduce((sum, posting) => sum + posting.amount_fen, 0)
  }

  it('noon’s payments that an empty statement leaves out are short at once, and carried are those of the last minutes alone', async () => {
    for (let i = 0; i < 3; i++) await paid()
    at(day, '23:55:00')
    const late = await paid()
    await days.faults({ mode: 'empty' })
    const date = day
    expect(await close()).toMatchObject({
      lines: 0,
      proven: true,
      settled: false,
      says: {
        matched: { count: 0, fen: 0 },
        carried: { count: 1, fen: 10_000 },
        waiting: { count: 0, fen: 0 },
        short: { count: 3, fen: 30_000 },
      },
    })
    const [listed] = (await office.as('auditor').get(`/admin/reconciliations?to=${date}&days=1`)).body.items
    expect(listed).toMatchObject({ state: 'differences', says: { short: { count: 3, fen: 30_000 } } })
    expect((await differences(date)).map((one) => one.orderNo)).not.toContain(late.orderNo)
    const next = day
    expect(await close()).toMatchObject({ says: { short: { count: 1, fen: 10_000 } } })
    expect((await differences(next)).map((one) => one.orderNo)).toEqual([late.orderNo])
  })
})
