import { CURRENCY, ourNo } from '../../domain/channel'
import { jsonOf } from '../../domain/json'
import type { Clock, HttpAnswer, Notice, NoticeResult, Notices, RawRequest } from '../../flow/ports'
import { isTheirs, type WechatpayClient } from './client'
import { meaningOfTransaction } from './outcome'
import { outcomeOfRefund } from './refunds'
import { noticeBody, refundNews, transaction, type WechatpayConfig } from './schema'
import { HEADER, isTimely, unsealed } from './sign'

type Options = Pick<WechatpayConfig, 'mchId' | 'appIds' | 'apiV3Key'> & { clock: Clock }

/**
 * WeChat Pay's notices ("回调通知"), in the order in which one must look: headers, clock, serial, signature over the raw body, seal, whose it
 * is. Probes (`WECHATPAY/SIGNTEST/…`) are signed by nobody. One that comes again or late is old news, which changes nothing.
 */
export function notices({ keys, refresh }: Pick<WechatpayClient, 'keys' | 'refresh'>, options: Options): Notices {
  return {
    read(request): Notice {
      const fault = faultOf(request, options.clock.now())
      if (fault) return refused(fault)
      const serial = request.headers[HEADER.serial]
      if (!keys.of(serial)) {
        // It is sent again in 15 s, and then the certificate may be known.
        void refresh(serial)
        return refused('serial-unknown')
      }
      if (!isTheirs(keys, request.headers, request.body, options.clock.now())) return refused('signature-invalid')
      return opened(request, options)
    },
    acknowledge,
  }
}

/** Only its body is signed, so where and how it came is held against what we asked for. */
function faultOf({ method, path, headers }: RawRequest, nowMs: number): string | undefined {
  if (method !== 'POST' || path.includes('?')) return 'other-address'
  const missing = Object.values(HEADER).find((name) => typeof headers[name] !== 'string' || headers[name] === '')
  if (missing) return 'header-missing'
  return isTimely(headers[HEADER.timestamp], nowMs) ? undefined : 'clock-skew'
}

function opened({ body }: RawRequest, { mchId, appIds, apiV3Key }: Options): Notice {
  const told = noticeBody.safeParse(jsonOf(body))
  if (!told.success) return refused('malformed')
  const { event_type, resource } = told.data
  const plain = unsealed(apiV3Key, resource)
  if (!plain) return refused('seal-invalid')
  const said = jsonOf(plain)
  // Kept for the record; what names the payer is in the replies to our questions.
  const raw = { status: null, id: told.data.id, event: event_type }
  if (event_type === 'TRANSACTION.SUCCESS') return ofOrder(said, mchId, appIds, raw)
  return event_type.startsWith('REFUND.') ? ofRefund(said, mchId, raw) : refused('unknown-event')
}

function ofOrder(said: unknown, mchId: string, appIds: readonly string[], raw: unknown): Notice {
  const told = transaction.safeParse(said)
  if (!told.success) return refused('malformed')
  const { out_trade_no, sp_mchid, sp_appid } = told.data
  if (sp_mchid !== mchId) return refused('other-account')
  if (!appIds.includes(sp_appid)) return refused('other-app')
  const reply = { verb: 'notify' as const, ...meaningOfTransaction(mchId, out_trade_no, said), raw }
  return { kind: 'verified', about: 'order', number: ourNo(out_trade_no) ?? out_trade_no, reply }
}

function ofRefund(said: unknown, mchId: string, raw: unknown): Notice {
  const told = refundNews.safeParse(said)
  if (!told.success) return refused('malformed')
  const { out_refund_no, sp_mchid, sub_mchid, refund_id, refund_status, amount } = told.data
  if (sp_mchid !== mchId) return refused('other-account')
  const seen = { amountFen: amount.refund, currency: CURRENCY, payee: sub_mchid }
  const reply = { verb: 'notify' as const, outcome: outcomeOfRefund(refund_status, refund_id), seen, raw }
  return { kind: 'verified', about: 'refund', number: ourNo(out_refund_no) ?? out_refund_no, reply }
}

/** Anything but a 2xx, and it sends the notice again. */
function acknowledge(result: NoticeResult): HttpAnswer {
  const fail = (status: number, message: string) => ({
    status,
    type: 'application/json',
    body: JSON.stringify({ code: 'FAIL', message }),
  })
  switch (result.kind) {
    case 'handled':
      return { status: 200, type: 'application/json', body: '{"code":"SUCCESS"}' }
    case 'refused':
      return fail(result.code === 'serial-unknown' ? 403 : 401, result.code)
    case 'not-found':
      return fail(404, 'not-found')
  }
}

function refused(code: string): Notice {
  return { kind: 'refused', code }
}
