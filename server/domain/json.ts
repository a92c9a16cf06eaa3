/** JSON that strangers send: what nobody's software means by it is refused where it is read, before a schema or a store meets it. */

/** Deeper than anything of ours or a channel's; some 5,000 levels overflow the stack of whatever walks them. */
export const MAX_JSON_DEPTH = 32

const UTF8 = new TextDecoder('utf-8', { fatal: true })

export type JsonFault = 'not-utf8' | 'not-json' | 'too-deep'

/** The value of some bytes, or why they have none. Of a name that comes twice the last counts, as everywhere. */
export function readJson(bytes: Uint8Array): { kind: 'value'; value: unknown } | { kind: JsonFault } {
  let text: string
  try {
    text = UTF8.decode(bytes)
  } catch {
    return { kind: 'not-utf8' }
  }
  try {
    const value: unknown = JSON.parse(text)
    return isDeeper(value, MAX_JSON_DEPTH) ? { kind: 'too-deep' } : { kind: 'value', value }
  } catch {
    return { kind: 'not-json' }
  }
}

/**
 * The value of what a channel says; undefined when it has none, or holds a text that no database keeps: a signature says whose word
 * it is, not that it makes sense.
 */
export function jsonOf(said: Uint8Array | string): unknown {
  const read = readJson(typeof said === 'string' ? Buffer.from(said) : said)
  return read.kind === 'value' && unkeepable(read.value) === undefined ? read.value : undefined
}

/** A zero character or half a surrogate pair: PostgreSQL keeps neither, in no text and no jsonb. */
const NOT_KEPT = /[\0\p{Cs}]/u

/** Where in a value of bounded depth the first text is that no database keeps, e.g. `['merchants', '3', 'name']`; undefined: nowhere. */
export function unkeepable(value: unknown): string[] | undefined {
  if (typeof value === 'string') return NOT_KEPT.test(value) ? [] : undefined
  if (typeof value !== 'object' || value === null) return undefined
  for (const name in value) {
    if (NOT_KEPT.test(name)) return []
    const inside = unkeepable((value as Record<string, unknown>)[name])
    if (inside) return [name, ...inside]
  }
  return undefined
}

/** True when there are more than `depth` arrays and objects one in another. Goes no deeper than that itself. */
function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (depth === 0) return true
  for (const name in value) if (isDeeper((value as Record<string, unknown>)[name], depth - 1)) return true
  return false
}
