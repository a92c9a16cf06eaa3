import { randomFillSync } from 'node:crypto'
import { drandBeacon } from '../server/beacon/drand'
import { businessDate, isBusinessDate } from '../server/domain/business-date'
import { deckKeys, masterKeysOf } from '../server/domain/key-ring'
import { pooledRandom } from '../server/domain/random'
import { type DealDayDeps, type DealtDay, dealDay, loadDay } from '../server/flow/deck/deal-day'
import { openLog } from '../server/log'
import { openStores } from '../server/stores'
import { command, configIn, environment, optionsFrom, Refused } from './command'
import { progressBar } from './progress-bar'

/**
 * `npm run deal -- [--date 2026-11-20] [--no-load]`: deals the decks of a business date that nobody has dealt, today's unless
 * told, and puts all of the date into Redis, also those that Redis lost. Prints the rate. Runs beside BFFs and other runs of
 * itself, and goes on where it was left off. Exit code 0: every deck is dealt; 1: merchants went short for want of budget, or wait for it;
 * 2: it could not run. Where the stores are the environment says as for the BFF; without MASTER_KEY it is the sandbox in
 * DATA_DIR, whose embedded stores are one process's at a time.
 */

const EXIT = { whole: 0, short: 1 } as const

async function main(): Promise<number> {
  const values = optionsFrom({ date: { type: 'string' }, load: { type: 'boolean', default: true } })
  if (values.date !== undefined && !isBusinessDate(values.date))
    throw new Refused(`--date ${values.date} is no date, YYYY-MM-DD`)
  const config = await configIn(environment())
  const bar = progressBar(process.stderr)
  const stores = await openStores(config, openLog('error', 'at-once'))
  const { clock } = stores
  const date = values.date ?? businessDate(clock.now())
  const began = performance.now()
  const rate = (count: number) => Math.round(count / ((performance.now() - began) / 1_000)).toLocaleString('en')
  const deps: DealDayDeps = {
    ...stores.ports,
    ...deckKeys(masterKeysOf(config)),
    beacon: config.beacon ? drandBeacon(config.beacon) : undefined,
    clock,
    random: pooledRandom(randomFillSync),
    onProgress: (day) => bar.show(`deal ${date}, ${rate(day.dealt)}/s`, day.dealt + day.without, day.total),
    stopped: () => stopped,
  }
  let stopped = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (stopped = true))
  try {
    if (!clock.trusted()) throw new Refused('the clocks of the database and of Redis disagree: nothing is dealt')
    const day = await dealDay(deps, date)
    bar.end()
    process.stdout.write(`${summary(day, rate(day.dealt))}\n`)
    if (stopped) throw new Refused('left off; the next run goes on from here')
    if (values.load) {
      const loaded = await loadDay(deps, date, (count) => bar.show(`load ${date}`, count, 0))
      bar.end()
      process.stdout.write(`${loaded.toLocaleString('en')} decks of ${date} are in Redis.\n`)
    }
    return day.short + day.without + day.waiting > 0 ? EXIT.short : EXIT.whole
  } finally {
    bar.end()
    await stores.stop()
  }
}

function summary({ businessDate, dealt, short, without, waiting }: DealtDay, perSecond: string): string {
  const number = (value: number) => value.toLocaleString('en')
  const wanting = short + without > 0 ? `; ${number(short)} of them short and ${number(without)} merchants without` : ''
  const later = waiting > 0 ? `; ${number(waiting)} merchants wait for money of earlier days` : ''
  return `Dealt ${number(dealt)} decks of ${businessDate}, ${perSecond} a second${wanting}${later}.`
}

command(main)
