import type { Verification } from './channel'

/**
 * What one payer may pay by scanning codes in a business day (条码支付业务规范, 银发〔2017〕296号, in force 2018-04-01): it hangs on
 * the code, and for a code made for one payment on how the payer was verified.
 */

/** `static`: printed, the same for everybody, as on a counter; `dynamic`: made for one payment, short-lived. */
export type CodeKind = 'static' | 'dynamic'

export interface DailyLimits {
  /** grade D: static codes, however well the payer is verified */
  staticFen: number
  /** grade C: fewer than two factors */
  oneFactorFen: number
  /** grade B: two factors or more, without a certificate */
  twoFactorFen: number
}

/** How many factors each is at the least: the bank's app asks on a device it knows; of its own page we know no more than one. */
const FACTORS: Readonly<Record<Verification, number>> = { none: 0, sms: 1, password: 1, redirect: 1, app: 2 }

/** The limit of a payment by such a code, fen. Not verified yet, a payment counts as if it were by one factor at the most. */
export function dailyLimitFen(limits: DailyLimits, code: CodeKind, verification: Verification | null): number {
  if (code === 'static') return limits.staticFen
  return verification && FACTORS[verification] >= 2 ? limits.twoFactorFen : limits.oneFactorFen
}
