import { Picker, View } from '@tarojs/components'
import type { DayPickerProps } from './day-picker-props'

export function DayPicker({ className, day, last, children, onPick }: DayPickerProps) {
  return (
    <Picker mode="date" value={day} end={last} onChange={(event) => onPick(event.detail.value)}>
      <View className={`press ${className}`}>{children}</View>
    </Picker>
  )
}
