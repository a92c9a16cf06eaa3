import { createPublicKey } from 'node:crypto'
import { checkCode, isSigned, payText } from '../../channel/wechatpay/sign'
import { isLoopback } from '../../domain/address'
import { escaped, type Page } from '../bank/html'
import type { Parts } from './parts'
import type { Prepay } from './wallet'

/**
 * Where the person is asked, as WeChat does it over the page that called: they confirm with their password, cancel, get it wrong, or walk
 * away. Nobody but WeChat Pay hears of it; `back` is where a browser without WeChat may return to.
 */

const SAID = {
  paid: '支付成功',
  'wrong-password': '支付密码错误，请重试',
  poor: '零钱余额不足，请换一种方式',
  expired: '订单已过期，请返回商家重新下单',
  over: '该订单已关闭或已支付',
  cancelled: '已取消支付',
} as const

const PAGE = /^\/sandbox\/pay\/(wx[0-9a-f]{34})$/

/** `GET` shows it, `POST` acts: a form with `act` and `password`. Undefined for any other path. */
export function personPage(parts: Parts, method: string, path: string, body: Buffer): Page | undefined {
  const { pathname, searchParams } = new URL(path, 'http://wechatpay.invalid')
  const prepayId = PAGE.exec(pathname)?.[1]
  if (!prepayId) return undefined
  const prepay = parts.wallet.byId(prepayId)
  if (!prepay || !isInvoked(parts, prepay, searchParams))
    return { status: 404, title: '微信支付', main: '<h1 data-result="refused">调起支付失败</h1>' }
  const back = backOf(searchParams.get('back'))
  if (method !== 'POST') return { title: '微信支付', main: asking(parts, prepay) + back }
  const form = new URLSearchParams(body.toString('utf8'))
  const password = form.get('password') ?? ''
  const result = form.get('act') === 'confirm' ? parts.wallet.confirm(prepay, password) : 'cancelled'
  const again = result === 'wrong-password' || result === 'poor' ? asking(parts, prepay) : ''
  const main = `<h1 data-result="${result}">${SAID[result]}</h1>${again}${back}`
  return { title: '微信支付', ...(result === 'paid' ? framing(parts, prepay, main) : { main }) }
}

/**
 * 点金计划: beside its own word WeChat frames the service provider's receipt, if it says within three seconds that it is there. What it says
 * is heard from its own origin alone.
 */
function framing(
  { keys, receiptUrl }: Parts,
  { request }: Prepay,
  main: string,
): Pick<Page, 'main' | 'script' | 'frames'> {
  if (receiptUrl === null) return { main }
  const [subMchId, outTradeNo] = [request.sub_mchid, request.out_trade_no]
  const url = new URL(receiptUrl)
  const check = checkCode(keys.apiV2Key, { subMchId, outTradeNo })
  url.search = new URLSearchParams({ sub_mch_id: subMchId, out_trade_no: outTradeNo, check_code: check }).toString()
  const frame = `<iframe src="${escaped(url.href)}" title="商家小票"></iframe>`
  return { main: main + frame, script: HEARS, frames: url.origin }
}

const HEARS = `
const frame = document.querySelector('iframe')
const late = setTimeout(() => frame.remove(), 3000)
addEventListener('message', ({ origin, source, data }) => {
  if (origin !== new URL(frame.src).origin || source !== frame.contentWindow) return
  const { action, displayStyle, height, jumpOutUrl } = JSON.parse(data)
  if (action === 'jumpOut' && /^https?:/.test(jumpOutUrl)) location.href = jumpOutUrl
  if (action !== 'onIframeReady') return
  clearTimeout(late)
  if (displayStyle !== 'SHOW_CUSTOM_PAGE') return frame.remove()
  frame.style.height = (height ?? 600) + 'px'
})`

/** What the app handed over must be signed by the service provider, for the app that the order names. */
function isInvoked({ keys }: Parts, { prepayId, request }: Prepay, given: URLSearchParams): boolean {
  const [appId, timeStamp, nonceStr] = ['appId', 'timeStamp', 'nonceStr'].map((name) => given.get(name) ?? '')
  const packed = given.get('package')
  if (appId !== request.sp_appid || packed !== `prepay_id=${prepayId}` || given.get('signType') !== 'RSA') return false
  if (!/^\d{1,10}$/.test(timeStamp!)) return false
  const text = payText({ appId, timeStamp: timeStamp!, nonceStr: nonceStr!, packed })
  return isSigned(createPublicKey(keys.clientKey), text, given.get('paySign'))
}

function asking({ nameOf }: Parts, { request, state }: Prepay): string {
  if (state !== 'open') return `<h1>${SAID.over}</h1>`
  const { total } = request.amount
  const yuan = `${Math.floor(total / 100)}.${String(total % 100).padStart(2, '0')}`
  return `<h1>微信支付</h1><p class="lead">付款给 ${escaped(nameOf(request.sub_mchid))}</p>
<p class="code">¥${yuan}</p><p class="lead">${escaped(request.description)}</p>
<form class="card" method="post"><p><input name="password" type="password" inputmode="numeric" autocomplete="off" placeholder="支付密码 246810" aria-label="支付密码" autofocus></p>
<p><button name="act" value="confirm">确认支付</button> <button name="act" value="cancel">取消</button></p></form>`
}

function backOf(url: string | null): string {
  const local =
    url !== null && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) && isLoopback(new URL(url).hostname)
  return local ? `<p><a href="${escaped(url)}">返回商家</a></p>` : ''
}
