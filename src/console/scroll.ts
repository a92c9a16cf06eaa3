import { type RefObject, useEffect } from 'react'
import { isBack, stepNow } from './router'

/** Where each step of the history was scrolled to, px. */
const tops = new Map<number, number>()

/** A list is read again before it is as long as it was; longer than that nobody waits for it. */
const PATIENCE_MS = 5_000

/** By these somebody is at work on the page, and nothing may move below their hand. */
const AT_WORK = ['wheel', 'pointerdown', 'touchmove', 'keydown'] as const

/** A new page begins at its top; one that is come back to, where it was. Taro's page is what scrolls. */
export function useScroll(inside: RefObject<HTMLElement>, path: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another path is another page
  useEffect(() => {
    const page = inside.current?.closest('.taro_page')
    if (!page) return
    const step = stepNow()
    const wanted = isBack() ? (tops.get(step) ?? 0) : 0
    page.scrollTo(0, wanted)
    let settled = page.scrollTop >= wanted
    const grown = new ResizeObserver(() => {
      if (settled) return
      page.scrollTo(0, wanted)
      settled = page.scrollTop >= wanted
    })
    const settle = () => {
      settled = true
    }
    // what they scroll to themselves counts from now on
    const timer = setTimeout(settle, PATIENCE_MS)
    const noted = () => {
      if (settled && stepNow() === step) tops.set(step, page.scrollTop)
    }
    grown.observe(inside.current!)
    for (const event of AT_WORK) page.addEventListener(event, settle, { passive: true, capture: true })
    page.addEventListener('scroll', noted, { passive: true })
    return () => {
      clearTimeout(timer)
      grown.disconnect()
      for (const event of AT_WORK) page.removeEventListener(event, settle, { capture: true })
      page.removeEventListener('scroll', noted)
    }
  }, [inside, path])
}
