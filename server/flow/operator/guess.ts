import { createHash, createHmac } from 'node:crypto'
import { ANYWHERE, MOST_ALONE, MOST_ANYWHERE } from '../../domain/attempts'
import type { Clock, Operators, Passwords, Random, Waiter } from '../ports'

export interface LoginDeps {
  operators: Operators
  passwords: Passwords
  /** seals refresh tokens and tickets, hashes addresses and what is typed for a name */
  loginKey: Uint8Array
  clock: Clock
  random: Random
}

/** Who stands at the door, before anything of them is proved. */
export interface Visitor {
  address: string
  /** what an operator's log-in left with this browser */
  browser: string | undefined
}

/** In which line a guess waits, and where it is counted. */
export interface Line extends Waiter {
  /** whose guesses they are, as they are kept */
  counted: string
  places: readonly { place: string; limit: number }[]
}

/**
 * A stranger's guesses count for their address and for all strangers; those from a browser that the operator logged in with count for
 * it alone, so no stranger's lock is theirs, and one who stole it has no more guesses than others.
 */
export async function lineOf(deps: LoginDeps, username: string, { address, browser }: Visitor): Promise<Line> {
  const [operator, device] = await Promise.all([
    deps.operators.operator(username),
    browser ? deps.operators.deviceOf(username, sha256(browser), deps.clock.now()) : undefined,
  ])
  // What is no name may be a password typed into the wrong field: it is kept as a hash alone, and counts like any other.
  const counted = operator ? username : `?${keyed(deps, `name|${username}`)}`
  if (device !== undefined) {
    const place = `device/${device}`
    return { place, name: username, known: true, counted, places: [{ place, limit: MOST_ALONE }] }
  }
  const places = [
    { place: `address/${keyed(deps, `address|${address}`)}`, limit: MOST_ALONE },
    { place: ANYWHERE, limit: MOST_ANYWHERE },
  ]
  return { place: `address/${address}`, name: username, known: false, counted, places }
}

/** Until when no guess may be made from there, or null: it is counted, and may. */
export async function countGuess({ operators, clock }: LoginDeps, line: Line): Promise<number | null> {
  for (const { place, limit } of line.places) {
    const until = await operators.countAttempt(line.counted, place, limit, clock.now())
    if (until !== null) return until
  }
  return null
}

export function forgetGuesses({ operators }: LoginDeps, { counted, places }: Line): Promise<void> {
  return operators.clearAttempts(
    counted,
    places.map(({ place }) => place),
  )
}

/** 128 bits: not to be guessed. */
export function fresh(random: Random): string {
  return Buffer.from(random(16)).toString('base64url')
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

function keyed({ loginKey }: LoginDeps, text: string): string {
  return createHmac('sha256', loginKey).update(text).digest('base64url')
}
