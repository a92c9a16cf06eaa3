import { Client, type ClientConfig } from 'pg'
import { translated } from './errors'
import { DatabaseUnfit } from './session'

/** A pooler that has one server for us at a time keeps the second connection waiting: then it can't be lending it around. */
const WAIT_MS = 2_000
/** Others take and leave its servers meanwhile, so once may be chance. */
const LOOKS = 5

/** What to do where a process could do with one, had it been told so. */
const TELL_US = 'set DATABASE_POOLER=transaction (docs/OPERATIONS.md) or connect directly'

/**
 * Refuses a pooler that lends its sessions for a transaction at a time, which nobody told us of: what we set in a session
 * would be another's, and what we prepared in it lost. One that lends them for as long as a client stays is none that matters.
 * @throws DatabaseUnfit which says `mend`
 */
export async function refuseHiddenPooler(config: ClientConfig, mend = TELL_US): Promise<void> {
  const [one, other] = [client(config), client(config)]
  try {
    await one.connect()
    // A pooler answers with a number of its own for whom to cancel, a server with its process.
    if ((await backend(one)) === (one as unknown as { processID: number }).processID) return
    await other.connect()
    for (let look = 0; look < LOOKS; look++) if (await isLent(one, other)) throw hidden(mend)
  } catch (error) {
    throw translated(error)
  } finally {
    await Promise.all([one, other].map((each) => each.end().catch(() => {})))
  }
}

function client(config: ClientConfig): Client {
  const made = new Client({ ...config, connectionTimeoutMillis: WAIT_MS, query_timeout: WAIT_MS })
  made.on('error', () => {})
  return made
}

async function backend(client: Client): Promise<number> {
  return (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!.pid
}

/** Whether a client that isn't in a transaction loses its server to another's. */
async function isLent(one: Client, other: Client): Promise<boolean> {
  const before = await backend(one)
  // Where servers take turns and two are at rest, one and other would go round each with its own.
  if ((await backend(one)) !== before) return true
  const begun = await other.query('begin; select 1').then(
    () => true,
    () => false,
  )
  if (!begun) return false
  const after = await backend(one)
  await other.query('commit')
  return after !== before
}

const hidden = (mend: string) => new DatabaseUnfit(`DATABASE_URL leads to a pooler in transaction mode: ${mend}`)
