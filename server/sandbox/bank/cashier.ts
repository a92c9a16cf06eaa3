import type { Bank } from './bank'
import { shownOf } from './bank'
import type { Challenge } from './facts'
import { escaped, type Page } from './html'
import { wordsOf, yuan } from './texts'

/** The bank's own page: where a payer answers a challenge that the bank asks by itself. */

/** The challenge of a page's address; undefined for one that the bank doesn't ask on a page. */
export function challengeAt({ books, ways }: Bank, token: string): Challenge | undefined {
  return [...books.challenges.values()].find(
    (one) => one.way === 'redirect' && ways.secrets.pageToken(one.challengeId) === token,
  )
}

/** `code` typed: what it came to is shown by the page afterwards. */
export function cashierPage(bank: Bank, challenge: Challenge): Page {
  const end = endingOf(bank, challenge)
  const title = `${bank.ways.name} · ${'orderNo' in challenge.about ? '付款确认' : '签约确认'}`
  const back = backOf(bank, challenge)
  if (end)
    return {
      title,
      main: `<h1>${escaped(bank.ways.name)}</h1><div class="card"><p class="amount">${end}</p><p>${escaped(wordsOf(bank, challenge))}</p></div>${back}`,
      script: BACK,
    }
  const { attemptsLeft, wrong, holder } = challenge
  const tries = wrong.length > 0 ? `<p class="wrong" role="alert">验证码不对，还可以再试 ${attemptsLeft} 次。</p>` : ''
  const cancel =
    'orderNo' in challenge.about
      ? '<form method="post"><input type="hidden" name="deed" value="cancel"><button class="plain">取消付款</button></form>'
      : ''
  return {
    title,
    main: `<h1>${escaped(title)}</h1><p class="lead">请核对以下内容，再输入短信验证码。</p><div class="card">${figures(bank, challenge)}</div><form method="post"><label for="code">发送到 ${escaped(holder.maskedPhone)} 的验证码</label><input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" pattern="\\d{6}" maxlength="6" required autofocus>${tries}<button>确认</button></form><form method="post"><input type="hidden" name="deed" value="resend"><button class="plain">重新发送验证码</button></form>${cancel}`,
  }
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

const BACK = `document.getElementById('back')?.addEventListener('click', () => history.back())`
