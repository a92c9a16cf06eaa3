import { dayText } from '../../dates'
import { actionWord as campaignActionWord, ROLE_WORDS } from '../../words'
import { KIND_WORDS } from '../reviews/words'

/** What operators did, in words. What isn't known is shown as the log has it. */

const ACTIONS: Record<string, string> = {
  'branch.add': '新增网点',
  'branch.correct': '更正网点',
  'branch.rename': '更正网点名称',
  'change.ask': '提交变更',
  'change.approve': '通过变更',
  'change.reject': '驳回变更',
  'change.withdraw': '撤回变更',
  'change.apply': '变更生效',
  'change.overtake': '变更失效',
  'change.refuse': '变更被拒',
  'access.refuse': '越权被拒',
  'binding-code.issue': '发绑定码',
  'merchant-user.unbind': '解除商户用户绑定',
  'merchants.import': '批量导入商户',
  'counts.import': '导入其他渠道笔数',
  'merchant.pause': '暂停商户优惠',
  'brake.pull': '暂停全部优惠',
  'difference.propose': '提出更正',
  'difference.refuse': '想认可自己提出的更正，被拒',
  'difference.accept': '认可差错',
  'difference.reject': '驳回差错',
  'reconciliation.run': '对账',
  'reconciliation.keep': '以原对账单为准',
  'reconciliation.export': '下载对账报告',
  'report.export': '导出活动报表',
  'order.export': '导出订单',
  'refund.export': '导出退款',
  'merchant.export': '导出商户',
  'log.export': '导出审计日志',
  'operator.add': '新建操作员',
  'operator.seed': '初始化操作员',
  'operator.change': '修改操作员',
  'operator.unlock': '解锁操作员',
  'operator.reset-password': '重置密码',
  'operator.password': '修改自己的密码',
  'operator.second-factor': '设置两步验证',
  'operator.recovery-code': '用恢复码登录',
  'operator.drop-second-factor': '命令行取消两步验证',
  'session.open': '登录',
  'session.end': '退出',
  'session.refuse': '登录被拒',
  'session.reused': '会话被重复使用，已全部终止',
  'campaign.merchants': '调整参与商户',
  'campaign.controls': '调整对照商户',
  'ledger.seal': '账本日封',
  'ledger.archive': '归档账本日',
  'ledger.pass-over': '未对账即归档',
  'sheet.make': '出具签字件',
  'suspicion.score': '可疑交易评分',
}

/** Of what anybody may have typed, a shop's name among it: `constructor` is in no table. */
const wordIn = (table: Record<string, string>, word: string) => (Object.hasOwn(table, word) ? table[word] : undefined)

export const actionWords = (action: string) => wordIn(ACTIONS, action) ?? campaignActionWord(action)

export const NOUNS: Record<string, string> = {
  campaign: '活动',
  'campaign-template': '活动模板',
  merchant: '商户',
  merchants: '商户',
  counts: '笔数文件',
  branch: '网点',
  permission: '权限',
  brake: '紧急暂停',
  operator: '操作员',
  reconciliation: '对账',
  difference: '差错',
  order: '订单',
  refund: '退款',
  suspicion: '可疑记录',
  scoring: '可疑交易评分',
  ledger: '账本',
  log: '审计日志',
  sheet: '签字件',
}

/** `merchant/M0001` → `商户 M0001` */
export function subjectWords(subject: string): string {
  const [noun = '', id = ''] = subject.split(/\/(.*)/s)
  const word = wordIn(NOUNS, noun)
  return word ? `${word} ${id === 'import' || id === 'export' ? '' : id}`.trim() : subject
}

/** `merchant/M0001` as the address has it, and the filters ask for it. */
export function partsOf(subject: string): { noun: string; id: string } {
  const [noun = '', id = ''] = subject.split(/\/(.*)/s)
  return { noun, id }
}

/** Where the console shows the subject; undefined when it has no page. */
export function subjectPlace(subject: string): string | undefined {
  const [noun = '', id = ''] = subject.split(/\/(.*)/s)
  if (id === 'export') return undefined
  switch (noun) {
    case 'campaign':
      return `campaigns/${id}`
    case 'merchant':
      return `merchants/${id}`
    case 'order':
      return `orders/${id}`
    case 'suspicion':
      return `suspicions/${id}`
    case 'branch':
      return 'branches'
    case 'reconciliation':
      return `reconciliation/${id}`
    case 'difference': {
      const date = /^D(\d{4})(\d{2})(\d{2})-/.exec(id)
      return date ? `reconciliation/${date[1]}-${date[2]}-${date[3]}?difference=${encodeURIComponent(id)}` : undefined
    }
    default:
      return undefined
  }
}

const FIELDS: Record<string, string> = {
  link: '环号',
  mac: '校验值',
  role: '角色',
  unwritten: '此前未记的同类次数',
  roles: '角色',
  disabled: '停用',
  singleSignOn: '单点登录',
  way: '方式',
  note: '说明',
  kind: '变更',
  changeId: '变更编号',
  file: '文件',
  lines: '行数',
  rows: '行数',
  filter: '条件',
  statement: '对账单摘要',
  settled: '可以签字',
  openCount: '待处理差错',
  orderCount: '订单笔数',
  discountCount: '优惠笔数',
  discountFen: '优惠金额',
  costFen: '科目净支出',
  sha256: '文件摘要',
  proven: '合计相符',
  ended: '完结笔数',
  closed: '关闭笔数',
  expiresAt: '有效期至',
  bindingId: '绑定编号',
  glAccount: '补贴科目',
  account: '结算账户',
  askedBy: '提交人',
  reviewedBy: '复核人',
  verb: '动作',
  orderNo: '订单号',
  fen: '金额',
  code: '原因',
  reason: '原因',
}

/** Undefined when the log's own words for campaigns know it better. */
export const fieldWords = (field: string) => wordIn(FIELDS, field)

const VALUES: Record<string, string> = {
  ...ROLE_WORDS,
  owner: '店主',
  cashier: '收银员',
  password: '密码',
  oidc: '单点登录',
  open: '待处理',
  accepted: '已认可',
  rejected: '已驳回',
}

const KINDS = KIND_WORDS as Record<string, string>

export const valueWord = (value: string) => wordIn(VALUES, value) ?? wordIn(KINDS, value) ?? dayText(value)
