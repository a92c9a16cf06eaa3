import { once } from 'node:events'
import type { Readable } from 'node:stream'
import fc from 'fast-check'
import type { Work } from '../../server/flow/ports'
import type { Cell } from '../../server/flow/report/csv'
import type { Sheet, SheetPageRows } from '../../server/flow/report/sheet'
import { fileOf } from '../../server/http/sheet-file'
import type { SheetFormat } from '../../server/http/sheet-task'
import { readWorkbook, texts, type Workbook } from '../support/workbook'

/** What XML has no way to say. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const UNSAYABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

const inline: Work = { run: async ({ run }, input) => run(input) }
const BY = { username: 'viewer', name: '查看', roles: [], branchCode: null }

/** Pages as they are asked for; `read` counts them, and `ended` says that nobody asks any more. */
function sheetOf(pages: Cell[][][], columns = 3) {
  const seen = { read: 0, ended: false }
  async function* rows(): AsyncGenerator<SheetPageRows> {
    try {
      for (const [i, page] of pages.entries()) {
        seen.read++
        yield { rows: page, last: i === pages.length - 1 }
      }
    } finally {
      seen.ended = true
    }
  }
  const heads = Array.from({ length: columns }, (_, i) => ({ head: `列${i + 1}`, width: 10 }))
  const sheet: Sheet = { title: '订单', fileName: 'a.xlsx', columns: heads, total: 1, pages: rows }
  return { sheet, seen }
}

const streamOf = (sheet: Sheet, format: SheetFormat, work = inline) =>
  fileOf({ work }, BY, sheet, format, new AbortController().signal).source

async function bytesOf(source: Readable): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of source) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

const workbook = async (pages: Cell[][][], columns?: number): Promise<Workbook> =>
  readWorkbook(await bytesOf(streamOf(sheetOf(pages, columns).sheet, 'xlsx')))

describe('a workbook', () => {
  it('has codes as text, amounts as numbers of yuan, dates and moments as dates of Shanghai', async () => {
    const at = Date.parse('2026-11-29T23:30:00+08:00')
    const { rows, styles } = await workbook([
      [
        ['6421-03', { fen: 123_405 }, { date: '2026-11-29' }],
        ['0012', { fen: -5 }, { at }],
        [null, 12_345, ''],
      ],
    ])
    expect(rows[0]).toMatchObject({ A: { kind: 'text', value: '列1' }, C: { value: '列3' } })
    expect(rows[1]).toEqual({
      A: { kind: 'text', style: 2, value: '6421-03' },
      B: { kind: 'number', style: 4, value: '1234.05' },
      C: { kind: 'number', style: 5, value: '46355' },
    })
    expect(rows[2]).toEqual({
      A: { kind: 'text', style: 2, value: '0012' },
      B: { kind: 'number', style: 4, value: '-0.05' },
      C: { kind: 'number', style: 6, value: (46_355 + 23.5 / 24).toFixed(8) },
    })
    expect(rows[3]).toEqual({ B: { kind: 'number', style: 3, value: '12345' } })
    // the looks, in their order: text is 49, and both kinds of dates are Chinese
    const looks = [...styles.split('<cellXfs')[1]!.matchAll(/numFmtId="(\d+)"/g)].map((found) => found[1])
    expect(looks).toEqual(['0', '49', '49', '3', '4', '164', '165'])
    expect(styles).toContain('numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"')
  })

  it('keeps what a spreadsheet would run as the text that it is, and any other text', async () => {
    const hostile = [
      '=1+1',
      '@SUM(A1)',
      '+1',
      '-2',
      '=HYPERLINK("http://x","y")',
      '</t></is></c><c><f>1</f></c>',
      '_x0041_',
    ]
    const { rows, sheet } = await workbook([hostile.map((one) => [one])], 1)
    expect(rows.slice(1).map((row) => row.A)).toEqual(hostile.map((value) => ({ kind: 'text', style: 2, value })))
    expect(sheet).not.toContain('<f>')
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), async (text) => {
        const found = await workbook([[[text]]], 1)
        expect(found.rows[1]!.A!.value).toBe(text.replace(UNSAYABLE, '\ufffd'))
      }),
      { numRuns: 60 },
    )
  })

  it('is one file of however many pages, none of them and an empty last one too, with its columns to filter by', async () => {
    const page = (from: number) => Array.from({ length: 500 }, (_, i) => [`F${from + i}`, from + i, { fen: i }])
    const { rows, sheet, names } = await workbook([page(0), page(500), []])
    expect(rows).toHaveLength(1_001)
    expect(texts(rows[1_000]!)).toEqual(['F999', '999', '4.99'])
    expect(sheet.endsWith('</sheetData><autoFilter ref="A1:C1001"/></worksheet>')).toBe(true)
    expect(names.sort()).toEqual([
      '[Content_Types].xml',
      '_rels/.rels',
      'xl/_rels/workbook.xml.rels',
      'xl/styles.xml',
      'xl/workbook.xml',
      'xl/worksheets/sheet1.xml',
    ])
    expect((await workbook([[]])).rows).toHaveLength(1)
    expect(Object.keys((await workbook([[]], 30)).rows[0]!).at(-1)).toBe('AD')
  })

  it('cuts a text that no cell holds, and never in the middle of a character', async () => {
    const { rows } = await workbook([[[`${'字'.repeat(32_765)}😀😀`]]], 1)
    expect(rows[1]!.A!.value).toHaveLength(32_767)
    expect(rows[1]!.A!.value.endsWith('字\ufffd…')).toBe(true)
  })
})

it('a CSV has its mark, heads and rows once, however many pages there are', async () => {
  const { sheet } = sheetOf([[['=1', { fen: 350 }, { date: '2026-11-29' }]], [['642100010001', 7, { at: 0 }]]])
  expect(String(await bytesOf(streamOf(sheet, 'csv')))).toBe(
    '\ufeff"列1","列2","列3"\r\n"\'=1","3.50","2026-11-29"\r\n"\t642100010001","7","1970-01-01 08:00:00"\r\n',
  )
})

describe('a file that is on its way', () => {
  const endless = () => sheetOf(Array.from({ length: 1_000 }, (_, i) => [[`F${i}`, i, null]]))

  it('is read no further than it was taken: memory holds a page or two of it', async () => {
    const { sheet, seen } = endless()
    const source = streamOf(sheet, 'csv')
    await once(source, 'readable')
    source.read()
    await new Promise((resolve) => setImmediate(resolve))
    expect(seen.read).toBeLessThan(6)
    source.destroy()
  })

  it('ends with whoever goes away', async () => {
    const { sheet, seen } = endless()
    const source = streamOf(sheet, 'xlsx')
    for await (const _ of source) if (seen.read === 3) break
    while (!seen.ended) await new Promise((resolve) => setImmediate(resolve))
    expect(seen.read).toBeLessThan(6)
  })

  it('breaks off when a page can’t be written, and is no whole file', async () => {
    let pages = 0
    const work: Work = {
      run: async ({ run }, input) => {
        if (++pages > 2) throw new Error('busy')
        return run(input)
      },
    }
    const { sheet, seen } = endless()
    await expect(bytesOf(streamOf(sheet, 'xlsx', work))).rejects.toThrow('busy')
    expect(seen.ended).toBe(true)
  })
})
