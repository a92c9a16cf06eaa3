import { type Channel, ChannelUnavailable, type Clock, type Means, type Merchant, NOT_FOUND } from '../../flow/ports'
import { alipayClient } from './client'
import { notices } from './notices'
import { unknownOf } from './outcome'
import { BY_PAGE, payments } from './payments'
import { refunds } from './refunds'
import { ACCOUNT, type AlipayConfig } from './schema'
import { statements } from './statements'

export type { AlipayConfig } from './schema'

/** `dir`: where its bills are kept. */
export type AlipayOptions = AlipayConfig & { clock: Clock; dir: string }

/** A number that nobody ever gave an order: what comes of it doesn't matter, but that Alipay answers and knows us. */
const NOBODYS = 'PING00000000'

/** Payments by Alipay (支付宝), each merchant a sub-merchant of the bank's own account (docs/decisions/0043). */
export function alipayChannel(
  options: AlipayOptions,
  client = alipayClient(options),
): Channel & { stop(): Promise<void> } {
  const { appId, timeoutMs, payWithinMs, dailyPerPayerFen } = options
  return {
    name: 'alipay',
    needs: 'browser',
    // The wallet moves what the payer pays to the merchant, and nothing else: there is no leg for a subsidy.
    carriesDiscount: false,
    // A refund refused and a close refused ask once more, so a verb has two deadlines.
    limits: { firstQueryMs: 2 * timeoutMs + 1_000, closeAfterMs: 4 * timeoutMs, payWithinMs, dailyPerPayerFen },
    async means({ payerId, identity }, merchant: Merchant): Promise<Means> {
      const account = merchant.walletAccounts.alipay
      if (account === undefined) return { kind: 'none', code: 'merchant-not-open' }
      // Only our app's name of them is one that it may be told.
      const known = (await identity('alipay')).find((one) => one.appId === appId)?.subject ?? BY_PAGE
      return {
        kind: 'means',
        payerRef: known,
        accounts: { payer: known === BY_PAGE ? payerId : known, merchant: account, gl: null },
      }
    },
    ...payments(client, options),
    takesAccount: (account) => ACCOUNT.test(account),
    refunds: refunds(client),
    notices: notices(options),
    statements: statements(client, options),
    async ping() {
      const reply = await client.exchange('alipay.trade.query', { out_trade_no: NOBODYS })
      if (unknownOf(reply) !== NOT_FOUND) throw new ChannelUnavailable(`ping: ${unknownOf(reply)}`)
    },
    stop: client.stop,
  }
}
