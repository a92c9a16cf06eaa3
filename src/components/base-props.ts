import type { CSSProperties, ReactNode } from 'react'

/** What pages are made of, the same in a browser and in WeChat: `base.tsx` is the browser's, `base.weapp.tsx` WeChat's. */
export interface BoxProps {
  className?: string
  style?: CSSProperties
  children?: ReactNode
  /** ARIA role; `main` for a page's outermost box */
  role?: string
  /** of a heading: 1 for the page's own name, which it has once, unless told */
  level?: 1 | 2
  /** read out instead of the content */
  label?: string
  /** true: nothing to read out here */
  silent?: boolean
  /** read out when it changes */
  live?: 'polite' | 'assertive'
}

export interface PressProps {
  className?: string
  children?: ReactNode
  label?: string
  disabled?: boolean
  /** a choice that is on or off; undefined for a plain button */
  chosen?: boolean | undefined
  onPress(): void
}
