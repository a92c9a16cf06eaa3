import type { QuoteView } from '../server/http/contract'
import type { Payer } from './payers'
import { type Compared, compare } from './rounds'
import { measure, type Subject } from './subject'

const WORKERS = 50

/**
 * (b) `POST /api/quotes` of the real BFF beside a bare Koa route that makes one Redis GET: the same request, client,
 * connections and Redis. Twenty payers at each merchant quote again and again, as people do who type; each holds a card.
 */
export async function quotes(
  bff: Subject,
  floor: Subject,
  payers: readonly Payer[],
  options: { rounds: number; forMs: number },
): Promise<Compared> {
  const limit = { forMs: options.forMs, atMost: Number.POSITIVE_INFINITY }
  let next = 0
  const request = () => {
    const i = next++ % payers.length
    const merchantCode = `M${String(1 + Math.floor(i / 20)).padStart(4, '0')}`
    return { payer: payers[i]!, body: { merchantCode, amountFen: 1_000 + (next % 9_000), channel: 'bank' } }
  }
  const ours = () =>
    measure(bff, WORKERS, limit, async () => {
      const { payer, body } = request()
      const quote = await bff.post<QuoteView>('/api/quotes', body, payer.headers)
      if (quote.reason !== null) throw new Error(`quotes: no card, ${quote.reason}`)
    })
  const bare = () =>
    measure(floor, WORKERS, limit, async () => {
      const { payer, body } = request()
      await floor.post('/bare', body, payer.headers)
    })
  return compare(options.rounds, ours, bare)
}
