import { generateKeyPairSync } from 'node:crypto'
import { ourNo } from '../../server/domain/channel'
import type { Order, Outcome } from '../../server/domain/order'
import type { Channel, ChannelReply } from '../../server/flow/ports'
import type { ChannelMishap } from './counterpart'

/**
 * The wallets' own channels against the books of their sandboxes, without wire and signatures between them: what the channel makes of
 * words, deadlines and silence is the product's, what the wallet does is what the contract suites hold the channel against. Their
 * orders carry cards here, and the branch's part is booked beside them, so that what becomes of a card is looked at in each.
 */

/** Of a payment that its person confirms slowly, and of a refund. */
export const SLOW = 2
/** Short, as the model's time is. */
export const COMMON = {
  ...{
    timeoutMs: 5_000,
    clockToleranceMs: 30_000,
    payWithinMs: 20_000,
    dailyPerPayerFen: 1e9,
    reconcileFromMs: null,
    dir: '',
  },
  // What it signs nobody reads here; a real key is forty times as slow.
  privateKey: generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey,
}
export const WRONG = '000000'

/** The channel with cards, for payers as `payerRef` names them and one merchant. */
export function carrying(channel: Channel, merchant: string, payerRef: (payerId: string) => string): Channel {
  return {
    ...channel,
    carriesDiscount: true,
    means: async ({ payerId }, { glAccount }) => ({
      kind: 'means',
      payerRef: payerRef(payerId),
      accounts: { payer: payerId, merchant, gl: glAccount },
    }),
  }
}

/**
 * Of which orders the channel ever told how they are paid. What it made and told nobody of, as a close that makes the number so as to
 * close it and is cut off between the two, nobody can pay.
 */
export function handedOut(channel: Channel): Set<string> {
  const handed = new Set<string>()
  const { pay, query } = channel
  const heard = async (order: Order, reply: Promise<ChannelReply>) => {
    if ((await reply).action) handed.add(order.orderNo)
    return reply
  }
  channel.pay = (order) => heard(order, pay(order))
  channel.query = (order) => heard(order, query(order))
  return handed
}

/** Numbers of ours, with what moved for each, fen. */
export const moved = <T>(all: Iterable<T>, of: (one: T) => [number: string, fen: number] | undefined) =>
  new Map(
    [...all].flatMap((one) => {
      const found = of(one)
      return found ? [[ourNo(found[0])!, found[1]] as const] : []
    }),
  )

export const succeeded = (channelTradeNo: string): Outcome => ({ kind: 'succeeded', channelTradeNo })

/** Instead of a wire between a wallet's channel and its books: nothing is signed, and what befalls a call is told beforehand. */
export class WalletLine<V extends string> {
  private readonly script: { verb: V; mishap: ChannelMishap }[] = []
  /** numbers of which something was refused: what was not there then never came to be by that request */
  readonly refused = new Set<string>()

  next(verb: V, mishap: ChannelMishap): void {
    this.script.push({ verb, mishap })
  }

  calm(): void {
    this.script.splice(0)
  }

  /** `refused`: what a wallet says that won't do it. */
  send<T>(verb: V, number: string | undefined, run: () => T, refused: T): { heard: T } | { failed: Failed } {
    const at = this.script.findIndex((one) => one.verb === verb)
    switch (at < 0 ? undefined : this.script.splice(at, 1)[0]!.mishap) {
      case 'never-sent':
        return { failed: 'not-sent' }
      case 'lose-request':
        return { failed: 'connection-lost' }
      case 'lose-reply':
        run()
        return { failed: 'timeout' }
      case 'forged-reply':
        run()
        return { failed: 'bad-signature' }
      case 'decline':
        if (number) this.refused.add(number)
        return { heard: refused }
      default:
        return { heard: run() }
    }
  }
}

type Failed = 'not-sent' | 'connection-lost' | 'timeout' | 'bad-signature'

/** The books go on changing; what was said doesn't. */
export const said = (body: unknown): unknown => (body === undefined ? undefined : JSON.parse(JSON.stringify(body)))
