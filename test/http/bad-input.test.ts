import { type Payer, startTestSystem, type TestSystem } from '../../harness/system'

/** Bad input is a 4xx problem document with its own code, never a 5xx, and changes nothing. */
describe('bad input', () => {
  let system: TestSystem
  let payer: Payer
  beforeAll(async () => {
    system = await startTestSystem({ LEASE_TTL_MS: '6000', LEASE_MARGIN_MS: '1000' })
    payer = await system.payer('payer-1')
  })
  afterAll(() => system.stop())

  const key = { 'Idempotency-Key': 'key-00000001' }
  const quoteOf = (body: unknown) => system.call('POST', '/api/quotes', { token: payer.token, body })
  const quote = { merchantCode: 'M0001', amountFen: 10_000, channel: 'bank' }

  function expectProblem(
    answer: { status: number; headers: Headers; body: unknown },
    status: number,
    code: string,
    field?: string,
  ) {
    expect(answer.body).toMatchObject({ code, status, type: `urn:fapai:problem:${code}`, ...(field && { field }) })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  }

  it.each([
    ['a text for an amount', { ...quote, amountFen: '10000' }, 'amountFen'],
    ['a fraction of a fen', { ...quote, amountFen: 10.5 }, 'amountFen'],
    ['a negative amount', { ...quote, amountFen: -1 }, 'amountFen'],
    ['nothing to pay', { ...quote, amountFen: 0 }, 'amountFen'],
    ['a huge amount', { ...quote, amountFen: 1e15 }, 'amountFen'],
    ['an amount beyond safe integers', { ...quote, amountFen: 1e300 }, 'amountFen'],
    ['no amount', { merchantCode: 'M0001', channel: 'bank' }, 'amountFen'],
    ['a merchant code with rubbish', { ...quote, merchantCode: "M'; --" }, 'merchantCode'],
    ['an object for a code', { ...quote, merchantCode: {} }, 'merchantCode'],
    ['a channel nobody knows', { ...quote, channel: 'cash' }, 'channel'],
    ['a list for a body', [quote], undefined],
    ['null for a body', null, undefined],
  ])('%s is invalid-input and names the field', async (_, body, field) => {
    expectProblem(await quoteOf(body), 400, 'invalid-input', field)
  })

  it('an unknown merchant, and an amount no static code may take', async () => {
    expectProblem(await quoteOf({ ...quote, merchantCode: 'M9999' }), 404, 'merchant-not-found', 'merchantCode')
    expectProblem(await quoteOf({ ...quote, amountFen: 50_001 }), 422, 'amount-above-limit', 'amountFen')
    expectProblem(await system.call('GET', '/api/merchants/M9999'), 404, 'merchant-not-found')
    expectProblem(await system.call('GET', '/api/merchants/M9999/rules'), 404, 'rules-not-found')
  })

  it('a body that is no JSON, of another type, or too large', async () => {
    const send = (type: string, text: string) =>
      system.call('POST', '/api/quotes', { token: payer.token, raw: { type, text } })
    expectProblem(await send('application/json', '{"merchantCode":'), 400, 'malformed-json')
    expectProblem(await send('text/plain', JSON.stringify(quote)), 415, 'unsupported-media-type')
    expectProblem(
      await send('application/json', JSON.stringify({ ...quote, x: 'x'.repeat(20_000) })),
      413,
      'body-too-large',
    )
  })

  it('no token, a forged one, one for another kind of user, and a refused login', async () => {
    const ask = (token?: string) => system.call('POST', '/api/quotes', { ...(token && { token }), body: quote })
    expectProblem(await ask(), 401, 'token-missing')
    expectProblem(await ask('nonsense'), 401, 'token-invalid')
    const [body, mac] = payer.token.split('.')
    const forged = Buffer.from(Buffer.from(body!, 'base64url').toString().replace('p_', 'q_')).toString('base64url')
    expectProblem(await ask(`${forged}.${mac}`), 401, 'token-invalid')
    const merchant = await system.merchant('M0001')
    expectProblem(await ask(merchant.token), 403, 'role-refused')
    expectProblem(await system.call('GET', '/api/merchant/summary', { token: payer.token }), 403, 'role-refused')
    const login = { platform: 'browser', code: 'merchant-M9999' }
    expectProblem(await system.call('POST', '/api/merchant/session', { body: login }), 401, 'login-refused', 'code')
    expectProblem(
      await system.call('POST', '/api/session', { body: { platform: 'fax', code: 'x' } }),
      400,
      'invalid-input',
      'platform',
    )
  })

  it('a quote that is not ours, another payer’s, expired, or used', async () => {
    const { quoteId } = (await payer.quote(10_000)).body
    expectProblem(await payer.pay('rubbish'), 422, 'quote-invalid', 'quoteId')
    expectProblem(await payer.pay(`${quoteId.slice(0, -2)}AA`), 422, 'quote-invalid', 'quoteId')
    const thief = await system.payer('payer-2')
    expectProblem(await thief.pay(quoteId), 403, 'quote-foreign', 'quoteId')
    expect((await payer.pay(quoteId)).body.state).toBe('paid')
    expectProblem(await payer.pay(quoteId), 409, 'quote-used', 'quoteId')

    const short = await payer.quote(2_000)
    while (Date.now() <= Date.parse(short.body.expiresAt)) await new Promise((resolve) => setTimeout(resolve, 50))
    expectProblem(await payer.pay(short.body.quoteId), 409, 'quote-expired', 'quoteId')
  })

  it('no idempotency key, a bad one, and one reused with another body; a repeated one answers as before', async () => {
    const [first, second] = [(await payer.quote(3_000)).body, (await payer.quote(3_100)).body]
    const send = (quoteId: string, headers: Record<string, string>) =>
      system.call('POST', '/api/orders', { token: payer.token, headers, body: { quoteId } })
    expectProblem(await send(first.quoteId, {}), 400, 'idempotency-key-missing', 'Idempotency-Key')
    expectProblem(await send(first.quoteId, { 'Idempotency-Key': 'short' }), 400, 'invalid-input', 'Idempotency-Key')
    const paid = await send(first.quoteId, key)
    expect(paid.body).toMatchObject({ state: 'paid' })
    expect((await send(first.quoteId, key)).body).toEqual(paid.body)
    expectProblem(await send(second.quoteId, key), 422, 'key-reused', 'Idempotency-Key')
    expect(await system.bank.clearings()).toHaveLength(2)
  })

  it('an agreement the payer does not have, and a channel that takes no orders here', async () => {
    const { quoteId } = (await payer.quote(2_000)).body
    const send = (body: object, token = payer.token) =>
      system.call('POST', '/api/orders', { token, headers: { 'Idempotency-Key': 'key-00000002' }, body })
    expectProblem(await send({ quoteId, agreementId: 'AG-other' }), 422, 'agreement-not-found', 'agreementId')
    const wechat = (await quoteOf({ ...quote, channel: 'wechatpay' })).body as { quoteId: string; reason: string }
    expect(wechat.reason).toBe('channel-not-eligible')
    expectProblem(await send({ quoteId: wechat.quoteId }), 422, 'channel-not-available', 'quoteId')
  })

  it('another payer’s order is not there, nor is one that never was', async () => {
    const { body } = await payer.pay((await payer.quote(2_000)).body.quoteId)
    const other = await system.payer('payer-3')
    expectProblem(await other.order(body.orderNo), 404, 'order-not-found', 'orderNo')
    expectProblem(await payer.order('F-nothing'), 404, 'order-not-found', 'orderNo')
  })

  it('the day’s limit of static codes: ¥500 for each payer', async () => {
    const spender = await system.payer('spender')
    const pay = async (amountFen: number) => spender.pay((await spender.quote(amountFen)).body.quoteId)
    expect((await pay(30_000)).body.state).toBe('paid')
    expectProblem(await pay(20_300), 422, 'daily-limit-reached', 'quoteId')
    expect((await pay(19_000)).body.state).toBe('paid')
  })

  it('an address, a method, a date, a cursor that make no sense', async () => {
    const { token } = await system.merchant('M0001')
    expectProblem(await system.call('GET', '/api/nothing'), 404, 'not-found')
    expectProblem(await system.call('DELETE', '/api/quotes', { token: payer.token }), 405, 'method-not-allowed')
    expectProblem(await system.call('GET', '/api/merchants/%E0%A4%A'), 400, 'invalid-input')
    expectProblem(
      await system.call('GET', '/api/merchant/summary?date=2026-02-30', { token }),
      400,
      'invalid-input',
      'date',
    )
    expect((await system.call('GET', '/api/merchant/orders?cursor=rubbish', { token })).status).toBeLessThan(500)
  })
})
