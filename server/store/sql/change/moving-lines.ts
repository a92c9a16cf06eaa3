import { kindRules } from '../../../domain/change'
import type { Imported, MerchantEntry, ReviewedImport } from '../../../flow/ports'
import type { DeedLog } from '../deed/log'
import { insertRequest } from './insert'
import type { Tx } from './kind'
import { insertLines, type Moving } from './lines'

/** An account that changes hands is what an auditor looks for; a thousand of them in one file is a migration, and the file's hash names it. */
const LINES_LOGGED = 1_000

/** Gathers the lines of a table that move money into one request, which is there once there is such a line. */
export function movingLines(tx: Tx, deeds: DeedLog, { subject, sha256, ...review }: ReviewedImport) {
  const { changeId, askedBy, askedAt, note } = review
  const found = { lines: 0, added: 0, logged: [] as Moving[], branches: new Set<string>() }
  return {
    async add(moving: readonly Moving[]): Promise<void> {
      if (moving.length === 0) return
      // The whole of it is known at the end; the lines need their request now.
      if (found.lines === 0)
        await insertRequest(tx, { ...review, kind: 'merchant.account', subject, branchCode: null, after: {} }, null)
      await insertLines(tx, changeId, found.lines, moving)
      found.lines += moving.length
      found.added += moving.filter(({ was }) => !was).length
      found.logged.push(...moving.slice(0, LINES_LOGGED - found.logged.length))
      for (const { was, entry } of moving)
        for (const branch of [entry.branchCode, was?.branchCode]) if (branch) found.branches.add(branch)
    },
    async done(): Promise<Imported['review']> {
      const { lines, added, logged, branches } = found
      if (lines === 0) return null
      const only = lines === 1 ? logged[0] : undefined
      const before = only?.was ? entryOf(only.was) : null
      const after = only ? entryOf(only.entry) : { lines, added, moved: lines - added, sha256 }
      const set = {
        subject: only ? `merchant/${only.entry.merchantCode}` : subject,
        branch_code: branches.size === 1 ? [...branches][0]! : null,
        before: before && JSON.stringify(before),
        after: JSON.stringify(after),
        line_count: lines,
        // Where nobody was paid before, nothing is taken from anybody by paying at once.
        delayed: kindRules('merchant.account').delayed && added < lines,
      }
      await tx.updateTable('change_requests').set(set).where('change_id', '=', changeId).execute()
      await deeds.write(tx, {
        at: askedAt,
        username: askedBy,
        action: 'change.ask',
        subject: set.subject,
        before: { merchants: logged.flatMap(({ was }) => was ?? []) },
        after: { changeId, kind: 'merchant.account', lines, note, merchants: logged.map(({ entry }) => entry) },
      })
      return { changeId, lines }
    },
  }
}

/** What is reviewed of a single one: a number at a wallet that stays as it is, or isn't there, needs no look. */
const entryOf = ({ merchantCode: _, ...entry }: MerchantEntry) => entry
