import { execFileSync } from 'node:child_process'
import { loadavg } from 'node:os'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fillHistory, HISTORY } from '../harness/history'
import { businessDate } from '../server/domain/business-date'
import type { OperatorSession } from '../server/http/contract'
import { tell } from './figure'
import { orderPayer } from './orders'
import { logIn } from './payers'
import { median } from './rounds'
import type { Subject } from './subject'
import { startWorld } from './world'

/**
 * `node --import tsx bench/dearest.ts [orders] [ms]`: what a payer waits for a paid order, quote and all, while one operator asks for the
 * dearest report over and over, and while nobody does, in turns. The report is of half a year, all of a campaign by merchant.
 * Prints both and the ratio of their 99th percentiles (docs/BENCH.md); falling short is a figure, not a failure.
 */

const PASSWORD = 'bench-password'
const DAYS = 180
const ROUNDS = 4
const TURN_MS = Number(process.argv[3] ?? 8_000)
const PAYERS = 4
/** between two orders of a payer: a street that is busy, and not a queue */
const BREATH_MS = 30
const MERCHANTS = 600

interface Turn {
  /** of each order, ms, ascending */
  took: number[]
  /** of each report, ms */
  reports: number[]
}

async function main(): Promise<void> {
  const orders = Number(process.argv[2] ?? 500_000)
  process.env.SANDBOX_PASSWORD = PASSWORD
  const build = resolve(__dirname, '..', 'scripts', 'build-server.ts')
  execFileSync(process.execPath, ['--import', 'tsx', build], { stdio: ['ignore', 'ignore', 'inherit'] })
  const past = { today: businessDate(Date.now()), days: DAYS, from: 0, to: orders }
  const world = await startWorld({ merchants: MERCHANTS, fill: (connection) => fillHistory(connection, past) })
  try {
    const payers = await logIn(world.bff, 'dearest', 400, true)
    const payOne = orderPayer(world.bff, payers, world.merchantCodes)
    await payOne.deal()
    const report = await reporter(world.bff)
    await turn(payOne.pay, undefined)
    const alone: Turn[] = []
    const beside: Turn[] = []
    for (let i = 0; i < ROUNDS; i++)
      for (const one of i % 2 === 0 ? [alone, beside] : [beside, alone])
        one.push(await turn(payOne.pay, one === beside ? report : undefined))
    console.log(
      `${world.storage.sql}; ${orders.toLocaleString('en')} orders over ${DAYS} days; load average ${loadavg()[0]!.toFixed(1)}`,
    )
    print('alone', alone)
    print('beside the dearest report', beside)
    const [value, floor] = [beside, alone].map((turns) => p99(turns.flatMap((one) => one.took))) as [number, number]
    const ratio = value / floor
    tell({ name: 'p99 of a paid order beside the dearest report', unit: 'ms', value, floor })
    const each = beside.map((one, i) => p99(one.took) / p99(alone[i]!.took))
    console.log(
      `p99 beside / alone: ${ratio.toFixed(2)}, round by round ${each.map((one) => one.toFixed(2)).join(', ')}; target < 2`,
    )
    console.log(
      `the report: ${beside.flatMap((one) => one.reports).length} times, ${median(beside.flatMap((one) => one.reports)).toFixed(0)} ms in the middle`,
    )
  } finally {
    await world.stop()
  }
}

async function reporter(bff: Subject): Promise<() => Promise<unknown>> {
  const { token } = await bff.post<OperatorSession>('/admin/session', { username: 'maker', password: PASSWORD })
  return () => bff.get(`/admin/campaigns/${HISTORY}/report?by=merchant`, { authorization: `Bearer ${token}` })
}

async function turn(pay: () => Promise<void>, report: (() => Promise<unknown>) | undefined): Promise<Turn> {
  const took: number[] = []
  const reports: number[] = []
  const until = performance.now() + TURN_MS
  const timed = async (into: number[], work: () => Promise<unknown>) => {
    const from = performance.now()
    await work()
    into.push(performance.now() - from)
  }
  const paying = Array.from({ length: PAYERS }, async () => {
    for (; performance.now() < until; await sleep(BREATH_MS)) await timed(took, pay)
  })
  const reporting = async () => {
    while (report && performance.now() < until) await timed(reports, report)
  }
  await Promise.all([...paying, reporting()])
  return { took: took.sort((a, b) => a - b), reports }
}

const at = (took: readonly number[], share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))]!
const p99 = (took: readonly number[]) =>
  at(
    [...took].sort((a, b) => a - b),
    0.99,
  )

function print(name: string, turns: readonly Turn[]): void {
  const took = turns.flatMap((one) => one.took).sort((a, b) => a - b)
  const figures = [0.5, 0.99, 1].map((share) => at(took, share).toFixed(1).padStart(8))
  console.log(`${name.padEnd(28)} ${String(took.length).padStart(6)} orders   p50, p99, max ms ${figures.join(' ')}`)
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
