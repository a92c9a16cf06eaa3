import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import type { ChannelName } from '../../../server/domain/channel'
import { lookForNews } from '../../../server/flow/notification/look'
import type { StatementSource } from '../../../server/flow/ports'
import type { NotificationList } from '../../../server/http/contract'
import { type Office, startOffice } from '../../support/office'

/** It is noon of 2026-11-21; the campaign runs until the 30th at M0001 (branch B01) and M0002 (B02). */
describe.each(oneSqlEngine())('what the books show and nobody does, on $name', ({ start }) => {
  let engine: TestSql
  let office: Office
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    office = await startOffice(await engine.fresh())
  })
  afterEach(() => office?.stop())
  afterAll(() => engine?.stop())

  const look = () => lookForNews(office.deps)
  const titles = async (by: string) =>
    (await office.as(by).get<NotificationList>('/admin/notifications')).body.items.map(({ title, text }) => [
      title,
      text,
    ])
  const street = (change: object) =>
    office.sql.db.updateTable('campaigns').set(change).where('campaign_id', '=', 'street').execute()
  /** A whole day's deck was used up: ¥16 a day. */
  const spend = async () => {
    // before any statement is late
    office.clock.at = Date.parse('2026-11-21T06:00:00+08:00')
    await office.deck('2026-11-20', 'M0001', [800, 800])
    for (const slot of [0, 1]) await office.order({ date: '2026-11-20', discountFen: 800, slot })
  }
  const LOW = ['预算快用完：活动「美食街扫码立减」', '按近 7 天还够 2 天，活动到 2026-11-30 结束']

  it('is a budget that ends before its campaign, told once to who plans and who reviews, and anew when it was changed', async () => {
    await spend()
    // ¥16 in a week; ¥6 are left
    await street({ budget_fen: 2_200, committed_fen: 0 })
    await look()
    await look()
    for (const by of ['maker', 'checker']) expect(await titles(by)).toEqual([LOW])
    for (const by of ['viewer', 'auditor', 'south']) expect(await titles(by)).toEqual([])
    await street({ budget_fen: 2_220 })
    await look()
    expect(await titles('maker')).toHaveLength(2)
  })

  it.each<[string, object]>([
    ['lasts', { budget_fen: 1_000_000, committed_fen: 0 }],
    ['ends with its campaign', { budget_fen: 2_200, committed_fen: 0, end_date: '2026-11-22' }],
    ['belongs to a campaign that is over', { budget_fen: 2_200, committed_fen: 0, end_date: '2026-11-20' }],
  ])('is nothing of a budget that %s', async (_, change) => {
    await spend()
    await street(change)
    await look()
    expect(await titles('maker')).toEqual([])
  })

  it('is a branch’s own campaign for the branch, too, and for no other', async () => {
    await spend()
    await street({ budget_fen: 2_200, committed_fen: 0, branch_code: 'B01' })
    await look()
    expect(await titles('south')).toEqual([LOW])
    expect(await titles('north')).toEqual([])
  })

  it('is a day whose statement doesn’t come, once it is late, and for those who reconcile', async () => {
    await office.order({ date: '2026-11-20' })
    office.clock.at = Date.parse('2026-11-21T06:59:59+08:00')
    await look()
    expect(await titles('maker')).toEqual([])
    office.clock.at = Date.parse('2026-11-21T07:00:00+08:00')
    await look()
    await look()
    for (const by of ['maker', 'checker'])
      expect(await titles(by)).toEqual([['本行账户 2026-11-20 还没有对账', '对账单没有来，后面的日子都在等它']])
    for (const by of ['south', 'viewer', 'auditor']) expect(await titles(by)).toEqual([])
  })

  it('is a day that closed with differences', async () => {
    const order = await office.order({ date: '2026-11-20' })
    office.statements.set('2026-11-20', [])
    const { status } = await office.as('maker').post('/admin/reconciliations/2026-11-20')
    expect(status).toBe(200)
    await look()
    expect(order.state).toBe('paid')
    expect(await titles('checker')).toEqual([['本行账户 2026-11-20 对账有差错', '1 条没有了结']])
  })

  it('is an older day that closed with differences, once: its statement came late, or by hand after a holiday', async () => {
    await office.order({ date: '2026-11-18' })
    office.statements.set('2026-11-18', [])
    await look()
    const closed = async () => (await titles('checker')).filter(([title]) => title!.endsWith('对账有差错'))
    expect(await closed()).toEqual([])
    expect(await office.as('maker').post('/admin/reconciliations/2026-11-18')).toMatchObject({ status: 200 })
    await look()
    await look()
    expect(await closed()).toEqual([['本行账户 2026-11-18 对账有差错', '1 条没有了结']])
  })

  it('is a day whose statement is late by a clock that asks for it in the evening, so that it is no longer yesterday', async () => {
    await office.order({ date: '2026-11-19' })
    const [[channel, source]] = [...office.deps.statements] as [[ChannelName, StatementSource]]
    const statements = new Map([[channel, { ...source, reconcileFromMs: 20 * 3_600_000 }]])
    const lookAt = async (time: string) => {
      office.clock.at = Date.parse(`2026-11-21T${time}+08:00`)
      await lookForNews({ ...office.deps, statements })
      return (await titles('maker')).map(([title]) => title)
    }
    expect(await lookAt('01:59:59')).toEqual([])
    expect(await lookAt('02:00:00')).toEqual(['本行账户 2026-11-19 还没有对账'])
  })

  it('is nothing on a clock that nobody trusts', async () => {
    await spend()
    await street({ budget_fen: 2_200, committed_fen: 0 })
    office.clock.doubtful = true
    await look()
    office.clock.doubtful = false
    expect(await titles('maker')).toEqual([])
  })
})
