import type { RequestKind } from '../../../domain/change'
import type { Kind } from './kind'
import { merchantAccount } from './merchant-account'

/** How each kind is held against what is there, and done: a file each, and a line here. */
export const KINDS: Record<RequestKind, Kind> = {
  'merchant.account': merchantAccount,
}
