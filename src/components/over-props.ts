import type { ReactNode } from 'react'

export interface OverProps {
  /** read out as it opens */
  title: string
  /** it asks something that has to be answered */
  asks?: boolean
  /** of the panel; that of a sheet unless told */
  className?: string
  children: ReactNode
  /** also Escape, and whatever else a browser closes with. It must pay nothing and promise nothing. */
  onClose(): void
}
