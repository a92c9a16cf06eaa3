import { addDays, businessDate } from '../../domain/business-date'
import type { Operator } from '../../domain/operator'
import { readSearch, type Search, stretchesOf } from '../../domain/search'
import { type ArchivedDeps, archivedBefore, dayOfArchivedOrder } from '../archive/archived'
import type { ArchivedDate, Clock, Desk, DeskOrder, DeskRefund } from '../ports'

/** Whatever an operator was told of a payment, and which it could be. */

interface SearchDeps extends ArchivedDeps {
  desk: Pick<Desk, 'search'>
  clock: Clock
}

export interface Found {
  /** how it was understood */
  read: Search
  merchants: { merchantCode: string; name: string }[]
  orders: DeskOrder[]
  refunds: DeskRefund[]
  /** business dates that were looked through, both included; null: none, it was looked up by number alone */
  span: { from: string; to: string } | null
  /** false: there is more, or not all that was asked for was looked through */
  whole: boolean
  /** of the orders' numbers those that weren't found, and whose days are archived */
  archived: ({ orderNo: string } & ArchivedDate)[]
  /** orders before this date are archived, and may be what was meant; undefined: they can't be, or there are none */
  archivedBefore?: string | undefined
}

const ORDERS = 50
const MERCHANTS = 20
/** Days that are looked through at the most, and unless a day is named. */
const OF_MERCHANTS = { most: 31, usual: 7 }
const OF_ALL = { most: 7, usual: 2 }

export async function search(deps: SearchDeps, operator: Operator, text: string): Promise<Found> {
  const found = await look(deps, operator, text)
  return { ...found, ...(await archivedOf(deps, found)) }
}

/** What of that may be archived. A channel's number tells no date, so one that isn't found may be of any. */
async function archivedOf(deps: ArchivedDeps, { read, orders, span }: Looked) {
  const missing = read.orderNos.filter((orderNo) => !orders.some((order) => order.orderNo === orderNo))
  const days = await Promise.all(missing.map((orderNo) => dayOfArchivedOrder(deps, orderNo)))
  const archived = missing.flatMap((orderNo, i) => (days[i] ? [{ orderNo, ...days[i] }] : []))
  const mayBeOlder = span !== null || (read.numbers.length > 0 && orders.length === 0)
  return { archived, archivedBefore: mayBeOlder ? await archivedBefore(deps, {}, span?.from) : undefined }
}

type Looked = Omit<Found, 'archived' | 'archivedBefore'>

async function look({ desk, clock }: SearchDeps, operator: Operator, text: string): Promise<Looked> {
  const today = businessDate(clock.now())
  const read = readSearch(text, today)
  const { branchCode } = operator
  const { words, numbers } = read
  const named = words.length > 0 || numbers.length > 0
  const all = [...read.orderNos, ...read.refundNos, ...numbers]
  const [merchants, orders, refunds] = await Promise.all([
    named ? desk.search.merchants({ branchCode, words, numbers, limit: MERCHANTS + 1 }) : [],
    all.length > 0 ? desk.search.ordersByNumber(all, branchCode, ORDERS) : [],
    all.length > 0 ? desk.search.refundsByNumber(all, branchCode, ORDERS) : [],
  ])
  const found = { read, merchants: merchants.slice(0, MERCHANTS), orders, refunds }
  const only = { ...found, span: null, whole: merchants.length <= MERCHANTS }
  const asks = read.amountFen !== null || read.days || read.hours || read.code !== null || read.plain
  if (orders.length > 0 || refunds.length > 0 || (merchants.length === 0 && (named || !asks || all.length > 0)))
    return only

  const { most, usual } = merchants.length > 0 ? OF_MERCHANTS : OF_ALL
  const days = read.days ?? { from: addDays(today, 1 - usual), to: today }
  const { stretches, whole } = stretchesOf(read, days, most)
  const merchantCodes = merchants.length > 0 ? found.merchants.map(({ merchantCode }) => merchantCode) : null
  const { amountFen, code, plain } = read
  const near = await desk.search.orders({
    ...{ branchCode, merchantCodes, stretches, amountFen, code, plain },
    limit: ORDERS + 1,
  })
  return {
    ...found,
    orders: near.items.slice(0, ORDERS),
    span: { from: stretches.at(-1)?.date ?? days.to, to: days.to },
    whole: only.whole && whole && near.whole && near.items.length <= ORDERS,
  }
}
