import { type Kysely, sql as raw } from 'kysely'
import type { HoldWish } from '../../../flow/ports'
import type { Tables } from '../tables'

/** Whose further discounts a suspicion holds back, and to which date. */
export interface Hold {
  who: 'merchant' | 'payer'
  id: string
  until: string
  suspicionId: string
}

export const keyOf = ({ who, id }: Pick<Hold, 'who' | 'id'>) => `${who} ${id}`

/**
 * What stands of each suspicion of a campaign, or of one, by what took effect of it, in that order: two suspicions may hold the same payer, and
 * neither ends the other's. `next`: what takes effect now.
 */
export async function standingHolds(
  db: Kysely<Tables>,
  of: { campaignId: string } | { suspicionId: string },
  next?: { suspicionId: string; wish: HoldWish },
): Promise<Hold[]> {
  const which =
    'campaignId' in of
      ? raw`r.after ->> 'campaignId' = ${of.campaignId}`
      : raw`r.subject = ${`suspicion/${of.suspicionId}`}`
  // The log is numbered as things happened; two of one moment aren't told apart otherwise.
  const { rows } = await raw<{ suspicionId: string; wish: HoldWish }>`
    select substr(r.subject, ${'suspicion/'.length + 1}::integer) as "suspicionId", r.after as wish
    from change_requests r join operator_actions a
      on a.subject = r.subject and a.action = 'change.apply' and a.after ->> 'changeId' = r.change_id
    where r.kind = 'farming.hold' and r.state = 'applied' and ${which}
    order by a.action_id`.execute(db)
  const standing = new Map<string, Map<string, Hold>>()
  for (const { suspicionId, wish } of next ? [...rows, next] : rows) {
    const own = (wish.until !== null && standing.get(suspicionId)) || new Map<string, Hold>()
    standing.set(suspicionId, own)
    for (const one of await holdsIn(db, suspicionId, wish)) own.set(keyOf(one), one)
  }
  return [...standing.values()].flatMap((own) => [...own.values()])
}

/** What one decision holds back; nothing where it gives again. */
export async function holdsIn(
  db: Kysely<Tables>,
  suspicionId: string,
  { merchant, merchantCode, payersOf, until }: HoldWish,
): Promise<Hold[]> {
  if (until === null) return []
  const payers = payersOf.length > 0 ? await payersOfOrders(db, payersOf) : []
  return [
    ...(merchant ? [{ who: 'merchant' as const, id: merchantCode, until, suspicionId }] : []),
    ...payers.map((id) => ({ who: 'payer' as const, id, until, suspicionId })),
  ]
}

async function payersOfOrders(db: Kysely<Tables>, orderNos: readonly string[]): Promise<string[]> {
  const rows = await db.selectFrom('orders').select('payer_id').distinct().where('order_no', 'in', orderNos).execute()
  return rows.map((row) => row.payer_id)
}
