import { type ReactNode, type RefObject, useEffect, useRef } from 'react'
import type { Pages } from '../use-pages'
import { Button } from './button'
import { Notice } from './page'
import { Failed, Loading, Stale } from './view'

/** The pages of a list read so far, and the key to the next. `children` gets the items. */
export function Listed<T>({
  pages,
  empty,
  children,
}: {
  pages: Pages<T>
  empty: ReactNode
  children(items: T[]): ReactNode
}) {
  const frame = useRef<HTMLDivElement>(null)
  const goOn = useRowKeys(frame, pages)
  if (pages.kind === 'waiting') return <Loading lines={6} />
  if (pages.kind === 'failed') return <Failed fault={pages.fault} again={pages.again} />
  const archived = pages.archivedBefore && <Archived before={pages.archivedBefore} />
  if (pages.items.length === 0)
    return (
      <>
        {empty}
        {archived}
      </>
    )
  return (
    <div ref={frame} className="c-listed">
      {pages.fault !== null && <Stale fault={pages.fault} again={pages.again} />}
      {children(pages.items)}
      {archived}
      <div className="c-more">
        <span className="c-more__count">{`已显示 ${pages.items.length} 条`}</span>
        {pages.more && (
          // pressed by the keyboard, one goes on at the first of the new rows
          <Button onClick={({ detail }) => (detail === 0 ? goOn() : pages.more?.())} busy={pages.busy}>
            加载更多
          </Button>
        )}
      </div>
    </div>
  )
}

/** What a list would go on with isn't here any more. */
export function Archived({ before }: { before: string }) {
  return (
    <Notice kind="plain">
      <span>{`${before} 之前的订单已归档，不在列表里：用订单号可以查到它在哪个归档文件。`}</span>
    </Notice>
  )
}

/** Of a page of the screen. */
const SCREEN = 10
const STEPS: Record<string, (at: number, count: number) => number> = {
  ArrowDown: (at) => at + 1,
  ArrowUp: (at) => at - 1,
  PageDown: (at, count) => (at === count - 1 ? count : Math.min(at + SCREEN, count - 1)),
  PageUp: (at) => at - SCREEN,
  Home: () => 0,
  End: (_, count) => count - 1,
}

/**
 * From one row's link the arrows, PageUp, PageDown, Home and End go to another's; below the last one is the next page of the list. Gives what
 * reads that page and goes on there.
 */
function useRowKeys(frame: RefObject<HTMLDivElement>, { more, items, kind }: Pages<unknown>): () => void {
  const wanted = useRef<number>()
  const reading = useRef(more)
  reading.current = more
  function goOn() {
    if (!reading.current) return
    wanted.current = linksIn(frame).length
    reading.current()
  }
  const goingOn = useRef(goOn)
  goingOn.current = goOn
  // biome-ignore lint/correctness/useExhaustiveDependencies: a frame is there once something was read
  useEffect(() => {
    const box = frame.current
    if (!box) return
    const stepped = (event: KeyboardEvent) => {
      const links = linksIn(frame)
      const at = links.indexOf(document.activeElement as HTMLElement)
      const step = STEPS[event.key]
      if (at < 0 || !step || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return
      event.preventDefault()
      const to = Math.max(step(at, links.length), 0)
      if (to < links.length) links[to]!.focus()
      else goingOn.current()
    }
    box.addEventListener('keydown', stepped)
    return () => box.removeEventListener('keydown', stepped)
  }, [kind, items.length === 0])
  // biome-ignore lint/correctness/useExhaustiveDependencies: when more rows are there
  useEffect(() => {
    if (wanted.current === undefined) return
    linksIn(frame)[wanted.current]?.focus()
    wanted.current = undefined
  }, [items.length])
  return goOn
}

/** The links by which each row is opened. */
const linksIn = (frame: RefObject<HTMLElement>) => [
  ...(frame.current?.querySelectorAll<HTMLElement>('tbody th a') ?? []),
]
