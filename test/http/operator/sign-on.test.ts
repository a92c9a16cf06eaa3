import { authenticator } from '../../../harness/authenticator'
import { freePort } from '../../../harness/free-port'
import { type Browser, newBrowser, startProvider, type TestProvider } from '../../../harness/oidc'
import { type OperatorSide, startTestSystem, type TestSystem } from '../../../harness/system'
import { approved } from '../../../harness/two-people'
import type {
  ActionList,
  AskedChange,
  EnrolmentView,
  OperatorList,
  OperatorSession,
} from '../../../server/http/contract'

/** Operators log in through the bank's identity provider: a real one, in a process of its own. */
describe('single sign-on', () => {
  let provider: TestProvider
  let system: TestSystem
  let admin: OperatorSide

  beforeAll(async () => {
    const port = await freePort()
    provider = await startProvider(`http://127.0.0.1:${port}/admin/oidc/callback`)
    system = await startTestSystem({ PORT: String(port), OIDC_SECOND_FACTOR: 'on', ...provider.env })
    admin = await system.operator('admin')
    const other = await system.operator('admin2')
    for (const name of ['li', 'sun', 'zhou', 'wu']) {
      const given = { username: name, name: '李工', roles: ['checker'], oidcSubject: `subject-of-${name}` }
      expect(await approved(other, await admin.post<AskedChange>('/admin/operators', given))).toMatchObject({
        half: null,
      })
    }
  })
  afterAll(async () => {
    await system?.stop()
    await provider?.stop()
  })

  const isCallback = (url: URL) => url.pathname === '/admin/oidc/callback'
  const isConsole = (url: URL) => url.hash.startsWith('#/console/login/index')
  const start = () => `${system.url()}/admin/oidc/start`
  const resultOf = (url: URL | null) => Object.fromEntries(new URLSearchParams(url!.hash.split('?')[1]))
  const redeem = (ticket: string | undefined, { cookies }: Pick<Browser, 'cookies'>) => {
    const headers = { Cookie: [...cookies].map((one) => one.join('=')).join('; ') }
    return system.call('POST', '/admin/session/ticket', { body: { ticket }, headers })
  }

  /** All the way: what the console's log-in page is given. */
  async function signOn(
    subject: string,
    browser: Browser = newBrowser(),
    amr?: string[],
  ): Promise<Record<string, string>> {
    await provider.seat(subject, amr)
    return resultOf(await browser.follow(start(), isConsole))
  }
  /** Up to where the provider sends the browser back to us. */
  async function cameBack(subject: string, browser: Browser): Promise<URL> {
    await provider.seat(subject)
    return (await browser.follow(start(), isCallback))!
  }
  const finish = async (browser: Browser, url: URL) => resultOf(await browser.follow(url.href, isConsole))

  it('is offered at the log-in by its name', async () => {
    expect((await system.call('GET', '/admin/session/ways')).body).toEqual({
      password: true,
      singleSignOn: { name: '总行统一认证', startUrl: '/admin/oidc/start' },
    })
  })

  it('sends the browser away with state, nonce and a PKCE challenge, each time others, and a cookie of its own', async () => {
    const [one, other] = [await newBrowser().open(start()), await newBrowser().open(start())]
    const [a, b] = [one, other].map((reply) => new URL(reply.headers.get('location')!).searchParams)
    expect(one.status).toBe(302)
    expect(a!.get('code_challenge_method')).toBe('S256')
    expect(a!.get('response_type')).toBe('code')
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(a!.get(name)!.length).toBeGreaterThan(40)
      expect(a!.get(name)).not.toBe(b!.get(name))
    }
    expect(one.headers.get('set-cookie')).toMatch(/; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/)
    expect(one.headers.get('cache-control')).toBe('no-store')
  })

  it('brings a ticket that opens one session, of the operator the provider named', async () => {
    const browser = newBrowser()
    const { ticket } = await signOn('subject-of-li', browser)
    expect(browser.cookies.has('fapai_sign_on')).toBe(false)
    const first = await redeem(ticket, browser)
    expect(first).toMatchObject({ status: 200, body: { operator: { username: 'li', singleSignOn: true } } })
    const { token } = first.body as OperatorSession
    expect(await system.call('GET', '/admin/session', { token })).toMatchObject({ body: { username: 'li' } })
    expect(await redeem(ticket, browser)).toMatchObject({ status: 401, body: { code: 'login-refused' } })
    expect((await system.call('GET', '/admin/session', { token })).status).toBe(200)
    const { items } = (await admin.get<ActionList>('/admin/audit?username=li')).body
    expect(items).toMatchObject([{ action: 'session.open', after: { way: 'single-sign-on' } }])
  })

  it('opens one session when the ticket comes twice at once', async () => {
    const browser = newBrowser()
    const { ticket } = await signOn('subject-of-li', browser)
    const both = await Promise.all([redeem(ticket, browser), redeem(ticket, browser)])
    expect(both.map((one) => one.status).sort()).toEqual([200, 401])
  })

  it.each(['', 'x', 'x.y'])('takes no ticket that isn’t ours: %j', async (ticket) => {
    const browser = newBrowser()
    expect((await redeem(ticket, browser)).status).toBe(ticket ? 401 : 400)
    const { ticket: ours } = await signOn('subject-of-li', browser)
    expect((await redeem(`f${ours!.slice(1)}`, browser)).status).toBe(401)
    expect((await redeem(ours, browser)).status).toBe(200)
  })

  it('opens nothing in another browser: a ticket read over a shoulder, or one that a stranger sends along', async () => {
    const [theirs, mine] = [newBrowser(), newBrowser()]
    const { ticket } = await signOn('subject-of-li', theirs)
    expect((await redeem(ticket, newBrowser())).status).toBe(401)
    await signOn('subject-of-sun', mine)
    expect((await redeem(ticket, mine)).status).toBe(401)
    expect((await redeem(ticket, theirs)).status).toBe(200)
  })

  it('leaves the secret beside the ticket to the browser alone, for as long as the ticket lasts', async () => {
    const browser = newBrowser()
    const back = await browser.open((await cameBack('subject-of-li', browser)).href)
    const lines = back.headers.getSetCookie()
    expect(lines).toContain('fapai_sign_on=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0')
    expect(lines).toContainEqual(
      expect.stringMatching(/^fapai_ticket=[\w-]{22}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=60$/),
    )
    expect(back.headers.get('location')).not.toContain(browser.cookies.get('fapai_ticket')!)
    const { ticket } = resultOf(new URL(back.headers.get('location')!, start()))
    const opened = await redeem(ticket, browser)
    expect(opened.headers.getSetCookie()).toEqual([
      'fapai_ticket=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0',
      expect.stringMatching(/^fapai_browser=/),
    ])
  })

  it('refuses another state, none, and another’s', async () => {
    for (const state of ['another', null]) {
      const browser = newBrowser()
      const url = await cameBack('subject-of-li', browser)
      if (state) url.searchParams.set('state', state)
      else url.searchParams.delete('state')
      expect(await finish(browser, url)).toEqual({ refused: 'sign-on-refused' })
    }
    const [mine, theirs] = [newBrowser(), newBrowser()]
    const [url] = [await cameBack('subject-of-li', theirs), await cameBack('subject-of-li', mine)]
    expect(await finish(mine, url)).toEqual({ refused: 'sign-on-refused' })
  })

  it('refuses a browser that brings nothing back, or what was changed', async () => {
    const browser = newBrowser()
    const url = await cameBack('subject-of-li', browser)
    expect(await finish(newBrowser(), url)).toEqual({ refused: 'sign-on-refused' })
    const sealed = browser.cookies.get('fapai_sign_on')!
    browser.cookies.set('fapai_sign_on', `e30${sealed.slice(3)}`)
    expect(await finish(browser, url)).toEqual({ refused: 'sign-on-refused' })
  })

  it('refuses a code that was used, and an answer that says no', async () => {
    const browser = newBrowser()
    const url = await cameBack('subject-of-li', browser)
    const kept = browser.cookies.get('fapai_sign_on')!
    expect(await finish(browser, url)).toHaveProperty('ticket')
    browser.cookies.set('fapai_sign_on', kept)
    expect(await finish(browser, url)).toEqual({ refused: 'sign-on-refused' })
    const denied = newBrowser()
    const back = await cameBack('subject-of-li', denied)
    back.searchParams.delete('code')
    back.searchParams.set('error', 'access_denied')
    expect(await finish(denied, back)).toEqual({ refused: 'sign-on-refused' })
  })

  it('knows nobody by another name than the subject, and makes nobody an operator', async () => {
    const count = async () => (await admin.get<OperatorList>('/admin/operators')).body.items.length
    const before = await count()
    for (const subject of ['subject-of-nobody', 'li', 'admin'])
      expect(await signOn(subject)).toEqual({ refused: 'sign-on-unknown' })
    expect(await count()).toBe(before)
  })

  it('lets nobody in who was disabled, before or after the ticket', async () => {
    await admin.patch('/admin/operators/sun', { disabled: true })
    expect(await signOn('subject-of-sun')).toEqual({ refused: 'sign-on-unknown' })
    const browser = newBrowser()
    const { ticket } = await signOn('subject-of-zhou', browser)
    await admin.patch('/admin/operators/zhou', { disabled: true })
    expect((await redeem(ticket, browser)).status).toBe(401)
  })

  it('is asked for a second factor of ours, unless the provider says that it asked for one', async () => {
    const enter = async (amr?: string[]) => {
      const browser = newBrowser()
      const { ticket } = await signOn('subject-of-wu', browser, amr)
      return redeem(ticket, browser)
    }
    const { token } = (await enter()).body as OperatorSession
    const { secret, ticket } = (await system.call('POST', '/admin/second-factor', { token })).body as EnrolmentView
    const code = authenticator(secret)(Date.now())
    const confirmed = await system.call('POST', '/admin/second-factor/confirm', { token, body: { ticket, code } })
    expect(confirmed.status).toBe(200)
    for (const amr of [undefined, [], ['pwd'], ['OTP']])
      expect([amr, await enter(amr)]).toMatchObject([amr, { status: 401, body: { code: 'second-factor-required' } }])
    for (const amr of [['pwd', 'otp'], ['mfa'], ['hwk'], ['sc', 'pin']])
      expect([amr, (await enter(amr)).status]).toEqual([amr, 200])
  })

  it('says so when the provider is gone, before and after', async () => {
    const browser = newBrowser()
    const url = await cameBack('subject-of-li', browser)
    await provider.stop()
    expect(await finish(browser, url)).toEqual({ refused: 'sign-on-unavailable' })
    await system.killBff()
    await system.startBff()
    expect(await system.call('GET', '/admin/oidc/start')).toMatchObject({
      status: 503,
      body: { code: 'sign-on-unavailable' },
    })
    await system.operator('admin')
  })
})
