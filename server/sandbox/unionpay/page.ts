import type { Book, Payment } from './book'

/**
 * Where the payer is asked, in UnionPay's app or its mini-program: they confirm with their password, cancel, get the password wrong, or
 * walk away. What they do is between them and UnionPay; the page that sent them here is told nothing.
 */

const SAID = {
  processing: '付款处理中',
  paid: '付款成功',
  failed: '付款失败',
  'wrong-password': '密码不对，请再试',
  over: '这笔付款已经结束',
  cancelled: '已取消，没有付款',
} as const

/** `GET` shows it, `POST` acts: a form with `act`, `password` and who is logged in, `payer`. */
export function payerPage(book: Book, token: string, form: URLSearchParams | null): { status: number; html: string } {
  const payment = book.byToken(token)
  if (!payment?.asked) return { status: 404, html: html('<h1>没有这笔付款</h1>') }
  if (!form) return { status: 200, html: html(asking(payment)) }
  const result =
    form.get('act') === 'confirm'
      ? book.confirm(token, form.get('payer') || 'somebody', form.get('password') ?? '')
      : 'cancelled'
  const again = result === 'wrong-password' ? asking(payment) : ''
  return { status: 200, html: html(`<h1 data-result="${result}">${SAID[result]}</h1>${again}`) }
}

function asking({ asked, state, merId }: Payment): string {
  if (state !== 'open' || !asked) return `<h1>${SAID.over}</h1>`
  // Two decimals from whole fen, without a float in between.
  const yuan = `${Math.floor(asked.amountFen / 100)}.${String(asked.amountFen % 100).padStart(2, '0')}`
  return `<h1>云闪付（沙箱）</h1><p>付给商户 ${merId}</p><p class="amount">¥${yuan}</p>
<form method="post"><input name="password" type="password" inputmode="numeric" placeholder="支付密码 246810" autofocus>
<button name="act" value="confirm">确认付款</button><button name="act" value="cancel">取消</button></form>`
}

function html(content: string): string {
  return `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>云闪付（沙箱）</title><style>body{font:16px sans-serif;margin:2rem;text-align:center}.amount{font-size:2rem}
input,button{font:inherit;padding:.75rem;margin:.25rem;width:14rem;max-width:100%;box-sizing:border-box}</style><main>${content}</main></html>`
}
