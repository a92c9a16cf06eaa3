import type { OpenChannel } from '../../../server/channel'
import type { ChannelName } from '../../../server/domain/channel'
import { ChannelUnavailable, type Clock, type Merchant, type Random } from '../../../server/flow/ports'
import { toyClient } from './client'
import { notices } from './notices'
import { payments } from './payments'
import { refunds } from './refunds'
import type { ToyConfig } from './schema'
import { statements } from './statements'

/** `name`: the wallet it stands in for, since the product's list of channels has no toy. `dir`: where its bills are kept. */
export type ToyOptions = ToyConfig & { name: ChannelName; clock: Clock; random: Random; dir: string }

export function toyChannel(options: ToyOptions, client = toyClient(options)): OpenChannel {
  const { name, timeoutMs, payWithinMs, dailyPerPayerFen } = options
  return {
    name,
    needs: 'anywhere',
    // The wallet moves what the payer pays to the merchant, and nothing else: there is no leg for a subsidy.
    carriesDiscount: false,
    // No pay can be on its way after its deadline; what nobody has seen after two of them is closed.
    limits: { firstQueryMs: timeoutMs + 1_000, closeAfterMs: 2 * timeoutMs, payWithinMs, dailyPerPayerFen },
    means: async ({ payerId }, { walletAccounts }: Merchant) => {
      const merchant = walletAccounts[name]
      if (!merchant) return { kind: 'none', code: 'merchant-not-open' }
      return { kind: 'means', payerRef: payerId, accounts: { payer: payerId, merchant, gl: null } }
    },
    ...payments(client),
    refunds: refunds(client),
    notices: notices(options),
    statements: statements(client, options),
    async ping() {
      const reply = await client.exchange('GET', '/v1/ping')
      if (reply.kind === 'failed') throw new ChannelUnavailable(`ping: ${reply.code}`)
      if (reply.status !== 200) throw new ChannelUnavailable(`ping: status ${reply.status}`)
    },
    stop: client.stop,
  }
}
