import { CURRENCY, ourNo } from '../../domain/channel'
import { unkeepable } from '../../domain/json'
import type { Clock, HttpAnswer, Notice, NoticeResult, Notices } from '../../flow/ports'
import { paidOf } from './discounts'
import { endOf } from './outcome'
import { type AlipayConfig, noticeFields } from './schema'
import { isSignedNotice, ofBeijing } from './sign'

/** How far a notice's own time may be off; each time it is sent it says when. */
const CLOCK_WINDOW_MS = 5 * 60_000

const UTF8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Alipay's notices (异步通知): a form, signed as a request is but for its sign_type. One that comes again, late, or in another order
 * than things happened is old news, which changes nothing. One of a refund names what went back of its trade in all and not what this
 * one gave, so it says only that there is something to ask about.
 */
export function notices(config: AlipayConfig & { clock: Clock }): Notices {
  return { read: (request) => read(config, request), acknowledge }
}

function read(config: AlipayConfig & { clock: Clock }, request: Parameters<Notices['read']>[0]): Notice {
  const { appId, sellerId, clock } = config
  const { method, path, headers, body } = request
  if (method !== 'POST' || path.includes('?')) return refused('malformed')
  if (!String(headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded'))
    return refused('malformed')
  const form = formOf(body)
  if (!form) return refused('malformed')
  if (!isSignedNotice(form, config)) return refused('signature-invalid')
  const named = Object.fromEntries(Object.entries(form).filter(([, value]) => value !== ''))
  const fields = noticeFields.safeParse(named)
  if (!fields.success) return refused('malformed')
  const said = fields.data
  if (!(Math.abs(clock.now() - ofBeijing(said.notify_time)) <= CLOCK_WINDOW_MS)) return refused('clock-skew')
  if (said.app_id !== appId) return refused('other-app')
  if (said.seller_id !== sellerId) return refused('other-seller')
  const raw = { status: null, body: form }
  // Signed, and no number of ours: the flow won't find it, and raises the alarm.
  const numberOf = (theirs: string) => ourNo(theirs) ?? theirs
  if (said.out_biz_no !== undefined || said.refund_fee !== undefined)
    return {
      kind: 'verified',
      about: 'refund',
      number: numberOf(said.out_biz_no ?? said.out_trade_no),
      reply: { verb: 'notify', outcome: { kind: 'pending' }, raw },
    }
  const outcome = endOf(said.trade_status, said.trade_no, said.gmt_payment !== undefined)
  // Without the payee that we sent along it is of a trade that we didn't make.
  const seen = said.passback_params && {
    amountFen: said.total_amount,
    currency: said.trans_currency ?? CURRENCY,
    payee: said.passback_params,
  }
  const paid = outcome.kind === 'succeeded' ? paidOf(said.total_amount, said) : {}
  const reply = { verb: 'notify' as const, outcome, ...(seen && { seen }), ...paid, raw }
  return { kind: 'verified', about: 'order', number: numberOf(said.out_trade_no), reply }
}

/** The fields of a form; undefined: it isn't one, names a field twice, or holds what no database keeps. */
function formOf(body: Uint8Array): Record<string, string> | undefined {
  let text: string
  try {
    text = UTF8.decode(body)
  } catch {
    return undefined
  }
  const pairs = [...new URLSearchParams(text)]
  const fields = Object.fromEntries(pairs)
  return Object.keys(fields).length === pairs.length && unkeepable(fields) === undefined ? fields : undefined
}

/** Alipay wants `success` and nothing else; after anything but that it sends the notice again, for 25 hours. */
function acknowledge(result: NoticeResult): HttpAnswer {
  const say = (status: number, body: string) => ({ status, type: 'text/plain', body })
  switch (result.kind) {
    case 'handled':
      return say(200, 'success')
    case 'refused':
      return say(403, 'fail')
    case 'not-found':
      return say(404, 'fail')
  }
}

function refused(code: string): Notice {
  return { kind: 'refused', code }
}
