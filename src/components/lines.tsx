import type { ReactNode } from 'react'
import { Box, Press, Words } from './base'
import './lines.scss'

/** A card of lines, each leading somewhere. */
export function Lines({ children }: { children: ReactNode }) {
  return (
    <Box className="lines" role="list">
      {children}
    </Box>
  )
}

interface LineProps {
  title: string
  /** smaller, below the title */
  text?: string | undefined
  /** at the left of both */
  lead?: ReactNode
  /** at the right; an arrow unless told otherwise */
  children?: ReactNode
  /** a choice that is on or off */
  chosen?: boolean
  onPress(): void
}

export function Line({ title, text, lead, children, chosen, onPress }: LineProps) {
  return (
    <Box className="lines__item" role="listitem">
      <Press className="line" chosen={chosen} onPress={onPress}>
        {lead}
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
    </Box>
  )
}
