import type { AgreementList, OrderView, QuoteView, Session, SignView, SmallTermsView } from '../../server/http/contract'
import type { Answer } from '../ask'
import { eventually } from '../system'
import type { PilotHouse } from './house'

/** A payer of the pilot, who has bound an account and lets small amounts go without a code. */
export interface Guest {
  /** the figures for this much at this merchant */
  quote(merchantCode: string, amountFen: number): Promise<QuoteView>
  /** quotes and pays; the order as the bank's first answer left it */
  order(merchantCode: string, amountFen: number): Promise<OrderView>
  /** walks away from one that the bank asks about */
  leave(orderNo: string): Promise<OrderView>
  /** the order once it has ended */
  ended(orderNo: string): Promise<OrderView>
}

const LARGEST_SMALL_FEN = 20_000

/** Logs in by WeChat, binds an account with the bank's code, and allows small amounts with another. */
export async function guestOf(house: PilotHouse, person: string, number: number): Promise<Guest> {
  const { system } = house
  const code = house.weappCode(person)
  const { body: session } = await asked<Session>(
    system.call('POST', '/api/session', { body: { platform: 'weapp', code } }),
  )
  const { token } = session
  const post = <T>(path: string, body: object, headers?: Record<string, string>) =>
    asked<T>(system.call('POST', path, { token, body, headers })).then((answer) => answer.body)
  const get = <T>(path: string) => asked<T>(system.call('GET', path, { token })).then((answer) => answer.body)
  const proven = async ({ signNo }: SignView) =>
    post<SignView>(`/api/agreements/${signNo}/confirm`, { proof: await system.bank.code(signNo) })

  const account = `62220212345${String(number).padStart(8, '0')}`
  const phone = `138${String(number).padStart(8, '0')}`
  await proven(await post<SignView>('/api/agreements', { account, name: `顾客${number}`, phone }))
  const [agreement] = (await get<AgreementList>('/api/agreements')).items
  const { version, sha256 } = await get<SmallTermsView>('/api/small-amount-terms')
  const small = { maxFen: LARGEST_SMALL_FEN, perDay: 5, terms: { version, sha256 } }
  await proven(await post<SignView>(`/api/agreements/${agreement!.agreementId}/small-amount`, small))

  let keys = 0
  const quote = (merchantCode: string, amountFen: number) =>
    post<QuoteView>('/api/quotes', { merchantCode, amountFen, channel: 'bank' })
  return {
    quote,
    async order(merchantCode, amountFen) {
      const { quoteId } = await quote(merchantCode, amountFen)
      return post<OrderView>('/api/orders', { quoteId }, { 'Idempotency-Key': `pilot-${person}-${++keys}-0000` })
    },
    leave: (orderNo) => post<OrderView>(`/api/orders/${orderNo}/close`, {}),
    ended: (orderNo) =>
      eventually(async () => {
        const order = await get<OrderView>(`/api/orders/${orderNo}`)
        return order.state === 'paying' ? undefined : order
      }),
  }
}

/** @throws for whatever is no success: a pilot's script makes no mistakes */
async function asked<T>(answer: Promise<Answer>): Promise<Answer<T>> {
  const { status, body, headers } = await answer
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`)
  return { status, headers, body: body as T }
}
