import { type ChannelName, OWN_CHANNEL } from '../domain/channel'
import type { Channel, Channels, Clock, Random } from '../flow/ports'
import { type AlipayConfig, alipayChannel } from './alipay'
import { type BankChannelConfig, bankChannel } from './bank'
import { withBreaker } from './breaker'
import { withPlaces } from './places'
import { type UnionPayConfig, unionPayChannel } from './unionpay'
import { type WatchCall, watched } from './watched'
import { wechatpayChannel } from './wechatpay'
import type { WechatpayConfig } from './wechatpay/schema'

/** What each channel needs to be told, by its name; server/config.ts reads it. One that is absent isn't opened. */
export interface ChannelConfigs {
  bank: BankChannelConfig
  alipay?: AlipayConfig | undefined
  unionpay?: UnionPayConfig | undefined
  wechatpay?: WechatpayConfig | undefined
}

/** What every channel is given besides. */
export interface Around {
  clock: Clock
  /** never jumps; for what waits */
  monotonic: Clock
  random: Random
  /** a folder for its statements */
  dir: string
  /** what time the channel says it is, ms */
  onTime?(name: ChannelName, at: number): void
  /** the number under which we log what is under way: sent along where a protocol has a place for it */
  requestId?(): string | undefined
  /** the number under which the other side says that it logs it */
  onTheirs?(number: string): void
}

export type OpenChannel = Channel & {
  /** Waits for the calls in flight and closes the connections. */
  stop(): Promise<void>
}
/** Null: the house has no such channel. */
export type Maker = (configs: ChannelConfigs, around: Around) => OpenChannel | null
export type Makers = Readonly<Partial<Record<ChannelName, Maker>>>

/** Every channel of this house. A new one is a folder beside this file and a line here (CONTRIBUTING.md). */
export const MAKERS: Makers = {
  bank: ({ bank }, { onTime, ...around }) =>
    bankChannel({ ...bank, ...around, onTime: (at) => onTime?.(OWN_CHANNEL, at) }),
  alipay: ({ alipay }, around) => (alipay ? alipayChannel({ ...alipay, ...around }) : null),
  unionpay: ({ unionpay }, around) => (unionpay ? unionPayChannel({ ...unionpay, ...around }) : null),
  wechatpay: ({ wechatpay }, around) => (wechatpay ? wechatpayChannel({ ...wechatpay, ...around }) : null),
}

/**
 * Of the requests that may be under way, as many more may wait for each channel: a crowd at a counter pays at once, and all channels
 * together hold no more than the rest of the house.
 */
const PLACES_SHARE = 1 / 4

/**
 * Opens those that are configured, each with a breaker and with places of its own above it. `requests`: how many may be under way;
 * `onBreaker`: one opened or closed; `watch`: sees every call; `waiting`: of each, how many people's requests wait for it.
 */
export function openChannels(
  makers: Makers,
  configs: ChannelConfigs,
  around: Around & { requests: number; onBreaker?(name: ChannelName, open: boolean): void; watch?: WatchCall },
): { channels: Channels; waiting(): { channel: ChannelName; calls: number }[]; stop(): Promise<void> } {
  const { onBreaker, requests, watch, ...rest } = around
  const open = Object.values(makers).flatMap((make) => make(configs, rest) ?? [])
  const guarded = open.map((channel) =>
    withPlaces(
      withBreaker(watch ? watched(channel, watch) : channel, {
        clock: rest.monotonic,
        onChange: (is) => onBreaker?.(channel.name, is),
      }),
      Math.ceil(requests * PLACES_SHARE),
    ),
  )
  return {
    channels: new Map(guarded.map((channel) => [channel.name, channel])),
    waiting: () => guarded.map(({ name, waiting }) => ({ channel: name, calls: waiting() })),
    stop: async () => void (await Promise.all(open.map((channel) => channel.stop()))),
  }
}
