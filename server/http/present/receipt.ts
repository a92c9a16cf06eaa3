import { formatYuan } from '../../domain/money'
import type { Receipt } from '../../flow/payment/receipt'

/**
 * The page of a receipt in WeChat Pay's frame (点金计划 "商家小票"). Within three seconds it has to say that it is there, and how high it is;
 * `SHOW_OFFICIAL_PAGE` asks the frame to show its own page. Its way out is `jumpOut`. Colours are those of src/tokens.scss.
 */

type Told = NonNullable<Receipt['told']>

export function receiptPage({ origin, told }: Receipt, nonce: string): string {
  const way = told ? { style: 'SHOW_CUSTOM_PAGE', to: `/q/${encodeURIComponent(told.order.merchantCode)}` } : null
  const asks = told?.order.state === 'paying'
  return `<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>付款小票</title>
<style nonce="${nonce}">${STYLE}</style>
<body data-origin="${escaped(origin)}" data-style="${way?.style ?? 'SHOW_OFFICIAL_PAGE'}" data-to="${escaped(way?.to ?? '')}"${asks ? ' data-asks' : ''}>
<main>${told ? main(told) : '<p class="text">这张小票看不了，请以微信支付的结果为准。</p>'}</main>
<script nonce="${nonce}">${SCRIPT}</script>
</body>
</html>
`
}

function main({ order, merchantName }: Told): string {
  const { figures, refunded, state } = order
  const rows: [string, string][] = [
    ['商家', merchantName],
    ...(figures.payerDiscountFen > 0 ? [['订单金额', yuan(figures.amountFen)] as [string, string]] : []),
    ...(figures.payerDiscountFen > 0 ? [['优惠', `−${yuan(figures.payerDiscountFen)}`] as [string, string]] : []),
    [state === 'paid' ? '实付' : '应付', yuan(figures.payableFen)],
    ...(refunded.payerFen > 0 ? [['已退款', yuan(refunded.payerFen)] as [string, string]] : []),
    ['时间', inShanghai(order.endedAt ?? order.createdAt)],
    ['订单号', order.orderNo],
  ]
  const list = rows.map(([name, value]) => `<dt>${name}</dt><dd>${escaped(value)}</dd>`).join('')
  return `<p class="state state--${state}">${SAID[state]}</p>
${state === 'closed' ? '<p class="text">钱没有付给商家。要付款，请回到店铺重新付。</p>' : ''}
<dl>${list}</dl><button type="button">返回店铺</button>`
}

const SAID: Record<Told['order']['state'], string> = {
  paid: '付款成功，商家已收到',
  paying: '正在确认付款结果…',
  closed: '这笔没有付成',
}

const yuan = (fen: number) => `¥${formatYuan(fen)}`
const SHANGHAI_MS = 8 * 3_600_000
const inShanghai = (at: number) => new Date(at + SHANGHAI_MS).toISOString().slice(0, 16).replace('T', ' ')

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`)
}

/** Asks again while nobody knows yet; the page around it hears of its height each time. */
const SCRIPT = `
const { origin, style, to, asks } = document.body.dataset
const tell = (message) => parent.postMessage(JSON.stringify(message), origin)
const height = Math.ceil(document.querySelector('main').getBoundingClientRect().height)
tell({ action: 'onIframeReady', displayStyle: style, ...(to && { height }) })
document.querySelector('button')?.addEventListener('click', () => tell({ action: 'jumpOut', jumpOutUrl: new URL(to, location.href).href }))
if (asks !== undefined) setTimeout(() => location.replace(location.href), 2000)
`

const STYLE = `
:root { color-scheme: light dark; --ink: #15181d; --ink-2: #5b6470; --card: #fff; --line: #e9e6e0; --accent-ink: #c02f18; --ok: #1a704c; --wait: #80560b }
@media (prefers-color-scheme: dark) { :root { --ink: #f3f1ec; --ink-2: #b6bcc5; --card: #1c1f24; --line: #2d3138; --accent-ink: #ff8d73; --ok: #5fcf9c; --wait: #e4b965 } }
* { box-sizing: border-box; margin: 0 }
body { background: var(--card); color: var(--ink); font: 15px/1.6 system-ui, "PingFang SC", "Noto Sans CJK SC", sans-serif; -webkit-text-size-adjust: 100% }
main { max-width: 480px; margin: 0 auto; padding: 20px 16px }
.state { font-size: 17px; font-weight: 600; text-align: center }
.state--paid { color: var(--ok) } .state--paying { color: var(--wait) }
.text { margin-top: 4px; color: var(--ink-2); text-align: center; text-wrap: balance }
dl { display: grid; grid-template-columns: auto 1fr; gap: 10px 16px; margin: 16px 0; padding: 16px 0; border: solid var(--line); border-width: 1px 0 }
dt { color: var(--ink-2) } dd { text-align: right; overflow-wrap: anywhere; font-variant-numeric: tabular-nums }
button { display: block; width: 100%; min-height: 44px; border: 1px solid currentColor; border-radius: 14px; background: none; color: var(--accent-ink); font: inherit; font-weight: 600; cursor: pointer }
button:focus-visible { outline: 3px solid var(--accent-ink); outline-offset: 2px }
`
