import { addDays, businessDate } from '../../domain/business-date'
import type { Operator } from '../../domain/operator'
import type { BookedDay } from '../ports'
import { type BookDeps, merchantSeen } from './book'
import { type Period, periodOf } from './period'

/** A merchant's business dates, as operators see them: what each came to, and which rows make it. */

/** Two weeks fit a screen. */
const USUAL_DAYS = 14

interface SeenDay extends Omit<BookedDay, 'discountFen' | 'returnedFen' | 'correctedFen' | 'others'> {
  costFen: number
  /** of all channels; null: those of others aren't known, so there is no share */
  all: number | null
}

export interface SeenDays extends Period {
  items: SeenDay[]
  total: Pick<SeenDay, 'orders' | 'paid' | 'discounted' | 'amountFen' | 'costFen' | 'rewardFen' | 'own' | 'all'>
}

/** Undefined: no merchant that the operator may see. A text says why the dates are none. */
export async function daysSeen(
  deps: BookDeps,
  operator: Operator,
  merchantCode: string,
  asked: Partial<Period>,
): Promise<SeenDays | string | undefined> {
  const { to = businessDate(deps.clock.now()) } = asked
  const period = periodOf(deps.clock, { from: addDays(to, 1 - USUAL_DAYS), ...given(asked), to })
  if (typeof period === 'string') return period
  if (!(await merchantSeen(deps, operator, merchantCode))) return undefined
  const days = await deps.desk.merchantBook.days(merchantCode, period, operator.branchCode)
  // As in the measured effect: where orders of other channels come through us, we know them all.
  const wallets = days.some(({ paid, own }) => paid > own)
  const items = days.map((day) => seen(day, wallets))
  return { ...period, items, total: items.reduce(added, NOTHING) }
}

const given = ({ from }: Partial<Period>) => (from === undefined ? {} : { from })

function seen({ discountFen, returnedFen, correctedFen, others, ...day }: BookedDay, wallets: boolean): SeenDay {
  const all = others === null ? (wallets ? day.paid : null) : day.own + others
  return { ...day, costFen: discountFen - returnedFen + correctedFen, all }
}

const NOTHING: SeenDays['total'] = {
  orders: 0,
  paid: 0,
  discounted: 0,
  amountFen: 0,
  costFen: 0,
  rewardFen: 0,
  own: 0,
  all: 0,
}

/** A share over days one of which isn't known is none. */
function added(sum: SeenDays['total'], day: SeenDay): SeenDays['total'] {
  return {
    orders: sum.orders + day.orders,
    paid: sum.paid + day.paid,
    discounted: sum.discounted + day.discounted,
    amountFen: sum.amountFen + day.amountFen,
    costFen: sum.costFen + day.costFen,
    rewardFen: sum.rewardFen + day.rewardFen,
    own: sum.own + day.own,
    all: sum.all === null || day.all === null ? null : sum.all + day.all,
  }
}
