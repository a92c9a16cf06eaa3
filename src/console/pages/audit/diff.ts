import { dateTime } from '../../dates'
import { yuanText } from '../../format'
import { fieldName, fieldValue } from '../../terms'
import { fieldWord } from '../reviews/words'
import { fieldWords, valueWord } from './words'

/** A field before and after an action, as a person reads it. */
export interface DiffLine {
  field: string
  name: string
  before: string
  after: string
  changed: boolean
}

/** `{rule: {slots: 20}}` → `rule.slots: 20`. Lists stay whole. */
function flat(value: unknown, path = '', into: Record<string, unknown> = {}): Record<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    if (value !== undefined && !(path === '' && value === null)) into[path || '值'] = value
    return into
  }
  for (const [key, one] of Object.entries(value)) flat(one, path ? `${path}.${key}` : key, into)
  return into
}

/** What changed first; then what was said beside it. What neither side has isn't there. */
export function diffOf(before: unknown, after: unknown): DiffLine[] {
  const was = flat(before)
  const is = flat(after)
  const lines = [...new Set([...Object.keys(was), ...Object.keys(is)])].map((field) => ({
    field,
    name: nameOf(field),
    before: field in was ? textOf(field, was[field]) : '',
    after: field in is ? textOf(field, is[field]) : '',
    changed: JSON.stringify(was[field]) !== JSON.stringify(is[field]),
  }))
  return [...lines.filter(({ changed }) => changed), ...lines.filter(({ changed }) => !changed)]
}

/** `after.payerFen` of a request that was asked for → 顾客拿回: where it lies is the log's own matter. */
function nameOf(field: string): string {
  const known = fieldWords(field) ?? fieldName(field)
  if (known !== field) return known
  const leaf = leafOf(field)
  const word = fieldWords(leaf) ?? fieldWord(leaf)
  if (word !== leaf) return word
  return fieldName(leaf) === leaf ? field : fieldName(leaf)
}

const leafOf = (field: string) => field.slice(field.lastIndexOf('.') + 1)

/** Moments of the log are ms; a field of a campaign reads as it does everywhere else. */
function textOf(field: string, value: unknown): string {
  const leaf = leafOf(field)
  if (typeof value === 'boolean') return value ? '是' : '否'
  if (typeof value === 'number' && (/At$/.test(leaf) || leaf === 'at')) return dateTime(new Date(value).toISOString())
  if (fieldWords(field) === undefined && fieldName(field) !== field) return known(field, value)
  if (typeof value === 'number' && (/Fen$/.test(leaf) || leaf === 'fen')) return yuanText(value)
  if (Array.isArray(value)) return value.map(itemOf).join(value.every((one) => typeof one === 'string') ? '、' : '；')
  if (value === null) return '—'
  // Operators may be called as roles are.
  if (PEOPLE.test(leaf)) return String(value)
  return typeof value === 'string' ? valueWord(value) : String(value)
}

const PEOPLE = /^(by|username)$|By$/

/** One of a list: `订单 F2026…，金额 ¥1.00`. */
function itemOf(one: unknown): string {
  if (typeof one === 'string') return valueWord(one)
  if (typeof one !== 'object' || one === null) return String(one)
  return Object.entries(flat(one))
    .map(([field, value]) => `${nameOf(field)} ${textOf(field, value)}`)
    .join('，')
}

/** A log keeps what was true then: a shape that has changed since is shown as it is. */
function known(field: string, value: unknown): string {
  try {
    return fieldValue(field, value)
  } catch {
    return JSON.stringify(value)
  }
}
