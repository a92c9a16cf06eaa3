import type { Binding } from '../../flow/ports'
import type { StaffList } from '../contract'
import { iso } from './iso'

/** One of a shop's people, to its owner. `self`: the binding of whoever asks. */
export function presentStaff(
  { bindingId, called, role, boundAt }: Binding,
  self: number | null,
): StaffList['items'][number] {
  return { bindingId: String(bindingId), name: called, role, boundAt: iso(boundAt), isSelf: bindingId === self }
}
