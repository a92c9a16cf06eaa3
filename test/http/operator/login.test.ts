import type { OperatorSession } from '../../../server/http/contract'
import { type LogInHouse, openHouse, PASSWORD } from '../../support/log-in-house'

const MINUTE_MS = 60_000

describe('the log-in of operators', () => {
  let house: LogInHouse
  beforeAll(async () => {
    house = await openHouse()
  })
  afterAll(() => house?.stop())

  let made = 0
  /** A new one for each test. */
  async function operator(more?: Parameters<LogInHouse['add']>[1]): Promise<string> {
    const username = `operator-${++made}`
    await house.add(username, more)
    return username
  }
  const me = async (token: string) => {
    const { status, body } = await house.ask('GET', '/admin/session', { token })
    return status === 200 ? (body.username as string) : (body.code as string)
  }
  const refresh = (refreshToken: string) =>
    house.ask<OperatorSession>('POST', '/admin/session/refresh', { body: { refreshToken } })
  const codeOf = ({ body }: { body: unknown }) => (body as { code?: string }).code
  const actionsOf = async (username: string) =>
    (await house.operators.deeds({ username, limit: 50 })).map((one) => one.action).reverse()
  const loggedIn = async (username: string, password?: string) => {
    const { status, body } = await house.logIn(username, password)
    expect(status).toBe(200)
    return body
  }

  it('gives a session to who knows the password, and says who it is', async () => {
    const username = await operator({ roles: ['maker', 'viewer'], branchCode: 'B01' })
    const session = await loggedIn(username)
    expect(session.operator).toMatchObject({ username, roles: ['maker', 'viewer'], branchCode: 'B01', disabled: false })
    expect(JSON.stringify(session)).not.toContain('scrypt')
    expect(await me(session.token)).toBe(username)
    expect(await actionsOf(username)).toEqual(['session.open'])
  })

  it('refuses a wrong password, an unknown name and a disabled operator in the same words', async () => {
    const [right, disabled] = [await operator(), await operator({ disabledAt: 1 })]
    const answers = [
      await house.logIn(right, 'wrong-password'),
      await house.logIn('nobody'),
      await house.logIn(disabled),
      await house.logIn(await operator({ passwordHash: null, oidcSubject: 'only-sso' })),
    ]
    const said = answers.map(({ body }) => JSON.stringify({ ...(body as object), requestId: '' }))
    expect(new Set(said).size).toBe(1)
    expect(answers[0]).toMatchObject({ status: 401, body: { code: 'login-refused' } })
    expect(await actionsOf(right)).toEqual(['session.refuse'])
  })

  it('checks a password for a name that is nobody’s, too, so that the time tells nothing', async () => {
    const asked: (string | null)[] = []
    const { passwords } = house.deps
    const matches: typeof passwords.matches = (password, hash) => {
      asked.push(hash)
      return passwords.matches(password, hash)
    }
    const other = await openHouse(() => ({ passwords: { ...passwords, matches } }))
    await other.add('maker')
    for (const name of ['maker', 'nobody']) await other.logIn(name, 'wrong-password')
    await other.stop()
    expect(asked).toEqual([expect.stringMatching(/^\$scrypt\$/), null])
  })

  it('is locked for 15 minutes after five wrong passwords, for the right one too, and says for how long', async () => {
    const username = await operator()
    for (let nth = 0; nth < 5; nth++) expect((await house.logIn(username, 'wrong-password')).status).toBe(401)
    const locked = await house.logIn(username)
    expect(locked).toMatchObject({ status: 429, body: { code: 'login-locked' } })
    expect(locked.headers.get('retry-after')).toBe('900')
    house.flow.pass(15 * MINUTE_MS - 1)
    expect((await house.logIn(username)).headers.get('retry-after')).toBe('1')
    house.flow.pass(1)
    expect((await house.logIn(username)).status).toBe(200)
  })

  it('counts only wrong passwords in a row', async () => {
    const username = await operator()
    for (let round = 0; round < 3; round++) {
      for (let nth = 0; nth < 4; nth++) expect((await house.logIn(username, 'wrong-password')).status).toBe(401)
      expect((await house.logIn(username)).status).toBe(200)
    }
  })

  it('of a crowd of guesses at once lets five be made', async () => {
    const username = await operator()
    const statuses: number[] = []
    for (let round = 0; round < 3; round++) {
      const crowd = Array.from({ length: 15 }, () => house.logIn(username, 'wrong-password'))
      statuses.push(...(await Promise.all(crowd)).map(({ status }) => status))
    }
    expect(statuses.filter((status) => status === 401)).toHaveLength(5)
    expect(new Set(statuses)).toEqual(new Set([401, 429, 503]))
  })

  it('tells who comes when too many wait to come back, without counting it as an attempt', async () => {
    const { passwords } = house.deps
    let crowded = true
    const other = await openHouse(() => ({
      passwords: { ...passwords, inTurn: async (...asked) => (crowded ? undefined : passwords.inTurn(...asked)) },
    }))
    await other.add('maker')
    for (let nth = 0; nth < 9; nth++)
      expect(await other.logIn('maker')).toMatchObject({ status: 503, body: { code: 'busy' } })
    crowded = false
    expect((await other.logIn('maker')).status).toBe(200)
    await other.stop()
  })

  it.each([
    ['no body', undefined, 415],
    ['no password', { username: 'maker' }, 400],
    ['a number', { username: 'maker', password: 12_345_678 }, 400],
    ['nothing', { username: '', password: '' }, 400],
    ['half a letter', { username: 'maker', password: '\ud800' }, 400],
    // a backslash, and then what looks like such a letter: it is a name like any other
    ['no such text', { username: '\\u0000', password: 'x' }, 401],
    ['what no database holds', { username: 'a\u0000b', password: 'x' }, 400],
  ])('refuses %s as bad input', async (_, body, status) => {
    const answer = await house.ask('POST', '/admin/session', { body })
    expect(answer.status).toBe(status)
  })

  describe('a session', () => {
    it('has tokens of ten minutes, renewed with a refresh token that works once', async () => {
      const username = await operator()
      const first = await loggedIn(username)
      house.flow.pass(10 * MINUTE_MS)
      expect(await me(first.token)).toBe('token-expired')
      const second = (await refresh(first.refreshToken)).body
      expect(await me(second.token)).toBe(username)
      expect(second.refreshExpiresAt).toBe(first.refreshExpiresAt)
      const third = (await refresh(second.refreshToken)).body
      expect(await me(third.token)).toBe(username)
    })

    it.each([1, 2])('ends when a refresh token spent %s times ago comes again', async (ago) => {
      const username = await operator()
      const held = [await loggedIn(username)]
      for (let nth = 0; nth < ago; nth++) held.push((await refresh(held.at(-1)!.refreshToken)).body)
      expect(codeOf(await refresh(held[0]!.refreshToken))).toBe('login-refused')
      expect(await me(held.at(-1)!.token)).toBe('token-invalid')
      expect(codeOf(await refresh(held.at(-1)!.refreshToken))).toBe('login-refused')
      expect((await actionsOf(username)).at(-1)).toBe('session.reused')
    })

    it('ends after eight hours, however often it was renewed', async () => {
      let session = await loggedIn(await operator())
      for (let nth = 0; nth < 8 * 6 - 1; nth++) {
        house.flow.pass(10 * MINUTE_MS)
        const renewed = await refresh(session.refreshToken)
        expect(renewed.status).toBe(200)
        session = renewed.body
      }
      house.flow.pass(10 * MINUTE_MS - 1)
      const last = await refresh(session.refreshToken)
      expect(last.status).toBe(200)
      house.flow.pass(1)
      expect(await me(last.body.token)).toBe('token-expired')
      expect((await refresh(last.body.refreshToken)).status).toBe(401)
    })

    it('can’t be renewed with a token of another kind, or one that was changed', async () => {
      const session = await loggedIn(await operator())
      for (const token of [session.token, `${session.refreshToken}A`, 'x', session.refreshToken.replace(/^./, 'f')])
        expect(codeOf(await refresh(token))).toBe('login-refused')
      expect(await me(session.token)).toMatch(/^operator-/)
    })

    it('ends at once with log-out, and its deed is written once', async () => {
      const username = await operator()
      const session = await loggedIn(username)
      const other = await loggedIn(username)
      expect(await house.ask('POST', '/admin/session/end', { token: session.token })).toMatchObject({
        status: 200,
        body: { ended: true },
      })
      expect(await me(session.token)).toBe('token-invalid')
      expect((await refresh(session.refreshToken)).status).toBe(401)
      expect(await me(other.token)).toBe(username)
      expect((await actionsOf(username)).filter((one) => one === 'session.end')).toHaveLength(1)
    })

    it('ends at once when its operator is disabled, and does not come back', async () => {
      await house.add('boss', { roles: ['admin'] })
      const { token } = await loggedIn('boss')
      const username = await operator()
      const session = await loggedIn(username)
      const set = (disabled: boolean) =>
        house.ask('PATCH', `/admin/operators/${username}`, { token, body: { disabled } })
      expect(await set(true)).toMatchObject({ status: 200, body: { operator: { disabled: true }, change: null } })
      expect(await me(session.token)).toBe('token-invalid')
      expect((await refresh(session.refreshToken)).status).toBe(401)
      expect((await house.logIn(username)).status).toBe(401)
      const { body } = await set(false)
      expect((await house.logIn(username)).status).toBe(401)
      await house.add('boss2', { roles: ['admin'] })
      await house.approve(body.change.changeId, await loggedIn('boss2'))
      expect(await me(session.token)).toBe('token-invalid')
      expect((await house.logIn(username)).status).toBe(200)
    })

    it('is an operator’s and opens nothing else; a payer’s token is no session', async () => {
      const { token } = await loggedIn(await operator())
      expect(codeOf(await house.ask('GET', '/api/agreements', { token }))).toBe('role-refused')
      const payer = house.deps.tokens.issue({ kind: 'payer', payerId: 'p_1' }, house.flow.clock.now()).token
      expect(await me(payer)).toBe('role-refused')
      const forged = house.deps.tokens.issue({ kind: 'operator', sessionId: 'nobody’s' }, house.flow.clock.now()).token
      expect(await me(forged)).toBe('token-invalid')
    })
  })

  describe('a password', () => {
    const change = (token: string, current: string, next: string) =>
      house.ask<OperatorSession>('POST', '/admin/password', { token, body: { current, next } })

    it('that must be changed opens nothing but its change; then a new session goes on', async () => {
      const username = await operator({ mustChangePassword: true })
      const { token } = await loggedIn(username)
      expect(await me(token)).toBe(username)
      const audit = (with_: string) => house.ask('GET', '/admin/operators', { token: with_ })
      expect(codeOf(await audit(token))).toBe('password-change-due')
      const changed = await change(token, PASSWORD, 'another-password')
      expect(changed).toMatchObject({ status: 200, body: { operator: { mustChangePassword: false } } })
      expect(await me(token)).toBe('token-invalid')
      expect(codeOf(await audit(changed.body.token))).toBe('role-refused')
      expect((await house.logIn(username)).status).toBe(401)
      await loggedIn(username, 'another-password')
      expect(await actionsOf(username)).toContain('operator.password')
    })

    it('is not changed to itself, to a short one, to one with the name in it, or without the current one', async () => {
      const username = await operator()
      const { token } = await loggedIn(username)
      const refused = async (current: string, next: string) => {
        const { body } = await change(token, current, next)
        const { code, field } = body as unknown as { code: string; field: string }
        return `${code} ${field}`
      }
      expect(await refused(PASSWORD, PASSWORD)).toBe('password-refused next')
      expect(await refused(PASSWORD, `${username.toUpperCase()}-123`)).toBe('password-refused next')
      expect(await refused(PASSWORD, 'short')).toBe('invalid-input next')
      expect(await refused('wrong-password', 'another-password')).toBe('password-refused current')
      await loggedIn(username)
    })

    it('can’t be guessed by who holds a session either', async () => {
      const username = await operator()
      const { token } = await loggedIn(username)
      for (let nth = 0; nth < 5; nth++) await change(token, 'wrong-password', 'another-password')
      expect(codeOf(await change(token, PASSWORD, 'another-password'))).toBe('login-locked')
    })
  })

  it('says that there is no single sign-on where none is configured', async () => {
    expect((await house.ask('GET', '/admin/session/ways')).body).toEqual({ password: true, singleSignOn: null })
    expect((await house.ask('GET', '/admin/oidc/start')).status).toBe(404)
    const ticket = await house.ask('POST', '/admin/session/ticket', { body: { ticket: 'x.y' } })
    expect(codeOf(ticket)).toBe('login-refused')
  })
})
