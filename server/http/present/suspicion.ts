import type { Operator } from '../../domain/operator'
import type { Suspicion } from '../../flow/ports'
import type { SuspicionDetail } from '../../flow/suspicion/queue'
import type { SuspicionItem, SuspicionView } from '../contract'
import { presentChange } from './change'
import { iso, isoOrNull } from './iso'

export function presentSuspicion(suspicion: Suspicion): SuspicionItem {
  return { ...suspicion, decidedAt: isoOrNull(suspicion.decidedAt) }
}

export function presentSuspicionDetail(
  { evidenceDays, date, orders, changes, holds, ...suspicion }: SuspicionDetail,
  operator: Operator,
): SuspicionView {
  return {
    ...presentSuspicion(suspicion),
    evidenceDays: evidenceDays.map((day) => ({
      ...day,
      evidence: day.evidence.map(({ usual, ...one }) => ({ ...one, usualPercent: Math.round(usual * 100) })),
    })),
    date,
    orders: orders.map((order) => ({ ...order, createdAt: iso(order.createdAt) })),
    changes: changes.map((one) => presentChange(one, operator)),
    holds,
  }
}
