/** A page of a list; with a cursor there is more of it, after its last. */
export interface Page<T, C = string> {
  items: T[]
  nextCursor?: C
}

/** The first `limit` of what was found by asking for one more than that, which tells whether there is a next page. */
export function pageOf<T, C = string>(found: readonly T[], limit: number, cursorOf: (last: T) => C): Page<T, C> {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return found.length > limit && last !== undefined ? { items, nextCursor: cursorOf(last) } : { items }
}
