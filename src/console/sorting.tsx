import { setQuery } from './router'
import type { Column } from './ui'

interface Sortable {
  /** as the server knows it */
  by: string
  words: string
  /** the order in which it is first shown */
  first?: 'asc' | 'desc'
  /** the list is sorted so when the address says nothing */
  usual?: boolean
}

/** The head of a column that sorts its list: pressed once it sorts, again it turns the list round. What is chosen stands in the address. */
export function sortable(
  query: Readonly<Record<string, string>>,
  { by, words, first = 'asc', usual = false }: Sortable,
): Pick<Column<unknown>, 'head' | 'sorted'> {
  const chosen = query.sort ? query.sort === by : usual
  const order = query.order === 'desc' ? 'desc' : 'asc'
  const next = chosen ? (order === 'asc' ? 'desc' : 'asc') : first
  const sign = order === 'asc' ? '↑' : '↓'
  return {
    sorted: chosen ? (order === 'asc' ? 'ascending' : 'descending') : undefined,
    head: (
      <button
        type="button"
        className="c-table__sort"
        onClick={() => setQuery({ sort: usual ? undefined : by, order: next === 'desc' ? 'desc' : undefined })}
      >
        {words}
        <span aria-hidden="true">{chosen ? sign : ''}</span>
      </button>
    ),
  }
}
