import type { QuoteView } from '../server/http/contract'
import type { Payer } from './payers'
import { type Compared, compare, load, UNTIL_DONE } from './rounds'
import { measure } from './subject'
import type { World } from './world'

const WORKERS = 50

/** A process compiles what it runs often: before some thousands of requests one costs several times as much, however long they take. */
const WARM_UP = 5_000

/**
 * (b) `POST /api/quotes` of the real BFF beside a plain service's route (floor-quote.ts): the same request, client, connections and Redis, one
 * script call each, answers of one size. Twenty payers at each merchant quote again and again, as people do who type; each holds a card.
 */
export async function quotes(
  { bff, floor, showFloor }: Pick<World, 'bff' | 'floor' | 'showFloor'>,
  payers: readonly Payer[],
  options: { rounds: number; forMs: number },
): Promise<{ quotes: Compared; bare: Compared }> {
  let next = 0
  const request = () => {
    const i = next++ % payers.length
    const merchantCode = `M${String(1 + Math.floor(i / 20)).padStart(4, '0')}`
    return { payer: payers[i]!, body: { merchantCode, amountFen: 1_000 + (next % 9_000), channel: 'bank' } }
  }
  const quote = async () => {
    const { payer, body } = request()
    const answer = await bff.post<QuoteView>('/api/quotes', body, payer.headers)
    if (answer.reason !== null) throw new Error(`quotes: no card, ${answer.reason}`)
    return answer
  }
  const asked = (path: string) => async () => {
    const { payer, body } = request()
    await floor.post(path, body, payer.headers)
  }
  showFloor(await quote())
  const warm = { forMs: UNTIL_DONE, atMost: WARM_UP }
  for (const work of [quote, asked('/plain'), asked('/bare')])
    await load(WORKERS, warm, async () => void (await work()))
  const limit = { forMs: options.forMs, atMost: Number.POSITIVE_INFINITY }
  const ours = () => measure(bff, WORKERS, limit, async () => void (await quote()))
  const floors = (path: string) => () => measure(floor, WORKERS, limit, asked(path))
  return {
    quotes: await compare(options.rounds, ours, floors('/plain')),
    bare: await compare(Math.ceil(options.rounds / 3), ours, floors('/bare')),
  }
}
