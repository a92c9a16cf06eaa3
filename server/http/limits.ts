import type { Limit } from '../flow/ports'

/**
 * How often anybody may ask for what. The figures are chosen so that people never meet one, however many are behind one address: on a
 * food street's Wi-Fi some 500 payers come in its busiest minute, and a carrier's NAT (CGNAT) is no busier. What one page, one
 * payer or one address does beyond that is a program.
 */

/**
 * By whom is counted. `address`: whoever holds it. `device`: one device at one address, as it says itself; whoever says none is
 * counted by the address alone.
 */
export type By = 'payer' | 'merchant' | 'operator' | 'address' | 'device'

export interface Rule {
  by: By
  limit: Limit
  /** of an address of IPv6: all of the /48 that it is in, which one customer may hold as well as 65,536 */
  wide?: Limit
}

/** A /48 of a carrier is as many telephones as several of its NATs. */
const WIDE = 4

/** `[points, seconds]`, at most a minute: a page that meets one waits so long. */
type Rates = { readonly [by in By]?: readonly [points: number, seconds: number] }

function rulesOf(name: string, rates: Rates): readonly Rule[] {
  return Object.entries(rates).map(([by, [points, seconds]]) => ({
    by: by as By,
    limit: { name: `${name}-by-${by}`, points, seconds },
    ...(by === 'address' && { wide: { name: `${name}-by-network`, points: points * WIDE, seconds } }),
  }))
}

const RATES = {
  /** A page asks a quarter of a second after the last digit. Somebody who changes the amount all the time comes to two a second. */
  quotes: { payer: [30, 10] },
  /** Paying, proving, another code, walking away: seven for a payment that goes wrong in every way, four of them in a minute. */
  orders: { payer: [30, 60] },
  /** An order that is known by its key, asked for again: a page does so every half second at the most, and ever less often. */
  repeats: { payer: [60, 60] },
  /** Whatever else a payer's page does: it opens with four requests, and asks how an order went twice a second at first. */
  payer: { payer: [100, 10] },
  /** Signing: three calls if all goes well, a dozen if nothing does; each costs the bank a text. Half of a street may sign at its opening. */
  sign: { payer: [20, 60], address: [600, 60] },
  /** A page logs in once in two hours, and again when it is reloaded; 500 people in a minute, each of them twice. */
  'log-in': { device: [20, 60], address: [1_200, 60] },
  /** The way by a platform's page and back: a browser goes it without saying which device it is. Who began it comes back. */
  'page-log-in': { address: [1_200, 60] },
  'page-log-in-back': { address: [2_400, 60] },
  /** A code is good once and has eight characters; a bank may bind a whole market in one hall. */
  binding: { device: [10, 60], address: [120, 60] },
  /** An owner's codes for cashiers: a new shop has a handful. With 31⁸ codes, those of fifteen minutes are never guessed. */
  invite: { merchant: [10, 60] },
  /** A month of a merchant's orders as a file: some thousand lines. */
  file: { merchant: [6, 60] },
  /** What anybody may read: decks and their proofs, terms, how to log in; once for each page that is opened. */
  open: { device: [120, 60], address: [3_000, 60] },
  /** Notices that were refused: a channel's own are believed and not counted. Each costs a verification. */
  notices: { address: [60, 60] },
  /** A shop has up to some twenty telephones that look for themselves every ten seconds while the live feed is down. */
  merchant: { merchant: [200, 10] },
  /** A telephone that comes and goes between two networks opens its feed anew every few seconds; a shop has twenty. */
  live: { merchant: [300, 60] },
  /** A page of the console opens with some ten requests. */
  operator: { operator: [200, 10] },
  /** A password is a dear hash. A branch of some fifty people comes to work at nine, and mistypes. */
  'operator-log-in': { device: [10, 60], address: [120, 60] },
  /** A browser's way to the bank's identity provider and back. */
  'sign-on': { address: [240, 60] },
  /** A console renews its session by itself, every tab. */
  'operator-session': { device: [60, 60], address: [1_200, 60] },
} as const satisfies Record<string, Rates>

export type LimitName = keyof typeof RATES

export const LIMITS = Object.fromEntries(
  Object.entries(RATES).map(([name, rates]) => [name, rulesOf(name, rates)]),
) as unknown as Readonly<Record<LimitName, readonly Rule[]>>
