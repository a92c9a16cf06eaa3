import { dayName } from '../../domain/match'
import type { AuditView, KeptStatement, StatementSource } from '../ports'
import type { Fault } from './fault'

export type StatementLook =
  | { kind: 'looked'; faults: Fault[] }
  /** the channel didn't give it, so nothing is known */
  | { kind: 'unfetched'; reason: string }

/**
 * Fetches a statement that was reconciled once more and holds the kept lines against it. Together with the checks that hold our
 * postings against the kept lines, that is "ledger = bank".
 */
export async function statementFaults(
  source: StatementSource | undefined,
  view: AuditView,
  kept: KeptStatement,
  onLines: (done: number, total: number) => void,
): Promise<StatementLook> {
  const subject = `statement ${dayName(kept)}`
  if (!source) return { kind: 'unfetched', reason: `${kept.channel} gives no statements here` }
  const fetched = await source.fetchStatement(kept.date)
  if (fetched.kind === 'refused') return { kind: 'unfetched', reason: `${fetched.code}: ${fetched.detail}` }
  const { sha256, lines: total } = fetched.manifest
  if (sha256 !== kept.sha256) {
    const detail = `reconciled as ${kept.sha256}, the bank now has ${sha256}`
    return { kind: 'looked', faults: [{ code: 'statement-changed', subject, detail }] }
  }
  let done = 0
  for await (const lines of fetched.batches()) {
    const ours = await view.statementLines(kept, lines[0]!.lineNo, lines.at(-1)!.lineNo)
    const at = lines.findIndex((line, nth) => !sameLine(line, ours[nth]))
    // One is enough to know that the kept lines aren't the bank's; the first tells where to look.
    if (at >= 0) {
      const detail = `line ${lines[at]!.lineNo} is kept otherwise than the bank has it`
      return { kind: 'looked', faults: [{ code: 'statement-changed', subject, detail }] }
    }
    done += lines.length
    onLines(done, total)
  }
  return { kind: 'looked', faults: [] }
}

/** Both are made with the same fields. */
function sameLine<T extends object>(line: T, kept: T | undefined): boolean {
  return kept !== undefined && Object.entries(line).every(([field, value]) => kept[field as keyof T] === value)
}
