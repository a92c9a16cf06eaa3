import type { OrderState } from '../../../domain/order'
import type { Backlog, ChannelReply } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'
import { waitMs } from './claim-due'
import { PAYING_ORDERS } from './open-orders'

/**
 * $1 order, $2 verb, $3 outcome, $4 raw reply, $5 conflict, $6 at, $7 what the payer must do, $8 how long to wait, where it is not for the
 * claim to say. A sweeper's claim ends with its
 * answer, so that the waits between questions are what they should be however long a claim may last. The state is as of this
 * statement, which began after whatever its caller did before.
 */
const CLAIM_ENDS = "attempts > 0 and $2::text in ('query', 'close')"

/** Of an order that waits for a proof: what there is to hear comes through us. Of a proof whose answer was lost: at once. */
const FOR_A_PROOF_MS = 16_000
const AFTER_A_PROOF_MS = 1_000

const NOTE: Statement = {
  name: 'note-reply',
  text: `
    with noted as (
      insert into order_events (order_no, kind, verb, outcome, raw, conflict, at)
      values ($1::text, 'noted', $2::text, $3::jsonb, $4::json, $5::text, $6::bigint)
    ), due as (
      update orders set
        action = coalesce($7::jsonb, action),
        next_query_at = case
          when $8::integer is not null then $6::bigint + $8::integer
          when ${CLAIM_ENDS} then $6::bigint + ${waitMs('attempts - 1')}
          else next_query_at
        end
      where order_no = $1::text and state = 'paying' and ($7::jsonb is not null or $8::integer is not null or ${CLAIM_ENDS})
    )
    select state from orders where order_no = $1::text`,
}

/** Both counts go by the list of what is open, so they cost what they are and not what the table is. */
const BACKLOG: Statement = {
  name: 'backlog',
  text: `
    select count(*) as unknown, min(created_at) as oldest_unknown_at,
      (select count(*) from open_orders where slot_return_at is not null) as slots_to_return
    from ${PAYING_ORDERS} o where attempts > 0`,
}

export async function noteReply(
  sql: Sql,
  orderNo: string,
  { verb, outcome, raw, action }: ChannelReply,
  conflict: string | null,
  at: number,
): Promise<OrderState> {
  const values = [
    orderNo,
    verb,
    JSON.stringify(outcome),
    JSON.stringify(raw ?? null),
    conflict,
    at,
    action ? JSON.stringify(action) : null,
    proofWait({ verb, outcome, action }),
  ]
  const [row] = await sql.run<{ state: OrderState }>(NOTE, values)
  return row!.state
}

function proofWait({ verb, outcome, action }: Pick<ChannelReply, 'verb' | 'outcome' | 'action'>): number | null {
  if (action?.kind === 'challenge') return FOR_A_PROOF_MS
  return verb === 'confirm' && outcome.kind === 'unknown' ? AFTER_A_PROOF_MS : null
}

export async function backlog(sql: Sql): Promise<Backlog> {
  type Row = { unknown: number; oldest_unknown_at: number | null; slots_to_return: number }
  const [row] = await sql.run<Row>(BACKLOG, [])
  return { unknown: row!.unknown, oldestUnknownAt: row!.oldest_unknown_at, slotsToReturn: row!.slots_to_return }
}
