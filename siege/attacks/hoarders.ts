import { type Attack, crowd, type Front, pause } from '../attack'
import { sender } from '../http'

/** Who asks for a quote and never pays holds a card. How long, by how many, and what it costs, siege/hoard computes; here it is tried. */

const CONNECTIONS = 8

/** Each identity at every merchant in turn, and again before what it holds is over. */
async function hoard(front: Front, identities: number, merchants: readonly string[]): Promise<void> {
  const send = sender(front, CONNECTIONS)
  const own = front.payers.slice(0, identities).filter((_, i) => i % front.parts === front.part)
  let next = 0
  await crowd(front, CONNECTIONS, async () => {
    const nth = next++
    const token = own[nth % own.length]!
    const merchantCode = merchants[Math.floor(nth / own.length) % merchants.length]!
    const body = { merchantCode, amountFen: 1_000 + (nth % 9_000), channel: 'bank' }
    await send('POST', '/api/quotes', { token, body, from: nth % 4 })
    // Patience is all it takes: 3.7 requests a second were enough once.
    await pause(20)
  })
}

export const HOARDERS = { small: 20, large: 200 }

export const hoarders: Attack[] = [
  {
    name: 'hoarders',
    what: `${HOARDERS.small} identities that quote everywhere and never pay`,
    starvesPercent: 5,
    run: (front) => hoard(front, HOARDERS.small, front.hoarded.small),
  },
  {
    name: 'more-hoarders',
    what: `${HOARDERS.large} identities that quote everywhere and never pay`,
    run: (front) => hoard(front, HOARDERS.large, front.hoarded.large),
  },
]
