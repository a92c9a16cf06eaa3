import { z } from 'zod'
import type { Answer } from './answer'
import { BILL_FAULTS } from './bill'
import { viewOf } from './calls'
import { faultList } from './faults'
import { type News, noticeWay, TWISTS } from './notices'
import type { Parts } from './parts'
import { refundNews } from './views'
import { PASSWORD } from './wallet'

const route = <T>(schema: z.ZodType<T>, run: (value: T, parts: Parts) => unknown) => ({
  async answer(body: Buffer, parts: Parts): Promise<Answer> {
    const value = schema.safeParse(JSON.parse(body.toString('utf8') || 'null'))
    if (!value.success) return { status: 400, body: { code: 'invalid-request', detail: value.error.message } }
    return { status: 200, body: (await run(value.data, parts)) ?? null }
  },
})

const number = z.string()
const questions = z.int().min(0).max(1_000_000)

/** `POST /sandbox/admin/<name>`: how a test, or a person who tries things out, tells WeChat Pay what to do. */
const ROUTES: Record<string, ReturnType<typeof route<never>>> = {
  faults: route(faultList, (list, { faults }) => faults.set(list)),
  struck: route(z.null(), (_, { faults }) => faults.struck()),
  /** how many questions a payment, a refund takes to be seen from now on, how refunds end, and what WeChat gives towards payments */
  ways: route(
    z
      .object({
        payment: questions,
        refund: questions,
        refundFate: z.enum(['SUCCESS', 'ABNORMAL', 'CLOSED']),
        couponFen: questions,
        signing: z.enum(['public-key', 'certificate']),
      })
      .partial(),
    ({ refundFate, couponFen, signing, ...slowness }, { wallet, signer }) => {
      Object.assign(wallet.slowness, slowness)
      Object.assign(wallet, { ...(refundFate && { refundFate }), ...(couponFen !== undefined && { couponFen }) })
      if (signing) signer.signing = signing
    },
  ),
  /** what is under way comes to its end now; a refund that failed, as an operator has settled it */
  settle: route(z.object({ number }), ({ number: of }, { wallet }) => {
    const [prepay, refund] = [wallet.prepays.get(of), wallet.refunds.get(of)]
    if (prepay) wallet.settle(prepay)
    if (refund?.status === 'ABNORMAL') Object.assign(refund, { status: 'PROCESSING', fate: 'SUCCESS' })
    if (refund) wallet.settleRefund(refund)
  }),
  /** the person confirms, wherever they are */
  confirm: route(z.object({ number }), ({ number: of }, { wallet }) => {
    const prepay = wallet.prepays.get(of)
    return prepay ? wallet.confirm(prepay, PASSWORD) : null
  }),
  notices: route(noticeWay, (way, { notices }) => notices.tell(way)),
  sent: route(z.null(), (_, { notices }) => notices.sent),
  /** sends one now, twisted, and answers what the platform said */
  notify: route(
    z.object({ url: z.url(), number, twist: z.enum(TWISTS).default('none') }),
    ({ url, number: of, twist }, parts) => {
      const news = newsOf(parts, of)
      return news ? parts.notices.send(url, news, twist) : null
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
  bill: route(
    z.object({ fault: z.enum(BILL_FAULTS), creating: z.boolean().default(false) }),
    (told, { bills }) => void Object.assign(bills, told),
  ),
}

export async function adminAnswer(path: string, body: Buffer, parts: Parts): Promise<Answer> {
  const found = ROUTES[path.replace('/sandbox/admin/', '')]
  return found ? found.answer(body, parts) : { status: 404, body: { code: 'no-such-route' } }
}

/** What is to be told of a number; undefined while nothing of it is definite. */
export function newsOf({ wallet }: Pick<Parts, 'wallet'>, number: string): News | undefined {
  const [prepay, refund] = [wallet.prepays.get(number), wallet.refunds.get(number)]
  if (prepay)
    return prepay.state === 'paid'
      ? { number, url: prepay.request.notify_url, event: 'TRANSACTION.SUCCESS', facts: viewOf({ wallet }, prepay) }
      : undefined
  if (!refund || refund.status === 'PROCESSING' || !refund.request.notify_url) return undefined
  const facts = refundNews(refund, wallet.prepays.get(refund.request.out_trade_no)!)
  return { number, url: refund.request.notify_url, event: `REFUND.${refund.status}`, facts }
}
