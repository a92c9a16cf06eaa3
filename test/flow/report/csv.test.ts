import fc from 'fast-check'
import { csvLine } from '../../../server/flow/report/csv'
import { pagesOf, readTable } from '../../../server/http/csv-table'

const cellOf = (text: string) => csvLine([text]).replace(/^"|"\r\n$/g, '')

describe('a cell of a file that people open in a spreadsheet', () => {
  it.each([
    ['=1+1'],
    ['＝1+1'],
    ['﹦HYPERLINK("x")'],
    ['\u200b=1+1'],
    ['\u202e\u2066=cmd'],
    ['\ufeff+1'],
    ['  @SUM(A1)'],
    ['\u00a0\u3000－2+3'],
    ["'=1"],
    ['\t=1'],
    ['\r\n=1'],
    ['-1.00'],
  ])('that would be run is kept a text: %j', (text) => {
    expect(cellOf(text)).toBe(`'${text.replaceAll('"', '""')}`)
  })

  it.each([
    ['00123'],
    ['0'.repeat(2)],
    ['642100010001'],
    ['６２１７００１２３４５６７８９０'],
    ['6217E5'],
    ['12e3'],
    ['1-2'],
    ['3/4'],
    ['2026/1/2'],
    ['10:30'],
    ['MAR1'],
    ['sept2'],
    ['1-Dec'],
    ['TRUE'],
  ])('that would be rewritten is kept as it is: %s', (text) => {
    expect(cellOf(text)).toBe(`\t${text}`)
  })

  it.each([['M0001'], ['6421'], ['2026-11-28'], ['老街牛肉面'], ['a=b'], ['H6421-7'], [''], ['O’Brien']])(
    'that is harmless stands as it is: %s',
    (text) => {
      expect(cellOf(text)).toBe(text)
    },
  )

  it('is an amount or a count, and nothing is put before those', () => {
    expect(csvLine([12, -3, { fen: -371 }, { fen: 1_234_500 }])).toBe('"12","-3","-3.71","12,345.00"\r\n')
  })

  it('comes back as it was when the file is read again', () => {
    const text = fc
      .string({ unit: fc.constantFrom(...'0179eE-/:.=＝+@\u200b\'"a老'), minLength: 1, maxLength: 14 })
      .filter((one) => one.trim() === one)
    fc.assert(
      fc.property(text, text, (a, b) => {
        const file = csvLine(['a', 'b']) + csvLine([a, b])
        const { pages, ...table } = readTable(Buffer.from(file), { names: { a: ['a'], b: ['b'] }, codes: [] }, 10)
        expect(table.faults.named).toEqual([])
        expect([...pagesOf({ ...table, pages })].flat()).toEqual([{ line: 2, a, b }])
      }),
      { numRuns: 500 },
    )
  })
})
