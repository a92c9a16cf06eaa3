import { ourNo } from '../../domain/channel'
import type { HttpAnswer, Notice, NoticeResult, Notices } from '../../flow/ports'
import { formOf, recordOf, type UnionPayClient } from './client'
import { meaningOfTrade, type Trade } from './outcome'
import { anyReply, tradeReply } from './schema'

/** What it is about: a payment, a refund or an undoing. */
const ABOUT: Readonly<Record<string, 'order' | 'refund'>> = { '01': 'order', '04': 'refund', '31': 'refund' }

/**
 * UnionPay's notices (后台通知): a form, signed as answers are. It names no time of its own, so an old one can't be told from one that
 * comes late: it says of its trade what stays true, and old news changes nothing. Only what succeeded is told, and up to five times.
 */
export function notices({ verify }: UnionPayClient): Notices {
  return {
    read({ method, path, headers, body }): Notice {
      const type = String(headers['content-type'] ?? '')
      // A query's parameters would be fields that nobody signed.
      if (method !== 'POST' || path.includes('?') || !type.startsWith('application/x-www-form-urlencoded'))
        return refused('malformed')
      const said = verify(formOf(Buffer.from(body).toString('utf8')))
      if (!said) return refused('signature-invalid')
      const [trade, answer] = [tradeReply.safeParse(said), anyReply.safeParse(said)]
      const about = ABOUT[said.txnType ?? '']
      if (!trade.success || !answer.success || about === undefined) return refused('malformed')
      const named: Trade = trade.data
      const meaning = meaningOfTrade(about, named, said, answer.data.respCode)
      const number = ourNo(named.orderId) ?? named.orderId
      return { kind: 'verified', about, number, reply: { verb: 'notify', ...meaning, raw: recordOf(said) } }
    },
    acknowledge,
  }
}

/** UnionPay wants 200; after anything else it sends the notice again. */
function acknowledge(result: NoticeResult): HttpAnswer {
  const say = (status: number, body: string) => ({ status, type: 'text/plain', body })
  switch (result.kind) {
    case 'handled':
      return say(200, 'ok')
    case 'refused':
      return say(403, result.code)
    case 'not-found':
      return say(404, 'no such order')
  }
}

function refused(code: string): Notice {
  return { kind: 'refused', code }
}
