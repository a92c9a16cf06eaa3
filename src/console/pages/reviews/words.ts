import type { AdminMerchant, ChangeRequestView, Role } from '@contract'
import { CHANNEL_WORDS } from '../../../sentences'
import { dateTime, dayText } from '../../dates'
import { yuanText } from '../../format'
import { ROLE_WORDS, WALLETS } from '../../words'

export type Change = ChangeRequestView

export const KIND_WORDS: Record<Change['kind'], string> = {
  'merchant.account': '商户结算信息',
  'merchant.owner': '店主绑定码',
  'merchant.owners': '批量绑定卡',
  'merchant.disable': '停用商户',
  'merchant.enable': '恢复停用的商户',
  'branch.add': '新增网点',
  'branch.change': '网点补贴科目',
  'order.refund': '给顾客退款',
  'order.end': '了结没有结果的付款',
  'refund.end': '了结没有结果的退款',
  'difference.refund': '差错：再退一次',
  'difference.pay': '差错：由科目垫付',
  'operator.add': '新建操作员',
  'operator.change': '操作员权限',
  'operator.password': '重置操作员密码',
  'operator.second-factor-reset': '重置两步验证',
  'brake.release': '恢复全部优惠',
  'merchant.resume': '恢复商户优惠',
  'farming.dismiss': '可疑交易：排除',
  'farming.hold': '可疑交易：停发优惠',
  'farming.claw-back': '可疑交易：追回奖励',
}

export const REQUEST_STATE_WORDS: Record<Change['state'], string> = {
  open: '待复核',
  approved: '已通过，待生效',
  applied: '已生效',
  rejected: '已驳回',
  withdrawn: '已撤回',
  overtaken: '已失效',
}

/** Why one was overtaken. */
const REASONS: Record<string, string> = {
  'subject-changed': '提交以后资料又变了',
  'subject-missing': '对象已不存在',
  'already-ended': '已经有了结果',
  'order-not-paid': '订单已不是已付款',
  'refund-above-paid': '已经退过，超过了可退的金额',
  'too-many-refunds': '这笔订单的退款次数已满',
  'statement-holds-it': '对账单里有这一笔了',
  'person-disabled': '提交或通过它的人已停用',
  'account-taken': '账户已被别的网点或商户使用',
  'branch-not-found': '网点已不存在',
  'branch-exists': '网点号已被使用',
  'operator-exists': '用户名已被使用',
  'last-admin': '会没有管理员',
}

export const reasonWords = (reason: string | null) => REASONS[reason ?? ''] ?? '现在不能这样改'

/** What approving does, in full sentences. */
export const APPROVED: Record<Change['kind'], string> = {
  'merchant.account': '请先向商户核实。生效后顾客付的钱会进入新的账户，补贴由新的网点承担；已有订单不变。',
  'merchant.owner': '请先向商户核实。通过后您会看到绑定码的后一半，请电话告诉店主本人，经办告诉前一半；15 分钟内有效。',
  'merchant.owners':
    '请核对名单。通过后您会看到每家的激活码清单，只显示一次：交网点当面或电话告诉店主本人，不要交给印卡的同事。这些商户以前没用过的卡作废。',
  'merchant.disable': '立即生效：收款码不能再付款，不再发牌；已付的订单、退款和对账照旧，店主仍能查看和退款。',
  'merchant.enable': '立即生效：收款码又能付款，参加的活动照旧。',
  'branch.add': '立即生效，之后可以把商户归到这个网点。',
  'branch.change': '请先与会计核对。生效后新的补贴从新科目支出，已有订单和退款不变。',
  'order.refund':
    '请先看订单和投诉是否属实。通过后立即向渠道发出退款，不能撤回：顾客拿回所列金额，商户退回所收，补贴按比例回到网点。',
  'order.end':
    '通过时先再问一次渠道；仍没有结果，就认定没有扣款、关闭订单，名额退回。若事后又有扣款的消息，会成为差错，退给付款人。',
  'refund.end': '通过时先再问一次渠道；仍没有结果，就认定没有退成，金额可以再退。',
  'difference.refund': '通过后立即换一个退款号，再向渠道发一次退款。',
  'difference.pay': '请核对凭证：付款人的钱已经由这个科目付出。通过后补记分录，这条差错了结。',
  'operator.add': '立即生效。您会看到一次性密码的后一半，请告诉本人；提交的管理员告诉前一半。',
  'operator.change': '立即生效，本人现有登录全部终止。',
  'brake.release': '全部优惠立即恢复。',
  'merchant.resume': '这家商户的优惠立即恢复。',
  'farming.dismiss': '这条可疑记录作罢，不采取措施。',
  'farming.hold': '从现在起不再发优惠；顾客照常付款。',
  'farming.claw-back': '生效后从商户账户扣回列出的奖励，不能撤销。',
  'operator.second-factor-reset':
    '请先向本人核实手机确实丢了。通过后其登录全部终止，下次登录重新设置两步验证；密码不变。',
  'operator.password': '原密码立即失效。您会看到一次性密码的后一半，请告诉本人；提交的管理员告诉前一半。',
}

/** What the two halves make. */
export const SECRET_WORDS: Partial<Record<Change['kind'], string>> = {
  'merchant.owner': '绑定码',
  'operator.add': '一次性密码',
  'operator.password': '一次性密码',
}

const FIELDS: Record<string, string> = {
  name: '名称',
  branchCode: '网点',
  account: '结算账户',
  walletAccounts: '钱包商户号',
  wechatpay: '微信支付商户号',
  alipay: '支付宝商户号',
  unionpay: '云闪付商户号',
  glAccount: '补贴科目',
  roles: '角色',
  disabled: '停用',
  owners: '店主',
  merchantCodes: '商户',
  days: '有效期',
  lines: '商户',
  added: '其中新增',
  moved: '其中变更',
  sha256: '文件摘要',
  oidcSubject: '单点登录编号',
  oneTimePassword: '一次性密码',
  secondFactorReset: '两步验证',
  held: '暂停',
  by: '暂停人',
  at: '暂停时间',
  campaignId: '活动',
  merchantCode: '商户',
  merchant: '停发这家商户',
  payersOf: '停发这些订单的付款人',
  until: '停发到',
  totalFen: '合计',
  orders: '订单',
  state: '结果',
  refundNo: '退款号',
  voucherNo: '凭证号',
  leftFen: '还可以退',
  payerFen: '顾客拿回',
  merchantFen: '商户退出',
  glFen: '补贴退回',
  reason: '原因（商户会看到）',
  owedFen: '付款人未拿回',
  refund: '上一次退款',
}

export const fieldWord = (field: string) => FIELDS[field] ?? field

export function valueWords(field: string, value: unknown): string {
  if (value === undefined) return '—'
  if (value === null) return field === 'branchCode' ? '全行' : '—'
  if (field === 'roles') return (value as Role[]).map((role) => ROLE_WORDS[role]).join('、')
  if (field === 'state') return value === 'closed' ? '关闭，没有扣款' : '退款失败'
  if (field === 'refund') return refundWords(value as { refundNo: string; failReason: string | null })
  if (field === 'oneTimePassword') return '重新生成，分两半告知'
  if (field === 'secondFactorReset') return '取消，下次登录重新设置'
  if (field === 'merchantCodes') return codesWords(value as string[])
  if (field === 'days') return `${value} 天`
  if (typeof value === 'boolean') return value ? '是' : '否'
  if (/^(lines|added|moved)$/.test(field)) return `${value} 家`
  if (field === 'owners') return typeof value === 'number' ? `${value} 位` : String(value)
  if (field.endsWith('Fen')) return yuanText(value as number)
  if (field === 'walletAccounts') return walletWords(value as WalletAccounts)
  if (field === 'at') return dateTime(new Date(value as number).toISOString())
  if (Array.isArray(value)) return `${value.length} 笔`
  if (field === 'sha256') return String(value).slice(0, 12)
  return typeof value === 'object' ? JSON.stringify(value) : dayText(String(value))
}

const codesWords = (codes: readonly string[]) => `${codes.length} 家：${codes.join('、')}`

const refundWords = ({ refundNo, failReason }: { refundNo: string; failReason: string | null }) =>
  failReason ? `${refundNo}，失败（${failReason}）` : refundNo

type WalletAccounts = AdminMerchant['walletAccounts']

/** Those that it has, in their order. */
export function walletWords(accounts: WalletAccounts): string {
  const words = WALLETS.flatMap((name) => (accounts[name] ? `${CHANNEL_WORDS[name]} ${accounts[name]}` : []))
  return words.join('、') || '没有'
}

const NOUNS: Record<string, string> = {
  merchant: '商户',
  merchants: '商户文件',
  cards: '批次',
  branch: '网点',
  operator: '操作员',
  suspicion: '可疑记录',
  order: '订单',
  refund: '退款',
  difference: '差错',
  brake: '',
}

/** `merchant/M0001` → `商户 M0001` */
export function aboutWords(subject: string): string {
  const [noun = '', id = ''] = subject.split(/\/(.*)/s)
  return NOUNS[noun] === undefined ? subject : `${NOUNS[noun]} ${id}`.trim()
}
