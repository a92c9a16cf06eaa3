import { useLayoutEffect, useRef } from 'react'
import type { FieldProps } from './field-props'
import './field.scss'

const KINDS = {
  code: { autoComplete: 'off', autoCapitalize: 'characters', inputMode: 'text' },
  account: { autoComplete: 'cc-number', autoCapitalize: 'off', inputMode: 'numeric' },
  name: { autoComplete: 'name', autoCapitalize: 'off', inputMode: 'text' },
  phone: { autoComplete: 'tel-national', autoCapitalize: 'off', inputMode: 'tel' },
  amount: { autoComplete: 'off', autoCapitalize: 'off', inputMode: 'decimal' },
  note: { autoComplete: 'off', autoCapitalize: 'off', inputMode: 'text' },
} as const

/** One line to type into. */
export function Field({ label, hint = label, kind = 'code', className = '', value, ...rest }: FieldProps) {
  const { maxLength, onType, onLeave } = rest
  const input = useRef<HTMLInputElement>(null)
  const digitsBefore = useRef<number>()
  // Blanks between groups come and go by themselves; whoever mends a digit in the middle stays behind it.
  useLayoutEffect(() => {
    const behind = digitsBefore.current
    digitsBefore.current = undefined
    if (behind === undefined || !input.current || value.length !== input.current.value.length) return
    const at = placeOf(value, behind)
    input.current.setSelectionRange(at, at)
  }, [value])
  return (
    <input
      ref={input}
      className={`field ${className}`}
      aria-label={label}
      placeholder={hint}
      value={value}
      maxLength={maxLength}
      {...KINDS[kind]}
      spellCheck={false}
      onChange={({ target }) => {
        const before = target.value.slice(0, target.selectionStart ?? target.value.length)
        digitsBefore.current = kind === 'account' ? before.replace(/\D/g, '').length : undefined
        onType(target.value)
      }}
      onBlur={onLeave}
    />
  )
}

/** Where the caret stands behind so many digits of a text with blanks. */
function placeOf(text: string, digits: number): number {
  let left = digits
  for (let at = 0; at < text.length; at++)
    if (left === 0) return at
    else if (/\d/.test(text[at]!)) left--
  return text.length
}
