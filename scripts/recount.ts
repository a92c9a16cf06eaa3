import pino from 'pino'
import { addDays, isBusinessDate } from '../server/domain/business-date'
import { DayArchived } from '../server/flow/ports'
import { openRecounting } from '../server/stores'
import { command, configIn, environment, optionsFrom, Refused } from './command'
import { progressBar } from './progress-bar'

/**
 * `npm run recount -- [--from 2026-11-01] [--to 2026-11-30] [--shares]`: counts merchants' days anew from orders and refunds, where
 * the audit says `day-total-wrong`; every date that anything is known of and that isn't archived unless told otherwise. Of archived days
 * the orders are gone and the counts stay: neither they nor, once there are any, shares are counted anew. Runs beside BFFs, whose payments wait
 * for one date at a time. With --shares also what it says `share-day-wrong` of, and payments wait while all paid orders are read. Exit code 0: done; 2: it could not run. Where the ledger is the environment says as for the BFF, but
 * that DATABASE_URL leads straight to PostgreSQL: a day may take longer than a payment. Without MASTER_KEY it is the sandbox in DATA_DIR, which `npm start` must not be running on.
 */
async function main(): Promise<number> {
  const { from, to, shares } = optionsOf()
  const stops: (() => unknown)[] = []
  const bar = progressBar(process.stderr)
  try {
    const log = pino({ level: 'error' }, pino.destination({ fd: 2, sync: true }))
    const books = await openRecounting(await configIn(environment()), log, stops)
    const [known, horizon] = [await books.dates(), await books.horizon()]
    const archived = horizon && `what is before ${horizon} is archived`
    if (from && horizon && from < horizon) throw new Refused(`--from ${from}: ${archived}, and its counts stay`)
    if (to && horizon && to < horizon) throw new Refused(`--to ${to}: ${archived}, and its counts stay`)
    if (shares && archived)
      throw new Refused(`--shares: ${archived}, and shares are counted from all orders there were`)
    const first = laterOf(laterOf(from ?? known?.from, known?.from), horizon)
    const last = earlierOf(to ?? known?.to, known?.to)
    let [days, counts] = [0, 0]
    for (let date = first; date && last && date <= last; date = addDays(date, 1)) {
      counts += await books.recount(date)
      bar.show(date, ++days, 0)
    }
    if (shares) counts += await books.recountShares()
    bar.end()
    const left = archived ? ` ${archived[0]!.toUpperCase()}${archived.slice(1)}, and stays.` : ''
    console.log(`Counted ${days} days anew: ${counts.toLocaleString('en')} counts.${left}`)
    return 0
  } catch (error) {
    // Archived while this ran.
    if (error instanceof DayArchived) throw new Refused(error.message)
    throw error
  } finally {
    bar.end()
    for (const stop of stops.reverse()) await stop()
  }
}

type MaybeDate = string | undefined
/** Of two dates; where there is one, that one. */
const laterOf = (a: MaybeDate, b: MaybeDate) => (a && b ? (a > b ? a : b) : (a ?? b))
const earlierOf = (a: MaybeDate, b: MaybeDate) => (a && b ? (a < b ? a : b) : (a ?? b))

function optionsOf(): { from: MaybeDate; to: MaybeDate; shares: boolean } {
  const shares = { type: 'boolean', default: false } as const
  const { from, to, ...rest } = optionsFrom({ from: { type: 'string' }, to: { type: 'string' }, shares })
  for (const [name, date] of Object.entries({ from, to }))
    if (date !== undefined && !isBusinessDate(date)) throw new Refused(`--${name} ${date} is no date`)
  if (from && to && to < from) throw new Refused(`--to ${to} is before --from ${from}`)
  return { from, to, ...rest }
}

command(main)
