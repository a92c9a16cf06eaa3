import type { Suspicion } from '../../flow/ports'
import type { SuspicionDetail } from '../../flow/suspicion/queue'
import type { SuspicionItem, SuspicionView } from '../contract'
import { iso, isoOrNull } from './iso'

export function presentSuspicion(suspicion: Suspicion): SuspicionItem {
  return { ...suspicion, decidedAt: isoOrNull(suspicion.decidedAt) }
}

export function presentSuspicionDetail({ evidenceDays, date, orders, ...suspicion }: SuspicionDetail): SuspicionView {
  return {
    ...presentSuspicion(suspicion),
    evidenceDays: evidenceDays.map((day) => ({
      ...day,
      evidence: day.evidence.map(({ usual, ...one }) => ({ ...one, usualPercent: Math.round(usual * 100) })),
    })),
    date,
    orders: orders.map((order) => ({ ...order, createdAt: iso(order.createdAt) })),
  }
}
