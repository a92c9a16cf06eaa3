import { Box } from './base'
import './skeleton.scss'

interface SkeletonProps {
  heights: number[]
  label?: string
  /** in a page that has a name already */
  inside?: boolean
}

/** Grey lines where content will be; said once to a screen reader, and the page's name until it has its own. */
export function Skeleton({ heights, label = '正在载入', inside }: SkeletonProps) {
  return (
    <Box>
      {!inside && (
        <Box className="heard" role="heading">
          {label}
        </Box>
      )}
      <Box className="skeleton" role="status" label={label}>
        {heights.map((height, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a fixed list of bars
          <Box key={i} className="skeleton__bar" style={{ height: `${height}px` }} silent />
        ))}
      </Box>
    </Box>
  )
}
