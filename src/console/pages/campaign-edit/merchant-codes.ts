/** The contract's bound of a list in one request; a longer one goes up as a file of its own. */
export const MOST_CODES = 5_000

const CODE = /^[A-Za-z0-9_-]{1,32}$/

/** Codes of a text, each once: one after another with spaces, commas or new lines between, as a person pastes them. */
export function codesOf(text: string): { codes: string[]; wrong: string[] } {
  const parts = text.split(/[\s,，、;；]+/).filter((part) => part !== '')
  return sorted(parts)
}

/** Codes of a CSV file: the column called 商户号, `code` or `merchantCode`, else the first one; `column` counts from 0. */
export function codesOfCsv(text: string): { codes: string[]; wrong: string[]; column: number } {
  const rows = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1')))
    .filter((cells) => cells.some((cell) => cell !== ''))
  const named = rows[0]?.findIndex((cell) => /^(商户号|code|merchantCode)$/i.test(cell)) ?? -1
  const body = named >= 0 ? rows.slice(1) : rows
  const column = Math.max(0, named)
  return { ...sorted(body.map((cells) => cells[column] ?? '').filter((cell) => cell !== '')), column }
}

function sorted(parts: readonly string[]): { codes: string[]; wrong: string[] } {
  const each = [...new Set(parts)]
  return { codes: each.filter((part) => CODE.test(part)), wrong: each.filter((part) => !CODE.test(part)) }
}
