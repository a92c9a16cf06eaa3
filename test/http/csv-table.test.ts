import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { csvLine } from '../../server/flow/report/csv'
import { type Columns, pagesOf, readTable } from '../../server/http/csv-table'
import { codesTask, MOST_LINES, merchantsTask } from '../../server/http/csv-tasks'
import { gbkOf } from '../../server/sandbox/alipay/gbk'

const bytes = (csv: string | Buffer) => (typeof csv === 'string' ? Buffer.from(csv) : csv)
const merchants = (csv: string | Buffer) => merchantsTask.run([bytes(csv)])
const codes = (csv: string | Buffer) => codesTask.run([bytes(csv)])
const lines = (csv: string | Buffer) => [...pagesOf(merchants(csv))].flat()
/** Line, field and code of each fault. */
const faults = ({ faults: { named } }: { faults: { named: { line: number; field: string; code: string }[] } }) =>
  named.map(({ line, field, code }) => [line, field, code])

const HEAD = 'code,name,branch,account\n'

describe('a table of merchants', () => {
  it('is read by its headings, in any order, in Chinese or English, among other columns', () => {
    expect(lines('备注,结算账户,Merchant Code,商户名称,网点\r\nx,a-1,N1,面馆,B01\r\n')).toEqual([
      { line: 2, code: 'N1', name: '面馆', branch: 'B01', account: 'a-1' },
    ])
  })

  it('may quote cells, with commas, quotes and line breaks in them; lines are the file’s own', () => {
    const csv = `${HEAD}N1,"Wang, 88 ""Noodles""",B01,a1\r\n\r\nN2,"two\nlines", "B01" ,a2\rN3,three,B01,a3`
    expect(lines(csv).map(({ line, name, branch }) => [line, name, branch])).toEqual([
      [2, 'Wang, 88 "Noodles"', 'B01'],
      [4, 'two\nlines', 'B01'],
      [6, 'three', 'B01'],
    ])
  })

  it.each<[string, string, unknown[]]>([
    ['more cells than the heading', 'N1,Wang, 88 Noodles,B01,a1', [2, 'line', 'cell-count']],
    ['fewer cells than the heading', 'N1,one,B01', [2, 'line', 'cell-count']],
    ['a quote inside a cell', 'N1,5"屏,B01,a1', [2, 'name', 'quote']],
    ['something after a closing quote', 'N1,"5寸"屏,B01,a1', [2, 'name', 'quote']],
    ['an account in scientific notation', 'N1,one,B01,6.217E+15', [2, 'account', 'rewritten']],
    ['an account that was too wide to show', 'N1,one,B01,######', [2, 'account', 'rewritten']],
    ['a code with a decimal point', '1.0,one,B01,a1', [2, 'code', 'rewritten']],
    ['a branch that became a date', 'N1,one,3月1日,a1', [2, 'branch', 'rewritten']],
    ['an account that became a month', 'N1,one,B01,Mar-21', [2, 'account', 'rewritten']],
    ['a spreadsheet’s error for a name', 'N1,#REF!,B01,a1', [2, 'name', 'rewritten']],
  ])('with %s is refused there', (_, line, fault) => {
    expect(faults(merchants(HEAD + line))).toEqual([fault])
  })

  it('goes on after a bad line, and names the others too', () => {
    const table = merchants(`${HEAD}N1,one\nN2,"5"x,B01,a2\nN3,three,B01,a3\n\nN4,four,B01,1.0\n`)
    expect(faults(table)).toEqual([
      [2, 'line', 'cell-count'],
      [3, 'name', 'quote'],
      [6, 'account', 'rewritten'],
    ])
    expect([table.lines, [...pagesOf(table)].flat().map((line) => line.code)]).toEqual([4, ['N3']])
  })

  it('whose quote is never closed is refused at the line that opens it', () => {
    expect(faults(merchants(`${HEAD}N1,one,B01,a1\nN2,"two,B01,a2\n${'N3,three,B01,a3\n'.repeat(200)}`))).toEqual([
      [3, 'name', 'quote'],
    ])
  })

  it.each<[string, string, unknown[][]]>([
    ['nothing in it', '', [[1, 'file', 'empty']]],
    ['nothing but blanks', '\ufeff\r\n , , \n', [[1, 'file', 'empty']]],
    ['a heading alone', HEAD, [[1, 'file', 'empty']]],
    ['two headings for one field', 'code,name,branch,账号,结算账号\nN1,n,B01,a,b', [[1, 'account', 'column-twice']]],
    ['the same heading twice', 'code,name,branch,account,code\nN1,n,B01,a,N2', [[1, 'code', 'column-twice']]],
    ['semicolons', 'code;name;branch;account\nN1;n;B01;a', [[1, 'line', 'separator']]],
    ['tabs', 'code\tname\tbranch\taccount\nN1\tn\tB01\ta', [[1, 'line', 'separator']]],
    ['Chinese commas', '商户号，名称，网点，账号\nN1，n，B01，a', [[1, 'line', 'separator']]],
    ['a quote in its heading', 'code,na"me,branch,account\nN1,n,B01,a', [[1, 'line', 'quote']]],
  ])('with %s is refused as a whole', (_, csv, expected) => {
    const table = merchants(csv)
    expect(faults(table)).toEqual(expected)
    expect(table.pages).toEqual([])
  })

  it('whose long numbers all end in noughts after fifteen digits went through a spreadsheet', () => {
    const rows = (...accounts: string[]) => HEAD + accounts.map((account, i) => `N${i},n,B01,${account}`).join('\n')
    const rounded = ['6217000000000020', '6217000000000350', '6217000000000480']
    expect(faults(merchants(rows(...rounded)))).toEqual([[2, 'account', 'rewritten']])
    expect(faults(merchants(rows(...rounded, '6217000000000021')))).toEqual([])
    expect(faults(merchants(rows(...rounded.slice(1))))).toEqual([])
  })

  it('comes in pages, so that no one of them takes long', () => {
    const { pages } = merchants(HEAD + Array.from({ length: 500 }, (_, i) => `N${i},n,B01,a`).join('\n'))
    expect(pages.map((page) => JSON.parse(page).length)).toEqual([200, 200, 100])
  })
})

describe('a list of merchant codes', () => {
  it('needs no heading when there is nothing but codes', () => {
    expect(codes('M0001\nM0002\n\nM0004')).toMatchObject({ lines: 3, codes: 'M0001,M0002,M0004' })
    expect([...codes('M0001\nM0002\n\nM0004').at]).toEqual([1, 2, 4])
  })

  it('is the column of codes, wherever it stands: never the serial numbers', () => {
    expect(codes('序号,商户号,名称\n1,M0001,面馆\n2,M0002,豆花\n').codes).toBe('M0001,M0002')
    expect(codes('No.,商户编号\n1,M0001\n').codes).toBe('M0001')
    expect(codes('商户号,商户名称\r\nM0001,"阿婆, 豆花"\r\n').codes).toBe('M0001')
  })

  it.each<[string, string, unknown[][]]>([
    ['serial numbers alone', '序号\n1\n2\n', [[1, 'merchantCode', 'column-missing']]],
    ['serial numbers and names', '序号,名称\n1,面馆\n', [[1, 'merchantCode', 'column-missing']]],
    ['several columns and no heading', '1,M0001\n2,M0002\n', [[1, 'merchantCode', 'column-missing']]],
    ['two columns of codes', 'code,商户号\nM1,M2\n', [[1, 'merchantCode', 'column-twice']]],
    ['nothing', '', [[1, 'file', 'empty']]],
    ['a heading alone', '商户号\n', [[1, 'file', 'empty']]],
    ['a second column here and there', 'M0001\nM0002,x\n', [[2, 'line', 'cell-count']]],
    ['what is no code', 'M0001\nM 2\n', [[2, 'merchantCode', 'invalid-code']]],
    ['a code twice', 'M0001\nM0002\nM0001\n', [[3, 'merchantCode', 'duplicate']]],
  ])('with %s is refused', (_, csv, expected) => {
    expect(faults(codes(csv))).toEqual(expected)
  })
})

describe('the bytes of a file', () => {
  const table = `商户号,名称,网点,账号\nN1,老街牛肉面馆,B01,a1\nN2,阿婆豆花,B01,a2\nN3,张记锅贴,B01,a3\n`
  const names = (csv: Buffer) => lines(csv).map((line) => line.name)

  it('are UTF-8, with or without a mark, or GBK', () => {
    const read = ['老街牛肉面馆', '阿婆豆花', '张记锅贴']
    expect(names(Buffer.from(table))).toEqual(read)
    expect(names(Buffer.from(`\ufeff${table}`))).toEqual(read)
    expect(names(gbkOf(table))).toEqual(read)
  })

  it.each([
    ['UTF-8', Buffer.from(table)],
    ['UTF-8 with its mark', Buffer.from(`\ufeff${table}`)],
  ])('that are %s but for a cut character are never read as another encoding', (_, whole) => {
    let cut = 0
    for (let at = 3; at < whole.length; at++) {
      // one byte of one character is lost
      if (whole[at]! < 0x80) continue
      cut++
      const line = whole.subarray(0, at).filter((byte) => byte === 10).length + 1
      expect(faults(merchants(Buffer.concat([whole.subarray(0, at), whole.subarray(at + 1)])))).toEqual([
        [line, 'line', 'encoding'],
      ])
    }
    expect(cut).toBeGreaterThan(60)
  })

  it('that are neither as a whole are refused at the first line that isn’t', () => {
    const gbk = gbkOf(table)
    const second = gbk.indexOf(10, gbk.indexOf(10) + 1) + 1
    expect(
      faults(merchants(Buffer.concat([gbk.subarray(0, second), Buffer.from('N9,\xff,B01,a9\n', 'latin1')]))),
    ).toEqual([[3, 'line', 'encoding']])
    expect(faults(merchants(Buffer.concat([Buffer.from(table), gbk])))).toEqual([[5, 'line', 'encoding']])
  })

  it.each<[string, Buffer, unknown[]]>([
    ['UTF-16, as “Unicode text” is saved', Buffer.from(`\ufeff${table}`, 'utf16le'), [0, 'file', 'utf-16']],
    ['UTF-16 without a mark', Buffer.from(HEAD, 'utf16le'), [1, 'file', 'not-csv']],
    ['a workbook', Buffer.from('PK\x03\x04\x14\x00', 'latin1'), [0, 'file', 'not-csv']],
    ['an old workbook', Buffer.from('\xd0\xcf\x11\xe0\xa1', 'latin1'), [0, 'file', 'not-csv']],
    ['8 MB of two-byte lines', Buffer.alloc(8 << 20, 'a\n'), [MOST_LINES + 2, 'file', 'too-many-lines']],
    ['8 MB of carriage returns', Buffer.alloc(8 << 20, '\r'), [MOST_LINES + 2, 'file', 'too-many-lines']],
    ['one line of 8 MB', Buffer.alloc(8 << 20, 'a'), [1, 'line', 'line-too-long']],
    ['8 MB of quotes', Buffer.alloc(8 << 20, '"'), [1, 'line', 'line-too-long']],
    ['a million columns', Buffer.from(`${HEAD}${','.repeat(1_000_000)}`), [2, 'line', 'too-many-columns']],
  ])('that are %s are refused before they are read', (_, file, fault) => {
    expect(faults(merchants(file))).toEqual([fault])
  })
})

describe('any file', () => {
  const columns: Columns<'a' | 'b'> = { names: { a: ['a'], b: ['b'] }, codes: [] }
  const cell = fc.string({ unit: fc.constantFrom(...'ab,"\n\r ;\t老街=-\''), maxLength: 8 })

  it('that one standard reader of CSV understands is understood the same', () => {
    const row = fc.array(cell, { minLength: 2, maxLength: 2 })
    const written = (rows: string[][]) => rows.map((cells) => csvLine(cells)).join('')
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 6 }), (rows) => {
        const csv = `a,b\r\n${written(rows)}`
        const oracle: string[][] = parse(csv, { trim: true, relax_column_count: true })
        const unguarded = (text: string) =>
          text
            .trim()
            .replace(/\r\n|\r/g, '\n')
            .replace(/^'(?='*[\t\n]|[\s']*[=+@-])/, '')
        const expected = oracle.slice(1).map((cells) => cells.map(unguarded))
        const table = readTable(Buffer.from(csv), columns, 100)
        const read = [...pagesOf(table)].flat().map(({ a, b }) => [a, b])
        const unread = table.faults.named.map(({ code }) => code).filter((code) => code !== 'empty')
        expect(unread).toEqual([])
        expect(read).toEqual(expected.filter((cells) => cells.some((one) => one !== '')))
      }),
      { numRuns: 500 },
    )
  })

  it('of any bytes is read or refused, and never breaks the reader', () => {
    const soup = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 20 }).map((one) => Buffer.from(one)),
        fc
          .constantFrom('code,name,branch,account', '\n', '\r\n', '"', ',', 'N1', '商户号', '\ufeff', '=1')
          .map((one) => Buffer.from(one)),
      ),
      { maxLength: 40 },
    )
    fc.assert(
      fc.property(soup, (parts) => {
        const file = Buffer.concat(parts)
        for (const { faults: found, lines: all } of [merchants(file), codes(file)]) {
          const end = file.toString('latin1').split(/\r\n|[\r\n]/).length
          for (const { line } of found.named) expect(line).toBeLessThanOrEqual(end)
          expect(found.count > 0 || all > 0).toBe(true)
        }
      }),
      { numRuns: 1_000 },
    )
  })
})

const CASES = process.env.FAPAI_CASES ?? resolve(__dirname, '../../../shared/cases')
const there = existsSync(CASES)
if (!there) console.warn(`skipped: there is no folder ${CASES} (FAPAI_CASES) with files that failed elsewhere`)
const given = there ? describe : describe.skip

given('files that others had trouble with', () => {
  const file = (name: string) => readFileSync(`${CASES}/${name}`)
  it.each([
    ['01-two-account-columns.csv', [[1, 'account', 'column-twice']]],
    ['02-unquoted-comma.csv', [[2, 'line', 'cell-count']]],
    ['03-utf8-one-cut-character.csv', [[3, 'line', 'encoding']]],
  ])('%s is refused', (name, expected) => {
    expect(faults(merchants(file(name)))).toEqual(expected)
  })

  it.each([
    ['06-list-stray-quote-500.csv', [[1, 'line', 'quote']]],
    ['08-list-empty.csv', [[1, 'file', 'empty']]],
  ])('%s is refused', (name, expected) => {
    expect(faults(codes(file(name)))).toEqual(expected)
  })

  it('07-list-gbk-heading.csv is understood', () => {
    expect(codes(file('07-list-gbk-heading.csv'))).toMatchObject({ codes: 'M0001', faults: { count: 0 } })
  })
})
