import { cpus, loadavg } from 'node:os'
import { fillLedger } from '../harness/filled-ledger'
import { postgresMissing, startOwnPostgres } from '../harness/sql'
import { type Audited, auditApart, MASTERS } from './audit-run'
import { tell } from './figure'

/**
 * `tsx bench/audit.ts [orders]`: a ledger of so many orders (1,000,000 unless told) on a real PostgreSQL, audited by a process of its own,
 * whose time, step by step, and peak memory are printed.
 */

const DAYS = 30

function print({ seconds, looked, steps, violations, peakMb, idleMb }: Audited): void {
  console.log(`${looked.orders.toLocaleString('en')} orders in ${seconds.toFixed(1)} s`)
  for (const [step, took] of steps.slice(0, 16)) console.log(`  ${step} ${took.toFixed(1)} s`)
  console.log(`  ${violations.join('\n  ') || 'nothing differs'}`)
  const load = loadavg().map((one) => one.toFixed(1))
  console.log(`  looked ${JSON.stringify(looked)}, load ${load} on ${cpus().length} cores`)
  console.log(`  peak RSS ${peakMb} MB, ${idleMb} MB before`)
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
      const audited = await auditApart(postgres.connection())
      print(audited)
      // The second run's is the one with warm caches.
      if (run === 'again') tell({ name: 'orders audited', unit: '/s', value: audited.looked.orders / audited.seconds })
    }
  } finally {
    await postgres.stop()
  }
}

void main()
