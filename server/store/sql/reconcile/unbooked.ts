import { sql as raw, type Transaction } from 'kysely'
import type { RequestFaultCode } from '../../../flow/ports'
import type { Tables } from '../tables'
import { linesOf } from './pack-lines'

/** What never ended and what no statement holds. */

/** The business date of a moment in ms. */
const dateOf = (at: string) => `(to_timestamp(${at} / 1000.0) at time zone 'Asia/Shanghai')::date`

/** The statements of a thing's day and of the day after are reconciled. */
const isThrough = (channel: string, at: string) => `(
    select count(*) from reconciliations s
    where s.channel = ${channel} and s.matched_at is not null and s.statement_date in (${dateOf(at)}, ${dateOf(at)} + 1)
  ) = 2`

const isHeld = (channel: string, orderNo: string, refundNo: string) => `exists (
    select 1 from ${linesOf(channel, orderNo)} l where l.refund_no is not distinct from ${refundNo}
  )`

/** Of orders `o`. */
export const ORDER_THROUGH = isThrough('o.channel', 'o.created_at')
export const ORDER_HELD = isHeld('o.channel', 'o.order_no', 'null')
/** Of refunds `r` of orders `o`. */
export const REFUND_THROUGH = isThrough('o.channel', 'r.created_at')
export const REFUND_HELD = isHeld('o.channel', 'r.order_no', 'r.refund_no')

type Found = { open: boolean; through: boolean; held: boolean }

/** Why it can't be ended as never booked, or null. Locks it, so that whoever brings its ending comes before or after. */
export async function orderFault(tx: Transaction<Tables>, orderNo: string): Promise<RequestFaultCode | null> {
  const { rows } = await raw<Found>`
    select o.state = 'paying' as open, ${raw.raw(ORDER_THROUGH)} as through, ${raw.raw(ORDER_HELD)} as held
    from orders o where o.order_no = ${orderNo} for update`.execute(tx)
  return faultOf(rows[0])
}

export async function refundFault(tx: Transaction<Tables>, refundNo: string): Promise<RequestFaultCode | null> {
  const { rows } = await raw<Found>`
    select r.state = 'refunding' as open, ${raw.raw(REFUND_THROUGH)} as through, ${raw.raw(REFUND_HELD)} as held
    from refunds r join orders o on o.order_no = r.order_no where r.refund_no = ${refundNo} for update of r`.execute(tx)
  return faultOf(rows[0])
}

function faultOf(found: Found | undefined): RequestFaultCode | null {
  if (!found) return 'subject-missing'
  if (!found.open) return 'already-ended'
  if (found.held) return 'statement-holds-it'
  return found.through ? null : 'statement-awaited'
}
