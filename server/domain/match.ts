import { type ChannelName, CURRENCY, OWN_CHANNEL } from './channel'

/** Reconciliation (对账): a channel's statement held against our books, line by line. Amounts in fen, debits negative. */

/** What is reconciled at once: a channel's statement of a business date. Nothing is ever joined across channels. */
export interface BookDay {
  channel: ChannelName
  date: string
}

/** How a day is called in logs and file names: `2026-11-20` of our own channel, `alipay/2026-11-20` of another. */
export function dayName({ channel, date }: BookDay, between = '/'): string {
  return channel === OWN_CHANNEL ? date : channel + between + date
}

export type EntryKind = 'clearing' | 'refund'

/** The legs of one booking; they sum to zero. */
export interface Legs {
  payerFen: number
  glFen: number
  merchantFen: number
}

/** One booking of the channel, as its statement (对账单) has it. */
export interface StatementLine extends Legs {
  /** its place in the file, from 1 */
  lineNo: number
  kind: EntryKind
  orderNo: string
  /** null for a clearing */
  refundNo: string | null
  channelTradeNo: string
  /** ms since the epoch, by the bank's clock */
  bookedAt: number
  /** null when there is no GL leg */
  glAccount: string | null
  merchantAccount: string
  /** the last four digits of the account debited or credited, where the channel says them: by which a payer whom we don't know is found */
  payerTail: string | null
  /** ISO 4217 */
  currency: string
}

/** What we hold under the same number: an order, or a refund. */
export interface OwnEntry extends Legs {
  kind: EntryKind
  orderNo: string
  refundNo: string | null
  /** `booked`: it has its postings; `open`: not ended; `void`: ended, and no money moved */
  state: 'booked' | 'open' | 'void'
  channelTradeNo: string | null
  payerAccount: string
  /** null where the channel has no leg for a subsidy */
  glAccount: string | null
  merchantAccount: string
}

/** 长款 bank only · 短款 ours only · 金额不符 · 状态不符 · another GL leg or account · a booking the statement has twice */
export const DIFFERENCE_CLASSES = [
  'long',
  'short',
  'amountMismatch',
  'stateMismatch',
  'glMismatch',
  'duplicate',
] as const
export type DifferenceClass = (typeof DIFFERENCE_CLASSES)[number]

/** Why, within its class. Stable codes, for reports and tests. */
export type DifferenceDetail =
  | 'no-such-order'
  /** its number is of a day whose orders are archived: whether there was such an order the day's file tells */
  | 'order-archived'
  | 'no-such-refund'
  /** it was missing for two days and accepted as short, so our books no longer hold it; now the bank has it after all */
  | 'reversed-as-short'
  | 'not-in-statement'
  | 'payer-amount'
  | 'currency'
  /** the money moved, and here the order is closed or the refund failed */
  | 'booked-after-end'
  | 'still-open'
  | 'other-trade-no'
  | 'gl-amount'
  | 'gl-account'
  | 'merchant-account'
  | 'booked-twice'

export type Verdict =
  | { kind: 'balanced' }
  /** one of several lines of a number that together come to what we hold: the channel has put a mistake of its own right */
  | { kind: 'settled' }
  | { kind: 'difference'; class: DifferenceClass; detail: DifferenceDetail }

export interface Seen {
  before: boolean
  archived: boolean
  reversed: boolean
  settled: boolean
}

/**
 * What the statement's line is to us. `seen.before`: an earlier line, of this file or an earlier day's, has the same number;
 * `seen.archived`: its order isn't here, and those of the number's day are archived;
 * `seen.reversed`: our booking was taken back as short; `seen.settled`: several lines of its number come to what we hold, up to
 * and with this statement. Amounts come before accounts, and accounts before state and trade number: what doesn't fit can't end
 * what is open here.
 */
export function judge(own: OwnEntry | null, line: StatementLine, seen: Seen): Verdict {
  if (seen.settled) return { kind: 'settled' }
  if (seen.before) return difference('duplicate', 'booked-twice')
  if (!own && line.kind === 'clearing') return difference('long', seen.archived ? 'order-archived' : 'no-such-order')
  if (!own) return difference('long', 'no-such-refund')
  if (seen.reversed) return difference('long', 'reversed-as-short')
  if (own.state === 'void') return difference('stateMismatch', 'booked-after-end')
  if (own.payerFen !== line.payerFen) return difference('amountMismatch', 'payer-amount')
  if (line.currency !== CURRENCY) return difference('amountMismatch', 'currency')
  if (own.glFen !== line.glFen) return difference('glMismatch', 'gl-amount')
  if (line.glFen !== 0 && own.glAccount !== line.glAccount) return difference('glMismatch', 'gl-account')
  if (own.merchantAccount !== line.merchantAccount) return difference('glMismatch', 'merchant-account')
  if (own.state === 'open') return difference('stateMismatch', 'still-open')
  if (own.channelTradeNo !== line.channelTradeNo) return difference('stateMismatch', 'other-trade-no')
  return { kind: 'balanced' }
}

function difference(named: DifferenceClass, detail: DifferenceDetail): Verdict {
  return { kind: 'difference', class: named, detail }
}

/** Bookings in number and by leg, fen: how a statement and our books are compared as wholes. */
export interface Side extends Legs {
  count: number
}
export type Totals = Record<EntryKind, Side>

export const NO_TOTALS: Readonly<Totals> = {
  clearing: { count: 0, payerFen: 0, glFen: 0, merchantFen: 0 },
  refund: { count: 0, payerFen: 0, glFen: 0, merchantFen: 0 },
}

/** `a + sign × b`, leg by leg. @throws RangeError when a sum isn't a safe integer any more */
export function addTotals(a: Totals, b: Totals, sign: 1 | -1 = 1): Totals {
  return { clearing: addSides(a.clearing, b.clearing, sign), refund: addSides(a.refund, b.refund, sign) }
}

export function totalsOf(entries: readonly (Legs & { kind: EntryKind })[]): Totals {
  return entries.reduce<Totals>(
    (sum, { kind, payerFen, glFen, merchantFen }) =>
      addTotals(sum, { ...NO_TOTALS, [kind]: { count: 1, payerFen, glFen, merchantFen } }),
    NO_TOTALS,
  )
}

export function sameTotals(a: Totals, b: Totals): boolean {
  const rest = addTotals(a, b, -1)
  return [rest.clearing, rest.refund].every((side) => Object.values(side).every((value) => value === 0))
}

function addSides(a: Side, b: Side, sign: 1 | -1): Side {
  const sum = (x: number, y: number) => {
    const total = x + sign * y
    if (!Number.isSafeInteger(total)) throw new RangeError('a total is beyond 2⁵³ fen')
    return total
  }
  return {
    count: sum(a.count, b.count),
    payerFen: sum(a.payerFen, b.payerFen),
    glFen: sum(a.glFen, b.glFen),
    merchantFen: sum(a.merchantFen, b.merchantFen),
  }
}
