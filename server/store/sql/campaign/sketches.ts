import { sql as raw, type Transaction } from 'kysely'
import type { Sketch, Sketches, SketchWritten } from '../../../flow/ports'
import type { Sql } from '../open-sql'
import { orRefused, Refused } from '../refused'
import type { Tables } from '../tables'

const SHORT = ['name', 'revision', 'updated_at as updatedAt'] as const
/** As the form wrote it; a few words are enough. */
const TITLE = raw<string | null>`left(content ->> 'title', 60)`.as('title')
const NEXT = raw<number>`nextval('sketch_revisions')`

/** The {@link Sketches} on PostgreSQL. No deed tells of them: what counts is what is saved. */
export function sqlSketches(sql: Sql): Sketches {
  const theirs = (username: string) => sql.db.selectFrom('sketches').where('username', '=', username)
  return {
    find: (username, name) =>
      theirs(username)
        .where('name', '=', name)
        .select([...SHORT, 'content'])
        .executeTakeFirst() as Promise<Sketch | undefined>,
    list: (username) =>
      theirs(username)
        .select([...SHORT, TITLE])
        .orderBy('updated_at', 'desc')
        .orderBy('name')
        .execute(),
    put: (username, sketch) =>
      orRefused<SketchWritten, SketchWritten>(sql.transaction((tx) => put(tx, username, sketch))),
    async drop(username, name) {
      await sql.db.deleteFrom('sketches').where('username', '=', username).where('name', '=', name).execute()
    },
  }
}

type Put = Parameters<Sketches['put']>[1]

async function put(tx: Transaction<Tables>, username: string, sketch: Put): Promise<SketchWritten> {
  const { name, revision, at, most } = sketch
  const content = JSON.stringify(sketch.content)
  const key = { username, name }
  if (revision === 0) {
    // Two tabs that begin at once wait for one another here, so that the count holds.
    await raw`select pg_advisory_xact_lock(hashtextextended(${`sketches/${username}`}, 0))`.execute(tx)
    const others = tx.selectFrom('sketches').where('username', '=', username).where('name', '<>', name)
    const { count } = await others.select((eb) => eb.fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
    if (Number(count) >= most) throw new Refused<SketchWritten>({ kind: 'too-many' })
  }
  const values = { content, revision: NEXT, updated_at: at }
  const insert = () =>
    tx
      .insertInto('sketches')
      .values({ ...key, ...values })
      .onConflict((conflict) => conflict.doNothing())
      .returning('revision')
      .executeTakeFirst()
  const update = () =>
    tx
      .updateTable('sketches')
      .set(values)
      .where('username', '=', username)
      .where('name', '=', name)
      .where('revision', '=', revision)
      .returning('revision')
      .executeTakeFirst()
  const row = await (revision === 0 ? insert() : update())
  if (!row) throw new Refused<SketchWritten>({ kind: 'revision-changed' })
  return { kind: 'written', revision: row.revision }
}

/**
 * What was saved is no sketch any more. A new campaign's is known by the key that it was made with: it may be a copy's, and
 * what the operator has begun since isn't taken away.
 */
export async function dropSaved(
  tx: Transaction<Tables>,
  username: string,
  saved: { campaignId: string } | { makeKey: string },
): Promise<void> {
  const of = tx.deleteFrom('sketches').where('username', '=', username)
  if ('campaignId' in saved) await of.where('name', '=', `campaign:${saved.campaignId}`).execute()
  else await of.where(raw<string>`content ->> 'key'`, '=', saved.makeKey).execute()
}
