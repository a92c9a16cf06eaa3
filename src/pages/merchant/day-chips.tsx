import { Box, Press } from '../../components/base'
import { DayPicker } from '../../components/day-picker'
import { dateOf } from '../../dates'

/** 今天 · 昨天 · 前天 · any day before. */
export function DayChips({ today, date, onPick }: { today: string; date: string; onPick(date: string): void }) {
  const before = (days: number) => dateOf(Date.parse(`${today}T12:00:00+08:00`), -days)
  const named = [
    { name: '今天', day: today },
    { name: '昨天', day: before(1) },
    { name: '前天', day: before(2) },
  ]
  const other = named.every(({ day }) => day !== date)
  return (
    <Box className="chips" role="group" label="选日期">
      {named.map(({ name, day }) => (
        <Press
          key={name}
          className={`chip ${day === date ? 'chip--chosen' : ''}`}
          chosen={day === date}
          onPress={() => onPick(day)}
        >
          {name}
        </Press>
      ))}
      <DayPicker className={`chip ${other ? 'chip--chosen' : ''}`} day={date} last={today} onPick={onPick}>
        {other ? date.slice(5) : '选日期'}
      </DayPicker>
    </Box>
  )
}
