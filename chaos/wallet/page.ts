import { actAtCashier } from '../../harness/alipay'
import { actAtUnionPay } from '../../harness/unionpay'
import { actInWechat } from '../../harness/wechatpay'
import type { OrderView } from '../../server/http/contract'
import { pause } from '../part'
import type { Rng } from '../random'

/** What a payer does at the wallet's own page. Nobody but the wallet hears of it. */
export type PageAct = 'confirm' | 'cancel' | 'wrong-password'

/** So long a page that is away is called again, ms; then its payer walks away. */
const PATIENCE_MS = 6_000

/** Answers what the page then said; undefined: it was away. */
export async function actAtWallet(
  order: OrderView,
  person: string,
  act: PageAct,
  draw: Rng,
): Promise<string | undefined> {
  const { action, channel } = order
  if (!action) return undefined
  const { params } = action
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until; await pause(draw.between(200, 600)))
    try {
      if (channel === 'wechatpay') return await actInWechat({ params }, act)
      if (channel === 'alipay') return await actAtCashier(params.url!, act, person)
      return await actAtUnionPay(params.url!, act, person)
    } catch {
      // it is away, or being slow: the payer looks again
    }
  return undefined
}
