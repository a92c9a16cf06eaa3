import { z } from 'zod'
import { type Bills, billPlan } from './bill'
import { type Faults, faultList } from './faults'
import { type Notices, noticeWay, TWISTS } from './notices'
import type { Trades } from './trades'

export interface Hand {
  trades: Trades
  faults: Faults
  notices: Notices
  bills: Bills
}

const route = <T>(schema: z.ZodType<T>, run: (value: T, hand: Hand) => unknown) => ({
  run: (value: unknown, hand: Hand) => run(schema.parse(value), hand),
})
const questions = z.int().min(0).max(1_000_000)

/** `POST /sandbox/<name>`: how a person who tries things out tells the sandbox what to do. This machine's alone. */
const ROUTES: Record<string, ReturnType<typeof route<never>>> = {
  faults: route(faultList, (list, { faults }) => faults.set(list)),
  /** how many questions a payment, a refund takes to settle from now on */
  slowness: route(z.object({ payment: questions, refund: questions }).partial(), (how, { trades }) => {
    Object.assign(trades.slowness, how)
  }),
  notices: route(noticeWay, (way, { notices }) => {
    notices.way = way
  }),
  /** sends one now, twisted, and answers what the platform said */
  notify: route(
    z.object({ outTradeNo: z.string(), outRequestNo: z.string().optional(), twist: z.enum(TWISTS).default('none') }),
    ({ outTradeNo, outRequestNo, twist }, { notices, trades }) => {
      const trade = trades.trades.get(outTradeNo)
      return trade && notices.send(trades, trade, trades.refunds.get(outRequestNo ?? ''), twist)
    },
  ),
  bill: route(billPlan, (plan, { bills }) => {
    bills.plan = plan
  }),
  balance: route(z.object({ account: z.string(), fen: z.int().optional() }), ({ account, fen }, { trades }) => {
    if (fen !== undefined) trades.setBalance(account, fen)
    return trades.balance(account)
  }),
  trades: route(z.null(), (_, { trades }) => [...trades.trades.values()]),
}

/** Null: there is no such route. @throws ZodError, SyntaxError */
export async function handed(name: string, body: string, hand: Hand): Promise<string | null> {
  const found = ROUTES[name]
  if (!found) return null
  return JSON.stringify((await found.run(JSON.parse(body || 'null'), hand)) ?? null)
}
