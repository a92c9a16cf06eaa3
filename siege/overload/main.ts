import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { startHouse } from '../house'
import { machine } from '../report'
import { type Options, readOptions, USAGE } from './options'
import { overloaded } from './overloaded'
import { type Report, table } from './table'
import { broken } from './verdict'

/**
 * `npm run overload`: more people come than a house of its own can serve, by the clock and not by its answers; prints what was served, what was
 * refused, how fast, and when it was itself again (docs/OVERLOAD.md). Exit code 1 when a bound is broken, with the reasons; 2 when it can't run.
 */

/** Cards for as many payments as come, twenty a merchant, a hundred merchants for each minute and one more; there is no second card of a card. */
const MINUTES = 5
const QUICK_MINUTES = 0

async function main(): Promise<void> {
  const options = asked()
  if (!options) return
  const began = Date.now()
  const house = await startHouse({ minutes: options.timed ? MINUTES : QUICK_MINUTES, timed: true, told: TOLD })
  const stop = once(() => house.stop())
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => void stop().finally(() => process.exit(130)))
  try {
    const result = await overloaded(options, house, (line) => console.error(line))
    const seconds = (Date.now() - began) / 1_000
    const reasons = broken(result, options.timed)
    const report: Report = { ...result, storage: house.storage, machine: machine(), seconds, broken: reasons }
    console.log(table(report))
    if (options.json) {
      mkdirSync(dirname(options.json), { recursive: true })
      writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`)
    }
    if (reasons.length > 0) process.exitCode = 1
  } finally {
    await stop()
  }
}

/** Everybody comes through one proxy, as behind nginx; and who comes again and again may pay more in a day than a person does. */
const TOLD = { TRUSTED_PROXIES: '127.0.0.1', STATIC_CODE_DAILY_LIMIT_FEN: '100000000' }

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => {
    running ??= run()
    return running
  }
}

/** Undefined: it doesn't run; the exit code says whether it should have. */
function asked(): Options | undefined {
  try {
    const options = readOptions(process.argv.slice(2))
    if (!options) console.log(USAGE)
    return options
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`)
    process.exitCode = 2
    return undefined
  }
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
