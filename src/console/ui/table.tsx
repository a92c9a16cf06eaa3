import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react'

export interface Column<T> {
  /** unique in the table */
  name: string
  head: ReactNode
  cell(row: T): ReactNode
  /** figures stand at the right */
  right?: boolean
  /** how the rows are sorted by it, where they are */
  sorted?: 'ascending' | 'descending' | undefined
  className?: string
}

interface TableProps<T> {
  /** what the table shows, for a screen reader */
  caption: string
  columns: readonly Column<T>[]
  rows: readonly T[]
  keyOf(row: T): string
  /** a row under the others, e.g. sums; one cell a column */
  foot?: readonly ReactNode[]
}

/** A real table; too wide for the screen it scrolls sideways, by keyboard too. The first column is the row's head. */
export function Table<T>({ caption, columns, rows, keyOf, foot }: TableProps<T>) {
  const classOf = ({ right, className = '' }: Column<T>) => `${right ? 'c-table__right ' : ''}${className}`
  const frame = useRef<HTMLDivElement>(null)
  const { scrolls, right } = useOverflow(frame)
  return (
    <>
      <div
        ref={frame}
        className="c-table__frame"
        {...(scrolls && { role: 'group', 'aria-label': caption, tabIndex: 0 })}
      >
        <table className="c-table">
          <caption className="heard">{caption}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column.name} scope="col" className={classOf(column)} aria-sort={column.sorted}>
                  {column.head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={keyOf(row)}>
                {columns.map((column, i) =>
                  i === 0 ? (
                    <th key={column.name} scope="row" className={classOf(column)}>
                      {column.cell(row)}
                    </th>
                  ) : (
                    <td key={column.name} className={classOf(column)}>
                      {column.cell(row)}
                    </td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
          {foot && (
            <tfoot>
              <tr>
                {columns.map((column, i) => (
                  <td key={column.name} className={classOf(column)}>
                    {foot[i]}
                  </td>
                ))}
              </tr>
            </tfoot>
          )}
        </table>
      </div>
      {right > 0 && <p className="c-table__more">{`右边还有 ${right} 列，左右滑动查看 →`}</p>}
    </>
  )
}

/**
 * `scrolls`: the content is wider than the element, and then must be reached by keyboard to be scrolled. `right`: so many columns can't be
 * seen, or not wholly, at its right.
 */
function useOverflow(element: RefObject<HTMLElement>): { scrolls: boolean; right: number } {
  const [over, setOver] = useState({ scrolls: false, right: 0 })
  useEffect(() => {
    const found = element.current
    if (!found || !window.ResizeObserver) return
    const look = () => {
      const scrolls = found.scrollWidth > found.clientWidth
      const edge = found.getBoundingClientRect().right + 1
      const heads = scrolls ? [...found.querySelectorAll('thead th')] : []
      const right = heads.filter((head) => head.getBoundingClientRect().right > edge).length
      setOver((before) => (before.scrolls === scrolls && before.right === right ? before : { scrolls, right }))
    }
    const watch = new ResizeObserver(look)
    watch.observe(found)
    for (const table of found.children) watch.observe(table)
    found.addEventListener('scroll', look, { passive: true })
    return () => {
      watch.disconnect()
      found.removeEventListener('scroll', look)
    }
  }, [element])
  return over
}
