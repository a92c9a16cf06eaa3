import { type Flow, httpDepsOf, LIMITS, MERCHANT, NOON, OUTSIDER, serveApp, startFlow } from '../../support/flow'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

interface Page {
  items: { orderNo: string; state: string; refundedFen: number; merchantName: string; accountTail: string | null }[]
  nextCursor?: string
}

/** The server is the memory of what a payer paid: `GET /api/orders`, over HTTP on a clock that the test moves. */
describe('a payer’s own orders', () => {
  let flow: Flow
  let app: Awaited<ReturnType<typeof serveApp>>
  let token: (payerId: string) => string
  beforeEach(async () => {
    flow = startFlow({ limits: { dailyPerPayerFen: 1_000_000 } })
    const deps = httpDepsOf(flow)
    token = (payerId) => deps.tokens.issue({ kind: 'payer', payerId }, flow.clock.at).token
    app = await serveApp(deps)
  })
  afterEach(() => app.stop())

  const ask = (query: string, payerId = 'p1') =>
    fetch(`${app.url}/api/orders${query}`, { headers: { Authorization: `Bearer ${token(payerId)}` } })
  const list = async (query: string, payerId?: string) => (await (await ask(query, payerId)).json()) as Page
  const numbers = async (query: string, payerId?: string) =>
    (await list(query, payerId)).items.map((one) => one.orderNo)
  /** Pays at a merchant; each order a millisecond after the one before. */
  const pay = async (merchantCode = MERCHANT.merchantCode, payerId = 'p1') => {
    flow.pass(1)
    return flow.order(await flow.quote(payerId, 2_000, merchantCode))
  }
  const unknown = async (merchantCode?: string) => {
    flow.channel.next('pay', { kind: 'lose-reply' })
    return pay(merchantCode)
  }

  it('are theirs, newest first, exactly as each is shown alone; another’s never', async () => {
    const orders = [await pay(), await unknown(OUTSIDER.merchantCode)]
    await pay(MERCHANT.merchantCode, 'p2')
    await flow.refund(orders[0]!, 500)
    const { items, nextCursor } = await list('')
    expect(nextCursor).toBeUndefined()
    expect(items.map((one) => [one.orderNo, one.state, one.refundedFen])).toEqual([
      [orders[1]!.orderNo, 'paying', 0],
      [orders[0]!.orderNo, 'paid', 500],
    ])
    for (const item of items) expect(await (await ask(`/${item.orderNo}`)).json()).toEqual(item)
    expect(await numbers('', 'p3')).toEqual([])
  })

  it('are found by merchant and by state', async () => {
    const [here, open, there] = [await pay(), await unknown(), await pay(OUTSIDER.merchantCode)]
    expect(await numbers('?merchantCode=M0001')).toEqual([open.orderNo, here.orderNo])
    expect(await numbers('?state=paid')).toEqual([there.orderNo, here.orderNo])
    expect(await numbers('?merchantCode=M0001&state=paying')).toEqual([open.orderNo])
    expect(await numbers('?merchantCode=M0001&state=closed')).toEqual([])
  })

  it('come twenty to a page, each once, also when one is paid between two pages', async () => {
    const orders: string[] = []
    for (let i = 0; i < 23; i++) orders.push((await pay()).orderNo)
    const first = await list('')
    const late = await pay()
    const second = await list(`?cursor=${first.nextCursor}`)
    const got = [...first.items, ...second.items].map((one) => one.orderNo)
    expect(first.items).toHaveLength(20)
    expect(got).toEqual(orders.reverse())
    expect(second.nextCursor).toBeUndefined()
    expect(await numbers('')).toContain(late.orderNo)
  })

  it.each([
    ['?state=lost', 'state'],
    ['?state=', 'state'],
    ['?merchantCode=M%27--', 'merchantCode'],
    [`?cursor=${'x'.repeat(257)}`, 'cursor'],
  ])('%s is refused with its field', async (query, field) => {
    const answer = await ask(query)
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'invalid-input', field }])
  })

  it('are nobody’s without a token', async () => {
    expect((await fetch(`${app.url}/api/orders`)).status).toBe(401)
  })

  describe('to be seen before paying again', () => {
    const recent = '?merchantCode=M0001&state=recent'

    it('are those paid in the last ten minutes by the server’s clock, at this merchant', async () => {
      await pay(OUTSIDER.merchantCode)
      const order = await pay()
      flow.pass(10 * MINUTE_MS)
      expect(await numbers(recent)).toEqual([order.orderNo])
      flow.pass(1)
      expect(await numbers(recent)).toEqual([])
    })

    it('count from when it was paid, not from when it was opened', async () => {
      const order = await unknown()
      flow.pass(30 * MINUTE_MS)
      await flow.sweep()
      flow.pass(10 * MINUTE_MS)
      expect(await list(recent)).toMatchObject({ items: [{ orderNo: order.orderNo, state: 'paid' }] })
    })

    it('are unfinished ones for three days, over midnight, and closed ones never', async () => {
      const order = await unknown()
      flow.channel.next('pay', { kind: 'lose-request', code: 'not-sent' })
      expect((await pay()).state).toBe('closed')
      flow.pass(NOON + 1 + 3 * DAY_MS - flow.clock.at)
      expect(await numbers(recent)).toEqual([order.orderNo])
      flow.pass(1)
      expect(await numbers(recent)).toEqual([])
      expect(await numbers('?state=paying')).toEqual([order.orderNo])
    })
  })

  it('a pay says 503 ledger-unavailable only for what was never sent, and tells when to come again', async () => {
    const quote = await flow.quote('p1', 2_000)
    flow.ledger.down = true
    const answer = await fetch(`${app.url}/api/orders`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${token('p1')}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': 'key-00000001',
      },
      body: JSON.stringify({ quoteId: flow.sealed(quote) }),
    })
    expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'ledger-unavailable' }])
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    flow.ledger.down = false
    flow.pass(LIMITS.leaseTtlMs)
    expect(flow.pays()).toEqual([])
    expect(await numbers('')).toEqual([])
  })

  const read = async (path: string, payerId = 'p1') =>
    (await fetch(`${app.url}${path}`, { headers: { Authorization: `Bearer ${token(payerId)}` } })).json()

  it('say together what may still be paid today, and what was saved, to their payer alone', async () => {
    const { payerDiscountFen } = (await pay()).figures
    await unknown()
    flow.channel.next('pay', { kind: 'decline', code: 'insufficient-funds' })
    await pay()
    const left = { channel: 'bank', limitFen: 1_000_000, leftFen: 996_000 }
    const limits = (await read('/api/day-limits')) as { businessDate: string; items: object[] }
    expect(limits.items).toContainEqual(left)
    expect(await read('/api/savings')).toEqual({ orderCount: 1, savedFen: payerDiscountFen })
    expect(((await read('/api/day-limits', 'p2')) as { items: object[] }).items).toContainEqual({
      ...left,
      leftFen: 1_000_000,
    })
    expect(await read('/api/savings', 'p2')).toEqual({ orderCount: 0, savedFen: 0 })
    flow.pass(DAY_MS)
    expect(((await read('/api/day-limits')) as { items: object[] }).items).toContainEqual({
      ...left,
      leftFen: 1_000_000,
    })
    expect(await (await fetch(`${app.url}/api/savings`)).json()).toMatchObject({ code: 'token-missing' })
  })
})
