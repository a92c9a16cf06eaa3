/** A deep copy of plain data, many times as fast as `structuredClone`, of which a run of the model would make a thousand. */
export function copied<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return value
  if (Array.isArray(value)) return value.map(copied) as T
  const copy: Record<string, unknown> = {}
  for (const [name, one] of Object.entries(value)) copy[name] = copied(one)
  return copy as T
}
