import type { Transaction } from 'kysely'
import type { Devices, NewSession } from '../../../flow/ports'
import type { Sql } from '../open-sql'
import type { Tables } from '../tables'

/** A browser that wasn't used for so long is a stranger's again. */
const KNOWN_MS = 90 * 86_400_000
/** Of one operator; the one used least lately leaves. */
const MOST = 5

/** The {@link Devices} on PostgreSQL. */
export function sqlDevices({ db }: Sql): Devices {
  return {
    async deviceOf(username, deviceHash, now) {
      const found = db.selectFrom('operator_devices').select('device_id')
      const row = await found
        .where('device_hash', '=', deviceHash)
        .where('username', '=', username)
        .where('last_used_at', '>', now - KNOWN_MS)
        .executeTakeFirst()
      return row && Number(row.device_id)
    },
  }
}

/** What the browser brought is worth nothing from now on, for whomever it knew: whoever else holds it is a stranger. */
export async function know(
  tx: Transaction<Tables>,
  { username, now, device: { hash, before } }: Pick<NewSession, 'username' | 'now' | 'device'>,
): Promise<void> {
  if (before)
    await tx.updateTable('operator_devices').set({ device_hash: hash }).where('device_hash', '=', before).execute()
  await tx
    .insertInto('operator_devices')
    .values({ device_hash: hash, username, known_since: now, last_used_at: now })
    .onConflict((conflict) => conflict.columns(['device_hash', 'username']).doUpdateSet({ last_used_at: now }))
    .execute()
  const own = tx.selectFrom('operator_devices').select('device_id').where('username', '=', username)
  const kept = own.orderBy('last_used_at', 'desc').orderBy('device_id', 'desc').limit(MOST)
  await tx.deleteFrom('operator_devices').where('username', '=', username).where('device_id', 'not in', kept).execute()
}

export async function forgetDevices(tx: Transaction<Tables>, username: string): Promise<void> {
  await tx.deleteFrom('operator_devices').where('username', '=', username).execute()
}
