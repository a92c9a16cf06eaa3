import type { MerchantSession, OrderView, RefundView } from '../server/http/contract'
import type { Rng } from './random'
import { asked, type Till } from './till'
import type { Verdict } from './verdict'

/** Refusals that follow from several refunds of one order at once. */
const EXPECTED = new Set(['refund-above-paid', 'too-many-refunds'])

/** Whoever refunds has logged in within fifteen minutes (server/http/actor.ts). */
const RENEW_MS = 5 * 60_000

/** The merchants' side: refunds of paid orders, in full or in parts, asked for once or twice under one key. */
export class MerchantDesk {
  private readonly tokens = new Map<string, { token: string; until: number }>()

  constructor(
    private readonly till: Till,
    private readonly verdict: Verdict,
  ) {}

  async refund(draw: Rng, order: OrderView): Promise<void> {
    const token = await this.logIn(draw, order.merchantCode)
    if (!token) return
    const inFull = draw.chance(40)
    let left = order.payableFen
    for (let part = 1; left > 0 && part <= (inFull ? 1 : 3); part++) {
      const amountFen = inFull ? left : draw.between(1, left)
      left -= amountFen
      await this.ask(draw, token, order, { amountFen, key: `chaos-refund-${part}-of-${order.orderNo}` })
    }
    // More than is left must be refused, whatever is on its way.
    if (draw.chance(10))
      await this.ask(draw, token, order, { amountFen: order.payableFen + 1, key: `chaos-above-${order.orderNo}` })
  }

  private async ask(
    draw: Rng,
    token: string,
    order: OrderView,
    { amountFen, key }: { amountFen: number; key: string },
  ) {
    const { client, told } = this.till
    const path = `/api/merchant/orders/${order.orderNo}/refunds`
    const once = () =>
      asked(this.till, draw, (bff) => client.call<RefundView>(bff, 'POST', path, { token, key, body: { amountFen } }))
    const answers = await Promise.all(Array.from({ length: draw.chance(25) ? 2 : 1 }, once))
    const numbers = new Set<string>()
    for (const answer of answers) {
      if (!answer) told.count('refunds given up')
      else if (answer.kind === 'ok') {
        numbers.add(answer.body.refundNo)
        told.refund(answer.body)
      } else {
        const sample = EXPECTED.has(answer.code) ? undefined : `${order.orderNo}: ${answer.code}`
        this.verdict.look('HTTP', 'a refund is refused only for what the merchant did', sample)
      }
    }
    const sample = numbers.size > 1 ? [...numbers].join(', ') : undefined
    this.verdict.look('I6', 'taps under one key are one refund', sample)
  }

  private async logIn(draw: Rng, merchantCode: string): Promise<string | undefined> {
    const known = this.tokens.get(merchantCode)
    if (known && known.until > Date.now()) return known.token
    const body = { platform: 'browser', code: `merchant-${merchantCode}` }
    const { client } = this.till
    const answer = await asked(this.till, draw, (bff) =>
      client.call<MerchantSession>(bff, 'POST', '/api/merchant/session', { body }),
    )
    if (answer?.kind !== 'ok') return undefined
    this.tokens.set(merchantCode, { token: answer.body.token, until: Date.now() + RENEW_MS })
    return answer.body.token
  }
}
