import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { arrivals } from '../harness/arrivals'
import { tell } from './figure'
import { merchantsFor, orderPayer } from './orders'
import { logIn } from './payers'
import { load, UNTIL_DONE } from './rounds'
import { startWorld, type World } from './world'

/**
 * `npx tsx bench/steady.ts [minutes]`: what one BFF is like under a load that it bears, for minutes or an hour (3 unless told). First what it serves at the most, paid orders with
 * cards; then 60 % of that by the clock, whatever becomes of those before. Prints each minute and all of them: how late the event loop is, CPU, memory, answers, failures.
 */

const SHARE = 0.6
const WORKERS = 32
const PAYERS = 1_200
const PROBE_MS = 10_000
/** What it runs often is compiled by then. */
const WARM_UP = 1_500
/** More than any BFF serves, for as long as it is asked what it serves. */
const PROBED = 12_000
const MINUTE_MS = 60_000

interface Minute {
  come: number
  seconds: number
  cpuUs: number
  failed: number
  p50Ms: number
  p99Ms: number
  loop: Awaited<ReturnType<World['bff']['readLoop']>>
}

async function main(): Promise<void> {
  const minutes = Number(process.argv[2] ?? 3)
  if (!(minutes > 0)) throw new Error('minutes: a number above 0')
  const build = resolve(__dirname, '..', 'scripts', 'build-server.ts')
  execFileSync(process.execPath, ['--import', 'tsx', build], { stdio: ['ignore', 'ignore', 'inherit'] })
  const served = await inWorld(PROBED, (world, pay) => mostOf(world, pay))
  const offered = served * SHARE
  console.log(
    `served at the most: ${served.toFixed(0)} paid orders/s; offered: ${offered.toFixed(0)}/s for ${minutes} min`,
  )
  const orders = WARM_UP + Math.ceil(offered * minutes * 60 * 1.1) + 1_000
  await inWorld(orders, (world, pay) => steady(world, pay, offered, minutes))
}

/** A house anew: with cards for so many orders, and what pays one of them. */
async function inWorld<T>(orders: number, use: (world: World, pay: () => Promise<void>) => Promise<T>): Promise<T> {
  const world = await startWorld({ merchants: merchantsFor(orders) })
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void world.stop().then(() => process.exit(130)))
  try {
    const payers = await logIn(world.bff, 'steady-payer', PAYERS, true)
    const { deal, pay } = orderPayer(world.bff, payers, world.merchantCodes)
    await deal()
    await load(WORKERS, { forMs: UNTIL_DONE, atMost: WARM_UP }, pay)
    return await use(world, pay)
  } finally {
    await world.stop()
  }
}

async function mostOf(_: World, pay: () => Promise<void>): Promise<number> {
  const { count, seconds } = await load(WORKERS, { forMs: PROBE_MS, atMost: PROBED - WARM_UP }, pay)
  return count / seconds
}

const HEAD = [
  'minute',
  'orders/s',
  'failed',
  'p50 ms',
  'p99 ms',
  'loop p50',
  'p99',
  'max ms',
  'CPU %',
  'RSS MB',
  'heap MB',
]

async function steady({ bff, storage }: World, pay: () => Promise<void>, offered: number, minutes: number) {
  const [all, lately] = [createHistogram(), createHistogram()]
  const reasons = new Map<string, number>()
  let failed = 0
  const begin = async (dueAt: number) => {
    try {
      await pay()
      for (const one of [all, lately]) one.record(Math.max(1, Math.round((performance.now() - dueAt) * 1_000)))
    } catch (error) {
      failed++
      const reason = String((error as Error).message).slice(0, 80)
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    }
  }
  const first = await bff.readLoop()
  console.log(
    `${storage.sql}; ${storage.redis}; RSS ${mb(first.rssBytes)} MB, heap ${mb(first.heapBytes)} MB at the start\n`,
  )
  console.log(row(HEAD))
  const coming = arrivals(offered, Math.random, begin)
  const told: Minute[] = []
  for (let left = minutes; left > 0; left -= 1) {
    const before = { cpuUs: (await bff.read()).cpuUs, come: coming.come(), failed, at: performance.now() }
    await sleep(Math.min(left, 1) * MINUTE_MS)
    const seconds = (performance.now() - before.at) / 1_000
    const cpuUs = (await bff.read()).cpuUs - before.cpuUs
    const minute = { seconds, cpuUs, come: coming.come() - before.come, failed: failed - before.failed }
    told.push({ ...minute, ...answers(lately), loop: await bff.readLoop() })
    lately.reset()
    console.log(rowOf(String(told.length), told.at(-1)!))
  }
  await coming.stop()
  over(told, all, reasons, coming.lateMs)
}

/** All of it; what this process itself was late stands beside, since a load that comes late is none. */
function over(
  told: readonly Minute[],
  all: RecordableHistogram,
  reasons: Map<string, number>,
  lateMs: readonly number[],
) {
  const sum = (pick: (minute: Minute) => number) => told.reduce((total, minute) => total + pick(minute), 0)
  const { loop } = told.at(-1)!
  const whole = { seconds: sum((one) => one.seconds), cpuUs: sum((one) => one.cpuUs), come: sum((one) => one.come) }
  const p50Ms = Math.max(...told.map((minute) => minute.loop.p50Ms))
  const seen = { ...loop, p50Ms, p99Ms: loop.allP99Ms, maxMs: loop.allMaxMs }
  const failed = sum((one) => one.failed)
  console.log(rowOf('all', { ...whole, failed, ...answers(all), loop: seen }))
  const late = [...lateMs].sort((a, b) => a - b)
  console.log(
    `\nthe client itself began each of 99 % within ${(late[Math.floor(late.length * 0.99)] ?? 0).toFixed(1)} ms of its time`,
  )
  for (const [reason, times] of reasons) console.log(`failed ${times} times: ${reason}`)
  const { p99Ms } = answers(all)
  tell(
    { name: `event loop p99 at ${SHARE * 100} %`, unit: 'ms', value: seen.p99Ms },
    { name: `paid order p99 at ${SHARE * 100} %`, unit: 'ms', value: p99Ms },
  )
}

const answers = (histogram: RecordableHistogram) => ({
  p50Ms: histogram.percentile(50) / 1_000,
  p99Ms: histogram.percentile(99) / 1_000,
})

function rowOf(name: string, { come, seconds, cpuUs, failed, p50Ms, p99Ms, loop }: Minute): string {
  const cells = [come / seconds, failed, p50Ms, p99Ms, loop.p50Ms, loop.p99Ms, loop.maxMs, cpuUs / seconds / 1e4]
  const texts = cells.map((cell, i) => cell.toFixed(i === 1 || i === 7 ? 0 : 1))
  return row([name, ...texts, mb(loop.rssBytes), mb(loop.heapBytes)])
}

const mb = (bytes: number) => (bytes / 2 ** 20).toFixed(0)
const row = (cells: readonly string[]) => cells.map((cell) => cell.padStart(9)).join('')

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
