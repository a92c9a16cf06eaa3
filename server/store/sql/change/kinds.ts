import type { RequestKind } from '../../../domain/change'
import { brakeRelease } from './brake'
import { branchAdd, branchChange } from './branch'
import { clawBack, dismissal, hold } from './farming'
import { payFromGl, refundAgain } from './give-back'
import type { Kind } from './kind'
import { merchantAccount } from './merchant-account'
import { merchantOwner } from './merchant-owner'
import { merchantOwners } from './merchant-owners'
import { merchantTurn } from './merchant-turn'
import { operatorAdd, operatorChange, operatorPassword } from './operator'
import { orderRefund } from './order-refund'
import { secondFactorReset } from './second-factor'
import { orderEnd, refundEnd } from './unbooked'

/** How each kind is held against what is there, and done: a file each, and a line here. */
export const KINDS: Record<RequestKind, Kind> = {
  'brake.release': brakeRelease,
  'merchant.resume': brakeRelease,
  'merchant.account': merchantAccount,
  'farming.dismiss': dismissal,
  'farming.hold': hold,
  'farming.claw-back': clawBack,
  'merchant.owner': merchantOwner,
  'merchant.owners': merchantOwners,
  'merchant.disable': merchantTurn,
  'merchant.enable': merchantTurn,
  'branch.add': branchAdd,
  'branch.change': branchChange,
  'order.refund': orderRefund,
  'order.end': orderEnd,
  'refund.end': refundEnd,
  'difference.refund': refundAgain,
  'difference.pay': payFromGl,
  'operator.add': operatorAdd,
  'operator.change': operatorChange,
  'operator.password': operatorPassword,
  'operator.second-factor-reset': secondFactorReset,
}
