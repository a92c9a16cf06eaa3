import type { ReactNode } from 'react'
import { Box } from './base'
import { Button } from './button'
import { Over } from './over'
import { Phrases } from './phrases'
import './notice.scss'

export interface Action {
  label: string
  onPress(): void
}

interface NoticeProps {
  mark: string
  title: string
  text?: string
  action?: Action | undefined
  /** in a page that has a name already */
  inside?: boolean
}

/** A page without its content: what is the matter, and the way on. */
export function Notice({ mark, title, text, action, inside }: NoticeProps) {
  return (
    <Box className="notice" role="status">
      <Box className="notice__mark" silent>
        {mark}
      </Box>
      <Box className="notice__title" role="heading" level={inside ? 2 : 1}>
        {title}
      </Box>
      {text && (
        <Box className="notice__text">
          <Phrases text={text} />
        </Box>
      )}
      {action && (
        <Box className="notice__action">
          <Button kind="quiet" onPress={action.onPress}>
            {action.label}
          </Button>
        </Box>
      )}
    </Box>
  )
}

/** A question over the page that has to be answered before going on. */
export function Sheet({ title, children, main, other, onClose }: SheetProps) {
  return (
    <Over asks title={title} onClose={onClose}>
      <Box className="sheet__title">{title}</Box>
      <Box className="sheet__text">{typeof children === 'string' ? <Phrases text={children} /> : children}</Box>
      <Button kind="main" onPress={main.onPress} disabled={main.busy}>
        {main.label}
      </Button>
      {other && (
        <Button kind="quiet" onPress={other.onPress}>
          {other.label}
        </Button>
      )}
    </Over>
  )
}

export interface SheetProps {
  title: string
  children: ReactNode
  main: Action & { busy?: boolean }
  other?: Action
  /** puts the question away, and does neither */
  onClose(): void
}
