import type { ArchivedNow, ArchiveResult } from '../server/flow/archive/archive'
import type { ArchivedMonth, ArchiveObstacle, Staying, WaitingMonth } from '../server/flow/ports'

/** What archiving says to people. */

const WHY: Record<Staying, string> = {
  refunded: 'refunded',
  difference: 'in a difference',
  correction: 'corrected',
  conflict: 'with contradicted news',
  delivery: 'not yet delivered to WeChat',
  'asked-about': 'named by a change that waits',
  suspected: 'of a suspicion that waits for a decision',
  held: 'of a suspicion that holds discounts back',
  'another-number': 'of another date’s number',
  'no-line': 'with an end of a line in a reply',
  unfinished: 'unfinished',
  unpacked: 'with papers that aren’t packed',
  'in-books': 'with events that are packed',
  unchained: 'with news that isn’t chained',
  late: 'open for days',
  changed: 'changed since they were written',
}

const number = (value: number) => value.toLocaleString('en')

/** `2026-01-31  2 orders, 1,024 bytes, 512 an order; taken out 2; 1 stay: 1 refunded` */
export function dayLine({ date, orders, bytes, taken, staying }: ArchivedNow): string {
  const whys = Object.entries(staying) as [Staying, number][]
  const stay = whys.reduce((sum, [, n]) => sum + n, 0)
  const each = orders > 0 ? `, ${number(Math.round(bytes / orders))} an order` : ''
  const why = whys.map(([one, n]) => `${number(n)} ${WHY[one]}`).join(', ')
  return `${date}  ${number(orders)} orders, ${number(bytes)} bytes${each}; taken out ${number(taken.orders)}; ${number(stay)} stay${why && `: ${why}`}`
}

/** `orders_202601  3 orders stay, 1,024 bytes are free` */
export const monthLine = ({ name, orders, freedBytes }: ArchivedMonth): string =>
  `${name}  ${number(orders)} orders stay, ${number(freedBytes)} bytes are free`

/** `orders_202601  waits to be made small: 1,024 bytes since …; tried for 40 s, held by session 4711 (psql, role reader) …` */
export function waitingLine({ name, bytes, archivedAt, triedMs, heldBy }: WaitingMonth): string {
  const since = archivedAt === null ? '' : ` since ${new Date(archivedAt).toISOString()}`
  return `${name}  waits to be made small: ${number(bytes)} bytes${since}; tried for ${number(Math.round(triedMs / 1_000))} s, held by ${heldBy}. It is as it was, and the same command takes it up again`
}

export function stoppedText(result: Exclude<ArchiveResult, { kind: 'done' }>): string {
  const { date } = result
  switch (result.kind) {
    case 'in-the-way':
      return [`${date} can’t be archived yet:`, ...result.obstacles.map((one) => `  ${obstacleText(one)}`)].join('\n')
    case 'differs':
      return `${date} isn’t archived: the audit finds ${result.codes.join(', ')} (npm run audit says where)`
    case 'file-fault':
      return `${date}: ${result.sentence}`
  }
}

function obstacleText(one: ArchiveObstacle): string {
  switch (one.code) {
    case 'not-sealed':
      return 'the day, or one of the two after it, isn’t sealed: a BFF’s job or npm run audit -- --seal does it'
    case 'not-reconciled':
      return `not reconciled: ${one.which.join(', ')} (npm run reconcile)`
    case 'day-passed':
      return `never reconciled, and later days of the channel are: ${one.which.join(', ')} (--passed-over, docs/OPERATIONS.md#archiving)`
    case 'orders-open':
      return `${number(one.count)} orders have no ending yet`
    case 'slots-to-return':
      return `${number(one.count)} closed orders wait for their slot to be given back`
    case 'not-packed':
      return `papers of ${number(one.count)} orders aren’t packed (npm run prune -- --pack)`
    case 'not-chained':
      return `${number(one.count)} orders have news that isn’t chained yet`
    case 'decks-open':
      return `${number(one.count)} decks of the day or before aren’t closed`
    case 'outbox-not-pruned':
      return `the outbox isn’t pruned up to ${new Date(one.until).toISOString()} (npm run prune)`
    case 'cards-not-forgotten':
      return 'the cards of its payers aren’t forgotten yet: a BFF’s job does it'
    case 'keys-not-pruned':
      return 'keys of its orders may still go (npm run prune -- --pack)'
  }
}
