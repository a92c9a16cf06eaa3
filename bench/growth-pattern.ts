import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { openSql, type SqlOptions } from '../server/store/sql/open-sql'
import { patternOf } from './growth-days'
import { type Size, sizesOf } from './growth-tables'
import { merchantsFor, orderPayer } from './orders'
import { logIn } from './payers'
import { load, UNTIL_DONE } from './rounds'
import { startWorld } from './world'

/** One connection on which what is done to millions of orders takes as long as it does. */
export const LONG = { max: 1, idleTimeoutMillis: 0, statementTimeoutMs: 3_600_000, query_timeout: 3_600_000 }

export interface Pattern {
  /** what was paid, of each table, as JSON */
  rows: ReadonlyMap<string, string>
  /** how it lies on the disk */
  sizes: Size[]
}

/** So many orders, paid in earnest by the whole house: the pattern of all that are filled in. */
export async function payInEarnest(paid: number): Promise<Pattern> {
  const build = resolve(__dirname, '..', 'scripts', 'build-server.ts')
  execFileSync(process.execPath, ['--import', 'tsx', build], { stdio: ['ignore', 'ignore', 'inherit'] })
  const { connection, stop } = await payAll(paid)
  const sql = openSql({ ...connection, ...LONG })
  try {
    await new Promise((resolve) => setTimeout(resolve, 2_000)) // statistics come a little later
    return { rows: await patternOf(sql), sizes: await sizesOf(sql) }
  } finally {
    await sql.close()
    await stop()
  }
}

/** Real payments by the whole house; how to reach its ledger. */
async function payAll(count: number): Promise<{ connection: SqlOptions; stop: () => Promise<void> }> {
  let connection: SqlOptions | undefined
  const fill = async (of: SqlOptions) => {
    connection = of
  }
  const world = await startWorld({ merchants: merchantsFor(count), fill })
  const payers = await logIn(world.bff, 'payer', Math.ceil(count / 2), true)
  const one = orderPayer(world.bff, payers, world.merchantCodes)
  await one.deal()
  await load(16, { forMs: UNTIL_DONE, atMost: count }, one.pay)
  return { connection: connection!, stop: world.stop }
}
