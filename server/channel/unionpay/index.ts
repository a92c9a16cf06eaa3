import { type Channel, type ChannelPayer, ChannelUnavailable, type Clock, type Means } from '../../flow/ports'
import { unionPayClient } from './client'
import { notices } from './notices'
import { JUMPS, payments } from './payments'
import { refunds } from './refunds'
import { MER_ID, type UnionPayConfig } from './schema'
import { statements } from './statement'
import { timeOf } from './time'

export type { UnionPayConfig } from './schema'

/** `dir`: where its statements are kept. */
export type UnionPayOptions = UnionPayConfig & { clock: Clock; dir: string }

/**
 * UnionPay (云闪付 and the banks' apps of its kind) by ACP 5.1.0, which it was decided on in docs/decisions/0044: the payer pays in its
 * app, or in its mini-program to which ours jumps.
 */
export function unionPayChannel(
  options: UnionPayOptions,
  client = unionPayClient(options),
): Channel & { stop(): Promise<void> } {
  const { timeoutMs, payWithinMs, dailyPerPayerFen, clock, merId } = options
  const pay = payments(client, options)
  return {
    name: 'unionpay',
    needs: 'unionpay',
    // UnionPay moves what the payer pays to the merchant, and nothing else: there is no leg for a subsidy.
    carriesDiscount: false,
    jumps: options.miniProgram !== null,
    // No pay can be on its way after its deadline; what nobody has seen after two of them is closed: a question, a reversal, a question.
    limits: { firstQueryMs: timeoutMs + 1_000, closeAfterMs: 4 * timeoutMs, payWithinMs, dailyPerPayerFen },
    async means(payer, { walletAccounts }): Promise<Means> {
      const merchant = walletAccounts.unionpay
      if (merchant === undefined || !MER_ID.test(merchant)) return { kind: 'none', code: 'merchant-not-open' }
      const payerRef = await payerRefOf(payer, options)
      return payerRef === undefined
        ? { kind: 'none', code: 'identity-not-found' }
        : { kind: 'means', payerRef, accounts: { payer: payerRef, merchant, gl: null } }
    },
    takesAccount: (account) => MER_ID.test(account),
    ...pay,
    refunds: refunds(client, pay.query, options),
    notices: notices(client),
    statements: statements(client, options),
    async ping() {
      const asked = { orderId: 'PING0000', txnTime: timeOf(clock.now()) }
      const reply = await client.exchange('query', {
        txnType: '00',
        txnSubType: '00',
        bizType: '000000',
        ...asked,
        merId,
      })
      if (reply.kind === 'failed') throw new ChannelUnavailable(`ping: ${reply.code}`)
      if (reply.respCode !== '34') throw new ChannelUnavailable(`ping: respCode ${reply.respCode}`)
    },
    stop: client.stop,
  }
}

/** As its app told; or who came by our mini-program in WeChat, from where they can jump: there whatever app they know besides. */
async function payerRefOf(
  { identity, platform }: ChannelPayer,
  { miniProgram }: UnionPayConfig,
): Promise<string | undefined> {
  const [known] = platform === 'weapp' && miniProgram ? [] : await identity('unionpay')
  if (known) return known.subject
  const inWechat = miniProgram && (await identity('wechat')).find(({ appId }) => appId === miniProgram.from)
  return inWechat ? JUMPS + inWechat.subject : undefined
}
