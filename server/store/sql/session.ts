import type { ClientBase } from 'pg'
import { LedgerUnavailable } from '../../flow/ports'
import { SAID, type Said } from './switch-over'

/** The database answers, and isn't one that we can keep books in: the message says why and what mends it. */
export class DatabaseUnfit extends LedgerUnavailable {
  override name = 'DatabaseUnfit'
}

interface Setting {
  name: string
  /** what our sessions set it to */
  value: string
  /** what does as well where we may not set anything; everything unless said */
  fits?: (found: string) => boolean
}

/** A payment waits for nothing longer than this: the payer has a phone in hand. */
export const STATEMENT_TIMEOUT_MS = 5_000
/** A process that was halted in a transaction lets go of what it locked. */
const IDLE_IN_TRANSACTION_MS = 60_000

/**
 * What our statements rely on, since a server, a database or a role may have any other default. Not the search path: it says
 * in which schema the books are, and is the operator's to choose.
 */
const SETTINGS: readonly Setting[] = [
  // dates arrive as YYYY-MM-DD
  { name: 'DateStyle', value: 'ISO, YMD', fits: (found) => found.startsWith('ISO') },
  { name: 'TimeZone', value: 'UTC' },
  // each statement sees what was committed before it began; a stricter one refuses it instead of waiting
  exactly('default_transaction_isolation', 'read committed'),
  exactly('standard_conforming_strings', 'on'),
  exactly('array_nulls', 'on'),
  exactly('lock_timeout', '0'),
  { name: 'idle_in_transaction_session_timeout', value: String(IDLE_IN_TRANSACTION_MS) },
  { name: 'idle_session_timeout', value: '0' },
  // compiling a plan costs more than any of our statements
  { name: 'jit', value: 'off' },
]

/** Order and slot are stored before anything is sent (I6), so a commit that is acknowledged must be kept. */
const DURABLE = `case when current_setting('synchronous_commit') = 'off' then set_config('synchronous_commit', 'on', false) end`

function exactly(name: string, value: string): Setting {
  return { name, value, fits: (found) => found === value }
}

/** Makes a session one that our statements can rely on, in one round trip. Resolves with what its server says of itself. */
export async function prepareSession(client: ClientBase, statementTimeoutMs: number): Promise<Said> {
  const all = [...SETTINGS, { name: 'statement_timeout', value: String(statementTimeoutMs) }]
  const { rows } = await client.query<Said>(
    `select set_config(name, value, false), ${DURABLE}, ${SAID} from unnest($1::text[], $2::text[]) as s(name, value)`,
    [all.map(({ name }) => name), all.map(({ value }) => value)],
  )
  return rows[0]!
}

/**
 * Where sessions are a pooler's, lent for a transaction, nothing of them may be set: they must be as we need them by the
 * defaults of our role. Resolves with what the server says of itself. @throws DatabaseUnfit that says which are not, with the statement
 * that mends them
 */
export async function inspectSession(client: ClientBase): Promise<Said> {
  const wanted: Setting[] = [
    ...SETTINGS,
    { name: 'synchronous_commit', value: 'on', fits: (found) => found !== 'off' },
    {
      name: 'statement_timeout',
      value: `${STATEMENT_TIMEOUT_MS}ms`,
      fits: (found) => Number(found) > 0 && Number(found) <= STATEMENT_TIMEOUT_MS,
    },
  ]
  const { rows } = await client.query<Said & { name: string; setting: string; role: string; database: string }>(
    `select name, setting, quote_ident(current_user) as role, quote_ident(current_database()) as database, ${SAID}
     from pg_settings where name = any($1::text[])`,
    [wanted.map(({ name }) => name)],
  )
  const wrong = wanted.filter(({ name, fits }) => {
    const found = rows.find((row) => row.name === name)?.setting
    return found !== undefined && fits && !fits(found)
  })
  if (wrong.length === 0) return rows[0]!
  const { role, database } = rows[0]!
  const mend = wrong.map(({ name, value }) => `alter role ${role} in database ${database} set ${name} = '${value}';`)
  throw new DatabaseUnfit(
    `behind a pooler in transaction mode these must be defaults of our role: ${mend.join(' ')} (then RECONNECT the pooler)`,
  )
}
