import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { ConfigFaults, readConfig } from '../server/config'
import { deriveKey } from '../server/domain/seal'
import type { LoginDeps } from '../server/flow/operator/login'
import { addOperator, type IssueResult, resetPassword } from '../server/flow/operator/operators'
import { LedgerUnavailable } from '../server/flow/ports'
import { operatorBody } from '../server/http/contract'
import { openLog } from '../server/log'
import { scryptPasswords } from '../server/login/scrypt'
import { sandboxEnv } from '../server/sandbox/system'
import { DirInUse } from '../server/store/dir-lock'
import { openOperators } from '../server/stores'

/**
 * `npm run operator -- --username root --name 王工 --roles admin`: the first operator of a house, who then lets the others in
 * through the console. Prints a one-time password that must be changed at the first log-in. `--oidc-subject` instead for one
 * who logs in by single sign-on, `--reset` gives an operator who is there a new password. Where the ledger is, the environment
 * says as for the BFF; without MASTER_KEY it is the sandbox in DATA_DIR, which `npm start` must not be running on.
 */

const USAGE =
  'usage: npm run operator -- --username root --name 王工 --roles admin [--branch B01] [--oidc-subject …] | --reset'

/** What people are told without a stack. */
class Refused extends Error {}

async function main(): Promise<void> {
  const { reset, ...given } = optionsOf()
  const stops: (() => unknown)[] = []
  try {
    const deps = await openDeps(stops)
    const result = reset
      ? await resetPassword(deps, 'system', given.username)
      : await addOperator(deps, 'system', operatorOf(given))
    console.log(told(result, given.username))
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}

function optionsOf() {
  const text = { type: 'string' } as const
  const options = { username: text, name: text, roles: text, branch: text, 'oidc-subject': text }
  const { values } = parseArgs({ options: { ...options, reset: { type: 'boolean', default: false } } })
  if (!values.username) throw new Refused(USAGE)
  return { ...values, username: values.username }
}

function operatorOf(given: Omit<ReturnType<typeof optionsOf>, 'reset'>) {
  const { username, name, roles, branch = null, 'oidc-subject': oidcSubject = null } = given
  const body = { username, name, roles: roles?.split(','), branchCode: branch, oidcSubject }
  const result = operatorBody.safeParse(body)
  if (!result.success) throw new Refused(`${z.prettifyError(result.error)}\n${USAGE}`)
  return result.data
}

async function openDeps(stops: (() => unknown)[]): Promise<LoginDeps> {
  const config = readConfig(environment())
  const log = openLog('warn', 'at-once')
  return {
    ...(await openOperators(config, log, stops)),
    passwords: scryptPasswords(),
    loginKey: deriveKey(config.masterKey, 'login'),
    random: randomBytes,
  }
}

/** As for `npm run audit`: a sandbox is made at its first start, and not here. */
function environment(): NodeJS.ProcessEnv {
  if (process.env.MASTER_KEY) return process.env
  const dataDir = resolve(process.env.DATA_DIR || '.data')
  if (!existsSync(join(dataDir, 'keys.json')))
    throw new Refused(
      `there is no sandbox in ${dataDir}; another ledger needs the BFF's environment, MASTER_KEY and all`,
    )
  return { ...sandboxEnv(dataDir, 'http://127.0.0.1'), ...process.env }
}

function told(result: IssueResult, username: string): string {
  switch (result.kind) {
    case 'issued':
      if (result.password === null) return `${username} logs in by single sign-on.`
      return `One-time password of ${username}: ${result.password}\nIt must be changed at the first log-in.`
    case 'exists':
      throw new Refused(`there is an operator ${username}, or one of that subject; --reset gives a new password`)
    case 'not-found':
      throw new Refused(`there is no operator ${username}`)
    case 'branch-not-found':
      throw new Refused('there is no such branch')
    case 'single-sign-on':
      throw new Refused(`${username} logs in by single sign-on`)
    case 'last-admin':
      throw new Refused('the last administrator can’t be taken away')
  }
}

main().catch((error) => {
  const expected = [Refused, ConfigFaults, DirInUse, LedgerUnavailable].some((kind) => error instanceof kind)
  console.error(expected ? error.message : error)
  if (error instanceof DirInUse) console.error('Stop `npm start` for this, or give both a DATABASE_URL.')
  process.exitCode = 2
})
