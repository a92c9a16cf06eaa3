import { useEffect, useState } from 'react'
import { kept } from './platform/kept'

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/**
 * Whom a token was issued to, as it says itself: anybody may read one, the server alone makes one (server/domain/seal.ts). By it what is kept on
 * a device is one person's. Undefined for what is no token of ours. A mini-program has no `atob`.
 */
export function holderOf(token: string): string | undefined {
  const [body = '', seal] = token.split('.')
  if (!seal) return undefined
  const bits = [...body].map((digit) => DIGITS.indexOf(digit).toString(2).padStart(6, '0')).join('')
  const bytes = bits.match(/.{8}/g) ?? []
  try {
    const text = bytes.map((byte) => `%${Number.parseInt(byte, 2).toString(16).padStart(2, '0')}`).join('')
    const { sub } = JSON.parse(decodeURIComponent(text)) as { sub?: unknown }
    return typeof sub === 'string' && sub !== '' ? sub : undefined
  } catch {
    return undefined
  }
}

const NAME = 'holder'
const listeners = new Set<() => void>()
let turn = 0
/** Where a tab keeps nothing, as long as the page is open. */
let last = ''
const who = () => last || (kept.get(NAME) ?? '')

/** Who logged in last in this tab, or asked last in it. Through a log-in by way of another page, too. */
export const holder = {
  note(person: string | undefined): void {
    const before = who()
    if (!person || person === before) return
    last = person
    kept.set(NAME, person)
    if (!before) return
    turn++
    for (const listener of [...listeners]) listener()
  },
  /** Whether it's the one whom `mark` was made for; a mark of a tab that knew nobody yet is anybody's. */
  isOf: (mark: string) => mark === '' || mark === who(),
  mark: who,
}

/**
 * Another figure once another person has logged in on the open page, in the bank's app for instance: as a page's key it begins anew, and
 * nothing of the one before stays in sight.
 */
export function useHolder(): number {
  const [now, setNow] = useState(turn)
  useEffect(() => {
    const look = () => setNow(turn)
    look()
    listeners.add(look)
    return () => void listeners.delete(look)
  }, [])
  return now
}
