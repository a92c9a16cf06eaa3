import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'

/** Pages of the sandbox bank: no address of theirs gets out, nobody frames them, and nothing from elsewhere runs in them. */

export interface Page {
  status?: number
  title: string
  /** HTML; every value in it went through {@link escaped} */
  main: string
  script?: string
  /** whose pages it frames, an origin */
  frames?: string
}

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`)
}

export function sendPage(response: ServerResponse, { status = 200, title, main, script, frames }: Page): void {
  const nonce = randomBytes(16).toString('base64')
  const policy = [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    ...(frames ? [`frame-src ${frames}`] : []),
  ]
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
  })
  response.end(`<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style nonce="${nonce}">${STYLE}</style>
<main>${main}</main>
${script ? `<script nonce="${nonce}">${script}</script>` : ''}
</html>
`)
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2129; --soft: #586070; --line: #e5e7eb; --paper: #fff; --ground: #f3f4f6; --own: #b3261e; --alert: #b3261e; --fresh: #0a7148 }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --soft: #a5adba; --line: #343941; --paper: #1f2329; --ground: #15181c; --alert: #f2a29c; --fresh: #5ecf9a } }
* { box-sizing: border-box; margin: 0 }
body { background: var(--ground); color: var(--ink); font: 16px/1.6 system-ui, "PingFang SC", "Noto Sans CJK SC", sans-serif; -webkit-text-size-adjust: 100% }
main { max-width: 480px; min-height: 100vh; margin: 0 auto; padding: 24px 16px 40px }
h1 { font-size: 20px; line-height: 1.4 }
.lead { color: var(--soft); font-size: 14px; margin: 4px 0 20px }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: 14px; padding: 16px; margin-bottom: 12px }
.row { display: flex; justify-content: space-between; gap: 12px; color: var(--soft); font-size: 13px }
.code { font: 600 34px/1.3 ui-monospace, "SF Mono", Menlo, monospace; letter-spacing: 6px; margin: 8px 0 4px; user-select: all }
.code { color: var(--soft) } .live .code, .tag.live { color: var(--fresh) }
.live.card { border-color: var(--fresh) }
.tag { white-space: nowrap }
.words { overflow-wrap: anywhere }
.empty { text-align: center; color: var(--soft); padding: 64px 16px }
.amount { font-size: 34px; font-weight: 600; line-height: 1.3; margin: 4px 0 12px }
dl { display: grid; grid-template-columns: auto 1fr; gap: 8px 16px; font-size: 15px }
dt { color: var(--soft) } dd { text-align: right; overflow-wrap: anywhere }
label { display: block; margin: 20px 0 8px; font-size: 15px }
label input { margin-top: 8px }
input { width: 100%; height: 52px; border: 1px solid var(--soft); border-radius: 12px; padding: 0 16px; background: var(--paper); color: inherit; font: 600 24px/1 ui-monospace, monospace; letter-spacing: 6px }
input:focus-visible, button:focus-visible, a:focus-visible { outline: 3px solid #f0b5b0; outline-offset: 2px }
button, .button { display: block; width: 100%; min-height: 48px; margin-top: 12px; border: 0; border-radius: 12px; background: var(--own); color: #fff; font: 600 17px/48px system-ui, sans-serif; text-align: center; text-decoration: none; cursor: pointer }
button:disabled { cursor: default }
button.plain { background: none; color: var(--soft); font-weight: 400; font-size: 15px }
iframe { display: block; width: 100%; height: 0; margin-top: 16px; border: 0; border-radius: 14px }
.note { color: var(--soft); font-size: 13px; margin-top: 12px }
.wrong { color: var(--alert); font-size: 14px; margin-top: 8px }
`
