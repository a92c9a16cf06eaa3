import { fork } from 'node:child_process'
import { TYPESCRIPT } from '../harness/typescript'
import { deckKeys, masterKeys } from '../server/domain/key-ring'
import { audit } from '../server/flow/audit/audit'
import type { AuditDays } from '../server/flow/ports'
import { auditKeys, sqlAudit } from '../server/store/sql/audit/audit'
import { openSql, type SqlOptions } from '../server/store/sql/open-sql'

/** The audit of a whole ledger or of some days of it, in a process of its own. */

export const MASTERS = masterKeys(Buffer.alloc(32, 7))

export interface Audited {
  seconds: number
  looked: { orders: number }
  /** of each step, the slowest first */
  steps: [step: string, seconds: number][]
  /** a line for each kind */
  violations: string[]
  peakMb: number
  /** before it began */
  idleMb: number
}

interface Asked {
  connection: SqlOptions
  days?: AuditDays | undefined
}

/** @throws Error when the process ends without an answer */
export function auditApart(connection: SqlOptions, days?: AuditDays): Promise<Audited> {
  const forked = fork(__filename, ['--child'], { execArgv: [], env: { ...process.env, ...TYPESCRIPT } })
  return new Promise((done, fail) => {
    forked.once('message', (audited: Audited) => done(audited))
    forked.once('error', fail)
    forked.once('exit', (code) => fail(new Error(`the audit ended with ${code}`)))
    forked.send({ connection, days } satisfies Asked)
  })
}

/** The process that is measured. */
async function audited({ connection, days }: Asked): Promise<Audited> {
  const sql = openSql({ ...connection, max: 1 })
  const idleMb = Math.round(process.memoryUsage().rss / 1024 / 1024)
  const started = Date.now()
  const spentMs = new Map<string, number>()
  let now = 'size'
  let since = started
  const spend = (next: string) => {
    spentMs.set(now, (spentMs.get(now) ?? 0) + Date.now() - since)
    since = Date.now()
    now = next
  }
  const { looked, violations } = await audit({
    books: sqlAudit(sql, auditKeys(MASTERS)),
    ...deckKeys(MASTERS),
    days,
    onProgress: ({ step }) => spend(step),
  })
  spend('')
  const seconds = (Date.now() - started) / 1_000
  await sql.close()
  return {
    seconds,
    looked,
    steps: [...spentMs].sort((a, b) => b[1] - a[1]).map(([step, ms]) => [step, ms / 1_000]),
    violations: violations.map(({ code, count, faults }) => `${code} ${count}: ${JSON.stringify(faults[0])}`),
    peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
    idleMb,
  }
}

if (process.argv[2] === '--child' && require.main === module)
  process.once('message', async (asked) => {
    process.send!(await audited(asked as Asked), () => process.disconnect())
  })
