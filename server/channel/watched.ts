import type { ChannelName } from '../domain/channel'
import type { AgreementDesk, Channel, RefundChannel, StatementSource } from '../flow/ports'

/** A call of a channel as those who run the house see it. */
export interface Call {
  channel: ChannelName
  verb: (typeof VERBS)[number]
  /** ours, of the order, refund or request that it is about; null: it is about none */
  number: string | null
}

/** What can be asked of a channel over the wire. */
export const VERBS = [
  'pay',
  'confirm',
  'resend',
  'query',
  'close',
  'refund',
  'query-refund',
  'statement',
  'sign',
  'allow-small',
  'confirm-signing',
  'resend-signing',
  'signing-state',
  'end-agreement',
  'end-small',
  'ping',
] as const

/** What came of it: an outcome's kind, or `done` where an answer has none of these. */
export type CallOutcome = 'succeeded' | 'declined' | 'pending' | 'unknown' | 'done'

/** Makes the call and sees what comes of it; its answer, or what it throws, is passed on. */
export type WatchCall = <T>(call: Call, make: () => Promise<T>, outcomeOf: (answer: T) => CallOutcome) => Promise<T>

const kindOf = ({ outcome }: { outcome: { kind: CallOutcome } }) => outcome.kind
const done = (): CallOutcome => 'done'

/** Which of the verbs this channel has. */
export function verbsOf({ confirm, resend, refunds, statements, agreements }: Channel): Call['verb'][] {
  const has: Partial<Record<Call['verb'], unknown>> = { confirm, resend, refund: refunds, statement: statements }
  const ofPart = (verb: Call['verb']) =>
    /sign|agreement|small/.test(verb) ? agreements : verb === 'query-refund' ? refunds : verb in has ? has[verb] : true
  return VERBS.filter((verb) => ofPart(verb) !== undefined)
}

/** The channel, each call of it watched. */
export function watched<C extends Channel>(channel: C, watch: WatchCall): C {
  const { name, confirm, resend, refunds, statements, agreements } = channel
  const see =
    <A extends unknown[], T>(
      verb: Call['verb'],
      numberOf: (first: A[0], second: A[1]) => string | null,
      run: (...args: A) => Promise<T>,
      outcomeOf: (answer: T) => CallOutcome,
    ) =>
    (...args: A) =>
      watch({ channel: name, verb, number: numberOf(args[0], args[1]) }, () => run(...args), outcomeOf)
  const orderNo = (order: { orderNo: string }) => order.orderNo
  const none = () => null

  const refunding = (part: RefundChannel): RefundChannel => ({
    ...part,
    refund: see('refund', (_, { refundNo }) => refundNo, part.refund, kindOf),
    queryRefund: see('query-refund', (_, { refundNo }) => refundNo, part.queryRefund, kindOf),
  })
  const stating = (part: StatementSource): StatementSource => ({
    ...part,
    fetchStatement: see('statement', none, part.fetchStatement, ({ kind }) =>
      kind === 'fetched' ? 'done' : 'unknown',
    ),
  })
  const signing = (part: AgreementDesk): AgreementDesk => ({
    ...part,
    sign: see('sign', ({ signNo }) => signNo, part.sign, done),
    allowSmall: see('allow-small', ({ signNo }) => signNo, part.allowSmall, done),
    confirm: see('confirm-signing', (signNo) => signNo, part.confirm, done),
    resend: see('resend-signing', (signNo) => signNo, part.resend, done),
    state: see('signing-state', (signNo) => signNo, part.state, done),
    end: see('end-agreement', none, part.end, done),
    endSmall: see('end-small', none, part.endSmall, done),
  })

  return {
    ...channel,
    pay: see('pay', orderNo, channel.pay, kindOf),
    query: see('query', orderNo, channel.query, kindOf),
    close: see('close', orderNo, channel.close, kindOf),
    ping: see('ping', none, channel.ping, done),
    ...(confirm && { confirm: see('confirm', orderNo, confirm, kindOf) }),
    ...(resend && { resend: see('resend', orderNo, resend, done) }),
    ...(refunds && { refunds: refunding(refunds) }),
    ...(statements && { statements: stating(statements) }),
    ...(agreements && { agreements: signing(agreements) }),
  }
}
