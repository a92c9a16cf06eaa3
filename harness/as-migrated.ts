import type { Sql } from '../server/store/sql/open-sql'

/** A database that was just migrated when it was looked at. */
export interface Migrated {
  /** Puts it back to what its migrations left; resolves with false when more than rows is another, or somebody is at work. */
  putBack(sql: Sql): Promise<boolean>
  /** Whether that would be a new one to whoever asks how large it is, what its tables are known to hold, or who else is there. */
  isUnworn(sql: Sql): Promise<boolean>
}

/** From here on objects are ours and not PostgreSQL's own. */
const FIRST_OID = 16_384
const part = (table: string, which: string) =>
  `(select concat(count(*), ' ', max(xmin::text::bigint)) from ${table} where ${which})`

/**
 * What no statement on rows changes: each part of the schema, whose catalogue's row gets another xmin, settings, and
 * transactions that are open, which nothing could be taken from under.
 */
const SCHEMA = [
  ...['pg_class', 'pg_constraint', 'pg_proc', 'pg_trigger'].map((table) => part(table, `oid >= ${FIRST_OID}`)),
  part('pg_attribute', `attrelid >= ${FIRST_OID}`),
  part('pg_db_role_setting', 'true'),
  '(select count(*) from pg_prepared_xacts)',
  `(select count(*) from pg_stat_activity where backend_type = 'client backend' and datname = current_database()
      and xact_start is not null and pid <> pg_backend_pid())`,
].join(`, '/', `)

/** What its planner goes by, and how many are connected to it besides who asks. */
const WEAR = `
  select pg_database_size(current_database())::int as bytes,
    (select md5(string_agg(oid || ' ' || reltuples, ',' order by oid)) from pg_class
      where relnamespace = 'public'::regnamespace) as counted,
    (select count(*)::int from pg_stat_activity
      where backend_type = 'client backend' and datname = current_database() and pid <> pg_backend_pid()) as others`
interface Wear {
  bytes: number
  counted: string
  others: number
}
/** Rows that are gone still have to be read past. */
const MOST_GROWN_BYTES = 8 * 1024 * 1024

/**
 * Looks at a database that has just been migrated. To put it back takes a twentieth of what PGlite takes to migrate again,
 * or PostgreSQL to clone: every row goes, without triggers and foreign keys, and counting begins anew. Rows that migrations wrote are mostly
 * as they were; where they aren't, they return as well.
 */
export async function asMigrated({ pool }: Sql): Promise<Migrated> {
  const named = async (kind: 'r' | 'S') => {
    const text = `select quote_ident(relname) as name from pg_class where relkind = $1 and relnamespace = 'public'::regnamespace`
    return (await pool.query<{ name: string }>(text, [kind])).rows.map((row) => row.name)
  }
  const wear = async (sql: Pick<Sql, 'pool'>) => (await sql.pool.query<Wear>(WEAR)).rows[0]!
  const [tables, sequences, unworn] = [await named('r'), await named('S'), await wear({ pool })]
  const written = await rowsOf(tables, pool)
  const digests = [...written.keys()].map(
    (table) => `(select md5(string_agg(t::text, ',' order by t::text)) from ${table} t)`,
  )
  const look = `select concat(${SCHEMA}) as schema, concat(${digests.join(', ')}) as rows`
  const lookAt = async (sql: Pick<Sql, 'pool'>) =>
    (await sql.pool.query<{ schema: string; rows: string }>(look)).rows[0]!
  const untouched = await lookAt({ pool })
  const text = (gone: readonly string[], again: readonly string[]) =>
    [
      'begin',
      'set local session_replication_role = replica',
      ...gone.map((table) => `delete from ${table}`),
      ...again,
      `select ${sequences.map((name) => `setval('${name}', 1, false)`).join(', ')}`,
      'commit',
    ].join(';')
  const usual = text(
    tables.filter((table) => !written.has(table)),
    [],
  )
  const all = text(tables, [...written.values()].flat())
  return {
    async putBack(sql) {
      const { schema, rows } = await lookAt(sql)
      if (schema !== untouched.schema) return false
      await sql.pool.query(rows === untouched.rows ? usual : all)
      return true
    },
    async isUnworn(sql) {
      const { bytes, counted, others } = await wear(sql)
      return bytes <= unworn.bytes + MOST_GROWN_BYTES && counted === unworn.counted && others === 0
    },
  }
}

/** By table, what writes the rows that are in it now. */
async function rowsOf(tables: readonly string[], pool: Sql['pool']): Promise<Map<string, string[]>> {
  const written = new Map<string, string[]>()
  for (const table of tables) {
    const { rows } = await pool.query<{ row: string }>(`select quote_literal(to_json(t)) as row from ${table} t`)
    const again = rows.map(
      ({ row }) =>
        `insert into ${table} overriding system value select * from json_populate_record(null::${table}, ${row})`,
    )
    if (again.length > 0) written.set(table, again)
  }
  return written
}
