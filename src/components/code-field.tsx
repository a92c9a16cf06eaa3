import { useEffect, useRef } from 'react'
import { halfWidth } from '../half-width'
import { CodeCells } from './code-cells'
import type { CodeFieldProps } from './field-props'

/** The code of a text message: one input, unseen over its cells, which telephones fill in from the message by themselves. */
export function CodeField({ label, value, length, onType, onEnter }: CodeFieldProps) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.focus(), [])
  return (
    <CodeCells value={value} length={length}>
      <input
        ref={input}
        className="code__input"
        aria-label={label}
        value={value}
        maxLength={length}
        inputMode="numeric"
        autoComplete="one-time-code"
        onChange={({ target }) => onType(halfWidth(target.value).replace(/\D/g, '').slice(0, length))}
        onKeyDown={({ key }) => key === 'Enter' && onEnter()}
      />
    </CodeCells>
  )
}
