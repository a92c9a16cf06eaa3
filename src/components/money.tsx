import { yuan } from '../money'
import { Words } from './base'
import './money.scss'

/** An amount in fen as `¥95.00`: the yuan sign smaller, figures of equal width. */
export function Money({ fen, sign = '', className = '' }: { fen: number; sign?: '' | '+' | '−'; className?: string }) {
  return (
    <Words className={`money ${className}`}>
      {sign}
      <Words className="money__sign">¥</Words>
      {yuan(fen)}
    </Words>
  )
}
