import { randomUUID } from 'node:crypto'
import type { OperatorSession, OrderView, QuoteView, Session } from '../../server/http/contract'
import { pause } from '../attack'
import { PATIENCE_MS } from '../telephone'
import { add, type Tally, WITH_A_CARD } from './tally'
import { type Ask, type Counts, openWire, type Wire } from './wire'

/** Everybody, behind one proxy of the house's own, as they come through nginx. */
export interface People {
  /** Somebody comes, sees a price, thinks unless told, and pays; due at this moment. True: paid. */
  visit(dueAt: number, thinks?: boolean): Promise<boolean>
  /** Somebody opens the page of a shop and leaves. */
  open(dueAt: number): Promise<void>
  /** Somebody at the desk reads a list or a report. */
  read(dueAt: number): Promise<void>
  /** From now on what is due counts here. */
  countIn(tally: Tally): void
  /** Of the orders that the house has taken those that haven't ended, and whatever else the desk has as open. */
  openOrders(): Promise<number>
  taken(): number
  close(): Promise<void>
}

interface Taken {
  orderNo: string
  token: string
}

interface Payer {
  token: string
  from: string
  isHere: boolean
}

const THINK_MS = [100, 300] as const
/** As often does a page try the same payment again when it is told to come back. */
const TRIES = 5
/** Between two looks at an order that is being paid, as pages have it at last. */
const LOOK_MS = 500
const READERS = ['checker', 'auditor', 'admin'] as const
const READ = ['/admin/orders', '/admin/campaigns/food-street/report', '/admin/reviews'] as const

/** An address of each person's own, of a network that nobody has. */
const addressOf = (nth: number) => `10.${(nth >> 16) % 256}.${(nth >> 8) % 256}.${nth % 256}`
const PAYERS = 1 << 20
const GUESTS = 1 << 22
const DESK = addressOf(1)

export interface Street {
  payers: number
  merchants: readonly string[]
  password: string
  random: () => number
}

export async function people(url: string, { payers, merchants, password, random }: Street): Promise<People> {
  const wire = openWire(url)
  const { ask, counts } = wire
  const taken: Taken[] = []
  const everybody = await loggedIn(ask, payers)
  const desk = await Promise.all(READERS.map((username) => atTheDesk(ask, username, password)))
  const merchantOf = (number: number) => merchants[number % merchants.length]!
  let nth = 0
  return {
    countIn: wire.countIn,
    taken: () => taken.length,
    openOrders: () => openOf(ask, taken, desk[0]!),
    close: wire.close,
    async visit(dueAt, thinks = true) {
      const number = nth++
      const payer = next(everybody, number)
      payer.isHere = true
      try {
        const quoteId = await quoted(wire, dueAt, payer, { merchantCode: merchantOf(number), number })
        if (quoteId === undefined) return false
        if (thinks) await pause(THINK_MS[0] + random() * (THINK_MS[1] - THINK_MS[0]))
        return await paid(counts, payer, quoteId, taken)
      } finally {
        payer.isHere = false
      }
    },
    async open(dueAt) {
      const number = nth++
      const from = addressOf(GUESTS + number)
      const body = { platform: 'browser', code: `guest-${number}` }
      const { status } = await counts('session', dueAt, 'POST', '/api/session', { from, body })
      if (status === 200)
        await counts('shop', performance.now(), 'GET', `/api/merchants/${merchantOf(number)}`, { from })
    },
    async read(dueAt) {
      const number = nth++
      const token = desk[number % desk.length]!
      await counts('desk', dueAt, 'GET', READ[number % READ.length]!, { token, from: DESK })
    },
  }
}

/** Undefined: they were told no price. */
async function quoted(
  { counts, tally }: Wire,
  dueAt: number,
  { token, from }: Payer,
  { merchantCode, number }: { merchantCode: string; number: number },
): Promise<string | undefined> {
  const body = { merchantCode, amountFen: 1_000 + ((number * 37) % 9_000), channel: 'bank' }
  const into = tally()
  const reply = await counts('quote', dueAt, 'POST', '/api/quotes', { token, from, body })
  if (reply.status !== 200 && reply.status !== 201) return undefined
  const { quoteId, reason } = reply.body as QuoteView
  if (into) add(into.quotes, reason ?? WITH_A_CARD)
  return quoteId
}

/** The same payment, again when told to come back and when there was no answer, as our pages do. */
async function paid(counts: Counts, { token, from }: Payer, quoteId: string, taken: Taken[]): Promise<boolean> {
  const asking = { token, from, key: randomUUID(), body: { quoteId } }
  for (let tries = 1; tries <= TRIES; tries++) {
    const reply = await counts('pay', performance.now(), 'POST', '/api/orders', asking)
    if (reply.status > 0 && reply.status < 400) {
      const order = reply.body as OrderView
      taken.push({ orderNo: order.orderNo, token })
      return (await ended(counts, order, token, from)) === 'paid'
    }
    if (reply.status > 0 && reply.retryAfterS === undefined) return false
    await pause((reply.retryAfterS ?? 1) * 1_000)
  }
  return false
}

async function ended(counts: Counts, { orderNo, state }: OrderView, token: string, from: string): Promise<string> {
  let now = state
  for (const began = Date.now(); now === 'paying' && Date.now() - began < PATIENCE_MS; ) {
    await pause(LOOK_MS)
    const { status, body } = await counts('look', performance.now(), 'GET', `/api/orders/${orderNo}`, { token, from })
    if (status === 200) now = (body as OrderView).state
  }
  return now
}

/** Whoever is next and isn't at a payment; all of them are: the first, who then pays twice. */
function next(everybody: readonly Payer[], number: number): Payer {
  for (let i = 0; i < everybody.length; i++) {
    const one = everybody[(number + i) % everybody.length]!
    if (!one.isHere) return one
  }
  return everybody[number % everybody.length]!
}

const AT_ONCE = 16

async function loggedIn(ask: Ask, many: number): Promise<Payer[]> {
  const all: Payer[] = []
  let begun = 0
  const one = async () => {
    while (begun < many) {
      const number = begun++
      const from = addressOf(PAYERS + number)
      const body = { platform: 'browser', code: `payer-${number}` }
      const { token } = await logIn<Session>(ask, '/api/session', { from, body })
      all.push({ token, from, isHere: false })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
  return all
}

async function atTheDesk(ask: Ask, username: string, password: string): Promise<string> {
  return (await logIn<OperatorSession>(ask, '/admin/session', { from: DESK, body: { username, password } })).token
}

async function logIn<T>(ask: Ask, path: string, asking: { from: string; body: object }): Promise<T> {
  for (let tries = 1; ; tries++) {
    const { status, code, retryAfterS, body } = await ask('POST', path, asking)
    if (status > 0 && status < 400) return body as T
    if (retryAfterS === undefined || tries === TRIES) throw new Error(`nobody can log in: ${status} ${code}`)
    await pause(retryAfterS * 1_000)
  }
}

/** What is open at the end is asked about by the sweeper within 16 s; a busy machine gets longer. */
const ENDED_WITHIN_MS = 60_000

async function openOf(ask: Ask, taken: readonly Taken[], desk: string): Promise<number> {
  let left = [...taken]
  for (const until = Date.now() + ENDED_WITHIN_MS; ; ) {
    const open: Taken[] = []
    for (const one of left) {
      const { status, body } = await ask('GET', `/api/orders/${one.orderNo}`, { token: one.token, from: addressOf(2) })
      if (status !== 200 || (body as OrderView).state === 'paying') open.push(one)
    }
    left = open
    const { status, body } = await ask('GET', '/admin/orders?state=paying', { token: desk, from: DESK })
    const others = status === 200 ? (body as { items: unknown[] }).items.length : 1
    if (left.length + others === 0 || Date.now() > until) return Math.max(left.length, others)
    await pause(500)
  }
}
