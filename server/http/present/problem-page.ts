import { createHash } from 'node:crypto'
import type { HttpProblem } from '../problem'

/**
 * A refusal as a person reads it who came with a browser: what is the matter and the way on, in Chinese, never the problem document. Nothing
 * that was asked for is repeated in it. Colours are those of src/tokens.scss.
 */
export function problemPage(problem: HttpProblem): string {
  const { title, text, again } = saidOf(problem)
  return `<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
<main><p class="mark" aria-hidden="true">!</p><h1>${title}</h1><p>${text}</p><a href="${again ? '' : '/'}">${again ? '再试一次' : '看看怎么付款'}</a></main>
</html>
`
}

/** Whether whoever asks is a browser that shows what it gets: those that only read JSON name no HTML. */
export function asksForPage(method: string | undefined, accept: string | undefined): boolean {
  return (method === 'GET' || method === 'HEAD') && /\btext\/html\b/.test(accept ?? '')
}

interface Said {
  title: string
  text: string
  /** it passes: the same address may be asked for once more */
  again?: boolean
}

const NOT_PAID = '没有看到付款结果前，请勿重复付款。'

function saidOf({ code, status }: HttpProblem): Said {
  if (code === 'merchant-not-found')
    return { title: '没有这家商户', text: '这个收款码读不出来，或已经停用。请在店里重新扫码，或问一下店家。' }
  if (status === 404)
    return { title: '没有这个页面', text: '地址可能不完整，或页面已经搬走。要付款，请扫店里的收款码。' }
  if (status === 429) return { title: '操作太频繁', text: '请稍等片刻再试。', again: true }
  if (code === 'overloaded') return { title: '现在使用的人太多', text: `请稍等片刻再试。${NOT_PAID}`, again: true }
  if (status >= 500) return { title: '服务暂时不可用', text: `请稍后再试。${NOT_PAID}`, again: true }
  return { title: '这个页面打不开', text: '地址可能不完整，或已经过期。要付款，请重新扫店里的收款码。' }
}

const STYLE = `
:root { color-scheme: light dark; --ink: #15181d; --ink-2: #5b6470; --paper: #f5f4f1; --tile: #e6e2d8; --edge: #d3cfc5; --card: #fff; --accent: #c8371f }
@media (prefers-color-scheme: dark) { :root { --ink: #f3f1ec; --ink-2: #b6bcc5; --paper: #121417; --tile: #2d3138; --edge: #454b54; --card: #1c1f24 } }
* { box-sizing: border-box; margin: 0 }
body { background: var(--paper); color: var(--ink); font: 16px/1.6 system-ui, "PingFang SC", "Noto Sans CJK SC", sans-serif; -webkit-text-size-adjust: 100% }
main { max-width: 480px; margin: 0 auto; padding: 72px 24px 40px; text-align: center }
.mark { width: 64px; height: 64px; margin: 0 auto 20px; border-radius: 50%; background: var(--tile); color: var(--ink-2); font-size: 26px; font-weight: 600; line-height: 64px }
h1 { font-size: 20px; font-weight: 600 }
h1 + p { margin: 8px 0 28px; color: var(--ink-2); text-wrap: balance }
a { display: inline-block; min-width: 180px; padding: 12px 24px; border: 1px solid var(--edge); border-radius: 14px; background: var(--card); color: inherit; text-decoration: none }
a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
`

/** Its own style and nothing else. */
export const PROBLEM_PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')
