import { z } from 'zod'
import { OWN_CHANNEL } from '../../domain/channel'
import { DIFFERENCE_STATES } from '../../domain/difference'
import { cursor, note, sumFen } from './admin-common'
import { businessDate, channelName, timestamp } from './common'

/** Reconciliation (对账) as the console shows it; amounts in fen, debits negative. */
const legs = z.object({ count: z.int(), payerFen: sumFen, glFen: sumFen, merchantFen: sumFen })
/** Bookings in number and by leg; payments and refunds apart, as the bank's manifest has them. */
export const totals = z.object({ clearing: legs, refund: legs }).meta({ id: 'Totals' })
export const differenceClass = z.enum(['long', 'short', 'amountMismatch', 'stateMismatch', 'glMismatch', 'duplicate'])
export const differenceState = z.enum(DIFFERENCE_STATES)

const tally = z.object({ count: z.int(), fen: sumFen })
export const standing = z
  .object({
    matched: tally.describe('said alike by both sides (平账)'),
    carried: tally.describe('ours of around the cut, which the next statement must hold (日切)'),
    waiting: tally.describe('differences that aren’t settled but for shorts, and what has no ending yet'),
    short: tally.describe('ours alone, where a statement should have held them (短款)'),
  })
  .describe('how many, and what payers paid and got back in them')
  .meta({ id: 'Standing' })

export const reconciliationView = z
  .object({
    channel: channelName,
    date: businessDate,
    sha256: z.string(),
    lines: z.int(),
    bank: totals.describe('as the bank’s signed manifest says'),
    startedAt: timestamp,
    matchedAt: timestamp,
    balanced: totals.describe('of what agrees, line by line'),
    own: totals.describe('our bookings of the date'),
    carried: totals.describe('of them those of around the cut, in no statement yet (日切)'),
    short: totals.describe('of them those of before, which this statement should have held'),
    ownOtherDays: totals.describe('our bookings of other dates that this statement holds'),
    ended: z.int().describe('orders and refunds that the statement ended'),
    closed: z.int().describe('orders in no statement, closed at the bank'),
    unanswered: z.int().describe('orders about which the bank didn’t answer when the day was reconciled'),
    stillOpen: tally.describe('orders and refunds of the day or before that have no ending now'),
    proven: z
      .boolean()
      .describe('the sums agree leg by leg: lines = balanced + differences, ours = in it + carried + short'),
    settled: z
      .boolean()
      .describe('proven, and nothing open: no difference, no payment, no refund, nobody short: the day can be signed'),
    says: standing,
    openCount: z.int().describe('differences that nobody has decided'),
    waitingCount: z.int().describe('decided ones that the channel has not put right, or a payer hasn’t got back'),
    differences: z.array(z.object({ class: differenceClass, state: differenceState, count: z.int() })),
    reissued: z
      .object({
        sha256: z.string(),
        lines: z.int(),
        seenAt: timestamp,
        by: z.string().nullable().describe('who decided that the first one counts; null: nobody has'),
        note: z.string().nullable(),
      })
      .nullable()
      .describe(
        'another statement of the same day, which the channel issued after it was done; the last that was seen',
      ),
  })
  .meta({ id: 'Reconciliation' })
export const reconciliationDay = z
  .object({
    channel: channelName,
    date: businessDate,
    state: z.enum(['none', 'missing', 'running', 'balanced', 'differences']),
    lines: z.int().nullable(),
    openCount: z.int().nullable(),
    waitingCount: z.int().nullable(),
    says: standing.nullable(),
    matchedAt: timestamp.nullable(),
  })
  .meta({ id: 'ReconciliationDay' })
export const reconciliationList = z
  .object({
    items: z.array(reconciliationDay),
    channels: z.array(channelName).describe('those that are reconciled'),
  })
  .meta({ id: 'ReconciliationList' })
/** A channel's books; the own channel's unless told. */
export const booksQuery = z.object({ channel: channelName.default(OWN_CHANNEL) })
export const reconciliationQuery = booksQuery.extend({
  to: businessDate.optional(),
  days: z.coerce.number().int().min(1).max(62).default(14),
})

const leg = z.object({
  role: z.string(),
  account: z
    .string()
    .nullable()
    .describe('null is the payer’s, which nobody here needs to see; where it waits in suspense (待查) that is named'),
  amountFen: z.int(),
})
const side = z.object({
  payerFen: z.int(),
  glFen: z.int(),
  merchantFen: z.int(),
  glAccount: z.string().nullable(),
  merchantAccount: z.string(),
  currency: z.string(),
  channelTradeNo: z.string().nullable(),
})
export const differenceView = z
  .object({
    differenceId: z.string(),
    channel: channelName,
    date: businessDate.describe('of the statement that showed it'),
    class: differenceClass,
    detail: z.string().describe('why, within the class'),
    kind: z.enum(['clearing', 'refund']),
    orderNo: z.string(),
    refundNo: z.string().nullable(),
    own: side.extend({ state: z.enum(['booked', 'open', 'void']) }).nullable(),
    bank: side
      .extend({
        payerTail: z.string().nullable().describe('of the payer’s account, where the channel says it'),
        lineNo: z.int(),
        bookedAt: timestamp,
      })
      .nullable(),
    proposal: z
      .object({
        entries: z.array(z.object({ what: z.enum(['reversal', 'as-booked']), postings: z.array(leg) })),
        refund: z
          .object({ payerFen: z.int(), merchantFen: z.int(), glFen: z.int() })
          .nullable()
          .describe('positive, fen'),
      })
      .describe('what accepting it does: new entries, each summing to zero, and a refund to send'),
    acceptable: z.boolean().describe('false: only the channel can put it right, so it can only be rejected'),
    state: differenceState,
    foundAt: timestamp,
    resolvedAt: timestamp.nullable(),
    resolvedBy: z.string().nullable(),
    note: z.string().nullable(),
    proposedBy: z
      .string()
      .nullable()
      .describe('who asked for the correction: it waits for another one, who accepts it'),
    proposedAt: timestamp.nullable(),
    mendedBy: z.string().nullable().describe('the statement by which the channel put it right after it was rejected'),
    mendedAt: timestamp.nullable(),
    next: z
      .enum(['settled', 'propose', 'accept', 'channel', 'refunding', 'retry', 'pay'])
      .describe('what comes next: settled, nothing; retry, its refund failed; pay, nobody knows whom to refund'),
    owedFen: z.int().describe('what a payer is short of until it is given back'),
    refund: z
      .object({
        refundNo: z.string(),
        state: z.enum(['refunding', 'refunded', 'failed']),
        failReason: z.string().nullable(),
      })
      .nullable()
      .describe('that gives it back; of several the last'),
    payment: z
      .object({
        glAccount: z.string(),
        voucherNo: z.string(),
        by: z.string(),
        reviewedBy: z.string(),
        at: timestamp,
      })
      .nullable()
      .describe('from a GL account instead, by a voucher of the bank’s own books'),
    revision: z.int().describe('also the ETag: "<revision>"'),
  })
  .meta({ id: 'Difference' })
export const differenceList = z
  .object({ items: z.array(differenceView), nextCursor: z.string().optional() })
  .meta({ id: 'DifferenceList' })
export const unsettledQuery = z.object({ channel: channelName.optional(), cursor: cursor.optional() })
export const differenceQuery = booksQuery.extend({ cursor: cursor.optional() })
export const keepBody = z
  .object({
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe('of the statement that was issued anew'),
    note,
  })
  .meta({ id: 'KeepRequest' })
export const resolveBody = z
  .object({ note: note.optional().describe('required to reject') })
  .meta({ id: 'ResolveRequest' })

export const giveBackBody = z.object({ note }).meta({ id: 'GiveBackRequest' })
export const payBody = z
  .object({
    glAccount: z
      .string()
      .regex(/^[\x21-\x7e]{1,64}$/)
      .describe('of a branch: from where the payer is paid'),
    voucherNo: z
      .string()
      .regex(/^[A-Za-z0-9-]{4,40}$/)
      .describe('of the payment in the bank’s own books (凭证号)'),
    note,
  })
  .meta({ id: 'PayRequest' })
export const endBody = z.object({ note }).meta({ id: 'EndRequest' })

export const todoItem = z
  .object({
    kind: z.enum(['order', 'refund', 'difference']),
    id: z.string(),
    channel: channelName,
    date: businessDate.describe('its business date; of a difference, the statement’s'),
    orderNo: z.string(),
    fen: z.int().describe('what it is about: paid, given back, or owed'),
    since: timestamp,
    next: z
      .enum(['ask', 'end', 'review', 'propose', 'accept', 'channel', 'refunding', 'retry', 'pay'])
      .describe(
        'ask: the channel is asked by itself until the statements of its day and the next are reconciled; end: no statement holds it, two people may end it; review: that waits for the second; the others as of a difference',
      ),
  })
  .meta({ id: 'TodoItem' })
export const todoList = z
  .object({
    items: z.array(todoItem),
    more: z.boolean().describe('there are more than these, which are the oldest'),
    totals: z.object({ count: z.int(), fen: sumFen }).describe('of those in the list'),
  })
  .meta({ id: 'TodoList' })

export type TodoItem = z.infer<typeof todoItem>
export type TodoList = z.infer<typeof todoList>
export type Totals = z.infer<typeof totals>
export type ReconciliationView = z.infer<typeof reconciliationView>
export type ReconciliationDay = z.infer<typeof reconciliationDay>
export type ReconciliationList = z.infer<typeof reconciliationList>
export type DifferenceView = z.infer<typeof differenceView>
export type DifferenceList = z.infer<typeof differenceList>
