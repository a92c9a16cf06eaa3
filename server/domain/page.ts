/** A page of a list; with a cursor there is more of it, after its last. */
export interface Page<T> {
  items: T[]
  nextCursor?: string
}

/** The first `limit` of what was found by asking for one more than that, which tells whether there is a next page. */
export function pageOf<T>(found: readonly T[], limit: number, cursorOf: (last: T) => string): Page<T> {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return found.length > limit && last !== undefined ? { items, nextCursor: cursorOf(last) } : { items }
}
