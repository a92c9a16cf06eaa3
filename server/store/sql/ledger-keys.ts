import { sql as raw, type Transaction } from 'kysely'
import { checkValue, isOfRing, type MasterKeys } from '../../domain/key-ring'
import type { Sql } from './open-sql'
import type { Tables } from './tables'
import { NOW } from './time'

/** Our master keys aren't those that the ledger is kept by. Nothing was dealt, sent or written. */
export class WrongMasterKey extends Error {
  override name = 'WrongMasterKey'
  constructor() {
    super(
      'this ledger is kept by another master key, which is neither MASTER_KEY nor in MASTER_KEYS_PREVIOUS (docs/OPERATIONS.md#changing-the-master-key)',
    )
  }
}

/**
 * Takes the ledger with these keys: an empty one is theirs from now on, and one whose newest key they know goes on, with their current key
 * noted as the newest if it is new. Of several who come at once with keys of their own, one has it. `look`: notes nothing.
 * @throws WrongMasterKey when the newest is none of theirs
 */
export async function holdLedgerKeys(sql: Sql, masters: MasterKeys, look: 'look' | 'note' = 'note'): Promise<void> {
  const known = (hex: string) => isOfRing(masters, Buffer.from(hex, 'hex'))
  const own = checkValue(masters.current.key).toString('hex')
  await sql.transaction(async (tx) => {
    // Whoever else would note a key waits here; who only looks, and payments, don't.
    if (look === 'note') await raw`lock table ledger_keys in share row exclusive mode`.execute(tx)
    const rows = await tx.selectFrom('ledger_keys').selectAll().orderBy('key_no').execute()
    const newest = rows.at(-1)
    if (!(newest ? known(newest.check_value) : await isOursByNames(tx, masters))) throw new WrongMasterKey()
    if (look === 'look' || rows.some(({ check_value }) => check_value === own)) return
    await raw`insert into ledger_keys (key_no, check_value, noted_at)
      values (${(newest?.key_no ?? 0) + 1}, ${own}, ${raw.raw(NOW)})`.execute(tx)
  })
}

/** A ledger from before its keys were noted: what was last made with one says its name. */
async function isOursByNames(tx: Transaction<Tables>, { byId }: MasterKeys): Promise<boolean> {
  const { rows } = await raw<{ keyId: string }>`
    (select key_id as "keyId" from ledger_links order by link_no desc limit 1)
    union (select key_id from operator_actions order by action_id desc limit 1)`.execute(tx)
  return rows.every(({ keyId }) => byId(keyId) !== undefined)
}
