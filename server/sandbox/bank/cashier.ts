import type { Bank } from './bank'
import { shownOf } from './bank'
import type { Challenge } from './facts'
import { escaped, type Page } from './html'
import { yuan } from './texts'

/** The bank's own page: where a payer answers a challenge that the bank asks by itself. */

/** The challenge of a page's address; undefined for one that the bank doesn't ask on a page. */
export function challengeAt({ books, ways }: Bank, token: string): Challenge | undefined {
  return [...books.challenges.values()].find(
    (one) => one.way === 'redirect' && ways.secrets.pageToken(one.challengeId) === token,
  )
}

/** What is asked and what has come of it. */
export function cashierPage(bank: Bank, challenge: Challenge): Page {
  const title = `${bank.ways.name} · ${'orderNo' in challenge.about ? '付款确认' : '签约确认'}`
  const end = endingOf(bank, challenge)
  const main = end ? ended(bank, challenge) : asking(bank, challenge)
  return { title, main: `<h1>${end ?? escaped(title)}</h1>${main}`, script: SCRIPT }
}

function ended(bank: Bank, challenge: Challenge): string {
  return `<p class="lead">${escaped(bank.ways.name)}</p><div class="card">${figures(bank, challenge)}</div>${backOf(bank, challenge)}`
}

function asking(bank: Bank, challenge: Challenge): string {
  const { attemptsLeft, wrong, holder, about } = challenge
  const tries = wrong.length > 0 ? `<p class="wrong" role="alert">验证码不对，还可以再试 ${attemptsLeft} 次。</p>` : ''
  const left = Math.max(0, Math.ceil((bank.questions.resendAt(challenge) - bank.now()) / 1_000))
  const deed = (name: string, rest: string) =>
    `<form method="post"><input type="hidden" name="deed" value="${name}"><button class="plain"${rest}</button></form>`
  const wait = left > 0 ? ` disabled data-left="${left}">重新发送验证码（${left} 秒后）` : '>重新发送验证码'
  return `<p class="lead">请核对以下内容，再输入短信验证码。</p><div class="card">${figures(bank, challenge)}</div><form method="post"><label>发送到 ${escaped(holder.maskedPhone)} 的验证码<input name="code" inputmode="numeric" autocomplete="one-time-code" pattern="\\d{6}" maxlength="6" required autofocus></label>${tries}<button>确认</button></form>${deed('resend', wait)}${'orderNo' in about ? deed('cancel', '>取消付款') : ''}`
}

function figures({ books, ways }: Bank, { about }: Challenge): string {
  const row = (name: string, value: string) => `<dt>${name}</dt><dd>${escaped(value)}</dd>`
  if ('orderNo' in about) {
    const { payee, amountFen, payer } = shownOf(books.clearings.get(about.orderNo)!.request!)
    return `<p class="amount">${yuan(amountFen)}</p><dl>${row('收款方', ways.payee(payee))}${row('付款账户', `尾号 ${payer.slice(-4)}`)}</dl>`
  }
  const { want } = books.signings.get(about.signNo)!
  const account = want.kind === 'account' ? want.account : books.agreements.get(want.agreementId)!.account
  return `<dl>${row('签约账户', `尾号 ${account.slice(-4)}`)}${row('用途', '扫码付款')}</dl>`
}

/** What it came to; undefined while it can be answered. */
function endingOf(bank: Bank, { about }: Challenge): string | undefined {
  if ('orderNo' in about) {
    const known = bank.query(about.orderNo)
    if (known.state === 'challenge') return undefined
    return known.state === 'succeeded' ? '付款成功' : known.state === 'pending' ? '正在处理' : '付款未完成'
  }
  const { state } = bank.signings.state(about.signNo)
  return state.kind === 'open' ? undefined : state.kind === 'signed' ? '签约成功' : '签约未完成'
}

/** A signing says where it came from; a payment came from the page before. */
function backOf({ books }: Bank, { about }: Challenge): string {
  const to = 'signNo' in about ? books.signings.get(about.signNo)?.returnTo : undefined
  return to ? `<a class="button" href="${escaped(to)}">返回</a>` : '<button id="back">返回付款页面</button>'
}

/**
 * What the payer does leaves no trace in the browser's history, so that one step back is where they came from. Without scripts the
 * forms do the same, and the way back is the browser's.
 */
const SCRIPT = `
document.addEventListener('submit', async (event) => {
  event.preventDefault()
  const body = new URLSearchParams(new FormData(event.target))
  await fetch(location.href, { method: 'POST', body }).catch(() => {})
  location.replace(location.href)
})
document.getElementById('back')?.addEventListener('click', () => history.back())
const waiting = document.querySelector('[data-left]')
setInterval(() => {
  if (!waiting?.disabled) return
  const left = --waiting.dataset.left
  waiting.disabled = left > 0
  waiting.textContent = left > 0 ? '重新发送验证码（' + left + ' 秒后）' : '重新发送验证码'
}, 1000)
`
