import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { TYPESCRIPT } from './typescript'

export interface Ran {
  code: number
  stdout: string
  stderr: string
}

/** What a machine that tests would tell a command that it isn't told here. */
const UNTOLD = ['MASTER_KEY', 'BANK_URL', 'DATABASE_URL', 'REDIS_URL', 'SANDBOX_PASSWORD']

/** Runs a command of the terminal (scripts/) to its end, as `npm run` does; `env` names its directory and ledger. */
export function runCommand(name: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran> {
  const rest = Object.fromEntries(Object.entries(process.env).filter(([key]) => !UNTOLD.includes(key)))
  const options = { env: { ...rest, ...TYPESCRIPT, NODE_ENV: 'test', ...env } }
  return new Promise((done) => {
    execFile(
      process.execPath,
      [join(__dirname, '../scripts', `${name}.ts`), ...args],
      options,
      (error, stdout, stderr) => done({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
}
