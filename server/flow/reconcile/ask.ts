import { businessDate } from '../../domain/business-date'
import type { RequestKind } from '../../domain/change'
import type { Operator } from '../../domain/operator'
import { newRefundNo } from '../../domain/refund'
import { type AskResult, askForChange, type ChangeDeps } from '../change/ask'
import type { Endless, PayWish } from '../ports'

/** What one operator asks for where money is short or something never ended; another reviews it (I12, I13). */

interface Asked {
  id: string
  note: string
}

/** The order, or the refund, was never booked: no statement holds it, and the channel says nothing of it. */
export function askToEnd(deps: ChangeDeps, operator: Operator, what: Endless['kind'], asked: Asked) {
  return ask(
    deps,
    operator,
    `${what}.end`,
    `${what}/${asked.id}`,
    { state: what === 'order' ? 'closed' : 'failed' },
    asked,
  )
}

/** The refund of a difference failed: once more, under another number. */
export function askToRefundAgain(deps: ChangeDeps, operator: Operator, asked: Asked) {
  const refundNo = newRefundNo(businessDate(deps.clock.now()), deps.random(12))
  return ask(deps, operator, 'difference.refund', `difference/${asked.id}`, { refundNo }, asked)
}

/** The payer whom a difference leaves short was paid from a GL account. */
export function askToPay(deps: ChangeDeps, operator: Operator, { glAccount, voucherNo, ...asked }: Asked & PayWish) {
  return ask(deps, operator, 'difference.pay', `difference/${asked.id}`, { glAccount, voucherNo }, asked)
}

function ask(
  deps: ChangeDeps,
  operator: Operator,
  kind: RequestKind,
  subject: string,
  after: unknown,
  { note }: Asked,
): Promise<AskResult> {
  return askForChange(deps, operator, { kind, subject, branchCode: null, after, note })
}
