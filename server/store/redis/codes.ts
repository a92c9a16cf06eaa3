/**
 * What a script answers when it answers with a single number. Each script sees these as Lua locals of the same name
 * (script.ts), so a code is written down once. All but DONE are negative: no slot number can be mistaken for one.
 */
export const CODES = {
  DONE: 1,
  NO_DECK: -1,
  SOLD_OUT: -2,
  LIMIT_REACHED: -3,
  NOT_HELD: -4,
  ALREADY_LOADED: -5,
  /** none is free, and some are leased: they may come back */
  ALL_HELD: -7,
  /** the payer holds, or has held, as much unpaid as one may */
  HOLDING_LIMIT: -8,
  /** the deck has no such slot: a bug of the caller */
  BAD_SLOT: -6,
} as const
