import { z } from 'zod'
import { BILL_FAULTS, type Bills } from './bill'
import { type Faults, faultList } from './faults'
import type { Answer } from './http'
import { type Notices, noticeWay, TWISTS } from './notices'
import type { Wallet } from './wallet'

/** What the toy wallet is made of, for its own routes. */
export interface Parts {
  wallet: Wallet
  faults: Faults
  notices: Notices
  bills: Bills
  /** the payment or refund of a number, as it would be told */
  news(number: string): Parameters<Notices['send']>[1] | undefined
}

const route = <T>(schema: z.ZodType<T>, run: (value: T, parts: Parts) => unknown) => ({
  async answer(body: Buffer, parts: Parts): Promise<Answer> {
    const value = schema.safeParse(JSON.parse(body.toString('utf8') || 'null'))
    if (!value.success) return { status: 400, body: { code: 'invalid-request', detail: value.error.message } }
    return { status: 200, body: (await run(value.data, parts)) ?? null }
  },
})

const number = z.string()
const questions = z.int().min(0).max(1_000_000)

/** `POST /toy/<name>`: how a test, or a person who tries things out, tells the wallet what to do. Unsigned; this machine's alone. */
const ROUTES: Record<string, ReturnType<typeof route<never>>> = {
  faults: route(faultList, (list, { faults }) => faults.set(list)),
  struck: route(z.null(), (_, { faults }) => faults.struck()),
  /** how many questions a payment, a refund takes to settle from now on, and how refunds end */
  slowness: route(
    z.object({ payment: questions, refund: questions, refundFate: z.enum(['succeeded', 'abnormal']) }).partial(),
    ({ refundFate, ...slowness }, { wallet }) => {
      Object.assign(wallet.slowness, slowness)
      if (refundFate) wallet.refundFate = refundFate
    },
  ),
  /** what is processing comes to its end now */
  settle: route(z.object({ number }), ({ number: of }, { wallet }) => {
    const [prepay, refund] = [wallet.prepays.get(of), wallet.refunds.get(of)]
    if (prepay) wallet.settle(prepay)
    if (refund) wallet.settleRefund(refund)
  }),
  notices: route(noticeWay, (way, { notices }) => notices.tell(way)),
  sent: route(z.null(), (_, { notices }) => notices.sent),
  /** sends one now, twisted, and answers what the platform said */
  notify: route(
    z.object({ url: z.url(), number, twist: z.enum(TWISTS).default('none') }),
    ({ url, number: of, twist }, { notices, news }) => {
      const found = news(of)
      return found ? notices.send(url, found, twist) : null
    },
  ),
  balance: route(z.object({ account: z.string(), fen: z.int().optional() }), ({ account, fen }, { wallet }) => {
    if (fen !== undefined) wallet.setBalance(account, fen)
    return wallet.balance(account)
  }),
  total: route(z.null(), (_, { wallet }) => wallet.total()),
  payments: route(z.null(), (_, { wallet }) => [...wallet.prepays.values()]),
  refunds: route(z.null(), (_, { wallet }) => [...wallet.refunds.values()]),
  cut: route(z.null(), (_, { bills }) => bills.cut()),
  bill: route(z.object({ fault: z.enum(BILL_FAULTS) }), ({ fault }, { bills }) => {
    bills.fault = fault
  }),
}

export async function adminAnswer(path: string, body: Buffer, parts: Parts): Promise<Answer> {
  const found = ROUTES[path.replace('/toy/', '')]
  return found ? found.answer(body, parts) : { status: 404, body: { code: 'no-such-route' } }
}
