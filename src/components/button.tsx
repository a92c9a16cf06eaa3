import { Press } from './base'
import type { PressProps } from './base-props'
import './button.scss'

/** A wide button. `main` is the one thing to press on a page. */
export function Button({ kind, className = '', ...press }: PressProps & { kind: 'main' | 'quiet' }) {
  return <Press {...press} className={`button button--${kind} ${className}`} />
}
