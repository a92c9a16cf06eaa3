import { CHANNELS, type ChannelName } from '../server/domain/channel'
import type { MerchantSession, MerchantSummaryView, MerchantView } from '../server/http/contract'
import type { Sql } from '../server/store/sql/open-sql'
import { cardsIn } from '../server/store/sql/rows'
import type { Books } from './books'
import type { Client, Failure } from './client'
import type { Outages } from './outages'
import type { PartName } from './schedule'
import type { Switched, Told } from './told'
import type { Verdict } from './verdict'

/** Balances at a channel are what they began with and our postings. Both ways: no account has moved that we didn't move. */
export async function checkBalances(sql: Sql, channel: ChannelName, books: Books, verdict: Verdict): Promise<void> {
  const { rows } = await sql.pool.query<{ account: string; role: string; fen: number }>(
    `select p.account, p.role, sum(p.amount_fen)::bigint as fen
     from postings p join orders o using (order_no) where o.channel = $1 group by 1, 2`,
    [channel],
  )
  const ours = rows.filter((row) => books.namesPayers || row.role === 'merchant')
  const posted = new Map(ours.map((row) => [row.account, row.fen]))
  const theirs = books.namesPayers ? books.accounts.keys() : []
  for (const account of new Set([...posted.keys(), ...theirs])) {
    const { balanceFen, openingFen } = books.accounts.get(account) ?? { balanceFen: 0, openingFen: 0 }
    const shouldFen = openingFen + (posted.get(account) ?? 0)
    const sample =
      balanceFen === shouldFen ? undefined : `${account} at ${channel} has ${balanceFen}, should have ${shouldFen}`
    verdict.look('I10', 'each balance at a channel is its opening and our postings', sample)
  }
}

/** One wish to pay is one debit, whatever was lost on the way. Each visit has one wish; its keys name it. */
export async function checkIntents(sql: Sql, verdict: Verdict): Promise<void> {
  const { rows } = await sql.pool.query<{ intent: string; paid: number; numbers: string }>(`
    select substring(k.key from '-of-(\\d+)$') as intent, count(distinct o.order_no) as paid, string_agg(distinct o.order_no, ', ') as numbers
    from idempotency_keys k join orders o using (order_no) where o.state = 'paid' group by 1`)
  for (const { intent, paid, numbers } of rows) {
    const sample = paid > 1 ? `visit ${intent}: ${numbers}` : undefined
    verdict.look('I6', 'a payer who wished to pay once paid once', sample)
  }
}

/** News that contradicts an ending means that money moved which shouldn't have. */
export async function checkConflicts(sql: Sql, verdict: Verdict): Promise<void> {
  const what = 'no news contradicts an ending'
  const { rows } = await sql.pool.query<{ conflict: string; about: string }>(`
    select conflict, order_no as about from order_events where conflict is not null
    union all select conflict, refund_no from refund_events where conflict is not null`)
  verdict.checked('I5', what)
  for (const { conflict, about } of rows) verdict.violate('I5', what, `${about}: ${conflict}`)
}

/**
 * Quotes that changed within a lease are a violation (I8), but for cards that Redis lost, and for a card that the ledger gave
 * to another's order meanwhile: its quote had outlived a loss, or its payment a pause.
 */
export async function checkSwitched(
  sql: Sql,
  switched: readonly Switched[],
  outages: Outages,
  leaseMs: number,
  verdict: Verdict,
) {
  for (const one of switched) {
    const lost = outages.met(['redis'], one.from - leaseMs, one.to, ['kill', 'flush'])
    const given = `select 1 from orders where merchant_code = $1 and slot = $2 and created_at between $3 and $4 limit 1`
    const { rows } = await sql.pool.query(given, [one.merchantCode, one.heldSlot, one.from - leaseMs, one.to])
    if (lost || rows.length > 0) continue
    verdict.violate('I8', 'within a live lease a payer is quoted one and the same card', JSON.stringify(one))
  }
}

/** What may be away when a reply is missing or a 503. An open breaker outlives a channel's outage, and faults open it too. */
const EXCUSES: Record<string, readonly PartName[]> = {
  'ledger-unavailable': ['postgres'],
  lost: ['postgres', ...CHANNELS],
}

/** Every failure is that of a part that was away, never of Redis (I9), and a 503 says when to try again. */
export function checkFailures(
  failures: readonly Failure[],
  outages: Outages,
  faultsUntil: number,
  verdict: Verdict,
): void {
  for (const failure of failures) {
    const { status, code, bff, from, to } = failure
    const parts = [bff, ...(EXCUSES[status === 0 ? 'lost' : code] ?? [])]
    const excused =
      code === 'channel-unavailable' || code === 'channel-busy'
        ? from < faultsUntil
        : code !== 'internal' && code !== 'busy' && outages.met(parts, from, to)
    const told = `${failure.route} at ${bff}: ${status} ${code}, ${new Date(from).toISOString()} for ${to - from} ms`
    verdict.look(
      'I9',
      'only database, BFF and channels stop a payment, and only while they are away',
      excused ? undefined : told,
    )
    if (status === 503) verdict.look('HTTP', 'a 503 says when to try again', failure.retryAfter ? undefined : told)
  }
}

/** What merchants see on their pages is the ledger's; cards left are those that no order holds. */
export async function checkMerchants(
  sql: Sql,
  client: Client,
  told: Told,
  date: string,
  verdict: Verdict,
): Promise<void> {
  const { rows } = await sql.pool.query<{
    code: string
    orders: number
    fen: number
    used: number
    slots: number | null
  }>(
    `select o.merchant_code as code, count(*) filter (where o.state = 'paid') as orders,
       coalesce(sum(o.amount_fen) filter (where o.state = 'paid'), 0)::bigint as fen,
       (select count(*) from orders u where u.merchant_code = o.merchant_code and u.deck_date = $1 and u.state <> 'closed') as used,
       (select ${cardsIn('d')} from decks d where d.merchant_code = o.merchant_code and d.business_date = $1) as slots
     from orders o where o.business_date = $1 group by o.merchant_code order by o.merchant_code`,
    [date],
  )
  for (const row of rows) {
    const body = { platform: 'browser', code: `merchant-${row.code}` }
    const session = await client.call<MerchantSession>(0, 'POST', '/api/merchant/session', { body })
    if (session.kind !== 'ok') throw new Error(`no session for ${row.code}`)
    const { token } = session.body
    const summary = await client.call<MerchantSummaryView>(0, 'GET', `/api/merchant/summary?date=${date}`, { token })
    const equal = summary.kind === 'ok' && summary.body.orderCount === row.orders && summary.body.amountFen === row.fen
    verdict.look(
      'I10',
      'a merchant’s page shows the ledger’s totals',
      equal ? undefined : `${row.code}: ${JSON.stringify(summary)}`,
    )
    const shop = await client.call<MerchantView>(0, 'GET', `/api/merchants/${row.code}`)
    const left = shop.kind === 'ok' ? shop.body.offer?.remainingToday : undefined
    if (row.slots === null || typeof left !== 'number') continue
    const burnt = row.slots - row.used - left
    // A Redis that forgot may offer a card that an order holds: the ledger refuses it, once, and Redis learns.
    if (burnt < 0) told.count('cards that Redis would offer once more', -burnt)
    const what = 'every card that no order holds can be dealt again'
    verdict.look('CARDS', what, burnt <= 0 ? undefined : `${row.code}: ${burnt} of ${row.slots}`)
  }
  told.count('merchants with orders', rows.length)
}
