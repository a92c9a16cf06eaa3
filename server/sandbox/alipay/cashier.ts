import { isLoopback, isSafeUrl } from '../../domain/address'
import { yuanOf } from './methods'
import { PASSWORD, type Trade, type Trades } from './trades'

/** Where the payer is asked (收银台): they confirm, cancel, get the password wrong, or walk away. Whoever sent them is told nothing. */

const SAID = {
  paid: '付款成功',
  processing: '付款处理中',
  'wrong-password': '支付密码不正确，请再试',
  failed: '密码输错次数过多，付款失败',
  'insufficient-funds': '余额不足，请换一种付款方式',
  over: '这笔付款已经结束',
  cancelled: '已取消，没有付款',
} as const
export type Said = keyof typeof SAID

export interface Page {
  status: number
  html: string
}

/** `GET` shows it, `POST` acts: a form with `act` and `password`. `person`: whose browser it is, where the trade names nobody; `back`: from where it came. */
export function cashierPage(
  trades: Trades,
  trade: Trade | undefined,
  form: URLSearchParams | null,
  person: string,
  back: string | null,
): Page {
  if (!trade) return { status: 404, html: html('<h1>没有这笔付款</h1>') }
  if (!form) return { status: 200, html: html(asking(trade)) }
  const confirmed = form.get('act') === 'confirm'
  const { buyer, outTradeNo } = trade.request
  const result: Said = confirmed ? trades.confirm(outTradeNo, buyer ?? person, form.get('password') ?? '') : 'cancelled'
  const again = result === 'wrong-password' || result === 'insufficient-funds' ? asking(trade) : ''
  return { status: 200, html: html(`<h1 data-result="${result}">${SAID[result]}</h1>${again || wayBack(back)}`) }
}

/** To where the payer came from; a sandbox leads nowhere but to this machine. */
function wayBack(back: string | null): string {
  if (back === null || !isSafeUrl(back) || !isLoopback(new URL(back).hostname)) return ''
  return `<p><a href="${new URL(back).href.replaceAll('"', '%22').replaceAll('&', '&amp;')}">返回商家</a></p>`
}

function asking({ request, state }: Trade): string {
  if (state !== 'waiting') return `<h1 data-result="over">${SAID.over}</h1>`
  return `<h1>支付宝（沙箱）</h1><p>${request.subject}</p><p class="amount">¥${yuanOf(request.amountFen)}</p>
<form method="post"><input name="password" type="password" inputmode="numeric" placeholder="支付密码 ${PASSWORD}" aria-label="支付密码" autofocus>
<button name="act" value="confirm">确认付款</button><button name="act" value="cancel" class="plain">取消</button></form>`
}

export function refusedPage(code: string): Page {
  return {
    status: 200,
    html: html(`<h1 data-result="refused">付款没有发起</h1><p>${code.replace(/[^\w.-]/g, '')}</p>`),
  }
}

function html(content: string): string {
  return `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>支付宝（沙箱）</title><style>body{font:16px sans-serif;margin:2rem 1rem;text-align:center;color:#1f2937}
h1{font-size:1.25rem;color:#1677ff}.amount{font-size:2rem;margin:.5rem}form{display:flex;flex-direction:column;gap:.75rem;max-width:20rem;margin:0 auto}
input,button{font:inherit;padding:.75rem;border-radius:.5rem;border:1px solid #d1d5db}button{background:#1677ff;color:#fff;border:0}
.plain{background:none;color:#6b7280}</style><main>${content}</main></html>`
}
