import type { CrossCheck } from '../ports'

/**
 * Every violation the audit can find, with the invariant it breaks (docs/AUDIT.md says each in words). Of one question about
 * one thing the gravest is reported: postings that don't balance aren't also reported as not being the order's.
 */
export const AUDIT_CODES = {
  'slot-used-twice': 'I1',
  'slot-not-dealt': 'I1',
  'slots-over-cap': 'I1',
  'discount-not-the-card': 'I1',
  'deck-outside-bounds': 'I2',
  'deck-below-band': 'I2',
  'deck-seal-broken': 'I2',
  'deck-not-committed': 'I2',
  'deck-not-from-seed': 'I2',
  'secret-not-committed': 'I2',
  'beacon-differs': 'I2',
  'told-otherwise': 'I2',
  'deck-time-wrong': 'I2',
  'figures-wrong': 'I3',
  'refund-shares-wrong': 'I3',
  'refunded-above-paid': 'I3',
  unbalanced: 'I4',
  'postings-wrong': 'I4',
  'correction-refund-wrong': 'I4',
  'opened-not-once': 'I5',
  'ended-twice': 'I5',
  'ended-without-answer': 'I5',
  'answer-ignored': 'I5',
  'state-not-from-events': 'I5',
  'order-missing': 'I6',
  'refund-missing': 'I6',
  'request-missing': 'I6',
  'request-wrong': 'I6',
  'quote-used-twice': 'I6',
  'key-not-once': 'I6',
  'exposure-not-the-cards': 'I7',
  'committed-not-the-decks': 'I7',
  'over-budget': 'I7',
  'day-over-budget': 'I7',
  'deck-outside-window': 'I7',
  'branch-wrong': 'I7',
  'shortage-wrong': 'I7',
  'refund-record-wrong': 'I10',
  'agreement-wrong': 'I10',
  'payer-day-wrong': 'I10',
  'person-cards-wrong': 'I10',
  'outbox-not-once': 'I10',
  'open-order-wrong': 'I10',
  'packed-number-wrong': 'I10',
  'day-total-wrong': 'I10',
  'share-day-wrong': 'I10',
  'archived-sums-wrong': 'I10',
  'campaign-day-wrong': 'I10',
  'summary-wrong': 'I10',
  'statement-changed': 'I10',
  'bank-differs': 'I10',
  'not-at-bank': 'I10',
  'reconciliation-wrong': 'I10',
  'claw-back-unasked': 'I12',
  'desk-refund-unasked': 'I12',
  'terms-not-approved': 'I12',
  'approval-wrong': 'I12',
  'campaign-list-wrong': 'I12',
  'campaign-state-wrong': 'I12',
  'change-wrong': 'I12',
  'party-wrong': 'I12',
  'binding-wrong': 'I12',
  'action-log-broken': 'log',
  'log-cut-off': 'log',
  'chain-broken': 'chain',
  'not-as-chained': 'chain',
  'seal-differs': 'chain',
  'archive-differs': 'chain',
} as const satisfies Record<string, `I${number}` | 'log' | 'chain'> & Record<CrossCheck, string>
export type AuditCode = keyof typeof AUDIT_CODES

export interface Fault {
  code: AuditCode
  /** what it is about, e.g. `order F20261121-7K3M-92QX-4T8B` */
  subject: string
  /** what should be and what is, in English; amounts in fen */
  detail: string
}

/** One fault where `expected` and `found` differ, told with both; none where they are the same. Both are plain data. */
export function differ(code: AuditCode, subject: string, expected: unknown, found: unknown): Fault[] {
  if (same(expected, found)) return []
  return [{ code, subject, detail: `should be ${JSON.stringify(expected)}, is ${JSON.stringify(found)}` }]
}

/** The order of an object's fields says nothing. */
function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  const fields = Object.keys(a)
  if (Array.isArray(a) !== Array.isArray(b) || fields.length !== Object.keys(b).length) return false
  return fields.every((field) => field in b && same(a[field as never], b[field as never]))
}
