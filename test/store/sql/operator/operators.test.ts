import { CompiledQuery } from 'kysely'
import { sqlEngines, type TestSql } from '../../../../harness/sql'
import { ANYWHERE } from '../../../../server/domain/attempts'
import { keysFor, masterKeys } from '../../../../server/domain/key-ring'
import type { Deed, OperatorRecord, Operators } from '../../../../server/flow/ports'
import { deedLog } from '../../../../server/store/sql/deed/log'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlOperators } from '../../../../server/store/sql/operator/operators'
import { seedFoodStreet } from '../../../../server/store/sql/seed'
import { NOON, newMerchant } from '../payment/ledger-orders'
import { ledgerKeys } from './ledger-keys'

const FIRST_KEY = Buffer.alloc(32, 1)
const SECOND_KEY = Buffer.alloc(32, 2)
const ringOf = (current: Uint8Array, ...previous: Uint8Array[]) => keysFor('deed log', masterKeys(current, previous))

const deedOf = (action: string, more: Partial<Deed> = {}): Deed => ({
  at: NOON,
  username: 'root',
  action,
  subject: 'operator/any',
  ...more,
})

function person(username: string, more: Partial<OperatorRecord> = {}): OperatorRecord {
  return {
    username,
    name: '王工',
    roles: ['maker'],
    branchCode: null,
    passwordHash: 'hash',
    mustChangePassword: false,
    oidcSubject: null,
    disabledAt: null,
    lockedUntil: null,
    secondFactorSince: null,
    createdAt: NOON,
    lastLoginAt: null,
    ...more,
  }
}

describe.each(sqlEngines())('operators, $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  let operators: Operators
  beforeAll(async () => {
    engine = await start()
  })
  afterAll(() => engine?.stop())
  beforeEach(async () => {
    sql = await engine.fresh()
    operators = sqlOperators(sql, deedLog(ringOf(FIRST_KEY)))
    await seedFoodStreet(sql, { merchants: [{ ...newMerchant(), branchCode: 'B01' }], campaigns: [] })
    await operators.add(person('root', { roles: ['admin'] }), deedOf('operator.add'))
  })

  const add = (username: string, more?: Partial<OperatorRecord>) =>
    operators.add(person(username, more), deedOf('operator.add', { subject: `operator/${username}` }))
  const change = (username: string, to: Parameters<Operators['change']>[1]) =>
    operators.change(username, to, ({ roles }) => deedOf('operator.change', { before: { roles } }))
  const actions = async () => (await operators.deeds({ limit: 100 })).map((one) => one.action).reverse()
  const open = (sessionId: string, username = 'maker', refreshHash = `first-${sessionId}`) =>
    operators.openSession(
      {
        sessionId,
        username,
        refreshHash,
        now: NOON,
        expiresAt: NOON + 1_000,
        device: { hash: `kept-${sessionId}`, before: null },
        secondFactor: false,
      },
      deedOf('session.open'),
    )

  it('are kept as they are, listed by name, and not added twice', async () => {
    const maker = person('maker', {
      roles: ['maker', 'viewer'],
      branchCode: 'B01',
      oidcSubject: 's-1',
      passwordHash: null,
    })
    expect(await operators.add(maker, deedOf('operator.add'))).toBe('added')
    expect(await operators.operator('maker')).toEqual(maker)
    expect(await operators.operatorBySubject('s-1')).toEqual(maker)
    expect(await operators.operator('nobody')).toBeUndefined()
    expect((await operators.list()).map((one) => one.username)).toEqual(['maker', 'root'])
    expect(await add('maker')).toBe('exists')
    expect(await add('other', { oidcSubject: 's-1' })).toBe('exists')
    expect(await add('other', { branchCode: 'B99' })).toBe('branch-not-found')
    expect(await actions()).toEqual(['operator.add', 'operator.add'])
  })

  it('change with their deed, which sees them as they were, or not at all', async () => {
    await add('maker')
    expect(await change('maker', { roles: ['checker'], branchCode: 'B01' })).toMatchObject({
      kind: 'changed',
      operator: { roles: ['checker'], branchCode: 'B01', name: '王工' },
    })
    const [deed] = await operators.deeds({ limit: 1 })
    expect(deed).toMatchObject({ action: 'operator.change', before: { roles: ['maker'] }, after: null })
    expect(await change('maker', { branchCode: 'B99' })).toEqual({ kind: 'branch-not-found' })
    expect(await change('nobody', { name: 'x' })).toEqual({ kind: 'not-found' })
    expect(await actions()).toEqual(['operator.add', 'operator.add', 'operator.change'])
  })

  it('always leave one administrator of the whole bank, however many leave at once', async () => {
    await add('second', { roles: ['admin'] })
    await add('of-a-branch', { roles: ['admin'], branchCode: 'B01' })
    const both = await Promise.all([change('root', { disabledAt: NOON }), change('second', { roles: ['viewer'] })])
    expect(both.map((one) => one.kind).sort()).toEqual(['changed', 'last-admin'])
    const left = both[0].kind === 'changed' ? 'second' : 'root'
    for (const to of [{ disabledAt: NOON }, { roles: ['maker' as const] }, { branchCode: 'B01' }])
      expect(await change(left, to)).toEqual({ kind: 'last-admin' })
    expect((await change(left, { name: '陈工' })).kind).toBe('changed')
  })

  it('have so many attempts at a password, even all at once; then wait; then have them again', async () => {
    const attempt = (now: number, name = 'maker') => operators.countAttempt(name, 'here', 3, now)
    const answers = await Promise.all(Array.from({ length: 8 }, () => attempt(NOON)))
    expect(answers.filter((until) => until === null)).toHaveLength(3)
    expect(answers.filter((until) => until === NOON + 900_000)).toHaveLength(5)
    expect(await attempt(NOON + 899_999)).toBe(NOON + 900_000)
    expect(await operators.countAttempt('maker', 'there', 3, NOON)).toBeNull()
    expect(await attempt(NOON, 'nobody')).toBeNull()
    const again = [await attempt(NOON + 900_000), await attempt(NOON + 900_000), await attempt(NOON + 900_000)]
    expect(again).toEqual([null, null, null])
    expect(await attempt(NOON + 900_000)).toBe(NOON + 900_000 + 3_600_000)
    await operators.clearAttempts('maker', ['here', 'elsewhere'])
    expect(await attempt(NOON)).toBeNull()
  })

  it('are counted while somebody who is let in clears them', async () => {
    const both = Array.from({ length: 40 }, () => [
      operators.countAttempt('busy', 'here', 1_000, NOON),
      operators.clearAttempts('busy', ['here']),
    ])
    expect((await Promise.all(both.flat())).every((answer) => (answer ?? null) === null)).toBe(true)
  })

  it('are counted in as many rows as there are in three days, whoever makes up names', async () => {
    const rows = async () => {
      const { rows: found } = await sql.db.executeQuery(
        CompiledQuery.raw('select count(*)::int as n from login_attempts'),
      )
      return (found[0] as { n: number }).n
    }
    for (let nth = 0; nth < 50; nth++) await operators.countAttempt(`made-up-${nth}`, 'here', 5, NOON)
    expect(await rows()).toBe(50)
    for (let nth = 0; nth < 3; nth++) await operators.countAttempt('late', 'here', 5, NOON + 4 * 86_400_000)
    expect(await rows()).toBe(1)
  })

  it('show strangers’ lock by their name, and lose all locks by unlocking, another password, or being disabled', async () => {
    await add('maker')
    const lock = async () => {
      for (const place of [ANYWHERE, 'device/1']) await operators.countAttempt('maker', place, 1, NOON)
      expect((await operators.operator('maker'))?.lockedUntil).toBe(NOON + 900_000)
    }
    const free = async () => {
      expect((await operators.operator('maker'))?.lockedUntil).toBeNull()
      expect(await operators.countAttempt('maker', 'device/1', 1, NOON)).toBeNull()
    }
    await lock()
    const unlocked = await operators.unlock('maker', deedOf('operator.unlock'))
    expect(unlocked).toMatchObject({ kind: 'changed', operator: { lockedUntil: null } })
    expect((await actions()).at(-1)).toBe('operator.unlock')
    await free()
    for (const to of [{ passwordHash: 'other' }, { disabledAt: NOON }]) {
      await operators.clearAttempts('maker', ['device/1'])
      await lock()
      await change('maker', to)
      await free()
    }
    // What whoever is in guesses stays counted: unlocking ends none of it, and another password what was guessed at the old one alone.
    const inside = async () =>
      Promise.all(['own', 'code/own', 'code/device/1'].map((place) => operators.countAttempt('maker', place, 1, NOON)))
    expect(await inside()).toEqual([null, null, null])
    const until = NOON + 900_000
    await operators.unlock('maker', deedOf('operator.unlock'))
    expect(await inside()).toEqual([until, until, until])
    await change('maker', { disabledAt: NOON })
    expect(await inside()).toEqual([until, until, until])
    await change('maker', { passwordHash: 'another' })
    expect(await inside()).toEqual([null, until, until])
    expect(await operators.unlock('nobody', deedOf('operator.unlock'))).toEqual({ kind: 'not-found' })
  })

  it('are known by the browser they came in with, by its latest word alone', async () => {
    await add('maker')
    await add('colleague')
    const enter = (username: string, hash: string, before: string | null, now = NOON) =>
      operators.openSession(
        {
          sessionId: `${username}-${hash}`,
          username,
          refreshHash: 'r',
          now,
          expiresAt: now + 1,
          device: { hash, before },
          secondFactor: false,
        },
        deedOf('session.open'),
      )
    await enter('maker', 'h1', null)
    const device = await operators.deviceOf('maker', 'h1', NOON)
    expect(device).toEqual(expect.any(Number))
    expect(await operators.deviceOf('colleague', 'h1', NOON)).toBeUndefined()
    await enter('colleague', 'h2', 'h1')
    expect(await operators.deviceOf('maker', 'h1', NOON)).toBeUndefined()
    expect(await operators.deviceOf('maker', 'h2', NOON)).toBe(device)
    expect(await operators.deviceOf('colleague', 'h2', NOON)).not.toBe(device)
    expect(await operators.deviceOf('maker', 'h2', NOON + 91 * 86_400_000)).toBeUndefined()
    await change('maker', { passwordHash: 'other' })
    expect(await operators.deviceOf('maker', 'h2', NOON)).toBeUndefined()
    expect(await operators.deviceOf('colleague', 'h2', NOON)).toEqual(expect.any(Number))
    for (let nth = 0; nth < 6; nth++) await enter('maker', `m${nth}`, null, NOON + nth)
    const known = await Promise.all([0, 1, 5].map((nth) => operators.deviceOf('maker', `m${nth}`, NOON + 6)))
    expect(known.map((one) => one !== undefined)).toEqual([false, true, true])
  })

  it('have each code taken once, however many bring it at once, and none of before it any more', async () => {
    await add('maker')
    await open('s-1')
    const secret = { sealed: 'sealed', keyId: 'k1' }
    const factor = { secret, step: 100, codeHashes: ['c1', 'c2'], sessionId: 's-1' }
    await operators.enrol('maker', factor, deedOf('operator.second-factor'))
    const spend = (step: number, resealed: typeof secret | null = null) => operators.spendStep('maker', step, resealed)
    expect([await spend(100), await spend(99)]).toEqual([false, false])
    const crowd = await Promise.all(Array.from({ length: 8 }, () => spend(101)))
    expect(crowd.filter(Boolean)).toHaveLength(1)
    const recover = () => operators.spendRecoveryCode('maker', 'c1', deedOf('operator.recovery-code'))
    const both = await Promise.all([recover(), recover()])
    expect(both.filter(Boolean)).toHaveLength(1)
    expect(await operators.spendRecoveryCode('root', 'c2', deedOf('operator.recovery-code'))).toBe(false)
    expect(await spend(102, { sealed: 'anew', keyId: 'k2' })).toBe(true)
    expect(await operators.secondFactor('maker')).toEqual({
      secret: { sealed: 'anew', keyId: 'k2' },
      lastStep: 102,
      since: NOON,
      recoveryCodesLeft: 1,
    })
    expect(await operators.dropSecondFactor('maker', deedOf('operator.drop-second-factor'))).toBe(true)
    expect(await operators.dropSecondFactor('maker', deedOf('operator.drop-second-factor'))).toBe(false)
    expect(await operators.session('s-1', NOON)).toBeUndefined()
    expect(await spend(103)).toBe(false)
  })

  it('are who their session says until it ends, expires, or they are disabled', async () => {
    await add('maker', { mustChangePassword: true })
    const session = async (id = 's-1', now = NOON) => (await operators.session(id, now))?.operator.username
    await open('s-1')
    expect(await operators.session('s-1', NOON + 999)).toEqual({
      operator: { username: 'maker', name: '王工', roles: ['maker'], branchCode: null },
      mustChangePassword: true,
      secondFactor: false,
    })
    expect(await session('s-1', NOON + 1_000)).toBeUndefined()
    expect(await session('s-2')).toBeUndefined()
    await operators.endSession('s-1', NOON, deedOf('session.end'))
    await operators.endSession('s-1', NOON, deedOf('session.end'))
    expect(await session()).toBeUndefined()
    expect((await actions()).filter((one) => one === 'session.end')).toHaveLength(1)
    await open('s-3')
    await change('maker', { disabledAt: NOON })
    expect(await session('s-3')).toBeUndefined()
    expect(await open('s-4')).toBe('gone')
    await change('maker', { disabledAt: null })
    expect(await session('s-3')).toBeUndefined()
  })

  it.each([
    ['roles', { roles: ['checker' as const] }, true],
    ['the branch', { branchCode: 'B01' }, true],
    ['the password', { passwordHash: 'other' }, true],
    ['the name', { name: '李工' }, false],
  ])('lose their sessions with a change of %s: %j', async (_, to, ends) => {
    await add('maker')
    await open('s-1')
    await change('maker', to)
    expect((await operators.session('s-1', NOON)) === undefined).toBe(ends)
  })

  it('open a session of one id once', async () => {
    await add('maker')
    const both = await Promise.all([open('s-1'), open('s-1')])
    expect(both.sort()).toEqual(['gone', 'opened'])
    expect((await actions()).filter((one) => one === 'session.open')).toHaveLength(1)
  })

  it('renew a session once with each token; one spent before ends it for both who hold it', async () => {
    await add('maker')
    await open('s-1')
    const renew = (hash: string, next: string, now = NOON) => operators.renewSession('s-1', hash, next, now)
    expect(await renew('first-s-1', 'second')).toMatchObject({
      kind: 'renewed',
      username: 'maker',
      expiresAt: NOON + 1_000,
    })
    expect(await renew('second', 'third')).toMatchObject({ kind: 'renewed' })
    expect(await renew('first-s-1', 'thief')).toEqual({ kind: 'reused' })
    expect(await renew('third', 'fourth')).toEqual({ kind: 'ended' })
    expect(await operators.session('s-1', NOON)).toBeUndefined()
    expect((await actions()).at(-1)).toBe('session.reused')
    await open('s-2')
    expect(await operators.renewSession('s-2', 'first-s-2', 'x', NOON + 1_000)).toEqual({ kind: 'ended' })
    expect(await operators.renewSession('s-9', 'first-s-2', 'x', NOON)).toEqual({ kind: 'ended' })
  })

  it('of two who renew at once with one token, one is taken for a thief', async () => {
    await add('maker')
    await open('s-1')
    const both = await Promise.all(['a', 'b'].map((next) => operators.renewSession('s-1', 'first-s-1', next, NOON)))
    expect(both.map((one) => one.kind).sort()).toEqual(['renewed', 'reused'])
    expect(await operators.session('s-1', NOON)).toBeUndefined()
  })

  describe('the log of what they did', () => {
    const behind = (text: string) =>
      sql.db.transaction().execute(async (tx) => {
        await tx.executeQuery(CompiledQuery.raw('alter table operator_actions disable trigger all'))
        await tx.executeQuery(CompiledQuery.raw(text))
        await tx.executeQuery(CompiledQuery.raw('alter table operator_actions enable trigger all'))
      })
    const logged = async (...names: string[]) => {
      for (const name of names)
        await operators.log(deedOf(name, { after: { name, at: new Date(NOON), z: 1, a: [undefined] } }))
    }

    it('is one chain, however many write at once', async () => {
      await Promise.all(Array.from({ length: 20 }, (_, nth) => logged(`deed-${nth}`)))
      expect(await operators.checkChain()).toMatchObject({ actions: 21, breaks: [] })
      expect((await operators.deeds({ limit: 100 })).map((one) => one.actionId)).toEqual(
        Array.from({ length: 21 }, (_, nth) => 21 - nth),
      )
    })

    it('is given by page, by operator and by subject', async () => {
      await operators.log(deedOf('a', { username: 'maker' }))
      await operators.log(deedOf('b', { subject: 'campaign/c' }))
      const ids = async (filter: object) => (await operators.deeds({ limit: 2, ...filter })).map((one) => one.actionId)
      expect(await ids({})).toEqual([3, 2])
      expect(await ids({ before: 2 })).toEqual([1])
      expect(await ids({ username: 'maker' })).toEqual([2])
      expect(await ids({ subject: 'campaign/c' })).toEqual([3])
    })

    it('can’t be changed by who forgets that it can’t', async () => {
      await expect(sql.db.deleteFrom('operator_actions').execute()).rejects.toThrow()
      await expect(sql.db.updateTable('operator_actions').set({ username: 'x' }).execute()).rejects.toThrow()
    })

    it.each([
      ['changed', `update operator_actions set username = 'another' where action_id = 3`, [3]],
      ['taken out', 'delete from operator_actions where action_id = 3', [3]],
      ['moved', 'update operator_actions set action_id = 9 where action_id = 3', [3, 9]],
      ['cut off', 'delete from operator_actions where action_id > 3', [4]],
      ['all gone', 'delete from operator_actions', [1]],
    ])('tells which was %s', async (_, text, named) => {
      await logged('two', 'three', 'four', 'five')
      await behind(text)
      expect((await operators.checkChain()).breaks.map((one) => one.actionId)).toEqual(named)
    })

    it('is checked and continued across a change of keys, and says when a key is missing', async () => {
      await logged('two')
      const rotated = sqlOperators(sql, deedLog(ringOf(SECOND_KEY, FIRST_KEY)))
      await rotated.log(deedOf('three'))
      expect(await rotated.checkChain()).toMatchObject({ actions: 3, breaks: [] })
      const forgetful = sqlOperators(sql, deedLog(ringOf(SECOND_KEY)))
      const fault = 'key-unknown'
      expect((await forgetful.checkChain()).breaks).toEqual([
        { actionId: 1, fault },
        { actionId: 2, fault },
      ])
    })

    it('tells of more than a page', async () => {
      await behind(
        `insert into operator_actions select n, 0, 'x', 'x', 'x', null, null, 'x', 'x' from generate_series(2, 2501) n;
         update operator_actions_head set last_id = 2501`,
      )
      const { actions: count, breaks } = await operators.checkChain()
      expect([count, breaks.length, breaks[0]]).toEqual([2_501, 50, { actionId: 2, fault: 'key-unknown' }])
    })
  })

  ledgerKeys(() => engine.fresh())
})
