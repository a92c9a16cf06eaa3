import { type ReactNode, useEffect, useState } from 'react'
import { ApiError } from '../../api'
import { sentenceOf } from '../sentences'
import type { Reading } from '../use-read'
import { Button } from './button'

/** From then on it is said that it takes long. */
const SLOW_MS = 6_000

/** Grey lines where content will be; said once to a screen reader. */
export function Loading({ lines = 3 }: { lines?: number }) {
  const [slow, setSlow] = useState(false)
  useEffect(() => {
    const timer = setTimeout(setSlow, SLOW_MS, true)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div className="c-loading" role="status" aria-label={slow ? '网络或服务器慢，还在载入' : '正在载入'}>
      {slow && <span className="c-small c-quiet">网络或服务器慢，还在载入…</span>}
      {Array.from({ length: lines }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a fixed list of bars
        <span key={i} className="c-loading__bar" aria-hidden="true" />
      ))}
    </div>
  )
}

/** Nothing to show: why, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="c-empty">
      <p className="c-empty__title">{title}</p>
      {children}
    </div>
  )
}

/** It could not be read. */
export function Failed({ fault, again }: { fault: unknown; again?: () => void }) {
  // what a proxy says passes
  const missing = fault instanceof ApiError && [403, 404, 410].includes(fault.status) && !fault.code.startsWith('http-')
  return (
    <div className="c-empty" role="alert">
      <p className="c-empty__title">{sentenceOf(fault)}</p>
      {again && !missing && <Button onClick={again}>重试</Button>}
    </div>
  )
}

/** What was read, or that it is being read, or why not. A failed second reading leaves the first in sight and says so. */
export function Ready<T>({
  reading,
  again,
  lines,
  children,
}: {
  reading: Reading<T>
  again: () => void
  lines?: number
  children(value: T): ReactNode
}) {
  switch (reading.kind) {
    case 'waiting':
      return <Loading lines={lines} />
    case 'failed':
      return <Failed fault={reading.fault} again={again} />
    case 'ready':
      return (
        <>
          {reading.fault !== null && <Stale fault={reading.fault} again={again} />}
          {children(reading.value)}
        </>
      )
  }
}

/** A later reading failed: what was read before is still shown, and this says so. */
export function Stale({ fault, again }: { fault: unknown; again: () => void }) {
  return (
    <div className="c-stale" role="alert">
      <span>{`没能更新：${sentenceOf(fault)}。显示的是之前的数据。`}</span>
      <Button kind="text" onClick={again}>
        重试
      </Button>
    </div>
  )
}
