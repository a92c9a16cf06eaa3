import type { OrderView, QuoteView } from '../server/http/contract'
import type { Answer, Client } from './client'
import { pause } from './part'
import type { Rng } from './random'
import type { Told } from './told'

/** What a payer's page does with a BFF that may be away: ask another, with the same key, until somebody answers. */
export interface Till {
  client: Client
  told: Told
}

/**
 * So long is asked before it counts as no answer: by far longer than any one fault lasts, since on a busy machine what was killed takes
 * half a minute to be back.
 */
const PERSISTENCE_MS = 120_000
/** The wait before the nth try again: doubled each time up to a ceiling, by chance between half of it and all. */
const AGAIN_MS = 250
const AGAIN_MOST_MS = 2_000

function pauseBefore(draw: Rng, tries: number): Promise<void> {
  const most = Math.min(AGAIN_MS * 2 ** tries, AGAIN_MOST_MS)
  return pause(draw.between(Math.ceil(most / 2), most))
}

/** Refusals by which nothing was stored or sent. */
const NOTHING_SENT = new Set(['channel-unavailable', 'channel-busy'])

export type Paid =
  /** `atOnce`: by the first request */
  | { kind: 'order'; order: OrderView; atOnce: boolean; sentAt: number; at: number }
  /** `afterLoss`: a request of the same key got no whole answer before */
  | { kind: 'refused'; code: string; afterLoss: boolean }
  | { kind: 'given-up' }

/** Sends one pay until it is answered. */
export async function payUntilAnswered(
  { client, told }: Till,
  draw: Rng,
  payment: { token: string; key: string; quoteId: string },
): Promise<Paid> {
  const { token, key, quoteId } = payment
  let afterLoss = false
  const began = Date.now()
  for (let tries = 1; Date.now() - began < PERSISTENCE_MS; tries++) {
    // Some phones give up a slow request early, and ask again while the first is still on its way.
    const patienceMs = draw.chance(15) ? draw.between(50, 2_500) : undefined
    const options = { token, key, body: { quoteId }, patienceMs }
    const answer = await client.call<OrderView>(draw.below(client.bffs), 'POST', '/api/orders', options)
    if (answer.kind === 'ok')
      return { kind: 'order', order: answer.body, atOnce: tries === 1, sentAt: answer.sentAt, at: answer.at }
    if (answer.kind === 'problem' && answer.status < 500) return { kind: 'refused', code: answer.code, afterLoss }
    if (answer.kind === 'lost' || !NOTHING_SENT.has(answer.code)) afterLoss = true
    told.count(
      answer.kind === 'lost' ? 'pays without an answer, sent again' : `pays answered ${answer.code}, sent again`,
    )
    await pauseBefore(draw, tries)
  }
  return { kind: 'given-up' }
}

/** Asks until there is an answer, which may be a refusal; undefined when there is none for long. */
export async function asked<T>(
  { client }: Till,
  draw: Rng,
  ask: (bff: number) => Promise<Answer<T>>,
): Promise<Exclude<Answer<T>, { kind: 'lost' }> | undefined> {
  const began = Date.now()
  for (let tries = 1; Date.now() - began < PERSISTENCE_MS; tries++) {
    const answer = await ask(draw.below(client.bffs))
    if (answer.kind === 'ok' || (answer.kind === 'problem' && answer.status < 500)) return answer
    await pauseBefore(draw, tries)
  }
  return undefined
}

export type Quoted = { view: QuoteView; sentAt: number; at: number }
