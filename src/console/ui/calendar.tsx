import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { addDays, addMonths, type DateLimits, dayText, outside, weeksOf } from '../dates'

interface CalendarProps {
  value: string
  today: string
  limits: DateLimits
  onChoose(date: string): void
  onClose(): void
  /** the focus went elsewhere: to what, if to anything */
  onLeave(to: EventTarget | null): void
}

const WEEKDAYS = ['一', '二', '三', '四', '五', '六', '日']

/** How far each key goes from a date. */
const MOVES: Record<string, (date: string) => string> = {
  ArrowLeft: (date) => addDays(date, -1),
  ArrowRight: (date) => addDays(date, 1),
  ArrowUp: (date) => addDays(date, -7),
  ArrowDown: (date) => addDays(date, 7),
  PageUp: (date) => addMonths(date, -1),
  PageDown: (date) => addMonths(date, 1),
  Home: (date) => addDays(date, -weekday(date)),
  End: (date) => addDays(date, 6 - weekday(date)),
}
const weekday = (date: string) => (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7

/** A month to choose a day from, by the keys of the usual date grid: arrows, Home, End, Page Up and Down, Enter, Esc. */
export function Calendar({ value, today, limits, onChoose, onClose, onLeave }: CalendarProps) {
  const [at, setAt] = useState(() => nearest(value || today, limits))
  const grid = useRef<HTMLTableElement>(null)
  const step = useRef(true)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the day that is gone to has the focus
  useEffect(() => {
    if (step.current) grid.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus()
  }, [at])
  const turn = (months: number) => {
    step.current = false
    setAt(nearest(addMonths(at, months), limits))
  }
  function press(event: KeyboardEvent) {
    const move = MOVES[event.key]
    if (!move) return
    event.preventDefault()
    step.current = true
    setAt(
      nearest(
        event.shiftKey && /^Page/.test(event.key) ? addMonths(at, event.key === 'PageUp' ? -12 : 12) : move(at),
        limits,
      ),
    )
  }
  return (
    <div
      className="c-calendar"
      role="dialog"
      aria-label="选择日期"
      onBlur={({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget)) onLeave(relatedTarget)
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        // of the calendar alone, not of a dialog that it stands in
        event.preventDefault()
        event.stopPropagation()
        onClose()
      }}
    >
      <div className="c-calendar__head">
        <button type="button" className="c-calendar__turn" aria-label="上个月" onClick={() => turn(-1)}>
          ‹
        </button>
        <span aria-live="polite">{dayText(at).replace(/\d+日$/, '')}</span>
        <button type="button" className="c-calendar__turn" aria-label="下个月" onClick={() => turn(1)}>
          ›
        </button>
      </div>
      <table ref={grid} className="c-calendar__grid" onKeyDown={press}>
        <thead>
          <tr>
            {WEEKDAYS.map((name) => (
              <th key={name} scope="col" abbr={`星期${name}`}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeksOf(at).map((week) => (
            <tr key={week.find(Boolean)}>
              {week.map((date, i) => (
                <td key={date ?? `none-${i}`}>
                  {date && (
                    <button
                      type="button"
                      className="c-calendar__day"
                      tabIndex={date === at ? 0 : -1}
                      aria-label={dayText(date)}
                      aria-pressed={date === value}
                      aria-current={date === today ? 'date' : undefined}
                      disabled={outside(date, limits) !== undefined}
                      onClick={() => onChoose(date)}
                    >
                      {Number(date.slice(8))}
                    </button>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Keys stop at the limits. */
function nearest(date: string, { min, max }: DateLimits): string {
  if (max && date > max) return max
  return min && date < min ? min : date
}
