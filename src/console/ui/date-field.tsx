import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { serverNow } from '../../server-time'
import { type DateLimits, dateOf, dayText, outside, typedDate } from '../dates'
import { Calendar } from './calendar'
import { type FieldProps, Frame } from './field'

interface DateProps extends FieldProps, DateLimits {
  /** `2026-11-29`, or empty */
  value: string
  /** a date, or empty for none */
  onText(date: string): void
  /** a filter: what it can't be is said and changes nothing, instead of being handed on to a form, which has its own word */
  filter?: boolean
}

/**
 * A date, typed as people write it or chosen from a calendar; shown in Chinese, whatever the browser speaks. What is typed is taken when it is
 * whole, otherwise with Enter or on leaving the field.
 */
export function DateField({ value, onText, min, max, filter = false, fault, ...frame }: DateProps) {
  const [typed, setTyped] = useState<string | null>(null)
  const [wrong, setWrong] = useState<string>()
  const [open, setOpen] = useState(false)
  const key = useRef<HTMLButtonElement>(null)
  const told = useRef(value)
  const limits = { min, max }
  const today = dateOf(serverNow())
  // set from elsewhere, e.g. by clearing all filters: what was typed is of no more account
  useEffect(() => {
    if (value === told.current) return
    told.current = value
    setTyped(null)
    setWrong(undefined)
  }, [value])

  function tell(date: string) {
    told.current = date
    if (date !== value) onText(date)
  }

  /** False: a filter can't be that. */
  function take(date: string): boolean {
    const why = filter && date ? outside(date, limits) : undefined
    setWrong(why)
    if (!why) tell(date)
    return !why
  }

  function type(text: string) {
    setTyped(text)
    setWrong(undefined)
    const read = typedDate(text, today, limits)
    if (text.trim() === '') take('')
    else if (read?.whole) take(read.date)
  }

  /** What stands there counts now, or is said to be no date. */
  function settle() {
    if (typed === null) return
    const read = typed.trim() === '' ? null : typedDate(typed, today, limits)
    if (read) {
      if (take(read.date)) setTyped(null)
    } else if (typed.trim() === '') setTyped(null)
    else {
      setWrong('看不懂这个日期，请写成 2026-11-29 或 11月29日')
      if (!filter) tell('')
    }
  }

  const close = () => {
    setOpen(false)
    key.current?.focus()
  }
  return (
    <Frame {...frame} fault={wrong ?? fault ?? (value === '' ? undefined : outside(value, limits))}>
      {(wiring) => (
        <span className="c-input c-date">
          <input
            {...wiring}
            className="c-input__box"
            autoComplete="off"
            placeholder="年-月-日"
            maxLength={20}
            value={typed ?? (value && dayText(value))}
            onChange={({ target }) => type(target.value)}
            onBlur={settle}
            onKeyDown={(event: KeyboardEvent) => {
              if (event.key === 'Enter') settle()
              if (event.key === 'ArrowDown' && event.altKey) setOpen(true)
            }}
          />
          <button
            ref={key}
            type="button"
            className="c-date__key"
            aria-label="打开日历"
            aria-haspopup="dialog"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
              <path d="M3 5h14v12H3zM3 9h14M7 3v4M13 3v4" fill="none" stroke="currentColor" strokeWidth="1.5" />
            </svg>
          </button>
          {open && (
            <Calendar
              value={value}
              today={today}
              limits={limits}
              onChoose={(date) => {
                setTyped(null)
                take(date)
                close()
              }}
              onClose={close}
              onLeave={(to) => to === key.current || setOpen(false)}
            />
          )}
        </span>
      )}
    </Frame>
  )
}
