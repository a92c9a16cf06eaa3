import { deckKeys, masterKeys } from '../server/domain/key-ring'
import { audit } from '../server/flow/audit/audit'
import type { SourceDeps } from '../server/flow/reconcile/source'
import { auditKeys, sqlAudit } from '../server/store/sql/audit/audit'
import type { Sql } from '../server/store/sql/open-sql'
import type { Verdict } from './verdict'

/** The product's own audit of its books: what it finds is a violation. Tells what it looked at, for people. */
export async function auditAndCheck(
  sql: Sql,
  masterKey: Uint8Array,
  statements: SourceDeps['statements'],
  verdict: Verdict,
): Promise<string> {
  const books = sqlAudit(sql, auditKeys(masterKeys(masterKey)))
  const { campaignSecret } = deckKeys(masterKeys(masterKey))
  const { looked, violations, unfetched, pending } = await audit({
    books,
    campaignSecret,
    sources: { statements },
  })
  const what = 'the books prove themselves (npm run audit)'
  verdict.checked('AUDIT', what, looked.orders + looked.refunds + looked.decks)
  for (const { code, count, faults } of violations)
    verdict.violate('AUDIT', what, `${code}, ${count}: ${faults[0]?.subject} ${faults[0]?.detail}`)
  for (const { date, reason } of unfetched)
    verdict.violate('AUDIT', 'a statement can be had again', `${date}: ${reason}`)
  const open = pending.flatMap(({ kind, count }) => (count > 0 ? [`${count} ${kind}`] : [])).join(', ')
  return `audited ${Object.entries(looked)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')}${open && `; now pending: ${open}`}`
}
