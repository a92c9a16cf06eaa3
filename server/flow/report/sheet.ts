import type { Cell } from './csv'
import type { Column } from './xlsx'

/** A table that people take home, read a page at a time. */
export interface Sheet {
  /** of the workbook's sheet: at most 31 characters */
  title: string
  fileName: string
  columns: readonly Column[]
  /** how many rows there were when it was asked for; null: that isn't known before they are read */
  total: number | null
  /** The last page is said to be it, and may be empty: there is always one. */
  pages(): AsyncGenerator<SheetPageRows>
}

export interface SheetPageRows {
  rows: Cell[][]
  last: boolean
}

/** Each page is some ten to fifty ms of the database, and a megabyte of memory. */
const PAGE = 500

/** What each column is called, how wide it is, and what it has of a row. */
export type ColumnsOf<T> = readonly (readonly [head: string, width: number, cell: (row: T) => Cell])[]

export const columnsOf = <T>(of: ColumnsOf<T>): Column[] => of.map(([head, width]) => ({ head, width }))

/** Reads on after the last row of each page until one isn't full. */
export async function* pagesOf<T, After>(
  of: ColumnsOf<T>,
  read: (after: After | undefined, limit: number) => Promise<T[]>,
  afterOf: (row: T) => After,
): AsyncGenerator<SheetPageRows> {
  for (let after: After | undefined; ; ) {
    const page = await read(after, PAGE)
    const last = page.length < PAGE
    yield { rows: page.map((row) => of.map(([, , cell]) => cell(row))), last }
    if (last) return
    after = afterOf(page.at(-1)!)
  }
}
