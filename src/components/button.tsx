import { Press } from './base'
import type { PressProps } from './base-props'
import './button.scss'

/** A wide button. `main` is the one thing to press on a page; `plain` is words alone. */
export function Button({ kind, className = '', ...press }: PressProps & { kind: 'main' | 'quiet' | 'plain' }) {
  return <Press {...press} className={`button button--${kind} ${className}`} />
}
