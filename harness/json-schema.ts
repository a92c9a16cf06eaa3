/** As much of JSON Schema 2020-12 as our OpenAPI document uses; an unknown keyword throws, so that nothing passes unread. */

export type Schema = { [keyword: string]: unknown }

/** Says nothing of the value. */
const NOTES = new Set(['description', 'title', 'format', 'id', 'default', 'examples'])

/** Every fault of a value, as `path: what is wrong`; `root` is the document that references lead into. */
export function faultsOf(schema: Schema, value: unknown, root: object, path = '$'): string[] {
  return Object.entries(schema).flatMap(([keyword, rule]) => {
    if (NOTES.has(keyword)) return []
    const check = KEYWORDS[keyword]
    if (!check) throw new Error(`${path}: the keyword ${keyword} is not known`)
    return check(rule as never, value, { schema, root, path })
  })
}

interface Place {
  schema: Schema
  root: object
  path: string
}
type Keyword = (rule: never, value: unknown, place: Place) => string[]

const fault = (holds: boolean, { path }: Place, message: string) => (holds ? [] : [`${path}: ${message}`])
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const TYPES: Record<string, (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string',
  integer: Number.isInteger,
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
  array: Array.isArray,
  object: isObject,
}

const KEYWORDS: Record<string, Keyword> = {
  $ref: (ref: string, value, { root, path }) => faultsOf(pointed(root, ref) as Schema, value, root, path),
  type: (type: string | string[], value, place) =>
    fault(
      [type].flat().some((one) => TYPES[one]!(value)),
      place,
      `not ${type}: ${JSON.stringify(value)}`,
    ),
  enum: (list: unknown[], value, place) => fault(list.includes(value), place, `none of ${list}: ${value}`),
  const: (only: unknown, value, place) => fault(value === only, place, `not ${only}: ${value}`),
  pattern: (pattern: string, value, place) =>
    fault(typeof value !== 'string' || new RegExp(pattern, 'u').test(value), place, `${value} doesn't fit ${pattern}`),
  minimum: (min: number, value, place) => fault(!(Number(value) < min), place, `${value} is below ${min}`),
  maximum: (max: number, value, place) => fault(!(Number(value) > max), place, `${value} is above ${max}`),
  minLength: (min: number, value, place) => fault(String(value).length >= min, place, `shorter than ${min}`),
  maxLength: (max: number, value, place) => fault(String(value).length <= max, place, `longer than ${max}`),
  minItems: (min: number, value, place) =>
    fault(!Array.isArray(value) || value.length >= min, place, `fewer than ${min}`),
  maxItems: (max: number, value, place) =>
    fault(!Array.isArray(value) || value.length <= max, place, `more than ${max}`),
  required: (names: string[], value, place) =>
    isObject(value) ? names.flatMap((name) => fault(name in value, place, `${name} is missing`)) : [],
  properties: (properties: Record<string, Schema>, value, { root, path }) =>
    isObject(value)
      ? Object.entries(properties).flatMap(([name, schema]) =>
          name in value ? faultsOf(schema, value[name], root, `${path}.${name}`) : [],
        )
      : [],
  additionalProperties: (rule: boolean | Schema, value, { schema, root, path }) => {
    const known = new Set(Object.keys((schema.properties as object | undefined) ?? {}))
    const others = isObject(value) ? Object.entries(value).filter(([name]) => !known.has(name)) : []
    if (typeof rule === 'object') return others.flatMap(([name, one]) => faultsOf(rule, one, root, `${path}.${name}`))
    return rule ? [] : others.map(([name]) => `${path}: ${name} may not be there`)
  },
  items: (schema: Schema, value, { root, path }) =>
    Array.isArray(value) ? value.flatMap((one, i) => faultsOf(schema, one, root, `${path}[${i}]`)) : [],
  anyOf: (list: Schema[], value, place) => some(list, value, place),
  oneOf: (list: Schema[], value, place) => some(list, value, place),
}

function some(list: Schema[], value: unknown, { root, path }: Place): string[] {
  const each = list.map((schema) => faultsOf(schema, value, root, path))
  return each.some((faults) => faults.length === 0) ? [] : each.flat()
}

/** What a reference such as `#/components/schemas/Order` leads to. */
export function pointed(root: object, ref: string): unknown {
  if (!ref.startsWith('#/')) throw new Error(`${ref} leads out of the document`)
  let at: unknown = root
  for (const part of ref.slice(2).split('/')) {
    at = (at as Record<string, unknown> | undefined)?.[part]
    if (at === undefined) throw new Error(`${ref} leads nowhere`)
  }
  return at
}
