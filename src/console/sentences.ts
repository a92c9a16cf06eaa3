import type { Problem } from '@contract'
import { ApiError } from '../api'
import { ConsoleError } from './client'
import { fieldName, sumsIn, termsWords } from './terms'

/** Every refusal an operator may meet, as a plain Chinese sentence: what happened, then the way on. */
const SENTENCES: Record<string, string> = {
  'invalid-input': '填写的内容不符合要求，请核对',
  'malformed-json': '请求没有完整送达，请重试',
  'malformed-request': '请求没有完整送达，请重试',
  'request-too-slow': '网络太慢，请求没有完整送达，请重试',
  'headers-too-large': '请求太大，请清除浏览器数据后重试',
  'body-too-large': '内容太大，请分批提交',
  'unsupported-media-type': '文件格式不对，请使用 CSV 文件',
  'token-missing': '请先登录',
  'token-invalid': '登录已失效，请重新登录',
  'token-expired': '登录已过期，请重新登录',
  'login-refused': '用户名或密码不正确',
  'login-locked': '输错次数过多，暂时不能登录',
  'second-factor-required': '请输入手机上的验证码',
  'second-factor-due': '请先设置两步验证',
  'code-refused': '验证码不正确，请重新输入',
  'sign-on-refused': '单点登录没有成功，请重试，或用密码登录',
  'sign-on-unknown': '单点登录成功，但本系统没有您的账号，请联系管理员',
  'sign-on-unavailable': '单点登录暂时不可用，请稍后重试，或用密码登录',
  'role-refused': '您的角色不能做这一步',
  'branch-refused': '这一步涉及全行，您的账号只能看本网点',
  'password-change-due': '请先修改密码',
  'password-refused': '密码不符合要求：当前密码要正确，新密码至少 10 位且不能与旧密码相同',
  'operator-exists': '已有同名的操作员',
  'operator-not-found': '没有找到这位操作员',
  'roles-apart': '管理员不能同时是经办或复核',
  'change-not-found': '没有找到这项变更',
  'change-decided': '这项变更已经处理过了，请刷新后再看',
  'self-change': '不能改自己的权限，也不能复核与自己有关的变更',
  'nothing-changes': '和现在的一样，没有要改的',
  'secret-lost': '一次性密码或绑定码已不能生成，请重新提交',
  'last-admin': '不能停用或移除最后一位管理员',
  'precondition-missing': '缺少版本信息，请刷新后再改',
  'revision-changed': '别人刚刚改过，请先看看改了什么',
  'campaign-not-found': '没有找到这个活动',
  'campaign-faulty': '活动参数有误，请修改标出的项',
  'not-a-draft': '只有草稿可以编辑',
  'too-many-sketches': '没保存完的内容太多了（20 份），请先在“活动”里继续或放弃一些',
  'template-exists': '已有同名的模板，请换一个名称',
  'too-many-templates': '模板太多了（50 个），请先删掉不用的',
  'no-such-template': '没有这个模板，可能同事刚刚删除了',
  'key-reused': '这一份已经保存过一次，内容有不同',
  'transition-refused': '活动当前的状态不允许这一步，请刷新后再看',
  'change-open': '已有一项变更在等待复核，请先处理它',
  'no-open-change': '没有等待复核的变更，可能已被同事处理',
  'own-change': '经办与复核须是不同的人，自己提交的由同事复核',
  'start-passed': '开始日期已过，请先把日期改到今天或以后',
  'not-favourable': '复核通过后只能作有利于消费者的修改：延后结束、增加商户、增加预算、放宽时段',
  'priority-tie': '有商户在同一时间参加了同优先级的另一个活动，请调整优先级',
  'deck-not-found': '这一天没有发过牌',
  'branch-exists': '已有这个网点号，或只差大小写的网点号',
  'account-refused': '这个账户不能记账：写法不被银行接受，或已是别人的账户，请与会计核对',
  'branch-not-found': '没有这个网点',
  'merchant-unknown': '有商户号不存在',
  'merchant-not-found': '没有找到这家商户',
  'binding-refused': '绑定码不正确、已使用或已过期',
  'binding-locked': '绑定码输错太多次，请一小时后再试',
  'already-bound': '该用户已绑定商户',
  'binding-not-found': '没有找到这条绑定',
  'not-owner': '只有店主可以这样做',
  'reconciliation-not-found': '这一天还没有对账',
  'not-reissued': '这份对账单已经处理过，或者银行又换了一份，请刷新后再看',
  'reconciliation-refused': '现在不能对这一天的账',
  'difference-not-found': '没有找到这条差错',
  'suspicion-decided': '已经有结论了，请刷新后再看',
  'already-ended': '这一笔刚刚已经有了结果，请刷新后再看',
  'statement-awaited': '它当天和次日的对账单还没有都对完，对完以后仍没有这一笔才能了结',
  'statement-holds-it': '对账单里有这一笔，请在对账里处理它的差错',
  'nothing-to-claw-back': '有订单的奖励已经收回或退回，或不属于这家商户，请刷新后重选',
  'suspicion-not-found': '没有找到这条可疑记录，或它没有这一天',
  'scoring-refused': '这一天现在不能评分：还没有过完，或者正在评分',
  'already-resolved': '这条差错已经处理过了',
  'note-missing': '请写明原因',
  'no-brake': '那里没有暂停，可能同事刚刚恢复',
  'not-proposed': '更正要动账，要先由一位同事提出',
  'already-proposed': '已经有人提出了，等待复核',
  'not-acceptable': '只有渠道能更正，请驳回',
  'ended-otherwise': '这笔订单后来另有结果，请核实后驳回',
  'own-proposal': '自己提出的退款更正，由另一位复核',
  'not-found': '没有找到',
  'template-not-found': '没有这种提醒',
  'method-not-allowed': '服务器不支持这一步，请刷新页面',
  'order-not-found': '没有找到这笔订单',
  'order-archived': '该订单已归档',
  'day-archived': '那些日期的订单已归档',
  'order-not-paid': '只有已付款的订单可以退款',
  'refund-above-paid': '超过了可退的金额',
  'refunded-meanwhile': '刚刚又有一笔退款，可退的金额变了，请刷新后再看',
  'export-too-large': '一次最多导出 20 万行，请缩短日期或加上别的条件，分几次导出',
  'file-broken-off': '文件没有收完，没有保存，请再导出一次',
  'too-many-refunds': '这笔订单的退款次数已满',
  'rules-not-found': '这家商户没有活动',
  'too-many-requests': '操作太频繁，请稍后再试',
  busy: '服务繁忙，请稍后重试',
  overloaded: '现在访问的人太多，请稍等几秒再试',
  'too-much-to-read': '要看的内容太多，没有算完；请缩短日期，或选定一家商户再看',
  'ledger-unavailable': '账本暂时连不上，请稍后重试',
  'channel-unavailable': '银行暂时连不上，请稍后重试',
  internal: '服务器出错了，已记录，请稍后重试',
}

/** Where `invalid-input` says more. */
const REASONS: Record<string, string> = {
  'hidden-character': '里面有看不见或会打乱文字方向的字符，请删掉后重新输入',
  'odd-blank': '里面有全角空格或不换行空格，请改成普通空格',
  'too-long': '太长了，请缩短',
  'too-short': '太短了，请补全',
}

/** Why a password may not be chosen. */
const PASSWORDS: Record<string, string> = {
  same: '不能与现在的密码相同',
  common: '这个密码（或它的主要部分）太常见，别人最先会试；可以用几个不相干的词连起来',
  personal: '不能用用户名、姓名、银行或系统的名字，也不要在它们后面只加几个数字',
  keyboard: '键盘上挨着的键（如 qwer、1qaz）很容易被猜到',
  repeat: '重复的字符或重复的一段很容易被猜到',
  sequence: '连续的字母或数字（如 abcd、6543）很容易被猜到',
  date: '年份和日期很容易被猜到',
  guessable: '太容易被猜到，请再长一些，或用几个不相干的词连起来',
}

/** Why a code isn't taken. */
const CODES: Record<string, string> = {
  used: '这个验证码已经用过，请等验证器换下一个再输入',
  lost: '两步验证的密钥已不可用，请用恢复码登录，或请两位管理员重置两步验证',
  late: '这是之前的验证码：手机时间慢了，请在手机上打开“自动设置时间”再试',
  malformed: '请输入验证器上的 6 位数字，或 16 位恢复码',
  expired: '等得太久了，请重新开始',
}

export const knownCodes: readonly string[] = Object.keys(SENTENCES)

/** The sentence for a code alone. */
export const codeSentence = (code: string) => SENTENCES[code] ?? `操作没有成功（${code}）`

/** What a person reads of a fault. Whether a write reached the server is said only where that isn't known. */
export function sentenceOf(fault: unknown): string {
  if (!(fault instanceof ApiError)) return '页面出错了，请刷新后重试'
  if (fault.kind === 'offline') return '网络不通，请检查网络后重试'
  if (fault.kind === 'timeout') return '等了太久没有回应；是否已生效请刷新后查看'
  if (fault instanceof ConsoleError && fault.code === 'login-locked' && fault.retryAfterS)
    return `${SENTENCES['login-locked']}：请 ${waitWords(fault.retryAfterS)}后再试，或换一台登录过的电脑；密码输错的可请管理员解锁`
  if (fault instanceof ConsoleError && fault.code === 'too-many-requests' && fault.retryAfterS)
    return `操作太频繁，请约 ${fault.retryAfterS} 秒后再试`
  const archived = archivedWords(fault)
  if (archived) return archived
  const reason = reasonOf(fault)
  if (fault.code === 'invalid-input' && reason && REASONS[reason]) return REASONS[reason]
  if (fault.code === 'password-refused' && reason && PASSWORDS[reason]) return PASSWORDS[reason]
  if (fault.code === 'code-refused' && reason && CODES[reason]) return CODES[reason]
  const faulty = ofTerms(fault) && termsWords(reason)
  if (faulty) return `${fieldName(fieldOf(fault) ?? '')}：${faulty}${namedIn(fault)}`
  const named = sentenceWithNames(fault) ?? sentenceWithNumber(fault)
  if (named) return named
  if (!SENTENCES[fault.code] && fault.status >= 500) return '服务暂时不可用，请稍后重试'
  return codeSentence(fault.code)
}

/** `该订单已归档（2026-01-31），归档文件 orders-2026-01-31.jsonl.gz`: which date, from which on there are orders, and where they are. */
function archivedWords(fault: ApiError): string | undefined {
  if (!(fault instanceof ConsoleError)) return undefined
  const { date, file, archivedBefore } = (fault.body ?? {}) as Partial<Problem>
  if (fault.code === 'order-archived' && date) return `该订单已归档（${date}）${file ? `，归档文件 ${file}` : ''}`
  if (fault.code !== 'day-archived') return undefined
  if (archivedBefore) return `${archivedBefore} 之前的订单已归档，导出会不完整：请把日期选在那以后`
  return date && `${date} 的订单已归档，不能再对账`
}

/** A bug's number in the server's log, for whoever looks into it. */
function sentenceWithNumber(fault: ApiError): string | undefined {
  if (fault.code !== 'internal' || !(fault instanceof ConsoleError)) return undefined
  const { requestId } = (fault.body ?? {}) as Partial<Problem>
  return requestId && `服务器出错了，已记录，请稍后重试；仍不行，请把编号报给科技部门：${requestId}`
}

const waitWords = (seconds: number) => {
  const minutes = Math.ceil(seconds / 60)
  return minutes < 120 ? `${minutes} 分钟` : `${Math.ceil(minutes / 60)} 小时`
}

const reasonOf = (fault: unknown) =>
  fault instanceof ConsoleError ? (fault.body as Partial<Problem> | undefined)?.reason : undefined

const ofTerms = ({ code }: ApiError) => code === 'campaign-faulty' || code === 'not-favourable'

/** Faults of terms of which the server names what is at fault: `M0001, M0002`. */
const NAMED = ['both-roles', 'branch-twice']
const listOf = (detail: string) => detail.split(', ').join('、')
const namedIn = (fault: ApiError) =>
  NAMED.includes(reasonOf(fault) ?? '') ? `（${listOf(fault.detail)}）` : sumsIn(fault.detail ?? '')

/** Which code, which branch, which other campaign it is about, as far as the server says. */
function sentenceWithNames({ code, detail }: ApiError): string | undefined {
  if (!detail) return undefined
  if (code === 'merchant-unknown') return `没有这些商户号，或不是您网点的：${listOf(detail)}`
  const branch = code === 'branch-not-found' && /^there is no branch (\S+)$/.exec(detail)
  if (branch) return `没有网点 ${branch[1]}`
  const tie = code === 'priority-tie' && /^(.*) \(([\w-]+)\) at (\S+)$/.exec(detail)
  return tie ? `商户 ${tie[3]} 同时参加“${tie[1]}”（${tie[2]}），优先级相同；请调整优先级或商户` : undefined
}

/** The same where it stands beside its field, which needs no name there. */
export function besideField(fault: unknown): string {
  const words = termsWords(reasonOf(fault))
  return words === undefined ? sentenceOf(fault) : words + namedIn(fault as ApiError)
}

/** The same of a campaign's terms, where nothing stands beside it: what was typed wrongly is named. */
export function ofCampaign(fault: unknown): string {
  const field = fieldOf(fault)
  const unnamed = fault instanceof ApiError && (fault.code === 'invalid-input' || fault.code === 'branch-refused')
  return unnamed && field && fieldName(field) !== field
    ? `${fieldName(field)}：${sentenceOf(fault)}`
    : sentenceOf(fault)
}

/** The input that the server names, as a path; undefined when it names none. */
export function fieldOf(fault: unknown): string | undefined {
  return fault instanceof ConsoleError ? fault.field : undefined
}

/** True when it isn't known whether the server has acted. */
export function unsure(fault: unknown): boolean {
  return !(fault instanceof ApiError) || fault.unsure
}
