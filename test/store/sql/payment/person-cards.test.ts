import { CompiledQuery } from 'kysely'
import { sqlEngines, type TestSql } from '../../../../harness/sql'
import { masterKeys } from '../../../../server/domain/key-ring'
import { forgetCards } from '../../../../server/flow/payment/forget-cards'
import { sqlAgreements } from '../../../../server/store/sql/agreement/agreements'
import { auditKeys, sqlAudit } from '../../../../server/store/sql/audit/audit'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { sqlPersonCards } from '../../../../server/store/sql/payment/person-cards'
import { seedFoodStreet } from '../../../../server/store/sql/seed'
import { closed, DATE, NOON, newCampaign, newOrder, opening, paid, SUCCEEDED, unique } from './ledger-orders'

const DAY_MS = 86_400_000
const KEYS = auditKeys(masterKeys(Buffer.alloc(32, 7)))

describe.each(sqlEngines())('the cards that people have had, on $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    sql = await engine.fresh()
  })
  afterAll(() => engine?.stop())

  const run = async (text: string) => (await sql.db.executeQuery<Record<string, string>>(CompiledQuery.raw(text))).rows
  const wrong = () =>
    sqlAudit(sql, KEYS).look(async (view) => {
      const found = []
      for await (const batch of view.crossCheck('person-cards-wrong')) found.push(...batch)
      return found.map(({ subject }) => subject)
    })
  const holders = async () => (await run('select holder from payer_cards order by 1')).map(({ holder }) => holder)

  let slots = 0
  const campaign = async (limit: number | null) => {
    const one = newCampaign({ maxPerPayerPerDay: limit, maxPerPayerPerCampaignDay: limit })
    await seedFoodStreet(sql, { merchants: [], campaigns: [one] })
    return one.campaignId
  }
  const signed = async (account: string) => {
    const [payerId, payerRef] = [unique('payer'), unique('agreement')]
    const terms = { accountTail: '6217', bankName: '某银行', kind: 'debit', small: null } as const
    await sqlAgreements(sql).keep(payerId, { agreementId: payerRef, account, ...terms }, NOON)
    return { payerId, payerRef, account }
  }
  const open = async (campaignId: string, wanted: Parameters<typeof newOrder>[0] = {}) => {
    const order = newOrder({ card: { campaignId, slot: slots++ }, ...wanted })
    expect(await sqlLedger(sql).openOrder(opening(order))).toEqual({ kind: 'opened' })
    return order
  }

  it('agree with the orders, under every identity of the person and without a limit too', async () => {
    const [two, unlimited] = [await campaign(2), await campaign(null)]
    const [one, other] = [await signed('account-1'), await signed('account-1')]
    const kept = await open(two, one)
    const ended = await open(two, other)
    await sqlLedger(sql).endOrder(kept, paid(kept), SUCCEEDED)
    await sqlLedger(sql).endOrder(ended, closed(), null)
    for (let nth = 0; nth < 4; nth++) await open(unlimited, one)
    expect(await wrong()).toEqual([])
    await run(`update payer_cards set cards = '{}' where holder = 'account account-1' and campaign_id = '${unlimited}'`)
    expect(await wrong()).toEqual([`cards of account account-1 in ${unlimited}/${DATE}`])
    await run(`delete from payer_cards where holder = 'account account-1' and campaign_id = '${two}'`)
    expect((await wrong()).length).toBe(2)
  })

  it('are forgotten a week later, by and by, and nothing that is written then is missed', async () => {
    const campaignId = await campaign(1)
    const [before, last] = ['2026-11-13', '2026-11-14']
    const [first, second] = [await open(campaignId, { deckDate: before }), await open(campaignId, { deckDate: before })]
    const week = await open(campaignId, { deckDate: last })
    const today = await open(campaignId)
    const personCards = sqlPersonCards(sql)
    expect(await personCards.forget(last, 1)).toBe(1)
    expect(await wrong()).toEqual([])
    const clock = { now: () => NOON, trusted: () => false }
    expect(await forgetCards({ personCards, clock })).toBe('done')
    expect((await holders()).length).toBe(3)
    clock.trusted = () => true
    expect(await forgetCards({ personCards, clock })).toBe('done')
    expect(await holders()).toEqual([`payer ${week.payerId}`, `payer ${today.payerId}`].sort())
    expect(await wrong()).toEqual([])
    await sqlLedger(sql).endOrder(first, closed(), null)
    await sqlLedger(sql).endOrder(second, paid(second), SUCCEEDED)
    expect(await wrong()).toEqual([])
    // a clock that was set back unknows nothing
    await forgetCards({ personCards, clock: { now: () => NOON - 30 * DAY_MS } })
    expect(await wrong()).toEqual([])
    await run(`delete from payer_cards where holder = 'payer ${week.payerId}'`)
    expect(await wrong()).toEqual([`cards of payer ${week.payerId} in ${campaignId}/${last}`])
  })

  it('say that there are more to forget when a turn was not enough', async () => {
    const personCards = { forget: async (_: string, limit: number) => limit }
    expect(await forgetCards({ personCards, clock: { now: () => NOON } })).toBe('more')
  })
})
