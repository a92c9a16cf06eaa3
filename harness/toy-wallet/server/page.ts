import type { Prepay, Wallet } from './wallet'

/**
 * Where the person is asked: they confirm with their password, cancel, get the password wrong, or walk away. What they do is
 * between them and the wallet; the page that sent them here is told nothing.
 */

const SAID = {
  processing: '付款处理中',
  paid: '付款成功',
  failed: '付款失败',
  'wrong-password': '密码不对，请再试',
  expired: '已过期，请回到商家重新付款',
  over: '这笔付款已经结束',
  cancelled: '已取消，没有付款',
} as const

export interface Page {
  status: number
  html: string
}

/** `GET /page/:prepayId` shows it, `POST` acts: a form with `act` and `password`. Undefined for any other path. */
export function personPage(wallet: Wallet, method: string, path: string, body: Buffer): Page | undefined {
  const prepayId = /^\/page\/([0-9a-f]{32})$/.exec(path)?.[1]
  if (!prepayId) return undefined
  const prepay = wallet.byId(prepayId)
  if (!prepay?.request) return { status: 404, html: html('<h1>没有这笔付款</h1>') }
  if (method === 'GET') return { status: 200, html: html(asking(prepay)) }
  const form = new URLSearchParams(body.toString('utf8'))
  const result = form.get('act') === 'confirm' ? wallet.confirm(prepayId, form.get('password') ?? '') : 'cancelled'
  const again = result === 'wrong-password' ? asking(prepay) : ''
  return { status: 200, html: html(`<h1 data-result="${result}">${SAID[result]}</h1>${again}`) }
}

function asking({ request, state }: Prepay): string {
  if (state !== 'open' || !request) return `<h1>${SAID.over}</h1>`
  // Two decimals from whole fen, without a float in between.
  const yuan = `${Math.floor(request.amountFen / 100)}.${String(request.amountFen % 100).padStart(2, '0')}`
  return `<h1>玩具钱包</h1><p>付给 ${request.payee}</p><p class="amount">¥${yuan}</p>
<form method="post"><input name="password" type="password" inputmode="numeric" placeholder="支付密码" autofocus>
<button name="act" value="confirm">确认付款</button><button name="act" value="cancel">取消</button></form>`
}

function html(content: string): string {
  return `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>玩具钱包</title><style>body{font:16px sans-serif;margin:2rem;text-align:center}.amount{font-size:2rem}
input,button{font:inherit;padding:.75rem;margin:.25rem;width:14rem}</style><main>${content}</main></html>`
}
