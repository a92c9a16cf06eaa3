import type { ApiDocument, Examples } from '../harness/hostile'

/** One way to be attacked. */
export interface Attack {
  name: string
  /** what is done, in one line, for the report */
  what: string
  /** An honest payment's p99 may be so many times that of the calm; 3 unless told. */
  slower?: number
  /** Of honest quotes, which in this attack are asked at the merchants under it, less than so many percent find no card left. */
  starvesPercent?: number
  /** Sends until the front no longer goes on. */
  run(front: Front): Promise<void>
}

export interface Address {
  host: string
  port: number
}

/** Everything an attacker may know and have: the tokens are real, and of people who may do what those may. */
export interface Arms {
  house: Address
  /** where /metrics, /readyz and /healthz are */
  operations: Address
  document: ApiDocument
  examples: Examples
  payers: readonly string[]
  merchants: readonly string[]
  /** may draft, import and preview */
  maker: string
  /** may look */
  auditor: string
  merchantCodes: readonly string[]
  /** those at which cards are hoarded, a list for each hoarder */
  hoarded: { small: readonly string[]; large: readonly string[] }
}

/** What an attack counts into, and by what it knows when to end. */
export interface Front extends Arms {
  random: () => number
  /** which of the attackers' processes this is, from 0, of how many */
  part: number
  parts: number
  /** the attackers' own addresses on this machine */
  addresses: readonly string[]
  /** false as soon as time or requests are used up */
  going(): boolean
  /** so many requests were sent */
  sent(count?: number): void
  /** the house has answered; `told`: a few words of a body that it should not have sent */
  answered(status: number, retryAfter: boolean, told: () => string): void
  /** the house has hung up, or something like it */
  lost(code: string): void
  /** resolves at the end of the attack */
  over: Promise<void>
}

/** Runs so many at once, each again and again while the front goes on. */
export async function crowd(front: Front, count: number, work: (nth: number) => Promise<void>): Promise<void> {
  const one = async (nth: number) => {
    while (front.going()) await work(nth)
  }
  await Promise.all(Array.from({ length: count }, (_, nth) => one(nth)))
}

export const pick = <T>({ random }: Front, list: readonly T[]): T => list[Math.floor(random() * list.length)]!

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
