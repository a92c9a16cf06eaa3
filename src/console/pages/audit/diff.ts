import { dateTime } from '../../../dates'
import { fieldName, fieldValue } from '../../terms'
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
    name: fieldWords(field) ?? fieldName(field),
    before: field in was ? textOf(field, was[field]) : '',
    after: field in is ? textOf(field, is[field]) : '',
    changed: JSON.stringify(was[field]) !== JSON.stringify(is[field]),
  }))
  return [...lines.filter(({ changed }) => changed), ...lines.filter(({ changed }) => !changed)]
}

/** Moments of the log are ms; a field of a campaign reads as it does everywhere else. */
function textOf(field: string, value: unknown): string {
  if (typeof value === 'boolean') return value ? '是' : '否'
  if (typeof value === 'number' && /At$/.test(field)) return dateTime(new Date(value).toISOString())
  if (fieldWords(field) === undefined && fieldName(field) !== field) return known(field, value)
  if (Array.isArray(value))
    return value.map((one) => (typeof one === 'string' ? valueWord(one) : String(JSON.stringify(one)))).join('、')
  if (value === null) return '—'
  return typeof value === 'string' ? valueWord(value) : String(value)
}

/** A log keeps what was true then: a shape that has changed since is shown as it is. */
function known(field: string, value: unknown): string {
  try {
    return fieldValue(field, value)
  } catch {
    return JSON.stringify(value)
  }
}
