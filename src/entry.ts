/** What a page was opened with. Taro adds keys of its own to it, so only what is asked for is ever read. */
export type PageParams = Partial<Record<string, string>>

const CODE = /^[A-Za-z0-9_-]{1,32}$/
const PAY_CODE = /^[A-Za-z0-9_.-]{1,200}$/

/**
 * The merchant a pay page was opened for:
 * - `merchant=M0001`, a link of ours;
 * - `q`, the encoded link of the counter's QR (扫普通链接二维码打开小程序): `https%3A%2F%2Fhost%2Fq%2FM0001`, by some clients
 *   encoded twice;
 * - `scene`, of a mini-program code, encoded: `M0001` or `m=M0001`.
 * Undefined when none of them names one.
 */
export function merchantOf(params: PageParams): string | undefined {
  const named = [
    params.merchant,
    /\/q\/([^/?#]+)/.exec(decoded(decoded(params.q)))?.[1],
    /^(?:m=)?([^&=]+)/.exec(decoded(decoded(params.scene)))?.[1],
  ]
  return named.find((code) => code !== undefined && CODE.test(code))
}

/** What a code for one payment (`/q/M0001?pay=…`) says besides its merchant; undefined where an address holds none. */
export function payCodeOf(params: PageParams): string | undefined {
  const [, scanned] = /\/q\/[^/?#]+\?(?:[^#]*&)?pay=([^&#]*)/.exec(decoded(decoded(params.q))) ?? []
  const code = params.pay ?? scanned
  return code !== undefined && PAY_CODE.test(code) ? code : undefined
}

/** What WeChat read of a code: its text, or of a code of this mini-program the page that it opens. */
export interface Scanned {
  text: string
  page: string
}

/**
 * The pay page's address for a code that was scanned inside the mini-program. Another house's counter may have a merchant M0001 too, so that a
 * link counts only if it is of `origin`, our own; anything else is no code of ours.
 */
export function pageOfScan({ text, page }: Scanned, origin: string): string | undefined {
  const [, search] = /^\/?pages\/pay\/index\?(.*)$/.exec(page) ?? []
  if (search !== undefined) return pageOf(paramsOf(search))
  const [, host, merchant, asked = ''] =
    /^https?:\/\/([^/?#]+)\/q\/([^/?#]+)(?:\?([^#]*))?(?:#|$)/i.exec(text.trim()) ?? []
  const [, own] = /^https?:\/\/([^/?#]+)/i.exec(origin) ?? []
  const ours = host !== undefined && own !== undefined && host.toLowerCase() === own.toLowerCase()
  return ours ? pageOf({ merchant, pay: paramsOf(asked).pay }) : undefined
}

function pageOf(params: PageParams): string | undefined {
  const search = counterSearch(params)
  return search ? `/pages/pay/index${search}` : undefined
}

/** What an address of the counter names, the merchant and a code for one payment: `?merchant=M0001&pay=…`; '' where it names no merchant. */
export function counterSearch(params: PageParams): string {
  const merchant = merchantOf(params)
  const pay = payCodeOf(params)
  return merchant ? `?merchant=${merchant}${pay ? `&pay=${pay}` : ''}` : ''
}

/** A mini-program has no URLSearchParams. */
function paramsOf(search: string): PageParams {
  const params: PageParams = {}
  for (const pair of search.split('&')) {
    const [name = '', value] = pair.split(/=([\s\S]*)/)
    params[name] = value
  }
  return params
}

function decoded(value: string | undefined): string {
  try {
    return decodeURIComponent(value ?? '')
  } catch {
    return ''
  }
}
