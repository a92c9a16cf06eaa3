import { z } from 'zod'
import { MOST_SMALL_FEN, SMALL_PER_DAY } from '../../domain/small-amount'
import { fen, timestamp } from './common'
import { payerAction } from './payer'
import { humanText } from './text'

/** Agreements (签约协议): the accounts that a payer has bound, and the steps in which one is bound or changed. */

const smallAmount = z
  .object({
    maxFen: fen.describe('at most so much each, fen'),
    perDay: z.int().min(1).describe('so often a business day'),
  })
  .meta({ id: 'SmallAmount' })

export const agreementView = z
  .object({
    agreementId: z.string(),
    bankName: z.string(),
    accountTail: z.string(),
    kind: z.enum(['debit', 'credit']),
    isDefault: z.boolean().describe('what an order is paid with that names none; exactly one of them is'),
    small: smallAmount.nullable().describe('payments without a challenge (免密); null: each is asked about'),
    createdAt: timestamp,
  })
  .meta({ id: 'Agreement' })
export const agreementList = z
  .object({ items: z.array(agreementView).describe('oldest first'), nextCursor: z.string().optional() })
  .meta({ id: 'AgreementList' })

/** Handed on to the bank, enveloped to its key; kept nowhere here. */
export const signBody = z
  .object({
    account: z
      .string()
      .regex(/^\d{8,32}$/)
      .describe('digits of the card or account, without blanks'),
    name: humanText(1, 64).describe('as the bank knows the holder'),
    phone: z
      .string()
      .regex(/^\d{6,15}$/)
      .describe('as registered at the bank (预留手机号)'),
    returnTo: z
      .string()
      .max(256)
      .regex(/^\/(?![/\\])[\x21-\x7e]*$/)
      .optional()
      .describe('the page of ours, a path, that the bank’s own page leads back to, if it has one'),
  })
  .meta({ id: 'SignRequest' })

const challengeId = z.string().regex(/^[A-Za-z0-9_-]{1,128}$/)
const proof = z
  .string()
  .regex(/^[\x21-\x7e]{1,1024}$/)
  .describe('the code of the text message; handed on to the bank, kept nowhere here')

export const signProofBody = z.object({ challengeId: challengeId.optional(), proof }).meta({ id: 'SignProofRequest' })
export const orderProofBody = z
  .object({ challengeId: challengeId.describe('of the action that is being answered'), proof })
  .meta({ id: 'OrderProofRequest' })

export const signRefusal = z.enum([
  'account-refused',
  'authentication-failed',
  'authentication-expired',
  'agreement-not-found',
  'sign-not-found',
])

export const signView = z
  .object({
    signNo: z.string(),
    kind: z.enum(['sign', 'small']).describe('small: of payments without a challenge'),
    state: z.enum(['open', 'signed', 'refused']),
    action: payerAction
      .nullable()
      .describe('what the payer must do now; null when it has ended, its time is over, or the bank has not been heard'),
    agreement: agreementView.nullable().describe('as it stands, once signed'),
    refusal: signRefusal
      .nullable()
      .describe('account-refused: no account of this name and phone, without saying which of them is wrong'),
  })
  .meta({ id: 'Signing' })

export const smallTermsView = z
  .object({
    version: z.string(),
    sha256: z.string().describe('of the lines joined by LF, UTF-8, hex'),
    title: z.string(),
    lines: z.array(z.string()).describe('in Chinese'),
    maxFenChoices: z.array(fen),
    perDay: z.int().describe('the most'),
  })
  .meta({ id: 'SmallAmountTerms' })

export const smallBody = z
  .object({
    maxFen: z.int().min(1).max(MOST_SMALL_FEN),
    perDay: z.int().min(1).max(SMALL_PER_DAY),
    terms: z
      .object({ version: z.string().regex(/^[\w.-]{1,32}$/), sha256: z.string().regex(/^[0-9a-f]{64}$/) })
      .describe('those that the payer was shown, as GET /api/small-amount-terms gave them'),
  })
  .meta({ id: 'SmallAmountRequest' })

export type AgreementView = z.infer<typeof agreementView>
export type AgreementList = z.infer<typeof agreementList>
export type SignBody = z.infer<typeof signBody>
export type SignProofBody = z.infer<typeof signProofBody>
export type OrderProofBody = z.infer<typeof orderProofBody>
export type SignView = z.infer<typeof signView>
export type SmallTermsView = z.infer<typeof smallTermsView>
export type SmallBody = z.infer<typeof smallBody>
