import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { type Config, openConfig } from '../server/config'
import { sentenceOf } from '../server/main/sentence'
import { unwrapping } from '../server/main/wrapped-keys'
import { sandboxEnv } from '../server/sandbox/system'
import { DirInUse } from '../server/store/dir-lock'
import { FAILED } from './help'

/** What every tool of the command line does alike: read its options, find its stores, and end in words. */

/** What people are told without a stack: nothing is broken, it just can't be done, or not so. */
export class Refused extends Error {}

/** The options of the command line. @throws Refused for one there isn't, one without its value, and any stray word */
export function optionsFrom<T extends ParseArgsConfig['options'] & object>(options: T) {
  try {
    return parseArgs({ options, allowNegative: true, strict: true }).values
  } catch (error) {
    // node's advice on words that begin with a dash follows in a sentence of its own
    throw new Refused((error as Error).message.split('. ')[0])
  }
}

/** For a tool that takes none and has exit codes of its own: ends it when there are some. */
export function takesNoOptions(): void {
  try {
    optionsFrom({})
  } catch (error) {
    console.error((error as Error).message)
    process.exit(FAILED)
  }
}

/**
 * The BFF's own environment, or that of the sandbox in DATA_DIR: it is made at its first start and not here, so where there are no
 * keys there is nothing to work on. @throws Refused
 */
export function environment(bankUrl = 'http://127.0.0.1'): NodeJS.ProcessEnv {
  if (['', '_FILE', '_COMMAND', '_WRAPPED'].some((from) => process.env[`MASTER_KEY${from}`])) return process.env
  const dataDir = resolve(process.env.DATA_DIR || '.data')
  if (!existsSync(join(dataDir, 'keys.json')))
    throw new Refused(
      `there is no sandbox in ${dataDir}; other stores need the BFF's environment, MASTER_KEY and all (docs/OPERATIONS.md#commands-by-hand)`,
    )
  return { ...sandboxEnv(dataDir, bankUrl), ...process.env }
}

/** The configuration in it, with the keys that stand there wrapped. @throws ConfigFaults, KeyServiceUnavailable */
export const configIn = (env: NodeJS.ProcessEnv): Promise<Config> => openConfig(unwrapping(), env)

/** Runs a tool to its exit code. `inUse`: what to do about embedded stores that another process holds. */
export function command(main: () => Promise<number>, inUse?: string): void {
  main().then(
    (code) => {
      process.exitCode = code
    },
    (error) => {
      console.error(explained(error, inUse))
      process.exitCode = FAILED
    },
  )
}

/** A sentence for people, or the error itself with its stack, which is a bug's. */
function explained(error: unknown, inUse: string | undefined): unknown {
  if (error instanceof DirInUse && inUse) return `${error.message}\n${inUse}`
  return error instanceof Refused ? error.message : (sentenceOf(error) ?? error)
}
