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

/** An amount from an address, as if typed: what can't be is left out. */
export function typedAmount(text = ''): string {
  return [...text.slice(0, 12)].reduce(
    (typed, key) => (/^[\d.]$/.test(key) ? typeKey(typed, key as AmountKey) : typed),
    '',
  )
}

/** `"12.5"` → 1250 fen; `""` and `"0."` → 0. Integer arithmetic on the digits: no float ever holds money. */
export function amountFen(text: string): number {
  const [yuan = '', fen = ''] = text.split('.')
  return Number(yuan || '0') * 100 + Number(fen.padEnd(2, '0'))
}

/** A key of a physical keyboard as a key of ours; undefined for anything else. `。` is what a Chinese layout sends. */
export function amountKey(key: string): AmountKey | undefined {
  if (/^\d$/.test(key)) return key as AmountKey
  if (key === '.' || key === '。') return '.'
  if (key === 'Backspace') return 'back'
  if (key === 'Delete' || key === 'Escape') return 'clear'
  return undefined
}
