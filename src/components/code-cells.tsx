import type { ReactNode } from 'react'
import { Box } from './base'
import './code-cells.scss'

/** A cell a digit; the input that lies over them takes the taps. */
export function CodeCells({ value, length, children }: { value: string; length: number; children: ReactNode }) {
  return (
    <Box className="code">
      {Array.from({ length }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: cells have no identity but their place
        <Box key={i} className={`code__cell ${i === value.length ? 'code__cell--next' : ''}`} silent>
          {value[i] ?? ''}
        </Box>
      ))}
      {children}
    </Box>
  )
}
