import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { besieged } from './besieged'
import { startHouse } from './house'
import { type Options, readOptions, USAGE } from './options'
import { machine, type Report, table } from './report'
import { broken } from './verdict'

/**
 * `npm run siege`: a house of its own is attacked, in each way alone and in all together, while people pay (docs/SIEGE.md). Prints
 * what they noticed beside a calm of the same house. Exit code 1 when a bound is broken, with the reasons; 2 when it can't run.
 */

async function main(): Promise<void> {
  const options = asked()
  if (!options) return
  const began = Date.now()
  const { alone, together, calm } = options.seconds
  const planned = (2 * calm + options.attacks.length * (alone + 1) + together) / 60
  console.log(`siege: seed ${options.seed}, ${options.attacks.length} attacks`)
  const minutes = options.requests === undefined ? planned : options.minutes
  const house = await startHouse({ minutes, hoardedS: alone, timed: options.timed })
  const stop = once(() => house.stop())
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => void stop().finally(() => process.exit(130)))
  try {
    const result = await besieged(options, house)
    const seconds = (Date.now() - began) / 1_000
    const { storage } = house
    const reasons = broken(result, options.timed)
    const report: Report = { ...result, options, storage, machine: machine(), seconds, broken: reasons }
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

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => {
    running ??= run()
    return running
  }
}

/** Undefined when it can't run so; the exit code says it. */
function asked(): Options | undefined {
  try {
    return readOptions(process.argv.slice(2), Date.now())
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
