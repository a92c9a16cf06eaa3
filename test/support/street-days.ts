import { type CardOrder, LOOK_BACK_DAYS, type MerchantDay } from '../../server/domain/suspicion'

/** Days of a street, honest and farmed, made from a seed: how payers really come is for a pilot to say. */

export interface StreetMerchant {
  merchantCode: string
  /** what its days are like; farmed ones begin with `farmed` */
  kind: Kind
}

const HONEST = ['breakfast', 'noodles', 'tea', 'supper', 'canteen'] as const
export const FARMED = [
  /** one person takes nineteen of twenty cards with ¥10 orders */
  'farmed-by-one',
  /** fourteen people who come every morning within minutes, with ¥10 each */
  'farmed-by-a-ring',
  /** a ring that pays odd amounts all day, from two telephones */
  'farmed-from-two-phones',
  /** a ring whose payments go back in the evening */
  'farmed-and-refunded',
  /** a ring that pays odd amounts all day, each from a telephone of their own */
  'farmed-with-care',
] as const
type Kind = (typeof HONEST)[number] | (typeof FARMED)[number]

const CARDS = 20
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const THRESHOLD_FEN = 1_000

/** mulberry32: small, seeded, good enough to make days from. */
export function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

type Visit = Pick<CardOrder, 'payerId' | 'amountFen' | 'addressHash' | 'deviceHash'> & { at: number; back?: boolean }

/** A street of `honest` merchants and one of each kind that is farmed; each call of `next` is its next day. */
export function street(seed: number, honest: number) {
  const random = dice(seed)
  const below = (n: number) => Math.floor(random() * n)
  const merchants: StreetMerchant[] = [
    ...Array.from({ length: honest }, (_, i) => ({ merchantCode: `M${i}`, kind: HONEST[i % HONEST.length]! })),
    ...FARMED.map((kind, i) => ({ merchantCode: `F${i}`, kind })),
  ]
  const past = new Map<string, { day: number; merchantCode: string }[]>()
  let day = 0

  const person = (payerId: string) => ({
    payerId,
    deviceHash: `phone of ${payerId}`,
    addressHash: `net ${below(5_000)}`,
  })
  const passer = () => person(`payer-${below(6_000)}`)
  const around = (hour: number, spread: number) => (hour + (random() + random() - 1) * spread) * HOUR
  const fen = (from: number, to: number) => from + 50 * below((to - from) / 50 + 1)

  /** Who has regulars: so many of them, each coming with that chance; the others pass by. */
  function shop(
    code: string,
    of: {
      regulars: number
      comes: number
      passers: number
      hours: [number, number][]
      fen: [number, number]
      wifi?: boolean
    },
  ) {
    const regulars = Array.from({ length: of.regulars }, (_, i) => person(`regular-${code}-${i}`)).filter(
      () => random() < of.comes,
    )
    const passers = Array.from({ length: of.passers }, passer)
    return [...regulars, ...passers].map((who): Visit => {
      const [hour, spread] = of.hours[below(of.hours.length)]!
      const visit = { ...who, at: around(hour, spread), amountFen: fen(...of.fen) }
      return of.wifi && random() < 0.7 ? { ...visit, addressHash: `wifi ${code}` } : visit
    })
  }

  const ring = (code: string, people: number, visit: (i: number) => Partial<Visit>): Visit[] =>
    Array.from({ length: CARDS }, (_, i) => ({
      ...person(`ring-${code}-${i % people}`),
      at: 0,
      amountFen: 0,
      ...visit(i),
    }))

  const KINDS: Record<Kind, (code: string) => Visit[]> = {
    // a set meal at ¥10.50 for many, in an hour
    breakfast: (code) => shop(code, { regulars: 14, comes: 0.6, passers: 14, hours: [[7.5, 1]], fen: [1_000, 1_600] }),
    // the popular one: a score of regulars, its own network, cards gone in the noon rush
    noodles: (code) =>
      shop(code, { regulars: 30, comes: 0.7, passers: 12, hours: [[12, 0.8]], fen: [1_400, 3_200], wifi: true }),
    tea: (code) => shop(code, { regulars: 4, comes: 0.4, passers: 16, hours: [[15, 4]], fen: [1_000, 2_600] }),
    supper: (code) =>
      shop(code, {
        regulars: 6,
        comes: 0.3,
        passers: 22,
        hours: [
          [18.5, 2],
          [21, 2],
        ],
        fen: [2_500, 16_000],
      }),
    // colleagues of one house behind one address
    canteen: (code) =>
      shop(code, { regulars: 40, comes: 0.5, passers: 2, hours: [[12.2, 1]], fen: [1_200, 2_200], wifi: true }),
    'farmed-by-one': (code) => [
      ...ring(code, 1, (i) => ({ at: 9 * HOUR + i * MINUTE, amountFen: 1_000 })).slice(1),
      { ...passer(), at: 12 * HOUR, amountFen: 2_350 },
    ],
    'farmed-by-a-ring': (code) =>
      ring(code, 20, (i) => ({ at: 8 * HOUR + i * 25_000, amountFen: 1_000 + 10 * below(4) })),
    'farmed-from-two-phones': (code) =>
      ring(code, 20, (i) => ({
        at: around(13, 6),
        amountFen: fen(1_000, 4_000),
        deviceHash: `phone ${code} ${i % 2}`,
      })),
    'farmed-and-refunded': (code) =>
      ring(code, 20, () => ({ at: around(13, 6), amountFen: fen(1_000, 3_000), back: random() < 0.8 })),
    'farmed-with-care': (code) => ring(code, 20, () => ({ at: around(13, 6), amountFen: fen(1_000, 4_000) })),
  }

  function dayOf({ merchantCode, kind }: StreetMerchant): MerchantDay {
    const visits = KINDS[kind](merchantCode).sort((a, b) => a.at - b.at)
    const allowed = kind === 'farmed-by-one' ? visits : oneEach(visits)
    const orders = allowed.slice(0, CARDS).map((visit, i): CardOrder => {
      const before = (past.get(visit.payerId) ?? []).filter((one) => one.day > day - LOOK_BACK_DAYS)
      before.push({ day, merchantCode })
      past.set(visit.payerId, before)
      return {
        ...visit,
        orderNo: `${merchantCode}-${day}-${i}`,
        createdAt: day * DAY + Math.round(visit.at),
        payableFen: visit.amountFen - 400,
        refundedFen: visit.back || random() < 0.01 ? visit.amountFen - 400 : 0,
        daysHere: new Set(before.filter((one) => one.merchantCode === merchantCode).map((one) => one.day)).size,
        merchants: new Set(before.map((one) => one.merchantCode)).size,
        ordersAnywhere: before.length,
      }
    })
    return { merchantCode, thresholdFen: THRESHOLD_FEN, orders }
  }

  return {
    merchants,
    next(): MerchantDay[] {
      day++
      // Regulars buy elsewhere too, now and then, with the bank.
      for (const [payerId, visits] of past)
        if (payerId.startsWith('regular') && random() < 0.1)
          visits.push({ day, merchantCode: `elsewhere-${below(50)}` })
      return merchants.map(dayOf)
    },
  }
}

/** The campaign's own limit: one card a payer, merchant and day. */
function oneEach(visits: readonly Visit[]): Visit[] {
  const seen = new Set<string>()
  return visits.filter(({ payerId }) => !seen.has(payerId) && seen.add(payerId))
}
