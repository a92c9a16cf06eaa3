import { CompiledQuery } from 'kysely'
import type { ActionList, ChainView, IssuedPassword, OperatorList, OperatorView } from '../../../server/http/contract'
import { openSql } from '../../../server/store/sql/open-sql'
import { type LogInHouse, openHouse, PASSWORD } from '../../support/log-in-house'

describe('the administration of operators', () => {
  let house: LogInHouse
  let admin: string
  beforeAll(async () => {
    house = await openHouse()
    await house.add('boss', { roles: ['admin'] })
    admin = (await house.logIn('boss')).body.token
  }, 300_000)
  afterAll(() => house?.stop())

  const codeOf = ({ body }: { body: unknown }) => (body as { code?: string }).code
  const post = <T = Record<string, unknown>>(path: string, body?: unknown) =>
    house.ask<T>('POST', `/admin/operators${path}`, { token: admin, body })
  const patch = (username: string, body: unknown) =>
    house.ask<OperatorView>('PATCH', `/admin/operators/${username}`, { token: admin, body })
  const log = async (query = '') => (await house.ask<ActionList>('GET', `/admin/audit${query}`, { token: admin })).body

  it('adds one with a password that is told once and must be changed', async () => {
    const added = await post<IssuedPassword>('', { username: 'wang', name: '王工', roles: ['maker', 'maker'] })
    expect(added.status).toBe(201)
    const { operator, password } = added.body
    expect(operator).toMatchObject({ username: 'wang', roles: ['maker'], branchCode: null, mustChangePassword: true })
    expect(password).toMatch(/^([a-z2-9]{4}-){3}[a-z2-9]{4}$/)
    expect((await house.logIn('wang', password!)).body.operator.mustChangePassword).toBe(true)
    const list = await house.ask<OperatorList>('GET', '/admin/operators', { token: admin })
    expect(list.body.items.map((one) => one.username)).toEqual(['boss', 'wang'])
    const [deed] = (await log('?subject=operator/wang')).items.filter((one) => one.action === 'operator.add')
    expect(deed).toMatchObject({ username: 'boss', after: { roles: ['maker'], branchCode: null, disabled: false } })
    const told = JSON.stringify([list.body, await log()])
    for (const secret of ['scrypt', password!]) expect(told).not.toContain(secret)
    expect(JSON.stringify(await log())).not.toContain('王工')
  })

  it.each([
    ['a name twice', { username: 'boss' }, 409, 'operator-exists', 'username'],
    ['a branch that isn’t', { branchCode: 'B77' }, 422, 'branch-not-found', 'branchCode'],
    ['no role', { roles: [] }, 400, 'invalid-input', 'roles'],
    ['a role nobody knows', { roles: ['king'] }, 400, 'invalid-input', 'roles.0'],
    ['capitals', { username: 'Wang' }, 400, 'invalid-input', 'username'],
    ['a line break for a name', { name: 'a\nb' }, 400, 'invalid-input', 'name'],
  ])('refuses %s', async (_, changed, status, code, field) => {
    const answer = await post('', { username: 'new-one', name: '新人', roles: ['viewer'], ...changed })
    expect(answer).toMatchObject({ status, body: { code, field } })
  })

  it('adds one who logs in by single sign-on, and gives no password to', async () => {
    const given = { username: 'li', name: '李工', roles: ['checker'], oidcSubject: 'subject-li' }
    expect((await post<IssuedPassword>('', given)).body).toMatchObject({
      password: null,
      operator: { singleSignOn: true },
    })
    expect((await house.logIn('li', 'anything-at-all')).status).toBe(401)
    expect(codeOf(await post('/li/reset-password'))).toBe('password-refused')
  })

  it('changes roles and branch, and logs what was and what is', async () => {
    await house.add('zhao', { roles: ['viewer'] })
    const { token } = (await house.logIn('zhao')).body
    const changed = await patch('zhao', { roles: ['auditor'], branchCode: 'B01' })
    expect(changed).toMatchObject({ status: 200, body: { roles: ['auditor'], branchCode: 'B01', name: '王工' } })
    expect((await house.ask('GET', '/admin/session', { token })).status).toBe(401)
    const [deed] = (await log('?subject=operator/zhao')).items
    expect(deed).toMatchObject({
      username: 'boss',
      action: 'operator.change',
      before: { roles: ['viewer'], branchCode: null },
      after: { roles: ['auditor'], branchCode: 'B01' },
    })
    expect(codeOf(await patch('zhao', { branchCode: 'B77' }))).toBe('branch-not-found')
    const actions = (await log('?subject=operator/zhao')).items.length
    expect(await patch('zhao', {})).toMatchObject({ status: 200, body: { roles: ['auditor'] } })
    expect((await log('?subject=operator/zhao')).items).toHaveLength(actions)
    expect(codeOf(await patch('nobody', { name: '无名' }))).toBe('operator-not-found')
  })

  it('can’t take away the last administrator, oneself included', async () => {
    for (const to of [{ disabled: true }, { roles: ['viewer'] }, { branchCode: 'B01' }])
      expect(await patch('boss', to)).toMatchObject({ status: 409, body: { code: 'last-admin' } })
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
    const { password, operator } = (await post<IssuedPassword>('/sun/reset-password')).body
    expect(operator).toMatchObject({ locked: false, mustChangePassword: true })
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

  it('says whether the log is as it was written, and where it isn’t', async () => {
    const chain = async () => (await house.ask<ChainView>('GET', '/admin/audit/chain', { token: admin })).body
    const before = await chain()
    expect(before).toMatchObject({ intact: true, brokenAt: null })
    expect(before.endMac).toBe((await log()).items[0]!.mac)
    const sql = openSql({ ...house.sql.connection(), max: 1 })
    for (const text of [
      'alter table operator_actions disable trigger all',
      "update operator_actions set username = 'somebody' where action_id = 4",
    ])
      await sql.db.executeQuery(CompiledQuery.raw(text))
    await sql.close()
    expect(await chain()).toMatchObject({ intact: false, brokenAt: 4, actions: before.actions })
  })
})
