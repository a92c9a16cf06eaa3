import { z } from 'zod'
import { campaignId, ruleBody } from './admin-common'
import { businessDate, fen, merchantCode, timestamp } from './common'

const base = {
  campaignId,
  merchantCode,
  merchantName: z.string(),
  businessDate,
  version: z.int().describe('of the campaign, as it was dealt; part of the seed’s name'),
  rule: ruleBody.describe('of that version; `slots` is what was dealt'),
  commitment: z.string().describe('SHA-256 of the seed, hex; published when the deck was dealt'),
  dealtAt: timestamp,
  closedAt: timestamp.nullable(),
}

/** What anyone may see of a deck. Seed and amounts are revealed after the business date; before that they are null. */
export const deckView = z
  .object({
    ...base,
    seed: z.string().nullable().describe('32 bytes, hex'),
    amountsFen: z.array(fen).nullable().describe('in the order they were handed out'),
    revealedAt: timestamp.describe('when seed and amounts are, or were, revealed'),
  })
  .meta({ id: 'Deck' })

/** What an operator sees: the day's used cards at once, the others only after the day. Nobody can look ahead. */
export const operatorDeckView = z
  .object({
    ...base,
    wantedSlots: z.int().describe('of the rule; fewer were dealt when the budget ended'),
    seed: z.string().nullable(),
    slots: z.array(
      z.object({
        slot: z.int(),
        state: z.enum(['free', 'held', 'used']).describe('held: an order of unknown outcome'),
        amountFen: fen.nullable().describe('null until it is used or the day is over'),
        orderNo: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'OperatorDeck' })

export type DeckView = z.infer<typeof deckView>
export type OperatorDeckView = z.infer<typeof operatorDeckView>
