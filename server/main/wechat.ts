import { setTimeout as sleep } from 'node:timers/promises'
import { payerOf, payerRef } from '../channel/wechatpay/action'
import type { Config } from '../config'
import { keysFor, type MasterKeys, masterKeysOf } from '../domain/key-ring'
import type { DeliverDeps } from '../flow/payment/deliver'
import type { Clock, MessageDesk, Random, Shared } from '../flow/ports'
import { wechatCalls } from '../wechat/call'
import { wechatDeliveries } from '../wechat/delivery'
import { wechatMessages } from '../wechat/messages'
import { type PlatformToken, stableToken } from '../wechat/token'

/** WeChat's own interfaces, beside log-in and payment: main's part that builds what goes by the app's token. */

export interface AroundWechat {
  ports: { shared: Shared }
  clock: Clock
  random: Random
}

type App = NonNullable<Config['wechat']['weapp']>

/** The token of an app, one of all our processes. */
export function tokenOf(app: App, { ports, clock, random }: AroundWechat, masters: MasterKeys): PlatformToken {
  const sealKey = keysFor('platform token', masters).current.key
  return stableToken({ ...app, shared: ports.shared, sealKey, clock, random, pause: sleep })
}

/** The mini-program's desks, each null where it isn't configured. Nobody pays in it without WeChat Pay. */
export function weappDesks(
  { wechat: { weapp, message }, channels, ...config }: Config,
  around: AroundWechat,
): { deliveries: Pick<DeliverDeps, 'desk' | 'payerRefPrefix'> | null; messages: MessageDesk | null } {
  if (!weapp) return { deliveries: null, messages: null }
  const { appId } = weapp
  const call = wechatCalls(weapp, tokenOf(weapp, around, masterKeysOf(config)))
  const desk = wechatDeliveries(call, (ref) => payerOf({ payerRef: ref }).openId)
  return {
    deliveries: channels.wechatpay ? { desk, payerRefPrefix: payerRef(appId, '') } : null,
    messages: message && wechatMessages(call, { appId, ...message }),
  }
}
