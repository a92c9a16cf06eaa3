import { type Kysely, sql as raw, type Transaction } from 'kysely'
import { type Binding, type Bindings, type BindResult, USER_ROLES } from '../../../flow/ports'
import type { DeedLog } from '../deed/log'
import type { Sql, Statement } from '../open-sql'
import type { Tables } from '../tables'

const ENDED: Statement = {
  name: 'bindings-ended',
  text: `
    select binding_id as "bindingId" from merchant_users
    where binding_id = any($1::bigint[]) and unbound_at is not null`,
}

/** The {@link Bindings} on PostgreSQL. */
export function sqlBindings(sql: Sql, deeds: DeedLog): Bindings {
  const { db } = sql
  const columns = [
    'binding_id as bindingId',
    'user_id as userId',
    'merchant_code as merchantCode',
    'role',
    'called',
    'bound_at as boundAt',
    'unbound_at as unboundAt',
  ] as const
  const all = () => db.selectFrom('merchant_users').select(columns)
  const inForce = () => all().where('unbound_at', 'is', null)
  return {
    issue: (code, deed) =>
      sql.transaction(async (tx) => {
        const { codeHash, merchantCode, role, called, madeBy, madeAt, expiresAt } = code
        const times = { made_at: madeAt, expires_at: expiresAt, used_at: null }
        const row = { code_hash: codeHash, merchant_code: merchantCode, role, called, made_by: madeBy, ...times }
        await tx.insertInto('binding_codes').values(row).execute()
        await deeds.write(tx, deed)
      }),
    async bind(input) {
      try {
        return await sql.transaction((tx) => bind(tx, input))
      } catch (error) {
        if (error instanceof BoundMeanwhile) return { kind: 'refused', code: 'already-bound' }
        throw error
      }
    },
    ofUser: (userId) => inForce().where('user_id', '=', userId).executeTakeFirst(),
    inForce: (bindingId) => inForce().where('binding_id', '=', bindingId).executeTakeFirst(),
    async ended(bindingIds) {
      const rows = await sql.run<{ bindingId: number }>(ENDED, [bindingIds])
      return rows.map(({ bindingId }) => bindingId)
    },
    ofMerchant: (merchantCode, limit) =>
      all()
        .where('merchant_code', '=', merchantCode)
        .orderBy('bound_at', 'desc')
        .orderBy('binding_id', 'desc')
        .limit(limit)
        .execute(),
    cardOf: (merchantCode, now) => cardOf(db, merchantCode, now),
    usersOf: (merchantCode, limit) =>
      inForce()
        .where('merchant_code', '=', merchantCode)
        .orderBy('bound_at', 'desc')
        .orderBy('binding_id', 'desc')
        .limit(limit)
        .execute(),
    unbind: (merchantCode, bindingId, now, deed, only) =>
      sql.transaction(async (tx) => {
        const ended = await tx
          .updateTable('merchant_users')
          .set({ unbound_at: now })
          .where('binding_id', '=', bindingId)
          .where('merchant_code', '=', merchantCode)
          .where('unbound_at', 'is', null)
          .where('role', 'in', only ? [only] : USER_ROLES)
          .returning(columns)
          .executeTakeFirst()
        if (!ended) return false
        await deeds.write(tx, { ...deed, before: { bindingId, role: ended.role } })
        return true
      }),
  }
}

const cardOf = (db: Kysely<Tables>, merchantCode: string, now: number) =>
  db
    .selectFrom('binding_codes')
    .select(['expires_at as expiresAt', 'tries'])
    .where('merchant_code', '=', merchantCode)
    .where('card_hash', 'is not', null)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()

/** Thrown to take back the use of a code whose user was bound between the two looks. */
class BoundMeanwhile extends Error {}

async function bind(tx: Transaction<Tables>, input: Parameters<Bindings['bind']>[0]): Promise<BindResult> {
  const { userId, codeHash, cardHash, now, limit, windowMs, cardTries } = input
  const isBound = await tx
    .selectFrom('merchant_users')
    .select('binding_id')
    .where('user_id', '=', userId)
    .where('unbound_at', 'is', null)
    .executeTakeFirst()
  if (isBound) return { kind: 'refused', code: 'already-bound' }
  if ((await countGuess(tx, userId, now, windowMs)) > limit) return { kind: 'refused', code: 'binding-locked' }
  if (cardHash && (await countTry(tx, cardHash)) > cardTries) return { kind: 'refused', code: 'binding-refused' }
  const code = await tx
    .updateTable('binding_codes')
    .set({ used_at: now })
    .where('code_hash', '=', codeHash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returning(['merchant_code', 'role', 'called'])
    .executeTakeFirst()
  if (!code) return { kind: 'refused', code: 'binding-refused' }
  const { merchant_code: merchantCode, role, called } = code
  const row = await tx
    .insertInto('merchant_users')
    .values({ user_id: userId, merchant_code: merchantCode, role, called, bound_at: now, unbound_at: null })
    .onConflict((conflict) => conflict.column('user_id').where('unbound_at', 'is', null).doNothing())
    .returning('binding_id')
    .executeTakeFirst()
  if (!row) throw new BoundMeanwhile()
  await tx.deleteFrom('binding_guesses').where('user_id', '=', userId).execute()
  const who = { bindingId: row.binding_id, userId, merchantCode, role, called }
  return { kind: 'bound', binding: { ...who, boundAt: now, unboundAt: null } satisfies Binding }
}

/** How many tries of a card this one is; its row is the queue in which they come, whoever tries. Nought: there is no such card. */
async function countTry(tx: Transaction<Tables>, cardHash: string): Promise<number> {
  const { rows } = await raw<{ tries: number }>`
    update binding_codes set tries = tries + 1 where card_hash = ${cardHash} and used_at is null returning tries`.execute(
    tx,
  )
  return rows[0]?.tries ?? 0
}

/** How many attempts of the window this one is. The row is the queue in which one user's attempts come. */
async function countGuess(tx: Transaction<Tables>, userId: string, now: number, windowMs: number): Promise<number> {
  const { rows } = await raw<{ wrong: number }>`
    insert into binding_guesses as g (user_id, since, wrong) values (${userId}, ${now}, 1)
    on conflict (user_id) do update set
      since = case when g.since between ${now - windowMs + 1} and ${now + windowMs} then g.since else excluded.since end,
      wrong = case when g.since between ${now - windowMs + 1} and ${now + windowMs} then g.wrong + 1 else 1 end
    returning wrong`.execute(tx)
  return rows[0]!.wrong
}
