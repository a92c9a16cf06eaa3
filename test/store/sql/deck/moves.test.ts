import { CompiledQuery } from 'kysely'
import { sqlEngines, type TestSql } from '../../../../harness/sql'
import { closeDecks } from '../../../../server/flow/deck/close-decks'
import { dealDay } from '../../../../server/flow/deck/deal-day'
import { pay } from '../../../../server/flow/payment/pay'
import { quote } from '../../../../server/flow/payment/quote'
import type { AuditView, Merchant } from '../../../../server/flow/ports'
import { refund } from '../../../../server/flow/refund/refund'
import { cachedCatalog } from '../../../../server/store/catalog-cache'
import { sqlAgreements } from '../../../../server/store/sql/agreement/agreements'
import { sqlAudit } from '../../../../server/store/sql/audit/audit'
import { sqlDecks } from '../../../../server/store/sql/deck/decks'
import { sqlCatalog } from '../../../../server/store/sql/merchant/catalog'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { sqlRefunds } from '../../../../server/store/sql/refund/refund-ledger'
import { seedFoodStreet } from '../../../../server/store/sql/seed'
import { CAMPAIGN, MERCHANT, startFlow } from '../../../support/flow'
import { sweepAll, sweepAllRefunds } from '../../../support/sweep'
import { KEYS } from '../audit/books'

const DAYS = ['2026-11-21', '2026-11-22', '2026-11-23']
const BRANCHES = ['B01', 'B02'] as const
const GL = { B01: '6421-03', B02: '6421-07' }
/** A deck costs some 4,000 fen: enough for a few of the nine, and never the same ones. */
const BUDGETS = { B01: 13_000, B02: 9_000 }
const CODES = ['M1', 'M2', 'M3']

describe.each(sqlEngines())(
  'merchants that are moved back and forth while everything goes on, on $name',
  ({ start }) => {
    let engine: TestSql
    beforeAll(async () => {
      engine = await start()
    })
    afterAll(() => engine?.stop())

    it.each([1, 2, 3])(
      'overspend neither branch, and the books of each come to what it bore: turn %i',
      async (seed) => {
        const street = await startStreet(await engine.fresh(), seed)
        for (const date of DAYS) {
          await street.day(date)
          await street.holds()
        }
        expect(street.did).toMatchObject({ moves: expect.any(Number), pays: expect.any(Number) })
        for (const count of Object.values(street.did)) expect(count).toBeGreaterThan(0)
      },
    )
  },
)

async function startStreet(sql: Sql, seed: number) {
  const flow = startFlow()
  const { clock } = flow
  const random = lcg(seed)
  const one = <T>(of: readonly T[]) => of[Math.floor(random() * of.length)]!
  const merchants: Merchant[] = CODES.map((merchantCode, i) => {
    const branchCode = BRANCHES[i % 2]!
    return { ...MERCHANT, merchantCode, account: `acct-${merchantCode}`, branchCode, glAccount: GL[branchCode] }
  })
  await seedFoodStreet(sql, { merchants, campaigns: [{ ...CAMPAIGN, budgetFen: 20_000 }] })
  for (const [branch_code, budget_fen] of Object.entries(BUDGETS))
    await sql.db.insertInto('branch_budgets').values({ campaign_id: 'street', branch_code, budget_fen }).execute()
  const deps = {
    ...flow.deps,
    ledger: sqlLedger(sql),
    decks: sqlDecks(sql),
    refunds: sqlRefunds(sql),
    agreements: sqlAgreements(sql),
    catalog: cachedCatalog(sqlCatalog(sql), clock),
  }
  const run = async (text: string) => (await sql.db.executeQuery<Record<string, number>>(CompiledQuery.raw(text))).rows
  const did = { moves: 0, pays: 0, cards: 0, refunds: 0, unknown: 0 }
  let made = 0

  const move = async () => {
    await run(`update merchants set branch_code = '${one(BRANCHES)}' where merchant_code = '${one(CODES)}'`)
    did.moves++
  }
  const buy = async () => {
    const payerId = `payer-${++made}`
    const input = { payerId, merchantCode: one(CODES), amountFen: one([900, 2_000, 5_000]), channel: 'bank' as const }
    const quoted = await quote(deps, input)
    if (quoted.kind !== 'quoted') throw new Error(quoted.kind)
    if (random() < 0.3) await move()
    if (random() < 0.2) flow.channel.next('pay', { kind: 'lose-reply' })
    const idempotencyKey = `key-${made}-0000`
    const paid = await pay(deps, { payerId, quoteId: flow.sealed(quoted.quote), idempotencyKey })
    if (paid.kind !== 'order') throw new Error(paid.code)
    did.pays++
    if (paid.order.card) did.cards++
    if (paid.order.state === 'paying') did.unknown++
  }
  const giveBack = async () => {
    const [order] = await sql.db
      .selectFrom('orders')
      .select(['order_no', 'merchant_code', 'payable_fen'])
      .where('state', '=', 'paid')
      .orderBy('order_no', one(['asc', 'desc']))
      .limit(1)
      .execute()
    if (!order) return
    const payerFen = Math.ceil(order.payable_fen / 5)
    const of = { merchantCode: order.merchant_code, role: 'owner' as const, orderNo: order.order_no }
    const result = await refund(deps, { ...of, payerFen, idempotencyKey: `back-${++made}` })
    if (result.kind === 'refund') did.refunds++
  }

  return {
    did,
    async day(date: string): Promise<void> {
      clock.at = Date.parse(`${date}T09:00:00+08:00`)
      const deal = () => dealDay(deps, date)
      for (let round = 0; round < 8; round++) {
        clock.at += 20_000
        await Promise.all([move(), one([deal, move])(), buy(), buy(), buy(), one([giveBack, buy])()])
      }
      clock.at = Date.parse(`${date}T23:59:00+08:00`)
      await sweepAll(deps)
      await sweepAllRefunds(deps)
      clock.at += 2 * 3_600_000
      await sweepAll(deps)
      while ((await closeDecks(deps)) === 'more');
    },
    async holds(): Promise<void> {
      const purses = await run(`
        select b.budget_fen - b.committed_fen as left_fen, b.committed_fen - (
          select coalesce(sum(d.exposure_fen), 0) from decks d where d.branch_code = b.branch_code)::bigint as astray_fen
        from branch_budgets b`)
      expect(purses).toHaveLength(2)
      for (const { left_fen, astray_fen } of purses) {
        expect(left_fen).toBeGreaterThanOrEqual(0)
        expect(astray_fen).toBe(0)
      }
      for (const branch of BRANCHES) {
        const [bore] = await run(`
          select
            (select coalesce(sum(discount_fen), 0) from orders where state = 'paid' and branch_code = '${branch}')::bigint as given,
            (select coalesce(sum(gl_fen), 0) from refunds where state = 'refunded' and branch_code = '${branch}')::bigint as back,
            (select coalesce(sum(discount_fen - returned_fen), 0) from day_totals where branch_code = '${branch}')::bigint as told,
            (select coalesce(-sum(amount_fen), 0) from postings where account = '${GL[branch]}')::bigint as posted`)
        expect(bore!.posted).toBe(bore!.given! - bore!.back!)
        expect(bore!.told).toBe(bore!.posted)
        expect(flow.channel.balance(GL[branch])).toBe(0 - bore!.posted!)
        // What was refunded went back to the budget, and may be given again.
        expect(bore!.posted).toBeLessThanOrEqual(BUDGETS[branch])
      }
      const found = await sqlAudit(sql, KEYS).look(async (view: AuditView) => {
        const faults: unknown[] = []
        for (const code of ['branch-wrong', 'day-total-wrong', 'slot-used-twice', 'payer-day-wrong'] as const)
          for await (const rows of view.crossCheck(code)) faults.push(...rows)
        return faults
      })
      expect(found).toEqual([])
    },
  }
}

/** The same numbers on every run, from 0 to 1. */
function lcg(seed: number): () => number {
  let state = seed * 2_654_435_761
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
