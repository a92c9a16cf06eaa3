import type { DayPickerProps } from './day-picker-props'
import './day-picker.scss'

/** The browser's own date input, unseen over the chip: every telephone and screen reader knows it. */
export function DayPicker({ className, day, last, children, onPick }: DayPickerProps) {
  return (
    <label className={`press day-picker ${className}`}>
      {children}
      <input
        className="day-picker__input"
        type="date"
        aria-label="选日期"
        value={day}
        max={last}
        onClick={(event) => showPicker(event.currentTarget)}
        onChange={(event) => event.target.value && event.target.value <= last && onPick(event.target.value)}
      />
    </label>
  )
}

/** A desktop browser opens its calendar only from the small icon, which is unseen here. */
function showPicker(input: HTMLInputElement) {
  try {
    input.showPicker?.()
  } catch {}
}
