import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react'

export interface Column<T> {
  /** unique in the table */
  name: string
  head: ReactNode
  cell(row: T): ReactNode
  /** figures stand at the right */
  right?: boolean
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
  const scrolls = useOverflow(frame)
  return (
    <div ref={frame} className="c-table__frame" {...(scrolls && { role: 'group', 'aria-label': caption, tabIndex: 0 })}>
      <table className="c-table">
        <caption className="heard">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" className={classOf(column)}>
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
  )
}

/** True while the content is wider than the element: then it must be reached by keyboard to be scrolled. */
function useOverflow(element: RefObject<HTMLElement>): boolean {
  const [over, setOver] = useState(false)
  useEffect(() => {
    const found = element.current
    if (!found || !window.ResizeObserver) return
    const watch = new ResizeObserver(() => setOver(found.scrollWidth > found.clientWidth))
    watch.observe(found)
    return () => watch.disconnect()
  }, [element])
  return over
}
