/** CSV as spreadsheets take it (RFC 4180), for people who open it in one. */

/** Spreadsheets take Chinese for something else without it. */
export const BYTE_ORDER_MARK = '\ufeff'

/** A line of quoted cells. */
export function csvLine(cells: readonly (string | number)[]): string {
  return `${cells.map((cell) => csvCell(String(cell))).join(',')}\r\n`
}

/** What a spreadsheet would run as a formula is kept a text; an amount is none. http/csv-table.ts takes the mark off again. */
function csvCell(text: string): string {
  const inert = /^('*[=+@\t\r]|'+-|-(?![\d,]+\.\d\d$))/.test(text) ? `'${text}` : text
  return `"${inert.replaceAll('"', '""')}"`
}
