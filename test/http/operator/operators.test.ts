import { CompiledQuery } from 'kysely'
import type {
  ActionList,
  AskedChange,
  ChainView,
  OperatorChanged,
  OperatorList,
  OperatorView,
  SealList,
} from '../../../server/http/contract'
import { openSql } from '../../../server/store/sql/open-sql'
import { type LogInHouse, openHouse, PASSWORD } from '../../support/log-in-house'

describe('the administration of operators', () => {
  let house: LogInHouse
  let admin: string
  let other: { token: string }
  beforeAll(async () => {
    house = await openHouse()
    await house.add('boss', { roles: ['admin'] })
    await house.add('boss2', { roles: ['admin'] })
    admin = (await house.logIn('boss')).body.token
    other = (await house.logIn('boss2')).body
  })
  afterAll(() => house?.stop())

  const codeOf = ({ body }: { body: unknown }) => (body as { code?: string }).code
  const post = <T = Record<string, unknown>>(path: string, body?: unknown) =>
    house.ask<T>('POST', `/admin/operators${path}`, { token: admin, body })
  const patch = (username: string, body: unknown) =>
    house.ask<OperatorChanged>('PATCH', `/admin/operators/${username}`, { token: admin, body })
  /** what one administrator asked for, approved by the other; the one-time password, if there is one */
  const approved = async ({ status, body }: { status: number; body: AskedChange }) => {
    expect(status).toBe(202)
    const { change, half } = await house.approve(body.change.changeId, other)
    expect(change.state).toBe('applied')
    return half === null ? null : `${body.half}-${half}`
  }
  const log = async (query = '') => (await house.ask<ActionList>('GET', `/admin/audit${query}`, { token: admin })).body

  it('adds one with a password that is told once and must be changed', async () => {
    const added = await post<AskedChange>('', { username: 'wang', name: '王工', roles: ['maker', 'maker'] })
    expect(added.body).toMatchObject({
      half: expect.stringMatching(/^[a-z2-9]{4}-[a-z2-9]{4}$/),
      change: { before: null },
    })
    expect((await house.logIn('wang', added.body.half!)).status).toBe(401)
    const password = await approved(added)
    const own = (await house.logIn('wang', password!)).body.operator
    expect(own).toMatchObject({ username: 'wang', roles: ['maker'], branchCode: null, mustChangePassword: true })
    expect(password).toMatch(/^([a-z2-9]{4}-){3}[a-z2-9]{4}$/)
    const list = await house.ask<OperatorList>('GET', '/admin/operators', { token: admin })
    expect(list.body.items.map((one) => one.username)).toEqual(['boss', 'boss2', 'wang'])
    const deeds = (await log('?subject=operator/wang')).items.map(({ username, action }) => [username, action])
    expect(deeds.filter(([, action]) => action!.startsWith('change.'))).toEqual([
      ['boss2', 'change.apply'],
      ['boss2', 'change.approve'],
      ['boss', 'change.ask'],
    ])
    const told = JSON.stringify([list.body, await log()])
    for (const secret of ['scrypt', password!, added.body.half!]) expect(told).not.toContain(secret)
    expect(JSON.stringify(await log())).not.toContain('王工')
  })

  it.each([
    ['a name twice', { username: 'boss2' }, 409, 'operator-exists', 'username'],
    ['whoever lets in and makes', { roles: ['admin', 'maker'] }, 422, 'roles-apart', 'roles'],
    ['oneself', { username: 'boss' }, 403, 'self-change', null],
    ['a branch that isn’t', { branchCode: 'B77' }, 422, 'branch-not-found', 'branchCode'],
    ['no role', { roles: [] }, 400, 'invalid-input', 'roles'],
    ['a role nobody knows', { roles: ['king'] }, 400, 'invalid-input', 'roles.0'],
    ['capitals', { username: 'Wang' }, 400, 'invalid-input', 'username'],
    ['a line break for a name', { name: 'a\nb' }, 400, 'invalid-input', 'name'],
  ])('refuses %s', async (_, changed, status, code, field) => {
    const answer = await post('', { username: 'new-one', name: '新人', roles: ['viewer'], ...changed })
    expect(answer).toMatchObject({ status, body: { code, ...(field && { field }) } })
  })

  it('adds one who logs in by single sign-on, and gives no password to', async () => {
    const given = { username: 'li', name: '李工', roles: ['checker'], oidcSubject: 'subject-li' }
    const asked = await post<AskedChange>('', given)
    expect([asked.body.half, await approved(asked)]).toEqual([null, null])
    expect((await house.logIn('li', 'anything-at-all')).status).toBe(401)
    expect(codeOf(await post('/li/reset-password'))).toBe('password-refused')
  })

  it('changes roles and branch, and logs what was and what is', async () => {
    await house.add('zhao', { roles: ['viewer'] })
    const { token } = (await house.logIn('zhao')).body
    const changed = await patch('zhao', { roles: ['auditor'], branchCode: 'B01' })
    expect(changed).toMatchObject({ status: 202, body: { operator: { roles: ['viewer'] }, change: { state: 'open' } } })
    expect((await house.ask('GET', '/admin/session', { token })).status).toBe(200)
    await house.approve(changed.body.change!.changeId, other)
    expect((await house.ask('GET', '/admin/session', { token })).status).toBe(401)
    const [deed] = (await log('?subject=operator/zhao')).items
    expect(deed).toMatchObject({
      username: 'boss2',
      action: 'change.apply',
      before: { roles: ['viewer'], branchCode: null },
      after: { askedBy: 'boss', reviewedBy: 'boss2', after: { roles: ['auditor'], branchCode: 'B01' } },
    })
    expect(codeOf(await patch('zhao', { branchCode: 'B77' }))).toBe('branch-not-found')
    const actions = (await log('?subject=operator/zhao')).items.length
    expect(await patch('zhao', {})).toMatchObject({
      status: 200,
      body: { operator: { roles: ['auditor'] }, change: null },
    })
    expect((await log('?subject=operator/zhao')).items).toHaveLength(actions)
    expect(codeOf(await patch('nobody', { name: '无名' }))).toBe('operator-not-found')
  })

  it('shuts out at once, and lets in again only by two', async () => {
    await house.add('qian')
    expect(await patch('qian', { disabled: true, name: '钱工' })).toMatchObject({
      status: 200,
      body: { operator: { disabled: true, name: '钱工' }, change: null },
    })
    const again = await patch('qian', { disabled: false })
    expect(again).toMatchObject({ status: 202, body: { operator: { disabled: true } } })
    await house.approve(again.body.change!.changeId, other)
    expect((await house.logIn('qian')).status).toBe(200)
  })

  it('changes nothing of oneself: neither asked nor approved, and the log has each attempt', async () => {
    const ask = (body: object) => patch('boss', body)
    expect(codeOf(await ask({ roles: ['maker', 'checker', 'auditor'] }))).toBe('self-change')
    expect(codeOf(await ask({ roles: ['admin', 'maker'] }))).toBe('roles-apart')
    const asked = await patch('boss2', { roles: ['admin', 'auditor'] })
    const { changeId, revision } = asked.body.change!
    const approve = (token: string) =>
      house.ask('POST', `/admin/changes/${changeId}/approve`, { token, ifMatch: revision })
    expect([codeOf(await approve(admin)), codeOf(await approve(other.token))]).toEqual(['own-change', 'self-change'])
    const second = (await house.logIn('boss')).body.token
    expect(codeOf(await approve(second))).toBe('own-change')
    const tried = (await log()).items.filter(({ action }) => action === 'change.refuse').slice(0, 5)
    expect(tried.map(({ username, after }) => [username, (after as { code: string }).code]).reverse()).toEqual([
      ['boss', 'self-change'],
      ['boss', 'roles-apart'],
      ['boss', 'own-change'],
      ['boss2', 'self-change'],
      ['boss', 'own-change'],
    ])
    await house.ask('POST', `/admin/changes/${changeId}/withdraw`, { token: admin, ifMatch: revision })
  })

  it('counts nobody’s rights to make and check who has those of an administrator as well', async () => {
    await house.add('both', { roles: ['admin', 'maker', 'checker'] })
    const { token } = (await house.logIn('both')).body
    const branch = { code: 'B09', name: '江东支行', glAccount: '6421-19' }
    expect(codeOf(await house.ask('POST', '/admin/branches', { token, body: branch }))).toBe('role-refused')
    expect((await log()).items[0]).toMatchObject({
      username: 'both',
      action: 'access.refuse',
      after: { code: 'role-refused' },
    })
    await patch('both', { disabled: true })
  })

  it('can’t take away the last administrator, oneself included', async () => {
    await house.add('boss3', { roles: ['admin'] })
    const third = (await house.logIn('boss3')).body
    const asked = await house.ask('PATCH', '/admin/operators/boss', { token: third.token, body: { roles: ['viewer'] } })
    for (const username of ['boss2', 'boss3']) await patch(username, { disabled: true })
    expect(await patch('boss', { disabled: true })).toMatchObject({ status: 409, body: { code: 'last-admin' } })
    expect((await house.approve(asked.body.change.changeId, { token: admin })).change).toBeUndefined()
    // back as it was, by the command line's way
    const deed = { at: 0, username: 'system', action: 'operator.change', subject: 'operator/boss2' }
    await house.operators.change('boss2', { disabledAt: null }, () => deed)
    other = (await house.logIn('boss2')).body
  })

  it('unlocks, and issues another password that ends sessions and lock', async () => {
    await house.add('sun')
    const wrong = async () => {
      for (let nth = 0; nth < 6; nth++) await house.logIn('sun', 'wrong-password')
      return codeOf(await house.logIn('sun'))
    }
    const session = (await house.logIn('sun')).body
    expect(await wrong()).toBe('login-locked')
    expect((await post<OperatorView>('/sun/unlock')).body).toMatchObject({ username: 'sun', locked: false })
    expect((await house.logIn('sun')).status).toBe(200)
    expect(await wrong()).toBe('login-locked')
    const password = await approved(await post<AskedChange>('/sun/reset-password'))
    expect((await house.ask('GET', '/admin/session', { token: session.token })).status).toBe(401)
    expect((await house.logIn('sun', PASSWORD)).status).toBe(401)
    expect((await house.logIn('sun', password!)).status).toBe(200)
    for (const path of ['/nobody/unlock', '/nobody/reset-password'])
      expect(codeOf(await post(path))).toBe('operator-not-found')
  })

  it('shows the log page by page, newest first, of one operator or one subject', async () => {
    for (let nth = 0; nth < 120; nth++)
      await house.operators.log({ at: 1, username: 'writer', action: 'thing.do', subject: `thing/${nth}` })
    const pages: ActionList[] = []
    for (let cursor: string | undefined = ''; cursor !== undefined; cursor = pages.at(-1)!.nextCursor)
      pages.push(await log(`?username=writer${cursor && `&cursor=${cursor}`}`))
    expect(pages.map((page) => page.items.length)).toEqual([50, 50, 20])
    const subjects = pages.flatMap((page) => page.items.map((one) => one.subject))
    expect(subjects).toEqual(Array.from({ length: 120 }, (_, nth) => `thing/${119 - nth}`))
    expect((await log('?subject=thing/7')).items).toHaveLength(1)
    for (const query of ['?cursor=x', '?cursor=-1', '?username=%00', '?subject=%00', '?username=A%20B'])
      expect([query, codeOf({ body: await log(query) })]).toEqual([query, 'invalid-input'])
  })

  it('shows the log of days and of a kind of object', async () => {
    const midnight = Date.parse('2026-10-02T00:00:00+08:00')
    for (const at of [midnight - 1, midnight, midnight + 86_400_000 - 1, midnight + 86_400_000])
      await house.operators.log({ at, username: 'writer', action: 'thing.do', subject: `clock/${at - midnight}` })
    const subjects = async (query: string) => (await log(query)).items.map((one) => one.subject)
    expect(await subjects('?from=2026-10-02&to=2026-10-02')).toEqual(['clock/86399999', 'clock/0'])
    expect(await subjects('?noun=clock&to=2026-10-01')).toEqual(['clock/-1'])
    expect(await subjects('?noun=clock')).toHaveLength(4)
    expect(await subjects('?noun=cloc')).toEqual([])
    expect(await subjects('?noun=clock&from=2026-10-03&to=2026-10-02')).toEqual([])
    for (const query of ['?from=2026-02-30', '?to=x', '?noun=%25', '?noun=_____'])
      expect([query, codeOf({ body: await log(query) })]).toEqual([query, 'invalid-input'])
  })

  it('says whether the log is as it was written, and where it isn’t, and which days of the books are sealed', async () => {
    const chain = async () => (await house.ask<ChainView>('GET', '/admin/audit/chain', { token: admin })).body
    const before = await chain()
    expect(before).toMatchObject({ intact: true, brokenAt: null })
    expect(before.endMac).toBe((await log()).items[0]!.mac)
    const sql = openSql({ ...house.sql.connection(), max: 1 })
    const link = (no: number, date: string | null) =>
      `(${no}, ${no}, ${date && `'${date}'`}, 0, 0, 0, 0, '', '', '', 'mac ${no}')`
    for (const text of [
      `insert into ledger_links values ${link(1, '2026-11-20')}, ${link(2, null)}, ${link(3, '2026-11-21')}`,
      'alter table operator_actions disable trigger all',
      "update operator_actions set username = 'somebody' where action_id = 4",
    ])
      await sql.db.executeQuery(CompiledQuery.raw(text))
    await sql.close()
    expect(await chain()).toMatchObject({ intact: false, brokenAt: 4, actions: before.actions })

    const seals = await house.ask<SealList>('GET', '/admin/audit/seals', { token: admin })
    expect(seals.body.items).toEqual([
      { date: '2026-11-21', link: 3, at: '1970-01-01T00:00:00.003Z', mac: 'mac 3' },
      { date: '2026-11-20', link: 1, at: '1970-01-01T00:00:00.001Z', mac: 'mac 1' },
    ])
  })
})
