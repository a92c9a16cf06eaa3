import { type RawBuilder, sql as raw } from 'kysely'
import type { ChangeRequest } from '../../../domain/change'
import type {
  Dismissed,
  FoundDay,
  Suspicion,
  SuspicionDay,
  SuspicionOrder,
  SuspicionState,
  Suspicions,
} from '../../../flow/ports'
import { REQUEST_COLUMNS, requestOf } from '../change/rows'
import type { Sql, Statement } from '../open-sql'
import { keyOf, standingHolds } from './standing'

/**
 * $1 campaign, $2 date, $3 merchants, $4 scores, $5 evidence, $6 ids of those that are new. A merchant's open suspicion takes the
 * day; one that is decided keeps what it was decided about, and the same day scored again doesn't open it anew.
 */
const RECORD: Statement = {
  name: 'suspicion-record',
  replan: true,
  text: `
    with found as (
      select * from unnest($3::text[], $4::integer[], $5::jsonb[], $6::text[]) as f(merchant_code, score, evidence, suspicion_id)
      where not exists (
        select 1 from suspicion_days d join suspicions s using (suspicion_id)
        where s.campaign_id = $1 and s.merchant_code = f.merchant_code and s.decision is not null and d.business_date = $2::date
      )
    ), opened as (
      insert into suspicions as s (suspicion_id, campaign_id, merchant_code, first_date, last_date, score)
      select suspicion_id, $1, merchant_code, $2::date, $2::date, score from found
      on conflict (campaign_id, merchant_code) where decision is null do update
        set first_date = least(s.first_date, excluded.first_date), last_date = greatest(s.last_date, excluded.last_date),
          score = greatest(s.score, excluded.score)
      returning s.suspicion_id, s.merchant_code
    )
    insert into suspicion_days (suspicion_id, business_date, score, evidence)
    select o.suspicion_id, $2::date, f.score, f.evidence from opened o join found f using (merchant_code)
    on conflict (suspicion_id, business_date) do update set score = excluded.score, evidence = excluded.evidence
    returning suspicion_id`,
}

/** $1 campaign, $2 merchants. */
const DISMISSED: Statement = {
  name: 'suspicion-dismissed',
  text: `
    select s.merchant_code as "merchantCode", s.score, s.last_date as date
    from unnest($2::text[]) as m(merchant_code) cross join lateral (
      select * from suspicions s where s.campaign_id = $1 and s.merchant_code = m.merchant_code and s.decided_at is not null
      order by s.decided_at desc limit 1
    ) s where s.decision = 'dismissed'`,
}

/** $1 campaign, $2 merchant, $3 date. Payers are numbered as they came. */
const ORDERS_OF: Statement = {
  name: 'suspicion-orders-of',
  text: `
    select order_no as "orderNo", created_at as "createdAt", amount_fen as "amountFen", payable_fen as "payableFen",
      discount_fen as "discountFen", merchant_reward_fen as "merchantRewardFen",
      coalesce((
        select sum(r.payer_fen) from refunds r
        where r.order_no = o.order_no and r.state = 'refunded' and r.difference_id is null
      ), 0)::bigint as "refundedFen",
      (select jsonb_build_object('refundNo', b.refund_no, 'fen', b.merchant_fen, 'state', b.state, 'failReason', b.fail_reason)
        from refunds b where b.order_no = o.order_no and b.payer_fen = 0 order by b.state = 'failed', b.created_at desc, b.refund_no desc limit 1
      ) as "clawBack",
      dense_rank() over (order by came_at, payer_id) as payer
    from (
      select order_no, created_at, amount_fen, payable_fen, discount_fen, merchant_reward_fen, payer_id,
        min(created_at) over (partition by payer_id) as came_at from orders
      where campaign_id = $1 and merchant_code = $2 and deck_date = $3::date and slot is not null and state <> 'closed'
        and state = 'paid'
    ) o
    order by created_at, order_no`,
}

export async function record(sql: Sql, found: readonly FoundDay[]): Promise<number> {
  const [first] = found
  if (!first) return 0
  const { campaignId, date } = first
  const column = <T>(of: (one: FoundDay) => T) => found.map(of)
  const rows = await sql.run(RECORD, [
    campaignId,
    date,
    column((one) => one.merchantCode),
    column((one) => one.scored.score),
    column((one) => JSON.stringify(one.scored.evidence)),
    column((one) => `${date}.${one.merchantCode}.${campaignId}`),
  ])
  return rows.length
}

export function lastDismissed(sql: Sql, campaignId: string, merchantCodes: readonly string[]): Promise<Dismissed[]> {
  return sql.run<Dismissed>(DISMISSED, [campaignId, merchantCodes])
}

/** Nobody has asked for a decision yet, or somebody has. */
const STATE: RawBuilder<SuspicionState> = raw`
  case when s.decision is not null then 'decided' when exists (
    select 1 from change_requests r where r.kind in ('farming.dismiss', 'farming.hold', 'farming.claw-back')
      and r.subject = 'suspicion/' || s.suspicion_id and r.state in ('open', 'approved')
  ) then 'reviewing' else 'open' end`

const SUSPICION = raw`
  s.suspicion_id as "suspicionId", s.campaign_id as "campaignId", coalesce(c.name, s.campaign_id) as "campaignName",
  s.merchant_code as "merchantCode", coalesce(m.name, s.merchant_code) as "merchantName", m.branch_code as "branchCode",
  b.name as "branchName", ${STATE} as state, s.decision, s.decided_at as "decidedAt", s.score, s.first_date as "firstDate",
  s.last_date as "lastDate",
  (select count(*) from suspicion_days d where d.suspicion_id = s.suspicion_id) as days,
  (select count(*) from suspicions e where e.campaign_id = s.campaign_id and e.merchant_code = s.merchant_code
    and e.decision = 'dismissed' and e.suspicion_id <> s.suspicion_id) as "dismissedBefore"`

const AROUND = raw`
  left join campaigns c on c.campaign_id = s.campaign_id
  left join merchants m on m.merchant_code = s.merchant_code left join branches b on b.branch_code = m.branch_code`

export async function list(
  { db }: Sql,
  { state, after, limit }: Parameters<Suspicions['list']>[0],
): Promise<Suspicion[]> {
  const decided = state === 'decided'
  const rank = decided ? raw`s.decided_at` : raw`s.score`
  const { rows } = await raw<Suspicion>`
    select ${SUSPICION} from (
      select * from suspicions s
      where s.decision is ${decided ? raw`not null` : raw`null`} and ${STATE} = ${state}
        and ${after ? raw`(${rank}, s.suspicion_id) < (${after.rank}::bigint, ${after.suspicionId}::text)` : raw`true`}
      order by ${rank} desc, s.suspicion_id desc limit ${limit}
    ) s ${AROUND}
    order by ${rank} desc, s.suspicion_id desc`.execute(db)
  return rows
}

export async function find({ db }: Sql, suspicionId: string): Promise<Suspicion | undefined> {
  const { rows } = await raw<Suspicion>`
    select ${SUSPICION} from suspicions s ${AROUND} where s.suspicion_id = ${suspicionId}`.execute(db)
  return rows[0]
}

export async function daysOf({ db }: Sql, suspicionId: string, limit: number): Promise<SuspicionDay[]> {
  const query = db.selectFrom('suspicion_days').select(['business_date as date', 'score', 'evidence'])
  return query.where('suspicion_id', '=', suspicionId).orderBy('business_date', 'desc').limit(limit).execute()
}

export function ordersOf(sql: Sql, of: Parameters<Suspicions['ordersOf']>[0]): Promise<SuspicionOrder[]> {
  return sql.run<SuspicionOrder>(ORDERS_OF, [of.campaignId, of.merchantCode, of.date])
}

export async function changesOf({ db }: Sql, suspicionId: string, limit: number): Promise<ChangeRequest[]> {
  const query = db
    .selectFrom('change_requests')
    .select(REQUEST_COLUMNS)
    .where('subject', '=', `suspicion/${suspicionId}`)
  return (await query.orderBy('asked_at', 'desc').orderBy('change_id', 'desc').limit(limit).execute()).map(requestOf)
}

/** What stands of its own, by whom and until when, whatever others hold longer. */
export async function holdsOf({ db }: Sql, suspicionId: string, from: string) {
  const holds = (await standingHolds(db, { suspicionId })).filter(({ until }) => until >= from)
  return holds.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)).map(({ who, until }) => ({ who, until }))
}
