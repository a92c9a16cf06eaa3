import { Box } from './base'
import type { OverProps } from './over-props'
import './over.scss'

/** WeChat has no keyboard and no focus to keep; what is asked is read out. */
export function Over({ title, asks, className = 'sheet__panel', children }: OverProps) {
  return (
    <Box className="sheet" role={asks ? 'alertdialog' : 'dialog'} label={title}>
      <Box className={className} live="assertive">
        {children}
      </Box>
    </Box>
  )
}
