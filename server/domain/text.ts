/** What people type for people to read: names, reasons, notes. What is stored looks like nothing but itself. */

export type TextFault = 'too-short' | 'too-long' | 'hidden-character' | 'odd-blank'

/** NFC, so that one text has one spelling; without blanks of any kind at its ends. */
export const tidied = (text: string): string => text.normalize('NFC').trim()

/**
 * Control characters and half surrogates; what shows nothing or turns the reading direction (zero-width, bidi, fillers,
 * variation selectors); what each font draws as it likes (private use); what an earlier reader couldn't read (U+FFFD).
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufffd\ufffe\uffff]/u
/** Blanks that look like the plain one and aren't: no-break, ideographic, braille, … */
const ODD_BLANK = /[^\P{Zs} ]|\u2800/u

/** Why a {@link tidied} text can't be taken. Lengths are in characters as people count them, not UTF-16 units. */
export function textFault(text: string, min: number, max: number): TextFault | undefined {
  if (HIDDEN.test(text)) return 'hidden-character'
  if (ODD_BLANK.test(text)) return 'odd-blank'
  const length = [...text].length
  if (length > max) return 'too-long'
  return length < min ? 'too-short' : undefined
}

/** In English, for engineers. */
export function textFaultMessage(fault: TextFault, min: number, max: number): string {
  switch (fault) {
    case 'hidden-character':
      return 'holds a control, zero-width, bidi or other hidden character'
    case 'odd-blank':
      return 'holds a blank that is not the plain one, e.g. a no-break or ideographic space'
    case 'too-long':
    case 'too-short':
      return `${min} to ${max} characters`
  }
}
