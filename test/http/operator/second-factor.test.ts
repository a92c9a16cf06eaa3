import { CompiledQuery } from 'kysely'
import { authenticator } from '../../../harness/authenticator'
import { masterKeys } from '../../../server/domain/key-ring'
import type { SingleSignOn } from '../../../server/flow/ports'
import type { EnrolmentView, OperatorSession, RecoveryCodes, SecondFactorView } from '../../../server/http/contract'
import { openSql } from '../../../server/store/sql/open-sql'
import { byAddress, type LogInHouse, openHouse, PASSWORD } from '../../support/log-in-house'

const MINUTE_MS = 60_000
const STEP_MS = 30_000
const KEY = Buffer.alloc(32, 21)
const masters = masterKeys(KEY)

/** A provider that vouches for one person. */
const signOnAs = (subject: string, secondFactor: boolean): SingleSignOn => ({
  name: '统一认证',
  secure: false,
  start: async () => ({ url: 'https://sso.example', memo: { state: 's', nonce: 'n', verifier: 'v' } }),
  finish: async () => ({ subject, secondFactor }),
})

describe('the second factor', () => {
  let house: LogInHouse
  beforeAll(async () => {
    const secondFactor = { required: true, masters, issuer: '某银行' }
    house = await openHouse(() => ({ ...byAddress, secondFactor }))
  })
  afterAll(() => house?.stop())
  // Each test has codes of its own.
  beforeEach(() => house.flow.pass(2 * STEP_MS))

  const now = () => house.clock.at
  const codeOf = ({ body }: { body: unknown }) => {
    const { code, reason } = body as { code?: string; reason?: string }
    return reason ? `${code} ${reason}` : code
  }
  let made = 0
  async function person(more: Parameters<LogInHouse['add']>[1] = { roles: ['checker'] }) {
    const username = `person-${++made}`
    await house.add(username, more)
    return username
  }
  const post = <T = undefined>(path: string, body: unknown, token?: string, headers?: Record<string, string>) =>
    house.ask<T>('POST', path, { body, ...(token && { token }), ...(headers && { headers }) })
  const begin = (token: string, code?: string) => post<EnrolmentView>('/admin/second-factor', { code }, token)
  const confirm = (token: string, ticket: string, code: string) =>
    post<RecoveryCodes>('/admin/second-factor/confirm', { ticket, code }, token)
  const factorOf = async (token: string) =>
    (await house.ask<SecondFactorView>('GET', '/admin/second-factor', { token })).body
  const look = async (token: string) => {
    const { status, body } = await house.ask('GET', '/admin/campaigns', { token })
    return status === 200 ? 'ok' : (body.code as string)
  }
  /** All the way by single sign-on. */
  async function signOn(subject: string, vouched: boolean) {
    house.deps.singleSignOn = signOnAs(subject, vouched)
    const begun = await house.ask('GET', '/admin/oidc/start')
    const Cookie = begun.headers.getSetCookie()[0]!.split(';')[0]!
    const back = await house.ask('GET', '/admin/oidc/callback?code=c', { headers: { Cookie } })
    const secret = back.headers.getSetCookie()[1]!.split(';')[0]!
    const ticket = back.headers.get('location')!.split('ticket=')[1]
    return post<OperatorSession>('/admin/session/ticket', { ticket }, undefined, { Cookie: secret })
  }
  const signedOn = async (subject: string) => (await signOn(subject, false)).body.token
  /** Somebody who has set it up. */
  async function enrolled(more?: Parameters<LogInHouse['add']>[1]) {
    const username = await person(more)
    const token = more?.oidcSubject ? await signedOn(more.oidcSubject) : (await house.logIn(username)).body.token
    const { secret, ticket } = (await begin(token)).body
    const codes = authenticator(secret)
    const { recoveryCodes } = (await confirm(token, ticket, codes(now()))).body
    house.flow.pass(2 * STEP_MS)
    return { username, token, codes, recoveryCodes }
  }
  async function ticketFor(username: string): Promise<string> {
    const answer = await house.logIn(username)
    expect(codeOf(answer)).toBe('second-factor-required')
    return (answer.body as unknown as { ticket: string }).ticket
  }
  const step = (ticket: string, code: string, address = 'desk') =>
    post<OperatorSession>('/admin/session/second-factor', { ticket, code }, undefined, { 'X-Address': address })

  it('must be set up by a checker and an administrator before anything else, and by nobody else', async () => {
    for (const role of ['checker', 'admin', 'maker', 'auditor', 'viewer'] as const) {
      const { body } = await house.logIn(await person({ roles: [role] }))
      const due = role === 'checker' || role === 'admin'
      expect([role, body.secondFactorDue, await look(body.token)]).toEqual([
        role,
        due,
        due ? 'second-factor-due' : 'ok',
      ])
    }
  })

  it('is set up by its first code; the session goes on, others end, and nothing of the secret is told again', async () => {
    const username = await person()
    const [{ token, refreshToken }, other] = [(await house.logIn(username)).body, (await house.logIn(username)).body]
    expect(await factorOf(token)).toEqual({ required: true, since: null, recoveryCodesLeft: null })
    const { secret, uri, ticket } = (await begin(token)).body
    expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(uri).toContain(`secret=${secret}`)
    const code = authenticator(secret)(now())
    expect(codeOf(await confirm(token, ticket, '000000'))).toBe('code-refused wrong')
    expect(codeOf(await confirm(other.token, ticket, code))).toBe('code-refused expired')
    const { recoveryCodes } = (await confirm(token, ticket, code)).body
    expect(recoveryCodes).toHaveLength(10)
    expect(new Set(recoveryCodes).size).toBe(10)
    expect(recoveryCodes[0]).toMatch(/^([a-z2-9]{4}-){3}[a-z2-9]{4}$/)
    expect(await look(token)).toBe('ok')
    expect(await look(other.token)).toBe('token-invalid')
    const renewed = await post<OperatorSession>('/admin/session/refresh', { refreshToken })
    expect([renewed.body.secondFactorDue, await look(renewed.body.token)]).toEqual([false, 'ok'])
    expect(renewed.body.operator.secondFactor).toBe(true)
    expect(await factorOf(token)).toMatchObject({ recoveryCodesLeft: 10 })
    const deeds = JSON.stringify(await house.operators.deeds({ username, limit: 50 }))
    expect(deeds).toContain('operator.second-factor')
    const sql = openSql({ ...house.sql.connection(), max: 1 })
    const { rows } = await sql.db.executeQuery(CompiledQuery.raw('select * from operator_factors'))
    await sql.close()
    for (const told of [deeds, JSON.stringify(rows)]) {
      expect(told).not.toContain(secret)
      expect(told).not.toContain(recoveryCodes[0])
    }
  })

  it('is asked for after the password, which alone opens nothing', async () => {
    const { username, codes } = await enrolled()
    const ticket = await ticketFor(username)
    expect((await house.ask('GET', '/admin/session', { token: ticket })).status).toBe(401)
    const { status, body } = await step(ticket, codes(now()))
    expect([status, body.secondFactorDue, await look(body.token)]).toEqual([200, false, 'ok'])
  })

  it('opens one session for one code and one ticket, however often and at once they come', async () => {
    const { username, codes } = await enrolled()
    const [one, other] = [await ticketFor(username), await ticketFor(username)]
    const code = codes(now())
    const both = await Promise.all([step(one, code), step(other, code)])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 422])
    expect(codeOf(both.find(({ status }) => status === 422)!)).toBe('code-refused used')
    house.flow.pass(STEP_MS)
    const used = both[0]!.status === 200 ? one : other
    expect(codeOf(await step(used, codes(now())))).toBe('login-refused')
  })

  it.each([
    ['40 s behind', -40_000, '200'],
    ['25 s ahead', 25_000, '200'],
    ['two minutes behind', -120_000, 'code-refused late'],
    ['two minutes ahead', 120_000, 'code-refused wrong'],
  ])('of a telephone %s: %s', async (_, off, expected) => {
    const { username, codes } = await enrolled()
    house.flow.pass(STEP_MS - (now() % STEP_MS) + 15_000)
    house.flow.pass(2 * STEP_MS)
    const answer = await step(await ticketFor(username), codes(now() + off))
    expect(answer.status === 200 ? '200' : codeOf(answer)).toBe(expected)
  })

  it('takes a code with spaces, or in full-width digits, and doesn’t count what is no code', async () => {
    const { username, codes } = await enrolled()
    const ticket = await ticketFor(username)
    for (const text of ['12345', '1234567', 'password', '验证码']) {
      for (let nth = 0; nth < 3; nth++) expect(codeOf(await step(ticket, text))).toBe('code-refused malformed')
    }
    const wide = [...codes(now())].map((one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0)).join('')
    expect((await step(ticket, ` ${wide.slice(0, 3)} ${wide.slice(3)} `)).status).toBe(200)
  })

  it('locks after five wrong codes from an address, and never the browser that its owner came in with', async () => {
    const { username, codes } = await enrolled()
    const desk = house.visitor('192.0.2.1')
    await desk.logIn(username)
    const ticket = await ticketFor(username)
    const headers = () => ({
      Cookie: Object.entries(desk.cookies)
        .map((one) => one.join('='))
        .join('; '),
    })
    const first = await post('/admin/session/second-factor', { ticket, code: codes(now()) }, undefined, headers())
    desk.cookies['__Host-fapai_browser'] = /=([^;]+)/.exec(first.headers.getSetCookie()[0]!)![1]!
    house.flow.pass(STEP_MS)
    const stolen = await ticketFor(username)
    for (let nth = 0; nth < 5; nth++) expect((await step(stolen, '000000', 'thief')).status).toBe(422)
    const locked = await step(stolen, codes(now()), 'thief')
    expect([codeOf(locked), locked.headers.get('retry-after')]).toEqual(['login-locked', '900'])
    const own = { ticket: await ticketFor(username), code: codes(now()) }
    expect((await post('/admin/session/second-factor', own, undefined, headers())).status).toBe(200)
  })

  it('has codes to recover with, each good once, and says how many are left', async () => {
    const { username, recoveryCodes } = await enrolled()
    const [code] = recoveryCodes
    const both = await Promise.all([
      step(await ticketFor(username), code!.toUpperCase()),
      step(await ticketFor(username), code!.replaceAll('-', ' ')),
    ])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 422])
    const { token } = both.find(({ status }) => status === 200)!.body
    expect(await factorOf(token)).toMatchObject({ recoveryCodesLeft: 9 })
    expect(codeOf(await step(await ticketFor(username), code!))).toBe('code-refused wrong')
    const actions = (await house.operators.deeds({ username, limit: 50 })).map((one) => one.action)
    expect(actions).toContain('operator.recovery-code')
  })

  it('is replaced only by who shows a code of it: a stolen session can’t', async () => {
    const { username, token, codes } = await enrolled()
    expect(codeOf(await begin(token))).toBe('code-refused malformed')
    for (let nth = 0; nth < 5; nth++) expect(codeOf(await begin(token, '000000'))).toBe('code-refused wrong')
    expect(codeOf(await begin(token, codes(now())))).toBe('login-locked')
    house.flow.pass(15 * MINUTE_MS)
    const again = (await house.logIn(username)).body as unknown as { ticket: string }
    const session = (await step(again.ticket, codes(now()))).body
    house.flow.pass(STEP_MS)
    const { secret, ticket } = (await begin(session.token, codes(now()))).body
    const next = authenticator(secret)
    expect((await confirm(session.token, ticket, next(now()))).status).toBe(200)
    house.flow.pass(2 * STEP_MS)
    expect(codeOf(await step(await ticketFor(username), codes(now())))).toBe('code-refused wrong')
    expect((await step(await ticketFor(username), next(now()))).status).toBe(200)
  })

  it('has five guesses from whoever may unlock, too: at their own, by another password, and at a colleague’s', async () => {
    const root = await enrolled({ roles: ['admin'] })
    const unlock = async (username: string) =>
      expect((await post(`/admin/operators/${username}/unlock`, {}, root.token)).status).toBe(200)
    for (let nth = 0; nth < 5; nth++) expect(codeOf(await begin(root.token, '000000'))).toBe('code-refused wrong')
    await unlock(root.username)
    expect(codeOf(await begin(root.token, root.codes(now())))).toBe('login-locked')
    const other = await enrolled()
    const ticket = await ticketFor(other.username)
    for (let nth = 0; nth < 5; nth++) expect((await step(ticket, '000000', 'colleague')).status).toBe(422)
    await unlock(other.username)
    expect(codeOf(await step(ticket, other.codes(now()), 'colleague'))).toBe('login-locked')
    const next = 'quite-another-password'
    const { body } = await post<OperatorSession>('/admin/password', { current: PASSWORD, next }, root.token)
    expect(codeOf(await begin(body.token, root.codes(now())))).toBe('login-locked')
  })

  it('stays passed when the password is changed; the ticket of the old password opens nothing', async () => {
    const { username, token, codes } = await enrolled()
    const old = await ticketFor(username)
    const changed = await post<OperatorSession>(
      '/admin/password',
      { current: PASSWORD, next: 'quite-another-password' },
      token,
    )
    expect([changed.status, await look(changed.body.token)]).toEqual([200, 'ok'])
    expect(codeOf(await step(old, codes(now())))).toBe('login-refused')
  })

  it.each(['', 'x', 'x.y'])('takes no ticket that isn’t ours: %j', async (ticket) => {
    expect((await step(ticket, '123456')).status).toBe(ticket ? 401 : 400)
    const { username, codes } = await enrolled()
    const ours = await ticketFor(username)
    expect(codeOf(await step(`f${ours.slice(1)}`, codes(now())))).toBe('login-refused')
    house.flow.pass(5 * MINUTE_MS)
    expect(codeOf(await step(ours, codes(now())))).toBe('login-refused')
  })

  it('is taken away by two administrators and nobody alone, not even for themselves', async () => {
    const [root, second] = [await enrolled({ roles: ['admin'] }), await enrolled({ roles: ['admin'] })]
    const lost = await enrolled()
    const guessed = await ticketFor(lost.username)
    for (let nth = 0; nth < 5; nth++) expect((await step(guessed, '000000', 'market')).status).toBe(422)
    const reset = (username: string, by: { token: string }) =>
      post(`/admin/operators/${username}/reset-second-factor`, {}, by.token)
    expect(codeOf(await reset(root.username, root))).toBe('self-change')
    expect((await reset(lost.username, lost)).status).toBe(403)
    const asked = await reset(lost.username, root)
    expect(asked.status).toBe(202)
    const { changeId, revision } = asked.body.change
    const approve = (token: string) =>
      house.ask('POST', `/admin/changes/${changeId}/approve`, { token, ifMatch: revision, body: {} })
    expect(codeOf(await approve(root.token))).toBe('own-change')
    expect(await look(lost.token)).toBe('ok')
    expect((await approve(second.token)).status).toBe(200)
    expect(await look(lost.token)).toBe('token-invalid')
    const { body } = await house.logIn(lost.username)
    expect([body.secondFactorDue, await look(body.token)]).toEqual([true, 'second-factor-due'])
    expect(codeOf(await reset(lost.username, root))).toBe('not-found subject-missing')
    const { secret, ticket } = (await begin(body.token)).body
    await confirm(body.token, ticket, authenticator(secret)(now()))
    house.flow.pass(2 * STEP_MS)
    const again = await step(await ticketFor(lost.username), authenticator(secret)(now()), 'market')
    expect(again.status).toBe(200)
  })

  it.each([
    ['asked for after single sign-on, too', false, 'second-factor-required'],
    ['not asked for where the provider’s word on it is taken', true, undefined],
  ])('is %s', async (_, vouched, expected) => {
    const { username } = await enrolled({ roles: ['checker'], passwordHash: null, oidcSubject: `subject-${vouched}` })
    const answer = await signOn(`subject-${vouched}`, vouched)
    expect(codeOf(answer)).toBe(expected)
    if (vouched) expect([answer.body.operator.username, await look(answer.body.token)]).toEqual([username, 'ok'])
  })

  it('goes over to a new master key with its next code, and is lost with a key that is thrown away', async () => {
    const { username, codes, recoveryCodes } = await enrolled()
    const keyOf = async () => (await house.operators.secondFactor(username))!.secret.keyId
    const rotated = masterKeys(Buffer.alloc(32, 22), [KEY])
    const before = await keyOf()
    house.deps.secondFactor.masters = rotated
    expect((await step(await ticketFor(username), codes(now()))).status).toBe(200)
    expect([before, await keyOf()]).toEqual([masters.current.id, rotated.current.id])
    house.flow.pass(STEP_MS)
    house.deps.secondFactor.masters = masterKeys(Buffer.alloc(32, 22))
    expect((await step(await ticketFor(username), codes(now()))).status).toBe(200)
    house.flow.pass(STEP_MS)
    house.deps.secondFactor.masters = masters
    const lost = await step(await ticketFor(username), codes(now()))
    expect([lost.status, lost.body]).toMatchObject([422, { code: 'code-refused', field: 'code', reason: 'lost' }])
    const deeds = await house.operators.deeds({ username, limit: 50 })
    expect(deeds).toContainEqual(expect.objectContaining({ after: { step: 'second-factor', why: 'key-dropped' } }))
    expect((await step(await ticketFor(username), recoveryCodes[0]!)).status).toBe(200)
  })
})
