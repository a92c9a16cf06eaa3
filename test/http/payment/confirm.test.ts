import { sql as raw } from 'kysely'
import { type Answer, ask } from '../../../harness/ask'
import { hasRedisServer, startTestRedis, type TestRedis } from '../../../harness/redis'
import { databaseUrl, postgresMissing, startTestPostgres, type TestSql } from '../../../harness/sql'
import { type Payer, startTestSystem, type TestSystem } from '../../../harness/system'
import type {
  AgreementList,
  AgreementView,
  OrderView,
  Problem,
  QuoteView,
  SignView,
  SmallTermsView,
} from '../../../server/http/contract'
import type { Child } from '../../../server/sandbox/children'
import type { Bff } from '../../../server/sandbox/system'
import { openSql } from '../../../server/store/sql/open-sql'

/** The whole way of a payer, against the bank of the sandbox as it is to be in earnest: whoever pays has signed, and says so each time. */

const missing = postgresMissing()
if (missing) console.warn(missing)
const withStores = missing || !hasRedisServer() ? describe.skip : describe

const RIGHT = '731904'
const WRONG = ['904731', '319047', '190473']
const HOLDER = { name: '李小明', phone: '13800138000' }

withStores('a payer signs and confirms', () => {
  let sql: TestSql
  let redis: TestRedis
  let system: TestSystem
  let other: Child<Bff>
  beforeAll(async () => {
    sql = await startTestPostgres()
    redis = await startTestRedis('redis-server')
    await sql.fresh()
    const stores = { DATABASE_URL: databaseUrl(sql.connection()), REDIS_URL: redis.url }
    system = await startTestSystem({ ...stores, SANDBOX_EASY: 'off', SANDBOX_CODE: RIGHT })
    other = await system.startAnother()
  })
  afterAll(async () => {
    await other?.stop()
    await system?.stop()
    await redis?.stop()
    await sql?.stop()
  })

  let people = 0
  /** Somebody new, at either process. */
  async function person(name = `person-${++people}`) {
    const payer = await system.payer(name)
    const call = <T>(method: string, path: string, body?: unknown, at = system.url()) =>
      ask<T>(at, method, path, { token: payer.token, body })
    const agreements = async (at?: string) =>
      (await call<AgreementList>('GET', '/api/agreements', undefined, at)).body.items
    return {
      ...payer,
      name,
      call,
      agreements,
      sign: (account = String(6217000000000000n + BigInt(people))) =>
        call<SignView>('POST', '/api/agreements', { account, ...HOLDER }),
      proveSigning: (signNo: string, proof = RIGHT, at?: string) =>
        call<SignView>('POST', `/api/agreements/${signNo}/confirm`, { proof }, at),
      confirm: ({ orderNo, action }: OrderView, proof = RIGHT, at?: string) =>
        call<OrderView & Problem>(
          'POST',
          `/api/orders/${orderNo}/confirm`,
          { challengeId: action?.params.challengeId, proof },
          at,
        ),
      close: ({ orderNo }: OrderView) => call<OrderView>('POST', `/api/orders/${orderNo}/close`),
      async signed(): Promise<AgreementView> {
        const { signNo } = (await this.sign()).body
        return (await this.proveSigning(signNo)).body.agreement!
      },
    }
  }
  type Person = Awaited<ReturnType<typeof person>>

  const pay = async (payer: Payer, quote: Answer<QuoteView>) => (await payer.pay(quote.body.quoteId)).body
  /** Signed, with an order of so much that waits for its code. */
  async function waiting(amountFen = 10_000): Promise<{ li: Person; order: OrderView; quote: QuoteView }> {
    const li = await person()
    await li.signed()
    const quote = await li.quote(amountFen)
    const order = await pay(li, quote)
    expect(order).toMatchObject({ state: 'paying', action: { kind: 'challenge', params: { attemptsLeft: '3' } } })
    return { li, order, quote: quote.body }
  }

  it('from nothing to paid: the quote is there before the account, and nothing moves before the code', async () => {
    const li = await person()
    const quote = await li.quote(10_000)
    expect(quote.body.reason).toBeNull()
    expect((await li.pay(quote.body.quoteId)).body).toMatchObject({ code: 'agreement-not-found' })
    const { signNo, action } = (await li.sign()).body
    expect(action).toMatchObject({ kind: 'challenge', params: { maskedPhone: '138****8000', attemptsLeft: '3' } })
    expect((await li.proveSigning(signNo, WRONG[0])).body).toMatchObject({
      state: 'open',
      action: { params: { attemptsLeft: '2', lastProof: 'wrong' } },
    })
    const { agreement } = (await li.proveSigning(signNo)).body
    expect(agreement).toMatchObject({ isDefault: true, small: null, bankName: expect.stringContaining('银行') })
    const again = await li.quote(10_000)
    expect(again.body.discountFen).toBe(quote.body.discountFen)

    const order = await pay(li, again)
    expect(order).toMatchObject({ state: 'paying', verification: null, accountTail: agreement!.accountTail })
    expect(await system.bank.clearings()).toMatchObject([{ state: 'challenge' }])
    // A reload, and a second device, find what there is to do.
    expect((await li.order(order.orderNo)).body.action).toEqual(order.action)
    expect((await li.call<OrderView>('GET', `/api/orders/${order.orderNo}`, undefined, other.said.url)).body).toEqual(
      order,
    )
    const paid = (await li.confirm(order)).body
    expect(paid).toMatchObject({ state: 'paid', verification: 'sms', action: null })
    expect((await li.confirm(order)).body).toEqual(paid)
    const auditor = await system.operator('auditor')
    expect((await auditor.get(`/admin/orders/${order.orderNo}`)).body).toMatchObject({ verification: 'sms' })
  })

  it('three wrong codes end the order, and its card is its payer’s again', async () => {
    const { li, order, quote } = await waiting()
    for (const [nth, code] of WRONG.slice(0, 2).entries())
      expect((await li.confirm(order, code)).body).toMatchObject({
        state: 'paying',
        action: { params: { attemptsLeft: String(2 - nth), lastProof: 'wrong' } },
      })
    expect((await li.confirm(order, WRONG[2])).body).toMatchObject({
      state: 'closed',
      closeReason: 'authentication-failed',
    })
    expect((await li.confirm(order)).body).toMatchObject({ state: 'closed' })
    expect((await li.quote(10_000)).body.discountFen).toBe(quote.discountFen)
  })

  it('another code comes not before a minute', async () => {
    const { li, order } = await waiting()
    const answer = await li.call<Problem>('POST', `/api/orders/${order.orderNo}/resend`)
    expect(answer).toMatchObject({ status: 429, body: { code: 'too-soon' } })
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(30)
    await li.close(order)
  })

  it('whoever walks away has the card again, and the code that comes too late pays nothing', async () => {
    const { li, order, quote } = await waiting()
    expect((await li.close(order)).body).toMatchObject({ state: 'closed', closeReason: 'order-closed' })
    expect((await li.confirm(order)).body).toMatchObject({ state: 'closed' })
    expect((await li.quote(10_000)).body.discountFen).toBe(quote.discountFen)
  })

  it('another payer’s order, request and agreement don’t exist', async () => {
    const { li, order } = await waiting()
    const wang = await person()
    const { signNo } = (await li.sign('6217999999999999')).body
    const [{ agreementId }] = (await li.agreements()) as [AgreementView]
    expect(await wang.confirm(order)).toMatchObject({ status: 404, body: { code: 'order-not-found' } })
    for (const [method, path, code] of [
      ['POST', `/api/orders/${order.orderNo}/close`, 'order-not-found'],
      ['POST', `/api/orders/${order.orderNo}/resend`, 'order-not-found'],
      ['GET', `/api/agreements/signings/${signNo}`, 'sign-not-found'],
      ['POST', `/api/agreements/${signNo}/resend`, 'sign-not-found'],
      ['PUT', `/api/agreements/${agreementId}/default`, 'agreement-unknown'],
      ['DELETE', `/api/agreements/${agreementId}`, 'agreement-unknown'],
      ['DELETE', `/api/agreements/${agreementId}/small-amount`, 'agreement-unknown'],
    ] as const)
      expect([path, await wang.call(method, path)]).toMatchObject([path, { status: 404, body: { code } }])
    await li.close(order)
  })

  it('small amounts: allowed by terms and a code, then at once; more than that is asked about; and off again', async () => {
    const li = await person()
    const { agreementId } = await li.signed()
    const terms = (await li.call<SmallTermsView>('GET', '/api/small-amount-terms')).body
    const small = `/api/agreements/${agreementId}/small-amount`
    const allow = (sha256 = terms.sha256) =>
      li.call<SignView & Problem>('POST', small, {
        maxFen: 5_000,
        perDay: 3,
        terms: { version: terms.version, sha256 },
      })
    expect((await allow('0'.repeat(64))).body.code).toBe('terms-changed')
    const { signNo } = (await allow()).body
    // Asked for is not allowed.
    await li.close(await pay(li, await li.quote(2_000)))
    expect((await li.proveSigning(signNo, RIGHT, other.said.url)).body.agreement).toMatchObject({
      small: { maxFen: 5_000, perDay: 3 },
    })
    expect(await pay(li, await li.quote(2_000))).toMatchObject({ state: 'paid', verification: 'none' })
    const large = await pay(li, await li.quote(10_000))
    expect(large).toMatchObject({ state: 'paying', action: { kind: 'challenge' } })
    expect((await li.confirm(large)).body).toMatchObject({ state: 'paid', verification: 'sms' })
    expect((await li.call('DELETE', small)).status).toBe(204)
    expect((await li.agreements(other.said.url))[0]!.small).toBeNull()
    await li.close(await pay(li, await li.quote(2_000)))
  })

  it('several accounts, one the default, one ended: the other process knows at once, and so does the bank', async () => {
    const li = await person()
    const first = await li.signed()
    const { signNo } = (await li.sign('6217888888888888')).body
    const second = (await li.proveSigning(signNo)).body.agreement!
    const there = other.said.url
    expect((await li.agreements(there)).map(({ isDefault }) => isDefault)).toEqual([true, false])
    expect((await li.call('PUT', `/api/agreements/${second.agreementId}/default`)).status).toBe(204)
    expect((await li.agreements(there)).map(({ isDefault }) => isDefault)).toEqual([false, true])
    const order = await pay(li, await li.quote(2_000))
    expect(order.accountTail).toBe('8888')
    expect((await li.call('DELETE', `/api/agreements/${second.agreementId}`, undefined, there)).status).toBe(204)
    // What waited for a code is over with it, whatever code comes.
    expect((await li.confirm(order)).body).toMatchObject({ state: 'closed', closeReason: 'agreement-not-active' })
    const { quoteId } = (await li.quote(2_000)).body
    const body = { quoteId, agreementId: second.agreementId }
    const headers = { 'Idempotency-Key': 'ended-agreement-1' }
    expect((await system.call('POST', '/api/orders', { token: li.token, headers, body })).body).toMatchObject({
      code: 'agreement-not-found',
    })
    expect((await li.agreements(there)).map(({ agreementId }) => agreementId)).toEqual([first.agreementId])
  })

  it('a code whose answer was lost has paid, once, and the order is found to be', async () => {
    const { li, order } = await waiting(2_000)
    await system.bank.faults({ mode: 'error-after', on: ['confirm'], times: 1 })
    expect((await li.confirm(order)).body).toMatchObject({ state: 'paying' })
    await system.bank.clearFaults()
    expect(await li.ended(order.orderNo)).toMatchObject({ state: 'paid', verification: 'sms' })
  })

  it('on the bank’s own page: the way there, and nothing is paid by coming back', async () => {
    const li = await person()
    await li.signed()
    await system.bank.faults({ mode: 'redirect', on: ['pay'], times: 1 })
    const order = await pay(li, await li.quote(2_000))
    await system.bank.clearFaults()
    expect(order).toMatchObject({ state: 'paying', action: { kind: 'redirect', params: { url: expect.any(String) } } })
    expect((await li.confirm(order)).body.code).toBe('invalid-input')
    expect((await li.order(order.orderNo)).body.state).toBe('paying')
    await li.close(order)
  })

  it('risk, and an empty account, are told apart', async () => {
    const { li, order } = await waiting(2_000)
    await system.bank.faults({ mode: 'decline', code: 'insufficient-funds', on: ['confirm'], times: 1 })
    expect((await li.confirm(order)).body).toMatchObject({ state: 'closed', closeReason: 'insufficient-funds' })
    await system.bank.faults({ mode: 'decline', code: 'risk-refused', on: ['pay'], times: 1 })
    expect(await pay(li, await li.quote(2_000))).toMatchObject({ state: 'closed', closeReason: 'risk-refused' })
    await system.bank.clearFaults()
  })

  it('keeps nothing of name, telephone and code in the database', async () => {
    const open = openSql(sql.connection())
    const tables = await open.db.introspection.getTables()
    const rows = tables.map(({ name }) => raw`select t::text as row from ${raw.table(name)} t`.execute(open.db))
    const text = JSON.stringify(await Promise.all(rows))
    await open.close()
    expect(text).toContain('authentication-failed')
    for (const secret of [HOLDER.name, HOLDER.phone, RIGHT, ...WRONG]) expect(text).not.toContain(secret)
  })

  it('an order that nobody answered is over in its time, without anybody asking', async () => {
    const { li, order } = await waiting(2_000)
    await other.stop()
    await system.travel(-1)
    const again = await system.payer(li.name)
    expect(await again.ended(order.orderNo)).toMatchObject({ state: 'closed', closeReason: 'authentication-expired' })
  })
})
