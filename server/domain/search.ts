import { addDays, businessDate, DAY_MS, endOfBusinessDate, isBusinessDate } from './business-date'
import { NO_DISCOUNT_REASONS, type NoDiscountReason } from './campaign'

/**
 * What an operator types into the one box to find a payment by, read part by part, in any order, apart by blanks: numbers with or without
 * dashes, amounts as people write them, days and times, why there was no discount, and of the rest a merchant's name or code.
 */
export interface Search {
  orderNos: string[]
  refundNos: string[]
  /** may be the channel's number, or a merchant's code */
  numbers: string[]
  amountFen: number | null
  /** business dates, both included; null: none was named */
  days: { from: string; to: string } | null
  /** ms after a day's midnight, from and until; below nought or beyond a day where it lies around midnight */
  hours: { from: number; until: number } | null
  /** why there was no discount, or why the order closed */
  code: string | null
  /** only those without a discount */
  plain: boolean
  /** each is part of the merchant's name or code */
  words: string[]
}

/** Of what is typed no more is read. */
export const MAX_SEARCH = 120
const MAX_WORDS = 6

/** `today`: the business date that 今天 is. */
export function readSearch(text: string, today: string): Search {
  const found: Search = { ...NOTHING, orderNos: [], refundNos: [], numbers: [], words: [] }
  const rest = cleaned(text).replace(OUR_NUMBER, (_, letter: string, date: string, symbols: string) => {
    const number = ourNumber(letter, date, symbols)
    ;(number.startsWith('F') ? found.orderNos : found.refundNos).push(number)
    return ' '
  })
  const parts = rest.split(BETWEEN).flatMap((part) => (FIGURES.test(part) ? part : part.split(',')))
  for (const part of parts.filter(Boolean)) take(found, part, today)
  return { ...found, words: found.words.slice(0, MAX_WORDS) }
}

const NOTHING = { amountFen: null, days: null, hours: null, code: null, plain: false } as const

const BETWEEN = /[\s、;]+/
/** Commas in it belong to a number: 1,234.50 */
const FIGURES = /^[¥$]?[\d,.]+(元|块|块钱|rmb)?$/i

/** As it is meant: full-width letters and digits are plain ones, every dash is one, and what can't be seen isn't there. */
function cleaned(text: string): string {
  return text
    .normalize('NFKC')
    .slice(0, MAX_SEARCH)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replace(/[‐-―−]/g, '-')
}

/** An order's or a refund's number as it is printed, read out, or copied without its dashes. */
const OUR_NUMBER = /(?<![0-9A-Za-z])([FRfr])[\s-]*(20\d{6})((?:[\s-]*[0-9A-Za-z]){12})(?![0-9A-Za-z])/g

/** Letters that numbers don't have are the figures that they were taken for (domain/order.ts). */
function ourNumber(letter: string, date: string, typed: string): string {
  const symbols = typed.replace(/[\s-]/g, '').toUpperCase().replace(/O/g, '0').replace(/[IL]/g, '1')
  return `${letter.toUpperCase()}${date}-${symbols.slice(0, 4)}-${symbols.slice(4, 8)}-${symbols.slice(8)}`
}

function take(found: Search, part: string, today: string): void {
  const days = daysOf(part, today)
  const hours = hoursOf(part)
  const amountFen = amountOf(part)
  const code = REASONS.get(part) ?? (CODE.test(part) ? part.toLowerCase() : undefined)
  if (days) found.days = days
  else if (hours) found.hours = hours
  else if (amountFen !== null && found.amountFen === null) found.amountFen = amountFen
  else if (PLAIN.has(part)) found.plain = true
  else if (code !== undefined) found.code = code
  else if (NUMBER.test(part)) found.numbers.push(part)
  else found.words.push(part)
}

/** Ten or more, with a figure among them: no name is written so. */
const NUMBER = /^(?=.*\d)[0-9A-Za-z_-]{10,64}$/
/** `insufficient-funds` */
const CODE = /^[a-z]+(-[a-z]+)+$/i

/** `35`, `¥35.00`, `35元`, `1,234.5`; null: none. A long row of figures is a number, and one that begins with noughts a code. */
function amountOf(part: string): number | null {
  const [, sign, figures, cents = '', unit] =
    /^([¥$]?)((?:[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,6}|0))(\.\d{1,2})?(元|块|块钱|rmb)?$/i.exec(part) ?? []
  if (figures === undefined || sign === '$') return null
  const fen = Number(figures.replaceAll(',', '')) * 100 + Number(cents.slice(1).padEnd(2, '0'))
  return fen > 0 && (unit !== undefined || fen <= 1e9) ? fen : null
}

function daysOf(part: string, today: string): Search['days'] {
  const back = /^(?:最近|近)(\d{1,2})(?:天|日)$/.exec(part)?.[1]
  if (back !== undefined) return Number(back) > 0 ? { from: addDays(today, 1 - Number(back)), to: today } : null
  const [first, last, ...more] = part.split(/[~至到]/)
  const from = dayOf(first!, today)
  const to = last === undefined ? from : dayOf(last, today)
  if (!from || !to || more.length > 0) return null
  return from <= to ? { from, to } : { from: to, to: from }
}

const NAMED = new Map(Object.entries({ 今天: 0, 今日: 0, 昨天: -1, 昨日: -1, 昨晚: -1, 前天: -2 }))

function dayOf(text: string, today: string): string | null {
  const named = NAMED.get(text)
  if (named !== undefined) return addDays(today, named)
  const [, year, month, day] =
    /^(2\d{3})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(text) ??
    /^(2\d{3})(\d{2})(\d{2})$/.exec(text) ??
    /^()(\d{1,2})[-/](\d{1,2})$/.exec(text) ??
    /^()(\d{1,2})月(\d{1,2})[日号]$/.exec(text) ??
    []
  if (month === undefined) return null
  const of = (year: string) => `${year}-${month.padStart(2, '0')}-${day!.padStart(2, '0')}`
  if (year) return isBusinessDate(of(year)) ? of(year) : null
  // A day without its year is the last one that has been.
  const now = Number(today.slice(0, 4))
  const date = [of(String(now)), of(String(now - 1))].find((one) => isBusinessDate(one) && one <= today)
  return date ?? null
}

const HOUR_MS = 3_600_000
/** Nobody remembers the minute. */
const ABOUT_MS = HOUR_MS / 2

const PARTS_OF_DAY = new Map<string, readonly [from: number, until: number]>([
  ['凌晨', [0, 6]],
  ['早上', [6, 10]],
  ['上午', [6, 12]],
  ['中午', [11, 14]],
  ['下午', [12, 18]],
  ['傍晚', [17, 20]],
  ['晚上', [17, 24]],
  ['夜里', [20, 24]],
])

function hoursOf(part: string): Search['hours'] {
  const named = PARTS_OF_DAY.get(part)
  if (named) return { from: named[0] * HOUR_MS, until: named[1] * HOUR_MS }
  const [first, last, ...more] = part.split(/[-~至到]/)
  const from = timeOf(first!)
  if (from === null || more.length > 0) return null
  if (last === undefined) return { from: from - ABOUT_MS, until: from + ABOUT_MS }
  const until = timeOf(last)
  if (until === null) return null
  return { from, until: until > from ? until : until + DAY_MS }
}

/** `12:05`, `12点`, `下午3点半`, in ms after midnight. */
function timeOf(text: string): number | null {
  const [, part, hour, minute, after] =
    /^(上午|中午|下午|晚上|早上|凌晨)?(\d{1,2})(?::(\d{2})(?::\d{2})?|[点时](?:(\d{1,2})分?|半)?)$/.exec(text) ?? []
  if (hour === undefined) return null
  const later = /^(中午|下午|晚上)/.test(part ?? '') && Number(hour) < 11 ? 12 : 0
  const minutes = Number(minute ?? after ?? (text.endsWith('半') ? 30 : 0))
  const hours = Number(hour) + later
  return hours < 24 && minutes < 60 ? hours * HOUR_MS + minutes * 60_000 : null
}

/** As payers and pages say it. */
const SAID: Record<NoDiscountReason, string> = {
  'not-in-campaign': '没参加 没有参加 未参加 没有活动 不在活动',
  'outside-window': '时段外 不在时段 时段',
  'campaign-not-started': '未开始 尚未开始 没开始',
  'campaign-paused': '暂停 暂停中 已暂停',
  'campaign-ended': '已结束 活动结束',
  'channel-not-eligible': '渠道不参加 付款方式不参加',
  'below-threshold': '门槛 未达门槛 没到门槛',
  'limit-reached': '次数用完 次数已用完 限领 领过',
  'holding-limit': '保留上限',
  'own-shop': '自己的店 本店员工',
  'not-eligible': '停发',
  'all-held': '占用 被占用 预占',
  'sold-out': '售罄 发完 已发完 抢完 领完 用完',
  'budget-exhausted': '经费用完 预算用完',
  'discount-unavailable': '不可用 优惠不可用',
}
const REASONS = new Map<string, string>(
  NO_DISCOUNT_REASONS.flatMap((code) => SAID[code].split(' ').map((words) => [words, code] as const)),
)
const PLAIN = new Set(['没优惠', '无优惠', '没有优惠', '没减', '没打折'])

/** A stretch of one business date, ms, the end left out. */
export interface Stretch {
  date: string
  from: number
  until: number
}

/** The stretches that were asked for, the newest first: of each of at most `most` days the hours. `whole`: none was left out. */
export function stretchesOf(
  { hours }: Pick<Search, 'hours'>,
  { from, to }: { from: string; to: string },
  most: number,
): { stretches: Stretch[]; whole: boolean } {
  const stretches: Stretch[] = []
  let date = to
  for (; date >= from && addDays(date, most) > to; date = addDays(date, -1)) {
    const midnight = endOfBusinessDate(date) - DAY_MS
    const begin = midnight + (hours?.from ?? 0)
    const end = midnight + (hours?.until ?? DAY_MS)
    // One that lies around midnight is of two dates.
    for (let until = end; until > begin; ) {
      const of = businessDate(until - 1)
      const start = Math.max(begin, endOfBusinessDate(of) - DAY_MS)
      stretches.push({ date: of, from: start, until })
      until = start
    }
  }
  return { stretches, whole: date < from }
}
