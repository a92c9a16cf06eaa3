export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [name: string]: Plain }

/**
 * The one text of a value (RFC 8785, JSON Canonicalization Scheme): no spaces, names in the order of their UTF-16 units. Numbers are
 * whole and exact; others, for which two languages might write two texts, are a bug and throw.
 */
export function canonical(value: Plain): string {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new RangeError(`${value} has no canonical text`)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const of = value as { readonly [name: string]: Plain }
  const names = Object.keys(of).sort()
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(of[name]!)}`).join(',')}}`
}
