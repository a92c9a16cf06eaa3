/**
 * What a channel literally said, as far as operators may read it: what it decided and why, numbers, amounts and times. Its replies also
 * name payers, their accounts and their tokens, and each channel in words of its own; so what isn't known to be harmless is hidden.
 */

/** Stands where something was said that isn't shown. */
export const HIDDEN = '（不显示）'

/** Names of fields, whatever their case and dashes. */
const SHOWN = new Set(
  `status state outcome result code msg message subcode submsg reason detail success
   tradestate tradestatedesc tradestatus returncode returnmsg resultcode errcode errcodedes respcode respmsg origrespcode origrespmsg
   verification currency currencycode amount amountfen payablefen total totalamount settleamt txnamt refundamount refundfee refundstatus
   orderno orderid outtradeno transactionid tradeno channeltradeno queryid origqryid refundno outrefundno refundid outrequestno requestid
   changeid merid mchid paidat bookedat successtime gmtpayment sendpaydate gmtrefundpay txntime createtime createdat expiresat time
   timestamp tradetype refundaccount line lineno`
    .split(/\s+/)
    .filter(Boolean),
)

const plain = (name: string) => name.toLowerCase().replace(/[_.-]/g, '')

/** So deep no channel nests; and of a list or an object no more than so many. */
const DEPTH = 8
const MOST = 60
const LONGEST = 200

export function shownReply(raw: unknown): unknown {
  return shown(raw, '', DEPTH)
}

function shown(value: unknown, name: string, depth: number): unknown {
  if (value === null || value === undefined) return null
  if (depth === 0) return HIDDEN
  if (Array.isArray(value)) return value.slice(0, MOST).map((one) => shown(one, name, depth - 1))
  if (typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value)
        .slice(0, MOST)
        .map(([key, one]) => [/^[\w.-]{1,40}$/.test(key) ? key : HIDDEN, shown(one, key, depth - 1)]),
    )
  if (name === 'body' && typeof value === 'string') return shown(jsonOf(value) ?? HIDDEN, '', depth - 1)
  if (!SHOWN.has(plain(name))) return HIDDEN
  return typeof value === 'string' ? value.slice(0, LONGEST) : value
}

/** A body that was cut off, or is no JSON, says nothing that can be told apart. */
function jsonOf(text: string): object | undefined {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
