import type { BranchList, CampaignState, OrderView } from '@contract'
import { CHANNEL_WORDS } from '../sentences'
import { dayText } from './dates'
import { yuanText } from './format'
import { type Window, windowsWords } from './windows'
import { STATE_WORDS } from './words'

/** The fields of a campaign, by their path in the request: what each is called and how its value reads. */

const NAMES: Record<string, string> = {
  name: '活动名称',
  organiser: '主办方',
  startDate: '开始日期',
  endDate: '结束日期',
  windows: '活动时段',
  state: '状态',
  'rule.thresholdFen': '门槛',
  'rule.slots': '每户每天名额',
  'rule.minFen': '最小优惠',
  'rule.maxFen': '最大优惠',
  'rule.bandMinFen': '集中区间下限',
  'rule.bandMaxFen': '集中区间上限',
  'rule.bandPercent': '集中区间占比',
  'rule.payerPercent': '付款方分摊',
  budgetFen: '总预算',
  dailyBudgetFen: '每日预算',
  branchBudgets: '网点预算',
  maxPerPayerPerDay: '每人每天每店次数',
  maxPerPayerPerCampaignDay: '每人每天合计次数',
  channels: '享受优惠的付款方式',
  priority: '优先级',
  branchCode: '范围',
  merchantCount: '参与商户数',
  controlCount: '对照商户数',
  merchantCodes: '参与商户',
  controlCodes: '对照商户',
  addMerchantCodes: '增加商户',
}

export const fieldName = (field: string) => NAMES[field] ?? NAMES[field.replace(/\..*$/, '')] ?? field

/** More codes than this are counted, not listed. */
const MOST_LISTED = 20

/** A value as it reads; null and undefined are a dash, but where nothing has a meaning of its own it is said. */
export function fieldValue(field: string, value: unknown): string {
  if (value === undefined || (value === null && !MEANS_SOMETHING[field])) return '—'
  if (value === null) return MEANS_SOMETHING[field]!
  if (field === 'channels') return (value as OrderView['channel'][]).map((name) => CHANNEL_WORDS[name]).join('、')
  if (field === 'branchBudgets') return budgetsText(value as { branchCode: string; budgetFen: number }[])
  if (field === 'windows') return windowsWords(value as Window[])
  if (field === 'state') return STATE_WORDS[value as CampaignState] ?? String(value)
  if (Array.isArray(value)) return codesText(value as string[])
  if (/Fen$/.test(field)) return yuanText(value as number)
  if (/Percent$/.test(field)) return `${value}%`
  if (/Count$/.test(field)) return `${value} 家`
  if (field === 'rule.slots') return `${value} 份`
  if (field === 'maxPerPayerPerDay' || field === 'maxPerPayerPerCampaignDay') return `${value} 次`
  return typeof value === 'string' ? dayText(value) : String(value)
}

const MEANS_SOMETHING: Record<string, string> = {
  maxPerPayerPerDay: '不限',
  maxPerPayerPerCampaignDay: '不限',
  dailyBudgetFen: '不另设',
  branchCode: '全行',
}

const budgetsText = (budgets: { branchCode: string; budgetFen: number }[]) =>
  budgets.map(({ branchCode, budgetFen }) => `${branchCode} ${yuanText(budgetFen)}`).join('；') || '不另设'

function codesText(codes: string[]): string {
  const listed = codes.slice(0, MOST_LISTED).join('、')
  return codes.length > MOST_LISTED ? `${codes.length} 家：${listed} 等` : `${codes.length} 家：${listed}`
}

/** What a fault of the terms says, beside its field. */
const FAULTS: Record<string, string> = {
  'out-of-range': '超出允许的范围',
  'not-a-date': '请选择日期',
  'range-reversed': '最大优惠不能小于最小优惠',
  'band-reversed': '区间上限不能小于下限',
  'band-outside-range': '区间要在最小和最大优惠之间',
  'payable-below-one-fen': '门槛太低：刚到门槛的订单会没有应付金额，请提高门槛',
  'dates-reversed': '结束日期不能早于开始日期',
  'too-long': '活动最长十年',
  'no-discount-channel': '这种付款方式不能带优惠',
  'threshold-above-limit': '门槛高于顾客一天能付的限额，没有人够得到',
  'payer-gets-nothing': '顾客分不到一分钱，请提高付款方的比例',
  'discount-above-share': '最大优惠超过了本行允许的门槛比例，请降低优惠或提高门槛',
  'limit-above-slots': '比每户每天的名额还多，没有人用得到',
  'daily-above-budget': '不能超过总预算',
  'weekday-twice': '同一天选了两次',
  'span-reversed': '要晚于开始；跨过零点的写成两段',
  'windows-overlap': '和另一个时段重叠',
  'no-open-day': '活动期间没有这样的日子',
  'budget-below-one-deck': '不够发一副最贵的牌，请提高预算',
  'budget-below-one-day': '不够所有参与商户发第一天的牌，请提高预算或减少商户、名额',
  'no-merchant': '还没有参与商户',
  'both-roles': '有商户既参与又作对照',
  'branch-twice': '同一个网点设了两次预算',
  'not-favourable': '只能往有利于消费者的方向改：日期延后、预算增加、商户增加、时段放宽',
  'nothing-changes': '和现在的一样',
}

/** With the sums that the server's own words name. */
export const faultWords = (code: string, said = '') => (FAULTS[code] ?? '不符合要求') + sumsIn(said)
/** Undefined for a code that the terms don't know. */
export const termsWords = (code: unknown) => (typeof code === 'string' ? FAULTS[code] : undefined)

const LEFT = /^(\d+) fen of the budget are left, .* cost (\d+) fen/
const SUM = /(at most |more than )?(\d+) fen\b/

/** `one deck can cost 20000 fen` → （要 ¥200.00） */
export function sumsIn(said: string): string {
  const [, left, needed] = LEFT.exec(said) ?? []
  if (left && needed) return `（预算还剩 ${yuanText(Number(left))}，要 ${yuanText(Number(needed))}）`
  const [, most, sum] = SUM.exec(said) ?? []
  return sum ? `（${most ? '最多' : '要'} ${yuanText(Number(sum))}）` : ''
}

/** Branches by code and name, the whole bank first. */
export const branchOptions = (branches: BranchList['items'], whole: string) =>
  [['', whole], ...branches.map(({ code, name }) => [code, `${name}（${code}）`])] as [string, string][]
