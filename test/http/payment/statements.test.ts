import { sqlEngines, type TestSql } from '../../../harness/sql'
import type { Merchant } from '../../../server/flow/ports'
import { cachedCatalog } from '../../../server/store/catalog-cache'
import { sqlCatalog } from '../../../server/store/sql/merchant/catalog'
import type { Sql } from '../../../server/store/sql/open-sql'
import { CAMPAIGN, type Flow, MERCHANT } from '../../support/flow'
import { type House, startHouse } from '../../support/house'

/** What a paid order asks of the ledger, and that what it is made of is never old. */

const CODES = ['M0001', 'M0002', 'M0003']
const merchants: Merchant[] = CODES.map((merchantCode) => ({
  ...MERCHANT,
  merchantCode,
  account: `acct-${merchantCode}`,
}))
const street = { merchants, campaigns: [{ ...CAMPAIGN, rule: { ...CAMPAIGN.rule, slots: 60 } }] }
const PAYERS = 30

describe.each(sqlEngines())('the statements of a paid order, on $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  let house: House
  let tokens: string[]
  let asked: string[]
  beforeAll(async () => {
    engine = await start()
  })
  afterAll(() => engine?.stop())
  beforeEach(async () => {
    asked = []
    sql = await engine.fresh({ onDone: (_, name) => void asked.push(name) })
    house = await startHouse(sql, { street, staff: null, changed: remembering(sql) })
    tokens = await Promise.all(Array.from({ length: PAYERS }, (_, nth) => comes(`payer-${nth}`)))
    for (const code of CODES) await pay(tokens[0]!, code)
    asked = []
  })
  afterEach(() => house?.stop())

  const remembering =
    (on: Sql) =>
    ({ clock }: Flow) => ({ catalog: cachedCatalog(sqlCatalog(on), clock) })

  /** Logs in, and looks at their agreements, as a page does that is about to pay. */
  async function comes(name: string) {
    const token = await house.payer(name)
    expect((await house.call('GET', '/api/agreements', token)).status).toBe(200)
    return token
  }
  const quote = async (token: string, merchantCode: string, at = house) => {
    const body = { merchantCode, amountFen: 1_000, channel: 'bank' }
    const quoted = await at.call('POST', '/api/quotes', token, { body })
    expect(quoted).toMatchObject({ status: 200, body: { reason: null } })
    return quoted.body.quoteId as string
  }
  const order = (token: string, quoteId: string, at = house) =>
    at.call('POST', '/api/orders', token, { body: { quoteId } })
  async function pay(token: string, merchantCode: string) {
    const paid = await order(token, await quote(token, merchantCode))
    expect(paid).toMatchObject({ status: 200, body: { state: 'paid' } })
    expect(paid.body).toMatchObject({ merchantName: MERCHANT.name, accountTail: expect.stringMatching(/^\d{4}$/) })
    return paid.body
  }
  const tally = () =>
    Object.fromEntries([...new Set(asked)].sort().map((name) => [name, asked.filter((one) => one === name).length]))

  it('are two, and one a shop and second', async () => {
    for (const [nth, token] of tokens.entries()) await pay(token, CODES[nth % 3]!)
    expect(tally()).toEqual({ 'open-order': PAYERS, 'end-order': PAYERS })
    asked = []
    house.clock.at += 1_000
    for (const [nth, token] of tokens.entries()) await pay(token, CODES[nth % 3]!)
    expect(tally()).toEqual({ 'open-order': PAYERS, 'end-order': PAYERS, shop: 3, 'discounts-held': 1 })
  })

  it('are fewer where orders queue, and each is opened and ended once', async () => {
    const quotes = await Promise.all(tokens.map((token, nth) => quote(token, CODES[nth % 3]!)))
    asked = []
    // With every connection lent, all of them come before the first is opened.
    const lent = await Promise.all(Array.from({ length: sql.pool.options.max }, () => sql.pool.connect()))
    let arrived = 0
    const { openOrder } = house.deps.ledger
    house.deps.ledger.openOrder = (input) => {
      if (++arrived === PAYERS) for (const client of lent) client.release()
      return openOrder(input)
    }
    const orders = await Promise.all(quotes.map((quoteId, nth) => order(tokens[nth]!, quoteId)))
    expect(orders.map(({ body }) => body.state)).toEqual(Array(PAYERS).fill('paid'))
    expect(new Set(orders.map(({ body }) => body.orderNo)).size).toBe(PAYERS)
    const { 'open-order': opens, 'end-order': ends, ...others } = tally()
    expect(others).toEqual({})
    expect(opens).toBeLessThan(PAYERS)
    expect(ends).toBeLessThanOrEqual(PAYERS)
    const [kept] = (await sql.pool.query('select count(*)::int as events from order_events where kind = $1', ['paid']))
      .rows
    expect(kept).toEqual({ events: PAYERS + CODES.length })
  })

  it.each([
    ['left the house', 'update merchants set disabled_at = 1', { status: 404, body: { code: 'merchant-not-found' } }],
    [
      'was given another account',
      `update merchants set account = 'acct-new'`,
      { status: 200, body: { state: 'paid' } },
    ],
  ])(
    'are two more where the merchant %s since the quote, and nothing is paid by what was',
    async (_, change, answer) => {
      const quoteId = await quote(tokens[1]!, 'M0001')
      await sql.pool.query(`${change} where merchant_code = 'M0001'`)
      asked = []
      expect(await order(tokens[1]!, quoteId)).toMatchObject(answer)
      const account = await sql.pool.query(`select merchant_account from orders order by created_at, order_no`)
      expect(account.rows.filter((row) => row.merchant_account === 'acct-M0001')).toHaveLength(1)
      expect(asked.filter((name) => name === 'open-order')).toHaveLength(answer.status === 200 ? 2 : 1)
    },
  )

  it('look at what another process did: an agreement that was ended there pays nothing here', async () => {
    const { flow } = house
    const other = await startHouse(sql, {
      street,
      staff: null,
      changed: (its) => ({ ...remembering(sql)(its), slots: flow.slots, channels: house.deps.channels }),
    })
    flow.channel.easy = false
    const quoteId = await quote(tokens[2]!, 'M0002')
    const mine = (await other.call('GET', '/api/agreements', tokens[2]!)).body.items[0]
    expect((await other.call('DELETE', `/api/agreements/${mine.agreementId}`, tokens[2]!)).status).toBeLessThan(300)
    expect(await order(tokens[2]!, quoteId)).toMatchObject({ body: { code: 'agreement-not-found' } })
    // What both remember pays at both, and by one key once.
    const both = await quote(tokens[3]!, 'M0003')
    const headers = { 'Idempotency-Key': 'one-key-00000000' }
    const paid = await Promise.all(
      [house, other].map((one) => one.call('POST', '/api/orders', tokens[3]!, { body: { quoteId: both }, headers })),
    )
    expect(new Set(paid.map(({ body }) => body.orderNo)).size).toBe(1)
    await other.stop()
  })

  it('are what a brake allows: what was quoted is paid as it says, and the next quote says paused', async () => {
    const quoteId = await quote(tokens[4]!, 'M0001')
    const brake = `insert into brakes (subject, held, pulled_by, pulled_at) values ('brake/all', true, 'maker', 1)`
    await sql.pool.query(brake)
    house.clock.at += 1_000
    expect(await order(tokens[4]!, quoteId)).toMatchObject({ status: 200, body: { state: 'paid' } })
    const body = { merchantCode: 'M0001', amountFen: 1_000, channel: 'bank' }
    expect((await house.call('POST', '/api/quotes', tokens[5]!, { body })).body).toMatchObject({
      reason: 'campaign-paused',
    })
  })
})
