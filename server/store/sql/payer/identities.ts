import type { Transaction } from 'kysely'
import type { Identities, KeptIdentity } from '../../../flow/ports'
import type { Sql } from '../open-sql'
import type { Tables } from '../tables'

/** The {@link Identities} on PostgreSQL. */
export function sqlIdentities(sql: Sql): Identities {
  return {
    personOf: (identity, union, newId, now) =>
      sql.transaction(async (tx) => {
        const known = await personOf(tx, identity)
        const person = known ?? (union && (await keep(tx, union, newId, now))) ?? newId
        if (known && union) await keep(tx, union, known, now)
        return known ?? keep(tx, identity, person, now)
      }),
  }
}

async function personOf(tx: Transaction<Tables>, { provider, appId, subjectHash }: KeptIdentity) {
  const row = await tx
    .selectFrom('identities')
    .select('person_id')
    .where('provider', '=', provider)
    .where('app_id', '=', appId)
    .where('subject_hash', '=', subjectHash)
    .executeTakeFirst()
  return row?.person_id
}

/** Keeps it as this person's unless it is kept already; answers whose it is. Waits for another who keeps the same just now. */
async function keep(tx: Transaction<Tables>, identity: KeptIdentity, personId: string, now: number): Promise<string> {
  const { provider, appId, subjectHash, sealedSubject } = identity
  const row = await tx
    .insertInto('identities')
    .values({
      provider,
      app_id: appId,
      subject_hash: subjectHash,
      person_id: personId,
      sealed_subject: sealedSubject,
      created_at: now,
    })
    // A write that changes nothing, so that the row of whoever was first is answered, and locked.
    .onConflict((conflict) =>
      conflict.columns(['provider', 'app_id', 'subject_hash']).doUpdateSet({ subject_hash: subjectHash }),
    )
    .returning('person_id')
    .executeTakeFirstOrThrow()
  return row.person_id
}
