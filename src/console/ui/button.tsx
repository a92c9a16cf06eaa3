import type { ButtonHTMLAttributes } from 'react'

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `main`: the one thing to press on a page; `danger`: takes something away; `text`: beside other things */
  kind?: 'main' | 'plain' | 'danger' | 'text'
  /** its request is under way: it can't be pressed again */
  busy?: boolean
}

export function Button({ kind = 'plain', busy, disabled, className = '', children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={`c-button c-button--${kind} ${className}`}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
    >
      {children}
      {busy && <span className="c-button__busy" aria-hidden="true" />}
    </button>
  )
}
