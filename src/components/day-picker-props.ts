export interface DayPickerProps {
  className: string
  /** `YYYY-MM-DD` */
  day: string
  /** the last day that can be picked */
  last: string
  children: string
  onPick(day: string): void
}
