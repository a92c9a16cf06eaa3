import { startOneSql, type TestSql } from '../../../harness/sql'
import type { ImportView, MerchantCodeFile, MerchantImportView } from '../../../server/http/contract'
import { COUNTS_TEMPLATE, TEMPLATE } from '../../../src/console/pages/merchants/template'
import { type Office, startOffice } from '../../support/office'

/** Today is 2026-11-21. Files that the desk gives out are what people edit and send back. */
const DAY = '2026-11-20'
const IMPORT = '/admin/merchants/import'
const CODES = '/admin/merchants/codes'
const COUNTS = '/admin/counts/import?dryRun=true'

describe('files that the desk gives out, sent back to it', () => {
  let sql: TestSql
  let office: Office
  beforeAll(async () => {
    sql = await startOneSql()
    office = await startOffice(await sql.fresh())
    await office.deck(DAY, 'M0001', [800])
    await office.order({ date: DAY, discountFen: 800 })
    office.statements.set(DAY, [])
    expect((await office.as('maker').post(`/admin/reconciliations/${DAY}`)).status).toBe(200)
    // what a spreadsheet would make numbers and formulas of
    const odd = 'code,name,branch,account,wechatpay\n007,=1+1,B01,a-007,190000010900\n1E5,"-50%, ""半价""",B02,a-1e5,\n'
    expect((await office.imported(odd)).body).toMatchObject({ added: 2, faultCount: 0 })
    await office.sql.db.updateTable('merchants').set({ disabled_at: 1 }).where('merchant_code', '=', 'M0003').execute()
  })
  afterAll(async () => {
    await office?.stop()
    await sql?.stop()
  })

  async function file(path: string, by: string): Promise<Buffer> {
    const reply = await fetch(office.url + path, { headers: { Authorization: `Bearer ${office.token(by)}` } })
    expect([path, reply.status]).toEqual([path, 200])
    return Buffer.from(await reply.arrayBuffer())
  }

  it.each([
    ['maker', ['007', '1E5', 'M0001', 'M0002', 'M0003', 'M0004', 'M0005', 'M0006']],
    ['north', ['1E5', 'M0002', 'M0004', 'M0006']],
  ])('merchants.csv as %s got it, unchanged, changes nothing, and is a list of their codes', async (by, codes) => {
    const merchants = await file('/admin/merchants.csv', by)
    const same = { lines: codes.length, added: 0, changed: 0, unchanged: codes.length, faults: [], faultCount: 0 }
    for (const path of [`${IMPORT}?dryRun=true`, IMPORT])
      expect(await office.as(by).csv<MerchantImportView>(path, merchants)).toMatchObject({
        status: 200,
        body: { ...same, review: null },
      })
    const { body } = await office.as(by).csv<MerchantCodeFile>(CODES, merchants)
    expect([body.faults, body.codes]).toEqual([[], codes])
  })

  it('with one name edited it changes that one', async () => {
    const edited = String(await file('/admin/merchants.csv', 'maker')).replace('老街牛肉面', '老街羊肉面')
    const { body } = await office.as('maker').csv<MerchantImportView>(`${IMPORT}?dryRun=true`, edited)
    expect(body).toMatchObject({ added: 0, changed: 1, unchanged: 7, faults: [] })
  })

  it('a report by merchant and a list of orders are lists of codes', async () => {
    for (const [path, codes] of [
      ['/admin/campaigns/street/report.csv?by=merchant', ['M0001', 'M0002']],
      ['/admin/orders.csv?discounted=true', ['M0001']],
    ] as const) {
      const { body } = await office.as('maker').csv<MerchantCodeFile>(CODES, await file(path, 'maker'))
      expect([path, body.faults, body.codes]).toEqual([path, [], codes])
    }
  })

  it('the console’s own templates are taken as they are', async () => {
    const { body } = await office.as('maker').csv<MerchantImportView>(`${IMPORT}?dryRun=true`, TEMPLATE)
    expect(body).toMatchObject({ lines: 1, added: 1, faults: [] })
    const counts = await office.as('maker').csv<ImportView>(COUNTS, COUNTS_TEMPLATE)
    expect(counts.body).toMatchObject({ lines: 1, added: 1, faults: [] })
  })

  it('none names anything twice for any of the imports', async () => {
    const reports = ['day', 'branch', 'merchant', 'account'].map((by) => `campaigns/street/report.csv?by=${by}`)
    const all = ['orders.csv', 'refunds.csv', 'merchants.csv', ...reports, `reconciliations/${DAY}/report.csv`]
    const given: [string, Buffer][] = [['audit.csv', await file('/admin/audit.csv', 'auditor')]]
    for (const path of all) given.push([path, await file(`/admin/${path}`, 'maker')])
    for (const [path, bytes] of given)
      for (const to of [`${IMPORT}?dryRun=true`, CODES, COUNTS]) {
        const { status, body } = await office.as('maker').csv<ImportView>(to, bytes)
        expect([path, to, status]).toEqual([path, to, 200])
        expect([path, to, body.faults.filter(({ code }) => code === 'column-twice')]).toEqual([path, to, []])
      }
  })
})
