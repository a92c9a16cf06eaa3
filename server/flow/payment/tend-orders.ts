import { addDays, businessDate } from '../../domain/business-date'
import { type Clock, isTrusted, type OrderUpkeep } from '../ports'

/** Orders of one statement, a moment's work. */
const BATCH = 2_000
/** A quote is over within the hour and a deck is closed an hour after its day; a clock that was set back by days is no reason to pay twice. */
const KEPT_DAYS = 8
/** Were nobody to look for so long, orders would lie where no month is: slower, and not lost. */
const MONTHS_AHEAD = 2

export interface TendDeps {
  orderUpkeep: OrderUpkeep
  clock: Clock
}

/**
 * An end to what guards orders that are long over, but not on a doubtful clock; and then partitions for the months to come, which may have to
 * wait: what can't be made of them keeps no guard. @throws LedgerUnavailable
 */
export async function tendOrders({ orderUpkeep, clock }: TendDeps): Promise<'more' | 'done'> {
  const before = addDays(businessDate(clock.now()), -KEPT_DAYS)
  if (isTrusted(clock) && (await orderUpkeep.forgetGuards(before, BATCH)) === BATCH) return 'more'
  await orderUpkeep.makeMonths(MONTHS_AHEAD)
  return 'done'
}
