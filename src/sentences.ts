import type {
  AgreementView,
  MerchantOrderView,
  MerchantView,
  OrderView,
  QuoteView,
  RulesView,
  SignView,
} from '@contract'
import { ApiError, serverNow } from './api'
import { plainYuan, yuan } from './money'

/** Every code a person may meet, as a plain Chinese sentence. What happened first, then the way on. */

type Reason = NonNullable<QuoteView['reason']>
type Today = RulesView['today']

/** Why there is no discount, in the same words on every page. */
export const WHY: Record<Reason, string> = {
  'below-threshold': '未达到优惠门槛',
  'all-held': '优惠名额暂时被占用',
  'sold-out': '今日优惠已发完',
  'discount-unavailable': '优惠暂时不可用',
  'not-in-campaign': '本店暂无优惠活动',
  'campaign-not-started': '活动尚未开始',
  'campaign-paused': '活动暂停中',
  'campaign-ended': '活动已结束',
  'outside-window': '不在优惠时段',
  'limit-reached': '您今天的优惠次数已用完',
  'holding-limit': '您今天保留的优惠已到上限',
  'own-shop': '在自己的店付款不参加优惠',
  'not-eligible': '暂不参加优惠',
  'budget-exhausted': '活动经费已用完',
  'channel-not-eligible': '该付款方式不参加优惠',
}
/** A reason from after this page was built stops nobody from paying (I9). */
const why = (reason: Reason, words?: string) => words ?? WHY[reason] ?? '暂无优惠'

/** `0.5–5`: what a hidden discount lies in, yuan. */
export function rangeWords({ minFen, maxFen }: NonNullable<QuoteView['discountRange']>): string {
  return `${plainYuan(minFen)}–${plainYuan(maxFen)}`
}

type Offer = NonNullable<MerchantView['offer']>

/** `多数减 3.5–4.5 元`: beside a headline that names the most alone; '' where nothing can be said of most. */
export function usualSentence({ usual }: Pick<Offer, 'usual'>): string {
  if (!usual) return ''
  return `多数减 ${usual.minFen === usual.maxFen ? plainYuan(usual.minFen) : rangeWords(usual)} 元`
}

/** What the shop gets beside what its customer saves, before anybody knows how much; '' where it gets nothing. */
export function shopToo({ merchantPercent }: Pick<Offer, 'merchantPercent'>): string {
  if (merchantPercent === 0) return ''
  return merchantPercent === 50 ? '另有同额奖励给店家' : '另有奖励给店家'
}

/** In how many minutes the first held card comes back, unless it is paid for; '' while nobody can know. */
function backIn(availableAt: string | null): string {
  if (availableAt === null) return ''
  return `，约 ${Math.max(1, Math.ceil((Date.parse(availableAt) - serverNow()) / 60_000))} 分钟后`
}

/** When the next cards are dealt; '' while nobody can know. A page may lie open until that has passed. */
function dealtAgain(availableAt: string | null): string {
  return availableAt && Date.parse(availableAt) > serverNow() ? '，明天 0 点再发' : ''
}

/** Why a quote has no discount. The threshold comes from the merchant's offer; without one the sentence stays general. */
export function reasonSentence(
  { reason, availableAt, reasonWords }: { reason: Reason | null } & Pick<Today, 'availableAt' | 'reasonWords'>,
  amountFen: number,
  thresholdFen?: number,
): string {
  if (reason === null) return ''
  if (reason === 'below-threshold')
    return thresholdFen !== undefined && thresholdFen > amountFen
      ? `还差 ¥${yuan(thresholdFen - amountFen)} 可享优惠`
      : why(reason)
  if (reason === 'all-held') return `${why(reason)}${backIn(availableAt) || '，可以稍后'}再试，或原价付款`
  if (reason === 'sold-out') return `${why(reason)}${dealtAgain(availableAt)}，可以原价付款`
  return `${why(reason, reasonWords)}，可以原价付款`
}

/** What a merchant's campaign can still give today; pay, rules and merchant page say it so. '' while there is nothing to say. */
export function todaySentence({ reason, remainingToday, availableAt, reasonWords }: Today): string {
  if (reason === 'all-held') return why(reason) + backIn(availableAt)
  if (reason === 'sold-out') return why(reason) + dealtAgain(availableAt)
  if (reason !== null) return why(reason, reasonWords)
  return remainingToday === null ? '' : `今日还剩 ${remainingToday} 份`
}

/** Those that say something of the order or its payer, and nothing of what others can be given. */
const OF_THE_ORDER: readonly (Reason | null)[] = [
  'below-threshold',
  'limit-reached',
  'holding-limit',
  'own-shop',
  'not-eligible',
  'channel-not-eligible',
]

/** What the page was told when it opened, and what a quote has said since: a page never says both. */
export function todayNow(today: Today, quote: Omit<Today, 'slotsToday' | 'remainingToday'> | undefined): Today {
  if (!quote || OF_THE_ORDER.includes(quote.reason)) return today
  const { reason, availableAt, reasonWords } = quote
  if (reason === today.reason) return { ...today, availableAt }
  return { ...today, reason, availableAt, reasonWords, remainingToday: null }
}

/**
 * Why an order was closed, and what to do now. The bank's list is longer than ours: a code that we don't know still says what to do. Every
 * code of our channels is here (a test).
 */
const CLOSED: Record<string, [why: string, next: string]> = {
  'authentication-failed': ['验证码错了太多次', '请重新付款，填新收到的验证码'],
  'authentication-expired': ['没有在时间内确认', '请重新付款，收到验证码后尽快填写'],
  'password-failed': ['付款密码不对', '请重新付款，或换一种方式付款'],
  'insufficient-funds': ['账户余额不足', '请换一个账户，或换一种方式付款'],
  'bank-limit-exceeded': ['超过了银行对这个账户的限额', '请换一个账户，或换一种方式付款'],
  'limit-exceeded': ['超过了这张卡的限额', '请换一张卡，或换一种方式付款'],
  'agreement-not-active': ['这个账户的签约已失效', '请换一个账户，或重新签约'],
  'account-frozen': ['这个账户被冻结了', '请换一个账户，并联系开户银行'],
  'card-refused': ['这张卡付不了', '请换一张卡，或换一种方式付款'],
  'risk-refused': ['银行认为这笔付款有风险', '请联系银行核实，或换一种方式付款'],
  'paid-too-late': ['付得晚了，订单已经关闭', '请重新付款'],
  'order-closed': ['订单已关闭', '要付款，请重新付一次'],
  'not-booked': ['查过账，没有这笔扣款', '如果看到扣款，会退还给您'],
  'wallet-refused': ['钱包没有让这笔付款通过', '可以在钱包里查看原因，或换一种方式付款'],
  'channel-refused': ['付款渠道没有受理这笔付款', '请换一种方式付款'],
}

export function closedBecause(code: OrderView['closeReason'], channel: OrderView['channel']): [string, string] {
  const asker = askerWords(channel)
  if (code === 'channel-unavailable') return [`${asker}暂时无法受理`, '请稍等片刻再付，或换一种方式付款']
  return CLOSED[code ?? ''] ?? [`${asker}没有受理这笔付款`, `可以换一种方式再付，或问一下${asker}`]
}

/** The same in one sentence, for whoever isn't the payer; a closed order never debited anybody (I5). */
export function closeSentence(code: OrderView['closeReason'], channel: OrderView['channel']): string {
  return `${closedBecause(code, channel)[0]}，没有扣款`
}

/** Who is asked how an order went. */
export function askerWords(channel: OrderView['channel']): string {
  return channel === 'bank' ? '银行' : CHANNEL_WORDS[channel]
}

/** `南城银行 (6217)`: what an order is paid with. */
export function accountWords({
  bankName,
  accountTail,
  channel,
}: Pick<OrderView, 'bankName' | 'accountTail' | 'channel'>): string {
  return `${bankName ?? CHANNEL_WORDS[channel]}${accountTail ? ` (${accountTail})` : ''}`
}

type SignRefusal = NonNullable<SignView['refusal']>

/** Why an account was not bound, or small amounts not allowed. */
export function signRefusalSentence(code: SignRefusal): string {
  switch (code) {
    case 'account-refused':
      return '银行没有核对上。请检查卡号、姓名和银行预留的手机号'
    case 'authentication-failed':
      return '验证码错了太多次，请重新开始'
    case 'authentication-expired':
      return '验证码过期了，请重新开始'
    case 'agreement-not-found':
      return '这个账户已经解约，请重新签约'
    case 'sign-not-found':
      return '这次申请已经结束，请重新开始'
  }
}

/** Why what was asked of the bank about an account came to nothing now. */
export function deskSentence(error: ApiError): string {
  switch (error.code) {
    case 'too-many-signings':
      return '申请太多次而没有确认，请过一会儿再试'
    case 'terms-changed':
      return '说明刚有更新，请看过后再开通'
    case 'agreement-unknown':
      return '这个账户已经解约'
    case 'channel-unavailable':
      return '银行暂时无法受理，请稍后再试'
  }
  return faultLine(error)
}

/** `南城银行 储蓄卡 (6217)` */
export function agreementWords({ bankName, kind, accountTail }: AgreementView): string {
  return `${bankName} ${kind === 'credit' ? '信用卡' : '储蓄卡'} (${accountTail})`
}

/** What 免密 of an account allows; '' while every payment is asked about. */
export function smallWords({ small }: Pick<AgreementView, 'small'>): string {
  return small ? `免密：每笔不超过 ${wholeYuan(small.maxFen)} 元，每天 ${small.perDay} 笔` : ''
}

/** `20000` fen → `200`; cents only where there are any. */
export function wholeYuan(fen: number): string {
  return yuan(fen).replace(/\.00$/, '')
}

/** Total, so that a new channel must have its word. */
export const CHANNEL_WORDS: Record<MerchantOrderView['channel'], string> = {
  bank: '本行账户',
  wechatpay: '微信支付',
  alipay: '支付宝',
  unionpay: '云闪付',
}

/** At the end of a list, or instead of its rows. */
export const olderArchived = (before?: string) => (before ? `${before} 之前的订单已归档` : undefined)

/** With a hyphen that no line ends at. */
export const SHA_256 = 'SHA\u2011256'

/** Why a page could not be read. */
export function faultSentence(error: ApiError): { title: string; text: string } {
  if (error.kind === 'offline') return { title: '网络不通', text: '请检查网络后重试' }
  if (error.kind === 'timeout') return { title: '网络太慢', text: '等了太久没有回应，请重试' }
  if (error.code === 'amount-above-limit')
    return { title: '超过限额', text: '扫店里的收款码，每人每天能付的有限额，请减少金额' }
  if (error.code === 'pay-code-invalid')
    return { title: '这个收款码不对', text: '可能不是这家店的，或者不完整。请店家重新出一个' }
  if (error.code === 'pay-code-expired') return { title: '这个收款码失效了', text: '没有扣款。请店家重新出一个' }
  if (error.code === 'pay-code-used')
    return { title: '这个收款码用过了', text: '一个码只能付一次。您有没有付成，请看“我的付款”' }
  if (error.code === 'order-archived') return { title: '该订单已归档', text: '请联系银行' }
  // of a file nothing but the status comes through
  if (error.status === 410) return { title: '有的日期已归档', text: '更早的请联系银行' }
  if (error.missing) return { title: '找不到了', text: '请核对后重试' }
  if (error.code === 'login-elsewhere')
    return { title: '请用微信扫码付款', text: '这个浏览器里不能付款，请用微信扫描店里的收款码' }
  if (error.code === 'login-blocked') return { title: '微信暂不允许登录', text: '请联系微信客服，或换一种方式付款' }
  if (error.code === 'login-unavailable') return { title: '登录没有成功', text: '微信暂时没有回应，请重试' }
  if (error.status === 429 || error.code === 'too-many-requests') return { title: '操作太频繁', text: '请稍等片刻再试' }
  if (error.code === 'overloaded') return { title: '现在使用的人太多', text: '请稍等片刻再试' }
  if (error.code === 'login-code-refused') return { title: '登录没有成功', text: '登录用的凭证过期了，请重试' }
  if (error.status === 401 || error.status === 403) return { title: '登录没有成功', text: '请重试，或退出后重新打开' }
  return { title: '服务暂时不可用', text: '请稍后重试' }
}

/** The same in one line. */
export function faultLine(error: ApiError): string {
  const { title, text } = faultSentence(error)
  return `${title}，${text}`
}

/** The same of a page that asks again by itself once the server lets it. */
export function readingFault(error: ApiError): { title: string; text: string } {
  const { title, text } = faultSentence(error)
  return { title, text: error.waits ? `请稍等，${waitWords(error)}后自动重试` : text }
}

/** Under what was read before and couldn't be read again. */
export const staleSentence = (error: ApiError) => `${faultSentence(error).title}，显示的可能不是最新`

/** `约 10 秒` */
export function waitWords({ retryAfterMs }: ApiError): string {
  return `约 ${Math.ceil(retryAfterMs / 1_000)} 秒`
}

/** What an exception of the client is to a page: anything unexpected reads like an unavailable service. */
export function faultOf(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError('problem', 'client-fault', 500, String(error))
}
