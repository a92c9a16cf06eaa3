import { z } from 'zod'
import { campaignId, ruleBody } from './admin-common'
import { businessDate, fen, merchantCode, timestamp } from './common'

const hex32 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 32 bytes in hex')

const beacon = z
  .object({
    source: z
      .string()
      .regex(/^[\x21-\x7e]{1,256}$/)
      .describe('the address of its chain'),
    round: z.int().min(0),
    value: hex32.describe('what it said in that round, hex'),
  })
  .nullable()
  .describe(
    'a public beacon’s pulse of the evening before, mixed into the seed; null: there was none, or it gave nothing',
  )
const commitment = z
  .string()
  .max(128)
  .describe(
    'published when the deck was dealt. `v2.…` binds campaign, version, rule, slots, date, merchant, beacon and seed (docs/PROOF.md); 64 hex digits alone are an older deck’s, SHA-256 of its seed',
  )

const base = {
  campaignId,
  merchantCode,
  merchantName: z.string(),
  businessDate,
  version: z.int().describe('of the campaign, as it was dealt; part of the seed’s name'),
  rule: ruleBody.describe('of that version; `slots` is what was dealt'),
  wantedSlots: z.int().min(1).describe('of the rule; fewer were dealt when the budget ended'),
  beacon,
  commitment,
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
    seed: z.string().nullable(),
    slots: z.array(
      z.object({
        slot: z.int(),
        state: z
          .enum(['free', 'held', 'used', 'archived'])
          .describe('held: an order of unknown outcome; archived: free, or used by an order that is archived'),
        amountFen: fen.nullable().describe('null until it is used or the day is over'),
        orderNo: z.string().nullable(),
      }),
    ),
    usedCount: z.int().describe('cards that are used; of an archived day more than those whose orders are told'),
    archived: z
      .object({ date: businessDate, file: z.string() })
      .nullable()
      .describe('where orders that used a card of it are; null: all are here'),
  })
  .meta({ id: 'OperatorDeck' })

const anyCommitment = z.string().regex(/^(v2\.)?[0-9a-f]{64}$/, 'must be a commitment')

/** A deck as somebody says that it was, and what a payer was told of a card of it. What is missing of an older deck needn't be there. */
export const deckCheckBody = z
  .object({
    deck: z.object({
      campaignId,
      merchantCode,
      businessDate,
      version: z.int().min(1).max(2_147_483_647),
      rule: ruleBody,
      wantedSlots: ruleBody.shape.slots.optional(),
      beacon: beacon.default(null),
      commitment: anyCommitment,
      seed: hex32,
      amountsFen: z.array(fen).max(1_000),
    }),
    receipt: z
      .object({ commitment: anyCommitment, slotNumber: z.int().min(1).max(1_000), discountFen: fen })
      .optional()
      .describe('of the quote or the order: commitment and slot number of its card, and the whole discount'),
  })
  .meta({ id: 'DeckCheckRequest' })
const card = fen.nullable().describe('null: there is no such card')
export const deckCheckView = z
  .object({
    holds: z.boolean().describe('all that is asked below is so'),
    committed: z.boolean().describe('the commitment opens to this deck and to no other'),
    differing: z
      .array(z.object({ slotNumber: z.int(), isFen: card, shouldBeFen: card }))
      .describe('cards that aren’t those that the seed deals by the rule'),
    inBand: z.int(),
    promised: z.int().describe('cards that the rule promises within its band'),
    withinBounds: z.boolean(),
    receipt: z
      .object({
        sameDeck: z.boolean().describe('the payer was told this commitment'),
        sameCard: z.boolean().describe('their card is the one that the seed deals there'),
      })
      .nullable(),
    derived: z
      .boolean()
      .nullable()
      .describe('the seed follows from the campaign’s secret; null while that isn’t revealed'),
  })
  .meta({ id: 'DeckCheck' })

/** To which secret a campaign's decks are dealt by: committed to when it is approved, revealed when it is over. */
export const campaignSecretView = z
  .object({
    campaignId,
    versions: z.array(
      z.object({
        version: z.int(),
        approvedAt: timestamp,
        commitment: z
          .string()
          .nullable()
          .describe('`s1.…`; null: a version from before such commitments that dealt none since'),
        committedAt: timestamp.nullable(),
        secret: z.string().nullable().describe('32 bytes, hex; null until the campaign and its last deck are over'),
      }),
    ),
    revealedAt: timestamp.nullable().describe('null while the campaign isn’t over'),
  })
  .meta({ id: 'CampaignSecret' })

export type DeckView = z.infer<typeof deckView>
export type OperatorDeckView = z.infer<typeof operatorDeckView>
export type DeckCheckBody = z.infer<typeof deckCheckBody>
export type DeckCheckView = z.infer<typeof deckCheckView>
export type CampaignSecretView = z.infer<typeof campaignSecretView>
