import { type FocusEvent, type RefObject, useEffect, useState } from 'react'
import { ConsoleError } from '../../client'
import { besideField, ofCampaign } from '../../sentences'
import { faultWords } from '../../terms'
import { type Draft, type Faults, isReversed, termsOf } from './draft'

/** Beside each field: what can't be read (once saving was tried, or the field was left with it), what the rule forbids, what the server refused. */
export function faultsOf(
  draft: Draft,
  tried: boolean,
  left: ReadonlySet<string>,
  previewed: readonly { field: string; code: string; message: string }[] | undefined,
  fault: unknown,
): Faults {
  const faults: Faults = {}
  for (const { field, code, message } of previewed ?? []) faults[field] ??= faultWords(code, message)
  if (fault instanceof ConsoleError && fault.field) faults[fault.field] ??= besideField(fault)
  const unread = Object.entries(termsOf(draft).faults)
  const told = unread.filter(([field]) => tried || left.has(field) || (field === 'endDate' && isReversed(draft)))
  return { ...faults, ...Object.fromEntries(told) }
}

export function summaryOf(fault: unknown, tried: boolean, faults: Faults): string | undefined {
  if (fault) return ofCampaign(fault)
  const unread = Object.keys(faults).length
  return tried && unread > 0 ? `还有 ${unread} 项要修改` : undefined
}

/** The fields that were left with something in them: what is wrong with it is said before all is saved. */
export function useLeft() {
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const onBlur = ({ target }: FocusEvent<HTMLFormElement>) => {
    const { name, value } = target as unknown as HTMLInputElement
    if (!name || (value !== '') === left.has(name)) return
    const next = new Set(left)
    if (value === '') next.delete(name)
    else next.add(name)
    setLeft(next)
  }
  return { left, onBlur }
}

/** The first field with a fault takes the focus, once it is marked. */
export function useFaultFocus(form: RefObject<HTMLFormElement>): () => void {
  const [wanted, setWanted] = useState(0)
  useEffect(() => {
    if (wanted > 0) form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus()
  }, [form, wanted])
  return () => setWanted((times) => times + 1)
}
