import {
  type Channel,
  type ChannelPayer,
  ChannelUnavailable,
  type Clock,
  type Means,
  type Merchant,
  type Random,
} from '../../flow/ports'
import { payerRef } from './action'
import { refusalOf, wechatpayClient } from './client'
import { notices } from './notices'
import { payments } from './payments'
import { receipts } from './receipts'
import { refunds } from './refunds'
import type { WechatpayConfig } from './schema'
import { statements } from './statements'

export type WechatpayOptions = WechatpayConfig & { clock: Clock; random: Random; dir: string }

/** A number that nobody has: whoever answers that there is none knows us, and is there. */
const NOBODYS = 'FAPAI-PING'

/**
 * WeChat Pay, API v3, in the service provider's mode (服务商): payers pay in WeChat, the sub-merchant is credited. Facts and their sources are
 * in docs/decisions/0042.
 */
export function wechatpayChannel(
  options: WechatpayOptions,
  client = wechatpayClient(options),
): Channel & { stop(): Promise<void> } {
  const { mchId, appIds, timeoutMs, payWithinMs, dailyPerPayerFen } = options
  return {
    name: 'wechatpay',
    needs: 'wechat',
    // It moves what the payer pays to the merchant, and nothing else: there is no leg for a subsidy.
    carriesDiscount: false,
    // No prepay can be on its way after its deadline; what nobody has seen after four of them is closed: a close may be four calls.
    limits: { firstQueryMs: timeoutMs + 1_000, closeAfterMs: 4 * timeoutMs, payWithinMs, dailyPerPayerFen },
    means: (payer, merchant) => meansOf(appIds, payer, merchant),
    ...payments(client, options),
    refunds: refunds(client, options),
    notices: notices(client, options),
    statements: statements(client, options),
    ...(options.apiV2Key !== null && { receipts: receipts(options.apiV2Key, options.frameOrigin) }),
    async ping() {
      const path = `/v3/pay/partner/transactions/out-trade-no/${NOBODYS}?sp_mchid=${mchId}&sub_mchid=${mchId}`
      const reply = await client.exchange('GET', path)
      if (reply.kind === 'failed') throw new ChannelUnavailable(`ping: ${reply.code}`)
      const code = refusalOf(reply)
      // The sub-merchant may be none of ours: that too is said by who knows us.
      if (reply.status === 401) throw new ChannelUnavailable(`ping: ${code}`)
    },
    stop: client.stop,
  }
}

async function meansOf(appIds: readonly string[], payer: ChannelPayer, merchant: Merchant): Promise<Means> {
  const account = merchant.walletAccounts.wechatpay
  if (account === undefined) return { kind: 'none', code: 'merchant-not-open' }
  const known = await payer.identity('wechat')
  const one = known.find(({ appId }) => appIds.includes(appId))
  if (!one) return { kind: 'none', code: 'identity-not-found' }
  const accounts = { payer: one.subject, merchant: account, gl: null }
  return { kind: 'means', payerRef: payerRef(one.appId, one.subject), accounts }
}
