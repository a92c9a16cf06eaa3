import type { Sql } from '../server/store/sql/open-sql'

/** A database that was just migrated when it was looked at. */
export interface Migrated {
  /** Puts it back to what its migrations left; resolves with false when more than rows is another, or somebody is at work. */
  putBack(sql: Sql): Promise<boolean>
  /** Whether that would be a new one to whoever asks how large it is, what its tables are known to hold, or who else is there. */
  isUnworn(sql: Sql): Promise<boolean>
}

/**
 * What no statement on rows changes: each part of the schema, whose catalogue's row gets another xmin, settings, and
 * transactions that are open, which nothing could be taken from under.
 */
const SCHEMA = `
  select md5(string_agg(part, ',' order by part)) as mark from (
    select 'r' || oid || ' ' || xmin as part from pg_class where relnamespace = 'public'::regnamespace
    union all select 'c' || oid || ' ' || xmin from pg_constraint where connamespace = 'public'::regnamespace
    union all select 'f' || oid || ' ' || xmin from pg_proc where pronamespace = 'public'::regnamespace
    union all select 't' || t.oid || ' ' || t.xmin from pg_trigger t join pg_class r on r.oid = tgrelid
      where relnamespace = 'public'::regnamespace
    union all select 'a' || attrelid || ' ' || attnum || ' ' || a.xmin from pg_attribute a join pg_class r on r.oid = attrelid
      where relnamespace = 'public'::regnamespace
    union all select 'd' || xmin from pg_db_role_setting
    union all select 'p' || gid from pg_prepared_xacts
    union all select 's' || pid from pg_stat_activity
      where backend_type = 'client backend' and datname = current_database()
        and xact_start is not null and pid <> pg_backend_pid()
  ) as parts`

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
 * or PostgreSQL to clone: every row goes, without triggers and foreign keys, those that migrations wrote return, and counting begins anew.
 */
export async function asMigrated({ pool }: Sql): Promise<Migrated> {
  const mark = async (sql: Pick<Sql, 'pool'>) => (await sql.pool.query<{ mark: string }>(SCHEMA)).rows[0]!.mark
  const named = async (kind: 'r' | 'S') => {
    const text = `select quote_ident(relname) as name from pg_class where relkind = $1 and relnamespace = 'public'::regnamespace`
    return (await pool.query<{ name: string }>(text, [kind])).rows.map((row) => row.name)
  }
  const wear = async (sql: Pick<Sql, 'pool'>) => (await sql.pool.query<Wear>(WEAR)).rows[0]!
  const untouched = await mark({ pool })
  const unworn = await wear({ pool })
  const tables = await named('r')
  const again: string[] = []
  for (const table of tables) {
    const { rows } = await pool.query<{ row: string }>(`select quote_literal(to_json(t)) as row from ${table} t`)
    for (const { row } of rows)
      again.push(
        `insert into ${table} overriding system value select * from json_populate_record(null::${table}, ${row})`,
      )
  }
  const text = [
    'begin',
    'set local session_replication_role = replica',
    ...tables.map((table) => `delete from ${table}`),
    ...again,
    ...(await named('S')).map((name) => `select setval('${name}', 1, false)`),
    'commit',
  ].join(';')
  return {
    async putBack(sql) {
      if ((await mark(sql)) !== untouched) return false
      await sql.pool.query(text)
      return true
    },
    async isUnworn(sql) {
      const { bytes, counted, others } = await wear(sql)
      return bytes <= unworn.bytes + MOST_GROWN_BYTES && counted === unworn.counted && others === 0
    },
  }
}
