import { CompiledQuery } from 'kysely'
import { businessDate } from '../../../domain/business-date'
import { type Difference, nextOf, SUSPENSE_ACCOUNT } from '../../../domain/difference'
import type { Posting } from '../../../domain/posting'
import type { PayWish, RequestFault } from '../../../flow/ports'
import { lockedDifference } from '../reconcile/difference-book'
import type { About, Kind, Tx } from './kind'

/** What a payer is owed by an accepted difference goes back: by another refund, or from a GL account (垫付). */

const idOf = ({ subject }: Pick<About, 'subject'>) => subject.slice('difference/'.length)

async function owing(tx: Tx, about: About): Promise<Difference | RequestFault> {
  const found = await lockedDifference(tx, idOf(about))
  if (!found) return { code: 'subject-missing', field: 'id' }
  const next = nextOf(found)
  if (next === 'retry' || (next === 'pay' && about.kind === 'difference.pay')) return found
  return { code: next === 'settled' ? 'already-ended' : 'nothing-changes', field: 'id' }
}

/** What both people saw of it: the refund that failed. */
const standing: Kind['standing'] = async (tx, about) => {
  const found = await lockedDifference(tx, idOf(about))
  return found && { owedFen: found.owedFen, refund: found.refund }
}

export const refundAgain: Kind = {
  async check(tx, about) {
    const found = await owing(tx, about)
    return 'code' in found ? found : null
  },
  standing,
  async apply(tx, request, at) {
    const { refundNo } = request.after as { refundNo: string }
    await tx.executeQuery(CompiledQuery.raw(AGAIN, [idOf(request), refundNo, businessDate(at), at]))
  },
}

/** $1 difference, $2 refund number, $3 business date, $4 now. As the first one was (reconcile/difference-book.ts), under another number. */
const AGAIN = `
  with refund as (
    insert into refunds (refund_no, order_no, merchant_code, branch_code, business_date, payer_fen, merchant_fen, gl_fen, reason,
      idempotency_key, input_hash, state, created_at, next_query_at, difference_id)
    select $2::text, o.order_no, o.merchant_code, o.branch_code, $3::date, s."payerFen", s."merchantFen", s."glFen",
      'correction ' || d.difference_id, 'correction ' || d.difference_id || ' ' || $2::text, '', 'refunding', $4::bigint, $4::bigint,
      d.difference_id
    from differences d
    join orders o on o.order_no = d.order_no and o.channel = d.channel
    cross join jsonb_to_record(d.proposal -> 'refund') as s("payerFen" bigint, "merchantFen" bigint, "glFen" bigint)
    where d.difference_id = $1
    returning refund_no, created_at
  )
  insert into refund_events (refund_no, kind, at) select refund_no, 'opened', created_at from refund`

export const payFromGl: Kind = {
  async check(tx, about) {
    const { glAccount } = about.after as PayWish
    const gl = tx.selectFrom('branches').select('branch_code').where('gl_account', '=', glAccount)
    if (!(await gl.executeTakeFirst())) return { code: 'subject-missing', field: 'glAccount' }
    const found = await owing(tx, about)
    return 'code' in found ? found : null
  },
  standing,
  async apply(tx, request, at) {
    const { glAccount, voucherNo } = request.after as PayWish
    const one = (await lockedDifference(tx, idOf(request)))!
    const payer = one.own?.payerAccount ?? SUSPENSE_ACCOUNT
    const postings: Posting[] = [
      { account: glAccount, role: 'gl', amountFen: -one.owedFen },
      { account: payer, role: 'payer', amountFen: one.owedFen },
    ]
    const payment = JSON.stringify({
      glAccount,
      voucherNo,
      by: request.askedBy,
      reviewedBy: request.reviewedBy,
      at,
      postings,
    })
    await tx.executeQuery(CompiledQuery.raw(PAY, [one.differenceId, payment, at]))
  },
}

/** $1 difference, $2 the payment, $3 now. */
const PAY = `
  with paid as (
    update differences set payment = $2::jsonb, revision = revision + 1 where difference_id = $1 returning *
  )
  insert into postings (order_no, correction_id, account, role, amount_fen, posted_at)
  select o.order_no, d.difference_id || '/paid', p.account, p.role, p."amountFen", $3::bigint
  from paid d
  cross join jsonb_to_recordset(d.payment -> 'postings') as p(account text, role text, "amountFen" bigint)
  left join orders o on o.order_no = d.order_no and o.channel = d.channel`
