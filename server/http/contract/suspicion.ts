import { z } from 'zod'
import { INDICATORS } from '../../domain/suspicion'
import { SUSPICION_STATES } from '../../flow/ports'
import { campaignId, cursor, note } from './admin-common'
import { changeRequestView } from './change'
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
        clawBack: z
          .object({
            refundNo: z.string(),
            fen,
            state: z.enum(['refunding', 'refunded', 'failed']),
            failReason: z.string().nullable(),
          })
          .nullable()
          .describe('of its reward; the last one'),
      }),
    ),
    changes: z.array(changeRequestView).describe('what was asked for about it, newest first'),
    holds: z.array(z.object({ who: z.enum(['merchant', 'payer']), until: businessDate })),
  })
  .meta({ id: 'Suspicion' })
export const suspicionDayQuery = z.object({ date: businessDate.optional() })
export const scoring = z
  .object({ date: businessDate, merchants: z.int(), found: z.int().describe('merchants put before people') })
  .meta({ id: 'Scoring' })

const orderNos = z.array(z.string().regex(/^[A-Za-z0-9-]{1,64}$/)).max(200)
export const dismissBody = z.object({ note }).meta({ id: 'DismissRequest' })
export const holdBody = z
  .object({
    until: businessDate.nullable().describe('the last date; null: what this suspicion holds back is given again'),
    merchant: z.boolean().default(false).describe('from everybody at the merchant'),
    payersOf: orderNos.default([]).describe('from whoever paid these orders'),
    note,
  })
  .meta({ id: 'HoldRequest' })
export const clawBackBody = z
  .object({ orderNos: orderNos.min(1).describe('each whole: what the merchant still has of its reward'), note })
  .meta({ id: 'ClawBackRequest' })

export type SuspicionList = z.infer<typeof suspicionList>
export type SuspicionItem = SuspicionList['items'][number]
export type SuspicionView = z.infer<typeof suspicionView>
export type Scoring = z.infer<typeof scoring>
