import { PAYING_ORDERS } from '../payment/open-orders'

/** Of `differences`: the accepted one by which the channel itself gave the payer back what is owed (冲正); null: none. */
export const RETURNED_BY = `(
    select u.difference_id from differences u
    where u.channel = differences.channel and u.order_no = differences.order_no and u.kind = differences.kind
      and u.state = 'accepted' and differences.owed_fen > 0 and (u.line ->> 'payerFen')::bigint = differences.owed_fen
    order by u.seq limit 1
  )`

/** Of accepted `differences`: a payer is owed by it, and hasn't got it back. */
export const OWED = `differences.owed_fen > 0 and differences.payment is null and ${RETURNED_BY} is null and not exists (
    select 1 from refunds r where r.difference_id = differences.difference_id and r.state = 'refunded'
  )`

/** Of `differences`: it isn't settled, since nobody decided, the channel has not put it right, or the money is not back. */
export const UNSETTLED = `(differences.state in ('open', 'rejected') or (differences.state = 'accepted' and ${OWED}))`

/** What payers pay or get back by a difference, as the channel has it or else we, fen. */
export const MOVED = `abs(coalesce((differences.line ->> 'payerFen')::bigint, (differences.own ->> 'payerFen')::bigint))`

/** First millisecond after the date in Shanghai. */
const ENDED = `(extract(epoch from (reconciliations.statement_date + 1)::timestamp at time zone 'Asia/Shanghai') * 1000)::bigint`

/** Of `reconciliations`: what of the day, or before it, isn't settled now (the domain's Left). A refund for a difference is that one's. */
export const LEFT = `(
    select jsonb_build_object(
      'short', jsonb_build_object('count', count(*) filter (where short), 'fen', coalesce(sum(fen) filter (where short), 0)),
      'others', jsonb_build_object('count', count(*) filter (where not short), 'fen', coalesce(sum(fen) filter (where not short), 0)),
      'open', (
        select jsonb_build_object('count', count(*), 'fen', coalesce(sum(fen), 0)) from (
          select o.payable_fen as fen from ${PAYING_ORDERS} o
          where o.channel = reconciliations.channel and o.created_at < ${ENDED}
          union all
          select r.payer_fen from refunds r join orders o on o.order_no = r.order_no
          where r.state = 'refunding' and o.channel = reconciliations.channel and r.difference_id is null
            and r.created_at < ${ENDED}
        ) still
      ))
    from (
      select differences.class = 'short' as short, ${MOVED} as fen from differences
      where differences.channel = reconciliations.channel and differences.statement_date = reconciliations.statement_date
        and ${UNSETTLED}
    ) d
  )`
