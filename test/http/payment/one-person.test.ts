import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import type { OrderView, QuoteView } from '../../../server/http/contract'
import { merchants as STREET } from '../../../server/sandbox/food-street'
import type { FakeChannel } from '../../support/fake-channel'
import { CAMPAIGN } from '../../support/flow'
import { type House, startHouse } from '../../support/house'

const merchantCodes = ['M0001', 'M0002', 'M0003', 'M0004', 'M0005']
const REFUSED = { status: 422, body: { code: 'card-limit-reached', field: 'quoteId' } }

/** One card a merchant and three of the campaign a day, for whoever pays by one account, however they are logged in. */
describe.each(oneSqlEngine())('one person under two names, on $name', ({ start }) => {
  let engine: TestSql
  let house: House
  let channel: FakeChannel
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    const terms = { maxPerPayerPerDay: 1, maxPerPayerPerCampaignDay: 3 }
    const street = { merchants: STREET.slice(0, 5), campaigns: [{ ...CAMPAIGN, ...terms, merchantCodes }] }
    house = await startHouse(await engine.fresh(), { street, staff: [] })
    channel = house.deps.channels.get('bank') as FakeChannel
  })
  afterEach(() => house?.stop())
  afterAll(() => engine?.stop())

  const at = (time: string) => {
    house.clock.at = Date.parse(`${time}+08:00`)
  }

  /** Somebody who has signed with the bank, as they do from the page. */
  async function payer(code: string, account: string) {
    const session = await house.call('POST', '/api/session', undefined, { body: { platform: 'browser', code } })
    const { token } = session.body
    const ask = (path: string, body: object, headers?: Record<string, string>) =>
      house.call('POST', path, token, { body, ...(headers && { headers }) })
    channel.easy = false
    const { signNo } = (await ask('/api/agreements', { account, name: '李小明', phone: '13800138000' })).body
    expect((await ask(`/api/agreements/${signNo}/confirm`, { proof: channel.code(signNo) })).body.state).toBe('signed')
    channel.easy = true
    const quote = async (merchantCode = 'M0001'): Promise<QuoteView> =>
      (await ask('/api/quotes', { merchantCode, amountFen: 10_000, channel: 'bank' })).body
    const pay = ({ quoteId }: QuoteView, key?: string) =>
      ask('/api/orders', { quoteId }, key ? { 'Idempotency-Key': key } : undefined)
    return {
      quote,
      pay,
      /** quoted with a card, and paid */
      async buys(merchantCode?: string) {
        const quoted = await quote(merchantCode)
        expect(quoted.reason).toBeNull()
        return pay(quoted)
      },
      orders: async () => (await house.call('GET', '/api/orders', token)).body.items as OrderView[],
    }
  }
  const MINE = '6217880000000000001'
  const PAID = { status: 200, body: { state: 'paid' } }

  it('has one card at a merchant: the second is refused before the bank hears of it, and pays in full by the same key', async () => {
    const [one, other] = [await payer('one', MINE), await payer('other', MINE)]
    const theirs = await other.quote()
    expect(theirs.reason).toBeNull()
    expect(await one.buys()).toMatchObject(PAID)
    const calls = channel.calls.filter(({ verb }) => verb === 'pay').length
    expect(await other.pay(theirs, 'the-same-key-0001')).toMatchObject(REFUSED)
    expect(channel.calls.filter(({ verb }) => verb === 'pay')).toHaveLength(calls)
    expect(await other.orders()).toEqual([])

    const again = await other.quote()
    expect(again).toMatchObject({ reason: 'limit-reached', discountFen: 0, payableFen: 10_000 })
    const inFull = await other.pay(again, 'the-same-key-0001')
    expect(inFull).toMatchObject({ ...PAID, body: { state: 'paid', discountFen: 0 } })
    expect(await (await payer('stranger', '6217880000000000002')).buys()).toMatchObject(PAID)
  })

  it('has three in the campaign, whichever name pays', async () => {
    const [one, other] = [await payer('one', MINE), await payer('other', MINE)]
    for (const [who, where] of [
      [one, 'M0001'],
      [other, 'M0002'],
      [one, 'M0003'],
    ] as const)
      expect(await who.buys(where)).toMatchObject(PAID)
    expect(await other.buys('M0004')).toMatchObject(REFUSED)
    expect(await one.buys('M0005')).toMatchObject(REFUSED)
    expect((await one.quote('M0005')).reason).toBe('limit-reached')
  })

  it('who pays under both at the same moment has one', async () => {
    const both = [await payer('one', MINE), await payer('other', MINE)]
    const quotes = await Promise.all(both.map((who) => who.quote()))
    const replies = await Promise.all(both.map((who, i) => who.pay(quotes[i]!)))
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 422])
    expect(replies.find(({ status }) => status === 422)).toMatchObject(REFUSED)
  })

  it('has the card again that the bank declined under the first', async () => {
    const [one, other] = [await payer('one', MINE), await payer('other', MINE)]
    channel.next('pay', { kind: 'decline', code: 'insufficient-funds' })
    expect((await one.buys()).body.state).toBe('closed')
    expect(await other.buys()).toMatchObject(PAID)
  })

  it('has yesterday’s once, though it is paid after midnight, and today’s beside it', async () => {
    at('2026-11-21T23:59:50')
    const [one, other] = [await payer('one', MINE), await payer('other', MINE)]
    const late = await other.quote()
    expect(await one.buys()).toMatchObject({ ...PAID, body: { businessDate: '2026-11-21' } })
    at('2026-11-22T00:00:10')
    expect(await other.pay(late)).toMatchObject(REFUSED)
    expect(await other.buys()).toMatchObject({ ...PAID, body: { businessDate: '2026-11-22' } })
    expect(await one.buys()).toMatchObject(REFUSED)
  })
})
