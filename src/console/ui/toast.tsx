import { useEffect, useSyncExternalStore } from 'react'
import { sentenceOf } from '../sentences'

interface Toast {
  id: number
  kind: 'ok' | 'fault'
  text: string
}

/** Long enough to read a sentence twice. */
const SHOWN_MS = 8_000

let shown: readonly Toast[] = []
let ids = 0
const listeners = new Set<() => void>()

function put(next: readonly Toast[]): void {
  shown = next
  for (const listener of [...listeners]) listener()
}

/** Says how something went, wherever the operator is by then. */
export const toast = {
  ok: (text: string) => put([...shown, { id: ++ids, kind: 'ok', text }]),
  fault: (fault: unknown) => put([...shown, { id: ++ids, kind: 'fault', text: sentenceOf(fault) }]),
}

const dismiss = (id: number) => put(shown.filter((one) => one.id !== id))

/** Where toasts appear; once, in the shell. */
export function Toasts() {
  const toasts = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => shown,
  )
  return (
    <div className="c-toasts" role="status" aria-live="polite">
      {toasts.map((one) => (
        <Shown key={one.id} {...one} />
      ))}
    </div>
  )
}

function Shown({ id, kind, text }: Toast) {
  useEffect(() => {
    const timer = setTimeout(() => dismiss(id), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [id])
  return (
    <div className={`c-toast c-toast--${kind}`}>
      <span aria-hidden="true">{kind === 'ok' ? '✓' : '!'}</span>
      <span>{text}</span>
      <button type="button" className="c-toast__close" aria-label="关闭提示" onClick={() => dismiss(id)}>
        ×
      </button>
    </div>
  )
}
