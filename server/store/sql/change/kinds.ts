import type { RequestKind } from '../../../domain/change'
import { brakeRelease } from './brake'
import { clawBack, dismissal, hold } from './farming'
import type { Kind } from './kind'
import { merchantAccount } from './merchant-account'

/** How each kind is held against what is there, and done: a file each, and a line here. */
export const KINDS: Record<RequestKind, Kind> = {
  'brake.release': brakeRelease,
  'merchant.resume': brakeRelease,
  'merchant.account': merchantAccount,
  'farming.dismiss': dismissal,
  'farming.hold': hold,
  'farming.claw-back': clawBack,
}
