import type { FieldProps } from './field-props'
import './field.scss'

/** One line to type into: codes, not words, so nothing is corrected or remembered. */
export function Field({ label, value, maxLength, onType }: FieldProps) {
  return (
    <input
      className="field"
      aria-label={label}
      placeholder={label}
      value={value}
      maxLength={maxLength}
      autoComplete="off"
      autoCapitalize="characters"
      spellCheck={false}
      onChange={(event) => onType(event.target.value)}
    />
  )
}
