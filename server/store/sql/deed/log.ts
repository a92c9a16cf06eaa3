import { createHmac } from 'node:crypto'
import type { Transaction } from 'kysely'
import type { Deed, KeyRing } from '../../../flow/ports'
import type { Sql } from '../open-sql'
import type { Tables } from '../tables'

/** Writes what operators do, each entry chained to the one before by an HMAC under a key that isn't in the database. */
export interface DeedLog {
  /** In the transaction of the deed itself: neither is there without the other. Writers queue on the chain's end. */
  write(tx: Transaction<Tables>, deed: Deed): Promise<void>
  /** The mac that an entry must have; for checking the chain. Undefined when its key is none of ours. */
  macOf(entry: { actionId: number; keyId: string } & Deed, before: string): string | undefined
}

export function deedLog(keys: KeyRing): DeedLog {
  const macOf: DeedLog['macOf'] = (entry, before) => {
    const key = keys.byId(entry.keyId)
    return key && createHmac('sha256', key).update(canonical(entry, before)).digest('hex')
  }
  return {
    macOf,
    async write(tx, deed) {
      const head = await tx.selectFrom('operator_actions_head').selectAll().forUpdate().executeTakeFirstOrThrow()
      const actionId = head.last_id + 1
      const keyId = keys.current.id
      const mac = macOf({ ...deed, actionId, keyId }, head.mac)!
      const { at, username, action, subject } = deed
      const json = (value: unknown) => (value === undefined || value === null ? null : JSON.stringify(value))
      await tx
        .insertInto('operator_actions')
        .values({
          action_id: actionId,
          at,
          username,
          action,
          subject,
          key_id: keyId,
          mac,
          before: json(deed.before),
          after: json(deed.after),
        })
        .execute()
      await tx.updateTable('operator_actions_head').set({ last_id: actionId, mac }).execute()
    },
  }
}

/** For a deed that stands alone. */
export async function writeDeed(sql: Sql, log: DeedLog, deed: Deed): Promise<void> {
  await sql.transaction((tx) => log.write(tx, deed))
}

/** jsonb keeps no order of keys, and JSON no undefined and no Date, so both sides are put in one form. */
function canonical(entry: { actionId: number; keyId: string } & Deed, before: string): string {
  const { actionId, keyId, at, username, action, subject } = entry
  return JSON.stringify([
    before,
    actionId,
    keyId,
    at,
    username,
    action,
    subject,
    ordered(JSON.parse(JSON.stringify(entry.before ?? null))),
    ordered(JSON.parse(JSON.stringify(entry.after ?? null))),
  ])
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, ordered(one)]),
  )
}
