import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { deriveKey } from '../server/domain/seal'
import { dropSecondFactor } from '../server/flow/operator/enrolment'
import type { LoginDeps } from '../server/flow/operator/guess'
import { addFirst, type IssueResult, resetAdministrator } from '../server/flow/operator/operators'
import { operatorBody } from '../server/http/contract'
import { openLog } from '../server/log'
import { scryptPasswords } from '../server/login/scrypt'
import { openOperators } from '../server/stores'
import { command, configIn, environment, optionsFrom, Refused } from './command'
import { helpOf } from './help'

/**
 * `npm run operator -- --username root --name 王工`: one of the first two administrators of a house, who then let the others in through
 * the console, each approving what the other asked for; once there are two it adds none. Prints a one-time password that must be
 * changed at the first log-in. `--oidc-subject` instead for one who logs in by single sign-on, `--reset` gives an administrator a
 * new password where the others can't, `--drop-second-factor` takes away that of one who lost it. What it does is in the log. Where the
 * ledger is, the environment says as for the BFF; without MASTER_KEY it is the sandbox in DATA_DIR, which `npm start` must not be
 * running on.
 */

async function main(): Promise<number> {
  const { reset, 'drop-second-factor': drop, ...given } = optionsOf()
  const stops: (() => unknown)[] = []
  try {
    const deps = await openDeps(stops)
    if (drop) {
      if (!(await dropSecondFactor(deps, given.username)))
        throw new Refused(`${given.username} is no administrator with a second factor, or is disabled`)
      console.log(`${given.username} sets up a second factor at the next log-in.`)
      return 0
    }
    const result = reset ? await resetAdministrator(deps, given.username) : await addFirst(deps, operatorOf(given))
    console.log(told(result, given.username))
    return 0
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}

function optionsOf() {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const options = { username: text, name: text, 'oidc-subject': text }
  const values = optionsFrom({ ...options, reset: flag, 'drop-second-factor': flag })
  if (!values.username) throw new Refused(helpOf('operator'))
  return { ...values, username: values.username }
}

function operatorOf(given: Omit<ReturnType<typeof optionsOf>, 'reset' | 'drop-second-factor'>) {
  const { username, name, 'oidc-subject': oidcSubject = null } = given
  const body = operatorBody.pick({ username: true, name: true, oidcSubject: true })
  const result = body.safeParse({ username, name, oidcSubject })
  if (!result.success) throw new Refused(`${z.prettifyError(result.error)}\n${helpOf('operator')}`)
  return result.data
}

async function openDeps(stops: (() => unknown)[]): Promise<LoginDeps> {
  const config = await configIn(environment())
  const log = openLog('warn', 'at-once')
  return {
    ...(await openOperators(config, log, stops)),
    passwords: scryptPasswords(),
    loginKey: deriveKey(config.masterKey, 'login'),
    random: randomBytes,
  }
}

function told(result: IssueResult | { kind: 'enough' }, username: string): string {
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
    case 'enough':
      throw new Refused('there are two administrators: they let the others in through the console')
    case 'not-administrator':
      throw new Refused(`${username} is no administrator: two of them give a new password through the console`)
    case 'disabled':
      throw new Refused(
        `${username} is disabled, and a password would open nothing: two administrators let them in again`,
      )
    case 'single-sign-on':
      throw new Refused(`${username} logs in by single sign-on`)
    case 'last-admin':
      throw new Refused('the last administrator can’t be taken away')
  }
}

command(main, 'Stop `npm start` for this, or give both a DATABASE_URL.')
