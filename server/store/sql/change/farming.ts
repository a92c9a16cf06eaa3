import { sql as raw } from 'kysely'
import { addDays, businessDate } from '../../../domain/business-date'
import type { ClawBackWish, Decision, HoldWish, RequestFault } from '../../../flow/ports'
import { clawable } from '../suspicion/claw-back'
import { type Hold, holdsIn, keyOf, standingHolds } from '../suspicion/standing'
import type { About, Kind, Tx } from './kind'

/** What two people decide about a suspicion: it is none, further discounts are held back, the merchant's rewards are clawed back. */

const idOf = ({ subject }: Pick<About, 'subject'>) => subject.slice('suspicion/'.length)

/** Locks it. What was dismissed stays so; what was held or clawed back may be again. */
async function faultOf(tx: Tx, about: About, again: readonly Decision[]): Promise<RequestFault | null> {
  const query = tx.selectFrom('suspicions').select('decision').where('suspicion_id', '=', idOf(about)).forUpdate()
  const found = await query.executeTakeFirst()
  if (!found) return { code: 'subject-missing' }
  return found.decision === null || again.includes(found.decision) ? null : { code: 'suspicion-decided' }
}

async function decide(tx: Tx, about: About, decision: Decision, at: number): Promise<void> {
  const decided = { decision, decided_at: at }
  await tx.updateTable('suspicions').set(decided).where('suspicion_id', '=', idOf(about)).execute()
}

export const dismissal: Kind = {
  check: (tx, about) => faultOf(tx, about, []),
  apply: (tx, request, at) => decide(tx, request, 'dismissed', at),
}

export const hold: Kind = {
  async check(tx, about) {
    const fault = await faultOf(tx, about, ['held', 'clawed-back'])
    if (fault) return fault
    const { campaignId, merchantCode, payersOf } = about.after as HoldWish
    if (payersOf.length === 0) return null
    const orders = tx.selectFrom('orders').select('order_no').where('order_no', 'in', payersOf)
    const found = await orders.where('campaign_id', '=', campaignId).where('merchant_code', '=', merchantCode).execute()
    return found.length === payersOf.length ? null : { code: 'subject-missing', field: 'payersOf' }
  },
  async apply(tx, request, at) {
    const wish = request.after as HoldWish
    const suspicionId = idOf(request)
    await holdTheLatest(tx, { suspicionId, wish }, at)
    if (wish.until !== null) await decide(tx, request, 'held', at)
  },
}

/**
 * Of who is named, or was held by this suspicion where it gives again, the latest of all that stands holds: of another suspicion, too. One by one
 * in a campaign, so that what another decided at this moment is seen.
 */
async function holdTheLatest(tx: Tx, now: { suspicionId: string; wish: HoldWish }, at: number): Promise<void> {
  const { suspicionId, wish } = now
  const { campaignId, until } = wish
  await raw`select pg_advisory_xact_lock(hashtextextended(${`discount_holds/${campaignId}`}, 0))`.execute(tx)
  const own = tx.selectFrom('discount_holds').select(['who', 'id']).where('suspicion_id', '=', suspicionId)
  const named = until === null ? await own.execute() : await holdsIn(tx, suspicionId, wish)
  if (named.length === 0) return
  const latest = new Map<string, Hold>()
  for (const one of await standingHolds(tx, { campaignId }, now))
    if (one.until > (latest.get(keyOf(one))?.until ?? '')) latest.set(keyOf(one), one)
  const over = { until: addDays(businessDate(at), -1), suspicionId }
  const rows = named.map(({ who, id }) => {
    const hold = latest.get(keyOf({ who, id })) ?? over
    return { campaign_id: campaignId, who, id, until: hold.until, suspicion_id: hold.suspicionId }
  })
  await tx
    .insertInto('discount_holds')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['campaign_id', 'who', 'id'])
        .doUpdateSet(({ ref }) => ({ until: ref('excluded.until'), suspicion_id: ref('excluded.suspicion_id') }))
        // Another's that is later stays, though its orders be archived and nobody can say any more whose they were.
        .where(raw<boolean>`discount_holds.suspicion_id = ${suspicionId} or excluded.until > discount_holds.until`),
    )
    .execute()
}

export const clawBack: Kind = {
  async check(tx, about) {
    const fault = await faultOf(tx, about, ['held', 'clawed-back'])
    if (fault) return fault
    const { campaignId, merchantCode, orders } = about.after as ClawBackWish
    const orderNos = orders.map(({ orderNo }) => orderNo)
    const left = await clawable(tx, { campaignId, merchantCode, orderNos, lock: true })
    // As it was asked for and seen by both, to the fen.
    return orders.every(({ orderNo, fen }) => left.get(orderNo) === fen) ? null : { code: 'nothing-to-claw-back' }
  },
  async apply(tx, request, at) {
    const { merchantCode, orders } = request.after as ClawBackWish
    for (const { orderNo, refundNo, fen } of orders) await open(tx, { orderNo, refundNo, fen, merchantCode, at })
    await decide(tx, request, 'clawed-back', at)
  },
}

/** As a refund that is stored before anything is sent: the sweeper finds it due, asks the channel, and sends it. */
async function open(
  tx: Tx,
  { orderNo, refundNo, fen, merchantCode, at }: ClawBackWish['orders'][number] & { merchantCode: string; at: number },
): Promise<void> {
  const order = tx.selectFrom('orders').select(['branch_code', 'channel']).where('order_no', '=', orderNo)
  await tx
    .insertInto('refunds')
    .values({
      refund_no: refundNo,
      order_no: orderNo,
      merchant_code: merchantCode,
      ...(await order.executeTakeFirstOrThrow()),
      business_date: businessDate(at),
      payer_fen: 0,
      merchant_fen: fen,
      gl_fen: fen,
      reason: null,
      idempotency_key: `claw-back ${refundNo}`,
      input_hash: '',
      state: 'refunding',
      created_at: at,
      next_query_at: at,
    })
    .execute()
  await tx.insertInto('refund_events').values({ refund_no: refundNo, kind: 'opened', at }).execute()
}
