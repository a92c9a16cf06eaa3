import fc from 'fast-check'
import { startOneSql, type TestSql } from '../../../harness/sql'
import { type Work, WorkRefused } from '../../../server/flow/ports'
import { csvLine } from '../../../server/flow/report/csv'
import type { ImportView, MerchantCodeFile } from '../../../server/http/contract'
import { gbkOf } from '../../../server/sandbox/alipay/gbk'
import { type Office, startOffice } from '../../support/office'

const IMPORT = '/admin/merchants/import'

describe('files that operators send', () => {
  let sql: TestSql
  let office: Office
  let work: Work
  beforeAll(async () => {
    sql = await startOneSql()
    office = await startOffice(await sql.fresh())
    work = office.deps.work
  })
  afterEach(() => {
    office.deps.work = work
  })
  afterAll(async () => {
    await office?.stop()
    await sql?.stop()
  })

  const stored = () => office.sql.db.selectFrom('merchants').selectAll().orderBy('merchant_code').execute()
  const send = (csv: string | Buffer, path = IMPORT) => office.as('maker').csv(path, csv)

  it('of any bytes are taken or refused, never a fault of ours, and a refused one changes nothing', async () => {
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom(
          'code,name,branch,account\n',
          '商户号,名称,网点,账号\r\n',
          'N1,面,B01,a1\n',
          '"',
          ',',
          '\n',
          '\ufeff',
        )
        .map((text) => Buffer.from(text)),
      fc.constantFrom('商户号,名称\r\n', '老街,').map(gbkOf),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 12 }), async (parts) => {
        const before = await stored()
        const { status, body } = await send(Buffer.concat(parts))
        expect([200, 202, 409]).toContain(status)
        if (status === 409) return
        if ((body as ImportView).faultCount > 0) expect(await stored()).toEqual(before)
        else expect((body as ImportView).lines).toBeGreaterThan(0)
        const codes = await send(Buffer.concat(parts), '/admin/merchants/codes')
        expect(codes.status).toBe(200)
      }),
      { numRuns: 80 },
    )
  })

  it('that we wrote ourselves are read as they were written', async () => {
    const name = fc
      .string({ unit: fc.constantFrom(...'老街牛肉面 "\',=+@-;a1'), minLength: 1, maxLength: 12 })
      .filter((text) => text.trim() === text && !/^#/.test(text))
    const code = fc.stringMatching(/^[A-Z-][A-Z0-9_-]{0,8}$/)
    const row = fc.record({
      code,
      name,
      branch: fc.constantFrom('B01', 'B02'),
      account: fc.stringMatching(/^a-[a-z0-9_-]{1,9}$/),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(row, { selector: (one) => one.code, minLength: 1, maxLength: 5 }),
        async (rows) => {
          const written = rows.map(({ code, name, branch, account }) => csvLine([code, name, branch, account]))
          const file = `\ufeff${csvLine(['商户号', '名称', '网点', '结算账户'])}${written.join('')}`
          const { body } = await office.imported(file)
          expect((body as ImportView).faults).toEqual([])
          const kept = new Map((await stored()).map((one) => [one.merchant_code, one]))
          for (const { code, name, branch, account } of rows) {
            const own = {
              merchant_code: code,
              name,
              branch_code: branch,
              account,
              wallet_accounts: {},
              disabled_at: null,
            }
            expect(kept.get(code)).toEqual(own)
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  it('wait for their turn while payers are answered', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const order: string[] = []
    office.deps.work = {
      async run(task, input, options) {
        await held
        return work.run(task, input, options)
      },
    }
    const file = send('code,name,branch,account\nW1,面馆,B01,w-1\n').then(({ body }) => {
      order.push('file')
      return body as ImportView
    })
    const payer = (await office.call('POST', '/api/session', undefined, { body: { platform: 'browser', code: 'p' } }))
      .body
    const quote = { merchantCode: 'M0001', amountFen: 10_000, channel: 'bank' }
    expect((await office.call('POST', '/api/quotes', payer.token, { body: quote })).status).toBe(200)
    order.push('quote')
    release()
    expect((await file).added).toBe(1)
    expect(order).toEqual(['quote', 'file'])
  })

  it('are refused for a while when too many wait, and say so', async () => {
    office.deps.work = {
      async run() {
        throw new WorkRefused('too much waits already')
      },
    }
    const preview = await office.as('maker').csv(IMPORT, 'code\n')
    expect([preview.status, preview.body.code, preview.body.reason, preview.headers.get('retry-after')]).toEqual([
      503,
      'busy',
      'work-waits',
      '2',
    ])
  })

  it('that nobody waits for any more are given up', async () => {
    const gone = new Promise<boolean>((resolve) => {
      office.deps.work = {
        run: (_, __, { signal }) =>
          new Promise((_, reject) => {
            abort.abort()
            signal!.addEventListener('abort', () => {
              resolve(true)
              reject(new WorkRefused('nobody waits for it'))
            })
          }),
      }
    })
    const abort = new AbortController()
    const headers = { Authorization: `Bearer ${office.token('maker')}`, 'Content-Type': 'text/csv' }
    const sent = fetch(office.url + IMPORT, { method: 'POST', headers, body: 'code\n', signal: abort.signal })
    await expect(sent).rejects.toThrow()
    expect(await gone).toBe(true)
  })

  it('are each one operator’s: whose turn it is goes by the operator', async () => {
    const owners: string[] = []
    office.deps.work = {
      run(task, input, options) {
        owners.push(options.owner)
        return work.run(task, input, options)
      },
    }
    await send('M0001\n', '/admin/merchants/codes')
    await office.as('south').csv('/admin/merchants/codes', 'M0001\n')
    expect(owners).toEqual(['maker', 'south'])
  })

  it('of codes are only read: a short list is given back, a long one counted, a faulty one named', async () => {
    const before = await office.deeds()
    const read = async (csv: string) => (await send(csv, '/admin/merchants/codes')).body as MerchantCodeFile
    expect(await read('序号,商户号\n1,M0001\n2,M0002\n')).toEqual({
      lines: 2,
      count: 2,
      codes: ['M0001', 'M0002'],
      faults: [],
      faultCount: 0,
    })
    const long = Array.from({ length: 5_001 }, (_, i) => `L${i}`).join('\n')
    expect(await read(long)).toMatchObject({ lines: 5_001, count: 5_001, codes: null, faultCount: 0 })
    expect(await read('M0001\nM 2\n')).toMatchObject({ codes: null, faults: [{ line: 2, code: 'invalid-code' }] })
    expect(await office.deeds()).toEqual(before)
    expect(await office.as('viewer').csv('/admin/merchants/codes', 'M1\n')).toMatchObject({ status: 403 })
  })
})
