import { randomBytes } from 'node:crypto'
import type { Order } from '../../server/domain/order'
import type { AgreementDesk, Channel, SignedAgreement, SignRequest } from '../../server/flow/ports'
import { orderOf, somebody } from './channel-contract'

/** The bank that asks its payers, with a hand on its clock and an eye on their telephones. */
export interface AskingUnderTest {
  channel: Channel
  /** so much later, ms */
  pass(ms: number): void
  /** the code in the last text about an order or a signing */
  code(number: string): Promise<string>
  /** the next pay or signing is asked about on the bank's own page; of a pay, though a small amount covers it, by text */
  ask(verb: 'pay' | 'sign', way: 'sms' | 'redirect'): Promise<void>
  /** the next call of the verb is done, and its answer lost */
  loseReply(verb: 'confirm' | 'sign' | 'end'): Promise<void>
  balance(account: string): Promise<number>
  stop(): Promise<void>
}

export const MINUTE = 60_000
export const SUCCEEDED = { kind: 'succeeded', channelTradeNo: expect.any(String) }
export const PENDING = { kind: 'pending' }

const digits = (count: number) => Array.from(randomBytes(count), (byte) => byte % 10).join('')
export const newNo = () => `S${randomBytes(8).toString('hex').toUpperCase()}`
/** A code of six digits that isn't that one. */
export const not = (code: string, nth = 1) => String((Number(code) + nth) % 1_000_000).padStart(6, '0')

/** Somebody's request to sign an account of their own. */
export function asked(more: Partial<SignRequest> = {}): SignRequest {
  const holder = { account: `6217${digits(15)}`, name: '王小满', phone: `138${digits(8)}` }
  return { signNo: newNo(), payerId: somebody(), ...holder, returnTo: null, ...more }
}

/** What a payer does at such a bank. `on`: it is there when they do. */
export function payerAt(on: () => AskingUnderTest) {
  const channel = () => on().channel
  const desk = (): AgreementDesk => channel().agreements!
  async function challengeOf(request: SignRequest): Promise<string> {
    const said = await desk().sign(request)
    if (said.kind !== 'action') throw new Error(JSON.stringify(said))
    return said.action.params.challengeId!
  }
  async function signed(request = asked()): Promise<SignedAgreement> {
    const challengeId = await challengeOf(request)
    const said = await desk().confirm(request.signNo, { challengeId, proof: await on().code(request.signNo) })
    if (said.kind !== 'signed') throw new Error(JSON.stringify(said))
    return said.agreement
  }
  return {
    desk,
    challengeOf,
    signed,
    order: async (agreement?: SignedAgreement, amountFen?: number) =>
      orderOf(channel(), somebody(), {
        agreement: agreement ?? (await signed()),
        ...(amountFen !== undefined && { amountFen, discountFen: 0 }),
      }),
    confirm: (one: Order, challengeId: string, proof: string) => channel().confirm!(one, { challengeId, proof }),
    /** Pays, and is asked: by which challenge. */
    async opened(one: Order): Promise<string> {
      const { action } = await channel().pay(one)
      return action!.params.challengeId!
    },
    untouched: async (one: Order) => expect(await on().balance(one.accounts.merchant)).toBe(0),
  }
}
