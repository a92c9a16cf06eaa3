import type { ReactNode } from 'react'
import { Box, Press, Words } from './base'
import './lines.scss'

/** A card of lines, each leading somewhere. */
export function Lines({ children }: { children: ReactNode }) {
  return <Box className="lines">{children}</Box>
}

interface LineProps {
  title: string
  /** smaller, below the title */
  text?: string | undefined
  /** at the right; an arrow unless told otherwise */
  children?: ReactNode
  onPress(): void
}

export function Line({ title, text, children, onPress }: LineProps) {
  return (
    <Press className="line" onPress={onPress}>
      <Box className="line__words">
        <Box className="line__title">{title}</Box>
        {text && <Box className="line__text">{text}</Box>}
      </Box>
      {children ?? (
        <Words className="line__go" silent>
          ›
        </Words>
      )}
    </Press>
  )
}
