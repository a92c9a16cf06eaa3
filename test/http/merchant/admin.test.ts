import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import type { AdminMerchantList, BranchList, MerchantImportView } from '../../../server/http/contract'
import { type Office, startOffice } from '../../support/office'

const IMPORT = '/admin/merchants/import'

describe.each(oneSqlEngine())('merchants and branches, on $name', ({ start }) => {
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

  const list = async (query = '', by = 'viewer') =>
    (await office.as(by).get(`/admin/merchants${query}`)).body as AdminMerchantList
  const codes = async (query = '', by = 'viewer') => (await list(query, by)).items.map((one) => one.code)
  /** by one operator; what waits is approved by another */
  const taken = async (csv: string | Buffer) => (await office.imported(csv)).body
  const imported = async (csv: string | Buffer, query = '', by = 'maker') =>
    (await office.as(by).csv(IMPORT + query, csv)).body as MerchantImportView
  const stored = () => office.sql.db.selectFrom('merchants').selectAll().orderBy('merchant_code').execute()

  it('are listed by code, with branch, account and the campaign that applies today', async () => {
    const { items, nextCursor } = await list()
    expect([items.length, nextCursor]).toEqual([6, undefined])
    expect(
      (await office.as('viewer').get('/admin/merchants', { headers: { 'Accept-Encoding': 'gzip' } })).headers.get(
        'content-encoding',
      ),
    ).toBe('gzip')
    expect(items[0]).toEqual({
      code: 'M0001',
      name: '老街牛肉面',
      branchCode: 'B01',
      branchName: '城南支行',
      glAccount: '6421-03',
      account: 'acct-M0001',
      walletAccounts: { wechatpay: '1900000001', alipay: '2088100000000001', unionpay: '777290058140001' },
      disabled: false,
      userCount: 0,
      campaign: { campaignId: 'street', name: '美食街扫码立减' },
      today: { date: '2026-11-21', orders: 0, discounted: 0 },
    })
    expect(items[2]!.campaign).toBeNull()
    expect((await office.as('viewer').get('/admin/merchants/M0001')).body).toEqual(items[0])
    expect(await office.as('viewer').get('/admin/merchants/M9999')).toMatchObject({
      status: 404,
      body: { code: 'merchant-not-found' },
    })
  })

  it('are found by a part of name or code, in which % and _ are no wildcards', async () => {
    expect(await codes('?q=m000')).toHaveLength(6)
    expect(await codes(`?q=${encodeURIComponent('豆花')}`)).toEqual(['M0002'])
    for (const wild of ['%', '_', '\\']) expect(await codes(`?q=${encodeURIComponent(wild)}`)).toEqual([])
    expect(await codes('?branchCode=B02')).toEqual(['M0002', 'M0004', 'M0006'])
  })

  it('come page by page, each once', async () => {
    await taken(`code,name,branch,account\n${rows(120)}`)
    const seen: string[] = []
    for (let query: string | undefined = '?q=big'; query; ) {
      const page: AdminMerchantList = await list(query)
      seen.push(...page.items.map((one) => one.code))
      query = page.nextCursor && `?q=big&cursor=${page.nextCursor}`
    }
    expect(seen).toEqual(Array.from({ length: 120 }, (_, i) => `BIG${String(i).padStart(6, '0')}`))
  })

  it('of another branch don’t exist for an operator of one branch', async () => {
    expect(await codes('', 'south')).toEqual(['M0001', 'M0003', 'M0005'])
    expect(await codes('?branchCode=B02', 'south')).toEqual([])
    expect(await office.as('south').get('/admin/merchants/M0002')).toMatchObject({ status: 404 })
    expect(((await office.as('south').get('/admin/branches')).body as BranchList).items.map((one) => one.code)).toEqual(
      ['B01'],
    )
  })

  it('have branches, which only the whole bank may add, once', async () => {
    const branch = { code: 'B03', name: '江东支行', glAccount: '6421-11' }
    expect(await office.as('south').post('/admin/branches', branch)).toMatchObject({
      status: 403,
      body: { code: 'branch-refused' },
    })
    expect(await office.as('checker').post('/admin/branches', branch)).toMatchObject({
      status: 403,
      body: { code: 'role-refused' },
    })
    const { status, body } = await office.as('maker').post('/admin/branches', branch)
    expect([status, body.change]).toMatchObject([202, { kind: 'branch.add', delayed: false, state: 'open' }])
    expect((await office.approve(body.change.changeId)).body.change.state).toBe('applied')
    expect(await office.as('maker').post('/admin/branches', branch)).toMatchObject({
      status: 409,
      body: { code: 'branch-exists' },
    })
    const { items } = (await office.as('viewer').get('/admin/branches')).body as BranchList
    expect(items.map(({ code, merchantCount }) => [code, merchantCount])).toEqual([
      ['B01', 3],
      ['B02', 3],
      ['B03', 0],
    ])
    expect((await office.deeds()).map((deed) => [deed.username, deed.action, deed.subject])).toEqual([
      ['south', 'change.refuse', 'branch/B03'],
      ['checker', 'access.refuse', 'permission/merchants'],
      ['maker', 'change.ask', 'branch/B03'],
      ['checker', 'change.approve', 'branch/B03'],
      ['checker', 'change.apply', 'branch/B03'],
    ])
  })

  describe('imported from a table', () => {
    it('are added, changed or left as they are, with what changed in the log', async () => {
      const csv = [
        '结算账户,商户号,归属网点,商户名称,备注',
        'acct-new,N0001,B01,"陈记, 面馆",new',
        'acct-M0001,M0001,B01,老街牛肉面,same',
        'acct-other,M0002,B01,阿婆豆花,moved',
        ',,,,',
      ].join('\r\n')
      const dry = await imported(`\ufeff${csv}`, '?dryRun=true')
      expect(dry).toEqual({ lines: 3, added: 1, changed: 1, unchanged: 1, review: null, faults: [], faultCount: 0 })
      expect(await stored()).toHaveLength(6)
      expect(await office.deeds()).toEqual([])

      const sent = await taken(`\ufeff${csv}`)
      expect(sent).toEqual({ ...dry, review: { changeId: expect.any(String), lines: 2 } })
      expect(await list('?q=N0001')).toMatchObject({
        items: [{ name: '陈记, 面馆', branchCode: 'B01', account: 'acct-new' }],
      })
      expect(await list('?q=M0002')).toMatchObject({ items: [{ branchCode: 'B01', account: 'acct-other' }] })
      const deeds = await office.deeds()
      expect(deeds.map(({ username, action }) => [username, action])).toEqual([
        ['maker', 'change.ask'],
        ['maker', 'merchants.import'],
        ['checker', 'change.approve'],
        ['checker', 'change.apply'],
      ])
      expect(deeds[0]).toMatchObject({
        before: { merchants: [{ merchantCode: 'M0002', branchCode: 'B02', account: 'acct-M0002' }] },
        after: { lines: 2, merchants: [{ merchantCode: 'N0001' }, { merchantCode: 'M0002', account: 'acct-other' }] },
      })
      expect(deeds[1]).toMatchObject({ after: { lines: 3, added: 1, changed: 1, changeId: sent.review!.changeId } })
      expect(await imported(csv)).toMatchObject({ added: 0, changed: 0, unchanged: 3 })
      expect(await office.deeds()).toHaveLength(4)
    })

    it('not one of them is taken when a line has a fault, and every bad line is named', async () => {
      const before = await stored()
      const csv = [
        'code,name,branch,account',
        'N1,good,B01,a1',
        'N 2,bad code,B01,a2',
        'N3,,B09,a3',
        '',
        'N1,twice,B01,a4',
        `N5,${'长'.repeat(61)},B01,`,
        'N6,short',
      ].join('\n')
      const view = await imported(csv)
      expect(view.faults.map(({ line, field, code }) => [line, field, code])).toEqual([
        [3, 'code', 'malformed'],
        [4, 'name', 'missing'],
        [4, 'branch', 'branch-not-found'],
        [6, 'code', 'duplicate'],
        [7, 'name', 'malformed'],
        [7, 'account', 'missing'],
        [8, 'line', 'cell-count'],
      ])
      expect(view).toMatchObject({ lines: 6, added: 0, changed: 0, unchanged: 0, faultCount: 7 })
      expect(view.faults[3]!.message).toBe('line 2 has the same code')
      expect(await stored()).toEqual(before)
      expect(await office.deeds()).toEqual([])
    })

    it.each([
      ['no table', '', [[1, 'file', 'empty']]],
      [
        'no headings',
        'N1,one,B01,a1\n',
        [
          [1, 'code', 'column-missing'],
          [1, 'name', 'column-missing'],
          [1, 'branch', 'column-missing'],
          [1, 'account', 'column-missing'],
        ],
      ],
      ['a missing column', 'code,name,account\nN1,one,a1', [[1, 'branch', 'column-missing']]],
      ['an open quote', 'code,name,branch,account\nN1,"one,B01,a1', [[2, 'name', 'quote']]],
    ])('are refused from %s', async (_, csv, faults) => {
      expect((await imported(csv)).faults.map(({ line, field, code }) => [line, field, code])).toEqual(faults)
    })

    it('are read from a file that a Chinese spreadsheet saved in GBK', async () => {
      // 商户号,商户名称,网点,账户 / N1,面馆,B01,a1
      const gbk = Buffer.from(
        'c9cc bba7 bac5 2c c9cc bba7 c3fb b3c6 2c cdf8 b5e3 2c d5cb bba7 0a 4e31 2c c3e6 b9dd 2c 4230 31 2c 6131'.replaceAll(
          ' ',
          '',
        ),
        'hex',
      )
      expect(await taken(gbk)).toMatchObject({ added: 1, faultCount: 0 })
      expect(await list('?q=N1')).toMatchObject({ items: [{ code: 'N1', name: '面馆' }] })
    })

    it('of another branch can’t be added, taken or told apart by an operator of one branch', async () => {
      const view = await imported(
        'code,name,branch,account\nN1,one,B02,a1\nN2,two,B09,a2\nM0002,mine,B01,a3\n',
        '',
        'south',
      )
      expect(view.faults.map(({ line, field, code }) => [line, field, code])).toEqual([
        [2, 'branch', 'branch-not-found'],
        [3, 'branch', 'branch-not-found'],
        [4, 'code', 'code-taken'],
      ])
      expect(await imported('code,name,branch,account\nN1,one,B01,a1', '', 'south')).toMatchObject({ added: 1 })
    })

    it('may be twenty thousand, of two such imports at once one waits for review, and the other is asked for already', async () => {
      const csv = `code,name,branch,account\n${rows(20_000)}`
      const send = () => office.as('maker').csv(IMPORT, csv)
      const both = (await Promise.all([send(), send()])).sort((a, b) => a.status - b.status)
      expect(both[0]).toMatchObject({ status: 202, body: { added: 20_000, review: { lines: 20_000 } } })
      expect(both[1]).toMatchObject({ status: 409, body: { code: 'change-open' } })
      expect(await stored()).toHaveLength(6)
      expect(await office.approve(both[0]!.body.review.changeId)).toMatchObject({
        body: { change: { state: 'applied' } },
      })
      expect(await stored()).toHaveLength(20_006)
    })

    it('are no more than a hundred thousand, in CSV, in 16 MB', async () => {
      const long = await imported(`code,name,branch,account\n${rows(100_001)}`)
      expect(long.faults).toEqual([
        { line: 100_002, field: 'file', code: 'too-many-lines', message: 'at most 100000 lines' },
      ])
      expect(await office.as('maker').csv(IMPORT, Buffer.alloc((16 << 20) + 1, 'x'))).toMatchObject({
        status: 413,
        body: { code: 'body-too-large' },
      })
      expect(await office.as('maker').post(IMPORT, {})).toMatchObject({ status: 415 })
      expect(await office.as('viewer').csv(IMPORT, '')).toMatchObject({ status: 403, body: { code: 'role-refused' } })
    })
  })
})

function rows(count: number): string {
  return Array.from({ length: count }, (_, i) => `BIG${String(i).padStart(6, '0')},商户 ${i},B01,acct-${i}`).join('\n')
}
