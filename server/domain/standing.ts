import type { Totals } from './match'

/** Bookings in number, and what payers paid and got back in them, fen. */
export interface Tally {
  count: number
  fen: number
}

/** What a day of reconciliation is made of, as it stands now. */
export interface Standing {
  /** said alike by both sides (平账) */
  matched: Tally
  /** ours of around the cut, which the next day's statement must hold (日切) */
  carried: Tally
  /** differences that aren't settled, and what of the day or before has no ending yet: somebody decides, pays back or answers */
  waiting: Tally
  /** ours alone, where a statement should have held them (短款) */
  short: Tally
}

/** Of one channel's day, as far as it is open now. */
export interface Left {
  /** differences that aren't settled: shorts, and the others */
  short: Tally
  others: Tally
  /** orders and refunds of the day or before that haven't ended */
  open: Tally
}

export function standingOf({ balanced, carried }: { balanced: Totals; carried: Totals }, left: Left): Standing {
  return {
    matched: tallyOf(balanced),
    carried: tallyOf(carried),
    waiting: added(left.others, left.open),
    short: left.short,
  }
}

export function tallyOf({ clearing, refund }: Totals): Tally {
  return { count: clearing.count + refund.count, fen: Math.abs(clearing.payerFen) + Math.abs(refund.payerFen) }
}

/** Nothing is left to decide, to be answered, to be put right or to be given back: the day may be signed. */
export function isSettled(day: { proven: boolean; reissued: boolean; left: Left }): boolean {
  const { short, others, open } = day.left
  return day.proven && !day.reissued && short.count + others.count + open.count === 0
}

function added(a: Tally, b: Tally): Tally {
  return { count: a.count + b.count, fen: a.fen + b.fen }
}
