import { LedgerUnavailable } from '../../../server/flow/ports'
import { type Flow, httpDepsOf, MERCHANT, serveApp, startFlow } from '../../support/flow'

const NO = 'F20260131-7K3M-92QX-4T8B'

/** When the archive is asked about: never on the way of a payment, and what it can't say isn't guessed. */
describe('whether something is archived', () => {
  let flow: Flow
  let app: Awaited<ReturnType<typeof serveApp>>
  let token: string
  let asked: string[]
  let away: boolean
  beforeEach(async () => {
    flow = startFlow()
    asked = []
    away = false
    const answer = async (what: string) => {
      asked.push(what)
      if (away) throw new LedgerUnavailable('away')
      return undefined
    }
    const deps = httpDepsOf(flow, { archived: { day: () => answer('day'), horizon: () => answer('horizon') } })
    token = deps.tokens.issue({ kind: 'payer', payerId: 'p1' }, flow.clock.at).token
    app = await serveApp(deps)
  })
  afterEach(() => app.stop())

  async function call(method: string, path: string, body?: object) {
    const headers = {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': 'key-00000001',
    }
    const reply = await fetch(app.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
    return { status: reply.status, body: await reply.json() }
  }

  it('is asked by nothing that a payment does, so that it is paid whatever becomes of the archive', async () => {
    away = true
    const { merchantCode } = MERCHANT
    expect((await call('GET', `/api/orders?merchantCode=${merchantCode}&state=recent`)).status).toBe(200)
    const quote = await call('POST', '/api/quotes', { merchantCode, amountFen: 10_000, channel: 'bank' })
    const paid = await call('POST', '/api/orders', { quoteId: quote.body.quoteId })
    expect(paid).toMatchObject({ status: 200, body: { state: 'paid' } })
    expect(await call('GET', `/api/orders/${paid.body.orderNo}`)).toMatchObject({ status: 200 })
    expect(asked).toEqual([])
  })

  it('is asked once for a number that isn’t there, and not for what is no number', async () => {
    expect(await call('GET', `/api/orders/${NO}`)).toMatchObject({ status: 404, body: { code: 'order-not-found' } })
    expect(asked).toEqual(['day'])
    await call('GET', '/api/orders/F20260131')
    expect(asked).toEqual(['day'])
  })

  it('isn’t guessed while the ledger is away: 503, and no order is called one that never was', async () => {
    away = true
    for (const path of [`/api/orders/${NO}`, '/api/orders'])
      expect(await call('GET', path)).toMatchObject({ status: 503, body: { code: 'ledger-unavailable' } })
  })
})
