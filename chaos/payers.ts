import { OWN_CHANNEL } from '../server/domain/channel'
import type { Session } from '../server/http/contract'
import { pause } from './part'
import { rng } from './random'
import { asked } from './till'
import { type Person, type Street, visit } from './visit'

export interface LoadOptions {
  merchantCodes: readonly string[]
  /** visits begun in a second; what an outage holds up is caught up on */
  perSecond: number
  /** asked before each visit */
  goesOn(): boolean
}

/** Visits under way at once: a payer who waits for the bank keeps one of these busy. */
const WORKERS = 128
/** Cards of a counter are sold out after about so many visits, of which less than half are the bank's; the crowd then moves on. */
export const VISITS_EACH = 60
/** Counters open at once, so that several payers want the same card. */
export const COUNTERS = 6

/** Sends payers in, at a steady rate, until it no longer goes on; resolves when the last has left. */
export async function load(street: Street, options: LoadOptions): Promise<{ visits: number }> {
  const began = performance.now()
  const free: Person[] = []
  let known = 0
  let next = 0
  const worker = async () => {
    while (options.goesOn()) {
      const nth = next++
      const waitMs = (nth * 1_000) / options.perSecond - (performance.now() - began)
      if (waitMs > 0) await pause(waitMs)
      if (!options.goesOn()) return
      const draw = rng(street.seed, 'who', nth)
      // Every tenth is new; the others come back, to another counter or the same.
      const again = draw.chance(90) ? free.splice(draw.below(Math.max(1, free.length)), 1)[0] : undefined
      const person = again ?? (await newPerson(street, `payer-${++known}`))
      if (!person) continue
      const first = Math.floor(nth / (VISITS_EACH * COUNTERS)) * COUNTERS
      const merchantCode = options.merchantCodes[(first + draw.below(COUNTERS)) % options.merchantCodes.length]!
      // The discount draws people to the bank's own; the others are as many as make each worth a look.
      const channel = street.wallets.length > 0 && draw.chance(60) ? draw.pick(street.wallets) : OWN_CHANNEL
      await visit(street, { person, merchantCode, channel, nth })
      free.push(person)
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, worker))
  return { visits: next }
}

async function newPerson(street: Street, name: string): Promise<Person | undefined> {
  const body = { platform: 'browser', code: name }
  const draw = rng(street.seed, 'person', name)
  const answer = await asked(street, draw, (bff) => street.client.call<Session>(bff, 'POST', '/api/session', { body }))
  return answer?.kind === 'ok' ? { name, token: answer.body.token } : undefined
}
