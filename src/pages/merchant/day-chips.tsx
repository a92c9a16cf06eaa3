import { Box, Press } from '../../components/base'
import { DayPicker } from '../../components/day-picker'
import { addDays } from '../../dates'

/** What is looked at: a business date, or the week or month that has today in it. */
export type Span = 'week' | 'month'

interface DayChipsProps {
  today: string
  date: string
  span: Span | null
  onPick(date: string): void
  onSpan(span: Span): void
}

/** 今天 · 昨天 · 周 · 月 · any day before. */
export function DayChips({ today, date, span, onPick, onSpan }: DayChipsProps) {
  const days = [
    { name: '今天', day: today },
    { name: '昨天', day: addDays(today, -1) },
  ]
  const other = span === null && days.every(({ day }) => day !== date)
  const classOf = (chosen: boolean) => `chip ${chosen ? 'chip--chosen' : ''}`
  return (
    <Box className="chips" role="group" label="选日期">
      {days.map(({ name, day }) => {
        const chosen = span === null && day === date
        return (
          <Press key={name} className={classOf(chosen)} chosen={chosen} onPress={() => onPick(day)}>
            {name}
          </Press>
        )
      })}
      {(['week', 'month'] as const).map((one) => (
        <Press key={one} className={classOf(one === span)} chosen={one === span} onPress={() => onSpan(one)}>
          {one === 'week' ? '周' : '月'}
        </Press>
      ))}
      <DayPicker className={classOf(other)} day={date} last={today} onPick={onPick}>
        {other ? date.slice(5) : '选日期'}
      </DayPicker>
    </Box>
  )
}
