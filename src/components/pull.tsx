import { useEffect, useRef, useState } from 'react'
import { Box } from './base'
import type { PullProps } from './pull-props'
import './pull.scss'

/** So far down, and letting go reads anew; a finger that only scrolls doesn't come there from the top. */
const FAR_PX = 80

const WORDS = { pulled: '下拉刷新', far: '松开刷新', busy: '正在刷新…' }

/** Pull to refresh, where the app doesn't have one; a browser's own would load all of the page again. */
export function Pull({ onPull }: PullProps) {
  const [state, setState] = useState<keyof typeof WORDS | null>(null)
  const pull = useRef(onPull)
  pull.current = onPull
  useEffect(() => {
    const root = document.documentElement
    root.style.overscrollBehaviorY = 'contain'
    let from: number | null = null
    let now: typeof state = null
    const show = (next: typeof state) => {
      if (next !== now) setState(next)
      now = next
    }
    const start = ({ touches, target }: TouchEvent) => {
      from = now !== 'busy' && touches.length === 1 && isAtTop(target) ? touches[0]!.clientY : null
    }
    const move = ({ touches }: TouchEvent) => {
      if (from === null) return
      const px = touches[0]!.clientY - from
      show(px < 16 ? null : px < FAR_PX ? 'pulled' : 'far')
    }
    const end = () => {
      if (from === null) return
      from = null
      if (now !== 'far') return show(null)
      show('busy')
      const done = () => show(null)
      pull.current().then(done, done)
    }
    const passive = { passive: true }
    document.addEventListener('touchstart', start, passive)
    document.addEventListener('touchmove', move, passive)
    document.addEventListener('touchend', end, passive)
    document.addEventListener('touchcancel', end, passive)
    return () => {
      root.style.overscrollBehaviorY = ''
      document.removeEventListener('touchstart', start)
      document.removeEventListener('touchmove', move)
      document.removeEventListener('touchend', end)
      document.removeEventListener('touchcancel', end)
    }
  }, [])
  return (
    <Box className={state ? 'pull pull--shown' : 'pull'} role="status" live="polite">
      {state && WORDS[state]}
    </Box>
  )
}

/** Nothing above what is touched is scrolled down. */
function isAtTop(target: EventTarget | null): boolean {
  for (let one = target as Element | null; one; one = one.parentElement) if (one.scrollTop > 0) return false
  return true
}
