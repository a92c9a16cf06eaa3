import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { readConfig } from '../server/config'
import { deriveKey } from '../server/domain/seal'
import type { LoginDeps } from '../server/flow/operator/guess'
import { addOperator, type IssueResult, resetPassword } from '../server/flow/operator/operators'
import { operatorBody } from '../server/http/contract'
import { openLog } from '../server/log'
import { scryptPasswords } from '../server/login/scrypt'
import { openOperators } from '../server/stores'
import { command, environment, optionsFrom, Refused } from './command'

/**
 * `npm run operator -- --username root --name 王工 --roles admin`: the first operator of a house, who then lets the others in
 * through the console. Prints a one-time password that must be changed at the first log-in. `--oidc-subject` instead for one
 * who logs in by single sign-on, `--reset` gives an operator who is there a new password. Where the ledger is, the environment
 * says as for the BFF; without MASTER_KEY it is the sandbox in DATA_DIR, which `npm start` must not be running on.
 */

const USAGE =
  'usage: npm run operator -- --username root --name 王工 --roles admin [--branch B01] [--oidc-subject …] | --reset'

async function main(): Promise<number> {
  const { reset, ...given } = optionsOf()
  const stops: (() => unknown)[] = []
  try {
    const deps = await openDeps(stops)
    const result = reset
      ? await resetPassword(deps, 'system', given.username)
      : await addOperator(deps, 'system', operatorOf(given))
    console.log(told(result, given.username))
    return 0
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}

function optionsOf() {
  const text = { type: 'string' } as const
  const options = { username: text, name: text, roles: text, branch: text, 'oidc-subject': text }
  const values = optionsFrom({ ...options, reset: { type: 'boolean', default: false } })
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

command(main, 'Stop `npm start` for this, or give both a DATABASE_URL.')
