import { z } from 'zod'
import { REQUEST_KINDS, REQUEST_STATES, type RequestKind } from '../../domain/change'
import { branchCode, cursor, note, username, walletAccounts } from './admin-common'
import { merchantCode, timestamp } from './common'

/** What one operator asks for and another reviews before it takes effect. */
export const requestKind = z.enum(Object.keys(REQUEST_KINDS) as [RequestKind, ...RequestKind[]])
export const requestState = z.enum(REQUEST_STATES)

export const changeRequestView = z
  .object({
    changeId: z.string(),
    kind: requestKind,
    subject: z.string().describe('e.g. merchant/M0001'),
    branchCode: branchCode.nullable().describe('whose people review it; null is the whole bank'),
    before: z.unknown().nullable().describe('what was true when it was asked for; null: nothing was there'),
    after: z.unknown(),
    lineCount: z.int().describe('of one that is about merchants: how many lines its /lines has'),
    delayed: z.boolean().describe('money goes elsewhere: it takes effect a while after approval'),
    note: z.string().nullable(),
    askedBy: username,
    askedAt: timestamp,
    state: requestState.describe('approved waits for its time; overtaken: it wasn’t so any more, ask again'),
    reviewedBy: z.string().nullable(),
    reviewedAt: timestamp.nullable(),
    reviewNote: z.string().nullable(),
    effectiveAt: timestamp.nullable().describe('when it takes effect, or took'),
    reason: z.string().nullable().describe('why it was overtaken'),
    revision: z.int().describe('for If-Match'),
    mayApprove: z.boolean(),
    mayReject: z.boolean(),
    mayWithdraw: z.boolean(),
  })
  .meta({ id: 'ChangeRequest' })
export const changeRequestList = z
  .object({ items: z.array(changeRequestView), nextCursor: z.string().optional() })
  .meta({ id: 'ChangeRequestList' })

const settlement = z.object({ name: z.string(), branchCode, account: z.string(), walletAccounts })
export const changeLineList = z
  .object({
    items: z.array(
      z.object({
        line: z.int(),
        merchantCode,
        before: settlement.nullable().describe('null: a new merchant'),
        after: settlement,
      }),
    ),
    nextCursor: z.string().optional(),
  })
  .meta({ id: 'ChangeLineList' })

const half = z
  .string()
  .nullable()
  .describe('one half of a one-time secret, shown here and never again; the other operator is told the other half')
/** What was asked for, by whoever asked. */
export const askedChange = z.object({ change: changeRequestView, half }).meta({ id: 'AskedChange' })
/** A change request after a verdict. */
export const judgedChange = z
  .object({
    change: changeRequestView,
    half,
    words: z
      .array(z.object({ merchantCode, word: z.string().describe('four characters') }))
      .nullable()
      .describe('of binding cards: what each shop is told beside its card, said here and never again'),
  })
  .meta({ id: 'JudgedChange' })

export const changeRequestQuery = z.object({
  state: z
    .enum([...REQUEST_STATES, 'waiting'])
    .optional()
    .describe('waiting: open or approved'),
  kind: requestKind.optional(),
  cursor: z
    .string()
    .regex(/^\d{1,15}\.[A-Za-z0-9]{1,32}$/)
    .optional(),
})
export const changeLineQuery = z.object({ cursor: cursor.regex(/^\d{1,9}$/).optional() })
export const changeRequestParams = z.object({ id: z.string().regex(/^[A-Za-z0-9]{1,32}$/) })
export const verdictBody = z.object({ note: note.optional() }).meta({ id: 'VerdictRequest' })

export type ChangeRequestView = z.infer<typeof changeRequestView>
export type ChangeRequestList = z.infer<typeof changeRequestList>
export type ChangeLineList = z.infer<typeof changeLineList>
export type AskedChange = z.infer<typeof askedChange>
export type JudgedChange = z.infer<typeof judgedChange>
