import { HEADER_TEXTS, JSON_TEXTS, URL_TEXTS } from './hostile-values'
import { pointed, type Schema } from './json-schema'

/** Places of an OpenAPI document where values that nobody honest sends can be put. */

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  schema: Schema
}
export interface Operation {
  security: object[]
  parameters?: Parameter[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, { description: string }>
}
export interface ApiDocument {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

/** The same numbers from 0 to 1 for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export interface Attack {
  /** what was done where, to find it again */
  name: string
  method: string
  path: string
  headers: string[]
  body: string | Buffer | null
  /** of a value that a schema must refuse by its name; undefined where what is refused has none */
  field?: string
}

/** A value that is likely to be taken, by the field's name, else by its schema. */
export type Examples = Record<string, unknown>

export interface Target {
  document: ApiDocument
  examples: Examples
  /** `GET /api/orders/{orderNo}` */
  method: string
  path: string
}

/** Each field of an operation with each value in turn, the rest being as it should. */
export function* attacksOn({ document, examples, method, path }: Target): Generator<Attack> {
  const operation = document.paths[path]![method]!
  const parameters = operation.parameters ?? []
  const json = operation.requestBody?.content['application/json']?.schema
  const csv = operation.requestBody?.content['text/csv']
  const good = json && exampleOf(json, document, examples, 'body')
  const goodBody = json ? JSON.stringify(good) : csv ? 'code\nM0001\n' : null
  const type = csv ? 'text/csv' : 'application/json'

  const request = (name: string, changed: Partial<Attack> & { place?: Record<string, string>; query?: string }) => ({
    name: `${method.toUpperCase()} ${path}: ${name}`.slice(0, 200),
    method: method.toUpperCase(),
    path: addressOf(path, parameters, examples, changed.place) + (changed.query ? `?${changed.query}` : ''),
    headers: changed.headers ?? headersOf(parameters, examples, goodBody === null ? undefined : type),
    body: changed.body === undefined ? goodBody : changed.body,
    ...(changed.field !== undefined && { field: changed.field }),
  })

  yield request('as it should be', {})
  for (const { name, in: place } of parameters) {
    if (place === 'path') for (const value of URL_TEXTS) yield request(`${name}=${value}`, { place: { [name]: value } })
    if (place === 'query') {
      for (const value of URL_TEXTS) yield request(`?${name}=${value}`, { query: `${name}=${value}`, field: name })
      for (const twice of [`${name}=1&${name}=2`, `${name}[]=1`, `${name}[x]=1`, `__proto__=1&${name}`])
        yield request(`?${twice}`, { query: twice })
    }
    if (place === 'header')
      for (const value of HEADER_TEXTS) {
        const others = headersOf(parameters, examples, type, name)
        yield request(`${name}: ${value}`, { headers: [...others, name, value] })
        yield request(`${name} twice: ${value}`, { headers: [...others, name, value, name, value] })
      }
  }
  if (json) {
    for (const [field, body] of bodies(json, document, good)) yield request(`${field} ${body}`, { body, field })
    for (const value of JSON_TEXTS) yield request(`body ${value}`, { body: value })
    yield request('a name twice', { body: `{"amountFen":1,${goodBody!.slice(1).replace(/^\}/, '"a":1}')}` })
  }
  if (goodBody !== null) yield* aroundTheBody(goodBody, parameters, examples, request)
}

/** Bodies that are what they should be in no other way than these. */
function* aroundTheBody(
  goodBody: string,
  parameters: Parameter[],
  examples: Examples,
  request: (name: string, changed: Partial<Attack>) => Attack,
): Generator<Attack> {
  for (const type of ['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'application/jsonx', ''])
    yield request(`as ${type}`, { headers: headersOf(parameters, examples, type) })
  for (const type of ['application/json', 'text/csv', 'application/json; charset=utf-16']) {
    const headers = headersOf(parameters, examples, type)
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from([0xff, 0xfe, 0x00]),
      Buffer.from(goodBody, 'utf16le'),
      Buffer.concat([Buffer.from(goodBody.slice(0, -1)), Buffer.from([0xc3, 0x28])]),
      Buffer.alloc(20_000, '['),
      Buffer.alloc(20_000, 'a\n'),
      Buffer.alloc(20_000, '"\n'),
      Buffer.from('\ufeff'.repeat(3)),
    ])
      yield request(`${bytes.length} bytes ${bytes.subarray(0, 6).toString('hex')} as ${type}`, {
        headers,
        body: bytes,
      })
  }
}

/** The good body with one field of it, at whatever depth, replaced by each of the values. */
function* bodies(schema: Schema, document: ApiDocument, good: unknown): Generator<[field: string, body: string]> {
  for (const path of placesOf(schema, document)) {
    const marked = withAt(good, path, MARK)
    const text = JSON.stringify(marked)
    if (text === undefined) continue
    for (const value of JSON_TEXTS) yield [path.join('.'), text.replace(JSON.stringify(MARK), () => value)]
  }
}
const MARK = '@@here@@'

/** Every field below a schema, through objects and the first of each array. */
function placesOf(schema: Schema, document: ApiDocument, path: string[] = []): string[][] {
  const {
    properties = {},
    items,
    anyOf,
  } = resolved(schema, document) as {
    properties?: Record<string, Schema>
    items?: Schema
    anyOf?: Schema[]
  }
  const below = [
    ...Object.entries(properties).map(([name, one]): [string, Schema] => [name, one]),
    ...(items ? [['0', items] as [string, Schema]] : []),
  ]
  return [
    ...(anyOf ?? []).flatMap((one) => placesOf(one, document, path)),
    ...below.flatMap(([name, one]) => [[...path, name], ...placesOf(one, document, [...path, name])]),
  ]
}

function withAt(value: unknown, [first, ...rest]: string[], put: unknown): unknown {
  if (first === undefined) return put
  if (Array.isArray(value) || first === '0') return [withAt((value as unknown[] | undefined)?.[0], rest, put)]
  const object = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  return { ...object, [first]: withAt(object[first], rest, put) }
}

function exampleOf(schema: Schema, document: ApiDocument, examples: Examples, name: string): unknown {
  if (name in examples) return examples[name]
  const one = resolved(schema, document) as {
    type?: string
    enum?: unknown[]
    properties?: Record<string, Schema>
    required?: string[]
    items?: Schema
    anyOf?: Schema[]
    minimum?: number
  }
  if (one.enum) return one.enum[0]
  if (one.anyOf) return exampleOf(one.anyOf[0]!, document, examples, name)
  switch (one.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(one.properties ?? {})
          .filter(([key]) => one.required?.includes(key))
          .map(([key, value]) => [key, exampleOf(value, document, examples, key)]),
      )
    case 'array':
      return [exampleOf(one.items!, document, examples, name)]
    case 'integer':
      return Math.max(one.minimum ?? 1, 1)
    case 'boolean':
      return true
    default:
      return 'example-1'
  }
}

const resolved = (schema: Schema, document: ApiDocument): Schema =>
  schema.$ref ? (pointed(document, schema.$ref as string) as Schema) : schema

function addressOf(path: string, parameters: Parameter[], examples: Examples, place: Record<string, string> = {}) {
  return path.replace(/\{(\w+)\}/g, (_, name) => {
    const { schema } = parameters.find((one) => one.name === name)!
    return place[name] ?? encodeURIComponent(String(examples[name] ?? exampleOf(schema, EMPTY, examples, name)))
  })
}
const EMPTY: ApiDocument = { paths: {}, components: { schemas: {} } }

let keys = 0
function headersOf(parameters: Parameter[], examples: Examples, type?: string, without?: string): string[] {
  const named = parameters.filter((one) => one.in === 'header' && one.name !== without)
  const own = named.flatMap(({ name }) => [
    name,
    name === 'Idempotency-Key' ? `hostile-key-${++keys}` : String(examples[name] ?? 'x'),
  ])
  return type === undefined ? own : [...own, 'Content-Type', type]
}
