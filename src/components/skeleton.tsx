import { Box } from './base'
import './skeleton.scss'

/** Grey lines where content will be; said once to a screen reader. */
export function Skeleton({ heights, label = '正在载入' }: { heights: number[]; label?: string }) {
  return (
    <Box className="skeleton" role="status" label={label}>
      {heights.map((height, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a fixed list of bars
        <Box key={i} className="skeleton__bar" style={{ height: `${height}px` }} silent />
      ))}
    </Box>
  )
}
