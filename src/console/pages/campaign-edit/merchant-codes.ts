import type { MerchantCodeFile } from '@contract'
import { call } from '../../client'

/** The contract's bound of a list in one request; a longer one goes up as a file of its own. */
export const MOST_CODES = 5_000

const CODE = /^[A-Za-z0-9_-]{1,32}$/

/** Codes of a text, each once: one after another with spaces, commas or new lines between, as a person pastes them. */
export function codesOf(text: string): { codes: string[]; wrong: string[] } {
  const parts = text.split(/[\s,，、;；]+/).filter((part) => part !== '')
  return sorted(parts)
}

/** What the server reads from a file: the same reader that takes the list later. */
export const codesOfFile = (file: Blob) =>
  call<MerchantCodeFile>('/admin/merchants/codes', { method: 'POST', csv: file, timeoutMs: TIMEOUT_MS })

/** A hundred thousand lines are read well within it. */
const TIMEOUT_MS = 60_000

function sorted(parts: readonly string[]): { codes: string[]; wrong: string[] } {
  const each = [...new Set(parts)]
  return { codes: each.filter((part) => CODE.test(part)), wrong: each.filter((part) => !CODE.test(part)) }
}
