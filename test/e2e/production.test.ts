import { type Answer, ask, type CallOptions } from '../../harness/ask'
import { authenticator } from '../../harness/authenticator'
import { readyAt } from '../../harness/system'
import { buildServer } from '../../scripts/build-server'
import { HELP } from '../../scripts/help'
import type {
  AgreementList,
  AskedChange,
  EnrolmentView,
  JudgedChange,
  MerchantImportView,
  OperatorSession,
  OrderView,
  QuoteView,
  RecoveryCodes,
  Session,
  SignView,
} from '../../server/http/contract'
import { hop } from '../support/hops'
import { openProduction, PUBLIC_URL, productionMissing, type Run, randomKey } from '../support/production'

const missing = productionMissing()
if (missing) console.warn(missing)

/** A code is six digits, which any longer number may hold. */
const says = (line: string, secret: string) =>
  /^\d+$/.test(secret) ? new RegExp(`(?<!\\d)${secret}(?!\\d)`).test(line) : line.includes(secret)

/** Everything a payer, an operator or a platform said or was told in the run, that no log may hold. */
const secrets = new Set<string>()
function secret(text: string): string {
  secrets.add(text)
  return text
}

const ACCOUNT = secret('6217880001234567')

;(missing ? describe.skip : describe)('in production', () => {
  let house: Awaited<ReturnType<typeof openProduction>>
  let run: Run
  beforeAll(async () => {
    // Types are checked by the first step of `npm test`.
    house = await openProduction((out) => buildServer(out, ['--noCheck']))
    for (const one of house.secrets) secret(one)
  })
  afterAll(async () => {
    await run?.stop()
    await house?.stop()
  })

  const call = <T = unknown>(method: string, path: string, options?: CallOptions) =>
    ask<T>(run.url, method, path, options)
  const logIn = (platform: string, code: string): Promise<Answer<Session>> =>
    call('POST', '/api/session', { body: { platform, code: secret(code) } })
  const payer = async (person: string) => {
    const { status, body } = await logIn('weapp', house.weappCode(person))
    expect(status).toBe(200)
    return secret(body.token)
  }
  const payerIdOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()).sub

  /** Logs in with a one-time password, which is good for nothing but a new one. */
  async function operator(username: string, password: string): Promise<string> {
    const first = await call<OperatorSession>('POST', '/admin/session', {
      body: { username, password: secret(password) },
    })
    const next = secret(randomKey(8))
    const body = { current: password, next }
    const own = await call<OperatorSession>('POST', '/admin/password', { token: secret(first.body.token), body })
    expect([first.status, own.status]).toEqual([200, 200])
    const token = secret(own.body.token)
    if (own.body.secondFactorDue) await setUpSecondFactor(token)
    return token
  }

  /** What whoever approves does first of all. */
  async function setUpSecondFactor(token: string): Promise<void> {
    const due = await call('GET', '/admin/operators', { token })
    expect(due).toMatchObject({ status: 403, body: { code: 'second-factor-due' } })
    const { body: enrolment } = await call<EnrolmentView>('POST', '/admin/second-factor', { token })
    const { ticket } = enrolment
    const code = authenticator(secret(enrolment.secret))(Date.now())
    const { body } = await call<RecoveryCodes>('POST', '/admin/second-factor/confirm', {
      token,
      body: { ticket, code },
    })
    for (const one of body.recoveryCodes) secret(one)
  }

  /** Another operator approves what they see. */
  async function approve(token: string, changeId: string): Promise<JudgedChange> {
    const path = `/admin/changes/${changeId}`
    const { body: seen } = await call<{ revision: number }>('GET', path, { token })
    const headers = { 'If-Match': `"${seen.revision}"` }
    const { status, body } = await call<JudgedChange>('POST', `${path}/approve`, { token, headers })
    expect([status, body.change.state]).toEqual([200, 'applied'])
    return body
  }
  const approved = (token: string, { body }: Answer<AskedChange>) => approve(token, body.change.changeId)

  /** One administrator asks, the other approves, and each tells one half of the password. */
  async function enrolled({ root, other }: { root: string; other: string }, role: string): Promise<string> {
    const body = { username: role, name: '李工', roles: [role] }
    const asked = await call<AskedChange>('POST', '/admin/operators', { token: root, body })
    const { half } = await approved(other, asked)
    return operator(role, `${secret(asked.body.half!)}-${secret(half!)}`)
  }

  const orders: string[] = []
  /** An order of ¥20.00 that the bank asks about. */
  async function opened(token: string): Promise<OrderView> {
    const body = { merchantCode: 'M7001', amountFen: 2_000, channel: 'bank' }
    const quote = await call<QuoteView>('POST', '/api/quotes', { token, body })
    const headers = { 'Idempotency-Key': randomKey() }
    const quoteId = secret(quote.body.quoteId)
    const order = await call<OrderView>('POST', '/api/orders', { token, headers, body: { quoteId } })
    expect(order.status).toBe(200)
    return order.body
  }

  it('a house where nobody can let operators in doesn’t start', async () => {
    await expect(house.start()).rejects.toThrow('there are fewer than two administrators who could log in')
  })

  it('starts once there are two, who let the others in; it is empty', async () => {
    const passwords: string[] = []
    for (const username of ['root', 'root2']) {
      const said = await house.fapai(['operator', '--username', username, '--name', '王工'])
      passwords.push(/: (\S+)\n/.exec(said)![1]!)
      if (username === 'root') await expect(house.start()).rejects.toThrow('there are fewer than two administrators')
    }
    run = await house.start()
    const [root, other] = [await operator('root', passwords[0]!), await operator('root2', passwords[1]!)]
    const maker = await enrolled({ root, other }, 'maker')
    const checker = await enrolled({ root, other }, 'checker')
    for (const path of ['/admin/merchants', '/admin/campaigns', '/admin/branches'])
      expect((await call(`GET`, path, { token: maker })).body).toMatchObject({ items: [] })
    const branch = { code: 'B01', name: '城南支行', glAccount: 'GL-6011-01' }
    await approved(checker, await call<AskedChange>('POST', '/admin/branches', { token: maker, body: branch }))
    const text = `code,name,branch,account\nM7001,老街牛肉面,B01,${ACCOUNT}\n`
    const raw = { type: 'text/csv', text }
    const imported = await call<MerchantImportView>('POST', '/admin/merchants/import', { token: maker, raw })
    expect(imported).toMatchObject({ status: 202, body: { added: 1, faultCount: 0 } })
    await approve(checker, imported.body.review!.changeId)
  })

  it('knows a payer by WeChat’s word alone, over TLS, and quotes', async () => {
    for (const [platform, code] of [
      ['browser', 'payer-1'],
      ['weapp', 'payer-1'],
      ['bank-h5', 'payer-1'],
    ])
      expect([platform, (await logIn(platform!, code!)).status]).toEqual([platform, 401])
    const merchant = { body: { platform: 'browser', code: 'merchant-M7001' } }
    expect((await call('POST', '/api/merchant/session', merchant)).status).toBe(401)
    const token = await payer('li')
    const body = { merchantCode: 'M7001', amountFen: 2_000, channel: 'bank' }
    const quote = await call<QuoteView>('POST', '/api/quotes', { token, body })
    expect(quote).toMatchObject({ status: 200, body: { payableFen: 2_000, reason: 'not-in-campaign' } })
    secret(quote.body.quoteId)
  })

  it('signs an agreement by the bank’s code, and by no wrong one', async () => {
    const token = await payer('li')
    const body = { account: secret('6222021234567890123'), name: secret('李雷'), phone: secret('13812345678') }
    const opened = await call<SignView>('POST', '/api/agreements', { token, body })
    expect(opened).toMatchObject({ status: 200, body: { state: 'open', action: { kind: 'challenge' } } })
    const { signNo } = opened.body
    const confirm = (proof: string) =>
      call<SignView>('POST', `/api/agreements/${signNo}/confirm`, { token, body: { proof: secret(proof) } })
    const right = await house.bank.code(signNo)
    const wrong = right === '418273' ? '518273' : '418273'
    expect((await confirm(wrong)).body).toMatchObject({ state: 'open', action: { params: { lastProof: 'wrong' } } })
    expect((await confirm(right)).body).toMatchObject({ state: 'signed', agreement: { accountTail: '0123' } })
    const listed = await call<AgreementList>('GET', '/api/agreements', { token })
    expect(listed.body.items).toMatchObject([{ accountTail: '0123', isDefault: true }])
  })

  it('pays by the bank’s code for this payment, and nothing without it', async () => {
    const token = await payer('li')
    const order = await opened(token)
    const { orderNo, action } = order
    expect(order).toMatchObject({
      state: 'paying',
      action: { kind: 'challenge', params: { maskedPhone: '138****5678' } },
    })
    const challengeId = secret(action!.params.challengeId!)
    const confirm = (proof: string) =>
      call<OrderView>('POST', `/api/orders/${orderNo}/confirm`, { token, body: { challengeId, proof: secret(proof) } })
    expect(await house.bank.balance(ACCOUNT)).toBe(0)
    expect((await confirm('000000')).body).toMatchObject({ state: 'paying' })
    const paid = await confirm(await house.bank.code(orderNo))
    expect(paid).toMatchObject({ status: 200, body: { state: 'paid', payableFen: 2_000, verification: 'sms' } })
    expect(await house.bank.balance(ACCOUNT)).toBe(2_000)
    orders.push(orderNo)
  })

  it('closes at the bank what the payer walks away from', async () => {
    const token = await payer('li')
    const { orderNo } = await opened(token)
    const closed = await call<OrderView>('POST', `/api/orders/${orderNo}/close`, { token })
    expect(closed).toMatchObject({ status: 200, body: { state: 'closed' } })
    expect(await house.bank.balance(ACCOUNT)).toBe(2_000)
  })

  it('in WeChat’s browser it is the same payer, by cookies of our host alone', async () => {
    const jar = new Map([['wechat', 'li']])
    const at = (url: string) =>
      url.replace(PUBLIC_URL, run.url).replace(String(house.env.WECHAT_OPEN_URL), house.wechat.url)
    const off = await hop(`${PUBLIC_URL}/login/wechat?to=/q/M7001`, jar, at)
    const from = await hop(off.location, jar, at)
    secret(new URL(from.location).searchParams.get('code')!)
    expect(await hop(from.location, jar, at)).toMatchObject({ status: 302, location: '/q/M7001' })
    const { token } = JSON.parse(decodeURIComponent(jar.get('__Host-fapai_session')!)) as Session
    expect(payerIdOf(secret(token))).toBe(payerIdOf(await payer('li')))
  })

  it('stops in order and starts again, with everybody who they were', async () => {
    const before = await payer('li')
    expect(await run.stop()).toBe(0)
    run = await house.start()
    const order = await call<OrderView>('GET', `/api/orders/${orders[0]}`, { token: before })
    expect(order).toMatchObject({ status: 200, body: { state: 'paid', payableFen: 2_000 } })
    expect(payerIdOf(await payer('li'))).toBe(payerIdOf(before))
    await readyAt(run.operationsUrl)
    const ready = await ask<object>(run.operationsUrl, 'GET', '/readyz')
    expect(JSON.stringify(ready.body)).not.toContain('down')
  })

  it('shows payers nothing of how it is, and those who run it on a port of their own', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics']) expect((await call('GET', path)).status).toBe(404)
    for (const path of ['/healthz', '/metrics']) expect((await ask(run.operationsUrl, 'GET', path)).status).toBe(200)
    await readyAt(run.operationsUrl)
    expect((await ask(run.operationsUrl, 'GET', '/api/merchants/M7001')).status).toBe(404)
    expect(JSON.stringify((await call('GET', '/openapi.json')).body)).not.toContain('/readyz')
  })

  it('takes a new master key, and nobody is a stranger by it', async () => {
    const before = await payer('wang')
    await run.stop()
    const [fresh, old] = [secret(randomKey()), house.secrets[0]!]
    run = await house.start({
      MASTER_KEY_FILE: house.files.secret('master-new', fresh),
      MASTER_KEYS_PREVIOUS_FILE: house.files.secret('master-old', old),
    })
    expect((await call('GET', '/api/orders?merchantCode=M7001', { token: before })).status).toBe(401)
    expect(payerIdOf(await payer('wang'))).toBe(payerIdOf(before))
  })

  it('doesn’t start by a master key that isn’t the ledger’s, nor deal, audit or book anything, and says which to give', async () => {
    const strange = { MASTER_KEY_FILE: house.files.secret('master-strange', secret(randomKey())) }
    const sentence = /^this ledger is kept by another master key, .* MASTER_KEYS_PREVIOUS .*\n$/
    await expect(house.start(strange)).rejects.toThrow(sentence)
    // The one from before, alone, would take for strangers whom the new one knows.
    await expect(house.start()).rejects.toThrow(sentence)
    for (const tool of ['deal', 'audit', 'prune'])
      await expect(house.fapai([tool], strange)).rejects.toMatchObject({
        code: 2,
        stderr: expect.stringMatching(sentence),
      })
  })

  it('runs every command where there are no development packages, each with its help', async () => {
    const told = await house.fapai(['--help'])
    for (const name of Object.keys(HELP)) {
      expect(told).toContain(`\n  ${name} `)
      expect(await house.fapai([name, '--help'])).toMatch(new RegExp(`^usage: fapai ${name}( |\\n)`))
    }
    // As the pages say: no URL stands in the environment, whose is another's to see.
    expect(Object.keys(house.env).filter((name) => /^(DATABASE|REDIS)_URL$/.test(name))).toEqual([])
    const done = 'The schema is this version’s: 0 migrations were applied.\n'
    expect(await house.fapai(['migrate'], house.owners)).toBe(done)
    await expect(
      house.fapai(['migrate'], { ...house.owners, DATABASE_URL: 'postgres://u@db/fapai' }),
    ).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('DATABASE_URL_FILE: goes without DATABASE_URL from anywhere else'),
    })
    await expect(house.fapai(['sing'])).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('--help') })
  })

  it('refuses a weak setting by its name, and quotes none', async () => {
    const open = house.files.secret('open', randomKey(), 0o644)
    await expect(house.start({ MASTER_KEY_FILE: open, SANDBOX: 'on' })).rejects.toThrow(
      /^the configuration has faults:\n {2}MASTER_KEY_FILE: .*\n {2}SANDBOX: refused in production\n$/,
    )
  })

  it('trouble on all sides is logged', async () => {
    house.wechat.mishaps.push('garbage')
    expect((await logIn('weapp', house.weappCode('li'))).status).toBe(503)
    house.wechat.platform.busy.push(40125)
    expect((await logIn('weapp', house.weappCode('wang'))).status).toBe(503)
    const token = await payer('li')
    await house.bank.faults({ mode: 'bad-signature', times: 1 })
    const body = { account: secret('6222020000000000001'), name: secret('韩梅梅'), phone: secret('13987654321') }
    await call('POST', '/api/agreements', { token, body })
    await house.bank.clearFaults()
    // what a client sends where nothing of it belongs
    await call('POST', `/api/agreements/S-none/confirm`, { token, body: { proof: secret('739104') } })
    await call('POST', '/api/session', {
      raw: { type: 'application/json', text: `{"platform":"weapp","code":"${secret('half-a-code')}` },
    })
    expect(house.logged()).toContain('log-in by WeChat')
  })

  it('in all of that no log, at debug, says a code, token, openid, account or secret', async () => {
    for (const person of ['li', 'wang']) for (const id of Object.values(house.idsOf(person))) secret(String(id))
    const lines = house.logged().split('\n')
    expect(lines.filter((line) => line.includes('listening')).length).toBeGreaterThan(2)
    for (const one of secrets) expect(lines.filter((line) => says(line, one))).toEqual([])
  })
})
