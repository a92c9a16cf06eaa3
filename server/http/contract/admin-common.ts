import { z } from 'zod'
import { CHANGE_KINDS, CHANGE_STATES } from '../../domain/campaign-life'
import { OWN_CHANNEL, WALLETS, type Wallet } from '../../domain/channel'
import { ROLES } from '../../domain/operator'
import { MAX_AMOUNT_FEN, MAX_SLOTS } from '../../domain/rule'
import { MOST_WINDOWS } from '../../domain/window'
import { businessDate, channelName, merchantCode, timestamp } from './common'
import { humanNote, humanText } from './text'

/** What several of the operators' endpoints share. Money of many orders is wider than that of one. */
export const sumFen = z.int().min(-1e15).max(1e15).describe('sum in integer fen')
export const cursor = z.string().max(256)
export const username = z
  .string()
  .regex(/^[a-z][a-z0-9._-]{1,31}$/)
  .describe('small letters, digits, dot, dash, underscore; begins with a letter')
export const role = z.enum(ROLES)
export const branchCode = z.string().regex(/^[A-Za-z0-9_-]{1,16}$/)
export const walletName = z.enum(WALLETS as [Wallet, ...Wallet[]])
export const walletAccounts = z.partialRecord(walletName, z.string())
export const campaignId = z.string().regex(/^[A-Za-z0-9_-]{1,40}$/)
export const note = humanNote(200).describe('why, for whoever reads it later; no personal data')
export const search = z.string().normalize('NFC').trim().max(40).describe('part of a name or code')
export const campaignState = z.enum(['draft', 'submitted', 'approved', 'running', 'paused', 'ended'])
export const changeKind = z.enum(CHANGE_KINDS)
export const changeState = z.enum(CHANGE_STATES)
const cardFen = z.int().min(1).max(MAX_AMOUNT_FEN)
const percent = z.int().min(0).max(100)

/** As in domain/rule.ts; what the fields must be to each other is refused with `campaign-faulty`, naming the field. */
export const ruleBody = z.object({
  thresholdFen: z.int().min(1).max(100_000_000),
  slots: z.int().min(1).max(MAX_SLOTS).describe('cards in each merchant’s deck of a day'),
  minFen: cardFen,
  maxFen: cardFen,
  bandMinFen: cardFen,
  bandMaxFen: cardFen,
  bandPercent: percent,
  payerPercent: percent,
})

const clock = z.string().regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/)
/** As in domain/window.ts; what windows must be to one another is refused with `campaign-faulty`. */
export const window = z.object({
  weekdays: z.array(z.int().min(1).max(7)).min(1).max(7).describe('1 Monday to 7 Sunday'),
  from: clock.describe('the first minute, Asia/Shanghai'),
  to: clock.describe('the first minute after it, of the same date; up to 24:00'),
})
const windows = z.array(window).max(MOST_WINDOWS)

export const termsShape = {
  name: humanText(2, 60),
  organiser: humanText(2, 60),
  startDate: businessDate,
  endDate: businessDate,
  rule: ruleBody,
  budgetFen: z.int().min(1).max(1e14).describe('the most it may cost in all, fen (I7)'),
  dailyBudgetFen: z
    .int()
    .min(1)
    .max(1e14)
    .nullable()
    .default(null)
    .describe('the most that the decks of one business date may cost; null is no bound of its own'),
  windows: windows.default([]).describe('when it gives discounts; none is always'),
  branchBudgets: z
    .array(z.object({ branchCode, budgetFen: z.int().min(0).max(1e14) }))
    .max(1_000)
    .default([]),
  maxPerPayerPerDay: z
    .int()
    .min(1)
    .max(MAX_SLOTS)
    .nullable()
    .default(1)
    .describe('discounts one person may use at one merchant in a day; null is no limit'),
  maxPerPayerPerCampaignDay: z
    .int()
    .min(1)
    .max(10_000)
    .nullable()
    .default(3)
    .describe('discounts one person may use at all of its merchants in a day; null is no limit'),
  channels: z
    .array(channelName)
    .min(1)
    .refine((names) => new Set(names).size === names.length, 'a channel comes twice')
    .default([OWN_CHANNEL])
    .describe('which channels carry the discount'),
  priority: z.int().min(-1_000).max(1_000).default(0).describe('the highest applies where several campaigns are on'),
  branchCode: branchCode.nullable().default(null).describe('whose campaign it is; null is the whole bank’s'),
}

export const amendment = z
  .object({
    endDate: businessDate.optional().describe('later than now'),
    addMerchantCodes: z.array(merchantCode).min(1).max(1_000).optional(),
    budgetFen: z.int().min(1).max(1e14).optional().describe('more than now'),
    dailyBudgetFen: z.int().min(1).max(1e14).nullable().optional().describe('more than now; null: none any more'),
    windows: windows.optional().describe('all of those that there are, and more; none: always'),
  })
  .meta({ id: 'Amendment' })

export const changeView = z
  .object({
    changeId: z.string(),
    campaignId,
    campaignName: z.string(),
    kind: changeKind,
    amendment: amendment.nullable(),
    inForce: z.boolean().describe('a pause holds from when it is asked for and is reviewed afterwards'),
    note: z.string().nullable(),
    madeBy: username,
    madeAt: timestamp,
    state: changeState,
    reviewedBy: z.string().nullable(),
    reviewedAt: timestamp.nullable(),
    reviewNote: z.string().nullable(),
  })
  .meta({ id: 'Change' })

export type Role = z.infer<typeof role>
export type ChangeView = z.infer<typeof changeView>
export type CampaignState = z.infer<typeof campaignState>

/** A brake that is pulled. */
export const brakeView = z
  .object({
    note: z.string().nullable(),
    by: z.string().describe('who pulled it'),
    at: timestamp,
    revision: z.int().describe('names this pull, for If-Match of whoever asks for it to be let go of'),
  })
  .meta({ id: 'Brake' })
export const brakeBody = z.object({ note: note.optional() }).meta({ id: 'BrakeRequest' })
const heldBrake = brakeView
  .extend({
    releaseAsked: z.boolean().describe('waits for review that it be let go of; pulling it again sets that back'),
  })
  .meta({ id: 'HeldBrake' })
export const heldView = z
  .object({
    all: heldBrake.nullable().describe('every discount of the house is stopped'),
    merchants: z.array(heldBrake.extend({ code: merchantCode, name: z.string() })).describe('at most 200'),
  })
  .meta({ id: 'Held' })
export type BrakeView = z.infer<typeof brakeView>
export type HeldView = z.infer<typeof heldView>
