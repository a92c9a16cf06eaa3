import { createHash } from 'node:crypto'
import { deal } from '../server/domain/deck'
import { seedOf } from '../server/domain/deck-proof'
import { deriveKey } from '../server/domain/seal'
import { campaign } from '../server/sandbox/food-street'

/** A master key under which the deck of a merchant today starts with the wanted card. Searched, since decks can't be set. */
export function masterKeyDealing(firstCardFen: number, merchantCode: string, nowMs: number): string {
  const { campaignId, version, rule, startDate } = campaign(nowMs)
  const deck = { campaignId, version, merchantCode, businessDate: startDate, beacon: null }
  for (let i = 0; ; i++) {
    const key = createHash('sha256').update(`test key ${i}`).digest()
    const secret = deriveKey(key, `campaign|${campaignId}`)
    if (deal(rule, seedOf(secret, deck))[0] === firstCardFen) return key.toString('hex')
  }
}
