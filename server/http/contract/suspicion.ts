import { z } from 'zod'
import { INDICATORS } from '../../domain/suspicion'
import { SUSPICION_STATES } from '../../flow/ports'
import { campaignId, cursor } from './admin-common'
import { businessDate, fen, merchantCode, timestamp } from './common'

/** Suspicions of farming (可疑交易): what the nightly scoring put before people. It accuses nobody. */
const suspicionState = z.enum(SUSPICION_STATES)
export const suspicionId = z.string().regex(/^[A-Za-z0-9_.-]{1,90}$/)
const points = z.int().min(0).max(100)

const summary = {
  suspicionId,
  campaignId,
  campaignName: z.string(),
  merchantCode,
  merchantName: z.string(),
  branchCode: z.string().nullable(),
  branchName: z.string().nullable(),
  state: suspicionState.describe('reviewing: a decision was asked for and waits for its second person'),
  decision: z.enum(['dismissed', 'held', 'clawed-back']).nullable(),
  decidedAt: timestamp.nullable(),
  score: points.describe('of its worst day'),
  firstDate: businessDate,
  lastDate: businessDate,
  days: z.int(),
  dismissedBefore: z.int().describe('how often the merchant was dismissed before at this campaign'),
}
export const suspicionList = z
  .object({ items: z.array(z.object(summary)), nextCursor: z.string().optional() })
  .meta({ id: 'SuspicionList' })
export const suspicionQuery = z.object({ state: suspicionState.default('open'), cursor: cursor.optional() })

const evidence = z.object({
  indicator: z.enum(INDICATORS),
  points,
  hits: z.int().describe('so many of …'),
  of: z.int().describe('… so many that could have the trait'),
  usualPercent: z.int().describe('what is taken for usual: three of four merchants of the campaign don’t exceed it'),
  orderNos: z.array(z.string()),
})
export const suspicionView = z
  .object({
    ...summary,
    evidenceDays: z
      .array(z.object({ date: businessDate, score: points, evidence: z.array(evidence) }))
      .describe('newest first'),
    date: businessDate.describe('whose orders these are'),
    orders: z.array(
      z.object({
        orderNo: z.string(),
        createdAt: timestamp,
        amountFen: fen,
        payableFen: fen,
        discountFen: fen,
        merchantRewardFen: fen,
        refundedFen: fen,
        payer: z.int().describe('a number by which payers of the day are told apart'),
      }),
    ),
  })
  .meta({ id: 'Suspicion' })
export const suspicionDayQuery = z.object({ date: businessDate.optional() })
export const scoring = z
  .object({ date: businessDate, merchants: z.int(), found: z.int().describe('merchants put before people') })
  .meta({ id: 'Scoring' })

export type SuspicionList = z.infer<typeof suspicionList>
export type SuspicionItem = SuspicionList['items'][number]
export type SuspicionView = z.infer<typeof suspicionView>
export type Scoring = z.infer<typeof scoring>
