import type { Answer } from '../../../harness/ask'
import { inLedger } from '../../../harness/in-ledger'
import { eventually, startTestSystem, type TestSystem } from '../../../harness/system'
import { dearestDeck } from '../../../server/domain/deck'
import { countOf } from '../../../server/domain/deck-seal'
import * as street from '../../../server/sandbox/food-street'

const CODES = ['M0001', 'M0002', 'M0003', 'M0004', 'M0005']
const RULE = street.campaign(0).rule
/** Thirty discounts of the case's usual size. */
const BUDGET_FEN = 30 * 800
const PAYERS = 500

/** On a slow machine five hundred wait longer for the ledger than one payer should, and are told so: their page tries again. */
const asAPage = <T>(ask: () => Promise<Answer<T>>) =>
  eventually(async () => {
    const answer = await ask()
    return answer.status === 503 ? undefined : answer
  })

/** Five merchants with decks of twenty, and a budget for thirty discounts in all; a deck is counted at its dearest. */
describe('500 payers at once where the budget is nearly used up', () => {
  let system: TestSystem
  beforeAll(async () => {
    // A slow machine is no bank or Redis in trouble: this is about who gets what, not about deadlines.
    const patient = { BANK_TIMEOUT_MS: '60000', REDIS_TIMEOUT_MS: '30000' }
    system = await startTestSystem({ ...patient, DEAL_AHEAD: 'off' })
    // A BFF knows its campaigns for some seconds; on the embedded ledger it is down meanwhile anyway.
    if (system.database) await system.killBff()
    await inLedger(system, async (sql) => {
      await sql.db.updateTable('campaigns').set({ budget_fen: BUDGET_FEN }).execute()
      await sql.db.deleteFrom('campaign_merchants').where('merchant_code', 'not in', CODES).execute()
    })
    if (system.database) await system.startBff()
  })
  afterAll(() => system.stop())

  it('never spends more than it, lets everybody pay, and records which merchants went short and why', async () => {
    const payers = await Promise.all(Array.from({ length: PAYERS }, (_, i) => system.payer(`poor-${i}`)))
    const orders = await Promise.all(
      payers.map(async (payer, i) => {
        const once = async (attempt: number) => {
          const quote = await asAPage(() => payer.quote(1_000 + i, CODES[i % CODES.length]))
          return asAPage(() => payer.pay(quote.body.quoteId, `poor-${i}-pays-once-${attempt}`))
        }
        const codeOf = ({ body }: { body: object }) => (body as { code?: string }).code
        let order = await once(0)
        // in so long a line a price may end before its turn; a page asks for another
        for (let attempt = 1; codeOf(order) === 'quote-expired'; attempt++) order = await once(attempt)
        expect([order.status, codeOf(order)]).toEqual([200, undefined])
        return order.body.state === 'paying' ? payer.ended(order.body.orderNo) : order.body
      }),
    )
    expect(orders.map((order) => order.state)).toEqual(orders.map(() => 'paid'))
    const discounted = orders.filter((order) => order.discountFen > 0)
    const spentFen = discounted.reduce((sum, order) => sum + order.discountFen, 0)
    expect(spentFen).toBeLessThanOrEqual(BUDGET_FEN)
    for (const order of orders)
      if (order.discountFen === 0) expect(['all-held', 'sold-out', 'budget-exhausted']).toContain(order.reason)
    const reasons = new Set(orders.map((order) => (order.reason === 'all-held' ? 'sold-out' : order.reason)))
    expect(reasons).toEqual(new Set([null, 'sold-out', 'budget-exhausted']))

    const offers = await Promise.all(
      CODES.map(async (code) => (await system.call('GET', `/api/merchants/${code}`)).body),
    )
    const books = await inLedger(system, async (sql) => ({
      decks: await sql.db.selectFrom('decks').select(['merchant_code', 'sealed']).execute(),
      shortages: await sql.db.selectFrom('deck_shortages').selectAll().execute(),
      campaign: await sql.db.selectFrom('campaigns').select('committed_fen').executeTakeFirstOrThrow(),
    }))
    const dealt = books.decks.map(({ merchant_code: code, sealed }) => [code, countOf(sealed!)] as const)
    const dearestFen = dealt.reduce((sum, [, slots]) => sum + dearestDeck({ ...RULE, slots }), 0)
    expect(books.campaign.committed_fen).toBe(dearestFen)
    // What is left pays for no other card of the band.
    expect(BUDGET_FEN - dearestFen).toBeLessThan(RULE.bandMaxFen)
    expect(discounted).toHaveLength(dealt.reduce((sum, [, slots]) => sum + slots, 0))
    const sizes = CODES.map((code) => new Map(dealt).get(code) ?? 0)
    expect(offers).toMatchObject(
      sizes.map((slots) => ({
        offer: { slotsToday: slots, remainingToday: 0, reason: slots > 0 ? 'sold-out' : 'budget-exhausted' },
      })),
    )
    const short = CODES.flatMap((code, i) => (sizes[i]! < 20 ? [[code, 20, sizes[i], 'campaign-budget']] : []))
    expect(short.length).toBeGreaterThanOrEqual(3)
    const noted = books.shortages.map((one) => [one.merchant_code, one.wanted_slots, one.dealt_slots, one.reason])
    expect(noted.sort()).toEqual(short)
  })
})
