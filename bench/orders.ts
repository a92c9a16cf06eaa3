import { setTimeout as sleep } from 'node:timers/promises'
import type { OrderView, QuoteView } from '../server/http/contract'
import type { Work } from './floor'
import { logIn, type Payer } from './payers'
import { type Compared, compare, load, UNTIL_DONE } from './rounds'
import { measure, type Subject } from './subject'
import { CARDS_EACH, type World } from './world'

const WORKERS = 32
const AMOUNT_FEN = 10_000

export interface Orders extends Compared {
  /** what one paid order of ours asked of the outside world, on the average, and the floor as well */
  perOrder: Work
}

/**
 * (c) A whole paid order, quote and pay, two requests; beside it two bare Koa routes that together make as many SQL
 * statements, Redis calls and signed bank calls. Every order of ours gets a card and is paid; decks are dealt before.
 */
export async function orders(
  world: World,
  options: { rounds: number; forMs: number; merchants: number; payers: number },
): Promise<Orders> {
  const { bff, floor } = world
  const payers = await logIn(bff, 'order-payer', options.payers, true)
  const payOne = orderPayer(bff, payers, world.merchantCodes.slice(0, options.merchants))
  await payOne.deal()

  await load(WORKERS, { forMs: UNTIL_DONE, atMost: WARM_UP }, payOne.pay)
  const perOrder = await countWork(bff, payOne.pay, COUNTED)
  world.tellFloor(perOrder)
  const floorOrder = async () => {
    const { quoteId } = await floor.post<{ quoteId: string }>('/quotes', { amountFen: AMOUNT_FEN })
    await floor.post('/orders', { quoteId })
  }
  await load(WORKERS, { forMs: UNTIL_DONE, atMost: WARM_UP }, floorOrder)
  // a turn of ours may not use up the cards of those to come
  const atMost = Math.floor((options.merchants * CARDS_EACH - COUNTED - WARM_UP) / (options.rounds + 1))
  const limit = { forMs: options.forMs, atMost }
  const ours = () => measure(bff, WORKERS, limit, payOne.pay)
  const theirs = () => measure(floor, WORKERS, limit, floorOrder)
  return { ...(await compare(options.rounds, ours, theirs)), perOrder }
}

/** Merchants that sell at the same time; when their decks are used up the next street opens. */
const STREET = 40

/** The first order of a merchant, by its number. */
const firstOrderOf = (merchant: number) => Math.floor(merchant / STREET) * STREET * CARDS_EACH + (merchant % STREET)
/** The other way round: twenty orders at each merchant of a street, by turns, then the next street. */
const merchantOf = (order: number) => Math.floor(order / (STREET * CARDS_EACH)) * STREET + (order % STREET)

/** So many merchants have a card for each of so many orders, paid in that order: whole streets. */
export const merchantsFor = (orders: number) => Math.ceil(orders / (STREET * CARDS_EACH)) * STREET

/**
 * Merchants are busy, so the catalogue's memory of a second mostly serves them; payers come back after seconds, so it
 * doesn't serve them.
 */
export function orderPayer(bff: Subject, payers: readonly Payer[], merchantCodes: readonly string[]) {
  const quote = async (i: number) => {
    const merchantCode = merchantCodes[merchantOf(i)]!
    const { headers } = payers[i % payers.length]!
    const quoted = await bff.post<QuoteView>(
      '/api/quotes',
      { merchantCode, amountFen: AMOUNT_FEN, channel: 'bank' },
      headers,
    )
    if (quoted.reason !== null) throw new Error(`orders: no card, ${quoted.reason}`)
    return { quoteId: quoted.quoteId, headers }
  }
  let next = 0
  return {
    /** The first order's quote at each merchant, which deals its deck; that order then finds its card kept for it. */
    async deal() {
      let dealt = 0
      await load(
        16,
        { forMs: UNTIL_DONE, atMost: merchantCodes.length },
        async () => void (await quote(firstOrderOf(dealt++))),
      )
    },
    async pay() {
      const i = next++
      const { quoteId, headers } = await quote(i)
      const key = { ...headers, 'idempotency-key': `bench-${process.pid}-${i}` }
      const order = await bff.post<OrderView>('/api/orders', { quoteId }, key)
      if (order.state !== 'paid' || order.discountFen === 0) throw new Error(`orders: ${order.state}, ${order.reason}`)
    },
  }
}

/** A process compiles what it runs often: its first orders cost several times as much, however long they take. */
const WARM_UP = 600

/** A whole number of calls an order shows in the second decimal. */
const COUNTED = 200

/** What orders asked for, without what the sweepers ask for all the time, which an idle second beforehand tells. */
export async function countWork(bff: Subject, pay: () => Promise<void>, counted: number): Promise<Work> {
  const idle = await asked(bff, () => sleep(1_000))
  const busy = await asked(bff, () => load(WORKERS, { forMs: UNTIL_DONE, atMost: counted }, pay))
  return mapWork((name) => Math.max(0, busy[name] - (idle[name] * busy.seconds) / idle.seconds) / counted)
}

async function asked(bff: Subject, meanwhile: () => Promise<unknown>): Promise<Work & { seconds: number }> {
  const start = performance.now()
  const before = await bff.read()
  await meanwhile()
  const after = await bff.read()
  return { ...mapWork((name) => after[name] - before[name]), seconds: (performance.now() - start) / 1_000 }
}

function mapWork(of: (name: keyof Work) => number): Work {
  return {
    sqlReads: of('sqlReads'),
    sqlWrites: of('sqlWrites'),
    redisCalls: of('redisCalls'),
    bankCalls: of('bankCalls'),
  }
}
