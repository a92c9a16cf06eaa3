import { z } from 'zod'
import type { Book } from './book'
import { type Faults, faultList } from './faults'
import { FILE_FAULTS, type Files } from './file'
import type { Fields } from './keys'
import { type Notices, noticeWay, TWISTS } from './notices'
import type { People } from './people'

/** What the sandbox's UnionPay is made of, for its own routes. */
export interface Hands {
  book: Book
  people: People
  faults: Faults
  notices: Notices
  files: Files
  /** what is told of a trade that succeeded, and where to */
  news(orderId: string): { fields: Fields; backUrl: string } | undefined
}

const route =
  <T>(schema: z.ZodType<T>, run: (value: T, hands: Hands) => unknown) =>
  (body: unknown, hands: Hands) => {
    const value = schema.safeParse(body)
    return value.success
      ? { status: 200, body: Promise.resolve(run(value.data, hands)) }
      : { status: 400, body: Promise.resolve({ code: 'invalid-request', detail: value.error.message }) }
  }

const orderId = z.string()
const questions = z.int().min(0).max(1_000_000)

/** `POST /sandbox/<name>`: how a test, or a person who tries things out, tells UnionPay what to do. Unsigned; this machine's alone. */
const ROUTES: Record<string, ReturnType<typeof route<never>>> = {
  faults: route(faultList, (list, { faults }) => faults.set(list)),
  struck: route(z.null(), (_, { faults }) => faults.struck()),
  /** how many questions a payment, a refund takes to settle, how refunds end, whether what isn't paid can be reversed */
  ways: route(
    z
      .object({ payment: questions, refund: questions })
      .extend({ refundFate: z.enum(['done', 'abnormal']), reversals: z.enum(['taken', 'refused']) })
      .partial(),
    ({ payment, refund, refundFate, reversals }, { book }) => {
      if (payment !== undefined) book.slowness.payment = payment
      if (refund !== undefined) book.slowness.refund = refund
      book.refundFate = refundFate ?? book.refundFate
      book.reversals = reversals ?? book.reversals
    },
  ),
  /** what is processing comes to its end now */
  settle: route(z.object({ orderId }), ({ orderId: of }, { book }) => {
    const [payment, refund] = [book.payments.get(of), book.refunds.get(of)]
    if (payment) book.settle(payment)
    if (refund) book.settleRefund(refund)
  }),
  notices: route(noticeWay, (way, { notices }) => notices.tell(way)),
  sent: route(z.null(), (_, { notices }) => notices.sent),
  /** sends one now, twisted, and answers what the platform said */
  notify: route(
    z.object({ orderId, twist: z.enum(TWISTS).default('none'), url: z.string().optional() }),
    ({ orderId: of, twist, url }, { notices, news }) => {
      const found = news(of)
      return found ? notices.send(url ?? found.backUrl, found.fields, twist) : null
    },
  ),
  balance: route(z.object({ account: z.string(), fen: z.int().optional() }), ({ account, fen }, { book }) => {
    if (fen !== undefined) book.setBalance(account, fen)
    return book.balance(account)
  }),
  total: route(z.null(), (_, { book }) => book.total()),
  payments: route(z.null(), (_, { book }) => [...book.payments.values()]),
  refunds: route(z.null(), (_, { book }) => [...book.refunds.values()]),
  cut: route(z.null(), (_, { files }) => files.cut()),
  files: route(z.array(z.enum(FILE_FAULTS)), (list, { files }) => {
    files.faults = list
  }),
}

export function adminAnswer(path: string, body: unknown, hands: Hands): { status: number; body: Promise<unknown> } {
  const found = ROUTES[path.replace('/sandbox/', '')]
  return found ? found(body, hands) : { status: 404, body: Promise.resolve({ code: 'no-such-route' }) }
}
