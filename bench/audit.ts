import { fork } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import { fillLedger } from '../harness/filled-ledger'
import { postgresMissing, startOwnPostgres } from '../harness/sql'
import { TYPESCRIPT } from '../harness/typescript'
import { deckKeys, masterKeys } from '../server/domain/key-ring'
import { audit } from '../server/flow/audit/audit'
import { auditKeys, sqlAudit } from '../server/store/sql/audit/audit'
import { openSql, type SqlOptions } from '../server/store/sql/open-sql'
import { tell } from './figure'

/**
 * `tsx bench/audit.ts [orders]`: a ledger of so many orders (1,000,000 unless told) on a real PostgreSQL, audited by a process of its own,
 * whose time, step by step, and peak memory are printed.
 */

const DAYS = 30
const MASTERS = masterKeys(Buffer.alloc(32, 7))

/** The process that is measured. */
async function child(connection: SqlOptions): Promise<void> {
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
  const report = await audit({
    books: sqlAudit(sql, auditKeys(MASTERS)),
    ...deckKeys(MASTERS),
    onProgress: ({ step }) => spend(step),
  })
  spend('')
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`
  console.log(`${report.looked.orders.toLocaleString('en')} orders in ${seconds(Date.now() - started)}`)
  const perSecond = (report.looked.orders * 1_000) / (Date.now() - started)
  tell({ name: 'orders audited', unit: '/s', value: perSecond })
  for (const [step, ms] of [...spentMs].sort((a, b) => b[1] - a[1]).slice(0, 16))
    console.log(`  ${step} ${seconds(ms)}`)
  console.log(
    `  ${report.violations.map(({ code, count, faults }) => `${code} ${count}: ${JSON.stringify(faults[0])}`).join('\n  ') || 'nothing differs'}`,
  )
  console.log(
    `  looked ${JSON.stringify(report.looked)}, load ${loadavg().map((one) => one.toFixed(1))} on ${cpus().length} cores`,
  )
  console.log(`  peak RSS ${Math.round(process.resourceUsage().maxRSS / 1024)} MB, ${idleMb} MB before`)
  await sql.close()
  process.disconnect()
}

async function main(): Promise<void> {
  const orders = Number(process.argv[2] ?? 1_000_000)
  const missing = postgresMissing()
  if (missing) throw new Error(missing)
  const postgres = await startOwnPostgres(['shared_buffers=1GB'])
  try {
    const sql = await postgres.fresh({ max: 1, statementTimeoutMs: 3_600_000, idleTimeoutMillis: 0 })
    const started = Date.now()
    const onStep = (step: string) => console.log(`${((Date.now() - started) / 1_000).toFixed(1)} s: ${step} …`)
    await fillLedger(sql, { orders, days: DAYS, masters: MASTERS, onStep })
    for (const run of ['first', 'again']) {
      console.log(`${run} run:`)
      const forked = fork(__filename, ['--child'], { execArgv: [], env: { ...process.env, ...TYPESCRIPT } })
      // The second run's is the one with warm caches.
      if (run === 'again') forked.on('message', (figures) => process.send?.(figures))
      forked.send(postgres.connection())
      await new Promise((done) => forked.once('exit', done))
    }
  } finally {
    await postgres.stop()
  }
}

if (process.argv[2] === '--child') process.once('message', (connection) => child(connection as SqlOptions))
else void main()
