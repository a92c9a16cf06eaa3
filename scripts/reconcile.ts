import { randomBytes } from 'node:crypto'
import { createWriteStream, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { MAKERS, openChannels } from '../server/channel'
import type { Config } from '../server/config'
import { addDays, businessDate, isBusinessDate } from '../server/domain/business-date'
import { CHANNELS, OWN_CHANNEL } from '../server/domain/channel'
import { type BookDay, dayName } from '../server/domain/match'
import type { Reconciliation, Reconciliations } from '../server/flow/ports'
import { type ReconcileDeps, reconcileDay } from '../server/flow/reconcile/reconcile'
import { isSigned, reportCsv, reportJson, reportMarkdown } from '../server/flow/reconcile/report'
import { statementsOf } from '../server/flow/reconcile/source'
import { openLog } from '../server/log'
import { sandboxEnv, startSandboxBank } from '../server/sandbox/system'
import { lockDir } from '../server/store/dir-lock'
import { monotonic } from '../server/store/ledger-clock'
import { statementsPath } from '../server/store/statement-files'
import { openStores } from '../server/stores'
import { command, configIn, optionsFrom, Refused } from './command'
import { progressBar } from './progress-bar'

/**
 * `npm run reconcile -- --date 2026-11-20 [--channel bank] [--json] [--out DIR]`: reconciles a business date of a channel,
 * yesterday's of the bank's own unless told, and prints the report; with --out also as Markdown and CSV into the folder. Exit code 0: balanced; 1: differences are open; 2: it could
 * not run. Where the stores are, and the bank, the environment says as for the BFF. Without BANK_URL it is the sandbox in
 * DATA_DIR, whose bank it starts for itself; that, and embedded stores, are one process's at a time, so `npm start` must not
 * be running then (docs/RECONCILIATION.md).
 */

const EXIT = { balanced: 0, differences: 1 } as const

interface Options {
  day: BookDay
  json: boolean
  out: string | undefined
}

const IN_USE =
  '`npm start` holds the sandbox bank and the embedded stores. Stop it for this, or run both on a bank and on stores of their own: BANK_URL and its keys, DATABASE_URL, REDIS_URL.'

async function main(): Promise<number> {
  const options = optionsOf()
  const stops: (() => unknown)[] = []
  try {
    const config = await configIn(await environment(stops))
    const deps = await openDeps(config, stops)
    const result = await reconcileDay(deps, options.day)
    deps.bar.end()
    if (result.kind === 'refused') throw new Refused(`${result.code}: ${result.detail}`)
    await report(options, result.reconciliation, deps.reconciliations)
    return isSigned(result.reconciliation) ? EXIT.balanced : EXIT.differences
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}

function optionsOf(): Options {
  const values = optionsFrom({
    date: { type: 'string' },
    channel: { type: 'string', default: OWN_CHANNEL },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
  })
  const date = values.date ?? addDays(businessDate(Date.now()), -1)
  if (!isBusinessDate(date)) throw new Refused(`--date ${date} is no date, YYYY-MM-DD`)
  const channel = CHANNELS.find((name) => name === values.channel)
  if (!channel) throw new Refused(`--channel ${values.channel} is none of ${CHANNELS.join(', ')}`)
  return { day: { channel, date }, json: values.json, out: values.out }
}

/** The BFF's own environment; or the sandbox's, with its bank started on its books. */
async function environment(stops: (() => unknown)[]): Promise<NodeJS.ProcessEnv> {
  if (process.env.BANK_URL) return process.env
  const dataDir = resolve(process.env.DATA_DIR || '.data')
  const lock = await lockDir(dataDir, 'start')
  stops.push(lock.release)
  const bank = await startSandboxBank(dataDir, process.env)
  stops.push(bank.child.stop)
  return { ...sandboxEnv(dataDir, bank.url), ...process.env }
}

async function openDeps(config: Config, stops: (() => unknown)[]) {
  const log = openLog('warn', 'at-once')
  const stores = await openStores(config, log)
  const { clock } = stores
  stops.push(stores.stop)
  const dir = statementsPath(config)
  const { requests } = config.load
  const around = { clock, monotonic, random: randomBytes, dir, requests }
  const { channels, stop } = openChannels(MAKERS, config.channels, around)
  stops.push(stop)
  const bar = progressBar(process.stderr)
  const deps: ReconcileDeps & { bar: typeof bar } = {
    ...stores.ports,
    clock,
    limits: config.limits,
    carryOverMs: config.carryOverMs,
    statements: statementsOf(channels),
    channels,
    bar,
    onProgress: ({ phase, done, total }) => bar.show(phase, done, total),
    onAlarm: ({ code, orderNo, error }) => log.error({ code, orderNo, err: error }, 'alarm'),
  }
  return deps
}

/** Differences may be many, so a report is written page by page. */
async function report(options: Options, day: Reconciliation, books: Reconciliations): Promise<void> {
  const { day: of, json, out } = options
  const write = (pieces: AsyncIterable<string>, to: Writable, end: boolean) =>
    pipeline(Readable.from(pieces), to, { end })
  await write(json ? reportJson(day, books) : reportMarkdown(day, books), process.stdout, false)
  if (!out) return
  mkdirSync(out, { recursive: true })
  for (const [extension, pieces] of Object.entries({ md: reportMarkdown(day, books), csv: reportCsv(day, books) })) {
    const file = join(out, `reconciliation-${dayName(of, '-')}.${extension}`)
    await write(pieces, createWriteStream(file), true)
    console.error(file)
  }
}

command(main, IN_USE)
