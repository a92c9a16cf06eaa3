import { createHash } from 'node:crypto'
import type { Bank } from './bank'
import { escaped, type Page } from './html'
import { type Text, textsOf } from './texts'

/**
 * The sandbox's telephone: what the bank texts to payers. Its address follows from the admin token, which the BFF doesn't have;
 * whoever starts the sandbox is told it.
 */
export function phonePath(adminToken: string): string {
  return `/phone/${createHash('sha256').update(`phone|${adminToken}`).digest('hex').slice(0, 32)}`
}

export function phonePage(bank: Bank, now: number): Page {
  return {
    title: '短信 · 沙箱手机',
    main: `<h1>${escaped(bank.ways.name)}的短信</h1><p class="lead">沙箱里所有付款人的手机都在这里。短信会自动出现，最新的在最上面。</p><div id="texts" aria-live="polite">${phoneList(bank, now)}</div>`,
    script: REFRESH,
  }
}

/** The texts alone, as the page asks for them again. */
export function phoneList(bank: Bank, now: number): string {
  const texts = textsOf(bank, now)
  return texts.length > 0 ? texts.map((text) => card(text, now)).join('') : EMPTY
}

const EMPTY = '<p class="empty">还没有短信。<br>签约或付款时，验证码会发到这里。</p>'

const WORDS: Record<Text['state'], string> = { live: '有效', used: '已使用', over: '已失效' }

function card({ to, code, words, sentAt, expiresAt, state }: Text, now: number): string {
  const left = Math.max(0, Math.ceil((expiresAt - now) / 1_000))
  const rest = state === 'live' ? `，还剩 ${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}` : ''
  const time = new Date(sentAt).toLocaleTimeString('zh-CN', { timeZone: 'Asia/Shanghai', hour12: false })
  return `<article class="card ${state}"><div class="row"><span>${escaped(to)}　${time}</span><span class="tag ${state}">${WORDS[state]}${rest}</span></div><p class="code">${code}</p><p class="words">${escaped(words)}。验证码请勿告诉任何人。</p></article>`
}

/** Every second, and touched only when something has changed. */
const REFRESH = `
const texts = document.getElementById('texts')
let shown
setInterval(async () => {
  try {
    const fresh = await (await fetch(location.href + '/list')).text()
    if (fresh !== shown) texts.innerHTML = shown = fresh
  } catch {}
}, 1000)
`
