import { halfWidth } from './half-width'

/** The amount as a person types it, e.g. `"12."`; every text these functions return is a prefix of a valid amount. */

export type AmountKey = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | '.' | 'back' | 'clear'

/** ¥1,000,000.00, the contract's bound of one payment; a key that would pass it does nothing. */
export const MAX_AMOUNT_FEN = 100_000_000

const AMOUNT = /^(0|[1-9]\d*)(\.\d{0,2})?$/

/** The text after one key. A key that can't follow (third decimal, second point, too much) leaves the text as it is. */
export function typeKey(text: string, key: AmountKey): string {
  if (key === 'clear') return ''
  if (key === 'back') return text === '0.' ? '' : text.slice(0, -1)
  const typed = key === '.' && text === '' ? '0.' : text === '0' && key !== '.' ? key : text + key
  return AMOUNT.test(typed) && amountFen(typed) <= MAX_AMOUNT_FEN ? typed : text
}

/** Half-width, and without the currency before or after it. */
const plain = (text: string) =>
  halfWidth(text)
    .replace(/。/g, '.')
    .replace(/、/g, ',')
    .trim()
    .replace(/^(?:¥|RMB|CNY|人民币)\s*/i, '')
    .replace(/\s*(?:元整?|RMB|CNY)$/i, '')

/** Thousands with their commas, and whatever has none. */
const WRITTEN = /^(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)?(?:\.\d{0,2})?$/

/** No amount is written longer; a field takes one more, so that what is pasted into it isn't cut to another amount. */
const MOST_WRITTEN = 40
export const MOST_TYPED = MOST_WRITTEN + 1

/**
 * An amount as people write it, of an address or a clipboard, as if typed: `"¥１２．５０"` → `"12.50"`, `"1,234.5"` → `"1234.5"`. A comma
 * before one or two last digits is a slip of the point: `"12，5"` → `"12.5"`. Null for anything else, so that no figure is made up of a text's
 * digits: a third decimal, two amounts, a minus, more than {@link MAX_AMOUNT_FEN}.
 */
export function readAmount(text: string): string | null {
  if (text.length > MOST_WRITTEN) return null
  const written = plain(text).replace(/^(\d+),(\d{1,2})$/, '$1.$2')
  if (!/\d/.test(written) || !WRITTEN.test(written)) return null
  const digits = written.replace(/,/g, '').replace(/^0+(?=\d)/, '')
  const typed = digits.startsWith('.') ? `0${digits}` : digits
  return amountFen(typed) <= MAX_AMOUNT_FEN ? typed : null
}

/**
 * A field's text after something was typed or pasted into it; what makes no amount of it leaves it as it was. A comma that is its last is the
 * point's neighbour, as of keys: were it left out, `12,5` would come to 125.
 */
export function typeText(text: string, typed: string): string {
  if (typed === '') return ''
  const said = halfWidth(typed).replace(/(^|\d)[,。、]$/, '$1.')
  return readAmount(said === '.' ? '0.' : said) ?? text
}

/** `"12.5"` → 1250 fen; `""` and `"0."` → 0. Integer arithmetic on the digits: no float ever holds money. */
export function amountFen(text: string): number {
  const [yuan = '', fen = ''] = text.split('.')
  return Number(yuan || '0') * 100 + Number(fen.padEnd(2, '0'))
}

/**
 * A key of a physical keyboard as a key of ours; undefined for anything else. Full-width figures, `．` and `。` are what a Chinese layout sends;
 * the comma is the point's neighbour, and nobody types thousands with it.
 */
export function amountKey(key: string): AmountKey | undefined {
  const half = halfWidth(key)
  if (/^\d$/.test(half)) return half as AmountKey
  if (/^[.,。、]$/.test(half)) return '.'
  if (key === 'Backspace') return 'back'
  if (key === 'Delete' || key === 'Escape') return 'clear'
  return undefined
}
