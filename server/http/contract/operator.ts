import { z } from 'zod'
import { branchCode, note, role, username } from './admin-common'
import { changeRequestView } from './change'
import { businessDate, timestamp } from './common'
import { humanText } from './text'

/** No letters of certain kinds are asked for (NIST SP 800-63B-4): how soon it is guessed is judged apart. scrypt takes it all in. */
export const newPassword = z.string().min(10).max(200)

export const operatorView = z
  .object({
    username,
    name: z.string(),
    roles: z.array(role),
    branchCode: branchCode.nullable().describe('the only branch they see; null is the whole bank'),
    disabled: z.boolean(),
    locked: z.boolean().describe('too many wrong passwords; ends by itself'),
    mustChangePassword: z.boolean(),
    singleSignOn: z.boolean(),
    secondFactor: z.boolean().describe('has one, and is asked for it at the log-in'),
    createdAt: timestamp,
    lastLoginAt: timestamp.nullable(),
  })
  .meta({ id: 'Operator' })
export const operatorList = z.object({ items: z.array(operatorView) }).meta({ id: 'OperatorList' })

export const loginBody = z
  .object({ username: z.string().min(1).max(64), password: z.string().min(1).max(200) })
  .meta({ id: 'LoginRequest' })
export const operatorSession = z
  .object({
    token: z.string(),
    expiresAt: timestamp,
    refreshToken: z.string().describe('renews the session once; the answer brings the next one'),
    refreshExpiresAt: timestamp,
    secondFactorDue: z.boolean().describe('nothing else is theirs to do before a second factor is set up'),
    operator: operatorView,
  })
  .meta({ id: 'OperatorSession' })
export const refreshBody = z.object({ refreshToken: z.string().min(1).max(200) }).meta({ id: 'RefreshRequest' })
export const passwordBody = z
  .object({ current: z.string().min(1).max(200), next: newPassword })
  .meta({ id: 'PasswordRequest' })
export const loginWays = z
  .object({
    password: z.literal(true),
    singleSignOn: z.object({ name: z.string(), startUrl: z.string() }).nullable(),
  })
  .meta({ id: 'LoginWays' })
export const sessionEnded = z.object({ ended: z.literal(true) }).meta({ id: 'SessionEnded' })
export const usernameParams = z.object({ username })
const code = z.string().min(1).max(64).describe('six digits of the app, or one of the codes to recover with')
export const secondStepBody = z.object({ ticket: z.string().min(1).max(2_000), code }).meta({ id: 'SecondStepRequest' })
export const secondFactorView = z
  .object({
    required: z.boolean(),
    since: timestamp.nullable().describe('null: there is none'),
    recoveryCodesLeft: z.int().nullable(),
  })
  .meta({ id: 'SecondFactor' })
export const enrolmentBody = z
  .object({ code: code.optional().describe('of the second factor that it takes the place of') })
  .meta({ id: 'EnrolmentRequest' })
export const enrolmentView = z
  .object({
    secret: z.string().describe('base32, to be typed into the app'),
    uri: z.string().describe('otpauth://, to be shown as a picture'),
    ticket: z.string(),
    expiresAt: timestamp,
  })
  .meta({ id: 'Enrolment' })
export const recoveryCodes = z
  .object({ recoveryCodes: z.array(z.string()).describe('shown once') })
  .meta({ id: 'RecoveryCodes' })
export const ticketBody = z.object({ ticket: z.string().min(1).max(2_000) }).meta({ id: 'TicketRequest' })

export const operatorBody = z
  .object({
    username,
    name: humanText(1, 40),
    roles: z.array(role).min(1).max(5),
    branchCode: branchCode.nullable().default(null),
    oidcSubject: z
      .string()
      .regex(/^[\x20-\x7e]{1,255}$/)
      .nullable()
      .default(null)
      .describe('logs in by single sign-on instead'),
    note: note.optional(),
  })
  .meta({ id: 'OperatorRequest' })
export const operatorPatch = operatorBody
  .pick({ name: true, roles: true, note: true })
  .extend({ branchCode: branchCode.nullable(), disabled: z.boolean() })
  .partial()
  .meta({ id: 'OperatorPatchRequest' })
export const operatorChanged = z
  .object({
    operator: operatorView.describe('as it is now'),
    change: changeRequestView.nullable().describe('what waits for another administrator; null: nothing'),
  })
  .meta({ id: 'OperatorChanged' })

export const actionView = z
  .object({
    actionId: z.int(),
    at: timestamp,
    username: z.string(),
    action: z.string().describe('e.g. campaign.submit'),
    subject: z.string().describe('e.g. campaign/food-street'),
    before: z.unknown().nullable(),
    after: z.unknown().nullable(),
    mac: z.string().describe('chains it to the one before'),
  })
  .meta({ id: 'OperatorAction' })
export const actionList = z
  .object({ items: z.array(actionView), nextCursor: z.string().optional() })
  .meta({ id: 'OperatorActionList' })
export const actionQuery = z.object({
  username: z
    .string()
    .regex(/^[\w./-]{1,80}$/)
    .optional()
    .describe('an operator’s, `system`, or `owner/M0001/12` of a merchant’s user'),
  subject: z
    .string()
    .regex(/^[\x20-\x7e]{1,120}$/)
    .optional(),
  noun: z
    .string()
    .regex(/^[a-z-]{2,30}$/)
    .optional()
    .describe('what a subject begins with, e.g. merchant'),
  from: businessDate.optional(),
  to: businessDate.optional().describe('included'),
  cursor: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional(),
})
export const chainView = z
  .object({
    intact: z.boolean(),
    actions: z.int(),
    brokenAt: z.int().nullable(),
    endMac: z.string().describe('of the last action: noted down, it tells later whether the end was cut off'),
  })
  .meta({ id: 'ActionChain' })
export const sealList = z
  .object({
    items: z.array(
      z.object({
        date: businessDate.describe('the day that is sealed, with everything before it'),
        link: z.int().describe('of the books’ chain'),
        at: timestamp,
        mac: z.string().describe('noted down, it tells later whether anything before it was changed or cut off'),
      }),
    ),
  })
  .meta({ id: 'SealList' })

export type OperatorView = z.infer<typeof operatorView>
export type OperatorList = z.infer<typeof operatorList>
export type OperatorSession = z.infer<typeof operatorSession>
export type SecondFactorView = z.infer<typeof secondFactorView>
export type EnrolmentView = z.infer<typeof enrolmentView>
export type RecoveryCodes = z.infer<typeof recoveryCodes>
export type LoginWays = z.infer<typeof loginWays>
export type OperatorChanged = z.infer<typeof operatorChanged>
export type OperatorBody = z.input<typeof operatorBody>
export type OperatorPatch = z.input<typeof operatorPatch>
export type ActionView = z.infer<typeof actionView>
export type ActionList = z.infer<typeof actionList>
export type ChainView = z.infer<typeof chainView>
export type SealList = z.infer<typeof sealList>
