import { LedgerUnavailable } from './ledger'
import { SlotsUnavailable } from './slots'

/** What was asked for, or `instead` while the store that knows it is away. Whatever else fails is a bug, and throws. */
export async function unlessAway<T, I>(asked: Promise<T>, instead: I): Promise<T | I> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof LedgerUnavailable || error instanceof SlotsUnavailable) return instead
    throw error
  }
}
