import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import type { BranchList, MerchantImportView } from '../../../server/http/contract'
import { type Office, startOffice } from '../../support/office'

const HEAD = 'code,name,branch,account\n'

/** An account that can't work is refused when it is entered, and not when a payer is at the counter. */
describe.each(oneSqlEngine())('accounts of branches and merchants, on $name', ({ start }) => {
  let engine: TestSql
  let office: Office
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    office = await startOffice(await engine.fresh())
  })
  afterEach(() => office?.stop())
  afterAll(() => engine?.stop())

  const add = (branch: object, by = 'maker') =>
    office.as(by).post('/admin/branches', { code: 'B03', name: '江东支行', glAccount: '6421-11', ...branch })
  /** asked for by a maker, approved by a checker */
  const added = async (branch: object) => {
    const { body } = await add(branch)
    return (await office.approve(body.change.changeId)).body.change
  }
  const correct = (code: string, change: object, revision?: number, by = 'maker') =>
    office.as(by).patch(`/admin/branches/${code}`, change, revision)
  const imported = async (lines: string, query = '', by = 'maker') =>
    (await office.as(by).csv(`/admin/merchants/import${query}`, HEAD + lines)).body as MerchantImportView
  const faults = async (lines: string, by?: string) =>
    (await imported(lines, '', by)).faults.map(({ line, field, code }) => [line, field, code])
  const refused = async (answer: ReturnType<typeof add>) => {
    const { status, body } = await answer
    return [status, body.code, body.field, body.reason]
  }
  const branch = async (code: string) =>
    ((await office.as('viewer').get('/admin/branches')).body as BranchList).items.find((one) => one.code === code)
  const deeds = async () => (await office.deeds()).map((deed) => [deed.action, deed.subject])

  describe('a branch', () => {
    it('is not added with an account that no channel could book', async () => {
      expect(await refused(add({ glAccount: '6421.03' }))).toEqual([
        422,
        'account-refused',
        'glAccount',
        'account-malformed',
      ])
      expect(await refused(add({ glAccount: '6421 03' }))).toEqual([400, 'invalid-input', 'glAccount', undefined])
      expect(await branch('B03')).toBeUndefined()
      expect(await deeds()).toEqual([])
    })

    it('is not added with an account that a merchant is paid into, of whatever branch', async () => {
      expect(await refused(add({ glAccount: 'acct-M0002' }))).toEqual([
        422,
        'account-refused',
        'glAccount',
        'account-taken',
      ])
    })

    it('is not added when its code differs from another only by case', async () => {
      expect(await refused(add({ code: 'b01' }))).toEqual([409, 'branch-exists', 'code', 'branch-alike'])
      const both = await Promise.all([add({ code: 'x1' }), add({ code: 'X1' })])
      expect(both.map(({ status }) => status)).toEqual([202, 202])
      const states = []
      for (const { body } of both) states.push((await office.approve(body.change.changeId)).body.change)
      expect(states).toMatchObject([{ state: 'applied' }, { state: 'overtaken', reason: 'branch-alike' }])
    })

    it('is corrected as it was looked at, and the log says what it was', async () => {
      expect(await refused(correct('B01', { name: '城南新支行' }))).toEqual([
        428,
        'precondition-missing',
        'If-Match',
        undefined,
      ])
      const { status, headers, body } = await correct('B01', { name: '城南新支行' }, 1)
      expect([status, headers.get('etag')]).toEqual([200, '"2"'])
      expect(body).toEqual({ code: 'B01', name: '城南新支行', glAccount: '6421-03', revision: 2, merchantCount: 3 })
      expect(await branch('B01')).toEqual(body)
      expect(await refused(correct('B01', { name: '旧' }, 1))).toEqual([412, 'revision-changed', 'If-Match', undefined])
      const asked = await correct('B01', { glAccount: '6421-13' }, 2)
      expect(asked).toMatchObject({
        status: 202,
        body: { change: { before: { glAccount: '6421-03' }, delayed: true } },
      })
      expect(await branch('B01')).toEqual(body)
      await office.approve(asked.body.change.changeId)
      expect(await branch('B01')).toMatchObject({ glAccount: '6421-13', revision: 3 })
      expect(await office.deeds()).toMatchObject([
        { username: 'maker', action: 'branch.rename', before: { name: '城南支行' }, after: { name: '城南新支行' } },
        { username: 'maker', action: 'change.ask', before: { glAccount: '6421-03' } },
        { username: 'checker', action: 'change.approve' },
        { username: 'checker', action: 'change.apply', before: { glAccount: '6421-03' } },
      ])
      expect((await office.as('viewer').get('/admin/merchants/M0001')).body).toMatchObject({
        branchName: '城南新支行',
        glAccount: '6421-13',
      })
    })

    it('is corrected once by two at once, and not at all by who may not', async () => {
      const both = await Promise.all(['6421-21', '6421-22'].map((glAccount) => correct('B01', { glAccount }, 1)))
      expect(both.map(({ status }) => status).sort()).toEqual([202, 409])
      expect(both.find(({ status }) => status === 409)!.body.code).toBe('change-open')
      await office.approve(both.find(({ status }) => status === 202)!.body.change.changeId)
      expect(await refused(correct('B01', { name: '我的' }, 2, 'south'))).toEqual([
        403,
        'branch-refused',
        undefined,
        undefined,
      ])
      expect((await refused(correct('B01', { name: '我的' }, 2, 'checker'))).slice(0, 2)).toEqual([403, 'role-refused'])
      expect((await refused(correct('B09', { name: '没有' }, 1))).slice(0, 3)).toEqual([
        422,
        'branch-not-found',
        'code',
      ])
      expect((await deeds()).map(([action]) => action)).toEqual([
        'change.ask',
        'change.approve',
        'change.apply',
        'access.refuse',
      ])
    })

    it('is not corrected to an account that can’t work; one that stays as it is may', async () => {
      expect((await refused(correct('B01', { glAccount: 'acct-M0006' }, 1)))[3]).toBe('account-taken')
      expect((await refused(correct('B01', { glAccount: 'a.b' }, 1)))[3]).toBe('account-malformed')
      expect((await refused(correct('B01', { name: '店\u202e岗' }, 1)))[3]).toBe('hidden-character')
      expect(await branch('B01')).toMatchObject({ revision: 1, glAccount: '6421-03' })
      expect((await correct('B01', { glAccount: '6421-03' }, 1)).body.revision).toBe(1)
      expect(await deeds()).toEqual([])
    })

    it('leaves an order that is there with the account it was opened with', async () => {
      const order = await office.order({ discountFen: 800 })
      await office.approve((await correct('B01', { glAccount: '6421-13' }, 1)).body.change.changeId)
      const detail = (await office.as('viewer').get(`/admin/orders/${order.orderNo}`)).body
      expect(detail.glAccount).toBe('6421-03')
      expect(detail.postings.map((posting: { account: string | null }) => posting.account)).toContain('6421-03')
    })
  })

  describe('an imported merchant', () => {
    it('is not paid into a GL account, of whatever branch, nor into one that the bank can’t book', async () => {
      expect(await faults('N1,甲,B01,6421-03\nN2,乙,B01,6421-07\nN3,丙,B01,a.1\nN4,丁,B01,a-1\n')).toEqual([
        [2, 'account', 'account-is-gl'],
        [3, 'account', 'account-is-gl'],
        [4, 'account', 'account-refused'],
      ])
      expect(await faults('N1,甲,B01,6421-07\n', 'south')).toEqual([[2, 'account', 'account-is-gl']])
    })

    it('has no code that is another’s but for case or noughts, in the book or in the file', async () => {
      await office.imported(`${HEAD}0021,甲,B01,a-1\n`)
      expect(await faults('21,乙,B01,a-2\nm0001,丙,B01,a-3\n00x,丁,B01,a-4\nx,戊,B01,a-5\n')).toEqual([
        [2, 'code', 'alike'],
        [3, 'code', 'alike'],
        [5, 'code', 'alike'],
      ])
      expect((await imported('21,乙,B01,a-2\n')).faults[0]!.message).toBe(
        'there is 0021: written otherwise, or noughts were lost',
      )
    })

    it('whose branch or account lost its noughts is told so', async () => {
      await added({ code: '007', glAccount: '6421-77' })
      await office.imported(`${HEAD}N1,甲,007,000123\n`)
      expect(await faults('N1,甲,7,123\n')).toEqual([
        [2, 'account', 'alike'],
        [2, 'branch', 'alike'],
      ])
      expect(await faults('N1,甲,007,0000123\n')).toEqual([])
    })

    it('that was alike another before is still imported as it is', async () => {
      await office.sql.db
        .insertInto('merchants')
        .values([
          { merchant_code: 'Q1', name: '甲', branch_code: 'B01', account: 'q-1' },
          { merchant_code: 'q1', name: '乙', branch_code: 'B01', account: 'q-2' },
        ])
        .execute()
      expect(await imported('Q1,甲,B01,q-1\nq1,乙二,B01,q-2\n')).toMatchObject({ changed: 1, unchanged: 1 })
    })

    it('and a branch can’t become one account by being written at the same moment', async () => {
      const [file, made] = await Promise.all([imported('N1,甲,B01,both\n'), add({ code: 'B04', glAccount: 'both' })])
      const changes = [file.review!.changeId, made.body.change.changeId as string]
      const both = await Promise.all(changes.map((changeId) => office.approve(changeId)))
      const states = both.map(({ body }) => body.change)
      expect(states.map(({ state }) => state).sort()).toEqual(['applied', 'overtaken'])
      expect(states.find(({ state }) => state === 'overtaken')!.reason).toBe('account-taken')
    })

    it('that became faulty since it was judged is judged anew', async () => {
      const { merchantBook } = office.deps.desk
      const judged = merchantBook.alike
      let first = true
      // somebody makes a branch of that account after the file was looked at, and before it is written
      merchantBook.alike = async (codes) => {
        const found = await judged(codes)
        const now = first
        first = false
        if (now) expect(await added({ code: 'B04', glAccount: 'a-1' })).toMatchObject({ state: 'applied' })
        return found
      }
      expect(await faults('N1,甲,B01,a-1\n')).toEqual([[2, 'account', 'account-is-gl']])
      expect(
        await office.sql.db.selectFrom('merchants').selectAll().where('merchant_code', '=', 'N1').execute(),
      ).toEqual([])
    })
  })
})
