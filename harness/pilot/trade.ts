import type { OrderView } from '../../server/http/contract'
import type { FaultInput } from '../../server/sandbox/bank/faults'
import { type Guest, guestOf } from './guests'
import type { PilotHouse } from './house'

/** A day's trade at the pilot's street: a hundred and fifty orders, of every kind that an operator is asked about. */

/** All its cards go; whoever comes later pays in full, and one of them complains. */
export const SOLD_OUT = 'M0003'
export const COMPLAINT_FEN = 3_500
/** The shop that will be paused. */
export const TO_PAUSE = 'M0007'
/** The number of the shop whose payments the bank leaves open for a while. */
const PENDING = 41
const CARDS = 20
const GUESTS = 61
/** So many do something at a time. */
const AT_ONCE = 6
export interface Trade {
  guests: Guest[]
  /** as they stand once all have ended */
  orders: OrderView[]
  complaint: OrderView
}

interface Wanted {
  guest: number
  shop: string
  fen: number
}

const shop = (number: number) => `M${String(number).padStart(4, '0')}`
const range = (count: number) => Array.from({ length: count }, (_, i) => i)
/** ¥20.00 … ¥60.00 */
const priceOf = (i: number) => 2_000 + ((i * 370) % 4_000)

/** The first thirty but the one that will be sold out. */
const OTHERS = range(30)
  .map((i) => shop(i + 1))
  .filter((code) => code !== SOLD_OUT)

/** Twenty at the shop that will be sold out, three at each of 29 others, twelve below the threshold, ten where no campaign is. */
const CROWD: readonly Wanted[] = [
  ...range(CARDS).map((i) => ({ guest: i, shop: SOLD_OUT, fen: priceOf(i) })),
  ...range(3 * OTHERS.length).map((i) => ({
    guest: CARDS + (i % 40),
    shop: OTHERS[Math.floor(i / 3)]!,
    fen: priceOf(i),
  })),
  ...range(12).map((i) => ({ guest: i, shop: shop(i + 1), fen: 650 })),
  ...range(10).map((i) => ({ guest: i, shop: shop(290 + i), fen: priceOf(i) })),
]

/** Only once all cards of the street's third shop are gone, or somebody has had three. */
const LATE: readonly Wanted[] = [
  { guest: GUESTS - 1, shop: SOLD_OUT, fen: COMPLAINT_FEN },
  ...[38, 39, 40].map((guest, i) => ({ guest, shop: SOLD_OUT, fen: priceOf(i) })),
  ...[20, 21, 22].map((guest, i) => ({ guest, shop: shop(31), fen: priceOf(i) })),
]

/** What the bank makes of some: no money, a question that its payer walks away from, a lost answer, and none for as long as it is so. */
const TROUBLE: readonly [faults: readonly FaultInput[], wanted: readonly Wanted[]][] = [
  [[{ mode: 'decline', code: 'insufficient-funds', on: ['pay'] }], at(40, 12, 6)],
  [[{ mode: 'challenge', on: ['pay'] }], at(43, 35, 3)],
  [[{ mode: 'lose-reply', on: ['pay'] }], at(42, 33, 2)],
  [
    [
      { mode: 'pending', pendingQueries: 0, on: ['pay'] },
      { mode: 'error-before', on: ['query'] },
    ],
    at(PENDING, 30, 3),
  ],
]

function at(number: number, guest: number, count: number): Wanted[] {
  return range(count).map((i) => ({ guest: guest + i, shop: shop(number), fen: priceOf(i) }))
}

/** Where payments are without an ending for a while. */
export const UNSURE = shop(PENDING)
/** How many orders of a day's trade there are. */
export const ORDERS = CROWD.length + LATE.length + TROUBLE.reduce((sum, [, wanted]) => sum + wanted.length, 0)

/** `meanwhile`: while those at {@link UNSURE} have no ending. */
export async function trade(house: PilotHouse, meanwhile: () => Promise<void>): Promise<Trade> {
  const guests = await inTurns(range(GUESTS), (number) => guestOf(house, `guest-${number}`, number))
  const order = ({ guest, shop: code, fen }: Wanted) =>
    guests[guest]!.order(code, fen).then(({ orderNo }) => ({ guest: guests[guest]!, orderNo }))
  const placed = [...(await inTurns(CROWD, order)), ...(await inTurns(LATE, order))]
  const complaintNo = placed[CROWD.length]!.orderNo
  for (const [faults, wanted] of TROUBLE) {
    await house.system.bank.faults(...faults)
    const met = await inTurns(wanted, order)
    if (faults[0]!.mode === 'challenge') await inTurns(met, ({ guest, orderNo }) => guest.leave(orderNo))
    placed.push(...met)
  }
  await meanwhile()
  await house.system.bank.clearFaults()
  const orders = await inTurns(placed, ({ guest, orderNo }) => guest.ended(orderNo))
  return { guests, orders, complaint: orders.find(({ orderNo }) => orderNo === complaintNo)! }
}

/** What comes of each, in their order; some at a time. */
async function inTurns<A, B>(all: readonly A[], work: (one: A) => Promise<B>): Promise<B[]> {
  const results: B[] = []
  let next = 0
  const hand = async () => {
    while (next < all.length) {
      const i = next++
      results[i] = await work(all[i]!)
    }
  }
  await Promise.all(range(AT_ONCE).map(hand))
  return results
}
