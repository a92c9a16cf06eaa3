import { byAddress, type LogInHouse, openHouse, PASSWORD } from '../../support/log-in-house'

const MINUTE_MS = 60_000
const WRONG = 'wrong-password'

/** Who knows a name and no password keeps nobody out. */
describe('strangers at the log-in', () => {
  let house: LogInHouse
  beforeAll(async () => {
    house = await openHouse(() => byAddress)
    await house.add('root', { roles: ['admin'] })
  })
  afterAll(() => house?.stop())

  let addresses = 0
  const stranger = () => house.visitor(`198.51.100.${++addresses}`)
  let made = 0
  /** A new operator, who has logged in from their desk before. */
  async function atTheirDesk(more?: Parameters<LogInHouse['add']>[1]) {
    const username = `person-${++made}`
    await house.add(username, more)
    const desk = house.visitor('192.0.2.1')
    expect((await desk.logIn(username)).status).toBe(200)
    return { username, desk }
  }
  /** Strangers at so many addresses guess for as long as they are let. */
  async function storm(username: string, count: number): Promise<number[]> {
    const statuses: number[] = []
    for (let nth = 0; nth < count; nth++) {
      const one = stranger()
      for (let guess = 0; guess < 6; guess++) statuses.push((await one.logIn(username, WRONG)).status)
    }
    return statuses
  }

  it('lock themselves and their address, and nobody at another', async () => {
    const { username } = await atTheirDesk()
    const attacker = stranger()
    for (let guess = 0; guess < 5; guess++) expect((await attacker.logIn(username, WRONG)).status).toBe(401)
    expect((await attacker.logIn(username)).status).toBe(429)
    expect((await stranger().logIn(username)).status).toBe(200)
    expect((await attacker.logIn(username)).status).toBe(429)
  })

  it('have twenty guesses between them, and lock the name for strangers alone', async () => {
    const { username, desk } = await atTheirDesk()
    const statuses = await storm(username, 8)
    expect(statuses.filter((status) => status === 401)).toHaveLength(20)
    expect((await stranger().logIn(username)).status).toBe(429)
    expect((await desk.logIn(username)).status).toBe(200)
    // it is still the strangers' lock: the operator's coming in gives them no more guesses
    expect((await stranger().logIn(username, WRONG)).status).toBe(429)
  })

  it('never lock out the last administrator, who sees the lock and ends it', async () => {
    const desk = house.visitor('192.0.2.2')
    await desk.logIn('root')
    await storm('root', 5)
    const { body, status } = await desk.logIn('root')
    expect(status).toBe(200)
    const list = await house.ask('GET', '/admin/operators', { token: body.token })
    expect(list.body.items.find((one: { username: string }) => one.username === 'root')).toMatchObject({ locked: true })
    expect((await house.ask('POST', '/admin/operators/root/unlock', { token: body.token })).status).toBe(200)
    expect((await house.visitor('192.0.2.3').logIn('root')).status).toBe(200)
  })

  it('are told the same of a name that is nobody’s, guess by guess', async () => {
    const { username } = await atTheirDesk()
    const told = async (name: string) => {
      const answers: string[] = []
      for (let visitor = 0; visitor < 5; visitor++) {
        const one = house.visitor(`203.0.113.${visitor}`)
        for (let guess = 0; guess < 6; guess++) {
          const { status, headers, body } = await one.logIn(name, WRONG)
          const { requestId: _, ...said } = body as object & { requestId?: string }
          answers.push(`${status} ${headers.get('retry-after')} ${JSON.stringify(said)}`)
        }
      }
      return answers
    }
    const answers = await told(username)
    expect(await told('nobody-at-all')).toEqual(answers)
    expect(await told('Person-1')).toEqual(answers)
    expect(answers.filter((one) => one.startsWith('429 900'))).toHaveLength(10)
  })

  it('who took a browser’s word have five guesses with it, however the owner’s colleague comes and goes', async () => {
    const { username, desk } = await atTheirDesk()
    const colleague = await atTheirDesk()
    for (let guess = 0; guess < 5; guess++) {
      expect((await desk.logIn(username, WRONG)).status).toBe(401)
      expect((await desk.logIn(colleague.username)).status).toBe(200)
    }
    expect((await desk.logIn(username)).status).toBe(429)
    house.flow.pass(15 * MINUTE_MS)
    expect((await desk.logIn(username)).status).toBe(200)
  })

  it('with a browser’s word of before its last log-in, or of another operator, are strangers', async () => {
    const { username, desk } = await atTheirDesk()
    const stolen = { ...desk.cookies }
    await desk.logIn(username)
    expect(stolen).not.toEqual(desk.cookies)
    await storm(username, 5)
    expect((await house.visitor('192.0.2.9', stolen).logIn(username)).status).toBe(429)
    const insider = await atTheirDesk()
    expect((await insider.desk.logIn(username)).status).toBe(429)
    expect((await desk.logIn(username)).status).toBe(200)
  })

  it('are all whom a new password finds: no browser is known any more', async () => {
    const { username, desk } = await atTheirDesk()
    const root = (await house.visitor('192.0.2.4').logIn('root')).body.token
    const reset = await house.ask('POST', `/admin/operators/${username}/reset-password`, { token: root })
    await house.add('root2', { roles: ['admin'] })
    const other = (await house.visitor('192.0.2.5').logIn('root2')).body
    const { half } = await house.approve(reset.body.change.changeId, other)
    await storm(username, 5)
    expect((await desk.logIn(username, `${reset.body.half}-${half}`)).status).toBe(429)
  })

  it('get nothing but a cookie that no script and no other host can read or set', async () => {
    const { username } = await atTheirDesk()
    const { headers } = await stranger().logIn(username)
    expect(headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^__Host-fapai_browser=[\w-]{22}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=7776000; Secure$/,
      ),
    ])
    expect((await stranger().logIn(username, WRONG)).headers.getSetCookie()).toEqual([])
  })

  it('are forgotten over midnight like at any hour: a lock of 23:59 ends at 00:14', async () => {
    const { username } = await atTheirDesk()
    house.clock.at = Date.parse('2026-12-01T23:59:00+08:00')
    const attacker = stranger()
    for (let guess = 0; guess < 5; guess++) await attacker.logIn(username, WRONG)
    house.clock.at = Date.parse('2026-12-02T00:13:59+08:00')
    expect((await attacker.logIn(username)).headers.get('retry-after')).toBe('1')
    house.flow.pass(1_000)
    expect((await attacker.logIn(username)).status).toBe(200)
  })

  it('in a crowd with invented names leave an honest operator their turn', async () => {
    const { username, desk } = await atTheirDesk()
    const crowd = Array.from({ length: 25 }, (_, nth) => house.visitor('203.0.113.77').logIn(`invented-${nth}`, WRONG))
    const [known, unknown] = await Promise.all([desk.logIn(username), stranger().logIn(username, PASSWORD)])
    expect([known.status, unknown.status]).toEqual([200, 200])
    const answers = await Promise.all(crowd)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 503]))
    for (const { status, headers } of answers) if (status === 503) expect(headers.get('retry-after')).toBe('5')
  })
})
