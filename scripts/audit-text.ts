import { dayName } from '../server/domain/match'
import type { AuditReport } from '../server/flow/audit/audit'
import type { AuditedKind, AuditPending } from '../server/flow/ports'

/** The report of an audit, for people. */

const KINDS: Record<AuditedKind, string> = {
  campaigns: 'campaigns',
  decks: 'decks',
  orders: 'orders',
  refunds: 'refunds',
  merchantDays: 'merchant days',
  corrections: 'corrections',
  actions: 'actions of operators',
  links: 'links of the books’ chain',
  statements: 'reconciled statements',
}
const PENDING: Record<AuditPending['kind'], string> = {
  'unknown-orders': 'orders without an ending',
  'unknown-refunds': 'refunds without an ending',
  'slots-to-return': 'closed orders whose slot is still to be given back',
  conflicts: 'news that contradicts an ending',
  'open-differences': 'differences that nobody has decided',
  'rejected-differences': 'rejected differences that the channel has not put right',
  'owing-differences': 'accepted differences whose payer hasn’t got the money back',
  'days-to-reconcile': 'days that nobody has reconciled',
  'events-to-chain': 'events of orders that are not chained yet',
}

/** `nowMs`: to say how old what is pending is. */
export function auditText(report: AuditReport, nowMs: number): string {
  const { looked, violations, skipped, unfetched, unread, pending } = report
  const counts = Object.entries(looked).map(([kind, count]) => `${number(count)} ${KINDS[kind as AuditedKind]}`)
  const total = violations.reduce((sum, one) => sum + one.count, 0)
  const codes = violations.flatMap(({ code, invariant, count, faults }) => [
    '',
    `${invariant} ${code}: ${number(count)}`,
    ...faults.map(({ subject, detail }) => `  ${subject}: ${detail}`),
    ...(count > faults.length ? [`  … and ${number(count - faults.length)} more`] : []),
  ])
  const waiting = pending.filter((one) => one.count > 0)
  return [
    `Looked at ${counts.join(', ')}.`,
    ...skipped.map(({ what, count, reason }) => `Not looked at: ${what}, ${number(count)} times: ${reason}.`),
    ...unfetched.map(({ reason, ...day }) => `Not fetched: the statement of ${dayName(day)}: ${reason}.`),
    ...unread.map(({ date, reason }) => `Not read: the archive of ${date}: ${reason}.`),
    ...waiting.flatMap((one) => pendingLines(one, nowMs)),
    ...codes,
    '',
    total === 0 ? 'Nothing differs.' : `${number(total)} violations.`,
    '',
  ].join('\n')
}

function pendingLines({ kind, count, oldestAt, named }: AuditPending, nowMs: number): string[] {
  const age = oldestAt === null ? '' : `, the oldest since ${Math.round((nowMs - oldestAt) / 60_000)} min`
  const more = count > named.length ? [`  … and ${number(count - named.length)} more`] : []
  return [`For information: ${number(count)} ${PENDING[kind]}${age}`, ...named.map((name) => `  ${name}`), ...more]
}

function number(value: number): string {
  return value.toLocaleString('en')
}
