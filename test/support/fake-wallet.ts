import { toyChannel } from '../../harness/toy-wallet/channel'
import type { Exchange, ToyClient } from '../../harness/toy-wallet/channel/client'
import { generateToyKeys } from '../../harness/toy-wallet/channel/sign'
import { Bills } from '../../harness/toy-wallet/server/bill'
import type { Verb } from '../../harness/toy-wallet/server/faults'
import { callOf } from '../../harness/toy-wallet/server/routes'
import { PASSWORD, type Prepay, Wallet } from '../../harness/toy-wallet/server/wallet'
import { type ChannelName, channelNo, type PayerAction } from '../../server/domain/channel'
import type { Channel, ChannelLimits, Clock } from '../../server/flow/ports'

/** What happens to one call. */
export type WalletMishap =
  | { kind: 'lose-request'; code: 'not-sent' | 'connection-lost' }
  | { kind: 'lose-reply'; code: 'timeout' | 'bad-signature' }

export interface FakeWallet {
  channel: Channel
  wallet: Wallet
  /** Queues a mishap for the next call of a verb. */
  next(verb: Verb, mishap: WalletMishap): void
  /** Drops all that no call has met yet. */
  forget(): void
  prepay(orderNo: string): Prepay | undefined
  /** What a person does with what they were asked to do. */
  confirm(action: PayerAction, password?: string): void
}

export const WALLET_LIMITS: ChannelLimits = {
  firstQueryMs: 6_000,
  closeAfterMs: 10_000,
  payWithinMs: 60_000,
  dailyPerPayerFen: 50_000,
}

const KEYS = generateToyKeys()

/** The toy wallet's channel and its books without a network between them. */
export function fakeWallet(clock: Clock, name: ChannelName, limits: Partial<ChannelLimits> = {}): FakeWallet {
  const wallet = new Wallet(clock.now)
  const bills = new Bills(wallet, clock.now)
  const script: { verb: Verb; mishap: WalletMishap }[] = []
  const pageUrl = (prepayId: string) => `http://toy/page/${prepayId}`

  const client: ToyClient = {
    async exchange(method, route, value): Promise<Exchange> {
      const call = callOf(method, route, Buffer.from(JSON.stringify(value ?? null)), pageUrl, bills)
      const at = 'verb' in call ? script.findIndex(({ verb }) => verb === call.verb) : -1
      const mishap = at < 0 ? undefined : script.splice(at, 1)[0]!.mishap
      const failed = (code: WalletMishap['code']): Exchange => ({ kind: 'failed', code, raw: null })
      if (mishap?.kind === 'lose-request') return failed(mishap.code)
      const { status, body } = 'status' in call ? call : call.run(wallet)
      if (mishap) return failed(mishap.code)
      // The books go on changing; what was said doesn't.
      return { kind: 'verified', status, said: structuredClone(body), raw: null }
    },
    sign: () => ({ nonce: '', headers: {} }),
    stop: async () => {},
  }
  const config = {
    baseUrl: 'http://toy',
    privateKey: KEYS.privateKey,
    walletPublicKey: KEYS.publicKey,
    timeoutMs: 5_000,
    payWithinMs: 1,
    dailyPerPayerFen: 1,
    reconcileFromMs: null,
    cutBeforeMs: 0,
  }
  const { notices: _, ...channel } = toyChannel(
    { ...config, name, clock, random: () => new Uint8Array(16), dir: '' },
    client,
  )
  return {
    channel: { ...channel, limits: { ...WALLET_LIMITS, ...limits } },
    wallet,
    next: (verb, mishap) => void script.push({ verb, mishap }),
    forget: () => void script.splice(0),
    prepay: (orderNo) => wallet.prepays.get(channelNo(orderNo)),
    confirm: ({ params }, password = PASSWORD) => void wallet.confirm(params.url!.split('/').at(-1)!, password),
  }
}
