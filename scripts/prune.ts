import pino from 'pino'
import { businessDate } from '../server/domain/business-date'
import { KEYS_KEPT_MS } from '../server/flow/payment/keys'
import { PackingNotGranted } from '../server/store/sql/payment/pack-books'
import { openPruning } from '../server/stores'
import { command, configIn, environment, optionsFrom, Refused } from './command'
import { progressBar } from './progress-bar'

/**
 * `npm run prune -- [--days 30 | --all] [--pack [--books]]`: deletes the outbox's rows of orders and refunds that ended longer ago than so many
 * days, by the database's clock, and remembers up to when, so that the audit knows what is gone. Runs beside BFFs; `--all`, after a
 * restore into another cluster, only while none runs. Exit code 0: done; 1: rows are missing that nobody pruned, and nothing
 * was; 2: it could not run. `--pack` also packs what was sent and answered of orders of days that are over, to an eighth of its size and the same
 * to the letter: of what has ended and is in the books' chain by then; with it keys, which go from where they were once they are 25 hours
 * old. `--books` after it events and postings of orders of sealed days, and lines of statements that are reconciled, once the upgrade is ended: the audit
 * and the desk of a version before don't find them there. Where the ledger is the environment says as for the BFF; without MASTER_KEY it is the sandbox in DATA_DIR, which `npm start` must not be running on.
 */

const EXIT = { pruned: 0, missing: 1 } as const
/** Longer than any merchant's page stays away and then asks what it missed. */
const DAYS = 30
const DAY_MS = 86_400_000

async function main(): Promise<number> {
  const { days, all, pack, books } = optionsOf()
  const stops: (() => unknown)[] = []
  const bar = progressBar(process.stderr)
  try {
    const log = pino({ level: 'error' }, pino.destination({ fd: 2, sync: true }))
    const outbox = await openPruning(await configIn(environment()), log, stops)
    const beforeAt = (await outbox.now()) - (all ? 0 : days * DAY_MS)
    let rows = 0
    for (;;) {
      const result = await outbox.prune(beforeAt)
      if (result.kind === 'rows-missing') {
        const { expected, found } = result
        console.error(
          `${expected - found} rows of ${expected} are missing; npm run audit says which. Nothing was pruned.`,
        )
        return EXIT.missing
      }
      rows += result.rows
      bar.show('prune', rows, 0)
      if (!result.more) break
    }
    bar.end()
    console.log(`Pruned ${rows.toLocaleString('en')} rows, of what ended before ${new Date(beforeAt).toISOString()}.`)
    if (pack) await packAll(outbox, bar)
    if (books && outbox.waiting.length > 0)
      console.log(
        'Events, postings and lines of statements stay as they are until the upgrade is ended (fapai migrate --contract).',
      )
    else if (books) {
      await packAllBooks(outbox, bar)
      await packAllLines(outbox, bar)
    }
    return EXIT.pruned
  } catch (error) {
    throw error instanceof PackingNotGranted ? new Refused(error.message) : error
  } finally {
    bar.end()
    for (const stop of stops.reverse()) await stop()
  }
}

async function packAll(outbox: Awaited<ReturnType<typeof openPruning>>, bar: ReturnType<typeof progressBar>) {
  const date = businessDate(await outbox.now())
  let orders = 0
  for (let after: string | undefined = ''; after !== undefined; ) {
    const packed = await outbox.pack(date, after)
    orders += packed.orders
    after = packed.next
    bar.show('pack', orders, 0)
  }
  bar.end()
  console.log(`Packed what was sent and answered of ${orders.toLocaleString('en')} orders, of days before ${date}.`)
  await pruneAllKeys(outbox, bar)
}

async function pruneAllKeys(outbox: Awaited<ReturnType<typeof openPruning>>, bar: ReturnType<typeof progressBar>) {
  const beforeAt = (await outbox.now()) - KEYS_KEPT_MS
  let keys = 0
  for (let pruned = await outbox.pruneKeys(beforeAt); ; pruned = await outbox.pruneKeys(beforeAt, pruned.next)) {
    keys += pruned.keys
    bar.show('keys', keys, 0)
    if (!pruned.next) break
  }
  bar.end()
  console.log(
    `Pruned ${keys.toLocaleString('en')} packed keys, of orders opened before ${new Date(beforeAt).toISOString()}.`,
  )
}

async function packAllBooks(
  { packBooks }: Awaited<ReturnType<typeof openPruning>>,
  bar: ReturnType<typeof progressBar>,
) {
  let orders = 0
  for (let after: string | undefined = ''; after !== undefined; ) {
    const packed = await packBooks(after)
    orders += packed.orders
    after = packed.next
    bar.show('pack books', orders, 0)
  }
  bar.end()
  console.log(`Packed events and postings of ${orders.toLocaleString('en')} orders, of days that are sealed.`)
}

async function packAllLines(
  { packLines }: Awaited<ReturnType<typeof openPruning>>,
  bar: ReturnType<typeof progressBar>,
) {
  let lines = 0
  for (let after: string | undefined = ''; after !== undefined; ) {
    const packed = await packLines(after)
    lines += packed.lines
    after = packed.next
    bar.show('pack lines', lines, 0)
  }
  bar.end()
  console.log(`Packed ${lines.toLocaleString('en')} lines of statements that are reconciled.`)
}

function optionsOf(): { days: number; all: boolean; pack: boolean; books: boolean } {
  const values = optionsFrom({
    days: { type: 'string' },
    all: { type: 'boolean', default: false },
    pack: { type: 'boolean', default: false },
    books: { type: 'boolean', default: false },
  })
  if (values.all && values.days !== undefined) throw new Refused('--days or --all, not both')
  if (values.books && !values.pack) throw new Refused('--books goes with --pack: an order’s papers are packed first')
  const days = Number(values.days ?? DAYS)
  if (!Number.isInteger(days) || days < 1 || days > 10_000)
    throw new Refused('--days is a whole number from 1 to 10000')
  return { days, all: values.all, pack: values.pack, books: values.books }
}

command(main)
