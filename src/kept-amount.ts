import { useEffect, useRef } from 'react'
import { readAmount } from './amount'
import { holder } from './holder'
import { kept } from './platform/kept'

/** A reload comes at once; what was typed longer ago belongs to another visit. */
const KEPT_MS = 10 * 60_000

const nameOf = (merchantCode: string) => `amount.${merchantCode}`

/**
 * What was being typed at this merchant before the page was reloaded, else `given`, the amount of its address; kept beside it, so that another
 * address with another amount is no reload.
 */
export function keptAmount(merchantCode: string, given: string): string {
  const [at, text, from = '', whose = ''] = (kept.get(nameOf(merchantCode)) ?? '').split(' ')
  const isReload = from === given && holder.isOf(whose) && Math.abs(Date.now() - Number(at)) < KEPT_MS
  return (isReload && readAmount(text ?? '')) || given
}

/**
 * Keeps what is typed; not what was sent, unless it was refused: what may be paid already is no amount to come back to. `payment`: how the
 * pay page's payment stands (pages/pay/payments.ts).
 */
export function useKeptAmount(merchantCode: string, given: string, text: string, payment: string): void {
  const sent = useRef<string>()
  useEffect(() => {
    if (payment === 'sending' || payment === 'unsure') sent.current = text
    if (payment === 'refused') sent.current = undefined
    kept.set(
      nameOf(merchantCode),
      text && text !== sent.current ? `${Date.now()} ${text} ${given} ${holder.mark()}` : '',
    )
  }, [merchantCode, given, text, payment])
}

/** Before the payer is led to the merchant anew. */
export const forgetAmount = (merchantCode: string) => kept.set(nameOf(merchantCode), '')
