import { heard, type Plan, planned } from '../harness/plan'
import { addDays } from '../server/domain/business-date'
import type { Dates } from '../server/flow/ports'
import { campaignReport } from '../server/flow/report/report'
import { sqlCampaigns } from '../server/store/sql/campaign/book'
import { deedLog } from '../server/store/sql/deed/log'
import { sqlDesk } from '../server/store/sql/desk/desk'
import type { Sql } from '../server/store/sql/open-sql'
import { sqlOperators } from '../server/store/sql/operator/operators'
import { sqlReconciliations } from '../server/store/sql/reconcile/reconciliations'
import { median } from './rounds'

/** What each page of the console asks of a ledger, and what it takes. */

export const TRIES = 5
export const LIST_MS = 300
export const DAY_MS = 1_000

export interface Page {
  name: string
  run: () => Promise<unknown>
  mostMs?: number
}

/** Of whom there is something in the ledger that is asked. */
export interface Asked {
  today: string
  /** that is over, and is asked for by itself */
  day: string
  campaignId: string
  /** one that was over after a few days, where there is one */
  overId?: string
  merchantCode: string
  branchCode: string
  orderNo: string
}

const noKeys = { current: { id: 'k', key: Buffer.alloc(32) }, byId: () => undefined } as never
const limit = 51
const all = { branchCode: null }

export function pagesOf(sql: Sql, asked: Asked): Page[] {
  const { orders } = sqlDesk(sql, deedLog(noKeys))
  const { today, day, campaignId, overId, merchantCode: first, branchCode: branch, orderNo } = asked
  const order = (name: string, filter: object) => ({
    name: `orders, ${name}`,
    run: () => orders.orders({ branchCode: null, limit, ...filter }),
  })
  const refund = (name: string, filter: object) => ({
    name: `refunds, ${name}`,
    run: () => orders.refunds({ branchCode: null, limit, ...filter }),
  })
  return [
    order('newest', {}),
    order('a page far down', { after: { businessDate: addDays(today, -100), createdAt: 2 ** 50, number: '' } }),
    order('a day', { date: day }),
    order('discounted', { discounted: true }),
    order('paying', { state: 'paying' }),
    order('closed', { state: 'closed' }),
    order('closed, a day', { state: 'closed', date: day }),
    order('a merchant', { merchantCode: first }),
    order('a merchant’s day', { merchantCode: first, date: day }),
    order('a campaign', { campaignId }),
    ...(overId ? [order('a campaign long over', { campaignId: overId })] : []),
    order('a campaign’s day', { campaignId, date: day }),
    order('a campaign’s closed', { campaignId, state: 'closed' }),
    order('a branch', { branchCode: branch }),
    order('a branch’s day', { branchCode: branch, date: day }),
    order('a branch’s closed', { branchCode: branch, state: 'closed' }),
    ...(overId ? [order('a branch’s campaign over', { branchCode: branch, campaignId: overId })] : []),
    order('a branch without any', { branchCode: 'HB99' }),
    order('by number', { orderNo }),
    { name: 'an order', run: () => orders.order(orderNo, null) },
    refund('newest', {}),
    refund('a day', { date: day }),
    refund('a merchant', { merchantCode: first }),
    refund('a branch', { branchCode: branch }),
    refund('failed', { state: 'failed' }),
    ...otherPages(sql, asked),
  ]
}

function otherPages(sql: Sql, asked: Asked): Page[] {
  const deeds = deedLog(noKeys)
  const { merchantBook } = sqlDesk(sql, deeds)
  const campaigns = sqlCampaigns(sql, deeds)
  const operators = sqlOperators(sql, deeds)
  const books = sqlReconciliations(sql)
  const { today, day, campaignId, branchCode: branch } = asked
  const merchants = (name: string, only?: 'sold-out') => ({
    name: `a campaign’s day, ${name}`,
    run: () =>
      campaigns.merchants({
        campaignId,
        date: today,
        sight: all,
        q: undefined,
        only,
        cursor: undefined,
        limit,
      }),
  })
  return [
    { name: 'differences, unsettled', run: () => books.unsettled('bank', undefined, limit) },
    { name: 'differences of a day', run: () => books.differences({ channel: 'bank', date: day }, undefined, limit) },
    { name: 'reconciled days', run: () => books.days('bank', addDays(today, -30), today) },
    merchants('cards'),
    merchants('sold out', 'sold-out'),
    { name: 'a campaign’s day, figures', run: () => campaigns.day(campaignId, today, all) },
    { name: 'a campaign’s pace', run: () => campaigns.pace(campaignId, today, 7) },
    { name: 'deeds, newest', run: () => operators.deeds({ limit }) },
    { name: 'deeds of one', run: () => operators.deeds({ username: 'maker-7', limit }) },
    { name: 'deeds of a campaign', run: () => operators.deeds({ subject: 'campaign/history-7', limit }) },
    { name: 'campaigns', run: () => campaigns.list({ branchCode: null, today, limit } as never) },
    { name: 'campaigns of a branch', run: () => campaigns.list({ branchCode: branch, today, limit } as never) },
    ...merchantPages(sql, asked),
    { name: 'branches', run: () => merchantBook.branches(all) },
    ...(['day', 'branch', 'merchant', 'account'] as const).flatMap((by) => [
      report(sql, campaignId, `report of a day by ${by}`, by, { from: day, to: day }, DAY_MS),
      report(sql, campaignId, `report of all by ${by}`, by, undefined, Infinity),
    ]),
  ]
}

function merchantPages(sql: Sql, { today, merchantCode }: Asked): Page[] {
  const { merchantBook } = sqlDesk(sql, deedLog(noKeys))
  const none = { scope: null, branchCode: null, q: undefined, bound: undefined, disabled: undefined, date: today }
  const sorted = { sort: 'code', descending: false, after: undefined, limit } as const
  const page = (name: string, more: object) => ({
    name: `merchants, ${name}`,
    run: () => merchantBook.list({ ...none, ...sorted, ...more }),
  })
  return [
    page('by code', {}),
    page('searched', { q: '40 号' }),
    page('unbound', { bound: false }),
    page('by branch', { sort: 'branch' }),
    page('by users', { sort: 'users', descending: true }),
    page('by what was paid today', { sort: 'orders', descending: true }),
    { name: 'merchants, in all', run: () => merchantBook.totals(none) },
    {
      name: 'a merchant’s month',
      run: () => merchantBook.days(merchantCode, { from: addDays(today, -30), to: today }, null),
    },
  ]
}

function report(
  sql: Sql,
  campaignId: string,
  name: string,
  by: 'day' | 'branch' | 'merchant' | 'account',
  dates: Dates | undefined,
  mostMs: number,
): Page {
  const deps = {
    desk: sqlDesk(sql, deedLog(noKeys)),
    clock: { now: () => Date.now() },
    limits: { leaseTtlMs: 120_000 },
  }
  return { name, mostMs, run: () => campaignReport(deps, { campaignId, branchCode: null, by, ...dates }) }
}

export interface Measured {
  /** the slowest, and the one in the middle */
  ms: number
  middleMs: number
  plan: Plan
}

export async function measured(sql: Sql, { run }: Page): Promise<Measured> {
  const statements = await heard(run)
  const took: number[] = []
  for (let i = 0; i < TRIES; i++) {
    const from = performance.now()
    await run()
    took.push(performance.now() - from)
  }
  return { ms: Math.max(...took), middleMs: median(took), plan: await planned(sql.pool, statements) }
}
