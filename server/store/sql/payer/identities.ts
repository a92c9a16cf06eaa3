import { sql as raw, type Transaction } from 'kysely'
import { NO_TRACE } from '../../../domain/trace'
import type { Identities, KeptIdentity } from '../../../flow/ports'
import type { Sql } from '../open-sql'
import type { Tables } from '../tables'

/** The {@link Identities} on PostgreSQL. */
export function sqlIdentities(sql: Sql): Identities {
  return {
    async identitiesOf(personId, provider) {
      const rows = await sql.db
        .selectFrom('identities')
        .select(['app_id', 'key_id', 'sealed_subject'])
        .where('person_id', '=', personId)
        .where('provider', '=', provider)
        .where('sealed_subject', 'is not', null)
        .orderBy('seen_at', (order) => order.desc().nullsLast())
        .execute()
      return rows.map((row) => ({ appId: row.app_id, keyId: row.key_id, sealedSubject: row.sealed_subject }))
    },
    personOf: (identity, union, newId, now, trace = NO_TRACE) =>
      sql.transaction(async (tx) => {
        const seen = { seen_at: now, address_hash: trace.addressHash, device_hash: trace.deviceHash }
        await takeTurns(tx, union ? [identity, union] : [identity])
        const known = await personOf(tx, identity, seen)
        const person = known ?? (union && (await keep(tx, union, newId, now))) ?? newId
        if (known && union) await keep(tx, union, known, now)
        return known ?? keep(tx, identity, person, now, seen)
      }),
  }
}

/**
 * While keys change, two processes may keep one identity under two hashes, and no unique key holds them apart: so one waits for the
 * other. Both know all hashes, in whatever order; locks are taken in one order, so that nobody waits in a circle.
 */
async function takeTurns(tx: Transaction<Tables>, identities: readonly KeptIdentity[]) {
  const rotating = identities.filter(({ formerHashes }) => formerHashes.length > 0)
  const turns = rotating.map(({ subjectHash, formerHashes }) => [subjectHash, ...formerHashes].sort()[0]!)
  for (const turn of turns.sort())
    await raw`select pg_advisory_xact_lock(hashtextextended(${`identity ${turn}`}, 0))`.execute(tx)
}

/** When and from where somebody logged in; a union is only told of, and wasn't seen. */
interface Seen {
  seen_at: number | null
  address_hash: string | null
  device_hash: string | null
}
const UNSEEN: Seen = { seen_at: null, address_hash: null, device_hash: null }

/** What is kept under a former key is kept under the present one from now on; that it was seen is written as it is found. */
async function personOf(tx: Transaction<Tables>, identity: KeptIdentity, seen: Seen): Promise<string | undefined> {
  const { provider, appId, subjectHash, keyId, formerHashes, sealedSubject } = identity
  const rows = await tx
    .updateTable('identities')
    .set(seen)
    .where('provider', '=', provider)
    .where('app_id', '=', appId)
    .where('subject_hash', 'in', [subjectHash, ...formerHashes])
    .returning(['person_id', 'subject_hash'])
    .execute()
  const present = rows.find((row) => row.subject_hash === subjectHash)
  const former = formerHashes.map((hash) => rows.find((row) => row.subject_hash === hash)).find((row) => row)
  if (present || !former) return present?.person_id
  await tx
    .updateTable('identities')
    .set({ subject_hash: subjectHash, key_id: keyId, sealed_subject: sealedSubject })
    .where('provider', '=', provider)
    .where('app_id', '=', appId)
    .where('subject_hash', '=', former.subject_hash)
    .execute()
  return former.person_id
}

/** Keeps it as this person's unless it is kept already; answers whose it is. Waits for another who keeps the same just now. */
async function keep(
  tx: Transaction<Tables>,
  identity: KeptIdentity,
  personId: string,
  now: number,
  seen = UNSEEN,
): Promise<string> {
  const { provider, appId, subjectHash, keyId, sealedSubject, formerHashes } = identity
  const known = formerHashes.length > 0 && (await personOf(tx, identity, seen))
  if (known) return known
  const row = await tx
    .insertInto('identities')
    .values({
      provider,
      app_id: appId,
      subject_hash: subjectHash,
      key_id: keyId,
      person_id: personId,
      sealed_subject: sealedSubject,
      created_at: now,
      ...seen,
    })
    // A write that changes nothing, so that the row of whoever was first is answered, and locked.
    .onConflict((conflict) =>
      conflict.columns(['provider', 'app_id', 'subject_hash']).doUpdateSet({ subject_hash: subjectHash }),
    )
    .returning('person_id')
    .executeTakeFirstOrThrow()
  return row.person_id
}
